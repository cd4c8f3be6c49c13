"""The content of the database without what is new at every writing: keys, nonces, moments."""

from __future__ import annotations

from typing import Any

from customers.models import (
    Customer,
    CustomerCode,
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

_MODELS = (
    *(Customer, CustomerCode, NameGram, Ownership, PendingReversal, Phone, Reversal),
    *(StoreCustomer, Vehicle, Visit, VisitLine),
)
_FLEETING = {"id", "uid", "created_at", "updated_at", "version", "form_key"}


def dump() -> dict[str, list[Any]]:
    """Every row of every table an import writes, foreign keys by what they point to."""
    phones: dict[int, list[str]] = {}
    for customer, index in Phone.objects.order_by("number_index").values_list("customer", "number_index"):
        phones.setdefault(customer, []).append(index)
    names: dict[Any, dict[int, Any]] = {
        Customer: {row.pk: (row.name, phones.get(row.pk), row.address) for row in Customer.objects.all()},
        Vehicle: {row.pk: (row.vin, row.plate) for row in Vehicle.objects.all()},
        Visit: {row.pk: (row.store_id, row.order_no) for row in Visit.objects.all()},
        PendingReversal: {row.pk: (row.target_no, row.order_no) for row in PendingReversal.objects.all()},
    }
    return {
        model.__name__: sorted((_row(row, names) for row in model._default_manager.all()), key=repr)
        for model in _MODELS
    }


def _row(row: Any, names: dict[Any, dict[int, Any]]) -> list[tuple[str, Any]]:
    cells = []
    for field in row._meta.concrete_fields:
        if field.name not in _FLEETING:
            value = getattr(row, field.attname)
            natural = names.get(field.related_model, {}).get(value, value) if field.is_relation else value
            cells.append((field.name, natural))
    return cells
