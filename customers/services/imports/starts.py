"""What a page asks of an import: to be checked, written, taken back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from customers.models import Import
from jobs.models import Job
from jobs.services import enqueue
from staff.models import User
from staff.services import record

Status = Import.Status
CHECK, COMMIT, UNDO = "customers.check_import", "customers.commit_import", "customers.undo_import"


class ImportRefused(Exception):
    """It cannot be done with this import as it stands, for example because it is written already."""


def start_check(*, imported: Import, by: User | None) -> Job:
    """Read the file and try it out, in a job; afterwards it is ready, mapped (decisions wanted) or refused."""
    return _start(
        imported, CHECK, by, Status.CHECKING, (Status.RECEIVED, Status.CHECKING, Status.MAPPED, Status.READY)
    )


def start_commit(*, imported: Import, by: User | None) -> Job:
    """Write it, in a job. Raises ImportRefused unless it is ready."""
    return _start(imported, COMMIT, by, Status.COMMITTING, (Status.READY, Status.COMMITTING))


def start_undo(*, imported: Import, by: User | None, now: datetime) -> Job:
    """Take it back, in a job, within seven days. Raises ImportRefused otherwise."""
    if imported.status == Status.DONE and not imported.may_undo(now):
        raise ImportRefused("too_late")
    return _start(imported, UNDO, by, Status.UNDOING, (Status.DONE, Status.UNDOING))


def _start(
    imported: Import, kind: str, by: User | None, status: Import.Status, allowed: tuple[Import.Status, ...]
) -> Job:
    with transaction.atomic():
        moved = Import.objects.filter(pk=imported.pk, status__in=allowed).update(status=status)
        if not moved:
            raise ImportRefused(Import.objects.get(pk=imported.pk).status)
        # A check asked for while one runs is about decisions made since; writing twice is not wanted.
        job = enqueue(
            kind=kind,
            key=f"{kind}:{imported.pk}",
            arguments={"imported": imported.pk},
            store=imported.store,
            by=by,
            even_while_running=kind == CHECK,
        )
        Import.objects.filter(pk=imported.pk).update(job=job)
        if kind != CHECK:
            record(user=by, action=kind.removeprefix("customers."), store=imported.store, subject=imported)
    imported.status, imported.job = status, job
    return job
