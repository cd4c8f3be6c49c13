"""Delimited text as dealer systems really write it."""

from datetime import date

import pytest

from customers.dms.refused import FileRefused
from tests.customers.dms.making import HEADER, csv_file, order
from tests.customers.dms.rows import check_rows

TODAY = date(2019, 1, 1)
NAMED = [*HEADER, "备注"]


def text_file(folder, rows, *, delimiter=",", encoding="utf-8", end="\r\n"):
    """Cells joined as they are, without quoting."""
    path = folder / "orders.csv"
    lines = [delimiter.join(row) + end for row in [NAMED, *rows]]
    path.write_bytes("".join(lines).encode(encoding))
    return path


def read(path):
    return [(row.row, row.order_no, row.paid_fen) for row in check_rows(path, today=TODAY).rows]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("stray", [{5}, {5, 6}, {2, 9, 30}, {39, 40}, set(range(1, 41))])
def test_a_quote_that_is_never_closed_takes_no_row_with_it(tmp_path, delimiter, stray):
    rows = [[*order(f"R{n}", paid=str(n)), '"旧件' if n in stray else ""] for n in range(1, 41)]
    path = text_file(tmp_path, rows, delimiter=delimiter)

    assert read(path) == [(n + 1, f"R{n}", n * 100) for n in range(1, 41)]


def test_a_quote_in_the_midst_of_a_row_takes_no_row_with_it(tmp_path):
    rows = [[*order(f"R{n}", name='"王伟' if n == 3 else "王伟", paid=str(n)), ""] for n in range(1, 2000)]
    path = text_file(tmp_path, rows)

    checked = check_rows(path, today=TODAY)

    assert len(checked.rows) == 1999
    assert checked.rows[2].customer_name == '"王伟'


def test_cells_of_several_lines_stay_one_cell(tmp_path):
    header = ["工单号\n(手工)", *HEADER[1:], "备注,\n说明"]
    rows = [[*order("R1"), "换机油,\n换机滤,空滤,火花塞"], [*order("R2"), 'a "b"\n\nc']]
    path = csv_file(tmp_path, rows, header)

    checked = check_rows(path, today=TODAY)

    assert [row.order_no for row in checked.rows] == ["R1", "R2"]
    assert checked.report.data_rows == 2


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_utf16_without_a_mark_may_hold_characters_that_end_in_a_zero(tmp_path, encoding, delimiter):
    """一 is U+4E00 and 开 U+5F00: their low bytes are zero."""
    path = text_file(
        tmp_path, [[*order("R1", kind="一般维修"), "开单"]], encoding=encoding, delimiter=delimiter
    )

    assert read(path) == [(2, "R1", 10000)]


def test_pairs_of_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "data.csv"
    path.write_bytes(bytes(byte for n in range(4000) for byte in (n * 37 % 256, n * 11 % 256)))
    with pytest.raises(FileRefused) as refused:
        check_rows(path, today=TODAY)
    assert refused.value.reason_code == "not_a_table"


def test_one_character_cut_in_two_leaves_utf8_what_it_is(tmp_path):
    path = text_file(tmp_path, [[*order(f"R{n}"), "换机油"] for n in range(40)])
    content = path.read_bytes()
    at = content.index("换机油".encode())
    path.write_bytes(content[: at + 1] + content[at + 3 :])

    assert len(read(path)) == 40


@pytest.mark.parametrize("form", ["\t{}", "{}\t", " {}", "{} "])
@pytest.mark.parametrize("where", ["header", "rows", "both"])
def test_blanks_and_tabs_beside_the_commas_are_no_delimiters(tmp_path, form, where):
    names = [form.format(name) for name in NAMED] if where != "rows" else NAMED
    cells = [*order("R1"), "换机油"]
    lines = [names, [form.format(cell) for cell in cells] if where != "header" else cells]
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(",".join(line) for line in lines), "utf-8")

    assert read(path) == [(2, "R1", 10000)]


def test_a_blank_may_stand_between_a_comma_and_a_quote(tmp_path):
    path = tmp_path / "orders.csv"
    rows = [NAMED, [*order("R1", name="王,伟"), "a"]]
    path.write_text("\n".join(", ".join(f'"{cell}"' for cell in row) for row in rows), "utf-8")

    [row] = check_rows(path, today=TODAY).rows
    assert (row.order_no, row.customer_name, row.paid_fen) == ("R1", "王,伟", 10000)


def test_the_mark_old_programs_end_a_text_with_is_no_row(tmp_path):
    path = csv_file(tmp_path, [order("R1")], encoding="gb18030")
    path.write_bytes(path.read_bytes() + b"\x1a")

    assert check_rows(path, today=TODAY).report.data_rows == 1
