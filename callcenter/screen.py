"""Everything the call screen shows about one call."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from callcenter import booking, figures, queue
from callcenter.models import Call, CallAttempt
from campaigns.models import CampaignGroup, Outcome
from customers import card
from customers.models import Visit
from customers.templatetags.customer_data import car_name, polite_name
from segmentation import playbook
from segmentation.models import VehicleSegment
from staff.models import Store, User

HISTORY = 5
QUEUE_SHOWN = 9
DONE_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Key:
    """One of the eight outcome buttons."""

    number: int
    outcome: str
    label: str
    note: str
    tone: str


def keys() -> list[Key]:
    notes = {
        Outcome.BOOKED: _("choose a slot first"),
        Outcome.CONSIDERING: _("again in half a month"),
        Outcome.LATER: _("ask for the time"),
        Outcome.NO_ANSWER: _("again tomorrow"),
        Outcome.REFUSED: _("choose a reason"),
        Outcome.INVALID_NUMBER: _("off the list, to be checked"),
        Outcome.SOLD_CAR: _("marks the car as sold"),
        Outcome.DO_NOT_CALL: _("stops all calls at once"),
    }
    tones = {Outcome.BOOKED: "pos"} | dict.fromkeys(list(Outcome)[4:], "neg")
    return [
        Key(number, outcome.value, str(outcome.label), notes[outcome], tones.get(outcome, ""))
        for number, outcome in enumerate(Outcome, start=1)
    ]


def context(call: Call, *, user: User, now: datetime) -> dict[str, Any]:
    today = timezone.localdate(now)
    vehicle, customer = call.vehicle, call.customer
    whole = card.gather(user=user, customer=customer, vehicles=[vehicle], today=today)
    history = sorted(whole.timeline, key=lambda entry: entry.on, reverse=True)
    group = call.target.c3
    days = booking.slots_from(store=call.store, today=today)
    plan = CampaignGroup.objects.filter(campaign=call.target.campaign_id, c3=group).first()
    return {
        "call": call,
        "today": today,
        "now": now,
        "group": group,
        "segment": VehicleSegment.objects.filter(vehicle=vehicle).first(),
        "labels": whole.labels.get(vehicle.pk, {}),
        "phones": list(customer.phones.order_by("-is_primary", "pk")),
        "warnings": [greeting for greeting in whole.greeting_lines if greeting.order == 2],
        "play": playbook.play(group),
        "script": playbook.script(group, _facts(call, user, plan)),
        "objections": playbook.objections(),
        "history": history[:HISTORY],
        "offer": plan.offer if plan else "",
        "days": days,
        "first_free": next((slot.value for day in days for slot in day.slots if slot.left), ""),
        "rates": figures.rates(user=user, stores=[call.store], today=today, campaign=call.target.campaign)[
            :2
        ],
        "keys": keys(),
        "form_key": uuid.uuid4(),
        "held": call.is_held_by(user, now),
        "taken": call.is_held_by_another(user, now),
        **_queue(call, user, now),
    }


def _queue(call: Call, user: User, now: datetime) -> dict[str, Any]:
    """The column on the left: what was just done, this one, what comes next."""
    today = timezone.localdate(now)
    stores: list[Store] = [call.store]
    waiting = queue.open_today(user=user, stores=stores, today=today)
    free = waiting.free_for(user, now).ready_at(now).exclude(pk=call.pk).in_order()
    attempts: list[CallAttempt] = list(
        figures.attempts_on(user=user, stores=stores, day=today)
        .exclude(call=call)
        .select_related("call__customer", "call__vehicle", "booking")
        .order_by("-at", "-pk")[:DONE_SHOWN]
    )
    return {
        "queue_done": attempts[::-1],
        "queue_next": free.select_related("customer", "vehicle", "target")[:QUEUE_SHOWN],
        "day": figures.day_of(user=user, stores=stores, today=today),
    }


def _facts(call: Call, user: User, plan: CampaignGroup | None) -> dict[str, Any]:
    """What the script reads out, worded as it is spoken."""
    vehicle, customer = call.vehicle, call.customer
    facts: dict[str, Any] = {
        "customer": polite_name(customer),
        "store": call.store.name,
        "agent": str(user),
        "car": f"{car_name(vehicle)} {vehicle.plate}".strip(),
        "odometer": "",
        "km_per_month": "",
    }
    visits = Visit.objects.standing().visible_to(user).filter(vehicle=vehicle)
    visited = list(visits.order_by("-visited_on").values_list("visited_on", "odometer_km")[:8])
    readings = [(day, odometer) for day, odometer in visited if odometer is not None]
    if visited:
        facts["last_visit"] = formats.date_format(visited[0][0], pgettext("date in a sentence", "j M"))
    facts |= _mileage(readings, timezone.localdate())
    if plan is not None and plan.offer:
        facts["offer"] = plan.offer
        facts["until"] = formats.date_format(
            call.target.campaign.ends_on, pgettext("date in a sentence", "j M")
        )
    return facts


def _mileage(readings: list[tuple[date, int]], today: date) -> dict[str, str]:
    """Kilometres a month between the first and last reading, and where that leads by today; nothing from too little."""
    if len(readings) < 2:
        return {}
    (last_on, last_km), (first_on, first_km) = readings[0], readings[-1]
    days = (last_on - first_on).days
    if days < 60 or last_km <= first_km or today - last_on > timedelta(days=730):
        return {}
    per_day = (last_km - first_km) / days
    by_now = last_km + per_day * (today - last_on).days
    return {"km_per_month": f"{round(per_day * 30, -1):,.0f}", "odometer": f"{round(by_now, -2):,.0f}"}
