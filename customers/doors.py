"""How one row reaches a view: visible or 404, together with the store in whose name the user acts on it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.http import Http404
from django.shortcuts import get_object_or_404

from customers.models import Customer, StoreCustomer, Vehicle
from customers.privacy import Sight
from staff.models import Store
from staff.permissions import ActiveScope, StaffRequest


@dataclass(frozen=True, slots=True)
class Door:
    """Where the user stands when opening a card: their store that knows it, and so their role."""

    active: ActiveScope
    store: Store

    @property
    def sight(self) -> Sight:
        return Sight(self.active.roles.get(self.store.pk))

    def require(self, action: str) -> None:
        self.active.require(action, self.store)


def _door(active: ActiveScope, known_to: Collection[int]) -> Door:
    mine = [store for store in active.mine if store.pk in known_to]
    if not mine:
        raise Http404
    return Door(active, active.store if active.store in mine else mine[0])


def _stores_of(customer_id: int | None) -> set[int]:
    return set(StoreCustomer.objects.filter(customer=customer_id).values_list("store_id", flat=True))


def open_customer(request: StaffRequest, pk: int, action: str = "customer.view") -> tuple[Customer, Door]:
    customer = get_object_or_404(
        Customer.objects.visible_to(request.user).select_related("home_store"), pk=pk
    )
    door = _door(request.active, _stores_of(customer.pk))
    door.require(action)
    return customer, door


def open_vehicle(request: StaffRequest, pk: int, action: str = "customer.view") -> tuple[Vehicle, Door]:
    vehicle = get_object_or_404(
        Vehicle.objects.visible_to(request.user).select_related("owner", "home_store"), pk=pk
    )
    door = _door(request.active, _stores_of(vehicle.owner_id) | {vehicle.home_store_id})
    door.require(action)
    return vehicle, door


def open_store_row(request: StaffRequest, store_id: int, action: str) -> Door:
    """For rows that belong to one store, such as visits and complaints."""
    door = _door(request.active, {store_id})
    door.require(action)
    return door
