"""One box for plates, phones, names, VINs and order numbers: the shape of the text decides what is looked up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import F, Max, OuterRef, Prefetch, Q, QuerySet, Subquery

from customers import contacts
from customers.card import labels_for
from customers.grams import folded, grams_sought
from customers.models import Customer, NameGram, Phone, Vehicle, Visit
from customers.values.plates import PROVINCES, normalise_plate
from staff.models import User

MOST = 20
# Pairs of characters may stand apart in a name, so a few candidates more are read and compared.
CANDIDATES = 60
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_CODE = re.compile(r"[A-Z0-9]+")
_ORDER = re.compile(r"[A-Z0-9][A-Z0-9_/-]{3,39}")


@dataclass(frozen=True, slots=True)
class Shape:
    """What the text may be; empty where it cannot be that."""

    plate: str = ""
    serial: str = ""
    phone: str = ""
    last4: str = ""
    name: str = ""
    vin: str = ""
    vin_tail: str = ""
    order: str = ""

    @property
    def kinds(self) -> list[str]:
        return [name for name in self.__slots__ if getattr(self, name)]


@dataclass(slots=True)
class Hit:
    """A car with its owner, or an owner without a car."""

    customer: Customer | None
    vehicle: Vehicle | None
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def phone(self) -> str:
        phones = list(self.customer.phones.all()) if self.customer else []
        return phones[0].number if phones else ""

    @property
    def more_cars(self) -> int:
        return len(self.customer.vehicles.all()) - 1 if self.customer and self.vehicle else 0


@dataclass(slots=True)
class Found:
    shape: Shape
    hits: list[Hit]
    visits: list[Visit]

    @property
    def count(self) -> int:
        return len(self.hits) + len(self.visits)


def shape_of(text: str) -> Shape:
    plain = unicodedata.normalize("NFKC", text).strip()
    code = normalise_plate(plain)
    digits = contacts.digits_of(plain) if re.fullmatch(r"[\d\s+().-]+", plain) else ""
    ascii_code = code if _CODE.fullmatch(code) else ""
    # 粤B is how a plate begins, 京东 how a name does.
    plate = code if code[:1] in PROVINCES and code[1:2].isascii() and len(code) in range(2, 9) else ""
    is_name = _CHINESE.search(plain) or (plain.replace(" ", "").isalpha() and len(plain) > 1)
    order = plain.upper() if _ORDER.fullmatch(plain.upper()) and any(c.isdecimal() for c in plain) else ""
    return Shape(
        plate=plate,
        serial=ascii_code if len(ascii_code) in range(2, 8) else "",
        phone=digits[-11:] if len(digits) in (7, 8, 10, 11, 12, 13) else "",
        last4=digits if len(digits) == 4 else "",
        name=plain if is_name and not plate else "",
        vin=ascii_code if len(ascii_code) == 17 else "",
        vin_tail=ascii_code if len(ascii_code) == 6 else "",
        order=order,
    )


def search(*, user: User, text: str) -> Found:
    """At most ``MOST`` cars, owners and orders of what ``user`` may see, surest kind of match first.

    The number of queries does not depend on what is found.
    """
    shape = shape_of(text)
    visits = _visits(user, shape)
    car_ids = _vehicle_ids(user, shape)
    owner_ids = _customer_ids(user, shape)
    hits = _hits(user, car_ids, owner_ids)
    return Found(shape, hits[:MOST], visits[: max(MOST - len(hits), 5)])


def plate_matches(shape: Shape) -> Q | None:
    """Cars by plate, whole or its beginning, with or without province and city."""
    if shape.plate:
        return Q(plate__prefix=shape.plate)
    if not shape.serial:
        return None
    found = Q(plate_serial__prefix=shape.serial)
    if len(shape.serial) > 5 and shape.serial[0].isalpha():
        # Typed without the province only: B6K92D.
        found |= Q(plate_serial=shape.serial[1:], plate__endswith=shape.serial)
    return found


def _vehicle_ids(user: User, shape: Shape) -> list[int]:
    wanted = plate_matches(shape)
    for vin in (
        Q(vin=shape.vin) if shape.vin else None,
        Q(vin_tail=shape.vin_tail) if shape.vin_tail else None,
    ):
        if vin is not None:
            wanted = vin if wanted is None else wanted | vin
    if wanted is None:
        return []
    cars = Vehicle.objects.visible_to(user).filter(wanted).order_by("plate", "pk")
    return list(cars.values_list("pk", flat=True)[:MOST])


def _customer_ids(user: User, shape: Shape) -> list[int]:
    ids: list[int] = []
    phone = Q()
    if shape.phone:
        phone = Q(number_index=contacts.number_index(shape.phone))
    if shape.last4:
        phone = Q(last4_index=contacts.last4_index(shape.last4))
    if phone:
        ids += Phone.objects.visible_to(user).filter(phone).values_list("customer_id", flat=True)[:MOST]
    if shape.name:
        ids += named(Customer.objects.visible_to(user), shape.name)
    return list(dict.fromkeys(ids))[:MOST]


def named(customers: QuerySet[Customer], text: str) -> list[int]:
    """Ids of those whose name contains ``text``; of one character: whose name begins with it."""
    for gram in grams_sought(text)[:6]:
        customers = customers.filter(pk__in=NameGram.objects.filter(gram=gram).values("customer_id"))
    rows = customers.order_by("pk").values_list("pk", "name")[:CANDIDATES]
    wanted = folded(text)
    return [pk for pk, name in rows if wanted and wanted in folded(name)]


def _visits(user: User, shape: Shape) -> list[Visit]:
    if not shape.order:
        return []
    stores = list(user.roles)
    orders = Visit.objects.visible_to(user).filter(store__in=stores, order_no__prefix=shape.order)
    return list(orders.select_related("vehicle", "store").order_by("order_no", "pk")[:MOST])


def _hits(user: User, car_ids: list[int], owner_ids: list[int]) -> list[Hit]:
    """Cars found by themselves in their order, then the owners found, each with their car seen last."""
    if not car_ids and not owner_ids:
        return []
    cars = with_last_visit(user, Vehicle.objects.visible_to(user))
    found = {car.pk: car for car in with_owners(user, cars.filter(pk__in=car_ids))}
    hits = [Hit(found[pk].owner, found[pk]) for pk in car_ids if pk in found]
    shown = {hit.customer.pk for hit in hits if hit.customer}
    owners = with_cars(user, Customer.objects.visible_to(user).filter(pk__in=owner_ids))
    by_pk = {owner.pk: owner for owner in owners}
    for pk in owner_ids:
        if pk in by_pk and pk not in shown:
            hits.append(Hit(by_pk[pk], next(iter(by_pk[pk].vehicles.all()), None)))
    labels = labels_for(hit.vehicle.pk for hit in hits if hit.vehicle)
    for hit in hits:
        hit.labels = labels.get(hit.vehicle.pk, {}) if hit.vehicle else {}
    return hits


def with_last_visit(user: User, cars: QuerySet[Vehicle]) -> QuerySet[Vehicle]:
    """Each car with the day it was last seen in one of the user's stores."""
    seen = (
        Visit.objects.visible_to(user).standing().filter(vehicle=OuterRef("pk")).order_by().values("vehicle")
    )
    return cars.annotate(last_visit_on=Subquery(seen.annotate(last=Max("visited_on")).values("last")))


def with_cars(user: User, owners: QuerySet[Customer]) -> QuerySet[Customer]:
    """Owners with their primary phone and the cars they have, the one seen last first."""
    cars = with_last_visit(user, Vehicle.objects.visible_to(user)).order_by(
        F("last_visit_on").desc(nulls_last=True), "-pk"
    )
    phones = Phone.objects.order_by("-is_primary", "pk")
    return owners.prefetch_related(Prefetch("vehicles", cars), Prefetch("phones", phones))


def with_owners(user: User, cars: Iterable[Vehicle]) -> list[Vehicle]:
    """Cars with their owner's phones and other cars, in two queries more however many they are."""
    rows = list(cars)
    owners = {owner.pk: owner for owner in _owners(user, (car.owner_id for car in rows))}
    for car in rows:
        car.owner = owners.get(car.owner_id) if car.owner_id else None
    return rows


def _owners(user: User, ids: Iterable[int | None]) -> QuerySet[Customer]:
    return with_cars(
        user, Customer.objects.visible_to(user).filter(pk__in={pk for pk in ids if pk is not None})
    )
