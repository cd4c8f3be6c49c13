"""What a call changes beyond itself (marks on the card, other calls, the campaign's list), and putting it back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from callcenter import booking
from callcenter.models import Call, CallAttempt, RefusalReason
from campaigns import progress
from campaigns.models import Outcome
from customers.models import Vehicle
from customers.services import mark_customer, mark_gone
from staff.models import Store, User


def snapshot(call: Call) -> dict[str, Any]:
    return {
        "priority": call.priority,
        "due_on": call.due_on.isoformat(),
        "not_before": call.not_before.isoformat() if call.not_before else None,
        "attempts": call.attempts,
        "skips": call.skips,
        "agent": call.agent_id,
    }


def apply(call: Call, *, agent: User, outcome: str, reason: str) -> dict[str, Any]:
    """Marks on the card that the call brings; returns what undoing must put back."""
    customer, store = call.customer, call.store
    too_expensive = outcome == Outcome.REFUSED and reason == RefusalReason.TOO_EXPENSIVE
    if too_expensive and not customer.price_sensitive:
        mark_customer(customer=customer, by=agent, store=store, price_sensitive=True)
        return {"marks": {"price_sensitive": False}}
    if outcome == Outcome.DO_NOT_CALL:
        others = list(
            Call.objects.filter(customer=customer, status=Call.Status.OPEN)
            .exclude(pk=call.pk)
            .values_list("pk", flat=True)
        )
        Call.objects.filter(pk__in=others).update(
            status=Call.Status.DONE, closing=call.closing, held_by=None, held_until=None
        )
        marks = {} if customer.do_not_call else {"do_not_call": False}
        mark_customer(customer=customer, by=agent, store=store, do_not_call=True)
        return {"marks": marks, "reopen": others}
    if outcome == Outcome.SOLD_CAR and call.vehicle.state == Vehicle.State.IN_USE:
        _set_state(call.vehicle, Vehicle.State.SOLD_AWAY, agent, store)
        return {"in_use": True}
    return {}


def restore(call: Call, attempt: CallAttempt, *, agent: User) -> None:
    before = attempt.before
    booking.cancel(attempt=attempt)
    Call.objects.filter(pk=call.pk).update(
        status=Call.Status.OPEN,
        closing="",
        priority=before["priority"],
        due_on=before["due_on"],
        not_before=parse_datetime(before["not_before"]) if before["not_before"] else None,
        attempts=before["attempts"],
        skips=before["skips"],
        agent=before["agent"],
    )
    if before.get("marks"):
        mark_customer(customer=call.customer, by=agent, store=call.store, **before["marks"])
    reopened: Iterable[int] = before.get("reopen", ())
    Call.objects.filter(pk__in=reopened, status=Call.Status.DONE).update(status=Call.Status.OPEN, closing="")
    if before.get("in_use"):
        _set_state(call.vehicle, Vehicle.State.IN_USE, agent, call.store)


def tell_campaign(call: Call) -> None:
    """Sum the standing attempts up for the campaign's pages; an undone one leaves no trace there."""
    tries = list(call.tries.standing().order_by("at", "pk").select_related("booking"))
    days = [timezone.localdate(attempt.at) for attempt in tries]
    contacts = [day for day, attempt in zip(days, tries, strict=True) if attempt.outcome in Outcome.reached()]
    booked = [
        attempt.booking.day
        for attempt in tries
        if attempt.outcome == Outcome.BOOKED and hasattr(attempt, "booking")
    ]
    summary = progress.Progress()
    if tries:
        summary = progress.Progress(
            agent=tries[-1].agent_id,
            outcome=tries[-1].outcome,
            first_called_on=days[0],
            last_called_on=days[-1],
            first_contact_on=min(contacts, default=None),
            booked_for=booked[-1] if booked else None,
        )
    progress.record(target=call.target_id, progress=summary)


def _set_state(vehicle: Vehicle, state: str, by: User, store: Store) -> None:
    # What was said on the phone must not wait for whoever has the card open: the newest version is the right one.
    version = Vehicle.objects.select_for_update().values_list("version", flat=True).get(pk=vehicle.pk)
    mark_gone(vehicle=vehicle, version=version, state=state, by=by, store=store)
