"""From a file to staging tables: what its rows say while it is read, whom they mean when it is known as a whole."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, tzinfo
from functools import lru_cache
from hashlib import blake2b
from itertools import count
from typing import Any

from django.utils import timezone

from customers.contacts import digits_of, last4_index, number_index
from customers.dms import sql
from customers.dms.bulk import Bulk, sealed_column, write_rows
from customers.dms.check import Checked
from customers.dms.codes import (
    ACCEPTED,
    BIT,
    DUPLICATE,
    LINE,
    REASONS,
    REVERSAL,
    STATUSES,
    warning_codes,
)
from customers.dms.facts import (
    CAR,
    OWNER,
    address_of,
    car_facts,
    clean,
    day_text,
    numbers_of,
    owner_facts,
)
from customers.dms.parts import Part
from customers.dms.spool import Spool
from customers.encryption import seal_for
from customers.models import RawRows
from customers.values.dates import DayOrder, code_date, date_code, settle_code
from customers.values.fingerprints import fingerprint
from customers.values.kinds import KINDS
from staff.models import Store

_EVERY = 1000
# To be raised when the same row comes to mean something else.
_RULES = 1

_ORDER_TEXTS = (
    *("order_no", "target_no", "settled_on"),
    *("charge_type", "advisor_name", "team", "customer_words"),
)
_ORDER = (
    *("row_no", "is_rework", "labour_fen", "parts_fen", "discount_fen", "advisor_id"),
    *_ORDER_TEXTS,
)
_SETTLED = ("row_no", "car", "owner", "visited_on", "arrived_at", "kind", "odometer_km", "paid_fen", "said")


class Stage:
    """Takes one file for ``store``: a ``Sink`` while it is checked, then ``settle``."""

    def __init__(self, *, store: Store, today: date) -> None:
        sql.run("drop")
        sql.run("stage")
        self._today = today
        self._advisors = _advisors(store)
        self._sealed = sealed_column()
        self._last4 = lru_cache(maxsize=10_000)(last4_index)
        self._car_numbers, self._owner_numbers = count(1), count(1)
        self._open_days: set[int] = set()
        self.plain = Plain()
        self._orders = Bulk("stage_order", _ORDER, texts=_ORDER_TEXTS)
        self._lines = Bulk("stage_line", ("row_no", "name"), texts=("name",))
        self._cars = Bulk("stage_car", ("facts", *CAR), texts=CAR)
        self._owners = Bulk("stage_owner", ("facts", "has_address", *OWNER), texts=OWNER)
        self._phones = Bulk("stage_phone", ("facts", "place", "number_index", "last4_index", "is_mobile"))
        self._raw = Bulk("stage_raw", ("uid", "first_row", "last_row", "body"), batch=20)

    def cars(self, parts: list[Part]) -> None:
        for part in parts:
            self._note_open(part, "sale_date", "first_registration", "insurance_due", "inspection_due")
            self._cars.add((next(self._car_numbers), *car_facts(part)))

    def owners(self, parts: list[Part]) -> None:
        for part in parts:
            facts = next(self._owner_numbers)
            address, numbers = address_of(part), numbers_of(part)
            self.plain.keep(address, numbers)
            self._note_open(part, "birthday")
            self._owners.add((facts, bool(address), *owner_facts(part)))
            mobiles = len(part.get("phones", ()))
            for place, number in enumerate(numbers):
                digits = digits_of(number)
                self._phones.add(
                    (facts, place, number_index(digits), self._last4(digits[-4:]), place < mobiles)
                )

    def orders(self, rows: list[int], said: dict[str, Any]) -> None:
        columns = said["orders"]
        advisors = [clean(name, 40) if name else "" for name in columns["advisor"]]
        settled = columns["settled"]
        self._open_days.update(code for code in settled if code < 0)
        self._orders.extend(
            zip(
                rows,
                columns["is_rework"],
                columns["labour"],
                columns["parts"],
                columns["discount"],
                [self._advisors.get(name) for name in advisors],
                map(_fitting, columns["order_no"]),
                map(_fitting, columns["target_no"]),
                map(_day_text, settled),
                [clean(text, 40) if text else "" for text in columns["charge_type"]],
                advisors,
                [clean(text, 40) if text else "" for text in columns["team"]],
                [clean(text, 1000) if text else "" for text in columns["remark"]],
                strict=True,
            )
        )
        if "lines" in said:
            self._lines.extend(zip(rows, (clean(name, 120) for name in said["lines"]), strict=True))

    def raw(self, first: int, last: int, packed: str) -> None:
        uid = uuid.uuid4()
        self._raw.add((uid, first, last, self._sealed(seal_for(RawRows, "body", uid, packed))))

    def settle(self, checked: Checked, decided: Any, progress: Callable[[int], None]) -> None:
        """Say of each row what the whole file tells: whose and which car's it is, and whether it counts.

        ``decided``: plain values, by which the same row of a file is taken otherwise: decisions of users.
        """
        for table in (self._orders, self._lines, self._cars, self._owners, self._phones, self._raw):
            table.flush()
        self.plain.flush()
        settled = _Settled(checked, self._today, [_RULES, decided, self._advisors])
        settled.orders(progress)
        settled.seen()
        settled.problems()
        if checked.lines:
            settled.lines()
        self._settle_days(checked.report.day_order or "dmy")
        sql.run("settle")

    def close(self) -> None:
        self.plain.close()

    def _note_open(self, part: Part, *names: str) -> None:
        self._open_days.update(code for name in names if (code := part.get(name, 0)) < 0)

    def _settle_days(self, order: DayOrder) -> None:
        days = ((str(code), day_text(settle_code(code, order))) for code in self._open_days)
        write_rows("stage_day", ("said", "day"), days, texts=("day",))


class Plain:
    """Addresses and numbers of the file's owners in clear, outside the database; sealed for those who are new to it."""

    def __init__(self) -> None:
        self._spool = Spool()

    def keep(self, address: str, numbers: list[str]) -> None:
        """Of the next owner, counted from 1."""
        self._spool.append((address, numbers))

    def flush(self) -> None:
        """To be called once all are kept."""
        self._spool.flush()

    def address(self, facts: int) -> str:
        found: str = self._spool[facts - 1][0]
        return found

    def number(self, facts: int, place: int) -> str:
        found: str = self._spool[facts - 1][1][place]
        return found

    def close(self) -> None:
        self._spool.close()


class _Settled:
    """What the settled ledger says, into the tables that go with what was staged."""

    def __init__(self, checked: Checked, today: date, decided: Any) -> None:
        report = checked.report
        # What the whole file says of its days, and people of its columns, changes what each row says.
        self._salt = fingerprint(json.dumps([decided, report.day_order], sort_keys=True))
        self._checked, self._ledger, self._today = checked, checked.ledger, date_code(today)
        self._has_orders, self._is_said = report.export != "customers", report.export == "orders"
        numbers: dict[int, int] = {0: 0}
        # By the ledger's cars: which of the file's cars each is; 0 for none.
        self._cars = [numbers.setdefault(vehicle, len(numbers)) for vehicle in self._ledger.cars.vehicle]

    def orders(self, progress: Callable[[int], None]) -> None:
        """The orders, the reversals, and of all other rows who was with which car when."""
        ledger, cars = self._ledger, self._cars
        orders = Bulk("stage_settled", _SETTLED, texts=("kind",))
        ties = Bulk("stage_tie", ("row_no", "car", "owner", "day"))
        backs = Bulk("stage_back", ("row_no", "car", "of_row", "reversed_on", "amount_fen"))
        unnumbered = Bulk("stage_unnumbered", ("row_no", "facts", "day", "amount_fen"))
        zone = timezone.get_current_timezone()
        of_rows = map(cars.__getitem__, ledger.car)
        columns = zip(ledger.row, ledger.status, of_rows, ledger.customer, ledger.day, strict=True)
        for index, (row, status, car, owner, day) in enumerate(columns):
            if (index + 1) % _EVERY == 0:
                progress(index + 1)
            if status in (ACCEPTED, REVERSAL) and self._has_orders and not ledger.order[index]:
                unnumbered.add((row, ledger.car[index], day, ledger.fen[index]))
            if status == ACCEPTED and self._has_orders:
                minute, odometer = ledger.minute[index], ledger.odometer[index]
                orders.add(
                    (
                        row,
                        car,
                        owner,
                        _day_text(day),
                        _moment(day, minute, zone) if minute >= 0 else None,
                        KINDS[ledger.kind[index]],
                        odometer if odometer >= 0 else None,
                        ledger.fen[index],
                        ledger.said[index] ^ self._salt if self._is_said else None,
                    )
                )
                continue
            if status == REVERSAL:
                of = ledger.of[index]
                of_row = ledger.row[of] if of >= 0 else None
                backs.add((row, car, of_row, _day_text(day), -ledger.fen[index]))
            if status in (ACCEPTED, DUPLICATE, REVERSAL) and car:
                ties.add((row, car, owner, _day_text(day or self._today)))
        for table in (orders, ties, backs, unnumbered):
            table.flush()

    def seen(self) -> None:
        """When each combination of facts was said last, and of whom: day and row as one text."""
        ledger = self._ledger
        shared = BIT["phone_shared"]
        cars: dict[int, int] = {}
        owners: dict[tuple[int, int, bool, bool], int] = {}
        for row, customer, car, owner, day, bits in zip(
            *(ledger.row, ledger.customer, ledger.car, ledger.owner, ledger.day, ledger.bits), strict=True
        ):
            if customer < 0:  # refused or skipped
                continue
            at = (day or self._today) << 32 | row
            if cars.get(car, -1) < at:
                cars[car] = at
            known = owner, customer, bits & shared > 0, self._cars[car] > 0
            if owners.get(known, -1) < at:
                owners[known] = at
        write_rows(
            "stage_car_seen",
            ("facts", "car", "at"),
            ((facts, self._cars[facts], _at(at)) for facts, at in cars.items() if self._cars[facts]),
        )
        write_rows(
            "stage_owner_seen",
            ("facts", "owner", "is_shared", "has_car", "at"),
            ((*known, _at(at)) for known, at in owners.items()),
        )

    def problems(self) -> None:
        """The rows whose outcome is not plain."""
        write_rows(
            "stage_problem",
            ("row_no", "outcome", "reason", "of_row", "warnings"),
            self._problems(),
            texts=("reason",),
        )

    def _problems(self) -> Iterator[tuple[Any, ...]]:
        ledger, kinds = self._ledger, self._checked.reversals.kind
        for index, (status, bits) in enumerate(zip(ledger.status, ledger.bits, strict=True)):
            if bits or status not in (ACCEPTED, LINE):
                outcome = STATUSES[ACCEPTED if status == LINE else status]
                reason, of = REASONS[ledger.reason[index]] or kinds.get(index, ""), ledger.of[index]
                warnings = json.dumps(warning_codes(bits))
                yield ledger.row[index], outcome, reason, ledger.row[of] if of >= 0 else None, warnings

    def lines(self) -> None:
        """Which order each line is of, and the sums by kind their file leaves to the reader."""
        ledger, lines = self._ledger, self._checked.lines
        assert lines is not None
        heads = [index for index, status in enumerate(ledger.status) if status == ACCEPTED]
        write_rows(
            "stage_line_of",
            ("line_row", "row_no", "position", "amount_fen"),
            (
                (ledger.row[index], ledger.row[head], position, ledger.line_fen[index])
                for head in heads
                for position, index in enumerate(lines.kept(head), start=1)
            ),
        )
        write_rows(
            "stage_sum",
            ("row_no", "labour_fen", "parts_fen", "discount_fen"),
            ((ledger.row[head], *lines.sums(head)) for head in heads),
        )


_day_text = lru_cache(maxsize=1 << 13)(day_text)


def _at(at: int) -> str:
    return f"{_day_text(at >> 32)}{at & 0xFFFFFFFF:08d}"


def _moment(day: int, minute: int, zone: tzinfo) -> datetime:
    return datetime.combine(code_date(day), time(*divmod(minute, 60)), zone)


def _fitting(order_no: str) -> str:
    """The number, or its beginning and a fingerprint of the whole when it is longer than the column."""
    if len(order_no) <= 40:
        return order_no
    return f"{order_no[:23]}~{blake2b(order_no.encode(), digest_size=8).hexdigest()}"


def _advisors(store: Store) -> dict[str, int]:
    """Full name -> user, for names that only one of the store's people has."""
    found: dict[str, list[int]] = {}
    for pk, name in store.staff.filter(is_active=True).values_list("pk", "full_name"):
        found.setdefault(name.strip(), []).append(pk)
    return {name: pks[0] for name, pks in found.items() if name and len(pks) == 1}
