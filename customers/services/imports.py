"""An import from upload to undo, as pages, jobs and commands call it."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.db import IntegrityError, transaction
from django.utils import timezone

from customers.dms.check import preview
from customers.dms.columns import DEFAULTS, POLICIES
from customers.dms.commit import Outcome, Progress, report_dict, silent, staged, tidy, write
from customers.dms.headers import Mapping as Columns
from customers.dms.refused import FileRefused
from customers.models import Import, ImportMapping, KindWord
from customers.values.kinds import KINDS, kind_word
from jobs.models import Job
from jobs.services import enqueue
from staff.models import Store, User
from staff.services import record

Status = Import.Status
CHECK, COMMIT, UNDO = "customers.check_import", "customers.commit_import", "customers.undo_import"
CHUNK = 1 << 18
# The rows stay in the database, sealed; the file itself is not needed for longer.
KEEP_FILES = timedelta(days=30)


class ImportRefused(Exception):
    """It cannot be done with this import as it stands, for example because it is written already."""


def receive_upload(
    *, file: IO[bytes], file_name: str, store: Store, by: User | None, form_key: uuid.UUID | None = None
) -> tuple[Import, bool]:
    """Keep the file under a random name; the import, and whether this call made it.

    A second post of one form finds the first one's. Raises FileRefused for an empty file or one too big.
    """
    if form_key is not None:
        first = Import.objects.filter(form_key=form_key, created_by=by).first()
        if first is not None:
            return first, False
    size, digest = _measure(file)
    imported = Import(
        store=store,
        file_name=Path(file_name).name[:200],
        size=size,
        sha256=digest,
        form_key=form_key,
        created_by=by,
        repeats=written_before(store=store, sha256=digest),
    )
    imported.file.save("upload", File(file), save=False)
    try:
        with transaction.atomic():
            imported.save()
            record(user=by, action="import.upload", store=store, subject=imported, size=size)
    except IntegrityError:
        imported.file.delete(save=False)
        return Import.objects.get(form_key=form_key, created_by=by), False
    return imported, True


def _measure(file: IO[bytes]) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    file.seek(0)
    while chunk := file.read(CHUNK):
        size += len(chunk)
        if size > settings.IMPORT_MAX_BYTES:
            raise FileRefused("too_big")
        digest.update(chunk)
    file.seek(0)
    if not size:
        raise FileRefused("empty_file")
    return size, digest.hexdigest()


def written_before(*, store: Store, sha256: str) -> Import | None:
    """The import that wrote these very bytes to the store and still stands."""
    return Import.objects.finished().filter(store=store, sha256=sha256).order_by("pk").first()


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


@transaction.atomic
def set_mapping(
    *,
    imported: Import,
    fields: Mapping[int, str],
    kinds: Mapping[str, str] | None = None,
    policy: Mapping[str, str] | None = None,
    day_order: str = "",
) -> Import:
    """What the user decided on the mapping page; remembered for the store's next file of this shape.

    ``fields``: column number -> field, or "" for none; ``kinds``: word of the file -> kind of visit;
    ``policy``: field -> fill, overwrite or keep. Raises ValueError for a name nobody knows, ImportRefused when it
    is too late. Call start_check afterwards.
    """
    fresh = Import.objects.select_for_update(of=("self",)).get(pk=imported.pk)
    if fresh.status not in (Status.MAPPED, Status.READY, Status.CHECKING) or not fresh.mapping:
        raise ImportRefused(fresh.status)
    chosen = {name: value for name, value in (policy or {}).items() if value != DEFAULTS.get(name)}
    if set(chosen) - set(DEFAULTS) or set(chosen.values()) - set(POLICIES):
        raise ValueError("no such policy")
    words = {kind_word(word): kind for word, kind in (kinds or {}).items() if kind}
    if set(words.values()) - set(KINDS) or day_order not in ("", "dmy", "mdy"):
        raise ValueError("no such kind or order of days")
    mapping = Columns.from_dict(fresh.mapping).with_fields(fields)
    fresh.mapping, fresh.policy, fresh.day_order = mapping.as_dict(), chosen, day_order
    fresh.fingerprint = mapping.fingerprint
    fresh.save(update_fields=["mapping", "policy", "day_order", "fingerprint"])
    remember(store=fresh.store, mapping=mapping, policy=chosen)
    for word, kind in words.items():
        KindWord.objects.update_or_create(store=fresh.store, word=word[:60], defaults={"kind": kind})
    return fresh


def remember(*, store: Store, mapping: Columns, policy: Mapping[str, str]) -> None:
    """The columns a user chose, for the next file with these headers."""
    columns = {str(column.index): column.field for column in mapping.columns if column.verdict == "chosen"}
    ImportMapping.objects.update_or_create(
        store=store,
        fingerprint=mapping.fingerprint,
        defaults={"columns": columns, "policy": dict(policy), "updated_at": timezone.now()},
    )


def with_memory(*, imported: Import, mapping: Columns) -> Columns:
    """``mapping`` as the store's user corrected it last time; its policies go to ``imported``."""
    kept = ImportMapping.objects.filter(store=imported.store_id, fingerprint=mapping.fingerprint).first()
    if kept is None:
        return mapping
    imported.policy = kept.policy
    return mapping.with_fields({int(index): field for index, field in kept.columns.items()})


def import_now(
    *,
    path: Path,
    store: Store,
    today: date,
    by: User | None = None,
    trial: bool = False,
    progress: Progress = silent,
) -> tuple[Import, Outcome]:
    """Upload, check and write in this process, for the command. Raises FileRefused, with the import kept as refused.

    A trial leaves nothing behind.
    """
    with path.open("rb") as file:
        imported, _ = receive_upload(file=file, file_name=path.name, store=store, by=by)
    keep = False
    try:
        outcome = run_import(imported=imported, today=today, trial=trial, progress=progress)
        keep = not trial
    except FileRefused as refused:
        mark_refused(imported=imported, code=refused.reason_code)
        keep = not trial
        raise
    finally:
        if not keep:
            imported.file.delete(save=False)
            Import.objects.filter(pk=imported.pk).delete()
    return imported, outcome


def run_import(
    *,
    imported: Import,
    today: date,
    trial: bool = False,
    progress: Progress = silent,
    job: Any = None,
) -> Outcome:
    """Check, stage and write (or try to) what ``imported`` holds; on return it says what came of it."""
    if prepare_mapping(imported).missing:
        raise FileRefused("missing_column")
    with staged(imported, today=today, progress=progress) as (report, mapping, seconds):

        def finish(outcome: Outcome) -> None:
            settle(imported, outcome, mapping)
            if job is not None:
                job.finish(result_of(imported, outcome))

        outcome = write(
            imported,
            report=report,
            mapping=mapping,
            seconds=seconds,
            progress=progress,
            trial=trial,
            finish=finish,
        )
    if not trial:
        # Known only now: most of a commit's time is the check of deferred foreign keys.
        imported.seconds = _rounded(outcome.seconds)
        Import.objects.filter(pk=imported.pk).update(seconds=imported.seconds)
        tidy(outcome.counts)
    return outcome


def _rounded(seconds: Mapping[str, float]) -> dict[str, float]:
    return {step: round(value, 3) for step, value in seconds.items()}


def try_out(*, imported: Import, today: date, progress: Progress = silent) -> Import.Status:
    """Check and write in a transaction that is rolled back; the import then shows what would come of it.

    Decisions made meanwhile outdate the result: it is dropped, and the check they asked for comes behind.
    Raises FileRefused.
    """
    before = imported.mapping, imported.policy, imported.day_order
    head = preview(Path(imported.file.path), sheet=imported.sheet)
    samples: dict[str, Any] = {"head": head.samples, "format": head.format, "encoding": head.encoding}
    status = Status.MAPPED
    if not prepare_mapping(imported).missing:
        outcome = run_import(imported=imported, today=today, trial=True, progress=progress)
        status = Status.READY
        samples |= outcome.samples
        imported.report, imported.export = full_report(outcome), outcome.report.export
        imported.counts = {**outcome.counts.as_dict(), "consequences": outcome.consequences}
        imported.seconds = _rounded(outcome.seconds)
    imported.samples = json.dumps(samples, ensure_ascii=False, default=str)
    imported.status = status
    with transaction.atomic():
        fresh = Import.objects.select_for_update(of=("self",)).get(pk=imported.pk)
        if (fresh.mapping, fresh.policy, fresh.day_order) == before and fresh.status == Status.CHECKING:
            imported.save(
                update_fields=[
                    *("mapping", "fingerprint", "sheet", "policy", "report", "export", "counts", "seconds"),
                    *("samples", "status"),
                ]
            )
    return status


def prepare_mapping(imported: Import) -> Columns:
    """What the header suggests and this store's user corrected before, unless this file's mapping stands already."""
    if imported.mapping:
        return Columns.from_dict(imported.mapping)
    head = preview(Path(imported.file.path), sheet=imported.sheet)
    mapping = with_memory(imported=imported, mapping=head.mapping)
    imported.sheet = imported.sheet or head.sheet[:120]
    imported.mapping, imported.fingerprint = mapping.as_dict(), mapping.fingerprint
    return mapping


def settle(imported: Import, outcome: Outcome, mapping: Columns) -> None:
    """The end of a write, in its transaction."""
    fresh = Import.objects.select_for_update(of=("self",)).get(pk=imported.pk)
    if fresh.status in (Status.DONE, Status.UNDOING, Status.UNDONE):
        raise ImportRefused(fresh.status)
    imported.status = Status.DONE
    imported.committed_at = outcome.stamp
    imported.export = outcome.report.export
    imported.mapping, imported.fingerprint = mapping.as_dict(), mapping.fingerprint
    imported.report, imported.counts = full_report(outcome), outcome.counts.as_dict()
    imported.seconds = _rounded(outcome.seconds)
    imported.save()


def full_report(outcome: Outcome) -> dict[str, Any]:
    """The report with what the pages say besides: what was no data, unknown words, how days were read."""
    report = outcome.report
    return {
        **report.as_dict(),
        "not_data": [{"row": row, "reason": reason} for row, reason in report.not_data],
        "unknown_kinds": report.unknown_kinds,
        "day_order": report.day_order,
        "day_order_is_guess": report.day_order_is_guess,
        "first_day": report.first_day,
        "last_day": report.last_day,
    }


def result_of(imported: Import, outcome: Outcome) -> dict[str, Any]:
    """What the job's page says of it: figures only."""
    return {
        "import": imported.pk,
        "rows": outcome.report.data_rows,
        "created": outcome.counts.created.get("visits", 0),
        "changed": outcome.counts.changed.get("visits", 0),
        "rejected": len(outcome.report.rejected),
    }


def mark_refused(*, imported: Import, code: str) -> None:
    imported.status, imported.refusal = Status.REFUSED, code
    imported.save(update_fields=["status", "refusal"])


def forget_files(*, now: datetime) -> int:
    """Delete the uploaded files that are no longer needed; return how many. Their rows stay, sealed."""
    old = Import.objects.filter(created_at__lt=now - KEEP_FILES).exclude(file="")
    count = 0
    for imported in old.exclude(status__in=(Status.CHECKING, Status.COMMITTING)):
        imported.file.delete(save=False)
        Import.objects.filter(pk=imported.pk).update(file="")
        count += 1
    return count


__all__ = [
    "FileRefused",
    "ImportRefused",
    "forget_files",
    "import_now",
    "receive_upload",
    "report_dict",
    "set_mapping",
    "start_check",
    "start_commit",
    "start_undo",
]
