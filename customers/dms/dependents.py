"""What depends on a row: asked of the models, so that apps further right need not be known here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models
from django.db.models import ForeignObjectRel

from customers.models import (
    Customer,
    CustomerCode,
    CustomerTag,
    Memo,
    NameGram,
    Ownership,
    PendingReversal,
    Phone,
    Reversal,
    StoreCustomer,
    Vehicle,
    Visit,
    VisitLine,
)

# An import notes each row of these that it makes.
NOTED: tuple[type[models.Model], ...] = (
    *(Customer, Vehicle, Visit, VisitLine, Reversal, PendingReversal),
    *(Ownership, Phone, CustomerCode, StoreCustomer),
)
# Somebody meant this customer: what they wrote keeps the row.
BY_HAND: tuple[type[models.Model], ...] = (Memo, CustomerTag)


@dataclass(frozen=True, slots=True)
class Dependent:
    """Rows of ``model`` that point to the row by ``field``."""

    model: type[models.Model]
    field: models.ForeignKey

    @property
    def is_noted(self) -> bool:
        return self.model in NOTED

    @property
    def goes_along(self) -> bool:
        """Part of the row itself: an app that lets its rows go with ours has said so by CASCADE."""
        if self.model is NameGram:
            return True
        cascades = self.field.remote_field.on_delete is models.CASCADE
        return cascades and not self.is_noted and self.model not in BY_HAND


def dependents(model: type[models.Model]) -> Iterator[Dependent]:
    """Every foreign key to ``model``, of all apps, hidden ones included."""
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and isinstance(relation.field, models.ForeignKey):
            yield Dependent(relation.related_model, relation.field)
