"""Today's calls: who, why, in which order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, F, Max, Prefetch, Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from callcenter import figures, queue
from callcenter.models import Call, CallQuerySet, Priority
from callcenter.resources import CallResource
from customers.models import Phone
from segmentation.models import C3
from staff import exports
from staff.pages import wants_fragment
from staff.permissions import StaffRequest, requires

PAGE = 50
# State of the chips -> priorities of the calls behind it.
WAITING = {
    "callback": (Priority.CALLBACK,),
    "second": (Priority.SECOND, Priority.MISSED),
    "again": (Priority.AGAIN,),
    "first": (Priority.FIRST,),
}


@require_GET
@requires("call.work")
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def today(request: StaffRequest) -> HttpResponse:
    day, stores = timezone.localdate(), request.active.stores
    group, state = _chosen(request.GET.get("group", ""), C3.values), request.GET.get("state", "")
    waiting, done = _calls(request, group)
    counts = _counts(waiting) | {"done": done.count()}
    shown = _narrow(waiting, done, state)
    page = Paginator(_with_details(shown), PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page": page,
        "today": day,
        "state": state,
        "group": group,
        "groups": C3.values,
        "chips": _chips(counts, state, group),
        "now": timezone.now(),
    }
    if wants_fragment(request):
        return render(request, "callcenter/_call_table.html", context)
    total = counts["waiting"]
    context |= {
        "day": figures.day_of(user=request.user, stores=stores, today=day, waiting=None if group else total),
        "kept": figures.bookings_kept(user=request.user, stores=stores, day=day),
        "missed": figures.bookings_kept(user=request.user, stores=stores, day=day - timedelta(days=1)),
        "rates": figures.rates(user=request.user, stores=stores, today=day)[:2],
        "held": queue.held_by(request.user, timezone.now()),
    }
    return render(request, "callcenter/today.html", context)


@require_POST
@requires("call.work", "export.run")
def today_export(request: StaffRequest) -> HttpResponseBase:
    waiting, done = _calls(request, _chosen(request.GET.get("group", ""), C3.values))
    shown = _with_details(_narrow(waiting, done, request.GET.get("state", "")))
    return exports.respond(request, CallResource, shown.select_related("store"))


def _calls(request: StaffRequest, group: str) -> tuple[CallQuerySet, CallQuerySet]:
    """What waits and what has been done today, of one group where one is chosen."""
    stores = request.active.stores
    waiting = queue.open_today(user=request.user, stores=stores, today=timezone.localdate())
    done = _done_today(request)
    if group:
        waiting, done = waiting.filter(target__c3=group), done.filter(target__c3=group)
    return waiting, done


def _chosen(value: str, allowed: Any) -> str:
    return value if value in allowed else ""


def _done_today(request: StaffRequest) -> CallQuerySet:
    """Calls with an attempt today, whatever became of them."""
    stores = request.active.stores
    tried = figures.attempts_on(user=request.user, stores=stores, day=timezone.localdate())
    calls = Call.objects.visible_to(request.user).in_stores(stores)
    return calls.filter(pk__in=tried.values("call"))


def _counts(waiting: CallQuerySet) -> dict[str, int]:
    tests = {key: Count("pk", filter=Q(priority__in=values)) for key, values in WAITING.items()}
    return waiting.order_by().aggregate(waiting=Count("pk"), **tests)


def _narrow(waiting: CallQuerySet, done: CallQuerySet, state: str) -> CallQuerySet:
    if state == "done":
        return done.annotate(last=Max("tries__at", filter=Q(tries__undone_at__isnull=True))).order_by(
            "-last", "-pk"
        )
    if state in WAITING:
        waiting = waiting.filter(priority__in=WAITING[state])
    return waiting.order_by("skips", "priority", F("not_before").asc(nulls_first=True), "due_on", "pk")


def _with_details(calls: CallQuerySet) -> CallQuerySet:
    phones = Prefetch("customer__phones", Phone.objects.order_by("-is_primary", "pk"))
    return calls.select_related("customer", "vehicle__segment", "target__campaign", "agent").prefetch_related(
        phones
    )


def _chips(counts: dict[str, int], state: str, group: str) -> list[dict[str, Any]]:
    labels = {
        "": (pgettext("calls", "To call"), counts["waiting"]),
        "callback": (pgettext("calls", "Call-backs"), counts["callback"]),
        "second": (pgettext("calls", "Follow-ups"), counts["second"]),
        "again": (pgettext("calls", "Not reached"), counts["again"]),
        "first": (pgettext("calls", "First calls"), counts["first"]),
        "done": (pgettext("calls", "Done today"), counts["done"]),
    }
    return [
        {
            "url": "?"
            + urlencode({name: value for name, value in (("state", key), ("group", group)) if value}),
            "label": label,
            "n": count,
            "on": key == (state if state in labels else ""),
        }
        for key, (label, count) in labels.items()
    ]
