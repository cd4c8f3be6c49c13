"""Eighteen exports as dealers' systems write them, each with the figures it must come to."""

import json
from datetime import date
from pathlib import Path

import pytest

from customers.dms.preview import preview
from customers.dms.refused import FileRefused
from customers.values.money import parse_yuan
from tests.customers.dms.rows import check_rows

FOLDER = Path(__file__).parent / "samples"
KEYS = {
    path.name.removesuffix(".key.json"): json.loads(path.read_text("utf-8"))
    for path in FOLDER.glob("*.key.json")
}
GOOD = sorted(name for name, key in KEYS.items() if not key.get("refuse"))
BAD = sorted(name for name, key in KEYS.items() if key.get("refuse"))
TODAY = date(2019, 1, 1)
FIGURES = [
    "data_rows",
    "accepted_rows",
    "rejected",
    "skipped",
    "duplicates",
    "reversals",
    "customers",
    "customers_by_type",
    "vehicles",
    "visits",
    "visits_by_kind",
    "paid_by_kind",
    "paid_total",
    "warnings",
]


def test_all_samples_are_here():
    assert (len(GOOD), len(BAD)) == (14, 4)


@pytest.mark.parametrize("name", GOOD)
def test_figures_and_rows(name):
    key = KEYS[name]
    checked = check_rows(FOLDER / name, today=TODAY)
    report, rows = checked.report.as_dict(), {row.row: row for row in checked.rows}

    assert list(report) == FIGURES
    assert {field: report[field] for field in FIGURES if field in key} == {
        field: key[field] for field in FIGURES if field in key
    }
    assert len(rows) == key["data_rows"]
    blank = {entry["row"] for entry in key["not_data_rows"] if entry["why"] == "blank"}
    not_data = {entry["row"] for entry in key["not_data_rows"]} - blank
    assert {number for number, _ in checked.report.not_data} == not_data
    for spot in key["spot_checks"]:
        row = rows[spot["row"]]
        assert (row.plate or None, row.vin or None, row.customer_name) == (
            spot["plate"],
            spot["vin"],
            spot["name"],
        )
        assert list(row.phones) == spot["phones"]
        if "order" in spot:
            assert (row.order_no, row.visited_on.isoformat(), row.kind, row.odometer, row.paid_fen) == (
                spot["order"],
                spot["date"],
                spot["kind"],
                spot["odometer"],
                parse_yuan(spot["paid"]),
            )


@pytest.mark.parametrize("name", GOOD)
def test_rows_add_up_to_the_report(name):
    checked = check_rows(FOLDER / name, today=TODAY)
    report, rows = checked.report, checked.rows
    counted = [row for row in rows if row.status not in ("rejected", "skipped")]
    assert len(counted) == report.accepted_rows
    assert sum(row.is_visit for row in rows) == report.visits
    assert sum(row.paid_fen for row in rows if row.status in ("accepted", "reversal")) == report.paid_fen
    assert len({row.vehicle_key for row in counted} - {""}) == report.vehicles
    assert len({row.customer_key for row in counted}) == report.customers
    assert sorted(checked.raw) == [row.row for row in rows]
    assert all(checked.raw.values())
    found: dict[str, list[int]] = {}
    for row in rows:
        if row.status == "accepted":
            for code in row.warnings:
                found.setdefault(code, []).append(row.row)
    assert found == report.warnings


@pytest.mark.parametrize("name", GOOD)
def test_header_and_storage(name):
    key = KEYS[name]
    stored = key["how_it_is_stored"]
    seen = preview(FOLDER / name)
    assert seen.mapping.header_row == stored["header_row"]
    assert seen.mapping.export == key["export"]
    formats = {"csv": "text", "tsv": "text"}
    assert seen.format == formats.get(stored["format"], stored["format"])
    if seen.format in ("text", "html"):
        assert seen.encoding == stored["encoding"]
    fields = {}
    for column in seen.mapping.columns:
        fields.setdefault(column.header, column.field or "-")
    # The settlement day stands in for the visit day; a second column of one name is not used.
    expected = {
        header: "settle_date" if (header, field) == ("结算日期", "visit_date") else field
        for header, field in key["header_map"].items()
        if not header.endswith("#2")
    }
    assert fields == expected
    assert len(seen.samples) == 20


@pytest.mark.parametrize("name", BAD)
def test_refused_whole(name):
    with pytest.raises(FileRefused) as refused:
        check_rows(FOLDER / name, today=TODAY)
    assert refused.value.reason_code == KEYS[name]["reason"]
    assert refused.value.message
