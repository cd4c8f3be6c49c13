"""Which cars changed since a store's last run, noted by the database itself so that no writer can forget it.

Triggers on the rows that the rules read write ``segmentation_touchedcar``; a run takes away what it has seen. A time of
change would not do: a long import commits rows older than the run that missed them, and a deleted row has none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

ALWAYS = "'1900-01-01'"
TOUCHED = "INSERT INTO segmentation_touchedcar (store_id, vehicle_id, only_counted, from_on, until_on) "


class Watched(NamedTuple):
    """The columns the rules read, how the row leads to its car, and from which days on the row can matter."""

    columns: tuple[str, ...]
    car: str
    days: tuple[str, ...]
    # Further ones of an update.
    days_of_update: tuple[str, ...] = ()
    # Of the columns, those that only the figures of the window read.
    counted: tuple[str, ...] = ()
    only_updates: bool = False
    # Nearly every update concerns what the rules read, and an import makes a hundred thousand at once.
    updates_by_statement: bool = False


WATCHED = {
    "visit": Watched(
        ("vehicle_id", "store_id", "visited_on", "arrived_at", "kind", "paid_fen", "voided"),
        "v.id = {row}.vehicle_id",
        ("{row}.visited_on",),
        counted=("kind", "paid_fen"),
        updates_by_statement=True,
    ),
    "complaint": Watched(
        ("vehicle_id", "opened_on", "closed_on"),
        "v.id = {row}.vehicle_id",
        ("{row}.opened_on", "{row}.closed_on"),
    ),
    "vehicle": Watched(
        ("home_store_id", "owner_id", "purchased_on", "state"),
        "",
        (ALWAYS, "{row}.purchased_on"),
        # What is dated ahead was noted for the store that the car leaves.
        (
            "(SELECT MAX(visited_on) FROM customers_visit WHERE vehicle_id = {row}.id)",
            "(SELECT MAX(opened_on) FROM customers_complaint WHERE vehicle_id = {row}.id)",
            "(SELECT MAX(closed_on) FROM customers_complaint WHERE vehicle_id = {row}.id)",
        ),
    ),
    "customer": Watched(("price_sensitive",), "v.owner_id = {row}.id", (ALWAYS,), only_updates=True),
}
EVENTS = {"insert": ("NEW",), "delete": ("OLD",), "update": ("OLD", "NEW")}


def install() -> bool:
    """Make the triggers that are missing; whether any was. SQLite drops them with a table it remakes."""
    with connection.cursor() as cursor:
        missing = sorted(set(_statements()) - _installed())
        for name in missing:
            for statement in _statements()[name]:
                cursor.execute(statement)
    return bool(missing)


def uninstall() -> None:
    """Before their table changes."""
    with connection.cursor() as cursor:
        for name in _installed():
            what = f"FUNCTION {name}() CASCADE" if connection.vendor == "postgresql" else f"TRIGGER {name}"
            cursor.execute(f"DROP {what}")


def _installed() -> set[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'segment\\_touch\\_%'")
        else:
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'segment_touch_%'"
            )
        return {name for (name,) in cursor.fetchall()}


def _statements() -> dict[str, list[str]]:
    """By trigger: what makes it."""
    make = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    return {
        f"segment_touch_{table}_{event}": make(f"segment_touch_{table}_{event}", table, event)
        for table, watched in WATCHED.items()
        for event in EVENTS
        if event == "update" or not watched.only_updates
    }


def _notes(table: str, event: str, row: str, source: str = "", only_counted: str = "FALSE") -> list[str]:
    """SELECTs of the notes for the cars of ``row``; of all rows of ``source`` where it is named."""
    watched = WATCHED[table]
    notes = []
    for day in watched.days + (watched.days_of_update if event == "update" else ()):
        on = day.format(row=row)
        on = on if on != ALWAYS or connection.vendor == "sqlite" else f"DATE {on}"
        said = f"{on} AS day, {only_counted} AS only_counted"
        if table == "vehicle":
            tail = f" FROM {source} {row} WHERE" if source else " WHERE"
            note = f"SELECT {row}.home_store_id AS store, {row}.id AS car, {said}{tail} {on} IS NOT NULL"
        else:
            tail = f" JOIN {source} {row} ON" if source else " WHERE"
            link = f"{tail} {watched.car.format(row=row)} AND {on} IS NOT NULL"
            note = f"SELECT v.home_store_id AS store, v.id AS car, {said} FROM customers_vehicle v{link}"  # noqa: S608  # WATCHED's words
        notes.append(note)
    return notes


def _changed(columns: Iterable[str], was: str = "OLD", became: str = "NEW") -> str:
    differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    return " OR ".join(f"{was}.{column} {differs} {became}.{column}" for column in columns)


def _only_counted(watched: Watched, was: str = "OLD", became: str = "NEW") -> str:
    """Whether an update leaves alone all but what the figures of the window read."""
    if not watched.counted:
        return "FALSE"
    return f"NOT ({_changed((name for name in watched.columns if name not in watched.counted), was, became)})"


def _body(notes: list[str]) -> str:
    """One note a car and statement, however many of its rows changed; two where some of them changed otherwise."""
    each = " UNION ALL ".join(notes)
    of_each = "store, car, only_counted"
    return f"{TOUCHED} SELECT {of_each}, MIN(day), MAX(day) FROM ({each}) note GROUP BY {of_each}"  # noqa: S608  # as above


def _on_sqlite(name: str, table: str, event: str) -> list[str]:
    columns = WATCHED[table].columns
    when = f" WHEN {_changed(columns)}" if event == "update" else ""
    only_counted = _only_counted(WATCHED[table]) if event == "update" else "FALSE"
    body = _body(
        [note for row in EVENTS[event] for note in _notes(table, event, row, only_counted=only_counted)]
    )
    return [f"CREATE TRIGGER {name} AFTER {event} ON customers_{table}{when} BEGIN {body}; END"]


def _on_postgresql(name: str, table: str, event: str) -> list[str]:
    """By the statement, which an import of 200,000 rows feels; by the row where few updates concern the rules."""
    watched = WATCHED[table]
    if event == "update" and not watched.updates_by_statement:
        notes = [note for row in EVENTS[event] for note in _notes(table, event, row)]
        how = f"FOR EACH ROW WHEN ({_changed(watched.columns)})"
    elif event == "update":
        notes = _notes(table, event, "r", _pairs(watched), only_counted="r.only_counted")
        how = "REFERENCING OLD TABLE AS was NEW TABLE AS became FOR EACH STATEMENT"
    else:
        notes = _notes(table, event, "r", "moved")
        how = f"REFERENCING {EVENTS[event][0]} TABLE AS moved FOR EACH STATEMENT"
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {_body(notes)}; RETURN NULL; END $$",
        f"CREATE TRIGGER {name} AFTER {event} ON customers_{table} {how} EXECUTE FUNCTION {name}()",
    ]


def _pairs(watched: Watched) -> str:
    """The rows of a statement that an update changed, each as it was and as it became."""
    names = ", ".join(watched.columns)
    was, became = (", ".join(f"{side}.{name}" for name in watched.columns) for side in ("o", "n"))
    return (
        f"(SELECT side.*, {_only_counted(watched, 'o', 'n')} AS only_counted"  # noqa: S608  # WATCHED's words
        " FROM was o FULL JOIN became n ON n.id = o.id"
        f" CROSS JOIN LATERAL (VALUES ({was}), ({became})) side ({names})"
        f" WHERE {_changed(watched.columns, 'o', 'n')})"
    )
