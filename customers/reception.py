"""Finding the car that stands in front of the desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.http import HttpRequest

from customers.card import Expected, expected_today, labels_for
from customers.models import Vehicle, Visit
from customers.search import MOST, plate_matches, shape_of, with_last_visit, with_owners
from customers.values.plates import is_plate, normalise_plate
from staff.models import Store, User

# Cars of sister stores whose visit this session may log; the oldest is forgotten first.
GUESTS = "reception_guests"
MOST_GUESTS = 20
SOUGHT = "reception_plate"


@dataclass(slots=True)
class Lookup:
    """What is known of a plate. ``elsewhere``: sister stores that know a car of it, and nothing more of it."""

    text: str
    plate: str
    is_whole: bool
    cars: list[Vehicle] = field(default_factory=list)
    elsewhere: list[tuple[int, Store]] = field(default_factory=list)

    @property
    def only_car(self) -> Vehicle | None:
        """The one car of a plate typed whole, when nobody else carries it."""
        return self.cars[0] if self.is_whole and len(self.cars) == 1 and not self.elsewhere else None

    @property
    def is_shared(self) -> bool:
        return self.is_whole and len(self.cars) + len(self.elsewhere) > 1


def look_up(*, user: User, text: str) -> Lookup:
    plate = normalise_plate(text)
    found = Lookup(text=text.strip(), plate=plate, is_whole=is_plate(plate))
    wanted = plate_matches(shape_of(text))
    if wanted is None:
        return found
    mine = with_last_visit(user, Vehicle.objects.visible_to(user).filter(wanted))
    if found.is_whole:
        mine = mine.filter(plate=plate)
    found.cars = with_owners(user, mine.order_by("plate", "pk")[:MOST])
    labels = labels_for(car.pk for car in found.cars)
    for car in found.cars:
        car.labels = labels.get(car.pk, {})  # type: ignore[attr-defined]  # for the template
    if found.is_whole:
        known = [car.pk for car in found.cars]
        others = Vehicle.objects.filter(plate=plate).exclude(pk__in=known).select_related("home_store")
        found.elsewhere = [(car.pk, car.home_store) for car in others.order_by("pk")[:MOST]]
    return found


def admit(request: HttpRequest, vehicles: list[int]) -> None:
    """Let this session log visits of these cars: their plate was typed whole, so they stand before the desk."""
    guests = [pk for pk in request.session.get(GUESTS, []) if pk not in vehicles]
    request.session[GUESTS] = [*guests, *vehicles][-MOST_GUESTS:]


def is_guest(request: HttpRequest, vehicle: int) -> bool:
    return vehicle in request.session.get(GUESTS, [])


@dataclass(slots=True)
class DeskCar:
    vehicle: Vehicle
    expected: Expected | None = None
    visit: Visit | None = None
    labels: dict[str, str] = field(default_factory=dict)


def expected_cars(*, user: User, stores: tuple[Store, ...], today: date) -> list[DeskCar]:
    """Today's appointments of the stores in view, with cars and owners."""
    appointments = expected_today(user=user, stores=stores, today=today)
    ids = [car.vehicle_id for car in appointments]
    cars = {
        car.pk: car for car in Vehicle.objects.visible_to(user).filter(pk__in=ids).select_related("owner")
    }
    labels = labels_for(cars)
    return [
        DeskCar(cars[car.vehicle_id], expected=car, labels=labels.get(car.vehicle_id, {}))
        for car in appointments
        if car.vehicle_id in cars
    ]


def seen_today(*, user: User, stores: tuple[Store, ...], today: date) -> list[DeskCar]:
    visits = Visit.objects.visible_to(user).in_stores(stores).standing().filter(visited_on=today)
    rows = list(visits.select_related("vehicle", "customer", "advisor").order_by("-pk")[:50])
    labels = labels_for(visit.vehicle_id for visit in rows)
    return [DeskCar(visit.vehicle, visit=visit, labels=labels.get(visit.vehicle_id, {})) for visit in rows]
