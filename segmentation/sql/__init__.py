"""Runs the statements of this folder: one text for both databases, values only as parameters.

In the files ``:name`` is a parameter (a list fills the brackets of an IN), and a few words in capitals stand
for what the databases spell differently.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

from django.db import connection

Value = date | int | str | list[int] | list[str] | None

# Rows of one INSERT; SQLite takes some thousands of parameters.
AT_ONCE = 500

_PARAMETER = re.compile(r"(?<!:):([a-z_][a-z0-9_]*)")
# A month later than the 31st is the day after the month's end: the first day on which that many months have passed.
_DIALECTS: dict[str, list[tuple[str, str]]] = {
    "postgresql": [
        (r"DAYS_BETWEEN\(([^,]+), ([^)]+)\)", r"(\2 - \1)"),
        (r"DAYS_AFTER\(([^,]+), ([^)]+)\)", r"(\1 + (\2)::int)"),
        (
            r"MONTHS_AFTER\(([^,]+), ([^)]+)\)",
            r"((\1 + make_interval(months => \2))::date"
            r" + (extract(day FROM \1 + make_interval(months => \2)) <> extract(day FROM \1))::int)",
        ),
        (r"EARLIEST\(", "LEAST("),
        (r"LATEST\(", "GREATEST("),
        (r"ONE_IF\(([^)]+)\)", r"(\1)::int"),
        (r"CAR_IN_ORDER", "bigint NOT NULL"),
        (r"DIFFERS\(([^,]+), ([^)]+)\)", r"(\1 IS DISTINCT FROM \2)"),
        (r"ON_COMMIT_DROP", "ON COMMIT DROP"),
        (r"^EMPTY ", "TRUNCATE "),
    ],
    "sqlite": [
        (r"DAYS_BETWEEN\(([^,]+), ([^)]+)\)", r"CAST(julianday(\2) - julianday(\1) AS INTEGER)"),
        (r"DAYS_AFTER\(([^,]+), ([^)]+)\)", r"date(\1, (\2) || ' days')"),
        (
            r"MONTHS_AFTER\(([^,]+), ([^)]+)\)",
            r"CASE WHEN strftime('%%d', \1, '+' || \2 || ' months') = strftime('%%d', \1)"
            r" THEN date(\1, '+' || \2 || ' months') ELSE date(\1, '+' || \2 || ' months', 'start of month') END",
        ),
        (r"EARLIEST\(", "MIN("),
        (r"LATEST\(", "MAX("),
        (r"ONE_IF\(([^)]+)\)", r"(\1)"),
        # The row's own number: a table in the order of its cars, without an index beside it.
        (r"CAR_IN_ORDER", "integer PRIMARY KEY"),
        (r"DIFFERS\(([^,]+), ([^)]+)\)", r"(\1 IS NOT \2)"),
        (r" ON_COMMIT_DROP", ""),
        (r"^EMPTY ", "DELETE FROM "),
    ],
}
_ONLY_COUNTED = "(SELECT vehicle_id FROM segment_touched WHERE only_counted = 1)"
_TOUCHED = "(SELECT vehicle_id FROM segment_touched WHERE only_counted = 0)"
# What stands written of the stores is emptied from their tallies anyway; cars that came from others leave theirs.
_COME = "p.store_id NOT IN :stores AND f.vehicle_id IS NOT NULL"
_EVERY_ROW = {
    "KNOWN": "segmentation_vehiclesegment",
    "STORED": "segmentation_vehiclesegment",
    "RUN": "segment_figures",
}
# Most cars stay in the steps in which they stand.
_MOVING = (
    "AND NOT EXISTS (SELECT 1 FROM segment_written w WHERE w.vehicle_id = f.vehicle_id AND w.store_id = f.store_id"
    " AND w.visits_in_window = f.counted AND w.last_visit_on = f.last_visit_on"
    " AND w.spend_fen / :spend_step = f.spend_fen / :spend_step)"
)
# What a statement reads, by the scope of its run. Nothing narrows a run over every store: the whole index in its own
# order.
_SCOPES: dict[str, dict[str, str]] = {
    "all": {"WRITTEN": _COME, **_EVERY_ROW},
    "stores": {
        "SCOPE": "AND vehicle_id IN (SELECT id FROM customers_vehicle WHERE home_store_id IN :stores)",
        "WRITTEN": _COME,
        **_EVERY_ROW,
    },
    "touched": {
        "SCOPE": f"AND vehicle_id IN {_TOUCHED}",
        "CARS": f"AND v.id IN {_TOUCHED}",
        "COMPLAINTS": f"AND vehicle_id IN {_TOUCHED}",
        "KNOWN": "segment_touched",
        "RUN": "segment_touched",
        "STORED": "segment_written",
        "WRITTEN": "(p.store_id IN :stores OR f.vehicle_id IS NOT NULL)",
        "MOVING": _MOVING,
    },
    "only_counted": {"SCOPE": f"AND visited_on > :window_start AND vehicle_id IN {_ONLY_COUNTED}"},
    "between": {
        "SCOPE": "AND vehicle_id IN (SELECT vehicle_id FROM segment_between)",
        "CARS": "AND v.id IN (SELECT vehicle_id FROM segment_between)",
        "KNOWN": "segment_between",
    },
}
_POINTS = "(3" + "".join(
    f" + ONE_IF(f.{column} > t.{cut}_{fifth})"
    for column, cut in (("last_visit_on", "recent"), ("COUNTED", "often"), ("spend_fen", "spend"))
    for fifth in (1, 2, 3, 4)
) + ")"  # fmt: skip
_VALUE = (
    f"CASE WHEN f.COUNTED = 0 THEN 'low' WHEN {_POINTS} >= :value_high THEN 'high'"
    f" WHEN {_POINTS} >= :value_mid THEN 'mid' ELSE 'low' END"
)
_FAMILIES = {"c3": "'c3'", "care": "'care_status'"}
# Statements that others are made of.
_INCLUDED = {
    "VISITS": "visits",
    "DATED": "dated",
    "CHECKED": "checked",
    "DIFFERENT": "different",
    "NUMBERS": "numbers",
}
# What one database has a better way to.
_OWN_WAYS = {("check", "sqlite"): "check_by_car", ("notes", "sqlite"): "notes_locked"}
# What only the judging asks of a car's visits.
_FURTHER = (
    ", COUNT(*) AS visits, MIN(visited_on) FILTER (WHERE visited_on > :window_start) AS first_counted_on"
    ", MIN(store_id) AS lowest_store, MAX(store_id) AS highest_store"
)
_PART = re.compile(r"/\* ([A-Z]+)(?: (\w+))? \*/")


def _part(scope: str, match: re.Match[str]) -> str:
    if match[1] == "VALUE":
        return _VALUE.replace("COUNTED", match[2])
    if match[1] == "MOVED":
        # A key of nothing is not looked up; where every car moves, the join is by the car alone.
        family = _FAMILIES[match[2]]
        return family if scope != "touched" else f"CASE r.{match[2]}_moved WHEN 1 THEN {family} END"
    if match[1] in _INCLUDED:
        further = _FURTHER if match[2] else ""
        return _text(_INCLUDED[match[1]], scope).replace("/* FURTHER */", further)
    return _SCOPES[scope].get(match[1], "" if match[1] != "FURTHER" else match[0])


def _text(name: str, scope: str) -> str:
    text = (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
    return _PART.sub(partial(_part, scope), re.sub(r"--[^\n]*", "", text))


@cache
def statements(name: str, vendor: str, scope: str) -> list[str]:
    """The statements of ``name``.sql in the words of one database."""
    text = _text(_OWN_WAYS.get((name, vendor), name), scope)
    for pattern, replacement in _DIALECTS[vendor]:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return [part for part in (piece.strip() for piece in text.split(";")) if part]


def execute(name: str, values: Mapping[str, Value], *, scope: str = "all") -> int:
    """Run ``name``.sql; return how many rows its last statement wrote."""
    written = 0
    with connection.cursor() as cursor:
        for statement in statements(name, connection.vendor, scope):
            text, parameters = bind(statement, values)
            cursor.execute(text, parameters)
            written = cursor.rowcount
    return written


def rows(name: str, values: Mapping[str, Value], *, scope: str = "all") -> list[tuple[Any, ...]]:
    """The rows of the one SELECT in ``name``.sql."""
    (statement,) = statements(name, connection.vendor, scope)
    with connection.cursor() as cursor:
        cursor.execute(*bind(statement, values))
        return list(cursor.fetchall())


def add(table: str, rows: Iterable[tuple[Value, ...]]) -> None:
    """Put ``rows`` into one of the run's own tables; those already there stay."""
    found = list(rows)
    with connection.cursor() as cursor:
        for start in range(0, len(found), AT_ONCE):
            some = found[start : start + AT_ONCE]
            marks = ", ".join("(" + ", ".join(["%s"] * len(row)) + ")" for row in some)
            text = f"INSERT INTO {table} VALUES {marks} ON CONFLICT DO NOTHING"  # noqa: S608  # our own table
            cursor.execute(text, [value for row in some for value in row])


def bind(statement: str, values: Mapping[str, Value]) -> tuple[str, list[Any]]:
    """Named parameters to positional ones; an empty list matches nothing."""
    parameters: list[Any] = []

    def place(match: re.Match[str]) -> str:
        value = values[match[1]]
        if not isinstance(value, list):
            parameters.append(
                connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value
            )
            return "%s"
        parameters.extend(value or [None])
        return f"({', '.join(['%s'] * max(1, len(value)))})"

    return _PARAMETER.sub(place, statement), parameters


# The hash table was the cost in every measurement; parallel workers and JIT gained nothing.
_IN_KEY_ORDER = {
    "enable_hashagg": "off",
    "enable_hashjoin": "off",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "work_mem": "'64MB'",
    "random_page_cost": "4",
    "join_collapse_limit": "8",
    # A run's own tables are told about many times, and a plan needs little more than how much they hold.
    "default_statistics_target": "10",
}


def prepare() -> None:
    """Make the run's own tables, and on PostgreSQL keep the planner to the plans that read in key order."""
    execute("tables", {})
    _plan(_IN_KEY_ORDER)


@contextmanager
def hashing() -> Iterator[None]:
    """Where a million rows make or meet a few thousand, the hash table is small and the sort is the cost."""
    with _planned({"enable_hashagg": "on", "enable_hashjoin": "on"}):
        yield


@contextmanager
def by_car() -> Iterator[None]:
    """Where few cars are looked up, looking up beats reading all in order, as no disk is asked."""
    with _planned({"random_page_cost": "1"}):
        yield


@contextmanager
def as_written() -> Iterator[None]:
    """Where a join in another order would keep a copy of all that was grouped."""
    with _planned({"join_collapse_limit": "1"}):
        yield


@contextmanager
def _planned(plan: Mapping[str, str]) -> Iterator[None]:
    _plan(plan)
    yield
    _plan({name: _IN_KEY_ORDER[name] for name in plan})


def _plan(settings: Mapping[str, str]) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("; ".join(f"SET LOCAL {name} = {value}" for name, value in settings.items()))


def analyze(*tables: str) -> None:
    """Tell PostgreSQL's planner how much a run's own tables hold: nothing else looks at them."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")
