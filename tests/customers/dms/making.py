"""Small exports made for one test each."""

import csv
import io
import zipfile
from pathlib import Path

HEADER = ["工单号", "车牌号", "VIN", "客户名称", "联系电话", "进厂日期", "业务类型", "行驶里程", "实收金额"]
LINE_HEADER = [
    "工单号",
    "车牌号",
    "客户名称",
    "联系电话",
    "进厂日期",
    "业务类型",
    "明细类型",
    "名称",
    "数量",
    "单价",
    "金额",
]

CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
ROOT_RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
BOOK_RELS = ROOT_RELS.replace(
    'officeDocument" Target="xl/workbook.xml', 'worksheet" Target="worksheets/sheet1.xml'
)
BOOK = (
    '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><workbookPr{attributes}/>'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
)


def order(
    number="R1",
    *,
    plate="粤B12345",
    vin="",
    name="王伟",
    phone="13800138000",
    day="2018-01-04",
    kind="首保",
    odometer="5000",
    paid="100",
):
    """A row under HEADER."""
    return [number, plate, vin, name, phone, day, kind, odometer, paid]


def csv_file(
    folder: Path, rows, header=HEADER, *, name="orders.csv", encoding="utf-8", delimiter=","
) -> Path:
    """A text file of ``rows`` under ``header``."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    path = folder / name
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def xlsx_file(folder: Path, sheet_xml: str, *, attributes="", extra=(), name="book.xlsx") -> Path:
    """A workbook whose only sheet is ``sheet_xml``."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr("_rels/.rels", ROOT_RELS)
        archive.writestr("xl/workbook.xml", BOOK.format(attributes=attributes))
        archive.writestr("xl/_rels/workbook.xml.rels", BOOK_RELS)
        archive.writestr("xl/worksheets/sheet1.xml", sheet_xml)
        for part, content in extra:
            archive.writestr(part, content)
    return path


def sheet_xml(rows, *, dimension="A1", tail="") -> str:
    """Rows of text and numbers as a worksheet of inline strings."""
    lines = []
    for number, cells in enumerate(rows, start=1):
        parts = []
        for index, cell in enumerate(cells):
            reference = f"{chr(65 + index)}{number}"
            if isinstance(cell, str):
                parts.append(f'<c r="{reference}" t="inlineStr"><is><t>{cell}</t></is></c>')
            else:
                parts.append(f'<c r="{reference}"><v>{cell}</v></c>')
        lines.append(f'<row r="{number}">{"".join(parts)}</row>')
    return (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<dimension ref="{dimension}"/><sheetData>{"".join(lines)}{tail}</sheetData></worksheet>'
    )
