"""From staging tables to customers, cars and visits: one transaction, statements over sets, a note of every row."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models import F

from customers.dms import sql
from customers.dms.bulk import chunks, instant, sealed_column, write_rows
from customers.dms.changes import LOG_ROWS, Column, change_rows, log_created
from customers.dms.columns import Choice, customer_columns, vehicle_columns, visit_columns
from customers.dms.plain import Plain
from customers.encryption import Sealed, binding, key_ring, seal_for
from customers.grams import grams_of
from customers.models import (
    Customer,
    CustomerCode,
    Import,
    ImportChange,
    Ownership,
    PendingReversal,
    Phone,
    Reversal,
    StoreCustomer,
    Vehicle,
    Visit,
    VisitLine,
)

# Advisory locks of PostgreSQL are numbers: this one is the import's.
_LOCK = 7_203_001
# Orders of a file that are asked for before all of them are.
_LOOKED_AT = 200
_STAGED = (
    *("stage_order (row_no, order_no)", "stage_settled (row_no, car, owner)", "stage_tie", "stage_back"),
    *("stage_car (facts)", "stage_car_seen", "stage_owner (facts)", "stage_owner_seen"),
    *("stage_phone (facts, number_index)", "stage_problem (row_no)", "stage_line (row_no)", "stage_line_of"),
)


@dataclass(slots=True)
class Counts:
    """Rows by kind."""

    created: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    unchanged: int = 0

    @property
    def written(self) -> int:
        return sum(self.created.values()) + sum(self.changed.values())

    def as_dict(self) -> dict[str, Any]:
        return {"created": self.created, "changed": self.changed, "unchanged": self.unchanged}


def lock() -> None:
    """One import writes at a time: owners and cars belong to all stores, and two files may bring the same new one.

    SQLite's transactions are IMMEDIATE, which is the same lock.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            # Sorting and joining 200,000 rows in memory instead of in files (measured: a quarter less time).
            cursor.execute("SET LOCAL work_mem = '64MB'")
            # Compiling takes 0.2 s of one statement whose cost is only guessed to be high.
            cursor.execute("SET LOCAL jit = off")
            # How many rows and how many different ones a small sample tells, for a tenth of the time.
            cursor.execute("SET LOCAL default_statistics_target = 10")


def analyse_staging() -> None:
    """Without figures PostgreSQL plans for few rows; it needs them of the columns it joins by."""
    sql.run_text(" ".join(f"ANALYZE {table};" for table in _STAGED))


def write_staged(
    *,
    imported: Import,
    choice: Choice,
    by: int | None,
    now: datetime,
    plain: Plain,
    progress: Callable[[str], None],
) -> Counts:
    """Write what is staged. Call under ``lock`` in a transaction; a second call would write nothing."""
    values = {
        "store": imported.store_id,
        "import": imported.pk,
        "now": instant(now),
        "by": by,
        "nothing": b"",
        "amount_may_change": choice.amount_may_change,
        "day_may_change": choice.day_may_change,
    }
    progress("customers")
    passed_over = _pass_over_known(values)
    _find(values)
    _seal_new(plain)
    _write_grams()
    sql.run("contacts", **values)
    sql.run("periods", **values)
    progress("visits")
    counts = Counts()
    sql.run("write", **values)
    _change_periods(imported, counts)
    sql.run("write_periods")
    _change_visits(imported, choice, now, counts)
    sql.run("write_visits", **values)
    if sql.number("SELECT COUNT(*) FROM work_reread"):
        sql.run("reread")
    if choice.plates_are_taken:
        _find_plates()
    progress("cars")
    _change_cards(imported, choice, now, counts, plain)
    _log_all_created(imported, counts)
    sql.run("outcomes", **values)
    known = sql.number("SELECT COUNT(*) FROM work_visit WHERE NOT is_new")
    counts.unchanged = passed_over + known - counts.changed.get("matched_visits", 0)
    counts.changed = {
        name: count for name, count in counts.changed.items() if count and name != "matched_visits"
    }
    counts.created = {name: count for name, count in counts.created.items() if count}
    return counts


def _pass_over_known(values: dict[str, Any]) -> int:
    """Leave out the rows that made visits as they stand, and return how many; a look at a few tells if any are."""
    some = (
        "SELECT COUNT(*) FROM (SELECT row_no, said FROM stage_settled WHERE row_no % :apart = 0) s"
        " JOIN stage_order o ON o.row_no = s.row_no"
        " JOIN customers_visit v ON v.store_id = :store AND v.order_no = o.order_no AND v.said = s.said"
    )
    rows = sql.number("SELECT COUNT(*) FROM stage_settled")
    if not sql.number(some, apart=max(rows // _LOOKED_AT, 1), store=values["store"]):
        return 0
    sql.run("known", **values)
    while sql.run("known_apart"):
        pass
    sql.run("known_gone", **values)
    return sql.number("SELECT COUNT(*) FROM work_known")


def _find(values: dict[str, Any]) -> None:
    """Which of ours the file's cars, owners, orders and reversals are, in the light of the rows that can be written."""
    while True:
        for step in ("cars", "owners", "visits", "reversals"):
            sql.run(step, **values)
        refused = (
            "SELECT COUNT(*) FROM work_visit WHERE rejected",
            "SELECT COUNT(*) FROM work_reversal WHERE rejected",
        )
        if not any(map(sql.number, refused)):
            return
        sql.run("refused")
        sql.run("drop_found")


def _find_plates() -> None:
    """Which plates of a file of cars are theirs to take."""
    sql.run("plates")
    while sql.run("plates_taken"):
        pass
    sql.run("plates_told")


def _seal_new(plain: Plain) -> None:
    """Addresses and numbers of the rows that will be: of two hundred owners in a file perhaps ten are new."""
    owners = sql.rows(
        "SELECT o.owner, a.facts FROM work_owner o LEFT JOIN work_address a ON a.owner = o.owner"
        " WHERE o.is_new ORDER BY a.facts"
    )
    write_rows(
        "seal_owner",
        ("owner", "uid", "address"),
        (
            (owner, *_sealed(Customer, "address", plain.address(facts) if facts else ""))
            for owner, facts in owners
        ),
    )
    phones = sql.rows("SELECT id, facts, place FROM new_phone ORDER BY facts")
    write_rows(
        "seal_phone",
        ("id", "uid", "number"),
        ((pk, *_sealed(Phone, "number", plain.number(facts, place))) for pk, facts, place in phones),
    )


def _sealed(model: type[models.Model], column: str, text: str) -> tuple[uuid.UUID, bytes | str]:
    """A name for a row to be, and the text sealed for it."""
    uid = uuid.uuid4()
    return uid, sealed_column()(seal_for(model, column, uid, text))


def _write_grams() -> None:
    """What a new name is found by; it takes the rules of Python."""
    names = sql.rows("SELECT id, name FROM work_owner WHERE is_new")
    grams = ((pk, gram) for pk, name in names for gram in grams_of(name))
    write_rows("customers_namegram", ("customer_id", "gram"), grams)


def _change_visits(imported: Import, choice: Choice, now: datetime, counts: Counts) -> None:
    matched = change_rows(
        imported=imported,
        model=Visit,
        source="JOIN work_visit w ON w.id = t.id AND NOT w.is_new",
        columns=visit_columns(choice),
        row_no="w.row_no",
        stamp=now,
    )
    # Money given back in this file on orders it does not hold.
    earlier = "COALESCE((SELECT SUM(x.amount_fen) FROM customers_reversal x WHERE x.visit_id = t.id), 0)"
    elsewhere = change_rows(
        imported=imported,
        model=Visit,
        source="JOIN (SELECT visit_id, SUM(amount_fen) AS total, MAX(amount_fen) AS greatest, MIN(row_no) AS row_no"
        " FROM new_reversal WHERE visit_id NOT IN (SELECT id FROM work_visit) GROUP BY visit_id) r"
        " ON r.visit_id = t.id",
        columns=[
            Column("paid_fen", "t.paid_fen - r.total"),
            Column("voided", f"t.voided OR r.greatest = t.paid_fen + {earlier}"),
        ],
        row_no="r.row_no",
        stamp=now,
    )
    counts.changed["visits"] = matched + elsewhere
    counts.changed["matched_visits"] = matched


def _change_periods(imported: Import, counts: Counts) -> None:
    """Those that end first: a car has one present owner at every moment."""
    columns = [Column("since_on", "p.since_on"), Column("until_on", "p.until_on")]
    counts.changed["ownerships"] = sum(
        change_rows(
            imported=imported,
            model=Ownership,
            source="JOIN known_period n ON n.id = t.id JOIN work_period p ON p.vehicle_id = n.vehicle_id"
            " AND p.customer_id = n.customer_id AND p.turn = n.turn",
            columns=columns,
            where=f"p.until_on IS {state}",
            # The undo gives back the ended ones first.
            always=("until_on",),
        )
        for state in ("NOT NULL", "NULL")
    )


def _change_cards(imported: Import, choice: Choice, now: datetime, counts: Counts, plain: Plain) -> None:
    newest = (
        "(SELECT n.*, ROW_NUMBER() OVER (PARTITION BY n.id ORDER BY {order}) AS place"
        " FROM {table} n WHERE NOT n.is_new)"
    )
    cars = newest.format(order="n.known_on DESC, n.car", table="work_car")
    plates = (
        " LEFT JOIN work_plate q ON q.vehicle_id = t.id AND NOT q.is_taken" if choice.plates_are_taken else ""
    )
    counts.changed["vehicles"] = change_rows(
        imported=imported,
        model=Vehicle,
        source=f"JOIN {cars} k ON k.id = t.id AND k.place = 1"
        " LEFT JOIN work_period p ON p.vehicle_id = t.id AND p.until_on IS NULL"
        f" LEFT JOIN work_reading r ON r.vehicle_id = t.id{plates}",
        columns=vehicle_columns(choice),
        stamp=now,
        counts_version=True,
    )
    if columns := customer_columns(choice):
        owners = newest.format(order="n.owner DESC", table="work_owner")
        counts.changed["customers"] = change_rows(
            imported=imported,
            model=Customer,
            source=f"JOIN {owners} o ON o.id = t.id AND o.place = 1",
            columns=columns,
            stamp=now,
            counts_version=True,
        )
    counts.changed["addresses"] = _change_addresses(imported, choice, now, plain)


def _change_addresses(imported: Import, choice: Choice, now: datetime, plain: Plain) -> int:
    """Sealed for their row, so they go through Python one by one."""
    policy = choice.of("address")
    if policy == "keep":
        return 0
    found = sql.rows(
        "SELECT c.id, c.uid, c.address, NULLIF(c.updated_at, :stamp), a.facts FROM work_owner o"
        " JOIN customers_customer c ON c.id = o.id"
        " JOIN work_address a ON a.owner = o.owner"
        f" WHERE NOT o.is_new{'' if policy == 'overwrite' else ' AND LENGTH(c.address) = 0'} ORDER BY o.owner",
        stamp=instant(now),
    )
    notes: dict[int, list[Any]] = {}
    for pk, uid, old, touched, facts in found:
        text = plain.address(facts)
        if not old or _opened(old, uid) != text:
            new = seal_for(Customer, "address", uuid.UUID(str(uid)), text)
            notes[pk] = [
                pk,
                None,
                {"address": bytes(old).hex()},
                {"address": new.hex()},
                touched and str(touched),
            ]
    for pk, note in notes.items():
        Customer.objects.filter(pk=pk).update(
            address=Sealed(bytes.fromhex(note[3]["address"])), updated_at=now, version=F("version") + 1
        )
    ImportChange.objects.bulk_create(
        ImportChange(
            imported=imported,
            model="customer",
            created=False,
            first_pk=batch[0][0],
            last_pk=batch[-1][0],
            rows=batch,
        )
        for batch in chunks((notes[pk] for pk in sorted(notes)), LOG_ROWS)
    )
    return len(notes)


def _opened(sealed: bytes | memoryview, uid: uuid.UUID | str) -> str:
    return key_ring().unseal(bytes(sealed), bound_to=binding(Customer, "address", uuid.UUID(str(uid))))


_CREATED: tuple[tuple[str, type[models.Model], str], ...] = (
    ("customers", Customer, "SELECT id, CAST(NULL AS integer) AS row_no FROM work_owner WHERE is_new"),
    ("vehicles", Vehicle, "SELECT id, CAST(NULL AS integer) AS row_no FROM work_car WHERE is_new"),
    ("visits", Visit, "SELECT id, row_no FROM work_visit WHERE is_new"),
    ("lines", VisitLine, "SELECT id, row_no FROM new_line"),
    ("pending_reversals", PendingReversal, "SELECT id, row_no FROM new_pending"),
    ("reversals", Reversal, "SELECT id, row_no FROM new_reversal"),
    ("ownerships", Ownership, "SELECT id, CAST(NULL AS integer) AS row_no FROM new_period"),
    ("phones", Phone, "SELECT id, CAST(NULL AS integer) AS row_no FROM new_phone"),
    ("codes", CustomerCode, "SELECT id, CAST(NULL AS integer) AS row_no FROM new_code"),
    (
        "links",
        StoreCustomer,
        "SELECT id, CAST(NULL AS integer) AS row_no FROM new_link"
        " UNION ALL SELECT id, CAST(NULL AS integer) FROM new_home_link",
    ),
)


def _log_all_created(imported: Import, counts: Counts) -> None:
    for name, model, source in _CREATED:
        counts.created[name] = log_created(imported, model, f"({source})")
