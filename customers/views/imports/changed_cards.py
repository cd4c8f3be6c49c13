"""Cars and customers that a dry run would change, as a page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from customers.models import Customer, Vehicle
from staff.figures import NOTHING
from staff.permissions import StaffRequest

SEALED = "•••"


@dataclass(frozen=True, slots=True)
class ChangedCard:
    """``columns``: label, old and new value in words."""

    name: str
    is_plate: bool
    url: str
    columns: list[tuple[str, str, str]]


def changed_cards(request: StaffRequest, samples: dict[str, list[Any]]) -> list[ChangedCard]:
    """``samples``: vehicle or customer -> [primary key, [[column, old, new], ...]]; those one may see."""
    return [*_cars(request, samples.get("vehicle", [])), *_customers(request, samples.get("customer", []))]


def _cars(request: StaffRequest, samples: list[Any]) -> list[ChangedCard]:
    if not samples:
        return []
    cars = Vehicle.objects.visible_to(request.user).in_bulk([pk for pk, _columns in samples])
    changes = [change for _pk, columns in samples for change in columns if change[0] == "owner_id"]
    owners = {pk for _name, old, new in changes for pk in (old, new) if pk}
    known = Customer.objects.visible_to(request.user).filter(pk__in=owners).values_list("pk", "name")
    names = dict(known) if owners else {}
    return [
        ChangedCard(
            car.plate or car.vin,
            bool(car.plate),
            reverse("customers:card", args=[car.owner_id]) if car.owner_id else "",
            _changes(Vehicle, columns, names),
        )
        for pk, columns in samples
        if (car := cars.get(pk))
    ]


def _customers(request: StaffRequest, samples: list[Any]) -> list[ChangedCard]:
    if not samples:
        return []
    customers = Customer.objects.visible_to(request.user).in_bulk([pk for pk, _columns in samples])
    return [
        ChangedCard(
            customer.name,
            False,
            reverse("customers:card", args=[pk]),
            _changes(Customer, columns, {}),
        )
        for pk, columns in samples
        if (customer := customers.get(pk))
    ]


def _changes(
    model: type[models.Model], columns: list[Any], owners: dict[int, str]
) -> list[tuple[str, str, str]]:
    """In the order of the card, which is not that of the notes on every database."""
    changed = {name: (old, new) for name, old, new in columns}
    return [
        (
            capfirst(str(field.verbose_name)),
            _text(field, changed[field.column][0], owners),
            _text(field, changed[field.column][1], owners),
        )
        for field in model._meta.concrete_fields
        if field.column in changed
    ]


def _text(field: models.Field[Any, Any], value: Any, owners: dict[int, str]) -> str:
    if value in (None, ""):
        return NOTHING
    if field.column == "owner_id":
        # A customer whom only the dry run made has no row.
        return owners.get(value, _("a new customer"))
    if field.column == "address":
        return SEALED
    return str(dict(field.flatchoices).get(value, value))
