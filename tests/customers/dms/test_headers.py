"""Finding the header, mapping columns, and the user's last word."""

from datetime import date

import pytest

from customers.dms.header_rows import LOOK_AHEAD, find_mapping, header_names
from customers.dms.headers import Mapping, guess, known_field
from customers.dms.preview import preview
from customers.dms.refused import FileRefused
from tests.customers.dms.making import HEADER, LINE_HEADER, csv_file, order
from tests.customers.dms.rows import check_rows

TODAY = date(2019, 1, 1)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("工单号", "order_no"),
        (" 工 单 号 ", "order_no"),
        ("单号", "order_no"),
        ("姓名", "customer_name"),
        ("实收款", "paid"),
        ("车架号(VIN码)", "vin"),
        ("车架号（VIN码）", "vin"),
        ("实收金额（元）", "paid"),
        ("行驶里程(km)", "odometer"),
        ("Invoice  no.", "order_no"),
        ("送修人电话", "contact_phone"),
        ("收费类别", "charge_type"),
    ],
)
def test_names_match_after_normalising(name, field):
    assert known_field(name)[0] == field


def test_unknown_names_match_nothing():
    assert known_field("王伟") is None
    assert known_field("") is None


def fields(names) -> dict[str, str]:
    return {column.header: column.field for column in guess(1, names).columns}


def test_the_better_of_two_names_has_the_field():
    found = guess(1, ["开单日期", "进厂日期", "结算金额", "实收金额", "应收金额"])
    assert [(column.field, column.verdict) for column in found.columns] == [
        ("", "taken"),
        ("visit_date", "known"),
        ("", "taken"),
        ("paid", "known"),
        ("receivable", "known"),
    ]


def test_the_phone_of_who_brings_the_car_is_not_the_customers():
    assert fields(["送修人电话", "车主手机", "联系电话"]) == {
        "送修人电话": "contact_phone",
        "车主手机": "phone",
        "联系电话": "phone",
    }


def test_a_bare_amount_is_the_lines_beside_names_of_lines():
    assert guess(1, LINE_HEADER).export == "lines"
    assert fields(LINE_HEADER)["金额"] == "line_amount"
    assert fields(["工单号", "车牌号", "金额"])["金额"] == "total_ambiguous"


def test_export_by_columns():
    assert guess(1, HEADER).export == "orders"
    assert guess(1, ["客户名称", "手机", "车牌号", "车架号", "车型"]).export == "customers"


def test_missing_columns_are_named():
    assert guess(1, ["工单号", "客户名称"]).missing == ["identity", "visit_date", "paid"]
    assert guess(1, HEADER).missing == []
    assert guess(1, ["客户名称", "客户编号"]).missing == ["identity"]


def test_title_and_group_header_above_a_header():
    rows = [(1, ["2018 年维修台账"]), (2, ["单据信息", "", "客户信息"]), (3, HEADER), (4, order())]
    assert find_mapping(rows).header_row == 3


def test_header_of_two_rows():
    upper = ["工单号", "进厂日期", "车辆", "", "金额", "", ""]
    lower = ["", "", "车牌号", "车架号", "工时费", "材料费", "实收金额"]
    mapping = find_mapping(
        [(1, ["台账"]), (2, upper), (3, lower), (4, ["R1", "2018-01-04", "粤B12345", "", 1, 2, 3])]
    )
    assert mapping.header_row == 3
    assert [column.field for column in mapping.columns] == [
        "order_no",
        "visit_date",
        "plate",
        "vin",
        "labour_amount",
        "parts_amount",
        "paid",
    ]


def test_a_header_below_long_notices(tmp_path):
    notices = [[f"填写说明第{number}条：请各店按此填写"] for number in range(1, LOOK_AHEAD)]
    checked = check_rows(
        csv_file(tmp_path, [*notices[1:], HEADER, order("R1")], header=notices[0]), today=TODAY
    )
    assert checked.mapping.header_row == LOOK_AHEAD
    assert [(row.row, row.order_no) for row in checked.rows] == [(LOOK_AHEAD + 1, "R1")]


def test_data_is_no_header():
    with pytest.raises(FileRefused) as refused:
        find_mapping([(n, order(f"R{n}")) for n in range(1, 50)])
    assert refused.value.reason_code == "no_header"


def test_words_that_nobody_knows_are_no_header():
    assert header_names([(1, ["甲", "乙", "丙"]), (2, ["丁", "戊", "己"])]) == []


def test_fingerprint_is_that_of_the_shape():
    one, same = guess(1, HEADER), guess(3, [f" {name} " for name in HEADER])
    other = guess(1, [*HEADER[1:], HEADER[0]])
    assert one.fingerprint == same.fingerprint != other.fingerprint


def test_mapping_is_kept_as_json():
    mapping = guess(2, HEADER).with_fields({4: ""})
    assert Mapping.from_dict(mapping.as_dict()) == mapping


def test_a_kept_mapping_serves_a_file_whose_header_stands_elsewhere():
    kept = guess(1, HEADER).with_fields({4: "", 8: "receivable"})
    found = guess(7, HEADER)
    assert found.fingerprint == kept.fingerprint
    applied = found.with_fields(kept.choices)
    assert (applied.header_row, applied.choices) == (7, kept.choices)


def test_the_users_mapping_is_obeyed(tmp_path):
    header = ["单子", "牌子", "啥时候", "钱", "手机", "业务类型", "客户"]
    rows = [["A1", "粤B12345", "2018-01-04", "88", "13800138000", "首保", "王伟"]]
    path = csv_file(tmp_path, rows, header)
    seen = preview(path)
    assert seen.mapping.missing == ["identity", "visit_date", "paid"]
    chosen = seen.mapping.with_fields({0: "order_no", 1: "plate", 2: "visit_date", 3: "paid", 4: ""})
    checked = check_rows(path, today=TODAY, mapping=chosen)
    (row,) = checked.rows
    assert (row.order_no, row.plate, row.paid_fen, row.phones) == ("A1", "粤B12345", 8800, ())
    assert [column.verdict for column in chosen.columns] == [*["chosen"] * 5, "known", "known"]


def test_a_field_that_is_none_is_refused():
    with pytest.raises(ValueError, match="no such field"):
        guess(1, HEADER).with_fields({0: "password"})


def test_a_chosen_column_comes_before_the_guessed_one(tmp_path):
    path = csv_file(
        tmp_path,
        [["R1", "粤B12345", "2018-01-04", "10", "20"]],
        ["工单号", "车牌号", "进厂日期", "实收金额", "预收"],
    )
    chosen = preview(path).mapping.with_fields({4: "paid"})
    checked = check_rows(path, today=TODAY, mapping=chosen)
    assert checked.rows[0].paid_fen == 2000


def test_what_is_not_data(tmp_path):
    rows = [
        order("R1"),
        HEADER,
        ["1月小计", "", "", "", "", "", "", "", "100"],
        order("R2", plate="粤B22222"),
        ["合计：", "", "", "", "", "", "", "", "200"],
        ["制表：系统管理员"],
        ["第 1 页"],
        ["以下空白"],
    ]
    checked = check_rows(csv_file(tmp_path, rows), today=TODAY)
    assert [row.row for row in checked.rows] == [2, 5]
    assert checked.report.not_data == [
        (1, "header"),
        (3, "header"),
        (4, "total"),
        (6, "total"),
        (7, "footer"),
        (8, "footer"),
        (9, "footer"),
    ]


TOTALS = [
    "合 计", "总　计", "汇总", "合计金额", "【合计】", "记录数：12",
    "共计12台次", "Grand Total", "本页小计", "1月小计", "保养合计",
]  # fmt: skip
FOOTERS = [
    "制表人 张三", "打印时间2018-02-01", "审核：", "备注：仅供参考", "第1页/共3页", "共 12 单",
    "Page 1 of 3", "-----", "1/3", "打印",
]  # fmt: skip


@pytest.mark.parametrize("place", [0, 3, 8])
@pytest.mark.parametrize("label", TOTALS)
def test_totals_are_no_data_however_they_are_written(tmp_path, label, place):
    if place and label in ("1月小计", "保养合计"):
        label = f"张三 {label[-2:]}"
    total = ["", "", "", "", "", "", "", "", "200"]
    total[place] = label
    checked = check_rows(csv_file(tmp_path, [order("R1"), total, order("R2")]), today=TODAY)
    assert [row.row for row in checked.rows] == [2, 4]
    assert checked.report.not_data == [(1, "header"), (3, "total")]


@pytest.mark.parametrize("label", FOOTERS)
def test_footers_are_no_data(tmp_path, label):
    checked = check_rows(csv_file(tmp_path, [order("R1"), [label], order("R2")]), today=TODAY)
    assert [row.row for row in checked.rows] == [2, 4]


def test_a_total_that_counts_in_the_column_of_plates(tmp_path):
    total = ["", "共12台次（含返修）", "", "", "", "", "", "", "合计:100"]
    checked = check_rows(csv_file(tmp_path, [order("R1"), total]), today=TODAY)
    assert checked.report.data_rows == 1


def test_what_stands_above_the_header_comes_again_on_each_page(tmp_path):
    blank = [""] * 9
    title = [*blank[:1], "维修业务明细表", *blank[2:]]
    groups = ["单据", "", "", "客户资料", "", "维修", "", "", "费用"]
    rows = [title, groups, HEADER, order("R1"), title, groups, HEADER, order("R2"), ["", "单位：元"]]
    checked = check_rows(csv_file(tmp_path, rows[1:], header=rows[0]), today=TODAY)
    assert [row.row for row in checked.rows] == [4, 8]
    assert checked.report.data_rows == 2


def test_rows_below_a_header_that_explain_it(tmp_path):
    units = ["", "", "", "", "", "", "", "km", "元"]
    codes = ["order_no", "plate", "vin", "name", "phone", "date", "kind", "km", "paid"]
    bracketed = ["", "", "", "", "", "", "", "（公里）", "（元）"]
    numbers = ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)", "(9)"]
    letters = ["甲", "乙", *"1234567"]
    for below in (units, codes, bracketed, ["元"], numbers, [*"①②③④⑤⑥⑦⑧⑨"], letters):
        rows = [below, order("R1"), HEADER, below, order("R2")]
        checked = check_rows(csv_file(tmp_path, rows), today=TODAY)
        assert [row.row for row in checked.rows] == [3, 6]
    checked = check_rows(csv_file(tmp_path, [units, numbers, order("R1")]), today=TODAY)
    assert [row.row for row in checked.rows] == [4]


def test_a_row_of_few_figures_below_the_header_is_data(tmp_path):
    path = csv_file(tmp_path, [["1", "", "", "", "", "", "", "3", "2"], order("R1")])
    assert check_rows(path, today=TODAY).report.rejected == [(2, "no_identity")]


def test_lines_numbered_on_below_the_last_are_blank(tmp_path):
    rows = [["1", *order("R1")], ["2"], ["3"]]
    checked = check_rows(csv_file(tmp_path, rows, header=["序号", *HEADER]), today=TODAY)
    assert (checked.report.data_rows, checked.report.not_data) == (
        1,
        [(1, "header"), (3, "blank"), (4, "blank")],
    )


@pytest.mark.parametrize("name", ["统计局车队李工", "注册会计师陈先生", "负责人王五", "刘小计", "审核"])
def test_a_customer_with_a_number_is_data_whatever_the_name_begins_with(tmp_path, name):
    header, rows = ["客户名称", "联系电话", "地址"], [[name, "13800138000", ""], ["王伟", "13800138001", ""]]
    checked = check_rows(csv_file(tmp_path, rows, header=header), today=TODAY)
    assert [row.row for row in checked.rows] == [2, 3]


@pytest.mark.parametrize("first", ["审核通过", "备注：客户等", "说明", "打印"])
def test_an_order_without_a_car_is_refused_and_not_left_out(tmp_path, first):
    rows = [["", *order("R1")], [first, *order("R2", plate="临牌", phone="")]]
    checked = check_rows(csv_file(tmp_path, rows, header=["审批", *HEADER]), today=TODAY)
    assert checked.report.rejected == [(3, "no_identity")]


def test_items_whose_names_begin_like_a_footer_are_data(tmp_path):
    rows = [
        ["L1", "粤B12345", "王伟", "13800138000", "2018-01-04", "保养", "材料", "机油", "1", "300", "300"],
        ["", "", "", "", "", "", "材料", "注油嘴", "1", "20", "20"],
        ["", "", "", "", "", "", "材料", "说明书", "1", "5", "5"],
    ]
    checked = check_rows(csv_file(tmp_path, rows, header=LINE_HEADER), today=TODAY)
    assert checked.report.data_rows == 3
    assert checked.report.paid_fen == 32500


def test_a_customer_named_like_a_total_is_data(tmp_path):
    rows = [order("合计1号", name="合计"), order("R2", plate="无", name="小计")]
    checked = check_rows(csv_file(tmp_path, rows), today=TODAY)
    assert [(row.row, row.reason) for row in checked.rows] == [(2, ""), (3, "no_identity")]


def test_words_of_kinds_are_mapped_once_by_the_user(tmp_path):
    path = csv_file(
        tmp_path, [order("R1", kind="ZX 03"), order("R2", kind="ZX03+洗车"), order("R3", kind="首保")]
    )
    checked = check_rows(path, today=TODAY)
    assert checked.report.unknown_kinds == {"zx03": 2}
    assert checked.report.warnings == {"kind_unknown": [2, 3]}
    checked = check_rows(path, today=TODAY, kinds={"zx03": "warranty"})
    assert checked.report.visits_by_kind == {"maintenance": 1, "warranty": 2}
    assert checked.report.warnings == {}


@pytest.mark.parametrize(
    ("groups", "names", "fields"),
    [
        (
            ["工单号", "应收", "", "", "实收", "", ""],
            ["", "工时费", "材料费", "合计", "工时费", "材料费", "合计"],
            {"order_no": 0, "labour_amount": 1, "parts_amount": 2, "receivable": 3, "paid": 6},
        ),
        (
            ["车主", "", "送修人", "", "工单号"],
            ["姓名", "电话", "姓名", "电话", ""],
            {"customer_name": 0, "phone": 1, "contact": 2, "contact_phone": 3, "order_no": 4},
        ),
        (
            ["工单号", "客户", "", "", "备注"],
            ["", "姓名", "电话", "车牌号", ""],
            {"order_no": 0, "customer_name": 1, "phone": 2, "plate": 3, "remark": 4},
        ),
    ],
)
def test_a_name_is_read_with_the_group_above_it(groups, names, fields):
    mapping = find_mapping([(1, groups), (2, names)])
    assert {column.field: column.index for column in mapping.columns if column.field} == fields


GROUPS = ["工单号", "车牌号", "进厂日期", "应收", "", "", "实收", "", ""]


@pytest.mark.parametrize(
    ("groups", "names", "fields"),
    [
        (
            GROUPS,
            ["工时", "材料", "小计"],
            {"labour_amount": 3, "parts_amount": 4, "receivable": 5, "paid": 8},
        ),
        (GROUPS, ["人工", "物料", "合计"], {"receivable": 5, "paid": 8}),
        (GROUPS, ["不含税", "税额", "价税合计"], {"receivable": 5, "paid": 8}),
        (GROUPS, ["小计(元)", "机工", "漆工"], {"receivable": 3, "paid": 6}),
        # Merged cells taken apart again.
        ([*GROUPS[:3], *["应收"] * 3, *["实收"] * 3], ["人工", "物料", "小计"], {"receivable": 5, "paid": 8}),
        # No name says which is the amount: the first below 实收 is not.
        (GROUPS, ["机工", "漆工", "其他"], {}),
    ],
)
def test_names_below_amounts_are_part_of_the_header_known_or_not(tmp_path, groups, names, fields):
    first = groups[:3] if groups[4] else ["", "", ""]
    row = ["R1", "粤B12345", "2018-01-04", *"123456"]
    path = csv_file(tmp_path, [[*first, *names, *names], row, groups, [*first, *names, *names], row], groups)
    mapping = preview(path).mapping
    assert mapping.header_row == 2
    assert {column.field: column.index for column in mapping.columns[3:] if column.field} == fields
    assert [row.row for row in check_rows(path, today=TODAY).rows] == [3, 6]


def test_a_header_of_three_rows():
    rows = [
        ["工单号", "车牌号", "进厂日期", "费用"],
        ["", "", "", *GROUPS[3:]],
        ["", "", "", *["人工", "小计", ""] * 2],
    ]
    mapping = find_mapping([*enumerate(rows, start=1)])
    assert (mapping.header_row, mapping.indexes("paid"), mapping.indexes("receivable")) == (3, [7], [4])


def test_a_sum_below_an_amount_is_no_lines():
    mapping = find_mapping([(1, ["工单号", "车牌号", "金额", "", ""]), (2, ["", "", "工时", "材料", "小计"])])
    assert (mapping.export, mapping.indexes("total_ambiguous")) == ("orders", [4])


@pytest.mark.parametrize(
    ("groups", "names", "fields"),
    [
        # The number is the column's, and a sum may say of which.
        (
            ["实收", "", ""],
            ["工时1", "材料2", "合计3"],
            {"labour_amount": 3, "parts_amount": 4, "paid": 5},
        ),
        (
            ["实收", "", ""],
            ["工时费①", "配件费(2)", "合计(3)=(1)+(2)"],
            {"labour_amount": 3, "parts_amount": 4, "paid": 5},
        ),
        (["费用", "", ""], ["工时1", "配件2", "实收3"], {"labour_amount": 3, "parts_amount": 4, "paid": 5}),
        (["费用", "", ""], ["人工1", "物料2", "合计3"], {"total_ambiguous": 5}),
        (["实收"] * 3, ["工时1", "材料2", "合计"], {"labour_amount": 3, "parts_amount": 4, "paid": 5}),
        (
            ["应收", "", "实收", ""],
            ["材料1", "合计2", "材料1", "合计2"],
            {"parts_amount": 3, "receivable": 4, "paid": 6},
        ),
        # No name says which is the amount.
        (["实收", ""], ["工时1", "材料2"], {"labour_amount": 3, "parts_amount": 4}),
        (["实收", ""], ["现金1", "刷卡2"], {}),
        # Several of one kind: none of them is the whole.
        (["实收", "", "", ""], ["工时费1", "工时费2", "材料3", "合计"], {"parts_amount": 5, "paid": 6}),
        (["金额", "", ""], ["工时(1)", "工时(2)", "合计"], {"total_ambiguous": 5}),
        (["实收", ""], ["合计1", "合计2"], {}),
        (["实收", ""], ["实收(1)", "实收(2)"], {}),
    ],
)
def test_names_with_numbers_below_amounts_are_names(tmp_path, groups, names, fields):
    first, row = ["工单号", "车牌号", "进厂日期"], ["R1", "粤B12345", "2018-01-04", *"123456"[: len(names)]]
    lower = ["", "", "", *names]
    path = csv_file(tmp_path, [lower, row, [*first, *groups], lower, row], [*first, *groups])
    mapping = preview(path).mapping
    assert mapping.header_row == 2
    assert {column.field: column.index for column in mapping.columns[3:] if column.field} == fields
    if not mapping.missing:
        checked = check_rows(path, today=TODAY)
        assert [row.row for row in checked.rows] == [3, 6]
        assert checked.report.not_data == [(1, "title"), (2, "header"), (4, "title"), (5, "header")]


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        # More than a column's number, and words below no amount.
        (["实收", "", "备注"], ["微信100", "现金50", ""]),
        (["项目", "", "实收"], ["机油4", "机滤1", ""]),
        # An order: it stands below more than the amount.
        (["实收", "", "备注"], ["工时1", "材料2", "王伟"]),
        (["实收", "备注", "班组"], ["工时1", "", ""]),
        (["实收", "", "备注"], ["1", "2", ""]),
    ],
)
def test_a_row_of_data_is_no_second_row_of_a_header(upper, lower):
    first = ["工单号", "车牌号", "进厂日期"]
    rows = [[*first, *upper], ["", "", "", *lower], ["R1", "粤B12345", "2018-01-04", "1", "2", "3"]]
    assert find_mapping([*enumerate(rows, start=1)]).header_row == 1


def test_numbered_columns_of_one_amount_are_left_to_a_person():
    found = guess(1, ["工单号", "实收(1)", "实收(2)", "工时费1", "工时费2", "材料费1", "手机1", "手机2"])
    assert [(column.field, column.verdict) for column in found.columns] == [
        ("order_no", "known"),
        *[("", "unclear")] * 4,
        ("", "unknown"),
        *[("phone", "known")] * 2,
    ]
    assert found.with_fields({1: "paid"}).indexes("paid") == [1]
