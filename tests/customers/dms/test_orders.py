"""Skipped, rejected, double, reversed; lines of orders; days of the file."""

from datetime import date, time

import pytest

from tests.customers.dms.making import HEADER, LINE_HEADER, csv_file, order
from tests.customers.dms.rows import check_rows

TODAY = date(2019, 1, 1)


def check(tmp_path, rows, header=HEADER, **options):
    """Report, and the rows by number."""
    checked = check_rows(csv_file(tmp_path, rows, header), **{"today": TODAY, **options})
    return checked.report, {row.row: row for row in checked.rows}


def statuses(rows):
    return [row.status for row in rows.values()]


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2019-01-01", ""),
        ("2019-01-02", "bad_date"),
        ("1990-01-01", ""),
        ("1989-12-31", "bad_date"),
        ("", "bad_date"),
        ("2018-02-29", "bad_date"),
        ("——", "bad_date"),
    ],
)
def test_days_that_can_be(tmp_path, day, reason):
    _, rows = check(tmp_path, [order(day=day)])
    assert rows[2].reason == reason


def test_reasons_come_in_order(tmp_path):
    _, rows = check(
        tmp_path, [order(plate="无", day="", paid=""), order(day="", paid=""), order(paid="待定")]
    )
    assert [row.reason for row in rows.values()] == ["no_identity", "bad_date", "bad_amount"]


@pytest.mark.parametrize("day", ["2019-01-02", "1989-12-31", "31-12-1989", "02-01-2019", "2018-02-29"])
def test_a_day_that_cannot_be_comes_before_an_amount_that_cannot_be_read(tmp_path, day):
    report, _ = check(
        tmp_path, [order("R1", day=day, paid="待定"), order("R2", day=day, plate="无", paid="")]
    )
    assert report.rejected == [(2, "bad_date"), (3, "no_identity")]


def test_skipped_rows_give_nothing(tmp_path):
    states = ["作废", " 已取消 ", "维修中", "完工未结", "已结算", ""]
    rows = [
        [*order(f"R{n}", plate=f"粤B1000{n}", phone=f"1380013800{n}"), state]
        for n, state in enumerate(states)
    ]
    report, found = check(tmp_path, rows, [*HEADER, "状态"])
    assert [reason for _, reason in report.skipped] == ["voided", "voided", "not_settled", "not_settled"]
    assert (report.visits, report.customers, report.vehicles, report.accepted_rows) == (2, 2, 2, 2)
    assert (found[2].plate, found[2].customer_key) == ("", None)


def test_doubles_and_conflicts(tmp_path):
    report, _ = check(
        tmp_path,
        [
            order("R1", paid="100"),
            order("r 1", paid="¥100.00", plate="粤b·12345"),
            order("R1", paid="100.01"),
            order("R1", day="2018-01-05"),
            order("R1", plate="粤B99999"),
            order("R2"),
        ],
    )
    assert report.duplicates == [(3, 2)]
    assert report.rejected == [(4, "order_no_conflict"), (5, "order_no_conflict"), (6, "order_no_conflict")]
    assert (report.visits, report.paid_fen, report.accepted_rows) == (2, 20000, 3)


def test_without_a_number_an_order_is_car_day_and_amount(tmp_path):
    report, _ = check(tmp_path, [order(""), order(""), order("", paid="101"), order("", day="2018-01-05")])
    assert (report.duplicates, report.visits) == ([(3, 2)], 3)


def test_full_reversal_takes_both_out_of_the_visits_but_not_of_the_sums(tmp_path):
    report, rows = check(
        tmp_path, [order("R1"), order("R1", paid="-100", day="2018-01-05"), order("R1-1", paid="90")]
    )
    assert report.reversals == [(3, 2, "full")]
    assert (report.visits, report.paid_fen) == (1, 9000)
    assert (rows[2].is_visit, rows[2].reversed_by, rows[2].net_paid_fen) == (False, (3,), 0)
    assert (rows[3].status, rows[3].of, rows[3].reverses, rows[3].is_visit) == ("reversal", 2, "R1", False)
    assert rows[4].is_visit


def test_partial_reversals_add_up(tmp_path):
    report, rows = check(
        tmp_path,
        [
            order("R1"),
            order("R1", paid="-30", day="2018-01-05"),
            order("R1", paid="-20", day="2018-01-06"),
            order("R1", paid="-20", day="2018-01-06"),
        ],
    )
    assert report.reversals == [(3, 2, "partial"), (4, 2, "partial")]
    assert report.duplicates == [(5, 4)]
    assert (rows[2].is_visit, rows[2].paid_fen, rows[2].net_paid_fen, report.paid_fen) == (
        True,
        10000,
        5000,
        5000,
    )


def test_reversal_by_the_column_that_names_it_and_before_its_target(tmp_path):
    header = [*HEADER, "原工单号"]
    report, rows = check(
        tmp_path,
        [
            [*order("C9", paid="-100", day="2018-01-05"), "R1"],
            [*order("R1"), ""],
            [*order("C8", paid="-1"), "R7"],
        ],
        header,
    )
    assert report.reversals == [(2, 3, "full"), (4, None, "unmatched")]
    assert (rows[4].reversal, rows[4].reverses, rows[4].of) == ("unmatched", "R7", None)
    assert (report.visits, report.paid_fen) == (0, -100)


def test_reversal_of_another_car_or_of_what_is_reversed_is_a_conflict(tmp_path):
    report, _ = check(
        tmp_path,
        [
            order("R1"),
            order("R1", paid="-100", plate="粤B99999"),
            order("R1", paid="-100"),
            order("R1", paid="-100", day="2018-02-01"),
        ],
    )
    assert report.reversals == [(4, 2, "full")]
    assert report.rejected == [(3, "order_no_conflict"), (5, "order_no_conflict")]


def test_rollback_looks_at_earlier_days_in_any_order_of_rows(tmp_path):
    report, _ = check(
        tmp_path,
        [
            order("R3", day="2018-03-01", odometer="9000"),
            order("R2", day="2018-02-01", odometer="9500"),
            order("R1", day="2018-01-01", odometer="9000"),
            order("R4", day="2018-02-01", odometer="9400"),
            order("R5", day="2018-04-01", odometer="1"),
            order("R6", day="2018-05-01", odometer="1000000"),
            order("R7", day="2018-06-01", odometer="9500"),
            order("R8", day="2018-07-01", odometer="-500"),
            order("R9", day="2018-08-01", odometer="0"),
        ],
    )
    assert report.warnings == {"odometer_rollback": [2], "odometer_implausible": [6, 7, 9, 10]}


@pytest.mark.parametrize(
    ("paid", "warned"), [("290", False), ("290.01", True), ("289.99", True), ("310", True)]
)
def test_amounts_that_do_not_add_up(tmp_path, paid, warned):
    header = [*HEADER, "工时费", "材料费", "优惠金额"]
    for discount in ("10", "-10", "(10)"):
        report, rows = check(tmp_path, [[*order(paid=paid), "100", "200", discount]], header)
        assert ("amount_mismatch" in report.warnings) is warned
        assert (rows[2].labour_fen, rows[2].parts_fen, rows[2].discount_fen) == (10000, 20000, 1000)


def test_amounts_are_not_added_up_where_a_column_is_missing(tmp_path):
    report, _ = check(tmp_path, [[*order(paid="290"), "100", "200"]], [*HEADER, "工时费", "材料费"])
    assert report.warnings == {}


def line(number, kind, name, amount, *, plate="粤B12345", day="2018-01-04"):
    return [number, plate, "王伟", "13800138000", day, "首保", kind, name, "1", amount, amount]


def test_lines_are_summed_where_no_column_has_the_orders_amount(tmp_path):
    report, rows = check(
        tmp_path,
        [
            line("R1", "工时", "换机油", "100"),
            line("R2", "工时", "洗车", "20", plate="粤B99999"),
            line("R1", "配件", "机油", "200"),
            line("R1", "优惠", "会员", "-30"),
        ],
        LINE_HEADER,
    )
    assert (report.visits, report.paid_fen, report.accepted_rows) == (2, 29000, 4)
    assert statuses(rows) == ["accepted", "accepted", "line", "line"]
    assert [(item.row, item.kind, item.name, item.amount_fen) for item in rows[2].lines] == [
        (2, "labour", "换机油", 10000),
        (4, "part", "机油", 20000),
        (5, "discount", "会员", -3000),
    ]
    assert (rows[2].labour_fen, rows[2].parts_fen, rows[2].discount_fen, rows[2].paid_fen) == (
        10000,
        20000,
        3000,
        27000,
    )
    assert (rows[4].of, rows[4].is_visit) == (2, False)


def test_the_orders_amount_counts_once_and_may_stand_on_one_line_only(tmp_path):
    header = [*LINE_HEADER, "实收金额"]
    report, rows = check(
        tmp_path,
        [
            [*line("R1", "工时", "换机油", "100"), "270"],
            [*["" for _ in range(6)], "配件", "机油", "1", "200", "200", ""],
            [*line("R2", "工时", "洗车", "20", day="2018-01-05"), "20"],
        ],
        header,
    )
    assert (report.visits, report.paid_fen) == (2, 29000)
    assert [item.name for item in rows[2].lines] == ["换机油", "机油"]
    assert rows[2].discount_fen == 3000


@pytest.mark.parametrize(
    ("column", "value", "reason"), [(10, "待定", "bad_amount"), (4, "", "bad_date"), (1, "无", "no_identity")]
)
def test_one_unreadable_line_rejects_its_order(tmp_path, column, value, reason):
    bad = line("R1", "配件", "机油", "200")
    bad[column] = value
    report, _ = check(
        tmp_path, [line("R1", "工时", "换机油", "100"), line("R2", "工时", "洗车", "20"), bad], LINE_HEADER
    )
    assert report.rejected == [(2, reason), (4, reason)]
    assert (report.visits, report.paid_fen) == (1, 2000)


def test_an_unreadable_line_of_a_day_that_cannot_be_rejects_its_order_for_the_day(tmp_path):
    bad = line("R1", "配件", "机油", "待定", day="2019-01-02")
    report, _ = check(tmp_path, [line("R1", "工时", "换机油", "100"), bad], LINE_HEADER)
    assert report.rejected == [(2, "bad_date"), (3, "bad_date")]


@pytest.mark.parametrize("other", [{"plate": "粤B99999"}, {"day": "2018-01-05"}])
def test_lines_of_another_car_or_day_under_the_number_are_a_conflict_and_their_money_is_not_the_orders(
    tmp_path, other
):
    rows = [
        line("R1", "工时", "换机油", "100"),
        line("R1", "配件", "机油", "200", **other),
        line("R1", "配件", "机滤", "30"),
        line("R1", "优惠", "会员", "-5", **other),
    ]
    report, found = check(tmp_path, rows, LINE_HEADER)
    assert report.rejected == [(3, "order_no_conflict"), (5, "order_no_conflict")]
    assert (report.visits, report.paid_fen, found[2].paid_fen) == (1, 13000, 13000)
    assert (found[2].labour_fen, found[2].parts_fen, found[2].discount_fen) == (10000, 3000, 0)


@pytest.mark.parametrize(
    ("own", "others", "rejected", "paid_fen"),
    [
        ("100", "", [(3, "order_no_conflict")], 10000),
        ("100", "200", [(3, "order_no_conflict")], 10000),
        ("", "200", [(2, "bad_amount")], 20000),
        ("", "", [(2, "bad_amount"), (3, "bad_amount")], 0),
    ],
)
def test_the_orders_amount_on_a_line_of_another_day_is_not_the_orders(
    tmp_path, own, others, rejected, paid_fen
):
    rows = [
        [*line("R1", "工时", "换机油", "100"), own],
        [*line("R1", "配件", "机油", "200", day="2018-01-05"), others],
    ]
    report, _ = check(tmp_path, rows, [*LINE_HEADER, "实收金额"])
    assert (report.rejected, report.paid_fen) == (rejected, paid_fen)


def red_lines(labour, part):
    return [
        line("R1", "工时", "换机油", "100"),
        line("R1", "配件", "机油", "200"),
        line("R1", "优惠", "会员", "-50"),
        line("R1", "工时", "换机油", labour, day="2018-01-05"),
        line("R1", "配件", "机油", part, day="2018-01-05"),
    ]


def test_lines_of_a_later_day_that_sum_to_minus_the_order_are_its_full_reversal(tmp_path):
    report, rows = check(tmp_path, red_lines("-100", "-150"), LINE_HEADER)
    assert (report.reversals, report.rejected) == ([(5, 2, "full")], [])
    assert (report.visits, report.paid_fen, report.accepted_rows) == (0, 0, 5)
    assert statuses(rows) == ["accepted", "line", "line", "reversal", "line"]
    assert (rows[2].paid_fen, rows[5].paid_fen, rows[2].reversed_by) == (25000, -25000, (5,))


def test_lines_of_a_later_day_may_take_back_part_of_the_order(tmp_path):
    report, rows = check(tmp_path, red_lines("-100", "20"), LINE_HEADER)
    assert report.reversals == [(5, 2, "partial")]
    assert (report.visits, report.paid_fen, rows[2].net_paid_fen) == (1, 17000, 17000)


def test_red_lines_may_stand_above_their_order(tmp_path):
    rows = red_lines("-100", "-150")
    report, _ = check(tmp_path, [*rows[3:], *rows[:3]], LINE_HEADER)
    assert (report.reversals, report.visits, report.paid_fen) == ([(2, 4, "full")], 0, 0)


def test_red_lines_of_another_car_are_a_conflict(tmp_path):
    red = line("R1", "工时", "换机油", "-100", plate="粤B99999", day="2018-01-05")
    report, _ = check(tmp_path, [line("R1", "工时", "换机油", "100"), red, red], LINE_HEADER)
    assert report.rejected == [(3, "order_no_conflict"), (4, "order_no_conflict")]
    assert (report.visits, report.paid_fen) == (1, 10000)


@pytest.mark.parametrize("day", ["2018-01-04", "2018-01-05"])
def test_lines_below_a_reversals_amount_are_the_reversals(tmp_path, day):
    report, rows = check(
        tmp_path,
        [
            [*line("R1", "工时", "换机油", "100"), "300"],
            [*line("R1", "配件", "机油", "200"), ""],
            [*line("R1", "工时", "换机油", "-100", day=day), "-300"],
            [*line("R1", "配件", "机油", "-200", day=day), ""],
        ],
        [*LINE_HEADER, "实收金额"],
    )
    assert (report.reversals, report.rejected) == ([(4, 2, "full")], [])
    assert [item.row for item in rows[2].lines] == [2, 3]
    assert [item.row for item in rows[4].lines] == [4, 5]


def test_reversal_among_lines(tmp_path):
    header = [*LINE_HEADER, "实收金额"]
    report, rows = check(
        tmp_path,
        [
            [*line("R1", "工时", "换机油", "100"), "300"],
            [*line("R1", "配件", "机油", "200"), "300"],
            [*line("R1", "工时", "换机油", "-100", day="2018-01-05"), "-300"],
            [*line("R1", "配件", "机油", "-200", day="2018-01-05"), "-300"],
        ],
        header,
    )
    assert report.reversals == [(4, 2, "full")]
    assert (report.visits, report.paid_fen) == (0, 0)
    assert [row.status for row in rows.values()] == ["accepted", "line", "reversal", "line"]


@pytest.mark.parametrize(
    ("days", "order_", "guess", "first"),
    [
        (["05-01-2018", "25-01-2018"], "dmy", False, date(2018, 1, 5)),
        (["05-01-2018", "01-25-2018"], "mdy", False, date(2018, 5, 1)),
        (["05-01-2018", "06-01-2018"], "dmy", True, date(2018, 1, 5)),
        (["05-01-2018", "25-01-2018", "26-01-2018", "01-25-2018"], "dmy", False, date(2018, 1, 5)),
        (["2018-01-05"], None, False, date(2018, 1, 5)),
    ],
)
def test_the_file_decides_between_day_and_month_first(tmp_path, days, order_, guess, first):
    report, rows = check(tmp_path, [order(f"R{n}", day=day) for n, day in enumerate(days)])
    assert (report.day_order, report.day_order_is_guess) == (order_, guess)
    assert rows[2].visited_on == first
    if len(days) == 4:
        assert rows[5].reason == "bad_date"


def test_the_user_decides_against_the_file(tmp_path):
    _, rows = check(tmp_path, [order(day="05-01-2018")], day_order="mdy")
    assert rows[2].visited_on == date(2018, 5, 1)


def test_time_settlement_and_due_days(tmp_path):
    header = [*HEADER, "结算日期", "购车日期", "年检到期", "下次保养日期"]
    _, rows = check(
        tmp_path, [[*order(day="2018/1/4 16:16"), "2018-01-05", "2012年3月1日", "2020年10月", "不详"]], header
    )
    row = rows[2]
    assert (row.visited_on, row.visited_at, row.settled_on) == (
        date(2018, 1, 4),
        time(16, 16),
        date(2018, 1, 5),
    )
    assert (row.sale_date, row.inspection_due, row.next_service_on) == (
        date(2012, 3, 1),
        date(2020, 10, 31),
        None,
    )


def test_settlement_stands_in_only_for_a_missing_column(tmp_path):
    header = [name if name != "进厂日期" else "结算日期" for name in HEADER]
    _, rows = check(tmp_path, [order()], header)
    assert rows[2].visited_on == rows[2].settled_on == date(2018, 1, 4)
    _, rows = check(tmp_path, [[*order(day=""), "2018-01-05"]], [*HEADER, "结算日期"])
    assert rows[2].reason == "bad_date"


def test_spreadsheet_tricks_around_ids(tmp_path):
    tricks = order('="R1"', plate='="粤B12345"', phone="'13800138000", name="=HYPERLINK(1)")
    _, rows = check(tmp_path, [tricks])
    assert (rows[2].order_no, rows[2].plate, rows[2].phones) == ("R1", "粤B12345", ("13800138000",))
    assert rows[2].customer_name == "=HYPERLINK(1)"
    checked = check_rows(csv_file(tmp_path, [tricks]), today=TODAY)
    assert checked.raw == {2: tricks}


def test_progress_is_told_every_thousand_rows(tmp_path):
    told: list[int] = []
    rows = [order(f"R{n}", day="2018-01-04") for n in range(2500)]
    check_rows(csv_file(tmp_path, rows), today=TODAY, progress=told.append)
    assert told == [1000, 2000]
