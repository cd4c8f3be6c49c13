"""Checking, trying out and writing a file, in the process that calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from customers.dms.commit import Outcome, Progress, silent, staged, tidy, write
from customers.dms.header_rows import FIRST
from customers.dms.headers import Mapping as Columns
from customers.dms.preview import NoHeader
from customers.dms.refused import FileRefused
from customers.models import Import
from customers.services.imports.mappings import look_at, prepare_mapping
from customers.services.imports.starts import ImportRefused
from customers.services.imports.uploads import receive_upload
from staff.models import Store, User

Status = Import.Status


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
        mark_refused(imported=imported, refused=refused)
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
    with staged(imported, today=today, progress=progress) as found:

        def finish(outcome: Outcome) -> None:
            settle(imported, outcome, found.mapping)
            if job is not None:
                job.finish(result_of(imported, outcome))

        outcome = write(
            imported,
            found,
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
    before = (imported.mapping, imported.policy, imported.day_order, imported.header_row, imported.sheet)
    head = look_at(imported)
    samples: dict[str, Any] = {"head": head.samples, "format": head.format, "encoding": head.encoding}
    if imported.header_row:
        samples["first"] = head.first
        if sheets := head.sheets or imported.remembered_samples.get("sheets"):
            samples["sheets"] = sheets
    status = Status.MAPPED
    if not prepare_mapping(imported).missing:
        outcome = run_import(imported=imported, today=today, trial=True, progress=progress)
        status = Status.READY
        samples |= outcome.samples
        imported.report, imported.export = full_report(outcome), outcome.report.export
        imported.counts = {**outcome.counts.as_dict(), "consequences": outcome.consequences}
        imported.seconds = _rounded(outcome.seconds)
        imported.untried = False
    imported.samples = json.dumps(samples, ensure_ascii=False, default=str)
    imported.status = status
    with transaction.atomic():
        fresh = Import.objects.without_reports().select_for_update(of=("self",)).get(pk=imported.pk)
        now = (fresh.mapping, fresh.policy, fresh.day_order, fresh.header_row, fresh.sheet)
        if now == before and fresh.status == Status.CHECKING:
            imported.save(
                update_fields=[
                    *("mapping", "fingerprint", "sheet", "policy", "report", "export", "counts", "seconds"),
                    *("header_row", "samples", "status", "untried"),
                ]
            )
    return status


def settle(imported: Import, outcome: Outcome, mapping: Columns) -> None:
    """The end of a write, in its transaction."""
    fresh = Import.objects.without_reports().select_for_update(of=("self",)).get(pk=imported.pk)
    if fresh.status not in (Status.RECEIVED, Status.COMMITTING):
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


@transaction.atomic
def mark_refused(*, imported: Import, refused: FileRefused) -> None:
    """Unless it was cancelled meanwhile. Where no header is known a person may: the first rows are kept."""
    at_work = Import.objects.filter(
        pk=imported.pk, status__in=(Status.RECEIVED, Status.CHECKING, Status.COMMITTING)
    )
    if not at_work.update(status=Status.REFUSED, refusal=refused.reason_code):
        return
    imported.status, imported.refusal = Status.REFUSED, refused.reason_code
    if isinstance(refused, NoHeader):
        imported.sheet = refused.sheet[:120]
        kept: dict[str, Any] = {"first": refused.head[:FIRST]}
        if refused.sheets:
            kept["sheets"] = refused.sheets
        imported.samples = json.dumps(kept, ensure_ascii=False)
        imported.save(update_fields=["sheet", "samples"])
