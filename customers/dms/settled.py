"""What is known of a file's rows once it is settled as a whole, into the tables that go with what was staged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from customers.dms.bulk import BATCH, write_rows
from customers.dms.check import Checked
from customers.dms.codes import (
    ACCEPTED,
    BIT,
    DUPLICATE,
    LINE,
    NOTHING,
    REASONS,
    REVERSAL,
    STATUSES,
    warning_codes,
)
from customers.dms.facts import day_text, moment
from customers.dms.ledger import shared
from customers.values.dates import date_code


class Settled:
    """What the settled ledger says, into the tables that go with what was staged."""

    def __init__(self, checked: Checked, today: date) -> None:
        self._checked, self._ledger, self._today = checked, checked.ledger, date_code(today)
        self._has_orders = checked.report.export != "customers"
        # By the ledger's cars: which of the file's cars each is, as they were met; 0, the first of all, for none.
        _, first, which = np.unique(shared(self._ledger.cars.vehicle), return_index=True, return_inverse=True)
        self._cars = first.argsort().argsort()[which]
        self._is_order = (shared(self._ledger.status) == ACCEPTED) & self._has_orders

    def pairs(self) -> None:
        """Whose and which car's the rows are."""
        ledger, first = self._ledger, self._ledger.pairs().first
        cars, owners, customers = (
            shared(column)[first] for column in (ledger.car, ledger.owner, ledger.customer)
        )
        write_rows(
            "stage_pair",
            ("car_facts", "owner_facts", "car", "owner"),
            _rows(cars, owners, self._cars[cars], customers),
        )

    def others(self) -> None:
        """The rows that are no orders of their own: reversals, and of all who was with which car when."""
        ledger, is_order = self._ledger, self._is_order
        status, rows, cars = shared(ledger.status), shared(ledger.row), self._cars[shared(ledger.car)]
        if self._has_orders:
            write_rows("stage_apart", ("row_no",), _rows(rows[~is_order]))
        is_tie = np.isin(status, (ACCEPTED, DUPLICATE, REVERSAL)) & ~is_order & (cars > 0)
        ties = _rows(rows[is_tie], cars[is_tie], shared(ledger.customer)[is_tie], self._days(is_tie))
        write_rows(
            "stage_tie", ("row_no", "car", "owner", "day"), ((*tie, day_text(day)) for *tie, day in ties)
        )
        backs = np.flatnonzero(status == REVERSAL).tolist()
        write_rows(
            "stage_back",
            ("row_no", "car", "of_row", "reversed_on", "amount_fen"),
            (
                (
                    ledger.row[index],
                    int(cars[index]),
                    self._row_of(index),
                    day_text(ledger.day[index]),
                    -ledger.fen[index],
                )
                for index in backs
            ),
        )

    def unnumbered(self) -> None:
        ledger = self._ledger
        without = shared(ledger.order) == NOTHING
        without &= np.isin(shared(ledger.status), (ACCEPTED, REVERSAL)) & self._has_orders
        columns = (shared(column)[without] for column in (ledger.row, ledger.car, ledger.day, ledger.fen))
        write_rows("stage_unnumbered", ("row_no", "facts", "day", "amount_fen"), _rows(*columns))

    def moments(self) -> None:
        """When cars arrived, once it is known which number of 05-01-2018 is the day."""
        ledger, zone = self._ledger, timezone.get_current_timezone()
        timed = self._is_order & (shared(ledger.minute) >= 0)
        columns = _rows(*(shared(column)[timed] for column in (ledger.row, ledger.day, ledger.minute)))
        write_rows(
            "stage_moment",
            ("row_no", "arrived_at"),
            ((row, moment(day, minute, zone)) for row, day, minute in columns),
        )

    def seen(self) -> None:
        """When each combination of facts was said last, and of whom: day and row as one text."""
        ledger = self._ledger
        says = shared(ledger.customer) >= 0  # neither refused nor skipped
        at = self._days(says) << 32 | shared(ledger.row)[says]
        cars = shared(ledger.car)[says]
        newest = np.zeros(len(self._cars), dtype=np.int64)
        np.maximum.at(newest, cars, at)
        facts = np.flatnonzero((newest > 0) & (self._cars > 0))
        seen = ((*car, _at(last)) for *car, last in _rows(facts, self._cars[facts], newest[facts]))
        write_rows("stage_car_seen", ("facts", "car", "at"), seen)
        # Owner, customer and the two of yes or no as one number, whose rows then stand together.
        keys = shared(ledger.owner)[says].astype(np.int64) << 31
        keys |= shared(ledger.customer)[says]
        keys = keys << 2 | (shared(ledger.bits)[says] & BIT["phone_shared"] > 0) << 1 | (self._cars[cars] > 0)
        order = keys.argsort()
        keys, at = keys[order], at[order]
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        keys, newest = keys[starts], np.maximum.reduceat(at, starts) if len(at) else at
        of_whom = _rows(keys >> 33, keys >> 2 & 0x7FFFFFFF, (keys & 2) > 0, (keys & 1) > 0, newest)
        write_rows(
            "stage_owner_seen",
            ("facts", "owner", "is_shared", "has_car", "at"),
            ((*owner, _at(last)) for *owner, last in of_whom),
        )

    def _days(self, of: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Those of the rows' days; a row without one speaks of today."""
        days: NDArray[np.int64] = shared(self._ledger.day)[of].astype(np.int64)
        days[days == 0] = self._today
        return days

    def _row_of(self, index: int) -> int | None:
        of = self._ledger.of[index]
        return self._ledger.row[of] if of >= 0 else None

    def problems(self) -> None:
        """The rows whose outcome is not plain."""
        write_rows(
            "stage_problem",
            ("row_no", "outcome", "reason", "of_row", "warnings"),
            self._problems(),
        )

    def _problems(self) -> Iterator[tuple[Any, ...]]:
        ledger, kinds = self._ledger, self._checked.reversals.kind
        is_plain = (shared(ledger.bits) == 0) & np.isin(shared(ledger.status), (ACCEPTED, LINE))
        for index in np.flatnonzero(~is_plain).tolist():
            status = ledger.status[index]
            outcome = STATUSES[ACCEPTED if status == LINE else status]
            reason = REASONS[ledger.reason[index]] or kinds.get(index, "")
            warnings = json.dumps(warning_codes(ledger.bits[index]))
            yield ledger.row[index], outcome, reason, self._row_of(index), warnings

    def lines(self) -> None:
        """Which order each line is of, and the sums by kind their file leaves to the reader."""
        ledger, lines = self._ledger, self._checked.lines
        assert lines is not None
        heads = np.flatnonzero(self._is_order).tolist()
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
            ("row_no", "labour_fen", "parts_fen", "discount_fen", "paid_fen"),
            ((ledger.row[head], *lines.sums(head), ledger.fen[head]) for head in heads),
        )


def _rows(*columns: NDArray[Any]) -> Iterator[tuple[Any, ...]]:
    """Row by row as plain values, some at a time: as objects they take ten times the room."""
    for start in range(0, len(columns[0]), BATCH):
        yield from zip(*(column[start : start + BATCH].tolist() for column in columns), strict=True)


def _at(at: int) -> str:
    return f"{day_text(at >> 32)}{at & 0xFFFFFFFF:08d}"
