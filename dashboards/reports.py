"""Reads across apps for the manager's pages; returns plain values, money in fen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import CharField, Count, Q, QuerySet, Sum
from django.db.models.functions import Cast, Substr

from customers.models import Complaint, Vehicle, Visit
from dashboards.periods import Period, add_months
from segmentation.models import C3, CareStatus, Family, SegmentSpell, VehicleSegment
from segmentation.reports import UNWELCOME
from staff.models import Store, User


@dataclass(frozen=True, slots=True)
class Sums:
    visits: int
    vehicles: int
    paid_fen: int

    @property
    def per_visit_fen(self) -> int | None:
        return round(self.paid_fen / self.visits) if self.visits else None


@dataclass(frozen=True, slots=True)
class MonthFigure:
    month: date
    visits: int
    paid_fen: int


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """One group today: cars, change since ``month_end``, and what it did in the period."""

    key: str
    vehicles: int
    change: int | None
    came: int
    paid_fen: int
    visits: int

    @property
    def return_rate(self) -> float | None:
        """Share of the cars that came in the period. Nothing is said about fewer than ten cars."""
        return self.came / self.vehicles if self.vehicles >= 10 else None

    @property
    def return_percent(self) -> float:
        return (self.return_rate or 0) * 100

    @property
    def per_visit_fen(self) -> int | None:
        return round(self.paid_fen / self.visits) if self.visits else None

    @property
    def worse(self) -> bool:
        """More cars in a group that hurts, or fewer in one that feeds the store."""
        grows_badly = self.key in UNWELCOME
        return bool(self.change) and (self.change > 0) == grows_badly if self.change is not None else False


def visits_of(user: User, stores: Sequence[Store]) -> QuerySet[Visit]:
    return Visit.objects.visible_to(user).in_stores(stores).standing()


def sums(visits: QuerySet[Visit], first: date, last: date) -> Sums:
    """Visits, different cars and revenue from ``first`` to ``last``, both included."""
    row = visits.filter(visited_on__range=(first, last)).aggregate(
        visits=Count("id"), vehicles=Count("vehicle", distinct=True), paid_fen=Sum("paid_fen", default=0)
    )
    return Sums(**row)


def months(visits: QuerySet[Visit], *, today: date, count: int) -> list[MonthFigure]:
    """The last ``count`` calendar months, the present one last; months without visits are there with zeros."""
    first = add_months(today.replace(day=1), 1 - count)
    # The text of a date begins with its month on both databases; extracting parts calls Python per row on SQLite.
    month = Substr(Cast("visited_on", CharField()), 1, 7)
    rows = (
        visits.filter(visited_on__gte=first, visited_on__lte=today)
        .order_by()
        .values(month=month)
        .annotate(visits=Count("id"), paid_fen=Sum("paid_fen"))
    )
    found = {row["month"]: row for row in rows}
    every = [add_months(first, index) for index in range(count)]
    return [
        MonthFigure(day, row["visits"], row["paid_fen"])
        if (row := found.get(f"{day:%Y-%m}"))
        else MonthFigure(day, 0, 0)
        for day in every
    ]


def base_size(user: User, stores: Sequence[Store]) -> int:
    return Vehicle.objects.visible_to(user).filter(home_store__in=stores).kept().count()


def groups(user: User, stores: Sequence[Store], *, family: Family, period: Period) -> list[GroupFigure]:
    """Every group of the family in its usual order, also the empty ones."""
    segments = VehicleSegment.objects.visible_to(user).in_stores(stores)
    today = dict(segments.order_by().values_list(family).annotate(Count("pk")))
    before = _counts_on(stores, family, period.first - timedelta(days=1))
    rows = (
        visits_of(user, stores)
        .filter(visited_on__range=(period.first, period.last), vehicle__segment__isnull=False)
        .order_by()
        .values(f"vehicle__segment__{family}")
        .annotate(came=Count("vehicle", distinct=True), paid=Sum("paid_fen"), visits=Count("id"))
    )
    did = {row[f"vehicle__segment__{family}"]: row for row in rows}
    keys = C3.values if family == Family.C3 else CareStatus.values
    return [_figure(key, today, before, did.get(key)) for key in keys]


def _figure(
    key: str, today: dict[str, int], before: dict[str, int], did: dict[str, int] | None
) -> GroupFigure:
    count = today.get(key, 0)
    return GroupFigure(
        key=key,
        vehicles=count,
        change=count - before.get(key, 0) if before else None,
        came=did["came"] if did else 0,
        paid_fen=did["paid"] if did else 0,
        visits=did["visits"] if did else 0,
    )


def _counts_on(stores: Sequence[Store], family: Family, day: date) -> dict[str, int]:
    """Cars per group on a past day, from the spells; empty when nothing was computed by then."""
    spells = SegmentSpell.objects.filter(
        Q(until_on__isnull=True) | Q(until_on__gt=day), store__in=stores, family=family, since_on__lte=day
    )
    return dict(spells.order_by().values_list("value").annotate(Count("pk")))


def late_complaints(user: User, stores: Sequence[Store], *, now: datetime) -> QuerySet[Complaint]:
    """Open for more than a day, the oldest first."""
    complaints = Complaint.objects.visible_to(user).in_stores(stores).open()
    return complaints.filter(opened_at__lt=now - timedelta(days=1)).order_by("opened_at")


def fallen_from_loyal(user: User, stores: Sequence[Store], *, since: date) -> int:
    """Cars that went from profitable-loyal to high-risk after ``since``."""
    segments = VehicleSegment.objects.visible_to(user).in_stores(stores)
    return segments.filter(c3=C3.HIGH_RISK, c3_before=C3.PROFITABLE_LOYAL, c3_since__gt=since).count()
