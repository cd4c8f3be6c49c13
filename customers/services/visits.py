"""Logging a visit at the desk."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from customers.models import Vehicle, Visit, VisitLine
from customers.services.cards import link_store
from customers.services.vehicles import owner_on
from jobs.services import announce
from staff.models import Store, User

# fmt: off
DETAILS = frozenset({
    "kind", "is_rework", "odometer_km", "labour_fen", "parts_fen", "discount_fen", "paid_fen", "advisor",
    "team", "customer_words", "arrived_at", "settled_on",
})
# fmt: on
# Colleagues who log at the same moment; more tries than a store has desks.
TRIES = 20


class OrderNumberTaken(Exception):
    """The store already has an order of that number."""


class VisitLineData(NamedTuple):
    name: str
    amount_fen: int


@transaction.atomic
def log_visit(
    *,
    vehicle: Vehicle,
    store: Store,
    by: User,
    visited_on: date,
    details: Mapping[str, Any],
    lines: Sequence[VisitLineData] = (),
    order_no: str = "",
    form_key: uuid.UUID | None = None,
) -> tuple[Visit, bool]:
    """The visit, and whether this call logged it; a second post of one form finds the first one's.

    The visit keeps the owner of that day. The card opens to ``store`` if it did not know it.
    Without ``order_no`` the store's next number of that day is taken. Raises OrderNumberTaken.
    """
    unknown = set(details) - DETAILS
    if unknown:
        raise TypeError(f"not a detail of a visit: {', '.join(sorted(unknown))}")
    customer = owner_on(vehicle=vehicle, day=visited_on)
    visit = Visit(
        store=store,
        vehicle=vehicle,
        customer=customer,
        visited_on=visited_on,
        form_key=form_key,
        created_by=by,
        **details,
    )
    advisor = details.get("advisor")
    visit.advisor_name = str(advisor) if advisor is not None else ""
    first = _number_and_save(visit, order_no)
    if first is not None:
        return first, False
    VisitLine.objects.bulk_create(
        VisitLine(visit=visit, position=at, name=line.name, amount_fen=line.amount_fen)
        for at, line in enumerate(lines, start=1)
    )
    _remember_odometer(vehicle, visited_on, visit.odometer_km)
    known = customer or vehicle.owner
    if known is not None:
        link_store(customer=known, store=store)
    for touched in {store, vehicle.home_store}:
        announce("visits_changed", store=touched)
    return visit, True


def _number_and_save(visit: Visit, order_no: str) -> Visit | None:
    """Save under a free number; the earlier visit when the form had been posted before."""
    for attempt in range(TRIES):
        visit.order_no = order_no or _next_order_no(visit.store, visit.visited_on, attempt)
        try:
            with transaction.atomic():
                visit.save(force_insert=True)
        except IntegrityError:
            first = Visit.objects.filter(form_key=visit.form_key, created_by=visit.created_by).first()
            if visit.form_key is not None and first is not None:
                return first
            if order_no:
                break
        else:
            return None
    raise OrderNumberTaken(visit.order_no)


def _next_order_no(store: Store, day: date, attempt: int) -> str:
    """``GB20260612-0007``: one more than the highest of that day; each failed attempt goes one further."""
    prefix = f"{store.code}{day:%Y%m%d}-"
    used = Visit.objects.filter(store=store, visited_on=day, order_no__prefix=prefix).values_list(
        "order_no", flat=True
    )
    numbers = [int(tail) for tail in (number.removeprefix(prefix) for number in used) if tail.isdecimal()]
    return f"{prefix}{max(numbers, default=0) + 1 + attempt:04d}"


def _remember_odometer(vehicle: Vehicle, day: date, odometer_km: int | None) -> None:
    if odometer_km is None:
        return
    older = Q(odometer_on__isnull=True) | Q(odometer_on__lte=day)
    Vehicle.objects.filter(older, pk=vehicle.pk).update(
        odometer_km=odometer_km, odometer_on=day, updated_at=timezone.now()
    )
