"""The files say what the made-up group did, dirt and all, and are the same bytes every time."""

import csv
import os
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from dealer_crm.demo.generate import build
from dealer_crm.demo.layouts import MASTERS, ORDERS, Layout
from tests.demo.conftest import TODAY, Written

STORES = ("GB", "NS", "LG")


def rows_of(path: Path, layout: Layout) -> list[dict[str, object]]:
    """Rows by our word for the column, as a spreadsheet program would show them."""
    if layout.format == "xlsx":
        header, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    else:
        with path.open(encoding=layout.encoding, newline="") as file:
            header, *rows = csv.reader(file)
    assert header == list(layout.headers.values())
    return [dict(zip(layout.headers, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def orders(written: Written) -> dict[str, list[dict[str, object]]]:
    return {f.store: rows_of(f.path, ORDERS[f.store]) for f in written.group.files if f.kind == "orders"}


def amount(cell: object) -> Decimal:
    return round(Decimal(str(cell).replace(",", "")), 2)


def test_masters_come_first_and_hold_each_car_once(written: Written) -> None:
    files = written.group.files
    assert [(file.store, file.kind) for file in files] == [
        *((store, "customers") for store in STORES),
        *((store, "orders") for store in STORES),
    ]
    for file in files[:3]:
        rows = rows_of(file.path, MASTERS[file.store])
        assert len(rows) == written.group.expected[file.path.name].rows
        assert {row["vin"] for row in rows} == {
            car.vin for car in written.world.cars if car.store == file.store
        }


def test_files_are_stored_as_the_stores_store_them(written: Written) -> None:
    data = {file.store: file.path.read_bytes()[:4] for file in written.group.files if file.kind == "orders"}
    assert data["GB"].decode("gb18030").startswith("工单")
    assert data["NS"].startswith(b"PK")
    assert data["LG"].startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("store", STORES)
def test_rows_are_the_visits_and_the_dirt(written: Written, orders: dict, store: str) -> None:
    *rows, total = orders[store]
    expected = written.group.expected[ORDERS[store].file_name]
    visits = [visit for car in written.world.cars for visit in car.visits if visit.store == store]
    voided = sum(visit.voided for visit in visits)
    assert len(rows) == expected.rows
    assert expected.visits == len(visits) - voided
    assert expected.rows == (
        expected.visits + voided + expected.rejected + expected.duplicates + expected.reversals
    )
    assert total["order_no"] == "合计"
    readable = [row for row in rows if row["paid"] != "待定"]
    assert amount(total["paid"]) == sum(amount(row["paid"]) for row in readable)


@pytest.mark.parametrize("store", STORES)
def test_accepted_rows_sum_to_what_was_paid(written: Written, orders: dict, store: str) -> None:
    paid: dict[tuple[object, Decimal], Decimal] = {}
    for row in orders[store][:-1]:
        if str(row["order_no"])[-3:] < "900":
            paid[row["order_no"], amount(row["paid"])] = amount(row["paid"])
    fen = sum(
        v.paid_fen for car in written.world.cars for v in car.visits if v.store == store and not v.voided
    )
    assert sum(paid.values()) * 100 == fen


@pytest.mark.parametrize("store", STORES)
def test_the_refused_rows_are_refusable(orders: dict, store: str) -> None:
    refused = [row for row in orders[store][:-1] if str(row["order_no"])[-3:] > "900"]
    assert [row["paid"] for row in refused].count("待定") == 1
    assert sum(row["plate"] == "无" and not row["vin"] for row in refused) == 1
    wrong_days = [day for row in refused if (day := str(row["arrived_at"]))[4:8] in ("-02-", "-13-")]
    assert sum(day[5:10] in ("02-30", "13-05") for day in wrong_days) == 2


def test_amounts_add_up_and_no_day_is_in_the_future(orders: dict) -> None:
    for row in orders["NS"][:-1]:
        if row["paid"] == "待定" or not isinstance(row["arrived_at"], datetime):
            continue
        assert amount(row["labour"]) + amount(row["parts"]) - amount(row["discount"]) == amount(row["paid"])
        assert row["arrived_at"].date() <= TODAY
        assert row["settled_at"] == "" or row["arrived_at"] < row["settled_at"]  # type: ignore[operator]


def test_reversals_name_their_order_by_column_or_by_number(orders: dict) -> None:
    negative = [row for row in orders["GB"][:-1] if str(row["paid"]).startswith("-")]
    numbers = {row["order_no"] for row in orders["GB"]}
    assert len(negative) == 2
    assert all(row["reversed_order_no"] in numbers for row in negative)
    assert len({row["order_no"] for row in negative}) == 2
    (by_number,) = [row for row in orders["LG"][:-1] if str(row["paid"]).startswith("-")]
    twins = [amount(row["paid"]) for row in orders["LG"] if row["order_no"] == by_number["order_no"]]
    assert sum(twins) == 0


def test_same_day_and_seed_give_the_same_bytes_in_another_process(written: Written, tmp_path: Path) -> None:
    script = (
        "import sys; from datetime import date; from pathlib import Path;"
        "from dealer_crm.demo.generate import write_exports;"
        "write_exports(Path(sys.argv[1]), today=date.fromisoformat(sys.argv[2]))"
    )
    # Another hash seed shuffles sets: an order that leaned on one would show.
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", script, str(tmp_path), TODAY.isoformat()]
    subprocess.run(command, check=True, env=environment)
    texts = [file.path for file in written.group.files if file.path.suffix == ".csv"]
    assert len(texts) == 4
    assert all(path.read_bytes() == (tmp_path / path.name).read_bytes() for path in texts)


def test_another_seed_gives_another_group(written: Written) -> None:
    other = build(today=TODAY, seed=21)
    assert {car.vin for car in other.cars} != {car.vin for car in written.world.cars}
