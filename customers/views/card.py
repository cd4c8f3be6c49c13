"""The customer card."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from customers import card as cards
from customers import services
from customers.card import TimelineEntry
from customers.doors import Door, open_customer
from customers.forms import MemoForm, TagForm
from customers.models import Customer, Memo, Phone, Tag, Vehicle
from customers.search import with_last_visit
from staff.pages import wants_fragment
from staff.permissions import ACTIONS, StaffRequest, requires

# Entries shown at first, and with each click on "older".
SHOWN = 30
CARS_SHOWN = 6
WORDS_OFFERED = 30


@require_GET
@requires("customer.view")
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def card(request: StaffRequest, pk: int) -> HttpResponse:
    customer, door = open_customer(request, pk)
    today = timezone.localdate()
    cars = with_last_visit(request.user, Vehicle.objects.visible_to(request.user).filter(owner=customer))
    vehicles = sorted(cars.order_by("pk"), key=_kept_and_seen, reverse=True)
    whole = cards.gather(user=request.user, customer=customer, vehicles=vehicles, today=today)
    context: dict[str, Any] = {"customer": customer, **_timeline(request, whole.timeline)}
    if wants_fragment(request):
        return render(request, "customers/_timeline.html", context)
    labels = whole.labels or cards.labels_for(vehicle.pk for vehicle in vehicles)
    cars_with_labels = [(vehicle, labels.get(vehicle.pk, {})) for vehicle in vehicles]
    context |= {
        "door": door,
        "sight": door.sight,
        "phones": list(customer.phones.order_by("-is_primary", "pk")),
        "cars": cars_with_labels[:CARS_SHOWN],
        "more_cars": cars_with_labels[CARS_SHOWN:],
        "referrer": _referrer(request, customer),
        "since": _customer_since(request, customer),
        "car_count": len(vehicles),
        "distance_km": None if customer.distance_m is None else customer.distance_m / 1000,
        "vehicle": vehicles[0] if vehicles else None,
        "labels": cars_with_labels[0][1] if vehicles else {},
        "greetings": whole.greeting_lines,
        "panels": whole.panels,
        "memos": Memo.objects.visible_to(request.user).filter(customer=customer).select_related("author")[:5],
        "memo_form": MemoForm(),
        "tag_form": TagForm(),
        **_tags(request, customer, door),
        "referrals": customer.referrals.visible_to(request.user).count(),
        "can": {
            action: _allowed(request, door.store.pk, action) for action in ("edit", "visit", "complaint")
        },
        "today": today,
    }
    return render(request, "customers/customer_card.html", context)


def _tags(request: StaffRequest, customer: Customer, door: Door) -> dict[str, Any]:
    """The tags in view, each with whether the user may take it off; and the words that can still be put on."""
    mine = Tag.objects.visible_to(request.user).filter(links__customer=customer).order_by("name", "pk")
    tags = [
        (tag, _allowed(request, door.store.pk if tag.store_id is None else tag.store_id, "edit"))
        for tag in mine
    ]
    on = {tag.name_key for tag, _removable in tags}
    words = Tag.objects.in_stores([door.store]).exclude(name_key__in=on).annotate(uses=Count("links"))
    return {"tags": tags, "tag_words": [tag.name for tag in words.order_by("-uses", "name")[:WORDS_OFFERED]]}


def _referrer(request: StaffRequest, customer: Customer) -> Customer | None:
    """Who referred them, where the user may see that card too."""
    if customer.referred_by_id is None:
        return None
    return Customer.objects.visible_to(request.user).filter(pk=customer.referred_by_id).first()


def _customer_since(request: StaffRequest, customer: Customer) -> date:
    """The first visit on record, or the day the card was made, whichever is earlier."""
    made = timezone.localtime(customer.created_at).date()
    first = (
        customer.visits.visible_to(request.user)
        .order_by("visited_on")
        .values_list("visited_on", flat=True)
        .first()
    )
    return min(made, first or made)


def _kept_and_seen(vehicle: Vehicle) -> tuple[bool, str, int]:
    seen = getattr(vehicle, "last_visit_on", None)
    return (vehicle.state == Vehicle.State.IN_USE, str(seen or ""), vehicle.pk)


def _allowed(request: StaffRequest, store: int, action: str) -> bool:
    name = {"edit": "customer.edit", "visit": "visit.log", "complaint": "complaint.log"}[action]
    return request.active.roles.get(store) in ACTIONS[name]


def kind_labels() -> dict[str, str]:
    """The timeline's chips, in this order; a kind an app adds without a name here stands under "more"."""
    return {
        "visit": pgettext("timeline", "Visits"),
        "call": pgettext("timeline", "Calls"),
        "invitation": pgettext("timeline", "Invitations"),
        "booking": pgettext("timeline", "Bookings"),
        "complaint": pgettext("timeline", "Complaints"),
        "campaign": pgettext("timeline", "Campaigns"),
        "segment": pgettext("timeline", "Groups"),
        "memo": pgettext("timeline", "Memos"),
        "owner": pgettext("timeline", "Owners"),
        "more": pgettext("timeline", "More"),
    }


def _timeline(request: StaffRequest, entries: list[TimelineEntry]) -> dict[str, Any]:
    """Newest first, of one kind when asked, with the count of each kind; ``show`` says how far back."""
    labels = kind_labels()
    counts = Counter(entry.kind if entry.kind in labels else "more" for entry in entries)
    kind = request.GET.get("kind", "")
    kind = kind if counts[kind] else ""
    wanted = [
        entry for entry in entries if not kind or (entry.kind if entry.kind in labels else "more") == kind
    ]
    wanted.sort(key=lambda entry: entry.on, reverse=True)
    asked = request.GET.get("show", "")
    show = min(int(asked), 2000) if asked.isdecimal() and len(asked) < 5 else SHOWN
    chips = [{"url": request.path, "label": _("All"), "n": len(entries), "on": not kind}]
    for key, label in labels.items():
        if counts[key]:
            url = f"{request.path}?{urlencode({'kind': key})}"
            chips.append({"url": url, "label": label, "n": counts[key], "on": kind == key})
    query: dict[str, str | int] = {"kind": kind} if kind else {}
    return {
        "entries": wanted[:show],
        "chips": chips,
        "older": max(len(wanted) - show, 0),
        "older_url": f"{request.path}?{urlencode({**query, 'show': show + SHOWN})}",
    }


@require_POST
@requires("customer.view")
def memo_add(request: StaffRequest, pk: int) -> HttpResponse:
    customer, door = open_customer(request, pk, "customer.edit")
    form = MemoForm(request.POST)
    if not form.is_valid():
        return render(request, "customers/memo_form.html", {"form": form, "customer": customer}, status=422)
    services.write_memo(
        customer=customer,
        store=door.store,
        by=request.user,
        text=form.cleaned_data["text"],
        form_key=form.cleaned_data["form_key"],
    )
    return redirect("customers:card", pk=customer.pk)


@require_POST
@requires("phone.reveal")
@never_cache
def reveal_phone(request: StaffRequest, pk: int) -> HttpResponse:
    phone = get_object_or_404(Phone.objects.visible_to(request.user), pk=pk)
    customer, door = open_customer(request, phone.customer_id, "phone.reveal")
    purpose = "call" if request.POST.get("purpose") == "call" else "card"
    try:
        number = services.reveal_phone(phone=phone, by=request.user, store=door.store, purpose=purpose)
    except services.QuotaReached:
        return render(request, "customers/phone_quota.html", {"customer": customer}, status=429)
    name = "_phone" if wants_fragment(request) else "phone"
    return render(request, f"customers/{name}.html", {"customer": customer, "number": number})
