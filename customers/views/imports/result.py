"""What came of an import, its rejected rows as a workbook, taking it back, and the row behind a visit."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.http import require_GET, require_POST

from customers.dms.columns import defaults_of
from customers.dms.headers import Mapping
from customers.dms.labels import field_label
from customers.dms.raw import RawRow, rejected_workbook, rows_behind
from customers.forms.imports import POLICY_LABELS, UndoForm
from customers.models import Import, Visit
from customers.privacy import Sight
from customers.services import imports
from customers.views.imports.cells import shown
from customers.views.imports.decide import header_form
from customers.views.imports.doors import Status, gone_on, open_import, steps, to_its_step
from customers.views.imports.figures import (
    changed,
    content_of,
    counts_of,
    kinds_of,
    made,
    not_data_of,
    seconds_of,
    steps_taken,
)
from customers.views.imports.problems import problems_of
from customers.views.imports.undone import undone_of
from staff.permissions import StaffRequest, requires
from staff.services import record

WAITS_FOR_GROUPS = timedelta(minutes=30)
_ENDED = frozenset({Status.DONE, Status.REFUSED, Status.CANCELLED, Status.UNDONE})
_STEP = {Status.REFUSED: 2, Status.CANCELLED: 2}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@requires("import.run")
def result(request: StaffRequest, pk: int) -> HttpResponse:
    imported = open_import(request, pk)
    if imported.status not in _ENDED:
        return to_its_step(imported)
    return _result(request, imported, UndoForm(imported=imported))


def _result(request: StaffRequest, imported: Import, form: UndoForm, status: int = 200) -> HttpResponse:
    may_undo = imported.may_undo(timezone.now())
    context = {
        "imported": imported,
        "steps": steps(imported, _STEP.get(Status(imported.status), 5)),
        "form": form,
        "header_form": header_form(request, imported),
        "may_undo": may_undo,
        "built_on": [f"#{number}" for number in imports.built_on(imported)] if may_undo else [],
        "content": content_of(imported),
        "not_data": not_data_of(imported),
        "counts": counts_of(imported),
        "kinds": kinds_of(imported),
        "seconds": seconds_of(imported),
        "steps_taken": steps_taken(imported),
        "new_visits": made(imported, "visits"),
        "changed_visits": changed(imported, "visits"),
        "rejected": len(imported.report.get("rejected", ())),
        "columns": _columns(imported),
        **_aftermath(imported),
        **undone_of(request, imported),
        **problems_of(request, imported, _sight(request, imported)),
    }
    return render(request, "customers/imports/result.html", context, status=status)


def _aftermath(imported: Import) -> dict[str, Any]:
    """Which groups the cars went to, once that is worked out; soon after writing the page waits for it."""
    stood_at = imported.stood_at
    if imported.status != Status.DONE or not stood_at or not counts_of(imported):
        return {}
    found = import_string(settings.IMPORT_AFTERMATH)(store=imported.store, done_at=stood_at)
    return {
        "aftermath": found,
        "waits_for_groups": not found and timezone.now() - stood_at < WAITS_FOR_GROUPS,
    }


def _sight(request: StaffRequest, imported: Import) -> Sight:
    return Sight(request.active.roles.get(imported.store_id))


def _columns(imported: Import) -> list[tuple[str, Any, Any]]:
    """Header, what it was read as, and who won where we had another value; of each column with a name."""
    if not imported.mapping:
        return []
    mapping = Mapping.from_dict(imported.mapping)
    usual = defaults_of(mapping.export)
    return [
        (
            column.header,
            field_label(column.field) if column.field else "",
            POLICY_LABELS.get(imported.policy.get(column.field) or usual.get(column.field, ""), ""),
        )
        for column in mapping.columns
        if column.header.strip()
    ]


@require_POST
@requires("import.run")
def rejected(request: StaffRequest, pk: int) -> HttpResponseBase:
    """By POST, for every download is entered in the audit trail."""
    imported = open_import(request, pk)
    if not imported.report.get("rejected"):
        return to_its_step(imported)
    workbook = BytesIO(rejected_workbook(imported))
    record(
        user=request.user,
        action="import.rejected",
        store=imported.store,
        subject=imported,
        rows=len(imported.report["rejected"]),
    )
    name = f"{PurePath(imported.file_name).stem or imported.pk}-rejected.xlsx"
    return FileResponse(workbook, as_attachment=True, filename=name, content_type=_XLSX)


@require_POST
@requires("import.run")
def undo(request: StaffRequest, pk: int) -> HttpResponse:
    imported = open_import(request, pk)
    if not imported.may_undo(timezone.now()):
        return to_its_step(imported)
    form = UndoForm(request.POST, imported=imported)
    if not form.is_valid():
        return _result(request, imported, form, status=422)
    try:
        imports.start_undo(imported=imported, by=request.user, now=timezone.now())
    except imports.ImportRefused:
        return gone_on(request, imported)
    return to_its_step(imported)


@require_GET
@requires("import.run")
def row(request: StaffRequest, pk: int) -> HttpResponse:
    """The rows of files that made or changed a visit."""
    visit = get_object_or_404(
        Visit.objects.visible_to(request.user).select_related("store", "vehicle"), pk=pk
    )
    request.active.require("import.run", visit.store_id)
    sight = Sight(request.active.roles.get(visit.store_id))
    sources = [_source(raw, sight) for raw in rows_behind(visit=visit, user=request.user)]
    context = {"visit": visit, "sources": sources}
    return render(request, "customers/imports/row.html", context)


def _source(raw: RawRow, sight: Sight) -> dict[str, Any]:
    """The row's columns: header, what it was read as, value, and what a user typed instead."""
    columns = raw.imported.mapping.get("columns", [])
    fields = [str(column[2]) for column in columns] + [""] * len(raw.cells)
    values = []
    for place, ((header, cell), field) in enumerate(zip(raw.cells, fields, strict=False)):
        text, typed = shown(cell, field, sight), shown(raw.typed.get(place, ""), field, sight)
        if header.strip() or text:
            values.append((header, field_label(field) if field else "", text, typed))
    return {"imported": raw.imported, "row_no": raw.row_no, "values": values}
