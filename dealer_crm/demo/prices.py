"""What an order costs, in fen: labour, parts and discount by kind, model and habit."""

from random import Random
from typing import NamedTuple

from dealer_crm.demo.behaviours import Habit
from dealer_crm.demo.catalogue import Model


class Bill(NamedTuple):
    labour_fen: int
    parts_fen: int
    discount_fen: int

    @property
    def small(self) -> bool:
        return self.labour_fen + self.parts_fen < 60_000


# (share, from, to) in fen: most repairs are small, a few make the year.
_REPAIRS = ((60, 18_000, 80_000), (30, 80_000, 280_000), (10, 280_000, 780_000))
_ACCIDENTS = ((58, 70_000, 220_000), (32, 220_000, 700_000), (10, 700_000, 2_600_000))
_EXTRAS = ((45, 8_000, 30_000), (35, 30_000, 90_000), (20, 90_000, 260_000))
_FREE = Bill(0, 0, 0)


def bill(kind: str, model: Model, habit: Habit, rng: Random, *, number: int, age_years: float) -> Bill:
    """``number``: which maintenance of the car this is; the first is the maker's gift."""
    if kind == "warranty" or (kind == "maintenance" and number == 1):
        return _FREE
    dearer = model.price_factor * (1 + 0.03 * age_years)
    if kind == "maintenance":
        return _service(model, habit, rng, major=number % 4 == 0)
    if kind == "repair":
        return _split(_drawn(_REPAIRS, rng) * dearer * habit.repair_price, 0.38, rng)
    if kind == "accident":
        return _split(_drawn(_ACCIDENTS, rng) * dearer * habit.repair_price, 0.45, rng)
    if rng.random() < 0.2:
        return _FREE
    return _split(_drawn(_EXTRAS, rng) * habit.other_price, 0.25, rng)


def _service(model: Model, habit: Habit, rng: Random, *, major: bool) -> Bill:
    size = (2.1 if major else 1.0) * habit.service_price * rng.uniform(0.88, 1.15)
    labour = _tens(model.service_labour_fen * size)
    parts = int(model.service_parts_fen * size)
    return Bill(labour, parts, _discount(labour, parts, rng))


def _split(total: float, labour_share: float, rng: Random) -> Bill:
    labour = _tens(total * labour_share * rng.uniform(0.8, 1.2))
    parts = max(0, int(total) - labour)
    return Bill(labour, parts, _discount(labour, parts, rng))


def _drawn(bands: tuple[tuple[int, int, int], ...], rng: Random) -> int:
    _, low, high = rng.choices(bands, [share for share, _, _ in bands])[0]
    return rng.randint(low, high)


def _discount(labour: int, parts: int, rng: Random) -> int:
    """One order in five: a tenth off the labour, or the small change."""
    draw = rng.random()
    if draw < 0.14:
        return labour // 1000 * 100
    return (labour + parts) % 1000 if draw < 0.2 else 0


def _tens(fen: float) -> int:
    """Labour is billed in whole ten yuan."""
    return round(fen / 1000) * 1000
