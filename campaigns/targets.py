"""From criteria to cars: who fits, who is left out and why, and the frozen list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.db.models.lookups import LessThan
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.criteria import Criteria, GroupPlan
from campaigns.models import Campaign, Target
from customers.models import Complaint, Phone, Vehicle
from segmentation.models import C3, SavedSegment, VehicleSegment
from segmentation.models import VehicleSegmentQuerySet as Segments
from segmentation.saved.cars import q_of
from segmentation.saved.scope import scope_of
from staff.bulk import insert_select
from staff.models import Store

# In the order in which they are tried: each car left out is counted once, under the first that applies.
REASONS: dict[str, str | Promise] = {
    "do_not_call": _("Do not call"),
    "no_consent": _("No consent to calls"),
    "no_phone": _("No phone number"),
    "complaint": _("Complaint still open"),
    "running": _("In another running campaign"),
    "contacted": _("Called a short time ago"),
}
# A car's model line: what campaigns speak of. The full model where the DMS gives no series.
MODEL_LINE = Coalesce(NullIf("vehicle__series", Value("")), "vehicle__model")
MAX_AGE = 30


@dataclass(frozen=True, slots=True)
class Step:
    """How many cars are left once this criterion is added to those before it."""

    key: str
    label: str | Promise
    count: int


@dataclass(frozen=True, slots=True)
class Preview:
    by_group: dict[str, int]
    excluded: list[tuple[str | Promise, int]]
    steps: list[Step]
    holdout: int

    @property
    def total(self) -> int:
        return sum(self.by_group.values())

    @property
    def to_call(self) -> int:
        return self.total - self.holdout


def years_before(day: date, years: int) -> date:
    """The same day ``years`` earlier; 29 February becomes 1 March, as for birthdays."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)


def base(stores: Iterable[Store]) -> Segments:
    """Every car of the stores that is still driven and has a group."""
    return VehicleSegment.objects.in_stores(stores).filter(vehicle__state=Vehicle.State.IN_USE)


def matching(criteria: Criteria, *, stores: Iterable[Store], today: date) -> Segments:
    conditions = _conditions(criteria, stores, today)
    return base(stores).filter(*(condition for _key, _label, condition in conditions))


def eligible(
    criteria: Criteria, *, stores: Iterable[Store], today: date, but: Campaign | None = None
) -> Segments:
    """Cars that fit and may be called; those of ``but`` itself are not spoken for by another campaign."""
    fitting = matching(criteria, stores=stores, today=today)
    return fitting.annotate(reason=_reason(criteria, today, but)).filter(reason="")


def preview(
    criteria: Criteria, *, stores: Sequence[Store], today: date, but: Campaign | None = None
) -> Preview:
    """Counts as the manager types: two statements, nothing written."""
    fitting = matching(criteria, stores=stores, today=today).annotate(
        reason=_reason(criteria, today, but), held=_is_held_out(criteria, but)
    )
    rows = fitting.order_by().values("reason", "c3", "held").annotate(cars=Count("pk"))
    by_group = {group.c3: 0 for group in criteria.groups}
    excluded = dict.fromkeys(REASONS, 0)
    holdout = 0
    for row in rows:
        if row["reason"]:
            excluded[row["reason"]] += row["cars"]
        else:
            by_group[row["c3"]] += row["cars"]
            holdout += row["cars"] if row["held"] else 0
    left_out = [(REASONS[reason], count) for reason, count in excluded.items() if count]
    return Preview(by_group, left_out, _steps(criteria, stores, today), holdout)


def freeze(campaign: Campaign, *, stores: Sequence[Store], today: date) -> int:
    """Write the list as of ``today``; return how many cars are new on it. A car already on it is left as it was."""
    criteria = campaign.criteria
    cars = eligible(criteria, stores=stores, today=today, but=campaign)
    columns: dict[str, Any] = {
        "campaign": campaign.pk,
        "vehicle": "vehicle_id",
        "customer": "vehicle__owner_id",
        "store": "store_id",
        "c3": "c3",
        "care_status": "care_status",
        "age_years": _whole_years(today),
        "model": MODEL_LINE,
        "is_holdout": _is_held_out(criteria, campaign),
        "outcome": Value(""),
    }
    return insert_select(Target, cars, columns)


def model_lines(stores: Iterable[Store], *, limit: int = 60) -> list[tuple[str, int]]:
    """Model lines of the stores with how many cars each, the largest first: the choices of the plan."""
    cars = base(stores).order_by().annotate(line=MODEL_LINE).exclude(line="")
    return list(cars.values_list("line").annotate(cars=Count("pk")).order_by("-cars", "line")[:limit])


def composition(segments: Segments, *, today: date) -> list[dict[str, Any]]:
    """Cars by group, model line and age in whole years: {"c3", "line", "age", "cars"}."""
    rows = segments.order_by().annotate(line=MODEL_LINE, age=_whole_years(today))
    counted: Any = rows.values("c3", "line", "age").annotate(cars=Count("pk"))
    return list(counted.order_by("c3", "line", "age"))


# Criteria


def _conditions(
    criteria: Criteria, stores: Iterable[Store], today: date
) -> list[tuple[str, str | Promise, Q]]:
    found: list[tuple[str, str | Promise, Q]] = []
    if criteria.segment is not None:
        found.append(("segment", _("Saved segment"), _in_segment(criteria.segment, stores, today)))
    if criteria.segment is None or len(criteria.groups) < len(C3.values):
        groups = Q(c3__in=[group.c3 for group in criteria.groups])
        found.append(("groups", _("Customer group"), groups))
    if criteria.care_statuses:
        found.append(("care", _("Care status"), Q(care_status__in=criteria.care_statuses)))
    if criteria.models:
        models_ = Q(vehicle__series__in=criteria.models) | Q(vehicle__model__in=criteria.models)
        found.append(("models", _("Model"), models_))
    if any(group.age_from is not None or group.age_to is not None for group in criteria.groups):
        found.append(("age", _("Age of the car"), _ages(criteria.groups, today)))
    if criteria.plate_prefix:
        found.append(("plate", _("Plate begins with"), Q(vehicle__plate__startswith=criteria.plate_prefix)))
    if criteria.last_visit_days is not None:
        seen = Q(last_visit_on__isnull=True) | Q(
            last_visit_on__lte=today - timedelta(criteria.last_visit_days)
        )
        found.append(("last_visit", _("Last visit"), seen))
    if criteria.min_spend_fen is not None:
        found.append(("spend", _("Spend in the last 12 months"), Q(spend_fen__gte=criteria.min_spend_fen)))
    return found


def _in_segment(segment: SavedSegment, stores: Iterable[Store], today: date) -> Q:
    """Only cars of stores the segment speaks of: it may have lost one since it was chosen."""
    spoken_of = set(segment.stores.values_list("pk", flat=True))
    scope = scope_of((store for store in stores if store.pk in spoken_of), today=today)
    return Q(store__in=[store.pk for store in scope.stores]) & q_of(segment, scope)


def _ages(groups: Iterable[GroupPlan], today: date) -> Q:
    """Half-open bands of each group's own; a car without purchase date fits only where there is no band."""
    bands = Q(pk__in=[])
    for group in groups:
        band = Q(c3=group.c3)
        if group.age_from is not None:
            band &= Q(vehicle__purchased_on__lte=years_before(today, group.age_from))
        if group.age_to is not None:
            band &= Q(vehicle__purchased_on__gt=years_before(today, group.age_to))
        bands |= band
    return bands


def _steps(criteria: Criteria, stores: Sequence[Store], today: date) -> list[Step]:
    so_far = Q()
    counts: dict[str, Count] = {}
    conditions = _conditions(criteria, stores, today)
    for key, _label, condition in conditions:
        so_far &= condition
        counts[key] = Count("pk", filter=so_far)
    found = base(stores).order_by().aggregate(base=Count("pk"), **counts)
    first = Step("base", _("Cars of the stores that have a group"), found["base"])
    return [first, *(Step(key, label, found[key]) for key, label, _condition in conditions)]


# Exclusions, age and chance, as expressions over VehicleSegment


def _reason(criteria: Criteria, today: date, but: Campaign | None) -> Case:
    car = OuterRef("vehicle")
    spoken_for = Target.objects.filter(
        vehicle=car, campaign__status=Campaign.Status.OPEN, campaign__ends_on__gte=today
    ).exclude(campaign=but)
    called = Target.objects.filter(
        vehicle=car, last_called_on__gt=today - timedelta(criteria.exclude_contacted_days)
    )
    tests = {
        "do_not_call": Q(vehicle__owner__do_not_call=True),
        "no_consent": Q(vehicle__owner__may_call=False),
        "no_phone": ~Exists(Phone.objects.filter(customer=OuterRef("vehicle__owner"))),
        "complaint": Exists(Complaint.objects.open().filter(vehicle=car)),
        "running": Exists(spoken_for),
        "contacted": Exists(called),
    }
    whens = [When(tests[reason], then=Value(reason)) for reason in REASONS]
    return Case(*whens, default=Value(""), output_field=models.CharField())


def _whole_years(today: date) -> Case:
    whens = [
        When(vehicle__purchased_on__lte=years_before(today, years), then=Value(years))
        for years in range(MAX_AGE, -1, -1)
    ]
    return Case(*whens, default=None, output_field=models.PositiveSmallIntegerField())


def _is_held_out(criteria: Criteria, campaign: Campaign | None) -> Case | Value:
    """Chance without a dice: the same car gets the same lot in the same campaign, on either database.

    Squaring modulo a prime scatters neighbouring ids; everything stays below 2**63.
    """
    if not criteria.holdout_percent:
        return Value(False)
    seed = campaign.pk if campaign and campaign.pk else 0
    prime = 2_147_483_647
    mixed = (F("vehicle_id") * 1_103_515_245 + Value(seed * 12_345 + 7)) % Value(prime)
    lot = (mixed * mixed % Value(prime)) % Value(10_000)
    return Case(
        When(LessThan(lot, Value(criteria.holdout_percent * 100)), then=Value(True)),
        default=Value(False),
        output_field=models.BooleanField(),
    )
