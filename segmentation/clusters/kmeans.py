"""k-means, and how many clusters: the number whose cars stand clearest apart by the mean silhouette."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from sklearn import config_context
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from segmentation.clusters.arrays import Floats, Labels

# The same data give the same clusters.
SEED = 20260612
# A silhouette looks at every pair of cars: of so many that is some seconds for all the numbers tried.
DRAWN = 5000
STARTS = 10
# All pairs at once would be 200 MB.
PIECE_MB = 32


def drawn(columns: Floats) -> Floats:
    """All cars, or as many as are looked at for the choice, always the same ones."""
    if len(columns) <= DRAWN:
        return columns
    places = np.random.default_rng(SEED).choice(len(columns), DRAWN, replace=False)
    return columns[np.sort(places)]


def silhouettes(
    sample: Floats, numbers: Iterable[int], tell: Callable[[], None] = lambda: None
) -> dict[int, float]:
    """The mean silhouette by number of clusters, from -1 to 1. Numbers that leave a cluster empty are not there."""
    different = len(np.unique(sample, axis=0))
    scores = {}
    for k in numbers:
        if k < different:
            labels = _start(k).fit_predict(sample)
            if len(np.unique(labels)) == k:
                with config_context(working_memory=PIECE_MB):
                    scores[k] = float(silhouette_score(sample, labels))
        tell()
    return scores


def best(scores: dict[int, float]) -> int:
    """The number with the highest silhouette; of equals the smallest."""
    return max(sorted(scores), key=lambda k: round(scores[k], 9))


def divide(columns: Floats, sample: Floats, k: int) -> Labels:
    """Which of ``k`` clusters each car is in: found in the sample, then settled with all cars."""
    first = _start(k).fit(sample)
    if len(sample) == len(columns):
        return first.labels_
    return KMeans(n_clusters=k, init=first.cluster_centers_, n_init=1).fit(columns).labels_


def _start(k: int) -> KMeans:
    return KMeans(n_clusters=k, n_init=STARTS, random_state=SEED)


def in_order(labels: Labels, spend: Floats) -> Labels:
    """The clusters numbered from 1 by what their cars spend, the most first; of equals the larger, then as found."""
    numbers = np.unique(labels)
    order = sorted(numbers, key=lambda n: (-spend[labels == n].mean(), -(labels == n).sum(), n))
    places = {n: place for place, n in enumerate(order, start=1)}
    return np.array([places[n] for n in labels], np.int32)
