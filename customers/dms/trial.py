"""What a trial run shows: a few rows of each kind, and what would follow."""

from __future__ import annotations

from datetime import date, datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.module_loading import import_string

from customers.dms import sql
from customers.dms.columns import Choice
from customers.dms.conflicts import conflicts, takeable
from customers.dms.raw import cells_of
from customers.dms.report import Report
from customers.models import Import, ImportChange, Visit
from staff.models import Store

SAMPLES = 20
# So many are searched for samples: nearly all changes of cars are readings.
NOTES = 20
LISTED = 50
REJECTED = 2000
# Of each other kind of row: warned, skipped, taken once, reversals.
TOLD = 200
_READING = frozenset({"odometer_km", "odometer_on"})


def trial_samples(imported: Import, choice: Choice, report: Report) -> dict[str, Any]:
    """New and changed visits as they would stand, customers who may be known, and the cells of rows to know about.

    Call before the rollback.
    """
    return {
        "new": _new(),
        "changed": _changed(imported),
        "cards": {model: _changed_cards(imported, model) for model in ("vehicle", "customer")},
        "alike": _alike(),
        "conflicts": list(conflicts(report, most=REJECTED).items()),
        "takeable": takeable(choice),
        "reversed": _reversed_visits(report),
        "waiting": _waiting_voids(),
        "cells": sorted(cells_of(imported=imported, rows=_told(imported, report)).items()),
    }


def consequences(*, store: Store, today: date, stamp: datetime) -> list[dict[str, Any]]:
    """What the apps further right say would follow; each of settings.IMPORT_CONSEQUENCES is called in the trial.

    ``stamp``: when the trial's rows were written; it tells them from the earlier ones.
    """
    found: list[dict[str, Any]] = []
    for name in settings.IMPORT_CONSEQUENCES:
        lines = import_string(name)(store=store, today=today, stamp=stamp)
        found += [{**line, "label": _in_each_language(line["label"])} for line in lines]
    return found


def _in_each_language(label: Any) -> dict[str, str]:
    """A job does not know who will read it."""
    said = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            said[code] = str(label)
    return said


def _new() -> list[dict[str, Any]]:
    rows = sql.rows(
        "SELECT w.row_no, w.order_no, k.plate, k.vin, w.visited_on, w.kind, w.net_fen"
        " FROM work_visit w JOIN stage_settled s ON s.row_no = w.row_no JOIN work_car k ON k.car = s.car"
        f" WHERE w.is_new ORDER BY w.row_no LIMIT {SAMPLES}"
    )
    return [
        {"row": row, "order_no": number, "car": plate or vin, "day": str(day), "kind": kind, "paid_fen": fen}
        for row, number, plate, vin, day, kind, fen in rows
    ]


def _changed(imported: Import) -> list[dict[str, Any]]:
    """Old and new value of each column that differs."""
    # Visits that only a reversal of the file changes are noted behind the file's own.
    notes = ImportChange.objects.filter(imported=imported, model="visit", created=False).order_by("pk")
    entries = list(islice((entry for note in notes.iterator(chunk_size=1) for entry in note.rows), SAMPLES))
    numbers = dict(Visit.objects.filter(pk__in=[entry[0] for entry in entries]).values_list("pk", "order_no"))
    return [
        {
            "row": row,
            "order_no": numbers[pk],
            "columns": _differing(old, new),
        }
        for pk, row, old, new, _touched in entries
    ]


def _differing(old: dict[str, Any], new: dict[str, Any]) -> list[list[Any]]:
    return [[name, old[name], new[name]] for name in new if old[name] != new[name]]


def _changed_cards(imported: Import, model: str) -> list[tuple[int, list[list[Any]]]]:
    """Primary key, and old and new value of each column that differs; readings that only move on are left out."""
    notes = ImportChange.objects.filter(imported=imported, model=model, created=False).order_by("pk")
    found: dict[int, list[list[Any]]] = {}
    for note in notes[:NOTES]:
        for pk, _row, old, new, _touched in note.rows:
            columns = [
                [name, old[name], new[name]]
                for name in new
                if old[name] != new[name] and name not in _READING
            ]
            # An address is noted apart from the rest of its card.
            if columns and (pk in found or len(found) < SAMPLES):
                found.setdefault(pk, []).extend(columns)
    return list(found.items())


def _told(imported: Import, report: Report) -> set[int]:
    """The rows that would be refused, for the workbook one can download before writing; warned and corrected ones."""
    rows = {row for row, _reason in report.rejected[:REJECTED]}
    for warned in report.warnings.values():
        rows.update(warned[:TOLD])
    for entries in (report.skipped, report.duplicates, report.reversals):
        rows.update(row for row, *_what in entries[:TOLD])
    return rows | imported.corrected_cells.keys()


def _reversed_visits(report: Report) -> list[tuple[int, int, bool]]:
    """Row of a reversal of no order of this file, or of one that is void now; the visit of ours that it reverses, and
    whether in full."""
    void = sql.rows("SELECT row_no, visit_id FROM work_void ORDER BY row_no LIMIT :most", most=TOLD)
    found = [(row, visit, True) for row, visit in void]
    unmatched = [row for row, _of, type_ in report.reversals[:TOLD] if type_ == "unmatched"]
    if not unmatched:
        return found
    return found + [
        (row, visit, bool(is_full))
        for row, visit, is_full in sql.rows(
            "SELECT r.row_no, r.visit_id, r.amount_fen = v.paid_fen + COALESCE("
            "(SELECT SUM(b.amount_fen) FROM customers_reversal b WHERE b.visit_id = v.id), 0)"
            " FROM work_reversal r JOIN customers_visit v ON v.id = r.visit_id"
            f" WHERE r.is_elsewhere AND r.row_no IN ({', '.join(map(str, unmatched))}) ORDER BY r.row_no"
        )
    ]


def _waiting_voids() -> list[int]:
    """Rows of void orders that we do not have yet."""
    rows = sql.rows(
        "SELECT row_no FROM work_voided WHERE visit_id IS NULL AND NOT is_told_else ORDER BY row_no LIMIT :most",
        most=TOLD,
    )
    return [row for (row,) in rows]


def _alike() -> list[dict[str, Any]]:
    """New customers whose name is nearly that of another who has had the same car: perhaps one person. Not merged."""
    pairs = sql.rows(
        "SELECT DISTINCT o.name, c.name, c.id, v.plate, v.vin FROM work_tie t"
        " JOIN work_owner o ON o.id = t.customer_id AND o.is_new"
        " JOIN customers_ownership w ON w.vehicle_id = t.vehicle_id AND w.customer_id <> o.id"
        " JOIN customers_customer c ON c.id = w.customer_id"
        " JOIN customers_vehicle v ON v.id = t.vehicle_id"
        " WHERE NOT t.is_new ORDER BY c.id"
    )
    return [
        {"new": new, "known": known, "customer": pk, "car": plate or vin}
        for new, known, pk, plate, vin in pairs
        if is_alike(new, known)
    ][:LISTED]


def is_alike(one: str, other: str) -> bool:
    """One name inside the other, or one character apart."""
    if min(len(one), len(other)) < 2:
        return False
    if one in other or other in one:
        return True
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1
