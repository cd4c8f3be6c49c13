"""Logging a visit, reading one, and the list of them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from customers import card, reception, services
from customers.card import Contribution, labels_for
from customers.doors import open_store_row
from customers.forms import VisitFilterForm, VisitForm
from customers.models import Vehicle, Visit
from customers.models.visit import VisitQuerySet
from customers.paging import page_of
from customers.resources import VisitResource
from customers.services.corrections import may_correct
from staff import exports
from staff.pages import wants_fragment
from staff.permissions import ACTIONS, StaffRequest, requires


@require_http_methods(["GET", "POST"])
@requires("visit.log")
def visit_new(request: StaffRequest, pk: int) -> HttpResponse:
    vehicle, knows = _car_at_the_desk(request, pk)
    store = request.active.working_store()
    request.active.require("visit.log", store)
    today = timezone.localdate()
    form = VisitForm(
        request.POST or None, vehicle=vehicle, store=store, today=today, by=request.user, knows=knows
    )
    if request.method == "POST" and form.is_valid():
        try:
            visit, new = services.log_visit(
                vehicle=vehicle,
                store=store,
                by=request.user,
                visited_on=form.cleaned_data["visited_on"],
                details=form.details,
                lines=form.lines,
                order_no=form.cleaned_data["order_no"],
                form_key=form.cleaned_data["form_key"],
            )
        except services.OrderNumberTaken:
            form.add_error("order_no", _("This store already has an order of that number."))
        else:
            if new:
                messages.success(request, _("Visit %(number)s has been logged.") % {"number": visit.order_no})
            for warning in form.warnings if new else []:
                messages.warning(request, warning)
            return redirect("customers:visit", pk=visit.pk)
    whole = Contribution()
    if knows:
        whole = card.gather(user=request.user, customer=vehicle.owner, vehicles=[vehicle], today=today)
    context = {
        "form": form,
        "vehicle": vehicle,
        "knows": knows,
        "store": store,
        "greetings": whole.greeting_lines,
        "panels": whole.panels,
        "labels": whole.labels.get(vehicle.pk, {})
        or (labels_for([vehicle.pk]).get(vehicle.pk, {}) if knows else {}),
        "today": today,
    }
    return render(request, "customers/visit_form.html", context, status=422 if form.errors else 200)


def _car_at_the_desk(request: StaffRequest, pk: int) -> tuple[Vehicle, bool]:
    """The car, and whether its card is open here; a sister store's car only after its plate was typed whole."""
    vehicle = (
        Vehicle.objects.visible_to(request.user).select_related("owner", "home_store").filter(pk=pk).first()
    )
    if vehicle is not None:
        return vehicle, True
    guests = Vehicle.objects.select_related("home_store")
    return get_object_or_404(guests, pk=pk if reception.is_guest(request, pk) else None), False


@require_GET
@requires("visit.view")
def visit(request: StaffRequest, pk: int) -> HttpResponse:
    rows = Visit.objects.visible_to(request.user).select_related(
        "store", "vehicle", "customer", "advisor", "created_by"
    )
    found = get_object_or_404(rows.prefetch_related("lines", "reversals"), pk=pk)
    door = open_store_row(request, found.store_id, "visit.view")
    context = {
        "visit": found,
        "sight": door.sight,
        "door": door,
        "may_correct": door.sight.role in ACTIONS["visit.correct"] and may_correct(found),
        "may_see_row": found.source == Visit.Source.DMS and door.sight.role in ACTIONS["import.run"],
    }
    return render(request, "customers/visit.html", context)


@require_GET
@requires("visit.view")
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def visits(request: StaffRequest) -> HttpResponse:
    form, rows = _visits(request)
    page = page_of(rows, key=("visited_on", "pk"), after=request.GET.get("after", ""))
    context = {"form": form, "page": page, "may_log": request.active.can("visit.log")}
    name = "_visit_table" if wants_fragment(request) else "visit_list"
    return render(request, f"customers/{name}.html", context)


@require_POST
@requires("visit.view", "export.run")
def visits_export(request: StaffRequest) -> HttpResponseBase:
    _form, rows = _visits(request)
    return exports.respond(request, VisitResource, rows.order_by("-visited_on", "-pk"))


def _visits(request: StaffRequest) -> tuple[VisitFilterForm, VisitQuerySet]:
    form = VisitFilterForm(request.GET)
    rows = Visit.objects.visible_to(request.user).in_stores(request.active.stores)
    rows = form.narrow(rows, today=timezone.localdate())
    return form, rows.select_related("vehicle", "customer", "advisor", "store")
