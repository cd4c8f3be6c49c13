"""Make the demo group and write its DMS exports."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from dealer_crm.demo import aftercare, exports, numbering
from dealer_crm.demo.cars import Car, CarMaker
from dealer_crm.demo.group import ALL_STORES, STORES, ComplaintSpec, DemoGroup, GoneCar, staff
from dealer_crm.demo.owners import OwnerMaker
from dealer_crm.demo.reversals import Reversal, reverse_some
from dealer_crm.demo.visits import add_arrival, add_visits

_ARRIVALS = {"GB": 14, "NS": 12, "LG": 10}


@dataclass
class World:
    """The truth behind the files."""

    cars: list[Car]
    complaints: list[ComplaintSpec]
    price_sensitive_plates: list[str]
    gone_cars: list[GoneCar]
    reversals: list[Reversal]


def write_exports(folder: Path, *, today: date, seed: int = 20) -> DemoGroup:
    """Write each store's customer master and order export into ``folder``, which must exist.

    The same day and seed give the same group, and the same bytes in the CSV files.
    """
    world = build(today=today, seed=seed)
    files, expected = exports.write_all(
        folder, world.cars, world.reversals, today=today, rng=Random(seed + 1)
    )
    return DemoGroup(
        stores=list(STORES),
        staff=staff(),
        files=files,
        expected=expected,
        complaints=world.complaints,
        price_sensitive_plates=world.price_sensitive_plates,
        gone_cars=world.gone_cars,
    )


def build(*, today: date, seed: int = 20) -> World:
    rng = Random(seed)
    owners, makers = OwnerMaker(rng), CarMaker(rng, today)
    cars: list[Car] = []
    for index, store in enumerate(ALL_STORES):
        cars += makers.of_store(store, owners, index)
    for car in cars:
        add_visits(car, today, rng)
    _this_morning(cars, today, rng)
    numbering.number_orders(cars)
    reversals = reverse_some(cars, today, rng)
    complaints = aftercare.complaints(cars, today, rng)
    taken = {complaint.plate for complaint in complaints}
    marks = aftercare.price_sensitive(cars, today, rng, taken)
    gone_cars = aftercare.gone(cars, today, rng, taken)
    return World(cars, complaints, marks, gone_cars, reversals)


def _this_morning(cars: list[Car], today: date, rng: Random) -> None:
    for store, count in _ARRIVALS.items():
        due = [car for car in cars if car.store == store and _is_due(car, today)]
        for car in rng.sample(due, count):
            add_arrival(car, today, rng)


def _is_due(car: Car, today: date) -> bool:
    return bool(car.visits) and 100 <= (today - car.visits[-1].day).days <= 300
