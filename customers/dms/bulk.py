"""Many rows into a table: COPY on PostgreSQL, executemany on SQLite, a few hundred kilobytes at a time."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import partial
from itertools import islice
from typing import Any

from django.db import connection

BATCH = 2000


class Bulk:
    """Rows for one table, written whenever enough have come; ``flush`` writes the rest.

    ``texts``: the columns of text, in which nothing is the empty text and never NULL.
    """

    def __init__(
        self, table: str, columns: Sequence[str], *, texts: Sequence[str] = (), batch: int = BATCH
    ) -> None:
        self._rows: list[Sequence[Any]] = []
        self._write = partial(_copy, texts) if connection.vendor == "postgresql" else _insert
        self._table, self._columns, self._batch = table, columns, batch

    def add(self, row: Sequence[Any]) -> None:
        self._rows.append(row)
        if len(self._rows) == self._batch:
            self.flush()

    def extend(self, rows: Iterable[Sequence[Any]]) -> None:
        for row in rows:
            self.add(row)

    def flush(self) -> None:
        if self._rows:
            self._write(self._table, self._columns, self._rows)
            self._rows = []


def write_rows(
    table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, texts: Sequence[str] = ()
) -> None:
    """All of ``rows``, as ``Bulk`` does it."""
    bulk = Bulk(table, columns, texts=texts)
    bulk.extend(rows)
    bulk.flush()


def _copy(texts: Sequence[str], table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    text = io.StringIO(newline="")
    # None and the empty text are the same to csv; which it is the column tells.
    csv.writer(text).writerows(rows)
    text.seek(0)
    names, never = ", ".join(columns), f", FORCE_NOT_NULL ({', '.join(texts)})" if texts else ""
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN WITH (FORMAT csv, NULL ''{never})", text)


def sealed_column() -> Callable[[bytes], bytes | str]:
    """What makes a value for a column of bytes."""
    return _hex if connection.vendor == "postgresql" else bytes


def _hex(value: bytes) -> str:
    return f"\\x{value.hex()}"


def _insert(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"
    values = [[_plain(value) for value in row] for row in rows]
    with connection.cursor() as cursor:
        if connection.in_atomic_block:
            cursor.executemany(statement, values)
            return
        # Staging keeps nobody else from writing: DEFERRED locks the main file only when it is written to.
        cursor.execute("BEGIN DEFERRED")
        try:
            cursor.executemany(statement, values)
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        cursor.execute("COMMIT")


def _plain(value: Any) -> Any:
    """As Django writes it to SQLite."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return value.hex if isinstance(value, uuid.UUID) else value


def instant(value: datetime) -> datetime | str:
    """A parameter for a column of instants in a statement of our own."""
    return value if connection.vendor == "postgresql" else str(_plain(value))


def chunks(items: Iterable[Any], size: int = BATCH) -> Iterator[list[Any]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
