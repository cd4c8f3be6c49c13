"""Who calls whom next: the only place that leases a phone.

A lease ends by itself, so an agent whose browser died keeps no car from being called. PostgreSQL hands out rows with
SKIP LOCKED; elsewhere an update under conditions decides who was first. Nobody ever holds two calls: a unique index.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from callcenter.models import Call, CallQuerySet
from staff.models import Store, User

LEASE = timedelta(minutes=20)
# How many of the first rows are tried where the database cannot skip locked ones.
ATTEMPTS = 20


def open_today(*, user: User, stores: Iterable[Store], today: date) -> CallQuerySet:
    """Everything the user can still call today, callbacks of a later hour included."""
    calls = Call.objects.visible_to(user).in_stores(stores).of(user)
    return calls.allowed(today).due_on_or_before(today)


def claim_next(*, user: User, stores: Iterable[Store], now: datetime) -> Call | None:
    """The call the user already holds, else the most urgent free one, leased to them; None when nothing is ready."""
    today = timezone.localdate(now)
    waiting = open_today(user=user, stores=stores, today=today).ready_at(now)
    try:
        with transaction.atomic():
            held = waiting.filter(held_by=user, held_until__gt=now).first()
            if held is not None:
                return _lease(held.pk, user, now)
            release(user=user)
            return _first_free(waiting.free_for(user, now), user, now)
    except IntegrityError:  # the user's other tab was faster: it is that one
        return Call.objects.filter(held_by=user).first()


def claim(*, call: Call, user: User, now: datetime) -> Call | None:
    """This very call, leased to the user, who lets go of any other; None when a colleague holds it or it is done."""
    with transaction.atomic():
        Call.objects.filter(held_by=user).exclude(pk=call.pk).update(held_by=None, held_until=None)
        return _lease(call.pk, user, now)


def release(*, user: User) -> None:
    Call.objects.filter(held_by=user).update(held_by=None, held_until=None)


def held_by(user: User, now: datetime) -> Call | None:
    return Call.objects.filter(held_by=user, held_until__gt=now).first()


def _first_free(free: CallQuerySet, user: User, now: datetime) -> Call | None:
    if connection.features.has_select_for_update_skip_locked:
        row = (
            free.in_order()
            .select_for_update(skip_locked=True, of=("self",))
            .values_list("pk", flat=True)
            .first()
        )
        return _lease(row, user, now) if row is not None else None
    for pk in free.in_order().values_list("pk", flat=True)[:ATTEMPTS]:
        leased = _lease(pk, user, now)
        if leased is not None:
            return leased
    return None


def _lease(pk: int, user: User, now: datetime) -> Call | None:
    """Compare and set: only an open call that nobody else holds at this moment."""
    unheld = Q(held_by__isnull=True) | Q(held_by=user) | Q(held_until__lte=now)
    leased = Call.objects.filter(unheld, pk=pk, status=Call.Status.OPEN).update(
        held_by=user, held_until=now + LEASE, updated_at=now
    )
    return Call.objects.get(pk=pk) if leased else None
