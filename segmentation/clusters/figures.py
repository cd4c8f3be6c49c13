"""The behaviour of an analysis' cars as arrays, read from the database in pieces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from segmentation import sql
from segmentation.calendar import months_before
from segmentation.clusters.arrays import Floats
from segmentation.clusters.variables import VARIABLES
from segmentation.models import C3, CareStatus, ClusterAnalysis, Family, RuleSet, SegmentSpell

A_SATURDAY = date(1989, 12, 30)
PIECE = 5000
# Over fewer days the odometer says nothing about a day's drive, and no car of ours drives more.
LEAST_DAYS, MOST_KM_A_DAY = 30, 1000
DAYS_A_YEAR = 365.25
# Places among the numbers of a row.
VISITS_YEAR, SPEND_YEAR = 1, 4
GROUPS = {key: place for place, key in enumerate(C3.values)}
STATUSES = {key: place for place, key in enumerate(CareStatus.values)}


@dataclass(slots=True)
class Behaviour:
    """One place a car, in the order of their ids. A figure that is not known is NaN."""

    ids: NDArray[np.int64]
    # Places in C3.values and CareStatus.values.
    groups: NDArray[np.int8]
    statuses: NDArray[np.int8]
    revenue_fen: NDArray[np.int64]
    # By variable.
    figures: dict[str, Floats]
    # Cars of the base that did not come.
    left_aside: int = 0

    def __len__(self) -> int:
        return len(self.ids)


def read(analysis: ClusterAnalysis) -> Behaviour:
    """Of the cars that stood in the analysis' stores on its day, those that ever came, or came in the last year."""
    links = analysis.store_links.select_related("rule_set").order_by("store")
    by_rules: dict[RuleSet, list[int]] = defaultdict(list)
    for link in links:
        by_rules[link.rule_set].append(link.store_id)
    heads, numbers = [], []
    for rules, store_ids in by_rules.items():
        for piece in _pieces(rules, store_ids, analysis.as_of):
            heads.append(np.array([(row[0], GROUPS[row[1]], STATUSES[row[2]]) for row in piece], np.int64))
            numbers.append(np.array([row[3:] for row in piece], np.float64))
    head = np.concatenate(heads) if heads else np.empty((0, 3), np.int64)
    number = np.concatenate(numbers) if numbers else np.empty((0, 16))
    # Stores under different rules were read one after another.
    order = np.argsort(head[:, 0], kind="stable")
    if analysis.only_seen:
        order = order[number[order, VISITS_YEAR] > 0]
    head, number = head[order], number[order]
    stores = [pk for ids in by_rules.values() for pk in ids]
    base = SegmentSpell.objects.filter(store__in=stores, family=Family.C3).on(analysis.as_of).count()
    return Behaviour(
        ids=head[:, 0],
        groups=head[:, 1].astype(np.int8),
        statuses=head[:, 2].astype(np.int8),
        revenue_fen=number[:, SPEND_YEAR].astype(np.int64),
        figures=_figures(number),
        left_aside=base - len(head),
    )


def _pieces(rules: RuleSet, store_ids: list[int], as_of: date) -> Iterator[list[tuple[Any, ...]]]:
    values: dict[str, sql.Value] = {
        "stores": sorted(store_ids),
        "repair_kinds": list(rules.repair_kinds),
        "as_of": as_of,
        "year_start": months_before(as_of, 12),
        "a_saturday": A_SATURDAY,
    }
    (statement,) = sql.statements("behaviour", connection.vendor, "stores")
    with connection.cursor() as cursor:
        cursor.execute(*sql.bind(statement, values))
        while piece := cursor.fetchmany(PIECE):
            yield piece


def _figures(number: Floats) -> dict[str, Floats]:
    """The statement's numbers as the variables have them."""
    (
        away, visits, maintenance, repairs, spend_year, maintenance_ever, repairs_ever, paying, spend_ever,
        age_days, odometer, odometer_days, known_days, distance, visits_ever, at_weekends,
    ) = number.T  # fmt: skip
    driven_for = np.where(odometer_days >= LEAST_DAYS, odometer_days, np.nan)
    km_per_day = odometer / driven_for
    found = {
        "days_since_visit": away,
        "visits": visits,
        "maintenance": maintenance,
        "repairs": repairs,
        "repair_share": _part(repairs_ever, repairs_ever + maintenance_ever),
        # More taken back than paid is no spend.
        "spend": np.maximum(spend_year, 0) / 100,
        "spend_per_visit": np.maximum(_part(spend_ever, paying), 0) / 100,
        "age": np.where(age_days >= 0, age_days, np.nan) / DAYS_A_YEAR,
        "known_for": known_days / DAYS_A_YEAR,
        "km_per_day": np.where(km_per_day <= MOST_KM_A_DAY, km_per_day, np.nan),
        "distance": distance / 1000,
        "weekends": _part(at_weekends, visits_ever),
    }
    return {key: found[key] for key in VARIABLES}


def _part(some: Floats, whole: Floats) -> Floats:
    return some / np.where(whole > 0, whole, np.nan)
