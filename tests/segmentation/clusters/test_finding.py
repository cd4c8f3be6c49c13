"""k-means on planted groups, and what is made of the figures before it."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from segmentation.clusters import kmeans
from segmentation.clusters.figures import Behaviour
from segmentation.clusters.scaling import scale
from segmentation.clusters.variables import USUAL, VARIABLES
from segmentation.clusters.work import Unsuitable, find


def silent(done, total, note):
    pass


def behaviour(seed=1, sizes=(40, 60, 30), **planted):
    """Cars whose ``planted`` figures have a mean per group; every other figure is noise around one value."""
    random = np.random.default_rng(seed)
    groups = np.repeat(range(len(sizes)), sizes)
    figures = {
        key: np.array(planted[key], float)[groups] + random.normal(0, 0.05, len(groups))
        if key in planted
        else np.full(len(groups), 3.0)
        for key in VARIABLES
    }
    count = len(groups)
    return groups, Behaviour(
        ids=np.arange(1, count + 1),
        groups=np.zeros(count, np.int8),
        statuses=np.zeros(count, np.int8),
        revenue_fen=np.full(count, 100, np.int64),
        figures=figures,
        left_aside=4,
    )


PLANTED = {"spend": [100, 5000, 900], "age": [1, 4, 9], "visits": [1, 6, 2]}


def test_planted_groups_are_found_and_their_number_too():
    groups, cars = behaviour(**PLANTED)

    labels, result = find(cars, USUAL, fixed_k=None, tell=silent)

    assert adjusted_rand_score(groups, labels) == 1.0
    assert (result["k"], result["cars"], result["left_aside"]) == (3, 130, 4)
    # In the order of spend: the group of 60 spends most, the one of 40 least.
    assert [cluster["cars"] for cluster in result["clusters"]] == [60, 30, 40]
    assert [round(cluster["means"]["age"]) for cluster in result["clusters"]] == [4, 9, 1]
    assert result["all"]["cars"] == 130
    assert [cluster["revenue_fen"] for cluster in result["clusters"]] == [6000, 3000, 4000]
    scores = dict(result["silhouettes"])
    assert sorted(scores) == list(range(2, 11))
    assert scores[3] == max(scores.values()) > 0.9


@pytest.mark.parametrize("planted", [3, 4, 5, 8])
def test_the_number_is_the_planted_one(planted):
    turns = np.arange(planted) * 2 * np.pi / planted
    sizes = tuple(range(30, 30 + planted))
    groups, cars = behaviour(sizes=sizes, age=5 + np.cos(turns), known_for=5 + np.sin(turns))

    labels, result = find(cars, ["age", "known_for"], fixed_k=None, tell=silent)

    assert result["k"] == planted
    assert adjusted_rand_score(groups, labels) == 1.0


def test_same_data_same_result():
    _groups, cars = behaviour(**PLANTED)

    first_labels, first = find(cars, USUAL, fixed_k=None, tell=silent)
    again_labels, again = find(cars, USUAL, fixed_k=None, tell=silent)

    assert first == again
    assert first_labels.tolist() == again_labels.tolist()


def test_many_cars_are_drawn_from_and_all_are_divided(monkeypatch):
    groups, cars = behaviour(sizes=(400, 600, 300), **PLANTED)
    monkeypatch.setattr(kmeans, "DRAWN", 100)

    labels, result = find(cars, USUAL, fixed_k=None, tell=silent)

    assert (result["drawn"], result["k"], len(labels)) == (100, 3, 1300)
    assert adjusted_rand_score(groups, labels) == 1.0


def test_a_number_asked_for_is_kept_to():
    _groups, cars = behaviour(**PLANTED)

    labels, result = find(cars, USUAL, fixed_k=5, tell=silent)

    assert result["k"] == len(set(labels.tolist())) == 5


def test_a_number_that_the_cars_do_not_give_is_refused():
    _groups, cars = behaviour(**PLANTED)
    for values in cars.figures.values():
        values[:] = values.round(-1)  # three different cars

    with pytest.raises(Unsuitable):
        find(cars, USUAL, fixed_k=4, tell=silent)


def test_no_more_clusters_than_one_per_ten_cars():
    _groups, cars = behaviour(sizes=(20, 20, 19), **PLANTED)

    _labels, result = find(cars, USUAL, fixed_k=None, tell=silent)

    assert [k for k, _score in result["silhouettes"]] == [2, 3, 4, 5]


def test_progress_reaches_its_end():
    _groups, cars = behaviour(**PLANTED)
    told = []

    find(cars, USUAL, fixed_k=None, tell=lambda done, total, note: told.append((done, total)))

    assert [done for done, _total in told] == [*range(1, 11), 11]
    assert {total for _done, total in told} == {11}


def test_nothing_that_tells_cars_apart_is_refused():
    _groups, cars = behaviour(age=[1, 2, 3])

    with pytest.raises(Unsuitable):
        find(cars, USUAL, fixed_k=None, tell=silent)


@pytest.fixture
def figures():
    random = np.random.default_rng(2)
    return {key: random.uniform(1, 9, 100) for key in VARIABLES}


def test_columns_are_comparable(figures):
    scaled = scale(figures, USUAL)

    assert scaled.keys == USUAL
    assert scaled.columns.mean(axis=0) == pytest.approx(0, abs=1e-12)
    assert scaled.columns.std(axis=0) == pytest.approx(1)


def test_a_constant_figure_is_left_out(figures):
    figures["age"][:] = 4

    scaled = scale(figures, USUAL)

    assert "age" not in scaled.keys
    assert scaled.left_out == {"age": ("constant", "")}


def test_the_second_of_two_figures_that_say_the_same_is_left_out(figures):
    figures["known_for"] = figures["age"] * 2 + 1

    scaled = scale(figures, USUAL)

    assert "known_for" not in scaled.keys
    assert scaled.left_out == {"known_for": ("alike", "age")}


def test_what_is_not_known_counts_as_the_mean_and_is_counted(figures):
    figures["km_per_day"][:30] = np.nan

    scaled = scale(figures, USUAL)

    place = scaled.keys.index("km_per_day")
    assert scaled.columns[:30, place].tolist() == [0.0] * 30
    assert scaled.columns[30:, place].std() == pytest.approx(1)
    assert scaled.unknown["km_per_day"] == 30
    assert sum(scaled.unknown.values()) == 30


@pytest.mark.parametrize(("unknown", "kept"), [(50, True), (51, False)])
def test_a_figure_known_of_half_the_cars_is_kept(figures, unknown, kept):
    figures["km_per_day"][:unknown] = np.nan

    scaled = scale(figures, USUAL)

    assert ("km_per_day" in scaled.keys) is kept
    assert (scaled.left_out == {}) is kept


def test_money_is_compared_by_its_order_of_size(figures):
    figures["spend"] = np.array([0, 500, 1500, 3500] * 25, float)

    scaled = scale(figures, ["spend", "age"])

    first = scaled.columns[:4, 0]
    assert np.diff(first) == pytest.approx([np.diff(first)[0]] * 3)
