"""What a page asks of an import: to be checked, written, cancelled, taken back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from customers.encryption import Sealed
from customers.models import Import
from jobs import services as jobs
from jobs import stops
from jobs.models import Job
from staff.models import User
from staff.services import record

Status = Import.Status
# Nothing of it is written yet.
CANCELLABLE = (Status.RECEIVED, Status.CHECKING, Status.MAPPED, Status.READY, Status.COMMITTING)
CHECK, COMMIT, UNDO = "customers.check_import", "customers.commit_import", "customers.undo_import"


class ImportRefused(Exception):
    """It cannot be done with this import as it stands, for example because it is written already."""


def start_check(*, imported: Import, by: User | None) -> Job:
    """Read the file and try it out, in a job; afterwards it is ready, mapped (decisions wanted) or refused."""
    return _start(
        imported, CHECK, by, Status.CHECKING, (Status.RECEIVED, Status.CHECKING, Status.MAPPED, Status.READY)
    )


@transaction.atomic
def start_with_header(*, imported: Import, sheet: str, row: int, by: User | None) -> Job:
    """Check it again with this of a sheet's first rows as the header; what was mapped by another is forgotten.

    Raises ImportRefused where the row is none of ``Import.header_choices``, as it stands now.
    """
    fresh = Import.objects.select_for_update(of=("self",)).get(pk=imported.pk)
    if row not in dict(fresh.header_choices.get(sheet, ())):
        raise ImportRefused(fresh.status)
    fresh.sheet, fresh.header_row, fresh.status, fresh.refusal = sheet, row, Status.RECEIVED, ""
    fresh.mapping, fresh.fingerprint, fresh.report = {}, "", {}
    fresh.save(update_fields=["sheet", "header_row", "status", "refusal", "mapping", "fingerprint", "report"])
    return start_check(imported=fresh, by=by)


def start_commit(*, imported: Import, by: User | None) -> Job:
    """Write it, in a job. Raises ImportRefused unless it is ready as its last dry run showed it."""
    return _start(imported, COMMIT, by, Status.COMMITTING, (Status.READY, Status.COMMITTING), untried=False)


def start_undo(*, imported: Import, by: User | None, now: datetime) -> Job:
    """Take it back, in a job, within seven days. Raises ImportRefused otherwise."""
    if imported.status == Status.DONE and not imported.may_undo(now):
        raise ImportRefused("too_late")
    return _start(imported, UNDO, by, Status.UNDOING, (Status.DONE, Status.UNDOING))


def _start(
    imported: Import,
    kind: str,
    by: User | None,
    status: Import.Status,
    allowed: tuple[Import.Status, ...],
    **state: bool,
) -> Job:
    with transaction.atomic():
        moved = Import.objects.filter(pk=imported.pk, status__in=allowed, **state).update(status=status)
        if not moved:
            raise ImportRefused(Import.objects.get(pk=imported.pk).status)
        # A check asked for while one runs is about decisions made since; writing twice is not wanted.
        job = jobs.enqueue(
            kind=kind,
            key=_key(kind, imported),
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


def cancel(*, imported: Import, by: User | None, now: datetime) -> None:
    """End it before it is written, with nothing of it left but who sent what, and who stopped it.

    A worker in the midst of it rolls back. Raises ImportRefused when it ended otherwise, be it a moment ago.
    """
    keys = [_key(kind, imported) for kind in (CHECK, COMMIT)]
    at_work = Job.objects.open().filter(key__in=keys).values_list("pk", flat=True)
    with stops.asked(list(at_work)), transaction.atomic():
        moved = Import.objects.filter(pk=imported.pk, status__in=CANCELLABLE).update(
            status=Status.CANCELLED,
            cancelled_at=now,
            cancelled_by=by,
            file="",
            corrections=Sealed(),
            samples=Sealed(),
            counts={},
        )
        if not moved:
            raise ImportRefused(Import.objects.get(pk=imported.pk).status)
        jobs.cancel(keys=keys)
        record(user=by, action="import.cancel", store=imported.store, subject=imported)
        transaction.on_commit(lambda: imported.file.delete(save=False))
    imported.status = Status.CANCELLED


def _key(kind: str, imported: Import) -> str:
    return f"{kind}:{imported.pk}"
