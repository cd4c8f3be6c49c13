"""Tables of kinds, counts and amounts beside and below the orders."""

from __future__ import annotations

from datetime import date
from itertools import zip_longest

import pytest

from customers.dms.header_rows import LOOK_AHEAD, find_mapping
from customers.dms.headers import Mapping
from customers.dms.preview import preview
from tests.customers.dms.making import HEADER, LINE_HEADER, csv_file, order
from tests.customers.dms.rows import check_rows

TODAY = date(2019, 1, 1)
WIDTH = len(HEADER)
TALLY = [
    ["业务类型", "台次", "实收金额"],
    ["保养", "12", "3,600.00"],
    ["首保", "5", "0"],
    ["合计", "17", "3600"],
]


def beside(rows, tally, gap=1):
    """``tally`` right of ``rows``, both from the first on."""
    blank = [""] * len(rows[0])
    found = [
        [*(row or blank), *[""] * gap, *(cells or [])]
        for row, cells in zip_longest(rows, tally, fillvalue=None)
    ]
    return found[0], found[1:]


def checked_of(folder, header, rows):
    return check_rows(csv_file(folder, rows, header=header), today=TODAY)


def not_data(checked):
    return [found for found in checked.report.not_data if found[1] != "header"]


@pytest.mark.parametrize("gap", [1, 3])
def test_a_tally_beside_the_orders_is_none_of_their_columns(tmp_path, gap):
    orders = [[*HEADER[:8], "结算金额"], order("R1"), order("R2", plate="粤B22222")]
    path = csv_file(tmp_path, *reversed(beside(orders, TALLY, gap)))

    mapping = preview(path).mapping
    checked = check_rows(path, today=TODAY)

    # Its name for the amount is the better one.
    assert mapping.indexes("paid") == [8]
    assert [column.verdict for column in mapping.columns[WIDTH:]] == [*["blank"] * gap, *["beside"] * 3]
    assert [column.header for column in mapping.unused] == TALLY[0]
    assert [(row.row, row.paid_fen) for row in checked.rows] == [(2, 10000), (3, 10000)]
    assert (checked.report.rejected, not_data(checked)) == ([], [(4, "beside")])


def test_what_stands_beside_an_order_says_nothing_of_it(tmp_path):
    """合计 beside it makes no total of an order whose car is not known."""
    orders = [HEADER, order("R1"), order("R2", plate="临牌", phone="", paid=""), order("R3", paid="")]
    checked = checked_of(tmp_path, *beside(orders, [TALLY[0], TALLY[1], TALLY[3], TALLY[2]]))
    assert checked.report.rejected == [(3, "no_identity"), (4, "bad_amount")]
    assert not_data(checked) == []


def test_totals_and_footers_of_the_orders_are_told_beside_a_tally(tmp_path):
    total = ["合计", *[""] * 7, "100"]
    orders = [HEADER, order("R1"), total, ["制表：张三", *[""] * 8]]
    checked = checked_of(tmp_path, *beside(orders, TALLY))
    assert not_data(checked) == [(3, "total"), (4, "footer")]


def test_a_tally_that_begins_elsewhere_than_the_header(tmp_path):
    orders = [["台账", *[""] * 8], HEADER, order("R1"), order("R2", plate="粤B22222")]
    for above in ([], [["业务汇总"]], [[], [], [], []]):
        header, rows = beside(orders, [*above, *TALLY])
        checked = checked_of(tmp_path, header, rows)
        assert [row.row for row in checked.rows] == [3, 4]
        assert checked.report.rejected == []
        assert checked.report.not_data[2:] == [(row, "beside") for row in range(5, len(rows) + 2)]


def test_rows_of_a_tally_longer_than_what_is_looked_at_first(tmp_path):
    tally = [TALLY[0], *([f"保养{number}", "1", "2"] for number in range(LOOK_AHEAD + 5))]
    checked = checked_of(tmp_path, *beside([HEADER, order("R1")], tally))
    assert [row.row for row in checked.rows] == [2]
    assert not_data(checked) == [(row, "beside") for row in range(3, LOOK_AHEAD + 7)]


ORDERS = [HEADER, order("R1"), order("R2", plate="粤B22222")]


@pytest.mark.parametrize(
    ("orders", "other"),
    [
        # Each kind once is a tally; these are the orders' own.
        (ORDERS, [TALLY[0], TALLY[1], TALLY[1]]),
        # The lines of the orders.
        (
            [row[:8] for row in ORDERS],
            [["项目名称", "数量", "金额"], ["机油", "1", "300"], ["机滤", "1", "20"]],
        ),
        # A column of people.
        (ORDERS, [["业务类型", "台次", "车主"], ["保养", "12", "王伟"]]),
        (ORDERS, [["业务类型", "台次"], ["保养", "WX1"]]),
        # Without it the orders would have no amount.
        (
            [row[:8] for row in ORDERS],
            [["业务类型", "次数", "实收金额"], ["保养", "1", "30"], ["首保", "1", "20"]],
        ),
        (ORDERS, [["备注", "班组"], ["老客户", "一组"]]),
    ],
)
def test_columns_behind_a_blank_one_that_are_the_orders(orders, other):
    header, rows = beside(orders, other)
    mapping = find_mapping([*enumerate([header, *rows], start=1)])
    assert (mapping.other_table, mapping.end) == (0, None)
    assert "beside" not in [column.verdict for column in mapping.columns]


def test_nothing_is_beside_without_a_blank_column_before_it():
    header, rows = beside(ORDERS, TALLY, gap=0)
    assert find_mapping([*enumerate([header, *rows], start=1)]).other_table == 0
    header, rows = beside([HEADER, *([*row, "."] for row in ORDERS[1:])], TALLY)
    assert find_mapping([*enumerate([header, *rows], start=1)]).other_table == 0


def test_a_person_may_take_a_column_of_the_tally(tmp_path):
    path = csv_file(tmp_path, *reversed(beside(ORDERS, TALLY)))
    mapping = preview(path).mapping
    assert Mapping.from_dict(mapping.as_dict()) == mapping
    assert mapping.end == WIDTH + 1

    chosen = mapping.with_fields({WIDTH + 1: "team"})

    assert chosen.end is None
    checked = check_rows(path, today=TODAY, mapping=chosen)
    # A total like any other again.
    assert not_data(checked) == [(4, "total")]


def below(*rows):
    """Rows behind two orders and a blank row."""
    return [*ORDERS[1:], [], *rows]


@pytest.mark.parametrize(
    ("at", "title"), [(0, "汇总"), (0, "按业务类型统计"), (0, "本月汇总表："), (3, "汇总")]
)
def test_a_tally_below_the_orders_is_no_data(tmp_path, title, at):
    tally = [[title], TALLY[0], *TALLY[1:]]
    rows = below(*([*[""] * at, *cells] for cells in tally), [], order("R3", plate="粤B33333"))
    checked = checked_of(tmp_path, HEADER, rows)
    assert [row.row for row in checked.rows] == [2, 3, 11]
    assert [row for row, _why in not_data(checked)] == [5, 6, 7, 8, 9]
    assert {why for row, why in not_data(checked) if row > 5} == {"total"}


def test_a_title_that_may_be_a_customers_name_is_refused_and_its_tally_is_none_the_less_one(tmp_path):
    tally = [["", "", "", *cells] for cells in (["业务统计"], *TALLY)]
    checked = checked_of(tmp_path, HEADER, below(*tally))
    assert checked.report.rejected == [(5, "no_identity")]
    assert not_data(checked) == [(row, "total") for row in (6, 7, 8, 9)]


def test_a_tally_below_without_a_title_or_without_names(tmp_path):
    named = checked_of(tmp_path, HEADER, below(*TALLY))
    assert not_data(named) == [(row, "total") for row in (5, 6, 7, 8)]
    titled = checked_of(tmp_path, HEADER, below(["汇总"], *TALLY[1:]))
    assert not_data(titled) == [(row, "total") for row in (5, 6, 7, 8)]
    # 数量 is a name of lines, unless a title says otherwise.
    names = ["业务类型", "数量", "金额"]
    told = checked_of(tmp_path, HEADER, below(["汇总"], names, *TALLY[1:]))
    assert not_data(told) == [(row, "total") for row in (5, 6, 7, 8, 9)]
    untold = checked_of(tmp_path, HEADER, below(names, *TALLY[1:]))
    assert untold.report.rejected == [(6, "no_identity"), (7, "no_identity")]
    assert not_data(untold) == [(8, "total")]


def test_a_tally_over_the_end_of_a_block(tmp_path):
    orders = [order(f"R{number}", plate=f"粤B{number:05}") for number in range(LOOK_AHEAD - 3)]
    # Figures as long as a plate, in the columns of plate and VIN.
    kinds = [[f"保养{number}", "12", "36000.00"] for number in range(5)]
    checked = checked_of(tmp_path, HEADER, [*orders, [], TALLY[0], *kinds])
    assert checked.report.data_rows == len(orders)
    assert checked.report.rejected == []
    assert not_data(checked) == [(row, "total") for row in range(LOOK_AHEAD, LOOK_AHEAD + 6)]


FEW = [
    # A plate, a VIN of figures, a telephone, a day: no figures of a tally.
    ["粤B12345", "12", "3600"],
    ["R9", "12", "3600"],
    ["保养", "00000000000000000", "3600"],
    ["保养", "13800138000", "3600"],
    ["保养", "2018-01-04", "3600"],
    ["保养", "王伟", "3600"],
    # More or other columns than the names have.
    ["保养", "12", "3600", "5"],
    ["", "12", "3600"],
    ["保养"],
    ["保养", "", "3600"],
]  # fmt: skip


@pytest.mark.parametrize("row", FEW)
def test_what_may_be_an_order_below_a_tally_is_not_left_out(tmp_path, row):
    # In the column of names, where a word by itself is no footer.
    row = ["", "", "", *row]
    tally = [["", "", "", *cells] for cells in TALLY]
    checked = checked_of(tmp_path, HEADER, below(*tally[:2], row, tally[2]))
    assert [number for number, _why in checked.report.rejected] == [7, 8]
    assert not_data(checked) == [(5, "total"), (6, "total")]


@pytest.mark.parametrize(
    "rows",
    [
        # The names follow an order at once: they may be those of its lines.
        [*ORDERS[1:], TALLY[0], TALLY[1]],
        # Rows that do not follow the names, or the title, at once.
        [*ORDERS[1:], [], TALLY[0], [], TALLY[1]],
        [*ORDERS[1:], [], ["汇总"], [], TALLY[1]],
        # Without names a row of less says too little.
        [*ORDERS[1:], [], ["汇总"], TALLY[1][:2]],
        [*ORDERS[1:], [], ["汇总"], ["保养1", "12", "3600"]],
        [*ORDERS[1:], [], ["汇总"], ["保养", "12.5", "3600"]],
        [*ORDERS[1:], [], TALLY[1]],
        [*ORDERS[1:], [], ["项目名称", "数量", "金额"], ["机油", "1", "300"]],
    ],
)
def test_rows_of_few_cells_are_refused_where_it_is_not_clear(tmp_path, rows):
    checked = checked_of(tmp_path, HEADER, rows)
    assert checked.report.rejected[-1] == (len(rows) + 1, "no_identity")


def test_orders_right_below_a_tally_are_data(tmp_path):
    rows = [["汇总"], *TALLY, order("R3", plate="粤B33333"), TALLY[1], order("R4", plate="", paid="")]
    checked = checked_of(tmp_path, HEADER, below(*rows))
    assert [row.row for row in checked.rows] == [2, 3, 10, 11, 12]
    assert checked.report.rejected == [(11, "no_identity"), (12, "no_identity")]


def test_lines_of_an_order_are_no_tally(tmp_path):
    first = ["L1", "粤B12345", "王伟", "13800138000", "2018-01-04", "保养", "材料", "机油", "1", "300", "300"]
    blank = [""] * 7
    rows = [first, [], [*blank, "项目", "台次", "单价", "金额"], [*blank, "机滤", "1", "20", "20"]]
    checked = checked_of(tmp_path, LINE_HEADER, rows)
    assert [row.row for row in checked.rows][-1] == 5
