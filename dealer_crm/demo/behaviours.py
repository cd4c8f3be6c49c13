"""How owners keep their cars: what they come for, how often, how dearly, and when they stop coming.

The rates are set so that all eight groups and all care statuses occur in believable shares;
the tests measure the outcome with the rules themselves.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from dealer_crm.demo.cars import CARS_OF_STORE, Car


class Habit(NamedTuple):
    """Visits a year by kind, and price levels against the usual."""

    name: str
    weight: int
    maintenance: float
    repair: float
    accident: float
    other: float
    service_price: float = 1.0
    repair_price: float = 1.0
    other_price: float = 1.0


HABITS = (
    Habit("loyal", 21, 2.6, 1.7, 0.4, 0.5, 1.1, 1.1),
    Habit("repairs_elsewhere", 13, 3.1, 0.12, 0.03, 0.9, 1.5, 0.7, 2.0),
    Habit("thrifty", 13, 2.7, 0.08, 0.03, 0.2, 0.75, 0.5, 0.4),
    Habit("often_broken", 13, 2.5, 1.9, 0.02, 0.2, 0.7, 0.22, 0.4),
    Habit("comes_when_broken", 12, 0.45, 2.0, 0.75, 0.3, 1.1, 1.3),
    Habit("once_a_year_in_full", 17, 0.95, 0.05, 0.03, 2.3, 2.4, 0.7, 3.8),
    Habit("small_fixes", 10, 0.8, 2.1, 0.02, 0.5, 0.7, 0.25, 0.4),
    Habit("seldom", 4, 1.2, 0.12, 0.03, 1.1, 0.8, 0.4, 0.3),
)


@dataclass(frozen=True)
class Life:
    """One owner's course: a habit, perhaps an earlier one, and the day of the last possible visit."""

    habit: Habit
    former: Habit
    changed_on: date
    ends_on: date
    course: str
    sister: str

    def habit_on(self, day: date) -> Habit:
        return self.former if day < self.changed_on else self.habit


def life_of(car: Car, today: date, rng: Random) -> Life:
    weights = [habit.weight for habit in HABITS]
    habit = rng.choices(HABITS, weights)[0]
    former = habit if rng.random() < 0.7 else rng.choices(HABITS, weights)[0]
    changed_on = today - timedelta(days=rng.randint(300, 1400))
    course = _course(car, today, rng)
    sister = rng.choice([store for store in CARS_OF_STORE if store != car.store])
    return Life(habit, former, changed_on, _end(course, car, today, rng), course, sister)


def _course(car: Car, today: date, rng: Random) -> str:
    """Steady, or how the car slipped away; the older the car, the likelier."""
    age = (today - car.purchased_on).days
    if age <= 240 or car.owner.usage == "出租车":
        return "never_came" if 60 < age <= 240 and rng.random() < 0.1 else "steady"
    if rng.random() < 0.012:
        return "never_came"
    lapsed = 0.0 if age < 560 else min(0.52, 0.12 + 0.044 * age / 365)
    chances = (("lapsed", lapsed), ("fading", 0.07), ("moved", 0.03))
    draw = rng.random()
    for course, chance in chances:
        if draw < chance:
            return course
        draw -= chance
    return "steady"


def _end(course: str, car: Car, today: date, rng: Random) -> date:
    yesterday = today - timedelta(days=1)
    if course == "never_came":
        return car.purchased_on - timedelta(days=1)
    if course == "fading":
        return today - timedelta(days=rng.randint(190, 330))
    if course == "lapsed":
        earliest = max((today - car.purchased_on).days - 180, 400)
        return today - timedelta(days=rng.randint(375, max(376, min(earliest, 1700))))
    return yesterday
