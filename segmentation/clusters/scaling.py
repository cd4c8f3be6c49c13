"""From figures in days, yuan and shares to columns that can be compared with each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from sklearn.preprocessing import StandardScaler

from segmentation.clusters.arrays import Floats
from segmentation.clusters.variables import VARIABLES

# Two columns so alike say one thing twice, and it would count twice.
TOO_ALIKE = 0.9
# Known for fewer of the cars, a variable would mostly be our guess.
LEAST_KNOWN = 0.5


@dataclass(slots=True)
class Scaled:
    """``columns``: a row a car, a column a variable of ``keys``, mean 0 and deviation 1; what is not known is 0,

    the mean. ``left_out``: variable -> why ("unknown", "constant" or "alike") and, where alike, which other.
    """

    keys: list[str] = field(default_factory=list)
    columns: Floats = field(default_factory=lambda: np.empty((0, 0)))
    unknown: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, tuple[str, str]] = field(default_factory=dict)


def scale(figures: dict[str, Floats], keys: Iterable[str]) -> Scaled:
    """The columns of ``keys`` in the variables' own order, without those that tell nothing."""
    scaled = Scaled()
    kept: list[Floats] = []
    wanted = set(keys)
    for key in (key for key in VARIABLES if key in wanted):
        values = figures[key]
        known = ~np.isnan(values)
        if known.mean() < LEAST_KNOWN:
            scaled.left_out[key] = ("unknown", "")
            continue
        column = _straightened(key, values)
        if np.nanstd(column) < 1e-9:
            scaled.left_out[key] = ("constant", "")
            continue
        column = np.nan_to_num(StandardScaler().fit_transform(column[:, None])[:, 0])
        other = _like(column, kept)
        if other is not None:
            scaled.left_out[key] = ("alike", scaled.keys[other])
            continue
        kept.append(column)
        scaled.keys.append(key)
        scaled.unknown[key] = int((~known).sum())
    if kept:
        scaled.columns = np.ascontiguousarray(np.stack(kept, axis=1))
    return scaled


def _straightened(key: str, values: Floats) -> Floats:
    step = VARIABLES[key].step
    return values if step is None else np.log1p(values / step)


def _like(column: Floats, kept: list[Floats]) -> int | None:
    for place, other in enumerate(kept):
        if abs(np.corrcoef(column, other)[0, 1]) > TOO_ALIKE:
            return place
    return None
