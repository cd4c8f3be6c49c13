"""What workers and beat call."""

from __future__ import annotations

from datetime import date
from typing import Any

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from customers.dms.refused import FileRefused
from customers.dms.undo import undo
from customers.models import Import
from customers.services import imports
from jobs.engine import JobRefused, RunningJob, job_task


def _steps() -> dict[str, str]:
    return {
        "read": _("Reading the file"),
        "stage": _("Sorting the rows"),
        "customers": _("Writing customers and cars"),
        "visits": _("Writing visits"),
        "cars": _("Writing down what changed"),
    }


def _progress(running: RunningJob) -> imports.Progress:
    steps = _steps()

    def tell(step: str, done: int, total: int) -> None:
        running.progress(done, total, steps[step])

    return tell


def _sum_up(result: dict[str, Any]) -> str:
    rows = result.get("rows", 0)
    return ngettext("%(rows)d row, %(created)d new visits", "%(rows)d rows, %(created)d new visits", rows) % {
        "rows": rows,
        "created": result.get("created", 0),
    }


@job_task(imports.CHECK, label=gettext_lazy("Check a DMS export"))
def check_import(running: RunningJob, imported: int, today: str = "") -> dict[str, Any]:
    found = Import.objects.select_related("store").get(pk=imported)
    if found.status != Import.Status.CHECKING:
        return {"import": imported, "status": found.status}
    try:
        status = imports.try_out(imported=found, today=_day(today), progress=_progress(running))
    except FileRefused as refused:
        imports.mark_refused(imported=found, refused=refused)
        raise JobRefused(refused.message) from refused
    return {"import": imported, "status": status, "rows": found.report.get("data_rows", 0)}


@job_task(imports.COMMIT, label=gettext_lazy("Write a DMS export"), summary=_sum_up)
def commit_import(running: RunningJob, imported: int, today: str = "") -> dict[str, Any]:
    found = Import.objects.without_reports().select_related("store").get(pk=imported)
    if found.status != Import.Status.COMMITTING:
        raise JobRefused(_("This import has been written, cancelled or taken back already."))
    try:
        outcome = imports.run_import(
            imported=found, today=_day(today), progress=_progress(running), job=running
        )
    except FileRefused as refused:
        imports.mark_refused(imported=found, refused=refused)
        raise JobRefused(refused.message) from refused
    except imports.ImportRefused as refused:
        raise JobRefused(_("This import has been written, cancelled or taken back already.")) from refused
    return imports.result_of(found, outcome)


@job_task(imports.UNDO, label=gettext_lazy("Take a DMS import back"))
def undo_import(running: RunningJob, imported: int) -> dict[str, Any]:
    found = Import.objects.without_reports().select_related("store").get(pk=imported)
    if found.status != Import.Status.UNDOING:
        raise JobRefused(_("This import has been taken back already."))
    return undo(imported=found, now=timezone.now(), finish=running.finish)


def _day(text: str) -> date:
    return date.fromisoformat(text) if text else timezone.localdate()


@shared_task(name="customers.forget_import_files")
def forget_import_files() -> int:
    return imports.forget_files(now=timezone.now())
