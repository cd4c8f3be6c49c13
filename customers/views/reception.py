"""The desk: a plate, and the car behind it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from customers import reception as desk
from customers.privacy import Sight
from staff.pages import wants_fragment
from staff.permissions import StaffRequest, requires


@require_http_methods(["GET", "POST"])
@requires("visit.log")
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def reception(request: StaffRequest) -> HttpResponse:
    today = timezone.localdate()
    context: dict[str, Any] = {"lookup": None, "sight": Sight(request.active.role), "today": today}
    if request.method == "POST":
        # By POST: a plate names its owner, and addresses end up in histories and logs.
        lookup = desk.look_up(user=request.user, text=request.POST.get("plate", "")[:24])
        if lookup.is_whole:
            desk.admit(request, [pk for pk, _store in lookup.elsewhere])
            request.session[desk.SOUGHT] = lookup.plate
        if lookup.only_car is not None and not wants_fragment(request):
            return redirect("customers:visit_new", pk=lookup.only_car.pk)
        context["lookup"] = lookup
        if wants_fragment(request):
            return render(request, "customers/_reception_results.html", context)
    stores = request.active.stores
    context["expected"] = desk.expected_cars(user=request.user, stores=stores, today=today)
    context["seen"] = desk.seen_today(user=request.user, stores=stores, today=today)
    return render(request, "customers/reception.html", context)
