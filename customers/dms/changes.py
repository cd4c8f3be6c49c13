"""Changing rows that are there, with a note of what stood in them before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

from customers.dms import sql
from customers.dms.bulk import instant
from customers.models import Import

LOG_ROWS = 500


@dataclass(frozen=True, slots=True)
class Column:
    """A column of ours and the SQL for what should stand in it."""

    name: str
    value: str


def change_rows(
    *,
    imported: Import,
    model: type[models.Model],
    source: str,
    columns: Sequence[Column],
    row_no: str = "CAST(NULL AS integer)",
    stamp: datetime | None = None,
    counts_version: bool = False,
    where: str = "TRUE",
    always: Collection[str] = (),
) -> int:
    """Write ``columns`` where they differ; return how many rows did.

    ``source`` continues ``FROM table t`` with a join that gives each row once; ``row_no`` is the file's row.
    ``always``: columns to note whether they differ or not.
    ``stamp`` becomes the rows' updated_at; what stood there is noted, for an undo to give back. The temporary table
    ``changed`` holds old and new values afterwards.
    """
    table = model._meta.db_table
    old = ", ".join(f"t.{column.name} AS old_{column.name}" for column in columns)
    new = ", ".join(f"{column.value} AS new_{column.name}" for column in columns)
    touched = "t.updated_at" if stamp else "CAST(NULL AS text)"
    sql.run_text(
        "DROP TABLE IF EXISTS changed; CREATE SCRATCH TABLE changed AS SELECT * FROM"
        f" (SELECT t.id, {old}, {new}, {row_no} AS row_no, {touched} AS touched"
        f" FROM {table} t {source} WHERE {where}) d"
        f" WHERE {' OR '.join(map(_differs, columns))}",
        store=imported.store_id,
    )
    # Of ten columns two differ in any row at all: only they are written, and noted.
    flags = ", ".join(f"MAX(CASE WHEN {_differs(column)} THEN 1 ELSE 0 END)" for column in columns)
    [(count, *differing)] = sql.rows(f"SELECT COUNT(*), {flags} FROM changed")
    if not count:
        return 0
    columns = [
        column for column, differs in zip(columns, differing, strict=True) if differs or column.name in always
    ]
    sets = ", ".join(f"{column.name} = c.new_{column.name}" for column in columns)
    values: dict[str, Any] = {}
    if stamp is not None:
        sets += ", updated_at = :stamp"
        values["stamp"] = instant(stamp)
    if counts_version:
        sets += ", version = version + 1"
    sql.run_text(f"UPDATE {table} SET {sets} FROM changed c WHERE c.id = {table}.id", **values)
    _log_changed(imported, model, columns, values)
    return int(count)


def _differs(column: Column) -> str:
    return f"old_{column.name} IS DISTINCT FROM new_{column.name}"


def _log_changed(
    imported: Import, model: type[models.Model], columns: Sequence[Column], values: dict[str, Any]
) -> None:
    old = ", ".join(f"'{column.name}', c.old_{column.name}" for column in columns)
    new = ", ".join(f"'{column.name}', c.new_{column.name}" for column in columns)
    # Of a row written twice by one import the first note knows when somebody else touched it.
    touched = "NULLIF(c.touched, :stamp)" if values else "c.touched"
    entry = f"JSON_ROW(c.id, c.row_no, JSON_FIELDS({old}), JSON_FIELDS({new}), {touched})"
    batches = f"(SELECT s.*, (ROW_NUMBER() OVER (ORDER BY s.id) - 1) / {LOG_ROWS} AS batch FROM changed s)"
    _log(imported, model, entry, batches, created=False, values=values)


def log_created(imported: Import, model: type[models.Model], source: str) -> int:
    """Note the rows of ``source`` (id, row_no) as made by this import; return how many."""
    # New rows are numbered one after another: that sorts them already.
    batches = f"(SELECT s.*, s.id / {LOG_ROWS} AS batch FROM {source} s)"
    _log(imported, model, "JSON_ROW(c.id, c.row_no)", batches, created=True, values={})
    return sql.number(f"SELECT COUNT(*) FROM {source} c")


def _log(
    imported: Import,
    model: type[models.Model],
    entry: str,
    batches: str,
    *,
    created: bool,
    values: dict[str, Any],
) -> None:
    sql.run_text(
        "INSERT INTO customers_importchange (imported_id, model, created, first_pk, last_pk, rows)"
        f" SELECT :import, :model, {'TRUE' if created else 'FALSE'}, MIN(c.id), MAX(c.id), JSON_LIST({entry})"
        f" FROM {batches} c GROUP BY c.batch",
        **{"import": imported.pk, "model": model._meta.model_name},
        **values,
    )
