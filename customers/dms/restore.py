"""Giving changed rows their old values back, unless somebody has changed them since."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, models
from psycopg2.extras import execute_batch

from customers.dms import sql
from customers.dms.bulk import instant
from customers.dms.changes import LOG_ROWS
from customers.encryption import EncryptedTextField
from customers.models import Import, ImportChange

Entry = list[Any]
# Whose rows say when they were touched.
TOUCHED = frozenset({"visits", "vehicles", "customers"})


def restore(
    *,
    imported: Import,
    model: type[models.Model],
    done: dict[str, int],
    name: str,
    counts_version: bool = False,
    only: Callable[[Entry], bool] | None = None,
    unless_vehicle: set[int] | None = None,
) -> list[int]:
    """Restore the rows of ``model`` that the import changed; return those that stay as they are.

    A row stays when any of the columns the import changed in it holds something else by now. One that nobody touched
    since is then as if the import had not been: an earlier import can be taken back after it.
    """
    left: list[int] = []
    notes = ImportChange.objects.filter(
        imported=imported, model=model._meta.model_name, created=False
    ).order_by("pk")
    for note in notes.iterator(chunk_size=20):
        entries = [entry for entry in note.rows if only is None or only(entry)]
        present = _present(model, entries)
        back = []
        for pk, _row, old, new, *touched in entries:
            current = present.get(pk)
            owned = (
                unless_vehicle is not None
                and current is not None
                and current.pop("vehicle_id") in unless_vehicle
            )
            before = {column: value for column, value in old.items() if value != new[column]}
            if current is None or owned or any(current[column] != new[column] for column in before):
                left.append(pk)
            else:
                back.append((pk, before, touched[0] if touched else None))
        _write(model, back, imported.committed_at if name in TOUCHED else None, counts_version)
        done[name] = done.get(name, 0) + len(back)
    return left


def _present(model: type[models.Model], entries: list[Entry]) -> dict[int, dict[str, Any]]:
    """The rows as they are, their values as the notes write them."""
    found: dict[int, dict[str, Any]] = {}
    table = model._meta.db_table
    for at in range(0, len(entries), LOG_ROWS):
        batch = entries[at : at + LOG_ROWS]
        columns = sorted({column for entry in batch for column in entry[3]})
        extra = ["vehicle_id"] if table == "customers_ownership" else []
        fields = ", ".join(f"'{column}', {_shown(model, column)}" for column in [*columns, *extra])
        marks = ", ".join(str(int(entry[0])) for entry in batch)
        for pk, values in sql.rows(f"SELECT id, JSON_FIELDS({fields}) FROM {table} WHERE id IN ({marks})"):
            found[pk] = values if isinstance(values, dict) else json.loads(values)
    return found


def _is_sealed(model: type[models.Model], column: str) -> bool:
    fields = model._meta.concrete_fields
    return any(field.column == column and isinstance(field, EncryptedTextField) for field in fields)


def _shown(model: type[models.Model], column: str) -> str:
    if not _is_sealed(model, column):
        return column
    return f"encode({column}, 'hex')" if connection.vendor == "postgresql" else f"lower(hex({column}))"


def _write(
    model: type[models.Model],
    rows: list[tuple[int, dict[str, Any], str | None]],
    stamp: datetime | None,
    counts_version: bool,
) -> None:
    """``rows``: id, values, when it was touched before. ``stamp``: the import's; None for rows that have none."""
    alike: dict[tuple[str, ...], list[list[Any]]] = {}
    for pk, values, touched in rows:
        bound = [bytes.fromhex(value) if _is_sealed(model, name) else value for name, value in values.items()]
        if stamp is not None:
            bound += [instant(stamp), touched, touched]
        alike.setdefault(tuple(values), []).append([*bound, pk])
    sets = ""
    if stamp is not None:
        sets += ", updated_at = CASE WHEN updated_at = %s AND %s IS NOT NULL THEN %s ELSE updated_at END"
    sets += ", version = version + 1" if counts_version else ""
    for columns, bound_rows in alike.items():
        assigned = ", ".join(f"{column} = %s" for column in columns)
        _execute_many(f"UPDATE {model._meta.db_table} SET {assigned}{sets} WHERE id = %s", bound_rows)


def _execute_many(statement: str, rows: list[list[Any]]) -> None:
    """One round trip for a hundred rows on PostgreSQL."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            execute_batch(cursor, statement, rows)
        else:
            cursor.executemany(statement, rows)
