"""From checked rows to staging tables, one pass, nothing kept but hashes."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from customers.contacts import digits_of, last4_index, number_index
from customers.dms import sql
from customers.dms.bulk import Bulk, sealed_column
from customers.dms.facts import CAR, OWNER, car_facts, clean, owner_facts
from customers.dms.rows import CheckedRow
from customers.encryption import seal_for
from customers.models import Customer, Phone, RawRows
from staff.models import Store

_EVERY = 1000

_ORDER = (
    *("row_no", "car", "owner", "order_no", "visited_on", "arrived_at", "settled_on", "kind", "is_rework"),
    *("charge_type", "odometer_km", "labour_fen", "parts_fen", "discount_fen", "paid_fen", "advisor_id"),
    *("advisor_name", "team", "customer_words"),
)
_ORDER_TEXTS = ("order_no", "kind", "charge_type", "advisor_name", "team", "customer_words")


class Stage:
    """Takes the rows of one file for ``store``."""

    def __init__(self, *, store: Store, today: date, export: str) -> None:
        sql.run("drop")
        sql.run("stage")
        self._today, self._has_orders = today, export != "customers"
        self._advisors = _advisors(store)
        self._zone = timezone.get_current_timezone()
        self._salt = os.urandom(16)
        self._cars: dict[str, int] = {}
        # Hash of facts -> day and row they were seen last.
        self._seen: dict[int, int] = {}
        self._numbers: set[int] = set()
        self._sealed = sealed_column()
        self._last4 = lru_cache(maxsize=10_000)(last4_index)
        self.orders = Bulk("stage_order", _ORDER, texts=_ORDER_TEXTS)
        self._reversals = Bulk(
            "stage_reversal",
            ("row_no", "car", "of_row", "order_no", "target_no", "reversed_on", "amount_fen"),
            texts=("order_no", "target_no"),
        )
        self._lines = Bulk("stage_line", ("row_no", "position", "name", "amount_fen"), texts=("name",))
        self._ties = Bulk("stage_tie", ("row_no", "car", "owner", "day"))
        self._car_facts = Bulk("stage_car", ("facts", "car", *CAR), texts=CAR)
        self._owner_facts = Bulk(
            "stage_owner",
            ("facts", "owner", "uid", *OWNER),
            texts=[name for name in OWNER if name != "address"],
        )
        self._phones = Bulk(
            "stage_phone",
            ("owner", "place", "uid", "number", "number_index", "last4_index", "is_mobile", "identifies"),
        )
        self._problems = Bulk(
            "stage_problem", ("row_no", "outcome", "reason", "of_row", "warnings"), texts=("reason",)
        )
        self._raw_rows = Bulk("stage_raw", ("uid", "first_row", "last_row", "body"), batch=20)

    def take(
        self, rows: Iterable[CheckedRow], raw: Iterable[tuple[int, int, str]], progress: Callable[[int], None]
    ) -> int:
        """Stage every row, and the file's own; return how many there were."""
        count = 0
        for count, row in enumerate(rows, start=1):
            if row.warnings or row.status not in ("accepted", "line"):
                self._note(row)
            if not row.reason:
                self._spread(row)
            if count % _EVERY == 0:
                progress(count)
        for first, last, packed in raw:
            uid = uuid.uuid4()
            self._raw_rows.add((uid, first, last, self._sealed(seal_for(RawRows, "body", uid, packed))))
        self._finish()
        return count

    def _note(self, row: CheckedRow) -> None:
        """The row's outcome, which is not plain."""
        outcome = "accepted" if row.status == "line" else row.status
        reason = row.reason or row.reversal
        self._problems.add((row.row, outcome, reason, row.of, json.dumps(row.warnings)))

    def _spread(self, row: CheckedRow) -> None:
        day = row.visited_on or self._today
        at = day.toordinal() << 32 | row.row
        car = self._car(row, at) if row.vehicle_key else None
        owner = self._owner(row, at)
        if row.status == "accepted" and self._has_orders:
            assert car is not None
            self._order(row, car, owner)
            return
        if row.status == "reversal":
            target = _fitting(row.reverses or row.order_no)
            number = _fitting(row.order_no) or _number_of(row)
            self._reversals.add((row.row, car, row.of, number, target, row.visited_on, -row.paid_fen))
        if car is not None and owner is not None and row.status != "line":
            self._ties.add((row.row, car, owner, day))

    def _order(self, row: CheckedRow, car: int, owner: int | None) -> None:
        assert row.visited_on is not None
        advisor = clean(row.advisor, 40) if row.advisor else ""
        arrived_at = _moment(row.visited_on, row.visited_at, self._zone) if row.visited_at else None
        self.orders.add(
            (
                row.row,
                car,
                owner,
                _fitting(row.order_no) or _number_of(row),
                row.visited_on,
                arrived_at,
                row.settled_on,
                row.kind,
                row.is_rework,
                clean(row.charge_type, 40) if row.charge_type else "",
                row.odometer,
                row.labour_fen,
                row.parts_fen,
                row.discount_fen,
                row.paid_fen,
                self._advisors.get(advisor) if advisor else None,
                advisor,
                clean(row.team, 40) if row.team else "",
                clean(row.remark, 1000) if row.remark else "",
            )
        )
        for position, line in enumerate(row.lines, start=1):
            self._lines.add((row.row, position, clean(line.name, 120), line.amount_fen or 0))

    def _car(self, row: CheckedRow, at: int) -> int:
        car = self._cars.setdefault(row.vehicle_key, len(self._cars) + 1)
        key = hash((car, row.car_said))
        if self._is_new(key, at):
            self._car_facts.add((key, car, *car_facts(row)))
        return car

    def _owner(self, row: CheckedRow, at: int) -> int | None:
        owner = row.customer_key
        if owner is None or owner < 0:
            return None
        key = hash((-1, owner, row.owner_said))
        if self._is_new(key, at):
            uid = self._uid(owner)
            *plain, address, code = owner_facts(row)
            self._owner_facts.add(
                (key, owner, uid, *plain, self._sealed(seal_for(Customer, "address", uid, address)), code)
            )
            self._phone_numbers(row, owner)
        return owner

    def _is_new(self, key: int, at: int) -> bool:
        last = self._seen.get(key)
        if last is None or last < at:
            self._seen[key] = at
        return last is None

    def _uid(self, owner: int) -> uuid.UUID:
        """One for each owner of this file, without a table of them."""
        return uuid.UUID(bytes=blake2b(b"%d" % owner, key=self._salt, digest_size=16).digest(), version=4)

    def _phone_numbers(self, row: CheckedRow, owner: int) -> None:
        """A stand-in's number is the shop's or an insurer's: it says who is meant only where there is no car."""
        shared = "phone_shared" in row.warnings
        for place, number in enumerate((*row.phones, *row.landlines)):
            if shared and place == 0 and row.vehicle_key:
                continue
            key = hash((owner, number))
            if key in self._numbers:
                continue
            self._numbers.add(key)
            uid, digits = uuid.uuid4(), digits_of(number)
            is_mobile = place < len(row.phones)
            self._phones.add(
                (
                    owner,
                    place << 32 | row.row,
                    uid,
                    self._sealed(seal_for(Phone, "number", uid, number)),
                    number_index(digits),
                    self._last4(digits[-4:]),
                    is_mobile,
                    is_mobile and place == 0 and not shared,
                )
            )

    def _finish(self) -> None:
        seen = Bulk("stage_seen", ("facts", "at"))
        for facts, at in self._seen.items():
            seen.add((facts, f"{_iso(at >> 32)}{at & 0xFFFFFFFF:08d}"))
        for table in (
            *(
                self.orders,
                self._reversals,
                self._lines,
                self._ties,
                self._car_facts,
                self._owner_facts,
                seen,
            ),
            *(self._phones, self._problems, self._raw_rows),
        ):
            table.flush()


@lru_cache(maxsize=1 << 13)
def _iso(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


def _moment(day: date, clock: time, zone: Any) -> datetime:
    return datetime.combine(day, clock, zone if isinstance(zone, ZoneInfo) else None)


def _fitting(order_no: str) -> str:
    """The number, or its beginning and a fingerprint of the whole when it is longer than the column."""
    if len(order_no) <= 40:
        return order_no
    return f"{order_no[:23]}~{blake2b(order_no.encode(), digest_size=8).hexdigest()}"


def _number_of(row: CheckedRow) -> str:
    """For an order without a number: what happened to a car on a day for an amount is one order."""
    assert row.visited_on is not None
    return f"{row.visited_on:%Y%m%d}-{row.plate or row.vin}-{row.paid_fen}"[:40]


def _advisors(store: Store) -> dict[str, int]:
    """Full name -> user, for names that only one of the store's people has."""
    found: dict[str, list[int]] = {}
    for pk, name in store.staff.filter(is_active=True).values_list("pk", "full_name"):
        found.setdefault(name.strip(), []).append(pk)
    return {name: pks[0] for name, pks in found.items() if name and len(pks) == 1}
