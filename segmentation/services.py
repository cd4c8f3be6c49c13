"""Runs of the segmentation: which stores, under which rules, written how."""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from segmentation import calculation, watch
from segmentation.calculation import Calculation
from segmentation.models import (
    C3,
    CareStatus,
    NearCar,
    RuleSet,
    SegmentRun,
    SegmentSpell,
    SegmentTally,
    VehicleSegment,
)
from staff.models import Store

logger = logging.getLogger(__name__)

# First half of the advisory lock's key; the second is the store.
LOCK = 0x5E9


class SegmentRefused(Exception):
    """The run cannot be done; the text says why in plain words."""


class RulesChanged(Exception):
    """A newer version of the rules was published while the run computed under the older."""


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
def segment(
    *, as_of: date, stores: Sequence[Store] | None = None, touched: Sequence[int] = (), full: bool = False
) -> dict[str, Any]:
    """Bring the cars of ``stores`` (None: of all active ones) up to ``as_of`` and write what changed.

    Only the cars that can have changed since a store's last run are computed, and the ``touched``; with ``full`` every
    car is counted and judged anew where that says something else; in a store's first run, and in the first one under
    other rules, every car is judged. Where a store already stands at a
    later day, nothing of it is written: the answer is only told. Safe to repeat.
    Raises SegmentRefused when there is no store, or one without rules; RulesChanged, and leaves all as it was, when
    newer rules were published meanwhile.
    """
    began = time.monotonic()
    chosen = list(Store.objects.filter(is_active=True) if stores is None else stores)
    if not chosen:
        raise SegmentRefused(_("There is no store yet."))
    _lock([store.pk for store in chosen])
    # Where the notes had a gap, they say too little.
    anew = watch.install()
    outcome = Outcome(as_of)
    runs: list[SegmentRun] = []
    for rules, store_ids in _by_rules(chosen).items():
        outcome.rule_sets.append(rules)
        for work in _calculate(rules, store_ids, as_of, touched, full=full, anew=anew):
            outcome.c3 += work.counts["c3"]
            outcome.care_status += work.counts["care_status"]
            runs += work.runs
    outcome.changed = sum(run.changed for run in runs)
    outcome.seconds = time.monotonic() - began
    for run in runs:
        run.seconds = outcome.seconds
    SegmentRun.objects.bulk_create(runs)
    _refuse_if_outdated(runs)
    logger.info(
        "segmented %s cars as of %s in %.2f s, %s changed",
        outcome.c3.total(), as_of, outcome.seconds, outcome.changed,
    )  # fmt: skip
    return outcome.as_dict()


def _calculate(
    rules: RuleSet, store_ids: list[int], as_of: date, touched: Sequence[int], *, full: bool, anew: bool
) -> list[Calculation]:
    """Up to three calculations, by what each store has behind it."""
    last = last_runs(store_ids)
    told = [pk for pk in store_ids if pk in last and last[pk].as_of > as_of]
    partly = [pk for pk in store_ids if pk not in told and pk in last and last[pk].rule_set_id == rules.pk]
    partly = [] if anew else [pk for pk in partly if last[pk].value_cuts]
    wholly = [pk for pk in store_ids if pk not in told and pk not in partly]
    done = []
    if told:
        done.append(Calculation(rules, as_of, told))
        calculation.tell(done[-1], everywhere=_all_stores(told))
    if partly:
        kind = SegmentRun.Kind.FULL if full else SegmentRun.Kind.INCREMENTAL
        work = Calculation(rules, as_of, partly, before=last, touched=touched, kind=kind)
        if calculation.touched(work, check=full, everywhere=_all_stores(partly)):
            done.append(work)
        else:
            wholly += partly
    if wholly:
        done.append(Calculation(rules, as_of, wholly))
        calculation.anew(done[-1], everywhere=_all_stores(wholly))
    return done


def _all_stores(store_ids: list[int]) -> bool:
    return not Store.objects.exclude(pk__in=store_ids).exists()


def last_runs(store_ids: Iterable[int]) -> dict[int, SegmentRun]:
    """The last run by store id; a store never computed is left out."""
    newest = SegmentRun.objects.newest_first().filter(store=OuterRef("pk")).values("pk")[:1]
    last = Store.objects.filter(pk__in=list(store_ids)).values(last=Subquery(newest))
    runs = SegmentRun.objects.filter(pk__in=last).select_related("rule_set__store", "store").order_by("store")
    return {run.store_id: run for run in runs}


def _refuse_if_outdated(runs: list[SegmentRun]) -> None:
    """Asked last: whoever publishes after this computes anew anyway."""
    newest = rules_by_store(run.store_id for run in runs)
    if any(newest[run.store_id].pk != run.rule_set_id for run in runs):
        raise RulesChanged(_("Newer rules were published meanwhile."))


def _by_rules(stores: list[Store]) -> dict[RuleSet, list[int]]:
    rules = rules_by_store(store.pk for store in stores)
    grouped: dict[RuleSet, list[int]] = defaultdict(list)
    for store in stores:
        if store.pk not in rules:
            raise SegmentRefused(_("No rules are published for %(store)s.") % {"store": store})
        grouped[rules[store.pk]].append(store.pk)
    return grouped


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
    for model in (SegmentSpell, VehicleSegment, SegmentTally, NearCar, SegmentRun):
        model._default_manager.filter(store__in=chosen).delete()
    days = sorted(set(month_ends))
    if stood is not None and (not days or stood > days[-1]):
        days.append(stood)
    return [segment(as_of=day, stores=chosen, full=True) for day in days]


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
    runs = tuple(last_runs(ids).values())
    if not runs or len(runs) < len(ids):
        return None
    return Standing(min(run.as_of for run in runs), runs)
