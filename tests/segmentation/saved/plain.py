"""Cars and conditions in plain Python: what the one query must say, said once more without a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from segmentation.saved.tree import Condition, Group, Mode


@dataclass(frozen=True)
class Owner:
    kind: str = "person"
    gender: str = ""
    usage: str = ""
    intention: str = ""
    channel: str = ""
    region: str = ""
    distance_m: int | None = None
    birthday: date | None = None
    price_sensitive: bool = False
    may_call: bool = True
    may_message: bool = True
    do_not_call: bool = False
    # Names of tags; "别店" is another store's.
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Car:
    store: str = "GB"
    c3: str = "low_cost"
    c3_before: str = ""
    c3_since: date = date(2025, 1, 1)
    care_status: str = "active"
    care_before: str = ""
    care_since: date = date(2025, 1, 1)
    value: str = "low"
    visits_in_window: int = 0
    maintenance_count: int = 0
    repair_like_count: int = 0
    spend_fen: int = 0
    last_visit_on: date | None = None
    first_seen_on: date | None = None
    brand: str = ""
    series: str = ""
    model: str = ""
    plate: str = ""
    purchased_on: date | None = None
    warranty_until: date | None = None
    three_guarantees_until: date | None = None
    insurance_until: date | None = None
    inspection_until: date | None = None
    odometer_km: int | None = None
    complaint: bool = False
    owner: Owner | None = field(default_factory=Owner)


@dataclass(frozen=True)
class Rules:
    """What a store's families are cut by."""

    age_bands: tuple[tuple[int, int | None], ...] = ((0, 1), (1, 2), (2, 3), (3, 5), (5, None))
    radius_bands: tuple[tuple[int, int | None], ...] = ((0, 5), (5, 10), (10, 15), (15, None))
    service_radius_km: int = 15
    warranty_years: int = 3
    warranty_km: int = 60_000
    three_guarantees_years: int = 2
    three_guarantees_km: int = 50_000


def years_before(day: date, years: int) -> date:
    last = 28 if (day.month, day.day) == (2, 29) and (day.year - years) % 4 else day.day
    return date(day.year - years, day.month, last)


def band(number: int | None, bands: Any) -> str:
    for low, high in bands:
        if number is not None and low <= number and (high is None or number < high):
            return f"{low}+" if high is None else f"{low}-{high}"
    return ""


def age(car: Car, day: date) -> int | None:
    if car.purchased_on is None or car.purchased_on > day:
        return None
    return max(years for years in range(90) if car.purchased_on <= years_before(day, years))


def stage(car: Car, day: date, rules: Rules) -> str:
    def holds(until: date | None, years: int, km: int) -> bool:
        if until is not None:
            return until >= day
        young = car.purchased_on is not None and car.purchased_on > years_before(day, years)
        return young and (car.odometer_km is None or car.odometer_km <= km)

    if car.purchased_on is None and car.warranty_until is None and car.three_guarantees_until is None:
        return ""
    if holds(car.three_guarantees_until, rules.three_guarantees_years, rules.three_guarantees_km):
        return "three_guarantees"
    if holds(car.warranty_until, rules.warranty_years, rules.warranty_km):
        return "warranty"
    return "after"


def value_of(car: Car, name: str, day: date, rules: Rules) -> Any:
    """What the field ``name`` is; None where nothing is known, "" for an unknown word."""
    owner = car.owner
    km = None if owner is None or owner.distance_m is None else owner.distance_m / 1000
    words = {"gender": "", "usage": "", "intention": "", "channel": "", "region": "", "kind": ""}
    if name in words:
        return getattr(owner, name) if owner else ""
    if name in ("price_sensitive", "may_call", "may_message", "do_not_call"):
        return bool(owner) and getattr(owner, name)
    if name == "birthday":
        return owner.birthday if owner else None
    computed = {
        "model": lambda: car.model or car.series or car.brand,
        "age": lambda: age(car, day),
        "age_band": lambda: band(age(car, day), rules.age_bands),
        "stage": lambda: stage(car, day, rules),
        "distance": lambda: km,
        "radius": lambda: band(km, rules.radius_bands),
        "reach": lambda: "" if km is None else "in" if km < rules.service_radius_km else "out",
        # A complaint has someone who complained.
        "complaint": lambda: car.complaint and owner is not None,
        "tags": lambda: owner.tags if owner else frozenset(),
    }
    if name in computed:
        return computed[name]()
    columns = {
        "visits": "visits_in_window", "maintenance": "maintenance_count", "repairs": "repair_like_count",
        "spend": "spend_fen", "last_visit": "last_visit_on", "first_seen": "first_seen_on",
        "purchased": "purchased_on", "insurance": "insurance_until", "inspection": "inspection_until",
        "odometer": "odometer_km",
    }  # fmt: skip
    return getattr(car, columns.get(name, name))


def celebrated(born: date, day: date) -> date:
    """The birthday on ``day`` or next after it; of 29 February the 1st of March where there is none."""
    for year in (day.year, day.year + 1):
        try:
            found = born.replace(year=year)
        except ValueError:
            found = date(year, 3, 1)
        if found >= day:
            return found
    raise AssertionError(born)


COMPARE: dict[str, Any] = {
    "in": lambda is_, want, day: is_ in want.words,
    "not_in": lambda is_, want, day: is_ not in want.words,
    "contains": lambda is_, want, day: want.words[0].lower() in is_.lower(),
    "begins": lambda is_, want, day: is_.startswith(want.words),
    "not_begins": lambda is_, want, day: not is_.startswith(want.words),
    "has_any": lambda is_, want, day: bool(is_ & set(want.words)),
    "has_all": lambda is_, want, day: set(want.words) <= is_,
    "has_none": lambda is_, want, day: not is_ & set(want.words),
    "yes": lambda is_, want, day: is_,
    "no": lambda is_, want, day: not is_,
    "unknown": lambda is_, want, day: is_ is None or is_ == "",
    "never": lambda is_, want, day: is_ is None,
}
OF_KNOWN: dict[str, Any] = {
    "at_least": lambda is_, want, day: is_ >= want.low,
    "at_most": lambda is_, want, day: is_ <= want.low,
    "below": lambda is_, want, day: is_ < want.low,
    "from_to": lambda is_, want, day: want.low <= is_ <= want.high,
    "from_to_under": lambda is_, want, day: want.low <= is_ < want.high,
    "within": lambda is_, want, day: 0 <= (day - is_).days <= want.low,
    "older": lambda is_, want, day: (day - is_).days > want.low,
    "next": lambda is_, want, day: 0 <= (is_ - day).days <= want.low,
    "later": lambda is_, want, day: (is_ - day).days > want.low,
    "passed": lambda is_, want, day: is_ < day,
    "between": lambda is_, want, day: want.low <= is_ <= want.high,
    "before": lambda is_, want, day: is_ < want.low,
    "since": lambda is_, want, day: is_ >= want.low,
    "this_month": lambda is_, want, day: is_.month == day.month,
}


def holds(node: Condition | Group, car: Car, day: date, rules: Rules) -> bool:
    if isinstance(node, Group):
        parts = [holds(item, car, day, rules) for item in node.items]
        return {Mode.ALL: all(parts), Mode.ANY: any(parts), Mode.NONE: not any(parts)}[node.mode]
    value = value_of(car, node.field, day, rules)
    if node.field == "birthday" and node.operator == "next":
        return value is not None and celebrated(value, day) <= day + timedelta(node.low)
    if node.field == "age" and node.operator == "unknown":
        # Bought after the day it is of no age, but it is on record.
        return car.purchased_on is None
    if node.operator in COMPARE:
        return bool(COMPARE[node.operator](value, node, day))
    return value is not None and bool(OF_KNOWN[node.operator](value, node, day))
