"""Write the group's cars and visits as the stores' DMS exports."""

import csv
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from openpyxl import Workbook

from dealer_crm.demo import dirt
from dealer_crm.demo.cars import Car, Visit
from dealer_crm.demo.group import ALL_STORES, ExportFile, FileCount
from dealer_crm.demo.layouts import MASTERS, ORDERS, Layout, Row
from dealer_crm.demo.reversals import Reversal

_AMOUNTS = ("labour", "parts", "discount", "paid")


def write_all(
    folder: Path, cars: list[Car], reversals: list[Reversal], *, today: date, rng: Random
) -> tuple[list[ExportFile], dict[str, FileCount]]:
    """All masters, then all orders; and by file name what an importer must find there."""
    files: list[ExportFile] = []
    expected: dict[str, FileCount] = {}
    for store in ALL_STORES:
        path = folder / MASTERS[store].file_name
        rows = [_master_row(car) for car in cars if car.store == store]
        _write(path, MASTERS[store], rows)
        files.append(ExportFile(path, store, "customers"))
        expected[path.name] = FileCount(len(rows), 0, 0, 0, 0)
    for store in ALL_STORES:
        path = folder / ORDERS[store].file_name
        here = [reversal for reversal in reversals if reversal.target.store == store]
        visits = [(car, visit) for car in cars for visit in car.visits if visit.store == store]
        rows = _order_rows(visits, here, today, rng)
        _write(path, ORDERS[store], [*rows, _total(rows)])
        files.append(ExportFile(path, store, "orders"))
        voided = sum(visit.voided for _, visit in visits)
        expected[path.name] = FileCount(
            len(rows), len(visits) - voided, dirt.REJECTED, dirt.DUPLICATES, len(here)
        )
    return files, expected


def _order_rows(
    visits: list[tuple[Car, Visit]], reversals: list[Reversal], today: date, rng: Random
) -> list[Row]:
    rows = [_order_row(car, visit, today) for car, visit in visits]
    dirt.soil_plates(rows, rng)
    rows += [_reversal_row(reversal, today) for reversal in reversals]
    rows.sort(key=lambda row: (row["arrived_at"], row["order_no"]))
    dirt.add_doubles(rows, rng)
    dirt.add_refused(rows, today, rng)
    return rows


def _attributes(car: Car, on: date) -> Row:
    owner = car.owner
    return {
        "plate": car.plate,
        "vin": car.vin,
        "model": car.model.name,
        "name": owner.name,
        "owner_kind": owner.kind,
        "phone": owner.phone,
        "gender": owner.gender,
        "address": owner.address,
        "region": owner.region,
        "usage": owner.usage,
        "purchased_on": car.purchased_on,
        "insurance_due": car.insurance_due(on),
        "inspection_due": car.inspection_due(on),
    }


def _master_row(car: Car) -> Row:
    """What the store last knew: as of the last visit, else of the purchase."""
    on = car.visits[-1].day if car.visits else car.purchased_on
    return {**_attributes(car, on), "owner_code": car.owner.code}


def _order_row(car: Car, visit: Visit, today: date) -> Row:
    row = _attributes(car, visit.day)
    row.update(
        order_no=visit.order_no,
        arrived_at=_at(visit.day, visit.minute),
        settled_at=_settled_at(visit, today),
        kind=visit.word,
        odometer=visit.odometer,
        labour=_yuan(visit.labour_fen),
        parts=_yuan(visit.parts_fen),
        discount=_yuan(visit.discount_fen),
        paid=_yuan(visit.billed_fen),
        advisor=visit.advisor,
        team=visit.team,
        remark=visit.remark,
        reversed_order_no="",
    )
    return row


def _reversal_row(reversal: Reversal, today: date) -> Row:
    labour, parts, discount = reversal.labour_fen, reversal.parts_fen, reversal.discount_fen
    return {
        **_order_row(reversal.car, reversal.target, today),
        "order_no": reversal.order_no,
        "arrived_at": _at(reversal.day, 16 * 60 + 20),
        "settled_at": _at(reversal.day, 16 * 60 + 35),
        "labour": _yuan(labour),
        "parts": _yuan(parts),
        "discount": _yuan(discount),
        "paid": _yuan(labour + parts - discount),
        "remark": "冲红,原单开错",
        "reversed_order_no": reversal.target.order_no if reversal.names_target else "",
    }


def _settled_at(visit: Visit, today: date) -> datetime | str:
    """The same day some two hours later; body work takes days. Blank while the car is still here."""
    if not visit.settled:
        return ""
    if visit.kind != "accident":
        return _at(visit.day, min(visit.minute + 50 + visit.odometer % 110, 18 * 60 + 55))
    day = visit.day + timedelta(days=2 + visit.odometer % 6)
    return _at(day, 17 * 60) if day < today else ""


def _total(rows: list[Row]) -> Row:
    total: Row = {"order_no": "合计"}
    for word in _AMOUNTS:
        total[word] = sum((cell for row in rows if isinstance(cell := row[word], Decimal)), Decimal(0))
    return total


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60))


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100


def _write(path: Path, layout: Layout, rows: Iterable[Row]) -> None:
    words = list(layout.headers)
    if layout.format == "xlsx":
        book = Workbook(write_only=True)
        sheet = book.create_sheet("Sheet1")
        sheet.append(list(layout.headers.values()))
        for row in rows:
            sheet.append([None if (cell := row.get(word, "")) == "" else cell for word in words])
        book.save(path)
        return
    with path.open("w", encoding=layout.encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(layout.headers.values())
        writer.writerows([layout.text(row.get(word, "")) for word in words] for row in rows)
