"""Formats and encodings beyond those of the samples."""

from datetime import date, datetime, time
from pathlib import Path

import pytest
from openpyxl import Workbook

from customers.dms.guard import sniff
from customers.dms.preview import preview
from customers.dms.read.child import STREAM_FROM
from customers.dms.read.source import open_source
from customers.dms.read.stream import xlsx_sheets_streamed
from customers.dms.read.workbook import xlsx_sheets
from customers.dms.refused import FileRefused
from customers.values.packing import as_json, from_json, pack, unpack
from tests.customers.dms.making import HEADER, csv_file, order, sheet_xml, xlsx_file
from tests.customers.dms.rows import check_rows

TODAY = date(2019, 1, 1)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def rows_of(path, **options):
    with open_source(path, **options) as source:
        return list(source.rows)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"]
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_in_any_encoding_and_delimiter(tmp_path, encoding, delimiter):
    path = csv_file(tmp_path, [order(name="王,;喆")], encoding=encoding, delimiter=delimiter)
    assert rows_of(path) == [[1, HEADER], [2, order(name="王,;喆")]]


def test_utf8_is_not_taken_for_gb18030_late_in_a_long_file(tmp_path):
    rows = [order(f"R{n}", name="A") for n in range(3000)] + [order("R9999", name="龘𠮷")]
    path = csv_file(tmp_path, rows)
    assert rows_of(path)[-1][1][3] == "龘𠮷"


def test_cut_character_at_the_end_does_not_change_the_encoding(tmp_path):
    path = csv_file(tmp_path, [order(f"R{n}") for n in range(3)], encoding="gb18030")
    path.write_bytes(path.read_bytes() + "合计".encode("gb18030")[:-1])
    assert rows_of(path)[1] == [2, order("R0")]


def test_records_are_numbered_as_records(tmp_path):
    path = csv_file(tmp_path, [order("R1", name="一\n二"), [], [""] * 9, order("R2")])
    assert [number for number, _ in rows_of(path)] == [1, 2, 5]


def test_workbook_with_wrong_dimension_inline_strings_and_serials(tmp_path):
    rows = [HEADER, [*order()[:5], 43104, "首保", 5000, 99.5]]
    path = xlsx_file(tmp_path, sheet_xml(rows, dimension="A1"))
    checked = check_rows(path, today=TODAY)
    (row,) = checked.rows
    assert (row.visited_on, row.paid_fen, row.odometer) == (date(2018, 1, 4), 9950, 5000)


def test_serials_of_a_workbook_from_1904(tmp_path):
    rows = [HEADER, [*order()[:5], 43104 - 1462, "首保", 5000, 99.5]]
    path = xlsx_file(tmp_path, sheet_xml(rows), attributes=' date1904="1"')
    checked = check_rows(path, today=TODAY)
    assert checked.rows[0].visited_on == date(2018, 1, 4)


def test_dates_times_booleans_and_numbers_of_a_workbook(tmp_path):
    book = Workbook()
    book.active.append(HEADER)
    book.active.append(
        ["R1", "粤B12345", None, True, 13800138000.0, datetime(2018, 1, 4, 9, 28), "首保", 5000, 0.1]
    )
    path = tmp_path / "book.xlsx"
    book.save(path)
    assert rows_of(path)[1] == [
        2,
        ["R1", "粤B12345", "", "TRUE", 13800138000, "2018-01-04 09:28", "首保", 5000, 0.1],
    ]


def test_table_that_does_not_begin_at_a1(tmp_path):
    book = Workbook()
    for column, name in enumerate(HEADER, start=3):
        book.active.cell(5, column, name)
        book.active.cell(6, column, order()[column - 3])
    path = tmp_path / "book.xlsx"
    book.save(path)
    checked = check_rows(path, today=TODAY)
    assert checked.mapping.header_row == 5
    assert checked.mapping.columns[2].header == "工单号"
    assert [row.row for row in checked.rows] == [6]


def test_first_sheet_with_a_header_is_taken_unless_one_is_named(tmp_path):
    book = Workbook()
    book.active.title = "说明"
    book.active.append(["本表由系统导出"])
    for name, number in (("一月", "R1"), ("二月", "R2")):
        sheet = book.create_sheet(name)
        sheet.append(HEADER)
        sheet.append(order(number))
    book.create_sheet("隐藏", 0).sheet_state = "hidden"
    path = tmp_path / "book.xlsx"
    book.save(path)
    assert preview(path).sheet == "一月"
    checked = check_rows(path, today=TODAY, sheet="二月")
    assert [row.order_no for row in checked.rows] == ["R2"]


@pytest.mark.parametrize(
    "begin", ["<div>", "<font size=2>", "<style>td{}</style>", "<br>", "<center>", "", "<tbody>"]
)
def test_html_begins_as_programs_begin_it(tmp_path, begin):
    rows = "".join(
        f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>" for cells in (HEADER, order("R1"))
    )
    path = tmp_path / "book.xls"
    path.write_text(f"{begin}<table>{rows}</table>", "utf-8")
    assert [row.order_no for row in check_rows(path, today=TODAY).rows] == ["R1"]


def test_a_web_page_of_excel_holds_the_exact_amount_behind_the_rounded_one(tmp_path):
    shown = {8: ("100", "99.65"), 7: ("5,000", "5000"), 0: ("00123", "123"), 5: ("2018-1-4", "43104.5")}
    cells = [
        f'<td x:num="{shown[place][1]}">{shown[place][0]}' if place in shown else f"<td x:str>{text}"
        for place, text in enumerate(order())
    ]
    path = tmp_path / "book.xls"
    path.write_text(f"<table><tr><td>{'<td>'.join(HEADER)}</tr><tr>{''.join(cells)}</tr></table>", "utf-8")
    [row] = check_rows(path, today=TODAY).rows
    assert (row.order_no, row.paid_fen, row.odometer) == ("00123", 9965, 5000)
    assert str(row.visited_on) == "2018-01-04"


def test_html_spans_keep_the_columns_in_line(tmp_path):
    cells = "".join(f"<td>{cell}</td>" for cell in order("R2")[1:])
    names = "".join(f"<th>{name}</th>" for name in HEADER)
    html = (
        "<html><meta charset='utf-8'><body><table><tr><td>menu</td></tr></table><table>"
        f"<tr><td colspan='9'>明细</td></tr><tr>{names}</tr>"
        f"<tr><td rowspan='2'>R1</td>{cells}</tr><tr>{cells}</tr>"
        "<tr><td>合计</td><td colspan='7'>&nbsp;</td><td>200</td></tr></table></body></html>"
    )
    path = tmp_path / "orders.xls"
    path.write_text(html, encoding="gb18030")  # it names one charset and is written in another
    found = rows_of(path)
    assert found[1] == [2, HEADER]
    assert found[2] == [3, order("R1")]
    assert found[3] == [4, order("")]
    assert found[4] == [5, ["合计", *[""] * 7, "200"]]


def test_spreadsheetml_index_of_rows_and_cells(tmp_path):
    def row(cells, index=""):
        data = "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in cells)
        return f"<Row{index}>{data}</Row>"

    seventh = ' ss:Index="7"'
    xml = (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="A"><Table>'
        f"{row(HEADER)}{row(order(), seventh)}"
        '<Row><Cell ss:MergeAcross="2"><Data ss:Type="String">a</Data></Cell>'
        '<Cell><Data ss:Type="Number">1.50</Data></Cell></Row></Table></Worksheet></Workbook>'
    )
    path = tmp_path / "orders.xls"
    path.write_text(xml, encoding="utf-8")
    assert rows_of(path) == [[1, HEADER], [7, order()], [8, ["a", "", "", 1.5]]]


def test_stopping_early_leaves_no_process(tmp_path):
    path = csv_file(tmp_path, [order(f"R{n}") for n in range(50_000)])
    with open_source(path) as source:
        assert next(source.rows) == [1, HEADER]
        stream = source.rows
    with pytest.raises(ValueError, match="closed file"):
        list(stream)


@pytest.mark.parametrize(
    "name", sorted(path.name for path in (Path(__file__).parent / "samples").glob("*.xlsx"))
)
def test_both_readers_of_workbooks_give_the_same_rows(name):
    path = Path(__file__).parent / "samples" / name
    if name.startswith("15"):
        return
    fast, streamed = (
        [(title, list(rows)) for title, rows in reader(path)]
        for reader in (xlsx_sheets, xlsx_sheets_streamed)
    )
    assert fast == streamed


@pytest.mark.parametrize("reader", [xlsx_sheets, xlsx_sheets_streamed])
def test_cells_of_every_type(tmp_path, reader):
    book = Workbook()
    book.active.append(
        ["文字", 1, 1.5, True, False, datetime(2018, 1, 4), datetime(2018, 1, 4, 9, 28, 31), "=1/0", "x"]
    )
    book.active["K1"] = time(9, 3)
    book.active["C4"] = "尾"
    path = tmp_path / "book.xlsx"
    book.save(path)
    ((_, rows),) = reader(path)
    assert list(rows) == [
        (1, ["文字", 1, 1.5, "TRUE", "FALSE", "2018-01-04", "2018-01-04 09:28:31", "", "x", "", "09:03:00"]),
        (4, ["", "", "尾"]),
    ]


@pytest.mark.parametrize("reader", [xlsx_sheets, xlsx_sheets_streamed])
def test_a_cell_that_is_no_number_is_text(tmp_path, reader):
    sheet = (
        f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData><row r="1">'
        '<c r="A1"><v>NaN</v></c><c r="B1"><v>inf</v></c><c r="C1"><v>2.5</v></c>'
        "</row></sheetData></worksheet>"
    )
    ((_, rows),) = reader(xlsx_file(tmp_path, sheet))
    [(_, cells)] = rows
    assert [type(cell) for cell in cells] == [str, str, float]


@pytest.mark.parametrize(
    "value", [{"a": [1, "文", None, 0.1]}, ["\ud800", "ok"], [1 << 70, -(1 << 62)], [[1, ["x\ny"]]]]
)
def test_lines_between_the_processes_carry_anything(value):
    line = as_json(value)

    assert b"\n" not in line
    assert from_json(line) == value
    assert unpack(pack(line)) == value


@pytest.mark.parametrize("reader", [xlsx_sheets, xlsx_sheets_streamed])
def test_rich_text_prefixes_and_cells_without_reference(tmp_path, reader):
    sheet = (
        f'<?xml version="1.0"?><x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row>'
        '<x:c t="inlineStr"><x:is><x:r><x:t>粤B</x:t></x:r><x:r><x:t>12345</x:t></x:r></x:is></x:c>'
        '<x:c t="str"><x:f>A1</x:f><x:v>文</x:v></x:c><x:c t="e"><x:v>#N/A</x:v></x:c>'
        "<x:c><x:v>1E3</x:v></x:c>"
        "</x:row></x:sheetData></x:worksheet>"
    )
    ((_, rows),) = reader(xlsx_file(tmp_path, sheet))
    assert list(rows) == [(1, ["粤B12345", "文", "", 1000])]


def test_big_sheets_are_streamed_and_read_the_same(tmp_path):
    rows = [HEADER, *([*order(f"R{n}")[:7], n, n / 4] for n in range(5_000))]
    path = xlsx_file(tmp_path, sheet_xml(rows))
    assert 0 < sniff(path).unpacked < STREAM_FROM
    ((_, streamed),) = xlsx_sheets_streamed(path)
    assert [[number, cells] for number, cells in streamed] == rows_of(path)


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        (
            '<row r="3"><c r="A3" t="inlineStr"><is><t>&#31908;A&amp;B&lt;c&gt;</t></is></c></row>',
            ["粤A&B<c>"],
        ),
        ('<row r="3" spans="1:2" x14ac:dyDescent="0.2"><c r="B3"><v>7</v></c></row>', ["", 7]),
        ("<row r='3'><c t='inlineStr' r='A3'><is><t>单</t></is></c></row>", ["单"]),
        ('<row r="3"> <c r="A3"><f>1+1</f><v>2</v></c>\n<c r="B3"/></row>', [2]),
        ('<row r="3"><c r="A3" t="inlineStr"><is><r><t>富</t></r><r><t>文</t></r></is></c></row>', ["富文"]),
        ('<row r="3"><c r="A3" t="inlineStr"><is><t>假<![CDATA[</row>]]></t></is></c></row>', ["假</row>"]),
        ('<row r="2"/><!-- <row r="9"></row> --><row r="3"><c r="A3"><v>1</v></c></row>', [1]),
        (
            '<row r="3"><c r="A3" t="inlineStr"><is><t>' + "长" * 400_000 + "</t></is></c></row>",
            ["长" * 400_000],
        ),
    ],
)
def test_rows_written_in_any_way_are_read_alike(tmp_path, row, cells):
    """Those cut out by pattern, those the parser must read, and the usual ones around them."""
    usual = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>{0}</t></is></c></row>'
    xml = sheet_xml([["1"]], tail=row + usual.format(4)).replace("<worksheet ", '<worksheet xmlns:x14ac="x" ')

    ((_, rows),) = xlsx_sheets_streamed(xlsx_file(tmp_path, xml))

    assert list(rows) == [(1, ["1"]), (3, cells), (4, ["4"])]


@pytest.mark.parametrize(
    "row",
    [
        '<row r="3"><c r="A3" t="inlineStr"><is><t>&nbsp;</t></is></c></row>',
        '<row r="3"><c r="A3" t="inlineStr"><is><t>&#1;</t></is></c></row>',
        '<row r="3"><c r="A3"><v>1</c></row>',
        '<row r="3"><c r="A3"><v>1</v></c></row></sheetData>',
        '<row r="3"><c r="A3"><v>1</v></c>',
    ],
)
@pytest.mark.parametrize("around", [1, 9_000])
def test_a_row_that_is_no_xml_makes_the_file_a_broken_one(tmp_path, row, around):
    """Also in the midst of many that are as usual."""
    usual = '<row r="{0}"><c r="A{0}"><v>{0}</v></c></row>'
    before, behind = ("".join(map(usual.format, range(first, first + around))) for first in (4, 9_004))
    ((_, rows),) = xlsx_sheets_streamed(xlsx_file(tmp_path, sheet_xml([], tail=before + row + behind)))

    with pytest.raises(FileRefused, match="broken_file"):
        list(rows)
