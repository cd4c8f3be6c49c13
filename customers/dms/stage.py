"""From a file to staging tables: what its rows say while it is read, whom they mean when it is known as a whole."""

from __future__ import annotations

import json
import uuid
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from itertools import count
from typing import Any

from django.utils import timezone

from customers.contacts import digits_of, last4_index, number_index
from customers.dms import sql
from customers.dms.bulk import Bulk, sealed_column, write_rows
from customers.dms.check import Checked
from customers.dms.facts import (
    CAR,
    OWNER,
    address_of,
    car_facts,
    clean,
    day_text,
    moment,
    numbers_of,
    owner_facts,
)
from customers.dms.parts import Part
from customers.dms.plain import Plain
from customers.dms.settled import Settled
from customers.encryption import seal_for
from customers.models import RawRows
from customers.values.dates import DayOrder, settle_code
from customers.values.fingerprints import fingerprint
from customers.values.kinds import KINDS
from staff.models import Store

# To be raised when the same row comes to mean something else.
_RULES = 2

_ORDER_TEXTS = (
    *("order_no", "target_no", "visited_on", "settled_on", "kind"),
    *("charge_type", "advisor_name", "team", "customer_words"),
)
_ORDER = (
    *("row_no", "car_facts", "owner_facts", "arrived_at", "is_rework", "odometer_km", "paid_fen", "said"),
    *("labour_fen", "parts_fen", "discount_fen", "advisor_id"),
    *_ORDER_TEXTS,
)


class Stage:
    """Takes one file for ``store``: a ``Sink`` while it is checked, then ``settle``."""

    def __init__(self, *, store: Store, today: date) -> None:
        sql.open_scratch()
        sql.drop_all()
        sql.run("stage")
        self._today, self._zone = today, timezone.get_current_timezone()
        self._advisors = _advisors(store)
        self._sealed = sealed_column()
        self._last4 = lru_cache(maxsize=10_000)(last4_index)
        self._car_numbers, self._owner_numbers = count(1), count(1)
        self._open_days: set[int] = set()
        self.plain = Plain()
        self._orders = Bulk("stage_order", _ORDER)
        self._lines = Bulk("stage_line", ("row_no", "name"))
        self._voided = Bulk("stage_void", ("row_no", "car_facts"))
        self._cars = Bulk("stage_car", ("facts", *CAR))
        self._owners = Bulk("stage_owner", ("facts", "has_address", *OWNER))
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
        columns, ledger = said["orders"], said["ledger"]
        advisors = [clean(name, 40) if name else "" for name in columns["advisor"]]
        days, settled = ledger["day"], columns["settled"]
        self._open_days.update(code for code in days if code < 0)
        self._open_days.update(code for code in settled if code < 0)
        self._orders.extend(
            zip(
                rows,
                ledger["car"],
                ledger["owner"],
                [
                    moment(day, minute, self._zone) if minute >= 0 and day > 0 else None
                    for day, minute in zip(days, ledger["minute"], strict=True)
                ],
                columns["is_rework"],
                [reading if reading >= 0 else None for reading in ledger["odometer"]],
                ledger["fen"],
                ledger.get("said") or [None] * len(rows),
                columns["labour"],
                columns["parts"],
                columns["discount"],
                [self._advisors.get(name) for name in advisors],
                map(_fitting, columns["order_no"]),
                map(_fitting, columns["target_no"]),
                map(day_text, days),
                map(day_text, settled),
                map(KINDS.__getitem__, ledger["kind"]),
                [clean(text, 40) if text else "" for text in columns["charge_type"]],
                advisors,
                [clean(text, 40) if text else "" for text in columns["team"]],
                [clean(text, 1000) if text else "" for text in columns["remark"]],
                strict=True,
            )
        )
        self._voided.extend(said["voided"])
        if "lines" in said:
            self._lines.extend(zip(rows, (clean(name, 120) for name in said["lines"]), strict=True))

    def raw(self, first: int, last: int, packed: str) -> None:
        uid = uuid.uuid4()
        self._raw.add((uid, first, last, self._sealed(seal_for(RawRows, "body", uid, packed))))

    def settle(self, checked: Checked, decided: Any) -> None:
        """Say of each row what the whole file tells: whose and which car's it is, and whether it counts.

        ``decided``: plain values, by which the same row of a file is taken otherwise: decisions of users.
        """
        tables = (self._orders, self._lines, self._voided, self._cars, self._owners, self._phones, self._raw)
        for table in tables:
            table.flush()
        self.plain.flush()
        settled = Settled(checked, self._today)
        settled.pairs()
        settled.others()
        settled.unnumbered()
        settled.seen()
        settled.problems()
        if checked.lines:
            settled.lines()
        day_order = checked.report.day_order
        if day_order:
            settled.moments()
        self._settle_days(day_order or "dmy")
        # What the whole file says of its days, and people of its columns, changes what each row says.
        salt = json.dumps([[_RULES, decided, self._advisors], day_order], sort_keys=True)
        sql.run("settle", salt=fingerprint(salt))

    def close(self) -> None:
        self.plain.close()

    def _note_open(self, part: Part, *names: str) -> None:
        self._open_days.update(code for name in names if (code := part.get(name, 0)) < 0)

    def _settle_days(self, order: DayOrder) -> None:
        days = ((str(code), day_text(settle_code(code, order))) for code in self._open_days)
        write_rows("stage_day", ("said", "day"), days)


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
