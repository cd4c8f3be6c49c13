"""Opening an import, and which of its pages is the right one now."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from customers.models import Import
from staff.figures import number
from staff.permissions import StaffRequest

Status = Import.Status
IN_PROGRESS = frozenset({Status.RECEIVED, Status.CHECKING, Status.COMMITTING, Status.UNDOING})
DECIDABLE = frozenset({Status.MAPPED, Status.READY})
_PAGES = {
    **dict.fromkeys(IN_PROGRESS, "import_progress"),
    Status.MAPPED: "import_mapping",
    Status.READY: "import_preview",
}


def open_import(request: StaffRequest, pk: int) -> Import:
    """404 for another store's, 403 where the role at the import's store runs no imports."""
    rows = Import.objects.visible_to(request.user)
    imported = get_object_or_404(
        rows.select_related("store", "created_by", "cancelled_by", "job", "repeats__created_by"), pk=pk
    )
    request.active.require("import.run", imported.store_id)
    return imported


def step_url(imported: Import) -> str:
    """The page that shows what is to be done, or what came of it."""
    name = _PAGES.get(Status(imported.status), "import_result")
    return reverse(f"customers:{name}", args=[imported.pk])


def to_its_step(imported: Import) -> HttpResponse:
    return redirect(step_url(imported))


# In the address of the progress page: the columns have been looked at, so the dry run is next.
DECIDED = "decided"


def next_url(imported: Import, *, decided: bool) -> str:
    """Where the progress page leads: to the columns first while something in the file is not understood."""
    report = imported.report
    guessed = report.get("day_order_is_guess") and not imported.day_order
    asks = report.get("unknown_kinds") or guessed or _is_header_new(imported)
    if imported.status == Status.READY and not decided and asks:
        return reverse("customers:import_mapping", args=[imported.pk])
    return step_url(imported)


def _is_header_new(imported: Import) -> bool:
    """A person said which row it is, and nobody yet what its columns mean."""
    columns = imported.mapping.get("columns", ())
    return imported.header_row is not None and all(verdict != "chosen" for *_rest, verdict in columns)


def gone_on(request: StaffRequest, imported: Import) -> HttpResponse:
    """Somebody else, or another window, was faster."""
    messages.warning(request, _("This import had moved on meanwhile. Here is how it stands."))
    return to_its_step(Import.objects.get(pk=imported.pk))


def steps(imported: Import | None, on: int) -> list[dict[str, Any]]:
    """The four steps; ``on`` from 1, 5 when all are done. Steps that can be gone back to are links."""
    rows = imported.report.get("data_rows") if imported else None
    columns = len(imported.mapping.get("columns", ())) if imported else 0
    notes = [
        _counted(ngettext("%(shown)s row", "%(shown)s rows", rows), rows) if rows else _("Choose a file"),
        _counted(ngettext("%(shown)s column", "%(shown)s columns", columns), columns)
        if columns
        else _("What is what"),
        _("Writes nothing"),
        _("Can be undone for 7 days"),
    ]
    labels = [
        pgettext("step of an import", "Upload"),
        pgettext("step of an import", "Columns"),
        pgettext("step of an import", "Dry run"),
        pgettext("step of an import", "Write"),
    ]
    found = []
    for place, (label, note) in enumerate(zip(labels, notes, strict=True), start=1):
        state = "done" if place < on else "on" if place == on else ""
        found.append({"label": label, "note": note, "state": state, "url": _step_link(imported, place)})
    return found


def _counted(text: str, count: int) -> str:
    return text % {"shown": number(count)}


def _step_link(imported: Import | None, place: int) -> str:
    if imported is None or imported.status not in DECIDABLE:
        return ""
    if place == 2:
        return reverse("customers:import_mapping", args=[imported.pk])
    if place == 3 and imported.status == Status.READY:
        return reverse("customers:import_preview", args=[imported.pk])
    return ""
