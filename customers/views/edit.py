"""New cards and changed ones."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import models
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from customers import contacts, reception, services
from customers.doors import open_customer
from customers.forms import CustomerForm, NewCustomerForm
from customers.models import Customer, Phone, Vehicle
from customers.views.conflict import differences
from staff.models import User
from staff.permissions import StaffRequest, requires


@require_http_methods(["GET", "POST"])
@requires("customer.edit")
def new(request: StaffRequest) -> HttpResponse:
    """A new owner with a car. From the desk the plate comes along in the session, not in the address."""
    store = request.active.working_store()
    request.active.require("customer.edit", store)
    from_desk = "desk" in request.GET
    initial = {"plate": request.session.get(reception.SOUGHT, "")} if from_desk else {}
    form = NewCustomerForm(request.POST or None, initial=initial, today=timezone.localdate())
    known: list[Customer] = []
    if request.method == "POST" and form.is_valid():
        known = known_by_phone(user=request.user, numbers=form.cleaned_data["phones"])
        # The second click of a double click finds the card that the first one made.
        known = [customer for customer in known if customer.uid != form.cleaned_data["form_key"]]
        if not known or form.cleaned_data["confirmed"]:
            answer = _create(request, form)
            if answer is not None:
                return answer
        else:
            form.add_error("phones", _("This number is on another card already."))
    context = {
        "form": form,
        "known": known,
        "from_desk": from_desk,
        "store": store,
        "may_log": request.active.can("visit.log"),
    }
    return render(request, "customers/customer_new.html", context, status=422 if form.errors else 200)


def _create(request: StaffRequest, form: NewCustomerForm) -> HttpResponse | None:
    store = request.active.working_store()
    try:
        customer, vehicle = services.create_customer_with_car(
            store=store,
            by=request.user,
            details=form.details,
            phones=form.cleaned_data["phones"],
            vehicle_details=form.vehicle_details,
            form_key=form.cleaned_data["form_key"],
        )
    except services.VehicleTaken as taken:
        form.add_error("vin" if form.cleaned_data["vin"] else "plate", taken_message(request.user, taken))
        return None
    if "visit" in request.POST and vehicle is not None:
        return redirect("customers:visit_new", pk=vehicle.pk)
    messages.success(request, _("The card of %(name)s has been made.") % {"name": customer.name})
    return redirect("customers:card", pk=customer.pk)


def known_by_phone(*, user: User, numbers: list[str]) -> list[Customer]:
    """Cards the user may see that have one of these numbers."""
    indexes = [contacts.number_index(number) for number in numbers]
    owners = Phone.objects.visible_to(user).filter(number_index__in=indexes).values("customer_id")
    return list(Customer.objects.visible_to(user).filter(pk__in=owners).order_by("pk")[:20])


def taken_message(user: User, taken: services.VehicleTaken) -> str:
    """Names the car's owner only to who may see it."""
    vehicle = taken.vehicle
    mine = Vehicle.objects.visible_to(user).filter(pk=vehicle.pk).first() if vehicle else None
    if mine is not None:
        return _("The car %(plate)s is known already: look it up and change its owner.") % {
            "plate": str(mine)
        }
    return _("The group knows this car already. Log its visit by the plate to open its card here.")


@require_http_methods(["GET", "POST"])
@requires("customer.edit")
def edit(request: StaffRequest, pk: int) -> HttpResponse:
    customer, door = open_customer(request, pk, "customer.edit")
    form = CustomerForm(request.POST or None, instance=customer, sight=door.sight, today=timezone.localdate())
    context: dict[str, Any] = {"form": form, "customer": customer, "sight": door.sight}
    if request.method == "POST" and form.is_valid():
        try:
            services.save_customer(
                customer=customer,
                version=form.cleaned_data["version"] or 0,
                by=request.user,
                store=door.store,
                details=form.details,
                **form.phone_changes,
            )
        except services.Stale as stale:
            return _conflict(request, form, stale.current, context)
        except services.CardTaken:
            form.add_error("id_number", _("This ID number is on another card of the group already."))
        else:
            messages.success(request, _("Saved."))
            return redirect("customers:card", pk=customer.pk)
    return render(request, "customers/customer_form.html", context, status=422 if form.errors else 200)


def _conflict(
    request: StaffRequest, form: forms.BaseForm, current: models.Model, context: dict[str, Any]
) -> HttpResponse:
    """Both versions side by side, what was typed kept; saving once more is deliberate."""
    context["differences"] = differences(form, current)
    context["version"] = current.version  # type: ignore[attr-defined]  # a customer has one
    return render(request, "customers/customer_form.html", context, status=409)
