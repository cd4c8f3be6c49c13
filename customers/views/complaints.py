"""Complaints: the list, a new one, and its solution."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from customers import services
from customers.doors import open_store_row, open_vehicle
from customers.forms import ComplaintFilterForm, ComplaintForm, SolutionForm
from customers.models import Complaint
from customers.models.complaint import ComplaintQuerySet
from customers.paging import COUNTED, page_of
from customers.resources import ComplaintResource
from staff import exports
from staff.pages import wants_fragment
from staff.permissions import StaffRequest, requires


@require_GET
@requires("complaint.log")
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def complaints(request: StaffRequest) -> HttpResponse:
    form, parts, state = _complaints(request)
    labels = {
        "open": pgettext("complaints", "Open"),
        "closed": pgettext("complaints", "Closed"),
        "all": pgettext("complaints", "All"),
    }
    address = reverse("customers:complaints")
    tabs = [
        {
            "url": address if key == "open" else f"{address}?state={key}",
            "label": labels[key],
            "n": part.order_by()[:COUNTED].count(),
            "current": key == state,
        }
        for key, part in parts.items()
    ]
    page = page_of(parts[state], key=("opened_on", "pk"), after=request.GET.get("after", ""))
    context = {"form": form, "page": page, "tabs": tabs, "state": state, "today": timezone.localdate()}
    name = "_complaint_table" if wants_fragment(request) else "complaint_list"
    return render(request, f"customers/{name}.html", context)


@require_POST
@requires("complaint.log", "export.run")
def complaints_export(request: StaffRequest) -> HttpResponseBase:
    _form, parts, state = _complaints(request)
    return exports.respond(request, ComplaintResource, parts[state].order_by("-opened_on", "-pk"))


def _complaints(request: StaffRequest) -> tuple[ComplaintFilterForm, dict[str, ComplaintQuerySet], str]:
    """The filter, the complaints of each state, and the state that is shown."""
    form = ComplaintFilterForm(request.GET)
    rows = Complaint.objects.visible_to(request.user).in_stores(request.active.stores)
    rows = rows.select_related("customer", "vehicle", "handler", "store")
    if form.value("severity"):
        rows = rows.filter(severity=form.value("severity"))
    parts = {"open": rows.open(), "closed": rows.filter(closed_on__isnull=False), "all": rows}
    return form, parts, form.value("state") or "open"


@require_http_methods(["GET", "POST"])
@requires("complaint.log")
def complaint_new(request: StaffRequest, pk: int) -> HttpResponse:
    vehicle, door = open_vehicle(request, pk, "complaint.log")
    if vehicle.owner is None:
        messages.error(request, _("This car has no owner on record: give it one first."))
        return redirect("customers:owner_change", pk=vehicle.pk)
    form = ComplaintForm(
        request.POST or None, vehicle=vehicle, store=door.store, today=timezone.localdate(), user=request.user
    )
    if request.method == "POST" and form.is_valid():
        services.log_complaint(
            vehicle=vehicle,
            store=door.store,
            by=request.user,
            form_key=form.cleaned_data["form_key"],
            **form.details,
        )
        messages.success(request, _("The complaint has been logged."))
        return redirect("customers:card", pk=vehicle.owner.pk)
    context = {"form": form, "vehicle": vehicle, "customer": vehicle.owner, "store": door.store}
    return render(request, "customers/complaint_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires("complaint.log")
def complaint_close(request: StaffRequest, pk: int) -> HttpResponse:
    """One complaint: stop its clock with the first response, close it with its solution."""
    rows = Complaint.objects.visible_to(request.user).select_related(
        "store", "customer", "vehicle__home_store", "handler", "visit"
    )
    complaint = get_object_or_404(rows, pk=pk)
    open_store_row(request, complaint.store_id, "complaint.log")
    if request.method == "POST" and "respond" in request.POST:
        services.respond_to_complaint(complaint=complaint, by=request.user)
        return redirect("customers:complaint_close", pk=complaint.pk)
    form = SolutionForm(request.POST or None, complaint=complaint, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        if services.close_complaint(complaint=complaint, by=request.user, **form.cleaned_data):
            messages.success(request, _("The complaint has been closed."))
        else:
            messages.warning(request, _("Somebody closed this complaint before you; their solution stands."))
        return redirect("customers:complaints")
    context = {"form": form, "complaint": complaint}
    return render(request, "customers/complaint_close.html", context, status=422 if form.errors else 200)
