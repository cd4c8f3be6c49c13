"""A few orders taken back later: two in whole, one in part."""

from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from dealer_crm.demo.cars import Car, Visit
from dealer_crm.demo.numbering import order_no


class Reversal(NamedTuple):
    """A negative row. ``names_target``: it has its own number and names the order it takes back."""

    car: Car
    target: Visit
    day: date
    order_no: str
    labour_fen: int
    parts_fen: int
    discount_fen: int
    names_target: bool


def reverse_some(cars: list[Car], today: date, rng: Random) -> list[Reversal]:
    """Mark the targets on their visits and return the rows that take them back."""
    targets = {
        store: [pair for pair in _candidates(cars, today) if pair[1].store == store] for store in ("GB", "LG")
    }
    (car, visit), (part_car, part_visit) = rng.sample(targets["GB"], 2)
    same_car, same_visit = rng.choice(targets["LG"])
    visit.voided = same_visit.voided = True
    part_visit.taken_back_fen = part_visit.parts_fen // 400 * 100
    return [
        _whole(car, visit, names_target=True),
        _part(part_car, part_visit),
        _whole(same_car, same_visit, names_target=False),
    ]


def _candidates(cars: list[Car], today: date) -> list[tuple[Car, Visit]]:
    """Paid orders of the last year that later visits of the same car have followed."""
    return [
        (car, visit)
        for car in cars
        for visit in car.visits[:-3]
        if 60 < (today - visit.day).days < 360 and visit.parts_fen >= 20_000
    ]


def _whole(car: Car, visit: Visit, *, names_target: bool) -> Reversal:
    day = visit.day + timedelta(days=3)
    number = order_no(visit, 801) if names_target else visit.order_no
    return Reversal(
        car, visit, day, number, -visit.labour_fen, -visit.parts_fen, -visit.discount_fen, names_target
    )


def _part(car: Car, visit: Visit) -> Reversal:
    day = visit.day + timedelta(days=5)
    return Reversal(car, visit, day, order_no(visit, 802), 0, -visit.taken_back_fen, 0, True)
