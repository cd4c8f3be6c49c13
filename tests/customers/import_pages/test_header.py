"""A file whose header nobody knows: a person says which row it is, on the page of its refusal."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.translation import gettext
from openpyxl import Workbook

from customers.dms.read.child import MOST_SHEETS
from customers.models import Import, ImportMapping, Visit
from customers.services import imports
from jobs.engine import run_all
from staff.models import User
from tests.customers.import_pages.conftest import ROW, address, text_of

WORDS = "单子,牌子,车主人,啥号码,啥时候,干啥,跑了,花了"
TITLE = "广邦店流水"
MEANS = {
    0: "order_no",
    1: "plate",
    2: "customer_name",
    3: "phone",
    4: "visit_date",
    5: "visit_kind",
    6: "odometer",
    7: "paid",
}
CHOICES = {f"column_{index}": field for index, field in MEANS.items()}
Checked = Callable[..., Import]


def strange(*rows: str) -> bytes:
    return text_of(WORDS, *rows, header=TITLE)


def told(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def choices(page: Any, **changes: str) -> dict[str, str]:
    form = page.context["form"]
    return {name: str(form[name].value() or "") for name in form.fields} | changes


def name_header(desk: Client, imported: Import, row: int = 2) -> Import:
    answer = desk.post(address("import_header", imported), {"row": row})
    assert answer.headers["Location"] == address("import_progress", imported)
    run_all()
    imported.refresh_from_db()
    return imported


def map_columns(desk: Client, imported: Import) -> Import:
    url = address("import_mapping", imported)
    desk.post(url, choices(desk.get(url), **CHOICES))
    run_all()
    imported.refresh_from_db()
    return imported


def test_refused_with_its_first_rows_to_choose_from(desk: Client, checked: Checked) -> None:
    imported = checked(strange(ROW, *[ROW] * 40))
    assert (imported.status, imported.refusal, Visit.objects.count()) == ("refused", "no_header", 0)

    page = desk.get(address("import_result", imported))

    options = [value for value, _label in page.context["header_form"]["row"].field.choices]
    assert options == [*range(1, 31)]
    body = page.content.decode()
    assert "单子 · 牌子 · 车主人" in body
    assert "138 **** 1234" in body
    assert "13807551234" not in body
    assert not re.search(r'name="row"[^>]* checked', body)


def test_first_rows_are_kept_sealed(checked: Checked) -> None:
    imported = checked(strange(ROW))
    with connection.cursor() as cursor:
        cursor.execute("SELECT samples FROM customers_import WHERE id = %s", [imported.pk])
        (kept,) = cursor.fetchone()
    assert len(kept) > 100
    assert "单子".encode() not in bytes(kept)


def test_read_with_the_row_chosen_mapped_by_hand_and_written(desk: Client, checked: Checked) -> None:
    imported = name_header(desk, checked(strange(ROW)))
    assert (imported.status, imported.refusal, imported.header_row) == ("mapped", "", 2)
    assert desk.get(address("import_progress", imported)).headers["Location"] == address(
        "import_mapping", imported
    )

    page = desk.get(address("import_mapping", imported))
    rows = {row["column"].header: row["values"] for row in page.context["rows"]}
    assert (list(rows), rows["单子"]) == (WORDS.split(","), ["WX1"])
    map_columns(desk, imported)
    desk.post(address("import_preview", imported))
    run_all()

    imported.refresh_from_db()
    assert imported.status == "done"
    assert imported.report["not_data"] == [{"row": 1, "reason": "title"}, {"row": 2, "reason": "header"}]
    visit = Visit.objects.get()
    assert (visit.order_no, visit.paid_fen, visit.odometer_km) == ("WX1", 50000, 41260)


def test_the_next_file_of_this_shape_has_its_header_known(desk: Client, checked: Checked) -> None:
    map_columns(desk, name_header(desk, checked(strange(ROW))))

    following = checked(text_of("另一个标题", WORDS, ROW.replace("WX1", "WX2"), header="2026年"))

    assert (following.status, following.header_row) == ("ready", 3)
    assert following.counts["created"]["visits"] == 1
    assert desk.get(address("import_progress", following)).headers["Location"] == address(
        "import_preview", following
    )


def test_not_at_another_store(desk: Client, checked: Checked, other_store: Any) -> None:
    map_columns(desk, name_header(desk, checked(strange(ROW))))
    ImportMapping.objects.update(store=other_store)

    assert checked(strange(ROW.replace("WX1", "WX2"))).refusal == "no_header"


def test_the_columns_come_first_also_where_none_is_missing(desk: Client, checked: Checked) -> None:
    """A number to call is enough of a customer, and would be read from orders as well."""
    header = WORDS.replace("啥号码", "手机")
    imported = name_header(desk, checked(text_of(header, ROW, header=TITLE)))

    assert imported.status == "ready"
    url = address("import_progress", imported)
    assert desk.get(url).headers["Location"] == address("import_mapping", imported)
    assert desk.get(f"{url}?decided=1").headers["Location"] == address("import_preview", imported)


def test_another_row_can_be_chosen_until_it_is_written(desk: Client, checked: Checked) -> None:
    imported = name_header(desk, checked(strange(ROW, ROW.replace("WX1", "WX2"))), row=1)
    assert (
        address("import_header", imported) in desk.get(address("import_mapping", imported)).content.decode()
    )
    page = desk.get(address("import_header", imported))
    assert re.search(r'name="row" value="1"[^>]* checked', page.content.decode())

    name_header(desk, imported)

    header = [column[1] for column in imported.mapping["columns"]]
    assert (imported.header_row, header) == (2, WORDS.split(","))
    map_columns(desk, imported)
    desk.post(address("import_preview", imported))
    run_all()
    assert Visit.objects.count() == 2
    assert desk.get(address("import_header", imported)).headers["Location"] == address(
        "import_result", imported
    )


@pytest.mark.parametrize("row", ["", "99", "0", "x", "-1"])
def test_a_row_that_is_not_there(desk: Client, checked: Checked, row: str) -> None:
    imported = checked(strange(ROW))

    page = desk.post(address("import_header", imported), {"row": row})

    assert page.status_code == 422
    assert gettext("Choose the row that holds the names of the columns.") in page.content.decode()
    imported.refresh_from_db()
    assert (imported.status, imported.header_row) == ("refused", None)


def test_a_header_without_rows_below_it_can_be_put_right(desk: Client, checked: Checked) -> None:
    imported = map_columns(desk, name_header(desk, checked(strange(ROW)), row=3))
    assert (imported.status, imported.refusal) == ("refused", "no_rows")

    name_header(desk, imported)

    assert (imported.status, imported.header_row) == ("mapped", 2)


def test_pressed_twice_is_once_and_another_row_comes_too_late(desk: Client, checked: Checked) -> None:
    imported = checked(strange(ROW))
    url = address("import_header", imported)

    first, second, other = (desk.post(url, {"row": row}) for row in (2, 2, 1))

    progress = address("import_progress", imported)
    assert [answer.headers["Location"] for answer in (first, second, other)] == [progress] * 3
    assert (told(second), told(other)) == (
        [],
        [gettext("This import had moved on meanwhile. Here is how it stands.")],
    )
    run_all()
    imported.refresh_from_db()
    assert (imported.status, imported.header_row) == ("mapped", 2)


def test_cancelled_or_its_file_forgotten(desk: Client, checked: Checked) -> None:
    imported = name_header(desk, checked(strange(ROW)))
    desk.post(address("import_cancel", imported))
    answer = desk.post(address("import_header", imported), {"row": 1})
    assert answer.headers["Location"] == address("import_result", imported)

    old = checked(strange(ROW))
    imports.forget_files(now=timezone.now() + timedelta(days=60))
    assert desk.get(address("import_result", old)).context["header_form"] is None
    desk.post(address("import_header", old), {"row": 2})
    old.refresh_from_db()
    assert old.status == "refused"


def test_other_refusals_ask_for_no_header(desk: Client, checked: Checked) -> None:
    for content in (b"%PDF-1.4 something", text_of()):
        imported = checked(content)
        assert desk.get(address("import_result", imported)).context["header_form"] is None
        assert desk.get(address("import_header", imported)).status_code == 302


def book_of(sheets: dict[str, list[str]]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    book.remove(book.active)
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line.split(","))
    book.save(file)
    return file.getvalue()


def test_of_a_workbook_the_widest_sheet_and_those_behind_with_this_header(
    desk: Client, checked: Checked
) -> None:
    rows = [ROW.replace("WX1", f"WX{number}") for number in range(4)]
    sheets = {
        "说明": ["本表由系统导出"],
        "1月": [TITLE, WORDS, rows[0], rows[1]],
        "其他": ["甲,乙,丙", "1,2,3"],
        "2月": [WORDS, rows[2]],
        "3月": [TITLE, "二", WORDS, rows[3]],
    }
    imported = checked(book_of(sheets), "流水.xlsx")
    assert "1月" in desk.get(address("import_result", imported)).content.decode()

    map_columns(desk, name_header(desk, imported))
    desk.post(address("import_preview", imported))
    run_all()

    assert imported.sheet == "1月"
    assert sorted(Visit.objects.values_list("order_no", flat=True)) == ["WX0", "WX1", "WX2", "WX3"]


BOOK = {
    "说明": ["本表由系统导出"],
    "空": [],
    "统计": ["甲,乙,丙,丁,戊,己,庚,辛,壬", *["1,2,3,4,5,6,7,8,9"] * 2],
    "流水 & 明细": [TITLE, WORDS, ROW],
    "2月": [WORDS, ROW.replace("WX1", "WX2")],
}


def name_header_in(desk: Client, imported: Import, sheet: str, row: int) -> Import:
    answer = desk.post(address("import_header", imported), {"sheet": sheet, "row": row})
    assert answer.headers["Location"] == address("import_progress", imported)
    run_all()
    imported.refresh_from_db()
    return imported


def test_the_sheet_can_be_chosen_too(desk: Client, checked: Checked) -> None:
    imported = checked(book_of(BOOK), "流水.xlsx")
    assert (imported.refusal, imported.sheet) == ("no_header", "统计")

    page = desk.get(address("import_result", imported))
    chips = page.context["header_form"].chips
    assert [(chip["label"], chip["on"]) for chip in chips] == [
        ("说明", False),
        ("统计", True),
        ("流水 & 明细", False),
        ("2月", False),
    ]
    assert "单子" not in page.content.decode()

    page = desk.get(chips[2]["url"])
    assert page.context["header_form"].shown == "流水 & 明细"
    body = page.content.decode()
    assert "单子 · 牌子" in body
    assert '<input type="hidden" name="sheet" value="流水 &amp; 明细">' in body
    assert "13807551234" not in body

    name_header_in(desk, imported, "流水 & 明细", 2)
    assert (imported.status, imported.sheet, imported.header_row) == ("mapped", "流水 & 明细", 2)
    map_columns(desk, imported)
    desk.post(address("import_preview", imported))
    run_all()
    imported.refresh_from_db()
    assert imported.status == "done"
    assert sorted(Visit.objects.values_list("order_no", flat=True)) == ["WX1", "WX2"]


def test_another_sheet_can_be_chosen_until_it_is_written(desk: Client, checked: Checked) -> None:
    imported = name_header_in(desk, checked(book_of(BOOK), "流水.xlsx"), "统计", 1)
    url = address("import_header", imported)

    page = desk.get(url)
    assert re.search(r'name="row" value="1"[^>]* checked', page.content.decode())
    assert len(page.context["header_form"].chips) == 4
    other = desk.get(url, {"sheet": "2月"}).content.decode()
    assert not re.search(r'name="row"[^>]* checked', other)

    name_header_in(desk, imported, "2月", 1)

    assert (imported.sheet, [column[1] for column in imported.mapping["columns"]]) == (
        "2月",
        WORDS.split(","),
    )
    assert len(desk.get(url).context["header_form"].chips) == 4


def test_a_sheet_without_rows_below_the_header_can_be_changed(desk: Client, checked: Checked) -> None:
    imported = name_header_in(desk, checked(book_of(BOOK), "流水.xlsx"), "2月", 2)
    map_columns(desk, imported)
    assert (imported.status, imported.refusal) == ("refused", "no_rows")
    form = desk.get(address("import_result", imported)).context["header_form"]
    assert form.shown == "2月"
    assert [value for value, _label in form["row"].field.choices] == [1, 2]

    name_header_in(desk, imported, "流水 & 明细", 2)

    assert (imported.status, imported.sheet) == ("mapped", "流水 & 明细")


def test_the_next_workbook_of_this_shape_has_its_sheet_known(desk: Client, checked: Checked) -> None:
    imported = checked(book_of(BOOK), "流水.xlsx")
    map_columns(desk, name_header_in(desk, imported, "流水 & 明细", 2))

    rows = ["又一张", "", WORDS, ROW.replace("WX1", "WX3")]
    following = checked(book_of({"统计": BOOK["统计"], "八月": rows}), "流水8.xlsx")

    assert (following.status, following.sheet, following.header_row) == ("ready", "八月", 3)
    assert following.counts["created"]["visits"] == 1
    form = desk.get(address("import_header", following)).context["header_form"]
    assert [chip["label"] for chip in form.chips] == ["统计", "八月"]


@pytest.mark.parametrize("sheet", ["空", "没有", "2月 "])
def test_a_sheet_that_is_not_there(desk: Client, checked: Checked, sheet: str) -> None:
    imported = checked(book_of(BOOK), "流水.xlsx")
    url = address("import_header", imported)

    assert desk.get(url, {"sheet": sheet}).context["header_form"].shown == "统计"
    page = desk.post(url, {"sheet": sheet, "row": 1})

    assert page.status_code == 422
    told = gettext("This file has no such sheet. Choose one of those below.")
    assert told in page.content.decode()
    imported.refresh_from_db()
    assert (imported.status, imported.header_row) == ("refused", None)


def test_a_row_of_another_sheet_is_none_of_this_one(desk: Client, checked: Checked) -> None:
    imported = checked(book_of(BOOK), "流水.xlsx")

    page = desk.post(address("import_header", imported), {"sheet": "2月", "row": 3})

    assert page.status_code == 422
    assert page.context["header_form"].shown == "2月"
    assert gettext("Choose the row that holds the names of the columns.") in page.content.decode()


def test_another_sheet_chosen_too_late_says_so(desk: Client, checked: Checked) -> None:
    imported = checked(book_of(BOOK), "流水.xlsx")
    url = address("import_header", imported)

    answers = [desk.post(url, {"sheet": sheet, "row": 1}) for sheet in ("2月", "2月", "统计")]

    assert [len(told(answer)) for answer in answers] == [0, 0, 1]
    imported.refresh_from_db()
    assert imported.sheet == "2月"


def test_one_sheet_with_rows_is_not_asked_for(desk: Client, checked: Checked) -> None:
    imported = checked(book_of({"流水": [WORDS, ROW], "Sheet2": [], "Sheet3": []}), "流水.xlsx")

    body = desk.get(address("import_result", imported)).content.decode()

    assert 'name="sheet"' not in body
    assert "流水" in body
    assert name_header(desk, imported, row=1).sheet == "流水"


def test_sheets_are_offered_up_to_a_number_and_the_widest_always(desk: Client, checked: Checked) -> None:
    narrow = {f"第{number}页": ["甲,乙"] for number in range(1, MOST_SHEETS + 6)}
    imported = checked(book_of({**narrow, "流水": [WORDS, ROW]}), "流水.xlsx")

    chips = desk.get(address("import_result", imported)).context["header_form"].chips

    assert [chip["label"] for chip in chips] == [*list(narrow)[:MOST_SHEETS], "流水"]
    assert chips[-1]["on"] is True


def test_two_tables_of_a_page(desk: Client, checked: Checked) -> None:
    def table(*lines: str) -> str:
        return "<table>" + "".join(f"<tr><td>{line.replace(',', '<td>')}</tr>" for line in lines) + "</table>"

    page = f"<html>{table(TITLE)}{table(WORDS)}{table(ROW, ROW.replace('WX1', 'WX2'))}</html>"
    imported = map_columns(desk, name_header(desk, checked(page.encode(), "流水.xls"), row=1))
    assert (imported.status, imported.report["data_rows"]) == ("ready", 2)


@pytest.mark.parametrize("role", ["advisor", "agent", "technician"])
def test_not_for_other_roles(
    client: Client, checked: Checked, request: pytest.FixtureRequest, role: str
) -> None:
    imported = checked(strange(ROW))
    client.force_login(request.getfixturevalue(role))

    assert client.get(address("import_header", imported)).status_code == 403
    assert client.post(address("import_header", imported), {"row": 2}).status_code == 403


def test_not_another_stores(client: Client, checked: Checked, stranger: User) -> None:
    imported = checked(strange(ROW))
    client.force_login(stranger)

    assert client.post(address("import_header", imported), {"row": 2}).status_code == 404
    imported.refresh_from_db()
    assert imported.status == "refused"


def test_the_web_process_parses_nothing(
    desk: Client, monkeypatch: pytest.MonkeyPatch, checked: Checked
) -> None:
    imported = checked(strange(ROW))

    def fail(*_args: Any, **_options: Any) -> None:
        raise AssertionError("parsed")

    monkeypatch.setattr("customers.dms.read.source._start", fail)

    assert desk.get(address("import_result", imported)).status_code == 200
    assert desk.get(address("import_header", imported)).status_code == 200
    assert desk.post(address("import_header", imported), {"row": 2}).status_code == 302
