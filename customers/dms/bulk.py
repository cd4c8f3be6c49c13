"""Many rows into a table: COPY on PostgreSQL, executemany on SQLite, a few hundred kilobytes at a time."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import orjson
from django.db import connection

BATCH = 2000

_ESCAPED = re.compile(rb"\\(?:u[0-9a-f]{4}|.)")
# What SQLite is given as it is.
_KEPT = frozenset((int, str, bool, float, bytes, type(None)))


class Bulk:
    """Rows for one table, written whenever enough have come; ``flush`` writes the rest."""

    def __init__(self, table: str, columns: Sequence[str], *, batch: int = BATCH) -> None:
        self._rows: list[Sequence[Any]] = []
        self._write = _copy if connection.vendor == "postgresql" else _insert
        self._table, self._columns, self._batch = table, columns, batch

    def add(self, row: Sequence[Any]) -> None:
        self._rows.append(row)
        if len(self._rows) >= self._batch:
            self.flush()

    def extend(self, rows: Iterable[Sequence[Any]]) -> None:
        for chunk in chunks(rows, self._batch):
            self._rows += chunk
            if len(self._rows) >= self._batch:
                self.flush()

    def flush(self) -> None:
        if self._rows:
            self._write(self._table, self._columns, self._rows)
            self._rows = []


def write_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """All of ``rows``, as ``Bulk`` does it."""
    bulk = Bulk(table, columns)
    bulk.extend(rows)
    bulk.flush()


def _copy(table: str, columns: Sequence[str], rows: list[Sequence[Any]]) -> None:
    form = r"(FORMAT csv, NULL 'null', ESCAPE '\')"
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY {table} ({', '.join(columns)}) FROM STDIN WITH {form}", io.BytesIO(_as_csv(rows))
        )


def _as_csv(rows: list[Sequence[Any]]) -> bytes:
    """JSON is nearly CSV, and a fifth of the price: texts are quoted, and what is nothing is not."""
    lines = orjson.dumps(rows)[2:-2]
    if lines.count(b"],[") == len(rows) - 1:
        lines = lines.replace(b"],[", b"\n")
    else:  # a text has it too
        lines = b"\n".join(orjson.dumps(row)[1:-1] for row in rows)
    return _ESCAPED.sub(_unescaped, lines) if b"\\" in lines else lines


def _unescaped(found: re.Match[bytes]) -> bytes:
    """Quotes and backslashes stay escaped, as COPY was told to expect them."""
    return found[0] if found[0][1:] in (b'"', b"\\") else orjson.loads(b'"%b"' % found[0]).encode()


def sealed_column() -> Callable[[bytes], bytes | str]:
    """What makes a value for a column of bytes."""
    return _hex if connection.vendor == "postgresql" else bytes


def _hex(value: bytes) -> str:
    return f"\\x{value.hex()}"


def _insert(table: str, columns: Sequence[str], rows: list[Sequence[Any]]) -> None:
    names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"
    values = list(zip(*map(_plain_column, zip(*rows, strict=True)), strict=True))
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


def _plain_column(column: Sequence[Any]) -> Sequence[Any]:
    return column if _KEPT.issuperset(map(type, column)) else list(map(_plain, column))


def _plain(value: Any) -> Any:
    """As Django writes it to SQLite."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(" ")[: -len("+00:00")]
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
