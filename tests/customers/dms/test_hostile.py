"""Files made to do harm, or that are no table: refused in words, fast, without taking us down."""

import resource
import struct
import zipfile
from datetime import date

import pytest

from customers.dms.labels import REFUSALS
from customers.dms.read.child import MOST_SKIPPED
from customers.dms.refused import FileRefused
from tests.customers.dms.making import HEADER, csv_file, order, sheet_xml, xlsx_file
from tests.customers.dms.rows import check_rows

TODAY = date(2019, 1, 1)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def refusal(path) -> str:
    before = _processor_seconds()
    with pytest.raises(FileRefused) as refused:
        check_rows(path, today=TODAY)
    assert _processor_seconds() - before < 5
    assert refused.value.reason_code in REFUSALS
    return refused.value.reason_code


def _processor_seconds() -> float:
    """Of the processes that parsed: how long they waited for the machine is not theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        (b"%PDF-1.4\n%....", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not_a_table"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "not_a_table"),
        (b"Rar!\x1a\x07\x00", "not_a_table"),
        (b"MZ" + bytes(range(256)), "not_a_table"),
        (bytes(range(256)) * 20, "not_a_table"),
        (b"PK\x03\x04" + bytes(50), "broken_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "broken_file"),
        (b"<?xml version='1.0'?><svg/>", "not_a_table"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related", "unsupported_format"),
        ("随便写的一段话，没有表头\n第二行\n".encode(), "no_header"),
        (b"<html><body><p>no table</p></body></html>", "no_header"),
    ],
)
def test_content_tells(tmp_path, content, reason):
    path = tmp_path / "upload.xlsx"
    path.write_bytes(content)
    assert refusal(path) == reason


def test_the_name_tells_nothing(tmp_path):
    path = csv_file(tmp_path, [order()], name="picture.png")
    checked = check_rows(path, today=TODAY)
    assert checked.report.visits == 1


def test_header_without_rows(tmp_path):
    assert refusal(csv_file(tmp_path, [])) == "no_rows"


def test_zip_of_blanks(tmp_path):
    bomb = sheet_xml([HEADER]).replace("<sheetData>", " " * (64 << 20) + "<sheetData>")
    assert refusal(xlsx_file(tmp_path, bomb)) == "zip_bomb"


def test_shared_strings_that_blow_up(tmp_path):
    strings = f'<sst xmlns="{MAIN}"><si><t>{"A" * (64 << 20)}</t></si></sst>'
    path = xlsx_file(tmp_path, sheet_xml([HEADER]), extra=[("xl/sharedStrings.xml", strings)])
    assert refusal(path) == "zip_bomb"


def test_strings_that_lie_about_their_count(tmp_path):
    strings = f'<sst xmlns="{MAIN}" count="1" uniqueCount="4294967295"><si><t>a</t></si></sst>'
    path = xlsx_file(tmp_path, sheet_xml([HEADER]), extra=[("xl/sharedStrings.xml", strings)])
    assert refusal(path) == "zip_bomb"


def test_size_in_the_directory_that_lies(tmp_path):
    path = xlsx_file(tmp_path, sheet_xml([HEADER, order()]))
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        real = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    at = content.rindex(struct.pack("<I", real))
    content[at : at + 4] = struct.pack("<I", 10)
    path.write_bytes(content)
    assert refusal(path) == "broken_file"


def test_many_entries(tmp_path):
    path = xlsx_file(tmp_path, sheet_xml([HEADER]), extra=[(f"xl/media/{n}.bin", b"") for n in range(2100)])
    assert refusal(path) == "zip_bomb"


def test_cell_far_to_the_right(tmp_path):
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = xlsx_file(tmp_path, sheet_xml([HEADER, order()], tail=far))
    assert refusal(path) == "too_wide"


def test_blank_cell_far_to_the_right_is_only_style(tmp_path):
    far = '<row r="3"><c r="XFD3" s="1"/></row>'
    checked = check_rows(xlsx_file(tmp_path, sheet_xml([HEADER, order()], tail=far)), today=TODAY)
    assert checked.report.visits == 1


def test_lone_cell_far_below_is_read_without_a_rectangle(tmp_path):
    far = '<row r="1048576"><c r="ZZ1048576"><v>1</v></c></row>'
    checked = check_rows(xlsx_file(tmp_path, sheet_xml([HEADER, order()], tail=far)), today=TODAY)
    assert (checked.report.visits, checked.report.rejected) == (1, [(1048576, "no_identity")])


def test_entities(tmp_path):
    laughs = sheet_xml([HEADER]).replace(
        '<?xml version="1.0"?>', '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    )
    assert refusal(xlsx_file(tmp_path, laughs)) == "entity_bomb"
    path = tmp_path / "book.xls"
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table><Row>&a;</Row></Table>'
        "</Worksheet></Workbook>"
    )
    assert refusal(path) == "entity_bomb"


def test_index_far_away_in_spreadsheetml(tmp_path):
    path = tmp_path / "book.xls"
    path.write_text(
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table><Row>'
        '<Cell ss:Index="999999999"><Data ss:Type="String">x</Data></Cell></Row></Table></Worksheet></Workbook>'
    )
    assert refusal(path) == "too_wide"


def test_protected_by_a_password(tmp_path):
    path = tmp_path / "locked.xlsx"
    path.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    )
    assert refusal(path) == "password_protected"


def test_encrypted_zip_entry(tmp_path):
    path = xlsx_file(tmp_path, sheet_xml([HEADER, order()]))
    content = bytearray(path.read_bytes())
    at = 0
    while (at := content.find(b"PK\x01\x02", at)) >= 0:
        content[at + 8] |= 1
        at += 4
    path.write_bytes(content)
    assert refusal(path) == "password_protected"


def test_other_kinds_of_workbook(tmp_path):
    for part, reason in (("content.xml", "unsupported_format"), ("word/document.xml", "not_a_table")):
        path = tmp_path / "other.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(part, "<x/>")
        assert refusal(path) == reason


def test_truncated_anywhere_is_refused_or_read_but_never_a_crash(tmp_path):
    whole = xlsx_file(tmp_path, sheet_xml([HEADER, *(order(f"R{n}") for n in range(50))])).read_bytes()
    path = tmp_path / "cut.xlsx"
    for share in range(1, 10):
        path.write_bytes(whole[: len(whole) * share // 10])
        assert refusal(path) == "broken_file"


def test_quote_never_closed(tmp_path):
    path = csv_file(tmp_path, [order()])
    path.write_bytes(path.read_bytes() + b'R2,"never closed\n' + b"x" * (200 << 10))
    assert refusal(path) == "open_quote"


def test_one_endless_line(tmp_path):
    path = tmp_path / "line.csv"
    path.write_bytes(b"a," * (1 << 20))
    assert refusal(path) == "not_a_table"


@pytest.mark.parametrize(("rows", "is_found"), [(MOST_SKIPPED, True), (MOST_SKIPPED + 1000, False)])
def test_a_table_is_looked_for_behind_a_short_one_only(tmp_path, rows, is_found):
    """A hundred megabytes without a header must not be read to their end."""
    names, cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in (HEADER, order()))
    path = tmp_path / "menu.xls"
    menu = "<tr><td>x</td></tr>" * rows
    path.write_text(f"<html><table>{menu}</table><table><tr>{names}</tr><tr>{cells}</tr></table></html>")
    if is_found:
        checked = check_rows(path, today=TODAY)
        assert checked.report.visits == 1
    else:
        assert refusal(path) == "no_header"


def test_row_of_a_thousand_columns(tmp_path):
    assert refusal(csv_file(tmp_path, [order(), ["x"] * 1000])) == "too_wide"


def test_formulas_stay_text(tmp_path):
    rows = [
        order(f"R{n}", name=name)
        for n, name in enumerate(["=1+1", "+A1", "-2+3", "@SUM(A1)", "=cmd|' /C calc'!A0"])
    ]
    checked = check_rows(csv_file(tmp_path, rows), today=TODAY)
    assert [row.customer_name for row in checked.rows] == [row[3] for row in rows]


def test_refusals_leave_this_process_small(tmp_path):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/workbook.xml", "w") as part,
    ):
        for _ in range(300):
            part.write(bytes(1 << 20))
    assert refusal(path) == "zip_bomb"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 << 10
