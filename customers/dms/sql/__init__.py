"""Runs the statements of this folder: one text for both databases, values only as parameters.

In the files ``:name`` is a parameter, and words in capitals with brackets stand for what the databases spell
differently: NEXT_ID(table) for the number the next row of a table would get, LATEST(column) for the newest
value that is not empty among staged facts ``f`` seen ``at`` a day and row, LATEST_NEWS(column) the same of facts that
``is_news``, DAY(text) for a date that may be empty,
AT_ROW(day, row) for how ``at`` names them,
KEY_OF_ROWS() for a number by which SQLite stores the rows of a table and PostgreSQL finds them without an index.
SCRATCH tables are temporary ones, which SQLite may keep in memory however big: there they lie in a file of their own.
ANALYZE is PostgreSQL's alone: without figures it plans for few rows.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

IMPORT_CACHE_KB = 16384
_PARAMETER = re.compile(r"(?<!:):([a-z_][a-z0-9_]*)")
# 18 characters of day and row stand before the value: the greatest text is the newest value.
_DIALECTS: dict[str, list[tuple[str, str]]] = {
    "postgresql": [
        (
            r"LATEST\((\w+)\)",
            r"""COALESCE(SUBSTR(MAX((f.at || f.\1) COLLATE "C") FILTER (WHERE f.\1 <> ''), 19), '')""",
        ),
        (
            r"LATEST_NEWS\((\w+)\)",
            r"""COALESCE(SUBSTR(MAX((f.at || f.\1) COLLATE "C") FILTER (WHERE f.is_news AND f.\1 <> ''), 19), '')""",
        ),
        (r"NEXT_ID\((\w+)\)", r"nextval('\1_id_seq')"),
        (r"DAY\(([^()]+)\)", r"NULLIF(\1, '')::date"),
        (r"DAY_BEFORE\(([^()]+)\)", r"(\1 - 1)"),
        # As text until the whole is one value: half the price of putting jsonb together from jsonb.
        (r"JSON_LIST\(", "json_agg("),
        (r"JSON_ROW\(", "json_build_array("),
        (r"JSON_FIELDS\(", "json_build_object("),
        (r"DAY_FIRST\(\)", "'0001-01-01'::date"),
        (r"\bEACH\(([^()]+)\)", r"jsonb_array_elements(\1) AS e(value)"),
        (r"FIRST_OF_EACH\(\)", "(e.value ->> 0)::bigint"),
        (r"KEY_OF_ROWS\(\)", "integer"),
        (r"AT_ROW\((\S+), (\S+)\)", r"(\1::text || LPAD(\2::text, 8, '0'))"),
        (r"CREATE SCRATCH TABLE ", "CREATE TEMPORARY TABLE "),
        (r"XOR\((\S+), (\S+)\)", r"(\1 # \2)"),
    ],
    "sqlite": [
        (r"LATEST\((\w+)\)", r"COALESCE(SUBSTR(MAX(f.at || f.\1) FILTER (WHERE f.\1 <> ''), 19), '')"),
        (
            r"LATEST_NEWS\((\w+)\)",
            r"COALESCE(SUBSTR(MAX(f.at || f.\1) FILTER (WHERE f.is_news AND f.\1 <> ''), 19), '')",
        ),
        (
            r"NEXT_ID\((\w+)\)",
            r"(SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = '\1') + ROW_NUMBER() OVER ()",
        ),
        (r"DAY\(([^()]+)\)", r"NULLIF(\1, '')"),
        (r"DAY_BEFORE\(([^()]+)\)", r"date(\1, '-1 day')"),
        (r"JSON_LIST\(", "json_group_array("),
        (r"JSON_ROW\(", "json_array("),
        (r"JSON_FIELDS\(", "json_object("),
        (r"DAY_FIRST\(\)", "'0001-01-01'"),
        (r"\bEACH\(([^()]+)\)", r"json_each(\1) AS e"),
        (r"FIRST_OF_EACH\(\)", "CAST(json_extract(e.value, '$[0]') AS INTEGER)"),
        (r"KEY_OF_ROWS\(\)", "integer PRIMARY KEY"),
        (r"AT_ROW\((\S+), (\S+)\)", r"(\1 || printf('%08d', \2))"),
        (r"CREATE SCRATCH TABLE ", "CREATE TABLE scratch."),
        (r"XOR\((\S+), (\S+)\)", r"((\1 | \2) - (\1 & \2))"),
        (r"\bbytea\b", "blob"),
        (r"\btimestamptz\b", "text"),
        (r"\buuid\b", "char(32)"),
        (r"\bANALYZE \w+(?: \([^)]*\))?;", ""),
        (r"::\w+", ""),
    ],
}


def open_scratch() -> None:
    """To be called before there are SCRATCH tables."""
    if connection.vendor != "sqlite" or _has_scratch():
        return
    descriptor, path = tempfile.mkstemp(prefix="dms-")
    os.close(descriptor)
    with connection.cursor() as cursor:
        cursor.execute("ATTACH %s AS scratch", [path])
        # Nobody looks for it after a crash, and a transaction that is taken back is taken back here too.
        if not connection.in_atomic_block:
            cursor.execute("PRAGMA scratch.synchronous = OFF")
        cursor.execute("PRAGMA scratch.journal_mode = MEMORY")
        cursor.execute("PRAGMA scratch.cache_size = -4096")
        # Each sort takes as much again before it goes to a file, and a big import is a row of sorts.
        _cache_main(cursor, IMPORT_CACHE_KB)
    # It holds what people own: without a name, nobody else opens it and nobody forgets it.
    Path(path).unlink()


def close_scratch() -> None:
    """Gives the space back; inside a transaction it stays for the next one."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block and _has_scratch():
        with connection.cursor() as cursor:
            cursor.execute("DETACH scratch")
            _cache_main(cursor, settings.SQLITE_CACHE_KB)


def _cache_main(cursor: CursorWrapper, kilobytes: int) -> None:
    cursor.execute(f"PRAGMA main.cache_size = {-kilobytes}")


def drop_all() -> None:
    """No SCRATCH table is left."""
    run("drop")
    run("drop_found")


def _has_scratch() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA database_list")
        return any(name == "scratch" for _, name, _ in cursor.fetchall())


@cache
def statements(name: str, vendor: str) -> tuple[str, ...]:
    """The statements of ``name``.sql in the words of one database."""
    return tuple(split((Path(__file__).parent / f"{name}.sql").read_text("utf-8"), vendor))


def split(text: str, vendor: str) -> list[str]:
    text = re.sub(r"--[^\n]*", "", text)
    for pattern, replacement in _DIALECTS[vendor]:
        text = re.sub(pattern, replacement, text)
    return [part for part in (piece.strip() for piece in text.split(";")) if part]


def run(name: str, /, **values: Any) -> int:
    """Run a file; the number of rows its last statement touched."""
    return _run(statements(name, connection.vendor), values)


def run_text(text: str, /, **values: Any) -> int:
    """Run statements put together from constants of this program."""
    return _run(split(text, connection.vendor), values)


def rows(text: str, /, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of one statement."""
    [statement] = split(text, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(*_bound(statement, values))
        return cursor.fetchall()


def number(text: str, /, **values: Any) -> int:
    """The one number a statement gives."""
    return int(rows(text, **values)[0][0] or 0)


def _run(parts: Any, values: Mapping[str, Any]) -> int:
    count = 0
    with connection.cursor() as cursor:
        for statement in parts:
            cursor.execute(*_bound(statement, values))
            count = cursor.rowcount
    return count


def _bound(statement: str, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
    wanted: list[Any] = []

    def bind(found: re.Match[str]) -> str:
        wanted.append(values[found[1]])
        return "%s"

    return _PARAMETER.sub(bind, statement.replace("%", "%%")), wanted
