"""Each trap of each format, in a file made for it."""

import codecs
from datetime import date

import pytest
from openpyxl import Workbook

from customers.dms.preview import preview
from customers.dms.read.source import open_source
from customers.dms.read.stream import xlsx_sheets_streamed
from customers.dms.read.text import tell_encoding
from customers.dms.read.workbook import xlsx_sheets
from customers.dms.refused import FileRefused
from tests.customers.dms.biff import BIFF5, BIFF8, xls_file
from tests.customers.dms.making import HEADER, LINE_HEADER, csv_file, order, sheet_xml, xlsx_file
from tests.customers.dms.rows import check_rows

TODAY = date(2019, 1, 1)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
both_readers = pytest.mark.parametrize("reader", [xlsx_sheets, xlsx_sheets_streamed])


def only_row(path):
    checked = check_rows(path, today=TODAY)
    [row] = checked.rows
    return row


def rows_of(reader, path):
    ((_title, rows),) = reader(path)
    return list(rows)


STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="170" formatCode="yyyy/m/d"/></numFmts>'
    "<fonts><font/></fonts><fills><fill/><fill><patternFill/></fill></fills><borders><border/></borders>"
    '<cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf/><xf numFmtId="170" applyNumberFormat="1"/></cellXfs>'
    "</styleSheet>"
)


def styled(folder, sheet, styles=STYLES):
    """A workbook whose style sheet is ``styles``."""
    from tests.customers.dms import making

    rels = making.BOOK_RELS.replace(
        "</Relationships>",
        '<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"'
        ' Target="styles.xml"/></Relationships>',
    )
    kept, making.BOOK_RELS = making.BOOK_RELS, rels
    try:
        return xlsx_file(folder, sheet, extra=[("xl/styles.xml", styles)])
    finally:
        making.BOOK_RELS = kept


@both_readers
def test_a_fill_without_a_pattern(tmp_path, reader):
    """WPS writes it; a style is no reason to lose a file."""
    sheet = sheet_xml([HEADER, [*order()[:5], 43104, "首保", 5000, 99.5]]).replace('r="F2"', 'r="F2" s="1"')
    rows = rows_of(reader, styled(tmp_path, sheet))

    assert rows[1] == (2, [*order()[:5], "2018-01-04", "首保", 5000, 99.5])


# How a program may write the rows from here on: number of the row -> its cells.
WAYS = {
    "text": '<c r="A{0}" t="inlineStr"><is><t>R{0}</t></is></c>'
    '<c r="B{0}" t="inlineStr"><is><t>&#31908;A&amp;{0}</t></is></c><c r="D{0}"><v>{0}.5</v></c>',
    "gap": '<c r="A{0}" t="inlineStr"><is><t>R{0}</t></is></c><c r="D{0}"><v>7</v></c>',
    "flag": '<c r="A{0}" t="inlineStr"><is><t>R{0}</t></is></c><c r="D{0}" t="b"><v>1</v></c>',
    "blank": '<c r="A{0}" t="inlineStr"><is><t>R{0}</t></is></c><c r="B{0}" t="inlineStr"/><c r="D{0}"></c>',
    "number": '<c r="A{0}"><v>{0}</v></c><c r="B{0}" t="str"><v>words</v></c><c r="D{0}" t="b"><v>1</v></c>',
    "wider": '<c r="B{0}" t="inlineStr"><is><t xml:space="preserve"> x </t></is></c>'
    '<c r="F{0}" t="str"><v>&lt;F{0}&gt;</v></c>',
    "formula": '<c r="A{0}" t="inlineStr"><is><t>R{0}</t></is></c><c r="D{0}"><f>1+1</f><v>2</v></c>',
    "day": '<c r="A{0}" s="0" t="inlineStr"><is><t>R{0}</t></is></c><c r="D{0}" s="1"><v>44000</v></c>',
    "no day": '<c r="A{0}" s="0" t="inlineStr"><is><t>R{0}</t></is></c><c r="D{0}" s="0"><v>44000</v></c>',
    "empty": "",
}


@pytest.mark.parametrize(
    "ways",
    [
        ["text"],
        ["text", "gap", "blank"],
        ["gap", "flag"],
        ["gap", "wider", "text"],
        ["text", "formula", "text"],
        ["day", "empty", "no day"],
        [*WAYS, *WAYS, *WAYS],
    ],
)
@pytest.mark.parametrize("run", [1, 7, 4_000])
def test_a_sheet_that_goes_on_otherwise_is_read_to_its_end(tmp_path, ways, run):
    """What was usual so far is only a guess at what comes: the reader that holds the whole sheet says what is there."""
    lines = []
    for place in range(max(12_000, run * len(ways))):
        # Two numbers further; a row without a number is the next.
        number = 2 * place + 2 - (place % 5 == 4)
        cells = WAYS[ways[place // run % len(ways)]].format(number)
        lines.append(f'<row r="{number}">{cells}</row>' if place % 5 < 4 else f"<row>{cells}</row>")
    path = styled(tmp_path, sheet_xml([], tail="".join(lines)))

    assert rows_of(xlsx_sheets_streamed, path) == rows_of(xlsx_sheets, path)


@both_readers
def test_formulas_give_what_was_computed_last(tmp_path, reader):
    cells = (
        '<c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>A1&amp;"x"</f><v>2x</v></c>'
        '<c r="C1"><f>NOW()</f></c><c r="D1" t="b"><f>A1=2</f><v>1</v></c><c r="E1" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
        '<c r="F1"><f t="shared" ref="F1:F2" si="0">A1</f><v>7</v></c>'
    )
    xml = sheet_xml(
        [], tail=f'<row r="1">{cells}</row><row r="2"><c r="F2"><f t="shared" si="0"/><v>8</v></c></row>'
    )

    assert rows_of(reader, xlsx_file(tmp_path, xml)) == [
        (1, [2, "2x", "", "TRUE", "", 7]),
        (2, ["", "", "", "", "", 8]),
    ]


def test_an_amount_whose_formula_was_never_computed_is_no_amount(tmp_path):
    sheet = sheet_xml([HEADER, order(paid="@")]).replace(
        '<c r="I2" t="inlineStr"><is><t>@</t></is></c>', '<c r="I2"><f>G2+H2</f></c>'
    )
    row = only_row(xlsx_file(tmp_path, sheet))

    assert (row.status, row.reason) == ("rejected", "bad_amount")


@pytest.mark.parametrize("dimension", ["A1", "A1:A1", "A1:ZZ99999", "", "nonsense", None])
def test_whatever_the_dimension_says(tmp_path, dimension):
    rows = [HEADER, order("R1"), order("R2")]
    sheet = sheet_xml(rows, dimension=dimension or "")
    if dimension is None:
        sheet = sheet.replace('<dimension ref=""/>', "")
    path = xlsx_file(tmp_path, sheet)

    assert [cells for _number, cells in rows_of(xlsx_sheets_streamed, path)] == rows
    with open_source(path) as source:
        assert [cells for _number, cells in source.rows] == rows


@both_readers
def test_days_count_from_1904(tmp_path, reader):
    from tests.customers.dms import making

    sheet = sheet_xml([HEADER, [*order()[:5], 43104 - 1462, "首保", 5000, 99.5]])
    sheet = sheet.replace('r="F2"', 'r="F2" s="1"')
    kept = making.BOOK
    making.BOOK = kept.replace("<workbookPr{attributes}/>", '<workbookPr date1904="true"/>{attributes}')
    try:
        path = styled(tmp_path, sheet)
    finally:
        making.BOOK = kept

    assert rows_of(reader, path)[1][1][5] == "2018-01-04"
    assert only_row(path).visited_on == date(2018, 1, 4)


GROUPS = ["工单号", "车辆", "", "客户", "", "进厂日期", "业务类型", "行驶里程", "费用", "", "实收金额"]
UNDER = ["", "车牌号", "VIN", "客户名称", "联系电话", "", "", "", "工时费", "材料费", ""]
MERGED = "".join(
    f'<mergeCell ref="{place}"/>'
    for place in ("A1:A2", "B1:C1", "D1:E1", "F1:F2", "G1:G2", "H1:H2", "I1:J1", "K1:K2")
)


def test_a_header_of_two_rows_with_merged_groups(tmp_path):
    data = [*order()[:8], "60", "40", "100"]
    sheet = sheet_xml([GROUPS, UNDER, data]).replace(
        "</sheetData>", f"</sheetData><mergeCells>{MERGED}</mergeCells>"
    )
    row = only_row(xlsx_file(tmp_path, sheet))

    assert (row.row, row.order_no, row.plate, row.customer_name, row.kind) == (
        3, "R1", "粤B12345", "王伟", "maintenance",
    )  # fmt: skip
    assert (row.labour_fen, row.parts_fen, row.paid_fen) == (6000, 4000, 10000)


def test_a_title_merged_over_the_table_is_no_data(tmp_path):
    title = ["维修工单明细表 2018-01", *[""] * 8]
    sheet = sheet_xml([title, HEADER, order()]).replace(
        "</sheetData>", '</sheetData><mergeCells><mergeCell ref="A1:I1"/></mergeCells>'
    )
    path = xlsx_file(tmp_path, sheet)

    assert only_row(path).row == 3
    assert preview(path).mapping.header_row == 2


def test_items_below_the_merged_cells_of_their_order(tmp_path):
    """Only the first of an order's rows carries what is merged over all of them."""
    head = ["R1", "粤B12345", "王伟", "13800138000", "2018-01-04", "保养"]
    rows = [
        [*head, "工时", "换油", "1", "60", "60"],
        [*[""] * 6, "配件", "机油", "1", "40", "40"],
        ["R2", *head[1:], "工时", "检查", "1", "5", "5"],
    ]
    merged = "".join(f'<mergeCell ref="{letter}2:{letter}3"/>' for letter in "ABCDEF")
    sheet = sheet_xml([LINE_HEADER, *rows]).replace(
        "</sheetData>", f"</sheetData><mergeCells>{merged}</mergeCells>"
    )
    checked = check_rows(xlsx_file(tmp_path, sheet), today=TODAY)
    visits = [(row.order_no, row.paid_fen, len(row.lines)) for row in checked.rows if row.is_visit]

    assert visits == [("R1", 10000, 2), ("R2", 500, 1)]


@pytest.mark.parametrize(
    ("version", "codepage", "encoding"),
    [
        (BIFF8, 1200, "utf-16-le"),
        (BIFF8, 1252, "utf-16-le"),
        (BIFF5, 936, "gbk"),
        (BIFF5, 1252, "gb18030"),  # Chinese bytes under the western code page
    ],
)
def test_old_binary_workbooks_of_every_code_page(tmp_path, version, codepage, encoding):
    rows = [HEADER, [*order(name="王喆龘")[:7], 5000.0, 99.5]]
    path = xls_file(tmp_path, rows, version=version, codepage=codepage, encoding=encoding)
    row = only_row(path)

    assert preview(path).format == "xls"
    assert (row.plate, row.customer_name, row.odometer, row.paid_fen) == ("粤B12345", "王喆龘", 5000, 9950)


@pytest.mark.parametrize("version", [BIFF5, BIFF8])
def test_an_old_workbook_under_a_password(tmp_path, version):
    path = xls_file(tmp_path, [HEADER, order()], version=version, encoding="gb18030", locked=True)

    with pytest.raises(FileRefused) as refused:
        check_rows(path, today=TODAY)
    assert refused.value.reason_code == "password_protected"


@pytest.mark.parametrize(
    ("mark", "encoding", "told"),
    [
        (codecs.BOM_UTF8, "utf-8", "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
        (b"", "utf-8", "utf-8"),
        (b"", "utf-16-le", "utf-16-le"),
        (b"", "utf-16-be", "utf-16-be"),
        (b"", "gb18030", "gb18030"),
        (b"", "gbk", "gb18030"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("name", ["orders.csv", "orders.xls", "orders"])
def test_text_by_its_content_whatever_it_is_called(tmp_path, mark, encoding, told, delimiter, name):
    path = csv_file(tmp_path, [order()], encoding=encoding, delimiter=delimiter, name=name)
    path.write_bytes(mark + path.read_bytes())

    assert tell_encoding(path) == told
    assert only_row(path).customer_name == "王伟"


def test_the_mark_comes_before_strict_utf8_and_that_before_gb18030(tmp_path):
    """「涓」 and its like: bytes that are good text in both."""
    both = "中文".encode()
    assert both.decode("gb18030")
    path = tmp_path / "a.csv"
    path.write_bytes(both)
    assert tell_encoding(path) == "utf-8"
    path.write_bytes(codecs.BOM_UTF8 + "中文".encode("gb18030"))
    assert tell_encoding(path) == "utf-8-sig"


@pytest.mark.parametrize("name", ["book.xls", "book.csv", "book.txt", "book"])
def test_a_workbook_by_its_content(tmp_path, name):
    path = xlsx_file(tmp_path, sheet_xml([HEADER, order()]), name=name)

    assert preview(path).format == "xlsx"
    assert only_row(path).order_no == "R1"


def book_of(folder, sheets):
    """A workbook of these sheets: name -> rows."""
    path = folder / "book.xlsx"
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def read(path):
    return [(row.row, row.order_no) for row in check_rows(path, today=TODAY).rows]


def test_sheets_with_the_same_header_are_one_table(tmp_path):
    """A month each; what stands above their header is no data, and their rows are counted on."""
    path = book_of(
        tmp_path,
        {
            "1月": [["广邦店 1月"], HEADER, order("R1"), order("R2")],
            "说明": [["本表由系统导出"]],
            "2月": [["广邦店 2月"], ["第二行"], [*HEADER, "", ""], order("R3")],
            "客户": [["客户名称", "联系电话", "车牌号"], ["王伟", "13800138000", "粤B12345"]],
        },
    )
    assert read(path) == [(3, "R1"), (4, "R2"), (8, "R3")]
    assert check_rows(path, today=TODAY).report.not_data == [(1, "title"), (2, "header"), (7, "header")]


def table(*rows):
    return "<table>" + "".join(f"<tr><td>{'<td>'.join(row)}</tr>" for row in rows) + "</table>"


def page_of(folder, *tables):
    path = folder / "book.xls"
    path.write_text(f"<html>{'<p>'.join(tables)}</html>", "utf-8")
    return path


def test_a_table_on_each_page_is_one_table(tmp_path):
    pages = [table(HEADER, order("R1")), table(["第1页"]), table(HEADER, order("R2"), order("R3"))]
    assert [number for _row, number in read(page_of(tmp_path, *pages))] == ["R1", "R2", "R3"]


def test_a_header_in_a_table_by_itself_is_joined_with_the_rows_behind(tmp_path):
    page = page_of(
        tmp_path,
        table(["维修明细表"], HEADER),
        table(order("R1"), order("R2")),
        table(["1", "签名"]),
        table(order("R3")),
    )
    assert read(page) == [(3, "R1"), (4, "R2"), (5, "R3")]


def test_a_table_without_a_header_does_not_go_on_with_one_that_has_rows(tmp_path):
    assert read(page_of(tmp_path, table(HEADER, order("R1")), table(order("R2")))) == [(2, "R1")]


ITEMS = table(["项目名称", "数量", "单价", "金额"], ["机油", "1", "300", "300"], ["机滤", "2", "25", "50"])


def test_the_items_of_an_order_in_its_last_cell(tmp_path):
    rows = [[*order("R1"), ITEMS], [*order("R2"), table(["洗车"])], [*order("R3"), ""]]
    path = page_of(tmp_path, table([*HEADER, "明细"], *rows))
    checked = check_rows(path, today=TODAY)
    assert [(row.row, row.order_no, row.paid_fen) for row in checked.rows] == [
        (2, "R1", 10000),
        (3, "R2", 10000),
        (4, "R3", 10000),
    ]
    assert checked.raw[2][-1] == "项目名称 数量 单价 金额 机油 1 300 300 机滤 2 25 50"


def test_the_items_of_an_order_between_its_cells_and_in_a_page_laid_out_by_tables(tmp_path):
    rows = [[*order("R1")[:2], ITEMS, *order()[2:]], [*order("R2")[:2], ITEMS, *order()[2:]]]
    orders = table([*HEADER[:2], "明细", *HEADER[2:]], *rows)
    assert read(page_of(tmp_path, table(["菜单", orders], ["版权", ""]))) == [(2, "R1"), (3, "R2")]


def test_the_items_of_an_order_in_a_row_below_it(tmp_path):
    """The table goes on behind each of them, as does one whose rows begin with them."""
    path = page_of(tmp_path, table(HEADER, order("R1"), [ITEMS], order("R2"), ["", ITEMS], order("R3")))
    assert read(path) == [(2, "R1"), (4, "R2"), (6, "R3")]
    path = page_of(tmp_path, table(["明细", *HEADER], [ITEMS, *order("R1")], [ITEMS, *order("R2")]))
    assert read(path) == [(2, "R1"), (3, "R2")]


def test_a_header_of_two_rows_by_spans(tmp_path):
    upper = "".join(f"<th rowspan=2>{name}" for name in ("工单号", "车牌号", "进厂日期"))
    lower = "<th>".join(["工时", "材料", "小计"] * 2)
    header = f"<tr>{upper}<th colspan=3>应收<th colspan=3>实收</tr><tr><th>{lower}</tr>"
    row = table(["R1", "粤B12345", "2018-01-04", *"123456"]).removeprefix("<table>")
    checked = check_rows(page_of(tmp_path, f"<table>{header}{row}"), today=TODAY)
    assert [(row.row, row.order_no, row.paid_fen) for row in checked.rows] == [(3, "R1", 600)]


def test_a_summary_before_the_orders_is_passed_over(tmp_path):
    path = book_of(
        tmp_path,
        {
            "汇总": [["业务类型", "台次", "工时费", "材料费", "实收金额"], ["保养", 12, 100, 200, 300]],
            "明细": [HEADER, order("R1")],
        },
    )
    assert read(path) == [(2, "R1")]


def test_orders_that_lack_a_column_are_not_left_for_a_smaller_table(tmp_path):
    """The user may say which column is the amount."""
    header = [*HEADER[:-1], "本次进账"]
    path = book_of(
        tmp_path,
        {
            "明细": [header, order("R1")],
            "客户": [["客户名称", "联系电话", "车牌号"], ["王伟", "13800138000", "粤B1"]],
        },
    )
    assert preview(path).mapping.missing == ["paid"]


def test_sheets_that_lack_a_column_are_one_table_too(tmp_path):
    header = [*HEADER[:-1], "本次进账"]
    path = book_of(tmp_path, {"1月": [header, order("R1")], "2月": [header, order("R2")]})
    chosen = preview(path).mapping.with_fields({8: "paid"})
    assert [row.order_no for row in check_rows(path, today=TODAY, mapping=chosen).rows] == ["R1", "R2"]
