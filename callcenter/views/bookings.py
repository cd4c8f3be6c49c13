"""Who is expected on a day, and who has come."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Prefetch
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_POST

from callcenter.models import Booking
from callcenter.models.booking import BookingQuerySet
from callcenter.resources import BookingResource
from callcenter.states import STATES
from customers import card
from customers.models import Phone
from staff import exports
from staff.permissions import StaffRequest, requires


@require_GET
@requires("booking.view")
def bookings(request: StaffRequest) -> HttpResponse:
    today = timezone.localdate()
    day = _day(request.GET.get("day", "")) or today
    rows = [_row(booking, today) for booking in _bookings(request, day)]
    labels = card.labels_for(row["booking"].vehicle_id for row in rows)
    for row in rows:
        row["c3"] = labels.get(row["booking"].vehicle_id, {}).get("c3", "")
    standing = [row for row in rows if row["state"] != "cancelled"]
    context = {
        "rows": rows,
        "day": day,
        "today": today,
        "days": [(today + timedelta(ahead)) for ahead in range(-1, 6)],
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "expected": len(standing),
        "arrived": sum(row["state"] == "arrived" for row in standing),
    }
    return render(request, "callcenter/bookings.html", context)


@require_POST
@requires("booking.view", "export.run")
def bookings_export(request: StaffRequest) -> HttpResponseBase:
    day = _day(request.GET.get("day", "")) or timezone.localdate()
    return exports.respond(request, BookingResource, _bookings(request, day))


def _bookings(request: StaffRequest, day: date) -> BookingQuerySet:
    phones = Prefetch("customer__phones", Phone.objects.order_by("-is_primary", "pk"))
    found = Booking.objects.visible_to(request.user).in_stores(request.active.stores).on(day).with_arrival()
    found = found.select_related("vehicle", "customer", "made_by", "store", "attempt")
    return found.prefetch_related(phones).order_by("hour", "seat", "pk")


def _row(booking: Booking, today: date) -> dict[str, Any]:
    state = booking.state(today)
    label, tone = STATES[state]
    return {"booking": booking, "state": state, "label": label, "tone": tone}


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
