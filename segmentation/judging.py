"""The rules for one car, in figures: what it is on a day, and when that changes by itself.

The stored groups come from the set-based statements; this says why, and what comes next. The spend threshold is given:
a percentile is a matter of all the store's cars.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from segmentation.calendar import months_before
from segmentation.models import CareStatus, RuleSet


@dataclass(frozen=True, slots=True)
class Stop:
    """A visit that was not taken back."""

    day: date
    kind: str
    paid_fen: int
    store_id: int
    pk: int = 0


@dataclass(frozen=True, slots=True)
class History:
    """What the rules look at of one car; the visits oldest first, those of one day in the order of arrival."""

    home_store_id: int
    purchased_on: date | None = None
    price_sensitive: bool = False
    visits: tuple[Stop, ...] = ()
    # Opened and closed.
    complaints: tuple[tuple[date, date | None], ...] = ()

    def by(self, day: date) -> list[Stop]:
        return [visit for visit in self.visits if visit.day <= day]

    def first_seen(self, day: date) -> date | None:
        days = [visit.day for visit in self.by(day)[:1]]
        if self.purchased_on and self.purchased_on <= day:
            days.append(self.purchased_on)
        return min(days, default=None)

    def away_since(self, day: date) -> date | None:
        seen = self.by(day)
        return seen[-1].day if seen else self.first_seen(day)

    def with_visit(self, visit: Stop) -> History:
        return replace(self, visits=tuple(sorted((*self.visits, visit), key=lambda stop: stop.day)))


@dataclass(frozen=True, slots=True)
class Figures:
    """What the car did inside the window."""

    counted: tuple[Stop, ...]
    maintenance: int
    repair_like: int
    spend_fen: int

    @property
    def ratio(self) -> float | None:
        base = self.maintenance + self.repair_like
        return self.repair_like / base if base else None


def figures(car: History, day: date, rules: RuleSet) -> Figures:
    opens_after = months_before(day, rules.window_months)
    counted = tuple(visit for visit in car.by(day) if visit.day > opens_after)
    return Figures(
        counted,
        maintenance=sum(visit.kind == "maintenance" for visit in counted),
        repair_like=sum(visit.kind in rules.repair_kinds for visit in counted),
        spend_fen=sum(visit.paid_fen for visit in counted if visit.kind != "warranty"),
    )


def heights(found: Figures, rules: RuleSet, threshold: int) -> tuple[bool, bool, bool]:
    """Services, spend and repair ratio: high or low."""
    base = found.maintenance + found.repair_like
    ratio_high = found.repair_like > 0 and found.repair_like * 100 >= rules.repair_ratio_high_percent * base
    return found.maintenance >= rules.maintenance_high, found.spend_fen >= threshold, ratio_high


def group(car: History, day: date, rules: RuleSet, threshold: int) -> str:
    """The C3 group; empty where the car was not known by then."""
    if car.first_seen(day) is None:
        return ""
    cell = heights(figures(car, day, rules), rules, threshold)
    return str(rules.cells["".join(str(int(high)) for high in cell)])


def care(car: History, day: date, rules: RuleSet) -> str:
    """The first care status that applies; empty where the car was not known by then."""
    first, since = car.first_seen(day), car.away_since(day)
    if first is None or since is None:
        return ""
    away = (day - since).days
    window = figures(car, day, rules)
    tried = (
        (CareStatus.COMPLAINED, complaint_that_counts(car, day, rules) is not None),
        (CareStatus.LOST, away > rules.lost_days),
        (CareStatus.NEAR_LOST, near_lost(car, day, rules)),
        (CareStatus.REPAIR_ONLY, window.repair_like > 0 and not window.maintenance),
        (CareStatus.PRICE_SENSITIVE, car.price_sensitive),
        (CareStatus.NEW, (day - first).days <= rules.new_days),
    )
    return str(next((status for status, applies in tried if applies), CareStatus.ACTIVE))


def complaint_that_counts(car: History, day: date, rules: RuleSet) -> date | None:
    """The day of the newest complaint that is open, or recent with no visit after it."""
    seen = car.by(day)
    recent_after = months_before(day, rules.complaint_months)
    found = [
        opened
        for opened, closed in car.complaints
        if opened <= day
        and (
            closed is None or closed > day or (opened > recent_after and not (seen and seen[-1].day > opened))
        )
    ]
    return max(found, default=None)


def near_lost(car: History, day: date, rules: RuleSet) -> bool:
    since = car.away_since(day)
    if since is None:
        return False
    away = (day - since).days
    if away > rules.near_lost_days or elsewhere(car, day):
        return True
    allowed = allowed_days(car, day, rules)
    return allowed is not None and away > allowed


def elsewhere(car: History, day: date) -> bool:
    """Whether the last two visits were at sister stores."""
    last_two = car.by(day)[-2:]
    return len(last_two) == 2 and all(visit.store_id != car.home_store_id for visit in last_two)


def usual_interval(car: History, day: date) -> Fraction | None:
    """The median of the days between visits; None with fewer than three days of visits."""
    days = sorted({visit.day for visit in car.by(day)})
    if len(days) < 3:
        return None
    gaps = sorted((later - earlier).days for earlier, later in pairwise(days))
    middle = len(gaps) // 2
    return Fraction(gaps[middle]) if len(gaps) % 2 else Fraction(gaps[middle - 1] + gaps[middle], 2)


def allowed_days(car: History, day: date, rules: RuleSet) -> int | None:
    """How many days away its own rhythm allows."""
    interval = usual_interval(car, day)
    if interval is None:
        return None
    return max(int(interval * rules.interval_factor_percent / 100), rules.interval_min_days)


def leaves_on(day: date, months: int) -> date:
    """The first day whose window of ``months`` no longer holds ``day``.

    >>> leaves_on(date(2026, 8, 31), 6)
    datetime.date(2027, 3, 1)
    """
    later = months_before(day, -months)
    return later if later.day == day.day else later + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Change:
    """``on`` this day it becomes ``value``."""

    on: date
    value: str


def first_change(car: History, day: date, rules: RuleSet, judge: Callable[[date], str]) -> Change | None:
    """The first day after ``day`` on which ``judge`` says something else, if nothing more happens."""
    now, at = judge(day), next_due(car, day, rules)
    while at is not None:
        if (value := judge(at)) != now:
            return Change(at, value)
        at = next_due(car, at, rules)
    return None


def one_more(
    car: History, day: date, rules: RuleSet, threshold: int, extra: Stop
) -> tuple[str, date | None] | None:
    """What ``extra``, did it happen today, makes of the group, and the first day on which it is too late for that.

    None where it changes nothing; no day where it is never too late.
    """

    def made(at: date) -> str:
        return group(car.with_visit(replace(extra, day=at)), at, rules, threshold)

    value = made(day)
    if value == group(car, day, rules, threshold):
        return None
    at = next_due(car, day, rules)
    while at is not None and made(at) == value:
        at = next_due(car, at, rules)
    return value, at


def next_due(car: History, day: date, rules: RuleSet) -> date | None:
    """The first day after ``day`` on which the rules can say something else."""
    return min((due for due in _due(car, day, rules) if due > day), default=None)


def _due(car: History, day: date, rules: RuleSet) -> Iterator[date]:
    for visit in car.visits:
        yield visit.day
        yield leaves_on(visit.day, rules.window_months)
    for opened, closed in car.complaints:
        yield from (opened, leaves_on(opened, rules.complaint_months))
        if closed:
            yield closed
    if car.purchased_on:
        yield car.purchased_on
    first, since = car.first_seen(day), car.away_since(day)
    if first and since:
        yield first + timedelta(days=rules.new_days + 1)
        allowed = allowed_days(car, day, rules)
        for days in (rules.lost_days, rules.near_lost_days, allowed):
            if days is not None:
                yield since + timedelta(days=days + 1)
