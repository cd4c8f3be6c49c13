"""Which rows are visits: doubles, numbers taken twice, reversals, the lines of an order."""

from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from customers.dms.codes import (
    ACCEPTED,
    BAD_AMOUNT,
    DUPLICATE,
    LINE,
    LINE_KINDS,
    NOTHING,
    ORDER_NO_CONFLICT,
    REJECTED,
    REVERSAL,
    SKIPPED,
    SKIPPED_FROM,
)
from customers.dms.ledger import Ledger, shared

ReversalKind = Literal["full", "partial", "unmatched"]


@dataclass(slots=True)
class Reversals:
    """Indexes into the ledger: reversal -> kind; target -> its reversals; targets reversed in full."""

    kind: dict[int, ReversalKind] = field(default_factory=dict)
    by_target: dict[int, list[int]] = field(default_factory=dict)
    full: set[int] = field(default_factory=set)


def settle_statuses(ledger: Ledger) -> None:
    """First statuses from the reasons found so far."""
    reasons = shared(ledger.reason)
    statuses = np.select([reasons == 0, reasons < SKIPPED_FROM], [ACCEPTED, REJECTED], SKIPPED)
    ledger.status = array("b", statuses.astype(np.int8).tobytes())
    ledger.of = array("i", [-1]) * len(ledger)


def reject(ledger: Ledger, index: int, reason: int, of: int = -1) -> None:
    """Take a row out for ``reason``; ``of``: the row before it that has its number."""
    ledger.status[index], ledger.reason[index], ledger.of[index] = REJECTED, reason, of


def settle_master(ledger: Ledger) -> None:
    """In a file of customers: same vehicle, phones and name is the same line again."""
    first: dict[tuple[int, int, int], int] = {}
    for index, status in enumerate(ledger.status):
        if status == ACCEPTED:
            owner = ledger.owner[index]
            key = ledger.vehicle(index), ledger.owners.phones[owner], ledger.owners.name[owner]
            if (of := first.setdefault(key, index)) != index:
                ledger.status[index], ledger.of[index] = DUPLICATE, of


def settle_orders(ledger: Ledger) -> Reversals:
    """Mark doubles, conflicts and reversals among the accepted rows."""
    numbers = _numbers(ledger)
    accepted = np.flatnonzero(shared(ledger.status) == ACCEPTED).astype(np.int32)
    is_reversal = shared(ledger.fen)[accepted] < 0
    orders = accepted[~is_reversal]
    # Rows of one number stand together then, in the file's order.
    orders = orders[numbers[orders].argsort(kind="stable")]
    is_first = np.diff(numbers[orders], prepend=0) != 0
    is_first[:1] = True
    firsts = orders[is_first]
    again = np.flatnonzero(~is_first)
    first_of = firsts[np.searchsorted(np.flatnonzero(is_first), again, side="right") - 1]
    for index, of in zip(orders[again].tolist(), first_of.tolist(), strict=True):
        if _same(ledger, of, index):
            ledger.status[index], ledger.of[index] = DUPLICATE, of
        else:
            reject(ledger, index, ORDER_NO_CONFLICT, of)
    first = _First(numbers[firsts], firsts)
    return _settle_reversals(ledger, numbers, first, accepted[is_reversal].tolist())


def _numbers(ledger: Ledger) -> NDArray[np.int64]:
    """The orders' numbers; without one, an order is what happened to a car on a day for an amount."""
    numbers: NDArray[np.int64] = shared(ledger.order).copy()
    for index in np.flatnonzero(numbers == NOTHING).tolist():
        numbers[index] = hash((ledger.vehicle(index), ledger.day[index], ledger.fen[index]))
    return numbers


@dataclass(frozen=True, slots=True)
class _First:
    """The first row of each order. ``numbers`` are sorted."""

    numbers: NDArray[np.int64]
    rows: NDArray[np.int64]

    def of(self, number: int) -> int | None:
        place = bisect_left(self.numbers, number)
        if place == len(self.numbers) or self.numbers[place] != number:
            return None
        return int(self.rows[place])


def _same(ledger: Ledger, one: int, other: int) -> bool:
    return (
        ledger.vehicle(one) == ledger.vehicle(other)
        and ledger.day[one] == ledger.day[other]
        and ledger.fen[one] == ledger.fen[other]
    )


def _settle_reversals(
    ledger: Ledger, numbers: NDArray[np.int64], first: _First, reversals: list[int]
) -> Reversals:
    found = Reversals()
    seen: dict[tuple[int, int, int, int], int] = {}
    for index in reversals:
        number = int(numbers[index])
        key = number, ledger.vehicle(index), ledger.day[index], ledger.fen[index]
        if (of := seen.setdefault(key, index)) != index:
            ledger.status[index], ledger.of[index] = DUPLICATE, of
            continue
        target = first.of(ledger.target[index] or number)
        if target is None:
            ledger.status[index] = REVERSAL
            found.kind[index] = "unmatched"
        elif target in found.full or ledger.vehicle(target) != ledger.vehicle(index):
            reject(ledger, index, ORDER_NO_CONFLICT, target)
        else:
            ledger.status[index], ledger.of[index] = REVERSAL, target
            is_full = ledger.fen[target] == -ledger.fen[index]
            found.kind[index] = "full" if is_full else "partial"
            found.by_target.setdefault(target, []).append(index)
            if is_full:
                found.full.add(target)
    return found


class Lines:
    """The rows of each order in an export with one row per line, as chains through the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._next = array("i", [-1]) * len(ledger)
        self._heads: array[int] = array("i")
        # Number -> the first row of its order, of the orders whose amount is known so far.
        self._with_amount: dict[int, int] = {}

    def gather(self, *, has_order_amount: bool) -> None:
        """Reject orders with a bad line; leave one accepted row per order, with the order's amount."""
        self._reject_whole()
        self._chain(has_order_amount)
        for head in self._heads:
            self._settle(head, has_order_amount)

    def kept(self, head: int) -> list[int]:
        """The rows of the order that begins at ``head``, without those that were refused."""
        return [index for index in self.of(head) if self._ledger.status[index] in (ACCEPTED, REVERSAL, LINE)]

    def sums(self, head: int) -> tuple[int, int, int]:
        """Labour, parts and discount of an order in fen, which its file leaves to the reader."""
        ledger, sums = self._ledger, [0] * len(LINE_KINDS)
        for index in self.kept(head):
            sums[ledger.line_kind[index]] += ledger.line_fen[index]
        by_kind = dict(zip(LINE_KINDS, sums, strict=True))
        # What the lines come to above the order's amount was let off.
        discount = max(sum(sums) - ledger.fen[head], 0) - by_kind["discount"]
        return by_kind["labour"], by_kind["part"], discount

    def of(self, head: int) -> list[int]:
        """The rows of the order that begins at ``head``."""
        rows = []
        while head >= 0:
            rows.append(head)
            head = self._next[head]
        return rows

    def follow(self) -> None:
        """Reject the lines of orders that were rejected as a whole."""
        ledger = self._ledger
        for head in self._heads:
            for index in self.of(head)[1:]:
                if ledger.status[head] == REJECTED:
                    reject(ledger, index, ledger.reason[head], ledger.of[head])
                    # It is told as its order, which is what was rejected.
                    ledger.fen[index] = ledger.fen[head]

    def _reject_whole(self) -> None:
        ledger = self._ledger
        bad: dict[int, int] = {}
        for index, status in enumerate(ledger.status):
            if status == REJECTED and ledger.order[index]:
                bad.setdefault(ledger.order[index], ledger.reason[index])
        for index, status in enumerate(ledger.status):
            if status == ACCEPTED and ledger.order[index] in bad:
                reject(ledger, index, bad[ledger.order[index]])

    def _chain(self, has_order_amount: bool) -> None:
        ledger = self._ledger
        tails: dict[tuple[int, int, int, bool], int] = {}
        # Number, car and day -> whether the last amount there was a reversal's: blank lines below are its.
        below: dict[tuple[int, int, int], bool] = {}
        for index, status in enumerate(ledger.status):
            if status != ACCEPTED:
                continue
            # Under one number another car or day is an order of its own, to be refused or, if negative, a reversal.
            at = ledger.order[index] or index, ledger.vehicle(index), ledger.day[index]
            if has_order_amount and not ledger.blank_amount(index):
                below[at] = ledger.fen[index] < 0
            key = *at, below.get(at, False)
            if key in tails:
                self._next[tails[key]] = index
            else:
                self._heads.append(index)
            tails[key] = index

    def _settle(self, head: int, has_order_amount: bool) -> None:
        ledger, rows = self._ledger, self.of(head)
        if has_order_amount:
            fen = next((ledger.fen[index] for index in rows if not ledger.blank_amount(index)), None)
        else:
            fen = sum(ledger.fen[index] for index in rows)
        if fen is None:
            # The number has its amount with another car or day: that, and no blank, is what is wrong.
            of = self._with_amount.get(ledger.order[head], -1)
            for index in rows:
                reject(ledger, index, BAD_AMOUNT if of < 0 else ORDER_NO_CONFLICT, of)
            return
        if ledger.order[head] != NOTHING:
            self._with_amount.setdefault(ledger.order[head], head)
        for index in rows:
            if has_order_amount and not ledger.blank_amount(index) and ledger.fen[index] != fen:
                reject(ledger, index, ORDER_NO_CONFLICT, head)
            elif index != head:
                # Set aside until the orders are settled by their first rows.
                ledger.status[index], ledger.of[index] = LINE, head
        ledger.fen[head] = fen
