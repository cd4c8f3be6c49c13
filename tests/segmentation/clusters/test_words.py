"""What is said of a cluster: the strongest figures first, in whole sentences of either language."""

import pytest
from django.utils.translation import override

from segmentation.clusters import page, words
from segmentation.clusters.variables import VARIABLES
from tests.segmentation.clusters.factories import portrait, result


def cluster(**apart):
    """A portrait whose means lie on the side that ``apart`` says."""
    return portrait(30, means={key: 10 + value for key, value in apart.items()}) | {"apart": apart}


EVERY = portrait(60, means=dict.fromkeys(VARIABLES, 10.0))


def shorts(**apart):
    with override("en"):
        return [trait.short for trait in words.traits(cluster(**apart), EVERY)]


def test_the_strongest_comes_first_with_its_figures():
    with override("en"):
        found = words.traits(cluster(visits=1.0, age=-2.0), EVERY)

    assert [trait.sentence for trait in found] == [
        "Young cars: bought 8.0 years ago (all cars: 10.0).",
        "Comes often: 11.0 visits a year (all cars: 10.0).",
    ]


def test_the_same_in_chinese():
    with override("zh-hans"):
        (found,) = words.traits(cluster(visits=1.0), EVERY)
        assert words.headlines([[found]]) == ["来得勤"]

    assert found.sentence == "来得勤：一年 11.0 次（全部车辆：10.0 次）。"


def test_two_are_told_at_least_and_four_at_most():
    assert shorts(visits=0.2, age=0.15, spend=0.05) == ["comes often", "old cars"]
    assert shorts(visits=0.9, age=0.8, spend=0.3, distance=0.2) == ["comes often", "old cars"]
    assert len(shorts(visits=0.9, age=0.8, spend=0.7, distance=0.6, weekends=0.5)) == 4


@pytest.mark.parametrize(("apart", "told"), [(0.39, 2), (0.4, 3)])
def test_the_third_must_be_remarkable(apart, told):
    assert len(shorts(visits=0.9, age=0.8, maintenance=apart)) == told


def test_nothing_is_claimed_where_mean_and_order_of_size_disagree():
    found = cluster(visits=1.0) | {"means": {"visits": 9.0}}

    assert words.traits(found, EVERY) == []
    with override("en"):
        assert words.headlines([[]]) == ["much like all cars"]


def test_clusters_alike_in_their_strongest_trait_are_named_by_what_they_do_not_share():
    def told(*shorts):
        return [words.Trait(short, "", 1.0) for short in shorts]

    with override("en"):
        assert words.headlines([told("a", "b", "c"), told("a", "b", "d"), told("b", "a", "c")]) == [
            "a · c",
            "a · d",
            "b · a",
        ]
        assert words.headlines([told("a", "b"), told("a", "b")]) == ["a · b", "a · b"]


def test_nothing_is_claimed_of_what_is_not_known():
    assert words.traits(cluster(visits=1.0) | {"means": {"visits": None}}, EVERY) == []


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_figure_can_be_told_high_and_low(language):
    with override(language):
        for key in VARIABLES:
            for apart in (1.0, -1.0):
                (trait,) = words.traits(cluster(**{key: apart}), EVERY)
                assert "%(" not in trait.sentence
                assert trait.short


@pytest.mark.parametrize(
    ("cars", "told"),
    [
        (19, ["63% of them are “High-risk” (all cars: 30%)."]),
        (4, []),  # 13% of the cluster: too few
    ],
)
def test_an_overlap_is_told_where_a_group_is_over_represented(cars, told):
    found = portrait(30) | {"c3": {"high_risk": cars, "mystery_opportunity": 30 - cars}}
    every = portrait(60) | {"c3": {"high_risk": 18, "mystery_opportunity": 42}}
    with override("en"):
        assert [text for text in words.overlaps(found, every) if "High-risk" in text] == told


def test_what_is_as_frequent_as_everywhere_is_no_overlap():
    assert words.overlaps(portrait(30), portrait(60)) == []


@pytest.mark.parametrize(
    ("kmo", "p", "tone", "text"),
    [
        (0.7, 0.01, "ok", "The figures suit a factor analysis well."),
        (0.69, 0.01, "ok", "The figures suit a factor analysis fairly."),
        (0.6, 0.01, "ok", "The figures suit a factor analysis fairly."),
        (0.59, 0.01, "warn", "The figures hardly suit a factor analysis: read the factors below with care."),
        (0.5, 0.01, "warn", "The figures hardly suit a factor analysis: read the factors below with care."),
        (
            0.49,
            0.01,
            "bad",
            "The figures do not suit a factor analysis: take the factors below for a guess at best.",
        ),
        (
            0.9,
            0.05,
            "bad",
            "The figures have hardly anything to do with each other: the factors below say nothing.",
        ),
    ],
)
def test_verdict(kmo, p, tone, text):
    with override("en"):
        assert words.verdict({"kmo": kmo, "bartlett": {"p": p}}) == (tone, text)


def test_no_verdict_where_figures_follow_from_each_other():
    with override("en"):
        tone, text = words.verdict({"kmo": None, "bartlett": None})

    assert tone == "warn"
    assert "Choose fewer figures" in text


def test_factors_in_words():
    with override("en"):
        keys = ["visits", "spend", "days_since_visit", "age"]
        told = words.factor_told(keys, [0.7, 0.9, -0.5, 0.49])
        assert words.factor_told(keys, [0.7, 0.1, 0.1, 0.1]) == "Goes up with: Visits in the last 12 months."
        assert words.factor_told(keys, [0.1] * 4) == "No figure goes with it strongly."

    assert told == (
        "Goes up with: Spend in the last 12 months, Visits in the last 12 months."
        " Goes against: Days since the last visit."
    )


def test_shares_and_letters():
    found = page.clusters(result())

    assert [(one.letter, one.cars, one.share, one.revenue_share) for one in found] == [
        ("A", 30, 0.5, 0.5),
        ("B", 30, 0.5, 0.5),
    ]
    assert found[0].per_car_fen == 100_000
    assert [(part.key, part.share) for part in found[0].largest] == [("profitable_loyal", 1.0)]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_charts_and_their_tables_say_the_same(language):
    with override(language):
        found = page.context(result())

    bars = found["silhouettes"]["config"]["data"]
    assert bars["datasets"][0]["data"] == [0.6, 0.4]
    assert bars["datasets"][0]["backgroundColor"] == ["--ink", "--line-2"]
    assert found["silhouettes"]["table"]["rows"] == [[2, "0.600"], [3, "0.400"]]
    assert found["scree"]["config"]["data"]["datasets"][0]["data"] == [1.8, 0.8, 0.4]
    assert [row[1] for row in found["scree"]["table"]["rows"]] == ["1.800", "0.800", "0.400"]
    assert found["scree"]["table"]["rows"][-1][3] == "100.0%"
    assert found["above_one"] == 1
    assert [row.cells[0].text for row in found["loadings"]] == ["−0.90", "0.80", "0.10"]


def test_without_factors_the_rest_stands():
    assert "scree" not in page.context(result(factors=None))
