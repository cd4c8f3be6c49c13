"""Check a file, stage its rows, write them: the one way in, for pages, jobs and commands, for real or as a trial."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from customers.dms import sql
from customers.dms.columns import Choice
from customers.dms.headers import Mapping as Columns
from customers.dms.plain import Plain
from customers.dms.report import Report
from customers.dms.trial import consequences, trial_samples
from customers.dms.write import Counts, analyse_staging, lock, write_staged
from customers.models import Import, KindWord
from jobs.services import announce
from staff.models import Store

if TYPE_CHECKING:
    from customers.dms.check import Checked, Sink

# After so many new rows the tables' figures are made anew, or index-only scans go back to the heap.
BIG = 20_000
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Outcome:
    """What a run found and wrote, or would have written."""

    report: Report
    counts: Counts
    # Stands in updated_at of every row written: what differs later was somebody else's work.
    stamp: datetime
    seconds: dict[str, float] = field(default_factory=dict)
    samples: dict[str, Any] = field(default_factory=dict)
    consequences: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Staged:
    """A file in the staging tables. ``seconds``: what each step took, filled as they are done."""

    report: Report
    mapping: Columns
    plain: Plain
    seconds: dict[str, float]


def silent(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@contextmanager
def staged(imported: Import, *, today: date, progress: Progress = silent) -> Iterator[Staged]:
    """The file checked and staged; the staging tables are there until the block is left. Raises FileRefused."""
    # With what it needs of numpy: workers do this, and no page.
    from customers.dms.stage import Stage

    seconds: dict[str, float] = {}
    began = time.monotonic()
    stage = Stage(store=imported.store, today=today)
    try:
        found = _checked(imported, stage, today=today, progress=lambda done: progress("read", done, 0))
        seconds["check"] = time.monotonic() - began
        began = time.monotonic()
        total = found.report.data_rows
        fields = [[column.index, column.field] for column in found.mapping.columns if column.field]
        decided = [fields, imported.policy, _words(imported)]
        progress("stage", total, total)
        stage.settle(found, decided)
        analyse_staging()
        seconds["stage"] = time.monotonic() - began
        what = Staged(found.report, found.mapping, stage.plain, seconds)
        # With what is kept of every row: the tables have it now.
        del found
        yield what
    finally:
        stage.close()
        if not connection.needs_rollback:
            sql.drop_all()
            sql.close_scratch()


def _checked(imported: Import, sink: Sink, *, today: date, progress: Callable[[int], None]) -> Checked:
    """The file checked as its import says: mapping, words, day order. Raises FileRefused."""
    from customers.dms.check import check_file

    day_order: Any = imported.day_order or None
    mapping = Columns.from_dict(imported.mapping) if imported.mapping else None
    return check_file(
        Path(imported.file.path),
        today=today,
        sink=sink,
        mapping=mapping,
        kinds=_words(imported),
        day_order=day_order,
        sheet=imported.sheet,
        corrections=imported.corrected_cells,
        progress=progress,
    )


def _words(imported: Import) -> dict[str, str]:
    return dict(KindWord.objects.filter(store=imported.store_id).values_list("word", "kind"))


def write(
    imported: Import,
    found: Staged,
    *,
    progress: Progress = silent,
    trial: bool = False,
    finish: Callable[[Outcome], None] | None = None,
) -> Outcome:
    """Write the staged rows in one transaction. ``finish`` is called last inside it; a trial is rolled back."""
    began = time.monotonic()
    now = timezone.now()
    report, total = found.report, found.report.data_rows
    choice = Choice(found.mapping.fields, imported.policy, report.export)
    with transaction.atomic():
        lock()
        counts = write_staged(
            imported=imported,
            choice=choice,
            by=imported.created_by_id,
            now=now,
            plain=found.plain,
            progress=lambda step: progress(step, total, total),
        )
        outcome = Outcome(report, counts, now, found.seconds)
        _tell_conflicts(report)
        if choice.plates_are_taken:
            _tell_plates(report)
        if trial:
            outcome.samples = trial_samples(imported, choice, report)
            outcome.consequences = consequences(store=imported.store, today=timezone.localdate(), stamp=now)
            transaction.set_rollback(True)
        else:
            if counts.written:
                _announce(imported)
            found.seconds["write"] = round(time.monotonic() - began, 3)
            if finish:
                finish(outcome)
    found.seconds["commit"] = round(time.monotonic() - began - found.seconds.get("write", 0), 3)
    return outcome


def tidy(counts: Counts) -> None:
    """New figures for the planner, and pages marked as visible to all. Outside any transaction."""
    if (
        connection.vendor != "postgresql"
        or connection.in_atomic_block
        or counts.created.get("visits", 0) < BIG
    ):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "VACUUM (ANALYZE) customers_visit, customers_vehicle, customers_customer, customers_phone"
        )


def _announce(imported: Import) -> None:
    """The import's store and those that count one of the cars as their own."""
    touched = sql.rows(
        "SELECT DISTINCT v.home_store_id FROM customers_vehicle v JOIN work_car k ON k.id = v.id"
        " WHERE v.home_store_id <> :store",
        store=imported.store_id,
    )
    for store in Store.objects.filter(pk__in=[imported.store_id, *(pk for (pk,) in touched)]).order_by("pk"):
        announce("visits_changed", store=store)


def _tell_conflicts(report: Report) -> None:
    """Rows that only the database could refuse, and reversals whose order it knows, put right in the report."""
    refused = sql.rows("SELECT row_no, is_order, kind, fen FROM work_refused ORDER BY row_no")
    taken_back = {of for _, of, type_ in report.reversals if type_ == "full"}
    for row_no, is_order, kind, fen in refused:
        report.rejected.append((row_no, "order_no_conflict"))
        report.paid_fen_by_kind[kind] -= fen
        if is_order and row_no not in taken_back:
            report.visits -= 1
            report.visits_by_kind[kind] -= 1
    gone = {row_no for row_no, *_ in refused}
    report.reversals = [
        (row_no, None, "unmatched") if of in gone else (row_no, of, type_)
        for row_no, of, type_ in report.reversals
        if row_no not in gone
    ]
    report.accepted_rows -= len(refused)
    report.rejected.sort()
    report.visits_by_kind = {kind: count for kind, count in report.visits_by_kind.items() if count}


def _tell_plates(report: Report) -> None:
    """Rows whose plate is another car's, beside the other warnings."""
    taken = sql.rows("SELECT row_no FROM work_plate WHERE is_taken ORDER BY row_no")
    if taken:
        report.warnings["plate_taken"] = [row for (row,) in taken]


def report_dict(outcome: Outcome) -> dict[str, Any]:
    """The report with what was written."""
    return {**outcome.report.as_dict(), **outcome.counts.as_dict()}
