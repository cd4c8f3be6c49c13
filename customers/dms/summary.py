"""From the settled ledger to the figures of the report."""

import numpy as np
from numpy.typing import NDArray

from customers.dms.codes import (
    ACCEPTED,
    BIT,
    DUPLICATE,
    NOTHING,
    ORDER_NO_CONFLICT,
    REASONS,
    REJECTED,
    REVERSAL,
    SKIPPED,
    WARNINGS,
)
from customers.dms.ledger import Ledger, shared
from customers.dms.orders import Reversals
from customers.dms.report import Conflict, Report
from customers.values.kinds import KINDS


def summarise(ledger: Ledger, reversals: Reversals, report: Report) -> None:
    """Fill ``report``; also marks odometers that went back."""
    if report.export != "customers":
        is_visit = shared(ledger.status) == ACCEPTED
        is_visit[list(reversals.full)] = False
        _mark_rollbacks(ledger, is_visit)
        _sum_orders(ledger, is_visit, report)
    _list_rows(ledger, reversals, report)
    report.data_rows = len(ledger)
    report.accepted_rows = report.data_rows - len(report.rejected) - len(report.skipped)
    report.customers = sum(report.customers_by_type.values())
    vehicles = np.unique(ledger.vehicles(ledger.pairs().first))
    report.vehicles = int(np.count_nonzero(vehicles != NOTHING))


def _mark_rollbacks(ledger: Ledger, is_visit: NDArray[np.bool_]) -> None:
    """A reading below that of an earlier day; readings of one day are not compared."""
    rows = np.flatnonzero(is_visit & (shared(ledger.odometer) >= 0)).astype(np.int32)
    if not len(rows):
        return
    vehicles, days = ledger.vehicles(rows), shared(ledger.day)[rows]
    by_day = np.lexsort((days, vehicles))
    rows, days = rows[by_day], days[by_day]
    is_other = np.diff(vehicles[by_day], prepend=0) != 0
    # Above all of another vehicle before it, so that the highest so far is its own.
    readings = is_other.cumsum() << 32 | shared(ledger.odometer)[rows]
    begins = is_other | (np.diff(days, prepend=0) != 0)
    begins[0] = True
    highest = np.maximum.accumulate(readings)
    highest = np.r_[-1, highest[:-1]][begins][begins.cumsum() - 1]
    shared(ledger.bits)[rows[readings < highest]] |= BIT["odometer_rollback"]


def _sum_orders(ledger: Ledger, is_visit: NDArray[np.bool_], report: Report) -> None:
    kinds, fen = shared(ledger.kind), shared(ledger.fen)
    is_paid = np.isin(shared(ledger.status), (ACCEPTED, REVERSAL))
    for place, kind in enumerate(KINDS):
        paid = fen[is_paid & (kinds == place)]
        if len(paid):
            report.paid_fen_by_kind[kind] = int(paid.sum())
        if visits := int(np.count_nonzero(is_visit & (kinds == place))):
            report.visits_by_kind[kind] = visits
    report.visits = sum(report.visits_by_kind.values())
    days = shared(ledger.day)[is_visit]
    report.first_day, report.last_day = (int(days.min()), int(days.max())) if len(days) else (0, 0)


def _list_rows(ledger: Ledger, reversals: Reversals, report: Report) -> None:
    warnings: dict[str, list[int]] = {code: [] for code in WARNINGS}
    for index in np.flatnonzero((shared(ledger.status) != ACCEPTED) | (shared(ledger.bits) != 0)).tolist():
        row, status, bits = ledger.row[index], ledger.status[index], ledger.bits[index]
        if status == REJECTED:
            report.rejected.append((row, REASONS[ledger.reason[index]]))
            if ledger.reason[index] == ORDER_NO_CONFLICT and ledger.of[index] >= 0:
                report.conflicts[row] = _conflict(ledger, index, ledger.of[index])
        elif status == SKIPPED:
            report.skipped.append((row, REASONS[ledger.reason[index]]))
        elif status == DUPLICATE:
            report.duplicates.append((row, ledger.row[ledger.of[index]]))
        elif status == REVERSAL:
            of = ledger.of[index]
            report.reversals.append((row, ledger.row[of] if of >= 0 else None, reversals.kind[index]))
        elif status == ACCEPTED:
            for code in WARNINGS:
                if bits & BIT[code]:
                    warnings[code].append(row)
    report.warnings = {code: rows for code, rows in warnings.items() if rows}


def _conflict(ledger: Ledger, index: int, of: int) -> Conflict:
    said, of_said = (
        (ledger.day[at], None if ledger.blank_amount(at) else ledger.fen[at]) for at in (index, of)
    )
    return Conflict(ledger.row[of], ledger.vehicle(index) != ledger.vehicle(of), *said, *of_said)
