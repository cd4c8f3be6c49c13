"""A checked file row by row, for tests: what its sink was given, put together with what the ledger says."""

from __future__ import annotations

from datetime import time
from types import SimpleNamespace
from typing import Any

from customers.dms.check import Checked, check_file
from customers.dms.codes import ACCEPTED, LINE_KINDS, NOTHING, REASONS, REVERSAL, STATUSES, warning_codes
from customers.values.dates import code_date, settle_code
from customers.values.kinds import KINDS
from customers.values.packing import unpack

CAR_DAYS = {
    "sale_date": "sale_date",
    "first_registration": "first_registration",
    "insurance_due": "insurance_due",
    "inspection_due": "inspection_due",
    "next_service_date": "next_service_on",
}
TEXTS = {
    **dict.fromkeys(
        ("plate", "vin", "plate_as_typed", "vin_as_typed", "customer_name", "contact", "payer"), ""
    ),
    **dict.fromkeys(CAR_DAYS.values()),
    "phones": (),
}


class Kept:
    """A sink that keeps everything."""

    def __init__(self) -> None:
        self.car_parts: list[dict[str, Any]] = [{}]
        self.owner_parts: list[dict[str, Any]] = [{}]
        self.order: dict[int, dict[str, Any]] = {}
        self.raw_rows: dict[int, list[Any]] = {}

    def cars(self, parts):
        self.car_parts += parts

    def owners(self, parts):
        self.owner_parts += parts

    def orders(self, rows, said):
        columns = {**said["orders"], "line": said.get("lines", [""] * len(rows))}
        for place, row in enumerate(rows):
            self.order[row] = {name: column[place] for name, column in columns.items()}

    def raw(self, first, last, packed):
        rows = dict(unpack(packed))
        assert (first, last) == (min(rows), max(rows))
        self.raw_rows |= rows


class CheckedRows:
    """A file as checked: report, mapping, the data rows in order, and the raw ones by number."""

    def __init__(self, checked: Checked, sink: Kept) -> None:
        self.report, self.mapping, self.raw = checked.report, checked.mapping, sink.raw_rows
        self.rows = [_row(checked, sink, index) for index in range(len(checked.ledger))]


def check_rows(path, **options) -> CheckedRows:
    sink = Kept()
    return CheckedRows(check_file(path, sink=sink, **options), sink)


def _row(checked: Checked, sink: Kept, index: int) -> SimpleNamespace:
    ledger = checked.ledger
    status, of = ledger.status[index], ledger.of[index]
    row = SimpleNamespace(
        row=ledger.row[index],
        status=STATUSES[status],
        of=ledger.row[of] if of >= 0 else None,
        reason=REASONS[ledger.reason[index]],
        warnings=warning_codes(ledger.bits[index]),
        vehicle_key="",
        customer_key=None,
        **TEXTS,
        **dict.fromkeys(("order_no", "reverses", "reversal"), ""),
        **dict.fromkeys(
            ("visited_on", "visited_at", "settled_on", "odometer", "labour_fen", "parts_fen", "discount_fen")
        ),
        kind="other",
        lines=(),
        is_visit=False,
        paid_fen=0,
        net_paid_fen=0,
        reversed_by=(),
    )
    if not row.reason:
        _say(row, checked, sink, index)
        if status in (ACCEPTED, REVERSAL):
            _account(row, checked, sink, index)
    return row


def _say(row: SimpleNamespace, checked: Checked, sink: Kept, index: int) -> None:
    ledger, order = checked.ledger, checked.report.day_order or "dmy"
    car, owner = sink.car_parts[ledger.car[index]], sink.owner_parts[ledger.owner[index]]
    for name, value in {**car, **owner}.items():
        if name in TEXTS and name not in CAR_DAYS:
            setattr(row, name, tuple(value) if name == "phones" else value)
    for field, name in CAR_DAYS.items():
        if code := settle_code(car.get(field, 0), order):
            setattr(row, name, code_date(code))
    keys = {NOTHING: ""}
    for part in sink.car_parts[1:]:
        for key in (f"vin:{part.get('vin')}", f"plate:{part.get('plate')}"):
            keys[hash(key)] = key
    row.vehicle_key, row.customer_key = keys[ledger.vehicle(index)], ledger.customer[index]
    row.kind = KINDS[ledger.kind[index]]
    row.odometer = ledger.odometer[index] if ledger.odometer[index] >= 0 else None
    row.visited_on = code_date(ledger.day[index]) if ledger.day[index] else None
    if ledger.minute[index] >= 0:
        row.visited_at = time(*divmod(ledger.minute[index], 60))
    said = sink.order.get(row.row)
    if said:
        settled = settle_code(said["settled"], order)
        row.settled_on = code_date(settled) if settled else None
        row.order_no, row.reverses = said["order_no"], said["target_no"]
        row.labour_fen, row.parts_fen, row.discount_fen = said["labour"], said["parts"], said["discount"]


def _account(row: SimpleNamespace, checked: Checked, sink: Kept, index: int) -> None:
    ledger, reversals = checked.ledger, checked.reversals
    row.paid_fen = row.net_paid_fen = ledger.fen[index]
    if checked.lines:
        row.labour_fen, row.parts_fen, row.discount_fen = checked.lines.sums(index)
        row.lines = tuple(
            SimpleNamespace(
                row=ledger.row[each],
                kind=LINE_KINDS[ledger.line_kind[each]],
                name=sink.order[ledger.row[each]]["line"],
                amount_fen=ledger.line_fen[each],
            )
            for each in checked.lines.kept(index)
        )
    if row.status == "reversal":
        row.reversal, row.reverses = reversals.kind[index], row.reverses or row.order_no
        return
    row.is_visit = checked.report.export != "customers" and index not in reversals.full
    others = reversals.by_target.get(index, [])
    row.reversed_by = tuple(ledger.row[other] for other in others)
    row.net_paid_fen += sum(ledger.fen[other] for other in others)
