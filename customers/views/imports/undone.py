"""What an undo did, and the rows it left with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy

from customers.models import Customer, Import, Vehicle, Visit
from customers.views.imports.figures import COUNTED
from staff.permissions import StaffRequest

# Model name in a report -> model, what it is called, and the column a reader knows a row by.
_KNOWN: dict[str, tuple[type[models.Model], Any, str]] = {
    "visit": (Visit, pgettext_lazy("row that stayed", "Visit"), "order_no"),
    "customer": (Customer, pgettext_lazy("row that stayed", "Customer"), "name"),
    "vehicle": (Vehicle, pgettext_lazy("row that stayed", "Vehicle"), "plate"),
}


@dataclass(frozen=True, slots=True)
class UndoneCount:
    label: str
    removed: int
    restored: int
    kept: int


@dataclass(frozen=True, slots=True)
class Left:
    """A row that stayed as it is."""

    what: str
    name: str
    url: str
    reason: str


def undone_of(request: StaffRequest, imported: Import) -> dict[str, Any]:
    """Template context; empty before an undo."""
    report = imported.undo_report
    if not report:
        return {}
    kept = {
        name: report["kept"].get(name, 0) + report["unrestored"].get(name, 0)
        for name in {*report["kept"], *report["unrestored"]}
    }
    counts = [
        UndoneCount(
            str(label), report["removed"].get(name, 0), report["restored"].get(name, 0), kept.get(name, 0)
        )
        for name, label in COUNTED.items()
    ]
    left = _left(request, report["rows"])
    return {
        "undone_counts": [count for count in counts if count.removed or count.restored or count.kept],
        "left": left,
        "left_more": max(
            sum(kept.get(name, 0) for name in ("visits", "customers", "vehicles")) - len(left), 0
        ),
    }


def _left(request: StaffRequest, rows: list[dict[str, Any]]) -> list[Left]:
    found: list[Left] = []
    for key, (model, label, column) in _KNOWN.items():
        reasons = {row["pk"]: _reason(row) for row in rows if row["model"] == key}
        if not reasons:
            continue
        columns = ["pk", column] + (["owner_id"] if model is Vehicle else [])
        visible = model._default_manager.visible_to(request.user)  # type: ignore[attr-defined]  # all three are scoped
        for pk, name, *owner in visible.filter(pk__in=reasons).order_by("pk").values_list(*columns):
            found.append(Left(str(label), name or "—", _url(key, pk, owner), reasons[pk]))
    return found


def _reason(row: dict[str, Any]) -> str:
    by = row.get("by", "")
    if not by:
        return gettext(row["reason"])
    if by.startswith("#"):
        return gettext("changed by import %(number)s") % {"number": by}
    kind = apps.get_model(row["by"])._meta.verbose_name_plural
    return gettext("needed by %(records)s") % {"records": kind}


def _url(key: str, pk: int, owner: list[int | None]) -> str:
    if key == "visit":
        return reverse("customers:visit", args=[pk])
    card = pk if key == "customer" else owner[0]
    return reverse("customers:card", args=[card]) if card else ""
