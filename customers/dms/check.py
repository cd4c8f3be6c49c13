"""Check an export: have it read and each row judged, then see the file as a whole."""

from collections.abc import Callable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from customers.dms.days import settle_days
from customers.dms.headers import Mapping
from customers.dms.ledger import Ledger
from customers.dms.orders import Lines, Reversals, settle_master, settle_orders, settle_statuses
from customers.dms.parts import Part
from customers.dms.people import settle_customers
from customers.dms.read.cells import Corrections
from customers.dms.read.source import Plan, open_source
from customers.dms.refused import FileRefused
from customers.dms.report import Report
from customers.dms.summary import summarise
from customers.values.dates import DayOrder
from customers.values.packing import BLOCK_ROWS

_EVERY = 1000


class Sink(Protocol):
    """Takes what a file says, block by block in the file's order, while it is still being read.

    Cars and owners come when they are met for the first time and are numbered so, from 1.
    """

    def cars(self, parts: list[Part]) -> None: ...

    def owners(self, parts: list[Part]) -> None: ...

    def orders(self, rows: list[int], said: dict[str, Any]) -> None:
        """What is only kept of the orders, or lines, in these rows: ``said`` as Judge gives it."""

    def raw(self, first: int, last: int, packed: str) -> None:
        """The data rows from ``first`` to ``last`` as they stood in the file."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A file judged as a whole; what is only kept of its rows went to the sink."""

    mapping: Mapping
    report: Report
    ledger: Ledger
    lines: Lines | None
    reversals: Reversals


def check_file(
    path: Path,
    *,
    today: date,
    sink: Sink,
    mapping: Mapping | None = None,
    kinds: MappingType[str, str] | None = None,
    day_order: DayOrder | None = None,
    sheet: str = "",
    corrections: Corrections | None = None,
    progress: Callable[[int], None] | None = None,
) -> Checked:
    """Check the file at ``path``. Raises FileRefused.

    ``mapping``: as kept or changed by the user; None takes what the header suggests.
    ``kinds``: words, as ``kind_word`` gives them, to kinds the user chose.
    ``day_order``: how to read 05-01-2018 when the user knows better than the file.
    ``corrections``: cells that the user typed anew.
    ``progress`` is called with the number of rows read, every thousand.
    """
    with open_source(path, sheet=sheet, plan=Plan(mapping, kinds or {}, corrections or {})) as source:
        assert source.mapping is not None
        report, ledger = Report(export=source.mapping.export), Ledger()
        count = 0
        for said in source.said:
            _take(said, ledger, report, sink)
            count += BLOCK_ROWS
            if progress and count % _EVERY == 0:
                progress(count)
    if not len(ledger):
        raise FileRefused("no_rows")
    lines, reversals = _settle(ledger, report, source.mapping, today=today, day_order=day_order)
    return Checked(source.mapping, report, ledger, lines, reversals)


def _take(said: dict[str, Any], ledger: Ledger, report: Report, sink: Sink) -> None:
    report.not_data += map(tuple, said["not_data"])
    if "ledger" not in said:
        return
    rows = said["ledger"]["row"]
    ledger.enter(said["ledger"])
    ledger.cars.add(said["cars"])
    ledger.owners.add(said["owners"])
    for word, times in said["unknown"].items():
        report.unknown_kinds[word] = report.unknown_kinds.get(word, 0) + times
    sink.cars(said["cars"])
    sink.owners(said["owners"])
    if "orders" in said:
        sink.orders(rows, said)
    sink.raw(rows[0], rows[-1], said["raw"])


def _settle(
    ledger: Ledger, report: Report, mapping: Mapping, *, today: date, day_order: DayOrder | None
) -> tuple[Lines | None, Reversals]:
    """What only the whole file tells."""
    ledger.settle_vehicles()
    lines, reversals = None, Reversals()
    if report.export == "customers":
        settle_statuses(ledger)
        settle_master(ledger)
    else:
        report.day_order, report.day_order_is_guess = settle_days(ledger, today=today, chosen=day_order)
        settle_statuses(ledger)
        if report.export == "lines":
            lines = Lines(ledger)
            amount_fields = {"paid", "receivable", "total_ambiguous"}
            lines.gather(has_order_amount=bool(mapping.fields & amount_fields))
        reversals = settle_orders(ledger)
        if lines:
            lines.follow()
    report.customers_by_type = settle_customers(ledger)
    summarise(ledger, reversals, report)
    return lines, reversals
