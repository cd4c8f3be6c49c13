"""What the pages of the groups show; money in fen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Sum

from segmentation.models import C3, CareStatus, Family, RuleSet, SegmentSpell, VehicleSegment
from staff.models import Store, User

# Their growth is bad news; of the others, their shrinking is.
UNWELCOME = frozenset(
    {C3.HIGH_RISK, C3.HIGH_COST, C3.LOW_COST, C3.MYSTERY_OPPORTUNITY, *CareStatus.values}
    - {CareStatus.NEW, CareStatus.ACTIVE}
)


@dataclass(frozen=True, slots=True)
class Share:
    """One group or status: its cars, their part of all, the change since the month began, the window's spend."""

    key: str
    vehicles: int
    total: int
    # None where the groups were not yet computed then.
    change: int | None
    spend_fen: int

    @property
    def ratio(self) -> float | None:
        return self.vehicles / self.total if self.total else None

    @property
    def per_car_fen(self) -> int | None:
        return round(self.spend_fen / self.vehicles) if self.vehicles else None

    @property
    def worse(self) -> bool:
        return bool(self.change) and (self.change > 0) == (self.key in UNWELCOME)  # type: ignore[operator]  # not None


def month_before(as_of: date) -> date:
    """The day with which the figures are compared: the end of the month before."""
    return as_of.replace(day=1) - timedelta(days=1)


def shares(*, user: User, stores: Sequence[Store], family: Family, since: date) -> list[Share]:
    """Every key of the family in its usual order, the empty ones too."""
    segments = VehicleSegment.objects.visible_to(user).in_stores(stores)
    rows = segments.order_by().values_list(family).annotate(Count("pk"), Sum("spend_fen"))
    now = {key: (cars, spend) for key, cars, spend in rows}
    spells = SegmentSpell.objects.visible_to(user).in_stores(stores).filter(family=family).on(since)
    before = dict(spells.order_by().values_list("value").annotate(Count("pk")))
    total = sum(cars for cars, _spend in now.values())
    keys = C3.values if family == Family.C3 else CareStatus.values
    found = []
    for key in keys:
        cars, spend = now.get(key, (0, 0))
        change = cars - before.get(key, 0) if before else None
        found.append(Share(key, cars, total, change, spend))
    return found


@dataclass(frozen=True, slots=True)
class Quarter:
    """Two groups with the same service count and spend: the one with many repairs first."""

    groups: tuple[Share, Share]


def cube(groups: list[Share], rules: RuleSet) -> tuple[tuple[Quarter, Quarter], tuple[Quarter, Quarter]]:
    """The eight cells as they are drawn: high spend above, many services right, each with its repair ratios."""
    by_key = {share.key: share for share in groups}

    def quarter(services: int, spend: int) -> Quarter:
        return Quarter(tuple(by_key[rules.cells[f"{services}{spend}{ratio}"]] for ratio in (1, 0)))  # type: ignore[arg-type]  # two

    return (quarter(0, 1), quarter(1, 1)), (quarter(0, 0), quarter(1, 0))
