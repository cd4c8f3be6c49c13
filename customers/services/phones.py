"""Revealing a number: a deliberate act, counted and recorded."""

from __future__ import annotations

from datetime import datetime, time

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from customers.models import Phone
from staff.models import AuditEntry, Store, User
from staff.services import record

ACTION = "phone.reveal"


class QuotaReached(Exception):
    """The user has seen as many numbers today as the house allows."""


@transaction.atomic
def reveal_phone(*, phone: Phone, by: User, store: Store, purpose: str = "card") -> str:
    """The whole number, once the reveal is recorded. Raises QuotaReached."""
    # The lock makes the count exact: two tabs cannot both take the last one.
    User.objects.select_for_update().get(pk=by.pk)
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    seen = AuditEntry.objects.filter(user=by, action=ACTION, at__gte=midnight).count()
    if seen >= settings.PHONE_REVEALS_PER_DAY:
        raise QuotaReached
    record(user=by, action=ACTION, store=store, subject=phone, customer=phone.customer_id, purpose=purpose)
    return phone.number
