"""Putting the amounts of a visit right that was logged at the desk; those of the DMS are put right there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Visit
from customers.services.versions import Stale
from jobs.services import announce
from staff import audit
from staff.models import User
from staff.services import record

AMOUNTS = ("labour_fen", "parts_fen", "discount_fen", "paid_fen")


class Reason(models.TextChoices):
    """A choice and no free text: the audit trail holds no words about customers."""

    SLIP = "slip", _("A slip while typing")
    ITEM = "item", _("An item was missing or too much")
    DISCOUNT = "discount", _("A discount was agreed afterwards")
    PAYMENT = "payment", _("Another amount was paid")


audit.WORDS["reason"] = dict(Reason.choices)


def may_correct(visit: Visit) -> bool:
    """Reversals are booked against the amount as it was."""
    return visit.source == Visit.Source.DESK and not visit.voided and not visit.reversals.exists()


@transaction.atomic
def correct_amounts(
    *, visit: Visit, seen_at: datetime, amounts: Mapping[str, int], reason: str, by: User
) -> bool:
    """Write the new amounts; False when they are those that stand already.

    ``seen_at`` is the visit's updated_at when the form was made. Raises Stale when somebody, or an import, saved since.
    """
    if set(amounts) != set(AMOUNTS) or reason not in Reason.values:
        raise TypeError("amounts and reason of a correction")
    before = {name: getattr(visit, name) for name in AMOUNTS}
    if before == dict(amounts):
        return False
    untouched = Visit.objects.filter(
        pk=visit.pk, updated_at=seen_at, source=Visit.Source.DESK, voided=False, reversals=None
    )
    if not untouched.update(**amounts, updated_at=timezone.now()):
        raise Stale(Visit.objects.get(pk=visit.pk))
    record(
        user=by,
        action="visit.correct",
        store=visit.store,
        subject=visit,
        reason=reason,
        before=before,
        after=dict(amounts),
    )
    for store in {visit.store, visit.vehicle.home_store}:
        announce("visits_changed", store=store)
    return True
