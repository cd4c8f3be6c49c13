"""What a dry run found, as a page shows it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.dateparse import parse_date
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from customers.dms.columns import Choice
from customers.models import Customer, Import, Visit
from customers.privacy import Sight
from customers.views.imports.changed_cards import changed_cards
from customers.views.imports.figures import (
    COUNTED,
    changed,
    content_of,
    counts_of,
    kind_label,
    kinds_of,
    made,
    not_data_of,
)
from customers.views.imports.problems import problems_of
from staff.figures import NOTHING, km, yuan
from staff.models import User
from staff.permissions import StaffRequest

# Columns of a visit by the name a reader knows; the others follow from these or mean nothing to a reader.
_COLUMNS = {
    "order_no": gettext_lazy("Order number"),
    "visited_on": gettext_lazy("Visit date"),
    "settled_on": gettext_lazy("Settlement date"),
    "kind": gettext_lazy("Kind of visit"),
    "is_rework": pgettext_lazy("column of a visit", "Rework"),
    "charge_type": gettext_lazy("Charge type"),
    "odometer_km": gettext_lazy("Odometer"),
    "labour_fen": gettext_lazy("Labour"),
    "parts_fen": gettext_lazy("Parts"),
    "discount_fen": gettext_lazy("Discount"),
    "paid_fen": gettext_lazy("Amount paid"),
    "voided": pgettext_lazy("column of a visit", "Taken back in full"),
    "advisor_id": gettext_lazy("Service advisor"),
    "advisor_name": gettext_lazy("Service advisor in the DMS"),
    "team": gettext_lazy("Team"),
    "customer_id": gettext_lazy("Owner that day"),
    "customer_words": gettext_lazy("Remark"),
    "source": pgettext_lazy("column of a visit", "Comes from"),
}
_PLACES = {name: place for place, name in enumerate(_COLUMNS)}
_OF_CARDS = ("vehicles", "customers", "addresses", "ownerships")
_SOURCES = dict(Visit.Source.choices)


def preview_of(
    request: StaffRequest,
    imported: Import,
    sight: Sight,
    wrong: dict[int, tuple[str, str]] | None = None,
) -> dict[str, Any]:
    """``wrong`` as for ``problems_of``."""
    samples = imported.remembered_samples
    report = imported.report
    warned = {row for rows in report.get("warnings", {}).values() for row in rows}
    alike = samples.get("alike", [])
    to_decide = len(report.get("warnings", {}).get("kind_unknown", ()))
    rejected = len(report.get("rejected", ()))
    choice = Choice(set(), imported.policy)
    return {
        "content": content_of(imported),
        "new_visits": made(imported, "visits"),
        "changed_visits": changed(imported, "visits"),
        "unchanged": imported.counts.get("unchanged", 0),
        "new_customers": made(imported, "customers"),
        "new_vehicles": made(imported, "vehicles"),
        "rejected": rejected,
        "rejected_tone": "bad" if rejected else "",
        "duplicates": len(report.get("duplicates", ())),
        "skipped": len(report.get("skipped", ())),
        "warned": len(warned),
        "to_decide": to_decide,
        "decide_tone": "warn" if to_decide else "",
        "days_are_guessed": report.get("day_order_is_guess", False) and not imported.day_order,
        "not_data": not_data_of(imported),
        "counts": counts_of(imported),
        "kinds": kinds_of(imported),
        "undecided": report.get("unknown_kinds", {}),
        "new_samples": [_new(entry, sight) for entry in samples.get("new", [])],
        "changes": _changes(request, samples.get("changed", [])),
        "changed_cards": changed_cards(request, samples.get("cards", {})),
        "changed_counts": [
            (str(COUNTED[name]), count) for name in _OF_CARDS if (count := changed(imported, name))
        ],
        "alike": alike,
        "follows": _follows(imported),
        "writes_nothing": not counts_of(imported),
        "takes_amounts": choice.amount_may_change,
        "takes_days": choice.day_may_change,
        **problems_of(request, imported, sight, wrong),
    }


def _new(entry: dict[str, Any], sight: Sight) -> dict[str, Any]:
    """A visit of the dry run; its car has a plate, or a VIN where the file gave no plate."""
    car = entry["car"]
    named = {"vin": sight.vin(car)} if len(car) == 17 else {"plate": car}
    return {**entry, **named, "kind": kind_label(entry["kind"])}


def _follows(imported: Import) -> list[dict[str, Any]]:
    language = get_language() or settings.LANGUAGE_CODE
    return [{**line, "label": line["label"][language]} for line in imported.counts.get("consequences", [])]


def _changes(request: StaffRequest, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Old and new value by column, in words."""
    columns = [column for entry in entries for column in entry["columns"]]
    owners, advisors = _keys(columns, "customer_id"), _keys(columns, "advisor_id")
    known = Customer.objects.visible_to(request.user).filter(pk__in=owners).values_list("pk", "name")
    staff = User.objects.filter(pk__in=advisors).values_list("pk", "full_name")
    names = {"customer_id": dict(known) if owners else {}, "advisor_id": dict(staff) if advisors else {}}
    found = []
    for entry in entries:
        values = [
            {"label": _COLUMNS[name], "old": _text(name, old, names), "new": _text(name, new, names)}
            # PostgreSQL keeps the notes' fields in an order of its own.
            for name, old, new in sorted(entry["columns"], key=lambda column: _PLACES.get(column[0], 0))
            if name in _COLUMNS
        ]
        if values:
            found.append({"row": entry["row"], "order_no": entry["order_no"], "columns": values})
    return found


def _keys(columns: list[Any], name: str) -> set[int]:
    return {value for found, old, new in columns if found == name for value in (old, new) if value}


def _text(name: str, value: Any, names: dict[str, dict[int, str]]) -> str:
    if value in (None, ""):
        return NOTHING
    if name in names:
        # A customer whom only the dry run made has no row.
        return names[name].get(value, _("a new customer") if name == "customer_id" else NOTHING)
    if name.endswith("_fen"):
        return yuan(value)
    if name in ("is_rework", "voided"):
        return _("yes") if value else _("no")
    if name == "odometer_km":
        return km(value)
    if name == "kind":
        return kind_label(value)
    if name == "source":
        return str(_SOURCES.get(value, value))
    text = str(value)
    day = parse_date(text[:10]) if name.endswith("_on") else None
    return day.isoformat() if day else text
