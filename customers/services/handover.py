"""A card and a car in one step: both are written or neither."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from customers.models import Customer, Vehicle
from customers.services.cards import create_customer
from customers.services.vehicles import add_vehicle, change_owner
from staff.models import Store, User


@transaction.atomic
def create_customer_with_car(
    *,
    store: Store,
    by: User,
    details: Mapping[str, Any],
    phones: Sequence[str],
    vehicle_details: Mapping[str, Any],
    form_key: uuid.UUID | None = None,
) -> tuple[Customer, Vehicle | None]:
    """The new owner and car; of a form posted twice, the first one's. Raises VehicleTaken, with nothing written."""
    customer, new = create_customer(store=store, by=by, details=details, phones=phones, form_key=form_key)
    if not new:
        return customer, customer.vehicles.first()
    return customer, add_vehicle(owner=customer, store=store, by=by, details=vehicle_details)


@transaction.atomic
def hand_over(
    *,
    vehicle: Vehicle,
    to: Customer | None,
    details: Mapping[str, Any],
    phones: Sequence[str],
    on: date,
    by: User,
    store: Store,
    form_key: uuid.UUID | None = None,
) -> Customer:
    """Give the car to ``to``, or to a new card of these details. Posted twice, it happens once."""
    owner, new = to, False
    if owner is None:
        owner, new = create_customer(store=store, by=by, details=details, phones=phones, form_key=form_key)
    if not new and vehicle.owner_id == owner.pk:
        return owner
    change_owner(vehicle=vehicle, new_owner=owner, on=on, by=by, store=store)
    return owner
