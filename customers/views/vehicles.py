"""Cars: adding, changing, handing over."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from customers import services
from customers.contacts import numbers_in
from customers.doors import open_customer, open_vehicle
from customers.forms import OwnerForm, VehicleForm
from customers.models import Customer, Vehicle
from customers.views.conflict import differences
from customers.views.edit import known_by_phone, taken_message
from staff.permissions import StaffRequest, requires


@require_http_methods(["GET", "POST"])
@requires("customer.edit")
def vehicle_new(request: StaffRequest, pk: int) -> HttpResponse:
    customer, door = open_customer(request, pk, "customer.edit")
    form = VehicleForm(request.POST or None, instance=Vehicle(), today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        try:
            services.add_vehicle(owner=customer, store=door.store, by=request.user, details=form.details)
        except services.VehicleTaken as taken:
            if taken.vehicle is not None and taken.vehicle.owner_id == customer.pk:
                # The second click of a double click.
                return redirect("customers:card", pk=customer.pk)
            _refuse(request, form, taken)
        else:
            messages.success(request, _("The car has been added."))
            return redirect("customers:card", pk=customer.pk)
    context = {"form": form, "customer": customer, "vehicle": None}
    return render(request, "customers/vehicle_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires("customer.edit")
def vehicle_edit(request: StaffRequest, pk: int) -> HttpResponse:
    vehicle, door = open_vehicle(request, pk, "customer.edit")
    form = VehicleForm(request.POST or None, instance=vehicle, today=timezone.localdate())
    context: dict[str, Any] = {"form": form, "customer": vehicle.owner, "vehicle": vehicle}
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            services.save_vehicle(
                vehicle=vehicle, version=version, by=request.user, store=door.store, details=form.details
            )
        except services.Stale as stale:
            context["differences"] = differences(form, stale.current)
            context["version"] = stale.current.version  # type: ignore[attr-defined]  # a vehicle has one
            return render(request, "customers/vehicle_form.html", context, status=409)
        except services.VehicleTaken as taken:
            _refuse(request, form, taken)
        else:
            messages.success(request, _("Saved."))
            return _to_card(vehicle)
    return render(request, "customers/vehicle_form.html", context, status=422 if form.errors else 200)


def _refuse(request: StaffRequest, form: VehicleForm, taken: services.VehicleTaken) -> None:
    form.add_error("vin" if form.cleaned_data["vin"] else "plate", taken_message(request.user, taken))


def _to_card(vehicle: Vehicle) -> HttpResponse:
    if vehicle.owner_id is None:
        return redirect("customers:list")
    return redirect("customers:card", pk=vehicle.owner_id)


@require_http_methods(["GET", "POST"])
@requires("customer.edit")
def owner_change(request: StaffRequest, pk: int) -> HttpResponse:
    """The car goes to its next owner: one already known by phone, or a new card."""
    vehicle, door = open_vehicle(request, pk, "customer.edit")
    numbers, _unreadable = numbers_in(request.POST.get("phones", "")[:120])
    known = known_by_phone(user=request.user, numbers=numbers)
    known = [customer for customer in known if customer.pk != vehicle.owner_id]
    form = OwnerForm(request.POST or None, today=timezone.localdate(), known=known)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        chosen = next((customer for customer in known if str(customer.pk) == data["owner"]), None)
        try:
            owner = services.hand_over(
                vehicle=vehicle,
                to=chosen,
                details={"name": data["name"], "kind": data["kind"], "channel": Customer.Channel.WALK_IN},
                phones=data["phones"],
                on=data["on"],
                by=request.user,
                store=door.store,
                form_key=data["form_key"],
            )
        except services.OwnerChangeRefused:
            form.add_error("on", _("The present owner got the car after that day."))
        else:
            messages.success(
                request, _("%(plate)s now belongs to %(name)s.") % {"plate": vehicle, "name": owner.name}
            )
            return redirect("customers:card", pk=owner.pk)
    context = {"form": form, "vehicle": vehicle, "customer": vehicle.owner}
    return render(request, "customers/owner_form.html", context, status=422 if form.errors else 200)
