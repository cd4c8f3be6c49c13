"""From the settled ledger to the figures of the report."""

from customers.dms.codes import (
    ACCEPTED,
    BIT,
    DUPLICATE,
    NOTHING,
    REASONS,
    REJECTED,
    REVERSAL,
    SKIPPED,
    WARNINGS,
)
from customers.dms.ledger import Ledger
from customers.dms.orders import Reversals
from customers.dms.people import counted_pairs
from customers.dms.report import Report
from customers.values.kinds import KINDS


def summarise(ledger: Ledger, reversals: Reversals, report: Report) -> None:
    """Fill ``report``; also marks odometers that went back."""
    if report.export != "customers":
        _mark_rollbacks(ledger, reversals)
        _sum_orders(ledger, reversals, report)
    _list_rows(ledger, reversals, report)
    report.data_rows = len(ledger)
    report.accepted_rows = report.data_rows - len(report.rejected) - len(report.skipped)
    report.customers = sum(report.customers_by_type.values())
    report.vehicles = len({ledger.cars.vehicle[car] for car, _ in counted_pairs(ledger)} - {NOTHING})


def _mark_rollbacks(ledger: Ledger, reversals: Reversals) -> None:
    """A reading below that of an earlier day; readings of one day are not compared."""
    visits = [
        index
        for index, status in enumerate(ledger.status)
        if status == ACCEPTED and ledger.odometer[index] >= 0 and index not in reversals.full
    ]
    visits.sort(key=ledger.day.__getitem__)
    # Vehicle: highest reading before its latest day, that day, highest reading on it.
    seen: dict[int, tuple[int, int, int]] = {}
    for index in visits:
        vehicle, day, reading = ledger.vehicle(index), ledger.day[index], ledger.odometer[index]
        before, latest, on_it = seen.get(vehicle, (-1, day, -1))
        if day != latest:
            before, on_it = max(before, on_it), -1
        if reading < before:
            ledger.bits[index] |= BIT["odometer_rollback"]
        seen[vehicle] = before, day, max(on_it, reading)


def _sum_orders(ledger: Ledger, reversals: Reversals, report: Report) -> None:
    visits, paid = [0] * len(KINDS), [0] * len(KINDS)
    is_met = [False] * len(KINDS)
    first, last = 0, 0
    for index, status in enumerate(ledger.status):
        if status not in (ACCEPTED, REVERSAL):
            continue
        kind = ledger.kind[index]
        is_met[kind] = True
        paid[kind] += ledger.fen[index]
        if status == ACCEPTED and index not in reversals.full:
            visits[kind] += 1
            day = ledger.day[index]
            first, last = min(first or day, day), max(last, day)
    report.visits = sum(visits)
    report.visits_by_kind = {kind: visits[place] for place, kind in enumerate(KINDS) if visits[place]}
    report.paid_fen_by_kind = {kind: paid[place] for place, kind in enumerate(KINDS) if is_met[place]}
    report.first_day, report.last_day = first, last


def _list_rows(ledger: Ledger, reversals: Reversals, report: Report) -> None:
    warnings: dict[str, list[int]] = {code: [] for code in WARNINGS}
    for index, status in enumerate(ledger.status):
        row, bits = ledger.row[index], ledger.bits[index]
        if status == REJECTED:
            report.rejected.append((row, REASONS[ledger.reason[index]]))
        elif status == SKIPPED:
            report.skipped.append((row, REASONS[ledger.reason[index]]))
        elif status == DUPLICATE:
            report.duplicates.append((row, ledger.row[ledger.of[index]]))
        elif status == REVERSAL:
            of = ledger.of[index]
            report.reversals.append((row, ledger.row[of] if of >= 0 else None, reversals.kind[index]))
        elif status == ACCEPTED and bits:
            for code in WARNINGS:
                if bits & BIT[code]:
                    warnings[code].append(row)
    report.warnings = {code: rows for code, rows in warnings.items() if rows}
