"""Writing cars, and handing them from one owner to the next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from customers.models import Customer, Ownership, Vehicle
from customers.services.cards import link_store
from customers.services.versions import take_version
from jobs.services import announce
from staff.models import Store, User
from staff.services import record

# fmt: off
DETAILS = frozenset({
    "plate", "vin", "brand", "series", "model", "purchased_on", "warranty_until", "three_guarantees_until",
    "insurance_until", "inspection_until", "odometer_km", "odometer_on", "state",
})
# fmt: on
MOVES_SEGMENT = frozenset({"purchased_on", "state"})


class VehicleTaken(Exception):
    """The VIN, or the plate of a car without one, belongs to ``vehicle``. Say no more of it than the user may see."""

    def __init__(self, vehicle: Vehicle | None) -> None:
        super().__init__("vehicle exists")
        self.vehicle = vehicle


class OwnerChangeRefused(Exception):
    """The new owner is the present one, or the day is before the present ownership began."""


@transaction.atomic
def add_vehicle(
    *, owner: Customer, store: Store, by: User, details: Mapping[str, Any], since_on: date | None = None
) -> Vehicle:
    """A car of ``owner``, counted by ``store``. ``since_on`` None: owned since before anybody wrote it down."""
    _check(details)
    vehicle = Vehicle(owner=owner, home_store=store, **details)
    _refuse_known(vehicle)
    try:
        with transaction.atomic():
            vehicle.save()
    except IntegrityError as error:
        raise VehicleTaken(_holder(vehicle)) from error
    Ownership.objects.create(vehicle=vehicle, customer=owner, since_on=since_on)
    link_store(customer=owner, store=store)
    record(user=by, action="vehicle.create", store=store, subject=vehicle)
    announce("card_changed", store=store)
    return vehicle


@transaction.atomic
def save_vehicle(
    *, vehicle: Vehicle, version: int, by: User, store: Store, details: Mapping[str, Any]
) -> Vehicle:
    """Save the named details. Raises Stale when the car is newer than ``version``, VehicleTaken for another's VIN."""
    _check(details)
    fresh = take_version(vehicle, version)
    changed = [name for name, value in details.items() if getattr(fresh, name) != value]
    for name in changed:
        setattr(fresh, name, details[name])
    if {"plate", "vin"} & set(changed):
        _refuse_known(fresh)
    if changed:
        try:
            with transaction.atomic():
                fresh.save(update_fields=changed)
        except IntegrityError as error:
            raise VehicleTaken(_holder(fresh)) from error
    if MOVES_SEGMENT & set(changed):
        announce("card_changed", store=fresh.home_store)
    record(user=by, action="vehicle.edit", store=store, subject=fresh, changed=sorted(changed))
    return fresh


def mark_gone(*, vehicle: Vehicle, version: int, state: str, by: User, store: Store) -> Vehicle:
    """Sold away or scrapped: the car keeps its history and leaves groups and lists."""
    return save_vehicle(vehicle=vehicle, version=version, by=by, store=store, details={"state": state})


@transaction.atomic
def change_owner(*, vehicle: Vehicle, new_owner: Customer, on: date, by: User, store: Store) -> Vehicle:
    """Hand the car over on that day. Earlier visits stay with the owner they had; those from that day on move along."""
    vehicle = Vehicle.objects.select_for_update(of=("self",)).select_related("home_store").get(pk=vehicle.pk)
    present = vehicle.ownerships.filter(until_on__isnull=True).first()
    if vehicle.owner_id == new_owner.pk:
        raise OwnerChangeRefused
    if present is not None:
        if present.since_on is not None and on < present.since_on:
            raise OwnerChangeRefused
        present.until_on = on
        present.save(update_fields=["until_on"])
    Ownership.objects.create(vehicle=vehicle, customer=new_owner, since_on=on)
    vehicle.visits.filter(visited_on__gte=on, customer=vehicle.owner_id).update(
        customer=new_owner, updated_at=timezone.now()
    )
    Vehicle.objects.filter(pk=vehicle.pk).update(
        owner=new_owner, state=Vehicle.State.IN_USE, version=F("version") + 1, updated_at=timezone.now()
    )
    for known_to in {store, vehicle.home_store}:
        link_store(customer=new_owner, store=known_to)
    record(
        user=by,
        action="vehicle.owner",
        store=store,
        subject=vehicle,
        new_owner=new_owner.pk,
        on=on.isoformat(),
    )
    announce("card_changed", store=vehicle.home_store)
    vehicle.refresh_from_db()
    return vehicle


def owner_on(*, vehicle: Vehicle, day: date) -> Customer | None:
    """Who owned the car that day; None when nobody wrote it down."""
    began = Q(since_on__isnull=True) | Q(since_on__lte=day)
    lasts = Q(until_on__isnull=True) | Q(until_on__gt=day)
    period = vehicle.ownerships.filter(began, lasts).select_related("customer").first()
    return period.customer if period is not None else None


def _check(details: Mapping[str, Any]) -> None:
    unknown = set(details) - DETAILS
    if unknown:
        raise TypeError(f"not a detail of a vehicle: {', '.join(sorted(unknown))}")


def _refuse_known(vehicle: Vehicle) -> None:
    """Look before writing: one plate on two cars is lawful only one after the other, with two VINs."""
    holder = _holder(vehicle)
    if holder is not None:
        raise VehicleTaken(holder)


def _holder(vehicle: Vehicle) -> Vehicle | None:
    others = Vehicle.objects.exclude(pk=vehicle.pk)
    if vehicle.vin:
        return others.filter(vin=vehicle.vin).first()
    return others.filter(plate=vehicle.plate).first() if vehicle.plate else None
