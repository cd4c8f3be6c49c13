"""The linear algebra against published figures: Harman's five variables of twelve census tracts.

Harman, Modern Factor Analysis, 3rd ed., p. 14; eigenvalues, MSA and chi-square as the SAS/STAT User's Guide prints them
for PROC FACTOR, the rotated pattern as it prints it for the principal factors.
"""

import itertools

import numpy as np
import pytest

from segmentation.clusters import factors

# Population, school years, employment, services, house value.
TRACTS = np.array(
    [
        [5700, 12.8, 2500, 270, 25000],
        [1000, 10.9, 600, 10, 10000],
        [3400, 8.8, 1000, 10, 9000],
        [3800, 13.6, 1700, 140, 25000],
        [4000, 12.8, 1600, 140, 25000],
        [8200, 8.3, 2600, 60, 12000],
        [1200, 11.4, 400, 10, 16000],
        [9100, 11.5, 3300, 60, 14000],
        [9900, 12.5, 3400, 180, 18000],
        [9600, 13.7, 3600, 390, 25000],
        [9600, 9.6, 3300, 80, 12000],
        [9400, 11.4, 4000, 100, 13000],
    ]
)
R = factors.correlations(TRACTS)


def test_kmo_is_the_published_one():
    found = factors.kmo(R)

    assert round(found.overall, 8) == 0.57536759
    assert found.by_variable.round(8).tolist() == [
        0.47207897, 0.55158839, 0.48851137, 0.80664365, 0.61281377,
    ]  # fmt: skip


def test_bartlett_is_the_published_one():
    found = factors.bartlett(R, len(TRACTS))

    assert (round(found.chi2, 4), found.df) == (54.2517, 10)
    assert found.p < 0.0001


def test_eigenvalues_are_the_published_ones_and_two_factors_are_kept():
    found = factors.factors(R)

    assert found.eigenvalues.round(7).tolist() == [2.8733136, 1.7966601, 0.2148369, 0.0999341, 0.0152554]
    assert found.loadings.shape == (5, 2)
    # What the two explain is turned, not lost.
    assert found.explained.sum() == pytest.approx((2.8733136 + 1.7966601) / 5)
    # The first goes with school, services and house value, the second with population and employment.
    assert (np.abs(found.loadings).argmax(axis=1)).tolist() == [1, 0, 1, 0, 0]


def test_varimax_turns_the_published_pattern_to_the_published_one():
    pattern = np.array(
        [
            [0.62533, 0.76621],
            [0.71369, -0.55516],
            [0.71448, 0.67935],
            [0.87899, -0.15847],
            [0.74215, -0.57806],
        ]
    )

    assert factors.varimax(pattern).round(4).tolist() == [
        [0.0225, 0.9887],
        [0.9042, 0.0005],
        [0.1463, 0.9750],
        [0.7908, 0.4151],
        [0.9407, -0.0000],
    ]


def criterion(loadings):
    """Kaiser's: the variance of the squared normalised loadings, summed over the factors."""
    squares = (loadings / np.sqrt((loadings**2).sum(axis=1, keepdims=True))) ** 2
    return squares.var(axis=0).sum()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_angle_of_any_two_factors_does_better(seed):
    loadings = np.random.default_rng(seed).normal(size=(9, 3))

    turned = factors.varimax(loadings)

    best = criterion(turned)
    for (one, two), angle in itertools.product(
        itertools.combinations(range(3), 2), np.linspace(-1.5, 1.5, 61)
    ):
        other = turned.copy()
        other[:, one] = np.cos(angle) * turned[:, one] - np.sin(angle) * turned[:, two]
        other[:, two] = np.sin(angle) * turned[:, one] + np.cos(angle) * turned[:, two]
        assert criterion(other) <= best + 1e-9
    assert (turned @ turned.T) == pytest.approx(loadings @ loadings.T)


def test_partial_correlations_of_kmo_are_those_of_the_residuals():
    """By another route: regress two variables on the others and correlate what is left."""
    columns = np.random.default_rng(7).normal(size=(200, 4)) @ np.triu(np.ones((4, 4)))
    r = factors.correlations(columns)
    simple, partial = np.zeros(4), np.zeros(4)
    for one, two in itertools.permutations(range(4), 2):
        others = np.delete(columns, [one, two], axis=1)
        others = np.column_stack([others, np.ones(len(others))])
        left = [
            columns[:, i] - others @ np.linalg.lstsq(others, columns[:, i], rcond=None)[0] for i in (one, two)
        ]
        simple[one] += r[one, two] ** 2
        partial[one] += np.corrcoef(*left)[0, 1] ** 2

    found = factors.kmo(r)

    assert found.by_variable == pytest.approx(simple / (simple + partial))
    assert found.overall == pytest.approx(simple.sum() / (simple.sum() + partial.sum()))


def test_variables_with_nothing_in_common_have_a_kmo_of_nothing():
    found = factors.kmo(np.eye(3))

    assert (found.overall, found.by_variable.tolist()) == (0.0, [0.0, 0.0, 0.0])


def test_unrelated_variables_fail_bartlett():
    columns = np.random.default_rng(3).normal(size=(300, 5))

    assert factors.bartlett(factors.correlations(columns), 300).p > 0.05


def test_one_factor_is_left_as_it_is():
    loadings = np.array([[0.8], [0.7], [0.6]])

    assert factors.varimax(loadings).tolist() == loadings.tolist()


def test_a_factor_rises_with_its_strongest_variable():
    common = np.random.default_rng(5).normal(size=400)
    noise = np.random.default_rng(6).normal(size=(400, 3))
    columns = common[:, None] * np.array([-1, 1, -1]) + noise * [0.2, 0.6, 0.6]

    (first, second, third) = factors.factors(factors.correlations(columns)).loadings[:, 0]

    assert (first > 0, second < 0, third > 0) == (True, True, True)


def test_variables_that_repeat_each_other_are_told_from_the_rest():
    columns = np.random.default_rng(5).normal(size=(50, 3))

    assert not factors.is_singular(factors.correlations(columns))
    assert factors.is_singular(factors.correlations(np.column_stack([columns, columns.sum(axis=1)])))
