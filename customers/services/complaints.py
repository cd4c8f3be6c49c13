"""Complaints, logged and closed."""

from __future__ import annotations

import uuid
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from customers.models import Complaint, Vehicle, Visit
from customers.services.vehicles import owner_on
from jobs.services import announce
from staff.models import Store, User
from staff.services import record


@transaction.atomic
def log_complaint(
    *,
    vehicle: Vehicle,
    store: Store,
    by: User,
    opened_on: date,
    text: str,
    channel: str = Complaint.Channel.DESK,
    severity: str = Complaint.Severity.MINOR,
    visit: Visit | None = None,
    handler: User | None = None,
    form_key: uuid.UUID | None = None,
) -> tuple[Complaint, bool]:
    """The complaint, and whether this call logged it; a second post of one form finds the first one's.

    It belongs to the owner of that day. Raises ValueError for a car without an owner.
    """
    customer = owner_on(vehicle=vehicle, day=opened_on) or vehicle.owner
    if customer is None:
        raise ValueError("a complaint needs an owner")
    complaint = Complaint(
        store=store,
        customer=customer,
        vehicle=vehicle,
        visit=visit,
        channel=channel,
        severity=severity,
        text=text,
        handler=handler,
        opened_on=opened_on,
        form_key=form_key,
    )
    try:
        with transaction.atomic():
            complaint.save()
    except IntegrityError:
        return Complaint.objects.visible_to(by).get(form_key=form_key), False
    record(user=by, action="complaint.log", store=store, subject=complaint)
    _announce(complaint)
    return complaint, True


@transaction.atomic
def respond_to_complaint(*, complaint: Complaint, by: User) -> bool:
    """Stop the first-response clock; False when it had stopped."""
    waiting = Complaint.objects.filter(pk=complaint.pk, first_response_at__isnull=True)
    if not waiting.update(first_response_at=timezone.now(), handler=complaint.handler or by):
        return False
    record(user=by, action="complaint.respond", store=complaint.store, subject=complaint)
    return True


@transaction.atomic
def close_complaint(*, complaint: Complaint, by: User, closed_on: date, solution: str) -> bool:
    """Close it with its solution; False when somebody had closed it already."""
    respond_to_complaint(complaint=complaint, by=by)
    open_ones = Complaint.objects.open().filter(pk=complaint.pk)
    if not open_ones.update(closed_on=closed_on, solution=solution, handler=complaint.handler or by):
        return False
    record(user=by, action="complaint.close", store=complaint.store, subject=complaint)
    _announce(complaint)
    return True


def _announce(complaint: Complaint) -> None:
    """An open complaint is a care status: of the store that counts the car, and of the one that was told."""
    for store in {complaint.store, complaint.vehicle.home_store}:
        announce("card_changed", store=store)
