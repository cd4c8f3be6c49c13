"""Runs of the segmentation: which stores, under which rules, written how."""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from segmentation import sql
from segmentation.calendar import months_before
from segmentation.models import C3, CareStatus, RuleSet, SegmentRun, SegmentSpell, VehicleSegment
from staff.models import Store

logger = logging.getLogger(__name__)

# First half of the advisory lock's key; the second is the store.
LOCK = 0x5E9


class SegmentRefused(Exception):
    """The run cannot be done; the text says why in plain words."""


@dataclass(slots=True)
class Outcome:
    """What one run found and changed, over all its stores."""

    as_of: date
    rule_sets: list[RuleSet] = field(default_factory=list)
    c3: Counter[str] = field(default_factory=Counter)
    care_status: Counter[str] = field(default_factory=Counter)
    changed: int = 0
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        return {
            "as_of": self.as_of.isoformat(),
            "rule_set": ", ".join(rules.label for rules in self.rule_sets),
            "vehicles": self.c3.total(),
            "c3": {key: self.c3[key] for key in C3.values},
            "care_status": {key: self.care_status[key] for key in CareStatus.values},
            "changed": self.changed,
            "seconds": round(self.seconds, 3),
        }


def published_rules(store: Store) -> RuleSet | None:
    """The rules in force in ``store``: its own newest version, else the group's."""
    return rules_by_store([store.pk]).get(store.pk)


def rules_by_store(store_ids: Iterable[int]) -> dict[int, RuleSet]:
    """The rules in force by store id; a store without any is left out."""
    ids = list(store_ids)
    published = RuleSet.objects.filter(published_at__isnull=False).filter(Q(store__in=ids) | Q(store=None))
    newest = {rules.store_id: rules for rules in published.select_related("store").order_by("version")}
    found = {pk: newest.get(pk) or newest.get(None) for pk in ids}
    return {pk: rules for pk, rules in found.items() if rules is not None}


@transaction.atomic
def segment(*, as_of: date, stores: Sequence[Store] | None = None) -> dict[str, Any]:
    """Compute every car of ``stores`` (None: of all active ones) as of ``as_of`` and write what changed.

    Where a store already stands at a later day, nothing of it is written: the answer is only told.
    Safe to repeat. Raises SegmentRefused when there is no store, or one without rules.
    """
    began = time.monotonic()
    chosen = list(Store.objects.filter(is_active=True) if stores is None else stores)
    if not chosen:
        raise SegmentRefused(_("There is no store yet."))
    _lock([store.pk for store in chosen])
    outcome = Outcome(as_of)
    runs: list[SegmentRun] = []
    everywhere = not Store.objects.exclude(pk__in=[store.pk for store in chosen]).exists()
    for rules, store_ids in _by_rules(chosen).items():
        outcome.rule_sets.append(rules)
        runs += _run(rules, store_ids, outcome, scope="all" if everywhere else "stores")
    outcome.seconds = time.monotonic() - began
    for run in runs:
        run.seconds = outcome.seconds
    SegmentRun.objects.bulk_create(runs)
    logger.info(
        "segmented %s cars as of %s in %.2f s, %s changed",
        outcome.c3.total(), as_of, outcome.seconds, outcome.changed,
    )  # fmt: skip
    return outcome.as_dict()


def _by_rules(stores: list[Store]) -> dict[RuleSet, list[int]]:
    rules = rules_by_store(store.pk for store in stores)
    grouped: dict[RuleSet, list[int]] = defaultdict(list)
    for store in stores:
        if store.pk not in rules:
            raise SegmentRefused(_("No rules are published for %(store)s.") % {"store": store})
        grouped[rules[store.pk]].append(store.pk)
    return grouped


def _run(rules: RuleSet, store_ids: list[int], outcome: Outcome, *, scope: str) -> list[SegmentRun]:
    """One calculation for stores under the same rules: compute, count, and write for those not further on."""
    values = _values(rules, store_ids, outcome.as_of)
    sql.prepare()
    sql.execute("figures", values, scope=scope)
    sql.analyze("segment_figures")
    sql.execute(f"threshold_{rules.spend_mode}", values)
    sql.execute("exceptions", values)
    sql.analyze("segment_threshold", "segment_complained", "segment_interval", "segment_sensitive")
    sql.execute("results", values)
    for _store, c3, care, count in sql.rows("counts", values):
        outcome.c3[c3] += count
        outcome.care_status[care] += count
    writable = _not_further_on(store_ids, outcome.as_of)
    if not writable:
        return []
    values["stores"] = writable
    sql.execute("changes", values)
    summary = sql.rows("summary", values)
    sql.execute("spells", values)
    sql.execute("write", values)
    return [_record(rules, outcome, *row) for row in summary if row[0] in writable]


def _record(
    rules: RuleSet, outcome: Outcome, store: int, threshold: int, cars: int, changed: int
) -> SegmentRun:
    outcome.changed += changed
    return SegmentRun(
        store_id=store,
        rule_set=rules,
        as_of=outcome.as_of,
        spend_threshold_fen=threshold,
        vehicles=cars,
        changed=changed,
    )


def _not_further_on(store_ids: list[int], as_of: date) -> list[int]:
    """Stores whose last result is not of a later day: an older run may not overwrite it."""
    further = SegmentRun.objects.filter(store__in=store_ids, as_of__gt=as_of).values_list("store", flat=True)
    return sorted(set(store_ids) - set(further))


def _values(rules: RuleSet, store_ids: list[int], as_of: date) -> dict[str, sql.Value]:
    """The statements' parameters. Days become dates here, so that the databases only compare."""
    numbers = (
        "window_months", "maintenance_high", "spend_percentile", "spend_amount_fen", "repair_ratio_high_percent",
        "repair_kinds", "lost_days", "near_lost_days", "interval_factor_percent", "interval_min_days",
        "complaint_months", "new_days",
    )  # fmt: skip
    return {
        **{name: getattr(rules, name) for name in numbers},
        **{f"cell_{cell}": rules.cells[cell] for cell in sorted(rules.cells)},
        "rule_set": rules.pk,
        "stores": sorted(store_ids),
        "as_of": as_of,
        "window_start": months_before(as_of, rules.window_months),
        "complaint_start": months_before(as_of, rules.complaint_months),
        "lost_from": as_of - timedelta(days=rules.lost_days),
        "near_lost_from": as_of - timedelta(days=rules.near_lost_days),
        "interval_before": as_of - timedelta(days=rules.interval_min_days),
        "new_from": as_of - timedelta(days=rules.new_days),
        "never": date.max,
    }


def _lock(store_ids: list[int]) -> None:
    """One run at a time in a store. SQLite's write transaction already is that, for all of them."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for pk in sorted(store_ids):
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, pk])


@transaction.atomic
def backfill(*, month_ends: Iterable[date], stores: Sequence[Store] | None = None) -> list[dict[str, Any]]:
    """Write the history of ``stores`` anew as it would have been on ``month_ends``, then up to where they stood.

    For a store whose visits reach further back than its first run: a new installation with imported years.
    Marks and states of cars have no history; they count as they are.
    """
    chosen = list(Store.objects.filter(is_active=True) if stores is None else stores)
    _lock([store.pk for store in chosen])
    stood = SegmentRun.objects.filter(store__in=chosen).aggregate(Max("as_of"))["as_of__max"]
    for model in (SegmentSpell, VehicleSegment, SegmentRun):
        model._default_manager.filter(store__in=chosen).delete()
    days = sorted(set(month_ends))
    if stood is not None and (not days or stood > days[-1]):
        days.append(stood)
    return [segment(as_of=day, stores=chosen) for day in days]


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand in the stores in view: the oldest day, and each store's last run."""

    as_of: date
    runs: tuple[SegmentRun, ...]

    @property
    def rules(self) -> RuleSet | None:
        """The rules, where all the stores have the same."""
        different = {run.rule_set_id: run.rule_set for run in self.runs}
        return next(iter(different.values())) if len(different) == 1 else None

    @property
    def label(self) -> str:
        return ", ".join(sorted({run.rule_set.label for run in self.runs}))


def standing(stores: Iterable[Store | int]) -> Standing | None:
    """None until every one of the stores has been computed."""
    ids = {store if isinstance(store, int) else store.pk for store in stores}
    newest = SegmentRun.objects.newest_first().filter(store=OuterRef("pk")).values("pk")[:1]
    last = Store.objects.filter(pk__in=ids).values(last=Subquery(newest))
    runs = tuple(
        SegmentRun.objects.filter(pk__in=last).select_related("rule_set__store", "store").order_by("store")
    )
    if not runs or len(runs) < len(ids):
        return None
    return Standing(min(run.as_of for run in runs), runs)
