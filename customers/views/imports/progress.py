"""How far a job on an import is, and stopping it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from customers.models import Import
from customers.services import imports
from customers.views.imports.doors import (
    DECIDED,
    IN_PROGRESS,
    Status,
    gone_on,
    next_url,
    open_import,
    steps,
    to_its_step,
)
from jobs.models import Job, may_retry
from staff.pages import wants_fragment
from staff.permissions import StaffRequest, requires

_ON = {Status.RECEIVED: 2, Status.CHECKING: 2, Status.COMMITTING: 4, Status.UNDOING: 4}


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds so far, rows a second and seconds left, as far as they can be told."""

    seconds: int | None = None
    rate: float | None = None
    left: int | None = None


def pace_of(job: Job) -> Pace:
    seconds = job.seconds
    if seconds is None or not job.is_open:
        return Pace()
    if seconds < 1 or not job.progress_done:
        return Pace(int(seconds))
    rate = job.progress_done / seconds
    missing = job.progress_total - job.progress_done
    return Pace(int(seconds), rate, round(missing / rate) if missing > 0 else None)


def heading_of(imported: Import) -> str:
    if imported.status == Status.COMMITTING:
        return _("The file is being written")
    if imported.status == Status.UNDOING:
        return _("The import is being taken back")
    return _("The file is being checked; nothing is written yet")


@require_GET
@requires("import.run")
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def progress(request: StaffRequest, pk: int) -> HttpResponse:
    imported = open_import(request, pk)
    if imported.status not in IN_PROGRESS:
        url = next_url(imported, decided=DECIDED in request.GET)
        return HttpResponseClientRedirect(url) if wants_fragment(request) else redirect(url)
    job = imported.job
    context = {
        "imported": imported,
        "job": job,
        "pace": pace_of(job) if job else Pace(),
        "heading": heading_of(imported),
        "may_retry": job is not None and job.status == Job.Status.FAILED and may_retry(request.user, job),
        "steps": steps(imported, _ON[Status(imported.status)]),
    }
    name = "_progress" if wants_fragment(request) else "progress"
    return render(request, f"customers/imports/{name}.html", context)


@require_POST
@requires("import.run")
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    imported = open_import(request, pk)
    try:
        imports.cancel(imported=imported, by=request.user, now=timezone.now())
    except imports.ImportRefused as refused:
        if refused.args[0] != Status.DONE:
            return gone_on(request, imported)
        messages.warning(request, _("It was written before it could be stopped. You can take it back here."))
        return to_its_step(Import.objects.get(pk=pk))
    return to_its_step(imported)
