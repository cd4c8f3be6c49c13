"""What came of the calls. Nothing here is stored: arrivals are read from the visits, however those were entered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from campaigns.models import Campaign, CampaignStore, Target
from campaigns.models.target import TargetQuerySet
from customers.models import Visit
from customers.models.visit import VisitQuerySet
from staff.models import Store

# Age bands of the evaluation in whole years: from <= age < to.
AGE_BANDS: tuple[tuple[int, int | None], ...] = ((0, 1), (1, 2), (2, 3), (3, 5), (5, None))


@dataclass(frozen=True, slots=True)
class Success:
    """Cars on the list, invited (first contact made) and arrived, with what the arrivals paid."""

    targets: int = 0
    invited: int = 0
    arrived: int = 0
    revenue_fen: int = 0

    def __add__(self, other: Success) -> Success:
        return Success(
            self.targets + other.targets,
            self.invited + other.invited,
            self.arrived + other.arrived,
            self.revenue_fen + other.revenue_fen,
        )

    @property
    def rate(self) -> Decimal | None:
        return Decimal(self.arrived) / self.invited if self.invited else None

    @property
    def per_arrival_fen(self) -> int | None:
        return round(Decimal(self.revenue_fen) / self.arrived) if self.arrived else None


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """``percent`` of the whole list, for the bar; ``rate`` of the step before, None for the first.

    Arrivals are measured against those reached: many come without having booked.
    """

    key: str
    label: str | Promise
    count: int
    percent: float
    rate: Decimal | None


STEPS: dict[str, str | Promise] = {
    "targets": pgettext_lazy("funnel", "On the list"),
    "called": pgettext_lazy("funnel", "Called"),
    "reached": pgettext_lazy("funnel", "Reached"),
    "booked": pgettext_lazy("funnel", "Booked"),
    "arrived": pgettext_lazy("funnel", "Arrived"),
}


# The visits that count, as expressions over a row with a campaign and a vehicle


def visits_in_period(since: str) -> VisitQuerySet:
    """Standing visits of the row's car to the campaign's stores, in its period, from the row's day ``since`` on.

    The day itself counts, and so does the period's last day. One index (visit_by_vehicle) answers it.
    """
    stores = CampaignStore.objects.filter(campaign=OuterRef(OuterRef("campaign"))).values("store")
    return (
        Visit.objects.standing()
        .filter(
            vehicle=OuterRef("vehicle"),
            visited_on__gte=OuterRef(since),
            visited_on__lte=OuterRef("campaign__ends_on"),
            store__in=stores,
        )
        .filter(visited_on__gte=OuterRef("campaign__starts_on"))
    )


def arrival() -> Exists:
    """Whether the invitation succeeded: the car came on or after the day of the first contact."""
    return Exists(visits_in_period("first_contact_on"))


def seen_since_listed() -> Exists:
    """Whether the car has come since the list was made, invited or not: nobody needs to call it any more."""
    return Exists(visits_in_period("campaign__frozen_on"))


def with_arrival(targets: TargetQuerySet) -> QuerySet[Any, Any]:
    """Adds ``arrived_on`` (None without) and ``revenue_fen`` of the visits that count."""
    counted = visits_in_period("first_contact_on").order_by().values("vehicle")
    return targets.annotate(
        arrived_on=Subquery(counted.annotate(first=Min("visited_on")).values("first")),
        revenue_fen=Coalesce(Subquery(counted.annotate(paid=Sum("paid_fen")).values("paid")), 0),
    )


# Figures


def funnel(*, campaign: Campaign, stores: Iterable[Store], c3: str = "") -> list[FunnelStep]:
    """From the list to the arrivals; ``stores`` are ones the reader may see. The control group is not in it."""
    targets = Target.objects.in_stores(stores).filter(campaign=campaign).to_call()
    if c3:
        targets = targets.filter(c3=c3)
    counts = targets.aggregate(
        targets=Count("pk"),
        called=Count("pk", filter=Q(first_called_on__isnull=False)),
        reached=Count("pk", filter=Q(first_contact_on__isnull=False)),
        booked=Count("pk", filter=Q(booked_for__isnull=False)),
        arrived=Count("pk", filter=Q(arrival())),
    )
    steps: list[FunnelStep] = []
    for key, label in STEPS.items():
        count = counts[key]
        before = counts["reached"] if key == "arrived" else steps[-1].count if steps else 0
        percent = count * 100 / counts["targets"] if counts["targets"] else 0
        steps.append(FunnelStep(key, label, count, percent, Decimal(count) / before if before else None))
    return steps


def success_by(targets: TargetQuerySet, *fields: str) -> dict[tuple[Any, ...], Success]:
    """Success by the values of ``fields`` of the target, in one statement: {("low_cost", 2): Success, ...}."""
    rows = (
        with_arrival(targets.to_call())
        .order_by()
        .values(*fields)
        .annotate(
            targets=Count("pk"),
            invited=Count("first_contact_on"),
            arrived=Count("arrived_on"),
            revenue=Sum("revenue_fen"),
        )
    )
    return {
        tuple(row[field] for field in fields): Success(
            row["targets"], row["invited"], row["arrived"], int(row["revenue"] or 0)
        )
        for row in rows
    }


def by_group(targets: TargetQuerySet) -> dict[str, Success]:
    return {c3: success for (c3,), success in success_by(targets, "c3").items()}


def by_age_and_model(targets: TargetQuerySet) -> dict[tuple[str, str, str], Success]:
    """{(group, age band as "1-2", model): Success}; the band of an unknown age is ""."""
    cells: dict[tuple[str, str, str], Success] = {}
    for (c3, age, model), success in success_by(targets, "c3", "age_years", "model").items():
        cell = (c3, age_band(age), model)
        cells[cell] = cells.get(cell, Success()) + success
    return cells


def age_band(age: int | None) -> str:
    if age is None:
        return ""
    return next(
        f"{low}-{high}" if high else f"{low}+" for low, high in AGE_BANDS if high is None or age < high
    )


def total(parts: Iterable[Success]) -> Success:
    whole = Success()
    for part in parts:
        whole += part
    return whole


def newest_arrivals(targets: TargetQuerySet, *, limit: int = 8) -> list[Target]:
    arrived = with_arrival(targets.to_call().invited()).filter(arrived_on__isnull=False)
    return list(arrived.select_related("vehicle", "customer").order_by("-arrived_on", "-pk")[:limit])


def missed_bookings(targets: TargetQuerySet, *, today: date) -> int:
    """The agreed day has passed and the car has not come."""
    return targets.filter(~arrival(), booked_for__lt=today).count()


def targets_by_campaign(targets: TargetQuerySet) -> dict[int, Success]:
    """For a list of campaigns, in one statement."""
    return {campaign: success for (campaign,), success in success_by(targets, "campaign").items()}
