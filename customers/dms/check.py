"""Check an export: read it, judge every row, see the file as a whole, then give rows and report."""

from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingType
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any

from customers.dms.codes import ACCEPTED, LINE, REASONS, REVERSAL, STATUSES, warning_codes
from customers.dms.days import settle_days
from customers.dms.draft import Drafter
from customers.dms.headers import LOOK_AHEAD, Mapping, find_mapping
from customers.dms.identity import vehicle_key
from customers.dms.ledger import Ledger
from customers.dms.not_data import NotData
from customers.dms.orders import Lines, Reversals, settle_master, settle_orders, settle_statuses
from customers.dms.people import settle_customers
from customers.dms.read.cells import Row
from customers.dms.read.source import Block, Source, open_source
from customers.dms.refused import FileRefused
from customers.dms.report import Report
from customers.dms.rows import CheckedRow, Line
from customers.dms.spool import Spool
from customers.dms.summary import summarise
from customers.values.dates import MAC_SHIFT, DayOrder, code_date, settle_code
from customers.values.packing import as_json, pack

# Field of the mapping -> name in the row.
_DAYS = {
    "settle_date": "settled_on",
    "sale_date": "sale_date",
    "first_registration": "first_registration",
    "insurance_due": "insurance_due",
    "inspection_due": "inspection_due",
    "next_service_date": "next_service_on",
    "birthday": "birthday",
}
_EVERY = 1000


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a file and what its header suggests: what the mapping page shows."""

    format: str
    encoding: str
    sheet: str
    mapping: Mapping
    samples: list[Row]


def preview(path: Path, *, sheet: str = "", rows: int = 20) -> Preview:
    """Look at the head of a file; raises FileRefused."""
    with open_source(path, sheet=sheet) as source:
        head = list(islice(source.rows, LOOK_AHEAD))
        mapping = find_mapping(head)
        not_data = NotData(mapping)
        samples = [row for row in head if not not_data.why(*row)][:rows]
        return Preview(source.format, source.encoding, source.sheet, mapping, samples)


class Checked:
    """A checked file: ``report``, ``mapping`` and, as often as wanted, ``rows()``.

    ``raw``: the data rows as they stood in the file, (first row, last row, packed) for each block of them.
    """

    def __init__(
        self,
        *,
        mapping: Mapping,
        report: Report,
        ledger: Ledger,
        drafts: Spool,
        raw: Spool,
        lines: Lines | None,
        reversals: Reversals,
    ) -> None:
        self.mapping, self.report, self.raw = mapping, report, raw
        self._ledger, self._drafts, self._lines, self._reversals = ledger, drafts, lines, reversals
        self._day_order: DayOrder = report.day_order or "dmy"
        self._days = [name for field, name in _DAYS.items() if field in mapping.fields]

    def rows(self) -> Iterator[CheckedRow]:
        """Every data row in file order."""
        for index, draft in enumerate(self._drafts):
            yield self._row(index, draft)

    def _row(self, index: int, draft: dict[str, Any]) -> CheckedRow:
        ledger, row = self._ledger, CheckedRow()
        status, of, reason, bits = (
            *(ledger.status[index], ledger.of[index], ledger.reason[index], ledger.bits[index]),
        )
        row.row = ledger.row[index]
        row.status = STATUSES[status]
        if of >= 0:
            row.of = ledger.row[of]
        if bits:
            row.warnings = warning_codes(bits)
        if reason:
            row.reason = REASONS[reason]
        else:
            self._fill(row, index, draft)
            if status in (ACCEPTED, REVERSAL):
                self._account(row, index)
        return row

    def _fill(self, row: CheckedRow, index: int, draft: dict[str, Any]) -> None:
        ledger = self._ledger
        # The draft has the row's own names; two of its values are codes still.
        row.__dict__.update(draft)
        for field in self._days:
            if code := draft.get(field):
                code = settle_code(code, self._day_order)
                setattr(row, field, code_date(code) if code else None)
        if ledger.day[index]:
            row.visited_on = code_date(ledger.day[index])
        if (minute := draft.get("visited_at")) is not None:
            row.visited_at = time(minute // 60, minute % 60)
        if not row.vin and row.plate:
            row.vehicle_key = vehicle_key(row.plate, ledger.vin_of(row.plate))
        else:
            row.vehicle_key = vehicle_key(row.plate, row.vin)
        row.car_said = ledger.car_facts[index]
        row.customer_key, row.owner_said = ledger.customer[index], ledger.owner_facts[index]

    def _account(self, row: CheckedRow, index: int) -> None:
        ledger, reversals = self._ledger, self._reversals
        row.paid_fen = ledger.fen[index]
        if self._lines:
            self._itemise(row, index)
        if row.status == "reversal":
            row.reversal = reversals.kind[index]
            row.reverses = row.reverses or row.order_no
            return
        row.reverses = ""
        row.is_visit = self.report.export != "customers" and index not in reversals.full
        row.net_paid_fen = row.paid_fen
        if index in reversals.by_target:
            row.reversed_by = tuple(ledger.row[other] for other in reversals.by_target[index])
            row.net_paid_fen += sum(ledger.fen[other] for other in reversals.by_target[index])

    def _itemise(self, row: CheckedRow, index: int) -> None:
        """Lines of an order, and the sums by kind the file leaves to the reader."""
        assert self._lines is not None
        row.lines = tuple(
            _line(self._ledger.row[each], self._drafts[each]["line"])
            for each in self._lines.of(index)
            if self._ledger.status[each] in (ACCEPTED, REVERSAL, LINE)
        )
        sums = {"labour": 0, "part": 0, "discount": 0, "other": 0}
        for line in row.lines:
            sums[line.kind] += line.amount_fen or 0
        row.labour_fen, row.parts_fen = sums["labour"], sums["part"]
        # What the lines come to above the order's amount was let off.
        row.discount_fen = max(sum(sums.values()) - row.paid_fen, 0) - sums["discount"]


def _line(row: int, line: tuple[Any, ...]) -> Line:
    kind, name, quantity, unit_price, amount = line
    return Line(row, kind, name, Decimal(quantity) if quantity else None, unit_price, amount)


@contextmanager
def check_file(
    path: Path,
    *,
    today: date,
    mapping: Mapping | None = None,
    kinds: MappingType[str, str] | None = None,
    day_order: DayOrder | None = None,
    sheet: str = "",
    progress: Callable[[int], None] | None = None,
) -> Iterator[Checked]:
    """Check the file at ``path``; the rows can be read until the block is left. Raises FileRefused.

    ``mapping``: as kept or changed by the user; None takes what the header suggests.
    ``kinds``: words, as ``kind_word`` gives them, to kinds the user chose.
    ``day_order``: how to read 05-01-2018 when the user knows better than the file.
    ``progress`` is called with the number of rows read, every thousand.
    """
    drafts, raw = Spool(), Spool(chunk=16)
    try:
        with open_source(path, sheet=sheet) as source:
            checked = _check(
                source,
                drafts,
                raw,
                today=today,
                mapping=mapping,
                kinds=kinds or {},
                day_order=day_order,
                progress=progress or (lambda _: None),
            )
        yield checked
    finally:
        drafts.close()
        raw.close()


def _check(
    source: Source,
    drafts: Spool,
    raw: Spool,
    *,
    today: date,
    mapping: Mapping | None,
    kinds: MappingType[str, str],
    day_order: DayOrder | None,
    progress: Callable[[int], None],
) -> Checked:
    first = next(source.blocks, Block([], ""))
    mapping = mapping or find_mapping(first.rows[:LOOK_AHEAD])
    report, ledger = Report(export=mapping.export), Ledger()
    drafter = Drafter(mapping, kinds=kinds, shift=MAC_SHIFT if source.from_1904 else 0)
    why = NotData(mapping).why
    count = 0
    for block in chain([first], source.blocks):
        others = len(report.not_data)
        for number, cells in block.rows:
            if reason := why(number, cells):
                report.not_data.append((number, reason))
                continue
            draft = drafter(cells)
            ledger.append(number, draft)
            drafts.append(draft)
        _keep(block, {number for number, _ in report.not_data[others:]}, raw)
        count += len(block.rows)
        if count % _EVERY == 0:
            progress(count)
    if not len(ledger):
        raise FileRefused("no_rows")
    drafts.flush()
    raw.flush()
    report.unknown_kinds = dict(drafter.unknown_kinds)
    lines, reversals = _settle(ledger, report, mapping, today=today, day_order=day_order)
    return Checked(
        mapping=mapping,
        report=report,
        ledger=ledger,
        drafts=drafts,
        raw=raw,
        lines=lines,
        reversals=reversals,
    )


def _keep(block: Block, others: set[int], raw: Spool) -> None:
    """The block's data rows as they stand in the file; nearly always all of it."""
    rows = [row for row in block.rows if row[0] not in others] if others else block.rows
    if rows:
        raw.append((rows[0][0], rows[-1][0], pack(as_json(rows)) if others else block.packed))


def _settle(
    ledger: Ledger, report: Report, mapping: Mapping, *, today: date, day_order: DayOrder | None
) -> tuple[Lines | None, Reversals]:
    """What only the whole file tells."""
    ledger.settle_vehicles()
    lines, reversals = None, Reversals()
    if mapping.export == "customers":
        settle_statuses(ledger)
        settle_master(ledger)
    else:
        report.day_order, report.day_order_is_guess = settle_days(ledger, today=today, chosen=day_order)
        settle_statuses(ledger)
        if mapping.export == "lines":
            lines = Lines(ledger)
            amount_fields = {"paid", "receivable", "total_ambiguous"}
            lines.gather(has_order_amount=bool(mapping.fields & amount_fields))
        reversals = settle_orders(ledger)
        if lines:
            lines.follow()
    report.customers_by_type = settle_customers(ledger)
    summarise(ledger, reversals, report)
    return lines, reversals
