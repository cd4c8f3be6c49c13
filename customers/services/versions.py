"""Two people at one card: the later save is refused and shown beside the earlier one."""

from __future__ import annotations

from typing import TypeVar

from django.db import models
from django.db.models import F
from django.utils import timezone

from customers.models import Customer, Vehicle

Card = TypeVar("Card", Customer, Vehicle)


class Stale(Exception):
    """Somebody else saved since the form was made. ``current`` is the row as it stands."""

    def __init__(self, current: models.Model) -> None:
        super().__init__(f"{current._meta.label_lower} {current.pk}")
        self.current = current


def take_version(row: Card, version: int) -> Card:
    """The row, fresh and locked until the transaction ends, its version counted up; else Stale."""
    rows: models.QuerySet[Card] = type(row)._default_manager.all()
    taken = rows.filter(pk=row.pk, version=version).update(
        version=F("version") + 1, updated_at=timezone.now()
    )
    fresh = rows.get(pk=row.pk)
    if not taken:
        raise Stale(fresh)
    return fresh
