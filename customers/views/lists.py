"""The list of customers and cars, and the search box."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from customers import search as finder
from customers.card import labels_for
from customers.forms import ListFilterForm
from customers.models import Vehicle
from customers.models.vehicle import VehicleQuerySet
from customers.paging import page_of
from customers.privacy import Sight
from customers.resources import CarResource
from staff import exports
from staff.pages import wants_fragment
from staff.permissions import StaffRequest, requires
from staff.services import record


@require_GET
@requires("customer.view")
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def customer_list(request: StaffRequest) -> HttpResponse:
    form, cars = _cars(request)
    shown = finder.with_last_visit(request.user, cars)
    page = page_of(cars, key=("pk",), after=request.GET.get("after", ""), shown=shown)
    finder.with_owners(request.user, page.rows)
    labels = labels_for(car.pk for car in page.rows)
    context = {
        "form": form,
        "page": page,
        "rows": [(car, labels.get(car.pk, {})) for car in page.rows],
        "sight": Sight(request.active.role),
        "today": timezone.localdate(),
        "chips": _care_chips(request, form),
        "care": form.value("care"),
        "may_edit": request.active.can("customer.edit"),
    }
    name = "_customer_table" if wants_fragment(request) else "customer_list"
    return render(request, f"customers/{name}.html", context)


@require_POST
@requires("customer.view", "export.run")
def customer_list_export(request: StaffRequest) -> HttpResponseBase:
    _form, cars = _cars(request)
    shown = finder.with_last_visit(request.user, cars.order_by("-pk"))
    return exports.respond(request, CarResource, shown)


def _cars(request: StaffRequest) -> tuple[ListFilterForm, VehicleQuerySet]:
    stores = request.active.stores
    form = ListFilterForm(request.GET, stores=stores)
    return form, form.narrow(Vehicle.objects.visible_to(request.user).in_stores(stores))


def _care_chips(request: StaffRequest, form: ListFilterForm) -> list[dict[str, object]]:
    """Care status as chips; the other filters of the address stay."""
    kept = {key: str(value) for key, value in request.GET.items() if key not in ("care", "after") and value}
    chosen = form.value("care")
    address = reverse("customers:list")
    chips: list[dict[str, object]] = []
    for key, label in form.fields["care"].choices:  # type: ignore[attr-defined]  # a choice field
        query = urlencode({**kept, "care": key} if key else kept)
        chips.append({"url": f"{address}?{query}" if query else address, "label": label, "on": chosen == key})
    return chips


@require_http_methods(["GET", "POST"])
@requires("customer.view")
@vary_on_headers("HX-Request")
def search(request: StaffRequest) -> HttpResponse:
    """By POST, so that no name, plate or number stands in an address; the text itself is recorded nowhere.

    A GET is the page reloaded, in another language say: it looks for nothing.
    While somebody types only a search by phone is recorded: a row for every pause would wait for other writers.
    """
    text = request.POST.get("q", "").strip()[:60]
    found = finder.search(user=request.user, text=text)
    if found.count and (not request.htmx or "phone" in found.shape.kinds):
        record(
            user=request.user,
            action="customer.search",
            store=request.active.store,
            kinds=found.shape.kinds,
            found=found.count,
        )
    context = {
        "found": found,
        "text": text,
        "sight": Sight(request.active.role),
        "today": timezone.localdate(),
    }
    name = "_search_results" if wants_fragment(request) else "search"
    return render(request, f"customers/{name}.html", context)
