"""The segmentation rules in plain Python, read from the rule text and not from any SQL.

Slow and obvious on purpose: the SQL is held to it. Edges the text leaves to the reader:

- A voided visit never happened: not counted, not summed. ``paid_fen`` is net of partial reversals.
- A purchase, visit or complaint after the as-of day does not exist yet.
- Visits of one day stand in the order of arrival; that decides "the last two visits".
- A visit on the day of a complaint is not after it.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Literal, NamedTuple

Cell = tuple[bool, bool, bool]

# (maintenance high, spend high, repair ratio high)
DEFAULT_CELLS: dict[Cell, str] = {
    (True, True, True): "profitable_loyal",
    (True, True, False): "split_loyal",
    (False, True, True): "high_risk",
    (False, True, False): "high_opportunity",
    (True, False, True): "high_cost",
    (True, False, False): "development",
    (False, False, True): "low_cost",
    (False, False, False): "mystery_opportunity",
}
C3_KEYS = tuple(DEFAULT_CELLS.values())
CARE_KEYS = ("complained", "lost", "near_lost", "repair_only", "price_sensitive", "new", "active")


class State(StrEnum):
    IN_USE = "in_use"
    SOLD_AWAY = "sold_away"
    SCRAPPED = "scrapped"


class Visit(NamedTuple):
    store: str
    day: date
    kind: str
    paid_fen: int
    voided: bool = False


class Complaint(NamedTuple):
    opened_on: date
    closed_on: date | None = None


@dataclass(frozen=True)
class Vehicle:
    id: int | str
    home_store: str
    purchased_on: date | None = None
    state: str = State.IN_USE
    price_sensitive: bool = False
    visits: tuple[Visit, ...] = ()
    complaints: tuple[Complaint, ...] = ()

    def visits_by(self, as_of: date) -> list[Visit]:
        """What had happened by the end of ``as_of``, oldest first."""
        happened = [visit for visit in self.visits if not visit.voided and visit.day <= as_of]
        return sorted(happened, key=lambda visit: visit.day)


@dataclass(frozen=True)
class Rules:
    window_months: int = 12
    maintenance_high: int = 2
    spend_mode: Literal["percentile", "amount"] = "percentile"
    spend_percentile: int = 60
    spend_amount_fen: int = 300_000
    repair_ratio_high: Fraction = Fraction(30, 100)
    repair_kinds: frozenset[str] = frozenset({"repair", "accident"})
    cells: Mapping[Cell, str] = field(default_factory=lambda: dict(DEFAULT_CELLS))
    lost_days: int = 365
    near_lost_days: int = 183
    interval_factor: Fraction = Fraction(3, 2)
    interval_min_days: int = 90
    complaint_months: int = 6
    new_days: int = 183


class C3Result(NamedTuple):
    key: str
    maintenance: int
    spend_fen: int
    repair_like: int
    ratio_base: int


class Figures(NamedTuple):
    """What one vehicle did inside the window."""

    visits: int
    maintenance: int
    spend_fen: int
    repair_like: int

    @property
    def ratio_base(self) -> int:
        return self.maintenance + self.repair_like


def months_before(day: date, months: int) -> date:
    """``months`` calendar months earlier; a day the month lacks becomes its last day."""
    index = day.year * 12 + day.month - 1 - months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def first_seen(vehicle: Vehicle, as_of: date) -> date | None:
    """Purchase or first visit, whichever is earlier, of those that had happened."""
    days = [visit.day for visit in vehicle.visits_by(as_of)]
    if vehicle.purchased_on and vehicle.purchased_on <= as_of:
        days.append(vehicle.purchased_on)
    return min(days, default=None)


def is_grouped(vehicle: Vehicle, as_of: date) -> bool:
    """Whether the vehicle belongs to the base at all: known by then, and still here."""
    return vehicle.state == State.IN_USE and first_seen(vehicle, as_of) is not None


def figures(vehicle: Vehicle, as_of: date, rules: Rules) -> Figures:
    opens_after = months_before(as_of, rules.window_months)
    seen = [visit for visit in vehicle.visits_by(as_of) if visit.day > opens_after]
    return Figures(
        visits=len(seen),
        maintenance=sum(visit.kind == "maintenance" for visit in seen),
        spend_fen=sum(visit.paid_fen for visit in seen if visit.kind != "warranty"),
        repair_like=sum(visit.kind in rules.repair_kinds for visit in seen),
    )


def nearest_rank(values: Iterable[int], percentile: int) -> int:
    """The smallest value that at least ``percentile`` % of ``values`` do not exceed; 0 of none."""
    ordered = sorted(values)
    for index, value in enumerate(ordered, start=1):
        if index * 100 >= percentile * len(ordered):
            return value
    return 0


def spend_threshold(of_store: Iterable[Figures], rules: Rules) -> int:
    """Fen from which spend is high. Never below 1: who paid nothing is never high."""
    if rules.spend_mode == "amount":
        return max(1, rules.spend_amount_fen)
    spends = [found.spend_fen for found in of_store if found.visits]
    return max(1, nearest_rank(spends, rules.spend_percentile))


def c3(vehicles: Iterable[Vehicle], as_of: date, rules: Rules) -> dict[int | str, C3Result]:
    """The C3 group of each vehicle of **one** store; who is not in the base is left out."""
    found = {v.id: figures(v, as_of, rules) for v in vehicles if is_grouped(v, as_of)}
    threshold = spend_threshold(found.values(), rules)
    return {pk: _c3_of(numbers, threshold, rules) for pk, numbers in found.items()}


def _c3_of(numbers: Figures, threshold: int, rules: Rules) -> C3Result:
    base = numbers.ratio_base
    cell = (
        numbers.maintenance >= rules.maintenance_high,
        numbers.spend_fen >= threshold,
        base > 0 and Fraction(numbers.repair_like, base) >= rules.repair_ratio_high,
    )
    return C3Result(rules.cells[cell], numbers.maintenance, numbers.spend_fen, numbers.repair_like, base)


def care_status(vehicle: Vehicle, as_of: date, rules: Rules) -> str:
    """The first status that applies. Whether the vehicle is in the base: ``is_grouped``."""
    if _complained(vehicle, as_of, rules):
        return "complained"
    away = _days_away(vehicle, as_of)
    if away is None or away > rules.lost_days:
        return "lost"
    if _near_lost(vehicle, as_of, away, rules):
        return "near_lost"
    window = figures(vehicle, as_of, rules)
    if window.repair_like and not window.maintenance:
        return "repair_only"
    if vehicle.price_sensitive:
        return "price_sensitive"
    seen = first_seen(vehicle, as_of)
    assert seen is not None, "a vehicle never seen is lost"
    return "new" if (as_of - seen).days <= rules.new_days else "active"


def _complained(vehicle: Vehicle, as_of: date, rules: Rules) -> bool:
    recent_after = months_before(as_of, rules.complaint_months)
    for complaint in vehicle.complaints:
        if complaint.opened_on > as_of:
            continue
        if complaint.closed_on is None or complaint.closed_on > as_of:
            return True
        came_back = any(visit.day > complaint.opened_on for visit in vehicle.visits_by(as_of))
        if complaint.opened_on > recent_after and not came_back:
            return True
    return False


def _days_away(vehicle: Vehicle, as_of: date) -> int | None:
    """Days since the last visit, without any since the purchase; None without both."""
    visits = vehicle.visits_by(as_of)
    last = visits[-1].day if visits else first_seen(vehicle, as_of)
    return None if last is None else (as_of - last).days


def _near_lost(vehicle: Vehicle, as_of: date, away: int, rules: Rules) -> bool:
    if away > rules.near_lost_days:
        return True
    interval = usual_interval(vehicle, as_of)
    overdue = interval is not None and away > rules.interval_factor * interval
    if overdue and away > rules.interval_min_days:
        return True
    last_two = vehicle.visits_by(as_of)[-2:]
    return len(last_two) == 2 and all(visit.store != vehicle.home_store for visit in last_two)


def usual_interval(vehicle: Vehicle, as_of: date) -> Fraction | None:
    """Median of the gaps between visit days, in days; None under 3 visit days."""
    days = sorted({visit.day for visit in vehicle.visits_by(as_of)})
    if len(days) < 3:
        return None
    gaps = sorted((later - earlier).days for earlier, later in pairwise(days))
    middle = len(gaps) // 2
    if len(gaps) % 2:
        return Fraction(gaps[middle])
    return Fraction(gaps[middle - 1] + gaps[middle], 2)
