"""Factor analysis: what a few hidden factors behind the variables would be, and whether the data suit that at all.

Principal components of the correlations, as many as have an eigenvalue above 1, rotated by varimax with Kaiser's
normalisation. KMO after Kaiser and Rice (1974), Bartlett's test of sphericity (1951).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import chdtrc

from segmentation.clusters.arrays import Floats

# From such an eigenvalue down, variables repeat each other and partial correlations are noise.
SINGULAR = 1e-8
ROUNDS = 500


class Adequacy(NamedTuple):
    overall: float
    by_variable: Floats


class Sphericity(NamedTuple):
    chi2: float
    df: int
    p: float


class Factors(NamedTuple):
    eigenvalues: Floats
    # A row a variable, a column a factor, the factor that explains most first.
    loadings: Floats
    # Share of all variance, by factor, after the rotation.
    explained: Floats


def correlations(columns: Floats) -> Floats:
    return np.atleast_2d(np.corrcoef(columns, rowvar=False))


def is_singular(r: Floats) -> bool:
    return bool(np.linalg.eigvalsh(r)[0] < SINGULAR)


def kmo(r: Floats) -> Adequacy:
    """How much of the correlations is left when the other variables are taken out: near 1 suits, below 0.5 does not."""
    inverse = np.linalg.inv(r)
    deviations = np.sqrt(np.diag(inverse))
    partial = _off_diagonal(inverse / np.outer(deviations, deviations)) ** 2
    simple = _off_diagonal(r) ** 2
    # Variables with nothing in common share nothing: 0, where the formula has nothing to divide.
    least = np.finfo(float).tiny
    by_variable = simple.sum(axis=0) / np.maximum(simple.sum(axis=0) + partial.sum(axis=0), least)
    return Adequacy(float(simple.sum() / max(simple.sum() + partial.sum(), least)), by_variable)


def bartlett(r: Floats, cars: int) -> Sphericity:
    """Whether the variables are related at all; a small ``p`` says that they are."""
    p = len(r)
    chi2 = -(cars - 1 - (2 * p + 5) / 6) * float(np.linalg.slogdet(r)[1])
    df = p * (p - 1) // 2
    return Sphericity(chi2, df, float(chdtrc(df, max(chi2, 0.0))))


def factors(r: Floats) -> Factors:
    values, vectors = np.linalg.eigh(r)
    values, vectors = values[::-1], vectors[:, ::-1]
    count = max(1, int((values > 1).sum()))
    loadings = varimax(vectors[:, :count] * np.sqrt(values[:count]))
    loadings = loadings[:, np.argsort(-(loadings**2).sum(axis=0), kind="stable")]
    # A factor has no sign of its own: its strongest variable is taken to rise with it.
    strongest = np.abs(loadings).argmax(axis=0)
    loadings = loadings * np.sign(loadings[strongest, np.arange(count)])
    return Factors(values, loadings, (loadings**2).sum(axis=0) / len(r))


def varimax(loadings: Floats) -> Floats:
    """Turned so that each variable loads on few factors: Kaiser's criterion at its highest."""
    variables, count = loadings.shape
    if count < 2:
        return loadings
    length = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    length[length == 0] = 1
    rows = loadings / length
    rotation, reached = np.eye(count), 0.0
    for _round in range(ROUNDS):
        turned = rows @ rotation
        slope = rows.T @ (turned**3 - turned * (turned**2).sum(axis=0) / variables)
        left, sizes, right = np.linalg.svd(slope)
        rotation, before, reached = left @ right, reached, float(sizes.sum())
        if reached <= before * (1 + 1e-12):
            break
    return (rows @ rotation) * length


def _off_diagonal(matrix: Floats) -> Floats:
    return matrix - np.diag(np.diag(matrix))
