"""Five years of visits of one car, up to yesterday; and the ones that arrived this morning."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from dealer_crm.demo.behaviours import Life, life_of
from dealer_crm.demo.cars import Car, Visit
from dealer_crm.demo.group import TEAMS, advisors
from dealer_crm.demo.prices import bill
from dealer_crm.demo.words import kind_word, remark

YEARS = 5
_WARRANTY_A_YEAR = 0.22
_WARRANTY_YEARS = 3


class Coming(NamedTuple):
    day: date
    minute: int
    kind: str


def add_visits(car: Car, today: date, rng: Random) -> None:
    """Fill ``car.visits``, oldest first."""
    life = life_of(car, today, rng)
    opens_on = today - timedelta(days=YEARS * 365)
    comings = _one_trip_a_day(_comings(car, life, opens_on, rng))
    stores = _stores(car, life, comings, rng)
    advisor = {store: rng.choice(advisors(store)) for store in sorted({*stores})}
    services = _services_before(car, opens_on)
    for coming, store in zip(comings, stores, strict=True):
        services += coming.kind == "maintenance"
        if car.visits and car.visits[-1].day == coming.day:
            who = car.visits[-1].advisor
        else:
            who = advisor[store] if rng.random() < 0.72 else rng.choice(advisors(store))
        car.visits.append(_visit(car, coming, store, who, services, life, rng))


def add_arrival(car: Car, today: date, rng: Random) -> None:
    """One more visit, this morning, at the home store. The order is still open."""
    life = life_of(car, today, rng)
    kind = rng.choices(("maintenance", "repair", "other"), (70, 22, 8))[0]
    services = sum(visit.kind == "maintenance" for visit in car.visits) + 1
    coming = Coming(today, rng.randint(7 * 60 + 30, 8 * 60 + 40), kind)
    visit = _visit(car, coming, car.store, rng.choice(advisors(car.store)), max(2, services), life, rng)
    visit.settled = False
    car.visits.append(visit)


def _comings(car: Car, life: Life, opens_on: date, rng: Random) -> list[Coming]:
    starts_on = max(opens_on, car.purchased_on)
    services = list(_services(car, life, starts_on, rng))
    found = [Coming(day, _minute(rng), "maintenance") for day in services]
    days = (life.ends_on - starts_on).days
    if days <= 0:
        return found
    for kind in ("repair", "accident", "warranty", "other"):
        for day in _chances(kind, car, life, starts_on, days, rng):
            # Owners save a trip: a good part of the small things is done with the next service.
            joined = kind != "accident" and rng.random() < 0.6
            near = _nearest(services, day) if joined else None
            found.append(Coming(near or _busy_day(day, life.ends_on, rng), _minute(rng), kind))
    return found


def _one_trip_a_day(comings: list[Coming]) -> list[Coming]:
    """Orders of one day are written one after the other while the car stands there."""
    found: list[Coming] = []
    for coming in sorted(comings):
        if found and found[-1].day == coming.day:
            coming = coming._replace(minute=found[-1].minute + 4)
        found.append(coming)
    return found


def _services(car: Car, life: Life, starts_on: date, rng: Random) -> Iterator[date]:
    if starts_on == car.purchased_on:
        day = starts_on + timedelta(days=rng.randint(60, 120))
    else:
        day = starts_on + timedelta(days=rng.randint(0, 180))
    while day <= life.ends_on:
        yield _busy_day(day, life.ends_on, rng)
        usual = 365 / life.habit_on(day).maintenance
        hurry = 0.6 if car.owner.usage in ("出租车", "网约车") else 1.0
        day += timedelta(days=max(20, round(usual * hurry * rng.gauss(1, 0.1))))


def _chances(kind: str, car: Car, life: Life, starts_on: date, days: int, rng: Random) -> Iterator[date]:
    """Days of a Poisson process whose rate is the habit's of that day; things break more with age."""
    highest = 4.0
    day = starts_on + timedelta(days=int(rng.expovariate(highest / 365)))
    while (day - starts_on).days < days:
        if rng.random() < _rate(kind, car, life, day) / highest:
            yield day
        day += timedelta(days=1 + int(rng.expovariate(highest / 365)))


def _rate(kind: str, car: Car, life: Life, day: date) -> float:
    age = (day - car.purchased_on).days / 365
    habit = life.habit_on(day)
    if kind == "repair":
        return habit.repair * min(1.2, 0.55 + 0.13 * age)
    if kind == "accident":
        return habit.accident
    if kind == "other":
        return habit.other
    return _WARRANTY_A_YEAR if age < _WARRANTY_YEARS else 0.02


def _nearest(days: list[date], day: date) -> date | None:
    near = min(days, key=lambda service: abs((service - day).days), default=None)
    return near if near and abs((near - day).days) < 90 else None


def _busy_day(day: date, ends_on: date, rng: Random) -> date:
    """Around the Spring Festival hardly anyone comes; most of them come a few weeks later."""
    if day.month == 2 and rng.random() < 0.35:
        return min(day + timedelta(days=rng.randint(12, 30)), ends_on)
    return day


def _minute(rng: Random) -> int:
    """Doors open at half past eight; the morning is the busy half."""
    return int(rng.triangular(8 * 60 + 30, 17 * 60 + 50, 10 * 60))


def _stores(car: Car, life: Life, comings: list[Coming], rng: Random) -> list[str]:
    """Where each visit was: those who moved spend the last ones at a sister store."""
    stray = 0.18 if rng.random() < 0.08 else 0.0
    stores: list[str] = []
    for index, coming in enumerate(comings):
        if index and comings[index - 1].day == coming.day:
            stores.append(stores[-1])
        else:
            stores.append(life.sister if rng.random() < stray else car.store)
    if life.course == "moved" and comings:
        moved_on = comings[-min(rng.randint(2, 5), len(comings))].day
        stores = [
            life.sister if coming.day >= moved_on else store
            for coming, store in zip(comings, stores, strict=True)
        ]
    return stores


def _services_before(car: Car, opens_on: date) -> int:
    """How many services the files no longer show."""
    return max(0, round((opens_on - car.purchased_on).days / 170))


def _visit(
    car: Car, coming: Coming, store: str, advisor: str, services: int, life: Life, rng: Random
) -> Visit:
    day, minute, kind = coming
    age = (day - car.purchased_on).days / 365
    cost = bill(kind, car.model, life.habit_on(day), rng, number=services, age_years=age)
    return Visit(
        store=store,
        day=day,
        minute=minute,
        kind=kind,
        word=kind_word(store, kind, rng, first=services == 1, small=cost.small),
        odometer=_odometer(car, day, rng),
        labour_fen=cost.labour_fen,
        parts_fen=cost.parts_fen,
        discount_fen=cost.discount_fen,
        advisor=advisor,
        team=TEAMS[2] if kind == "accident" else rng.choice(TEAMS[:2]),
        remark=remark(kind, rng),
    )


def _odometer(car: Car, day: date, rng: Random) -> int:
    if not car.visits:
        return max(30, round(car.km_per_day * (day - car.purchased_on).days * rng.uniform(0.9, 1.1)))
    last = car.visits[-1]
    if last.day == day:
        return last.odometer
    driven = car.km_per_day * (day - last.day).days * rng.uniform(0.75, 1.25)
    return last.odometer + max(1, round(driven))
