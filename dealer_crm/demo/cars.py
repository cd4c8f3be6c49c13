"""Cars: valid plates and VINs, a purchase date, an owner, a pace in km a day."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from dealer_crm.demo.catalogue import CAB, MODELS, Model
from dealer_crm.demo.identity import PlateMaker, make_vin
from dealer_crm.demo.owners import Owner, OwnerMaker

CARS_OF_STORE = {"GB": 2400, "NS": 2000, "LG": 1600}


@dataclass
class Visit:
    store: str
    day: date
    minute: int
    kind: str
    word: str
    odometer: int
    labour_fen: int
    parts_fen: int
    discount_fen: int
    advisor: str
    team: str
    remark: str
    settled: bool = True
    order_no: str = ""
    # What a partial reversal took back, and whether a full one undid the visit.
    taken_back_fen: int = 0
    voided: bool = False

    @property
    def billed_fen(self) -> int:
        return self.labour_fen + self.parts_fen - self.discount_fen

    @property
    def paid_fen(self) -> int:
        return self.billed_fen - self.taken_back_fen


@dataclass
class Car:
    store: str
    plate: str
    vin: str
    model: Model
    owner: Owner
    purchased_on: date
    km_per_day: float
    visits: list[Visit] = field(default_factory=list)

    def insurance_due(self, on: date) -> date:
        """Insurance runs from the purchase, a year at a time."""
        years = on.year - self.purchased_on.year
        due = _anniversary(self.purchased_on, years)
        return due if due > on else _anniversary(self.purchased_on, years + 1)

    def inspection_due(self, on: date) -> date:
        """Every two years up to the tenth, then every year."""
        for years in (2, 4, 6, 8, *range(10, 40)):
            due = _anniversary(self.purchased_on, years)
            if due > on:
                return due
        return _anniversary(self.purchased_on, 40)


def _anniversary(day: date, years: int) -> date:
    if (day.month, day.day) == (2, 29):
        day -= timedelta(days=1)
    return day.replace(year=day.year + years)


class CarMaker:
    """Hands out cars whose plates and VINs are all different."""

    def __init__(self, rng: Random, today: date) -> None:
        self._rng = rng
        self._today = today
        self._plates = PlateMaker(rng)
        self._serial = 100_000

    def of_store(self, store: str, owners: OwnerMaker, cabs: int) -> list[Car]:
        """The store's cars: fleets and second cars share their owner. ``cabs``: which cab company is here."""
        rng, cars = self._rng, []
        cab_owner = owners.cab_company(store, cabs)
        cars += [self._car(store, cab_owner, CAB) for _ in range(30)]
        while len(cars) < CARS_OF_STORE[store]:
            company = rng.random() < 0.06
            owner = owners.company(store) if company else owners.person(store)
            count = rng.choices((1, 2, 3, 5), (55, 25, 14, 6))[0] if company else 1 + (rng.random() < 0.04)
            cars += [self._car(store, owner, self._model(company)) for _ in range(count)]
        return cars[: CARS_OF_STORE[store]]

    def _model(self, company: bool) -> Model:
        weights = [model.weight * (model.for_fleets if company else 1) for model in MODELS]
        return self._rng.choices(MODELS, weights)[0]

    def _car(self, store: str, owner: Owner, model: Model) -> Car:
        rng = self._rng
        years = min(9.0 if owner.usage != "出租车" else 5.0, model.sold_for_years)
        # A little more of the younger cars: the older ones drift away from the group altogether.
        purchased_on = self._today - timedelta(days=1 + int(rng.random() ** 1.12 * years * 365))
        self._serial += rng.randint(1, 9)
        vin = make_vin(model, purchased_on.year, self._serial)
        return Car(store, self._plates.plate(model), vin, model, owner, purchased_on, self._pace(owner.usage))

    def _pace(self, usage: str) -> float:
        middle = {"私家车": 38, "公务车": 62, "出租车": 260, "网约车": 190}.get(usage, 45)
        return min(250, middle * min(2.2, max(0.35, self._rng.lognormvariate(0, 0.35))))
