"""Which rows are one customer, which are one car."""

from datetime import date

import pytest

from tests.customers.dms.making import HEADER, csv_file, order
from tests.customers.dms.rows import check_rows

TODAY = date(2019, 1, 1)
MASTER = ["客户编号", "客户名称", "联系电话", "车牌号", "车架号"]
VIN, OTHER_VIN = "LSGWKJ460D1218596", "LSVTC8LT6D5702578"


def check(tmp_path, rows, header=HEADER):
    checked = check_rows(csv_file(tmp_path, rows, header), today=TODAY)
    return checked.report, checked.rows


def keys(rows):
    """Customers as small numbers in order of appearance."""
    seen: dict[int, int] = {}
    return [seen.setdefault(row.customer_key, len(seen)) for row in rows]


def test_one_mobile_is_one_customer_whatever_the_name(tmp_path):
    _, rows = check(
        tmp_path, [order("R1", name="王伟"), order("R2", name="王先生", phone="+86 13800138000/13900139000")]
    )
    assert keys(rows) == [0, 0]


def test_three_names_make_a_mobile_a_stand_in_two_do_not(tmp_path):
    named = [
        order(f"R{n}", name=name, plate=f"粤B1000{n}") for n, name in enumerate(["王伟", "李芳", "张敏"])
    ]
    report, rows = check(tmp_path, named)
    assert (keys(rows), report.warnings) == ([0, 1, 2], {"phone_shared": [2, 3, 4]})
    report, rows = check(tmp_path, named[:2])
    assert (keys(rows), report.warnings) == ([0, 0], {})


def test_a_refused_row_is_not_warned_of_as_well(tmp_path):
    named = [
        order(f"R{n}", name=name, plate=f"粤B1000{n}") for n, name in enumerate(["王伟", "李芳", "张敏"])
    ]
    _, rows = check(tmp_path, [*named, order("R9", name="王伟", plate="粤B10000", paid="?")])
    assert [row.warnings for row in rows] == [("phone_shared",)] * 3 + [()]
    assert rows[3].reason == "bad_amount"


def test_without_a_mobile_name_and_car_tell(tmp_path):
    _, rows = check(
        tmp_path,
        [
            order("R1", phone=""),
            order("R2", phone=""),
            order("R3", phone="", name="李芳"),
            order("R4", phone="", plate="粤B99999"),
            order("R5"),
        ],
    )
    assert keys(rows) == [0, 0, 1, 2, 0]


def test_who_has_neither_name_nor_number_is_not_counted(tmp_path):
    report, _ = check(
        tmp_path,
        [
            order("R1", name="", phone=""),
            order("R2", name="", phone="", plate="粤B99999"),
            order("R3", name="", phone="0755-83210010", plate="粤B88888"),
            order("R4", name="", phone="13800138000", plate="粤B77777"),
            order("R5", name="李芳", phone="", plate="粤B66666"),
        ],
    )
    assert (report.customers, report.vehicles, report.visits) == (3, 5, 5)


def test_companies_are_known_by_name_whatever_the_phone(tmp_path):
    report, rows = check(
        tmp_path,
        [
            order("R1", name="鹏程物流（集团）有限公司"),
            order("R2", name="鹏程物流(集团) 有限公司", phone="13900139000"),
            order("R3", name="宏达保险公司"),
            order("R4", name="王伟"),
        ],
    )
    assert keys(rows) == [0, 0, 1, 2]
    assert report.customers_by_type == {"company": 2, "person": 1}


def master(code, name, phone, plate=""):
    return [code, name, phone, plate, ""]


def test_one_code_is_one_customer_whatever_the_names(tmp_path):
    report, rows = check(
        tmp_path,
        [
            master("C1", "王伟", "13800138000", "粤B11111"),
            master("C1", "王先生", "13800138000", "粤B22222"),
            master("C1", "王女士", "13800138000", "粤B33333"),
            master("C1", "李芳", "13900139000", "粤B44444"),
            master("C2", "张敏", "", "粤B55555"),
            master("C2", "张小姐", "", "粤B66666"),
        ],
        MASTER,
    )
    assert keys(rows) == [0, 0, 0, 0, 1, 1]
    assert (report.customers, report.warnings) == (2, {"phone_shared": [2, 3, 4]})


@pytest.mark.parametrize(("count", "found"), [(4, [0, 0, 0, 0]), (5, [0, 1, 2, 3, 4])])
def test_a_code_of_five_who_can_each_be_called_stands_for_walk_ins(tmp_path, count, found):
    walk_ins = [master("C9", "赵钱孙李周"[n], f"1370013700{n}", f"粤B3000{n}") for n in range(count)]
    _, rows = check(tmp_path, walk_ins, MASTER)
    assert keys(rows) == found


def test_five_names_or_five_mobiles_alone_are_one_customers(tmp_path):
    names = [master("C1", "赵钱孙李周"[n], "13800138000", f"粤B3000{n}") for n in range(5)]
    mobiles = [master("C2", "王伟", f"1370013700{n}", f"粤B4000{n}") for n in range(5)]
    _, rows = check(tmp_path, [*names, *mobiles], MASTER)
    assert keys(rows) == [0] * 5 + [1] * 5


@pytest.mark.parametrize("code", ["0", "0000", "-", "——", "无", " 散客 ", "N/A", "NULL"])
def test_what_is_no_code_joins_nobody(tmp_path, code):
    people = [
        master(code, "王伟", "13800138000", "粤B11111"),
        master(code, "李芳", "13900139000", "粤B22222"),
    ]
    _, rows = check(tmp_path, people, MASTER)
    assert keys(rows) == [0, 1]


def test_a_plate_joins_the_one_good_vin_it_has_elsewhere(tmp_path):
    report, rows = check(
        tmp_path,
        [
            order("R1", vin=VIN),
            order("R2"),
            order("R3", vin=VIN, plate="粤B99999"),
            order("R4", vin=VIN[:-1] + "7"),
        ],
    )
    assert report.vehicles == 1
    assert {row.vehicle_key for row in rows} == {f"vin:{VIN}"}
    assert report.warnings == {"vin_check_digit": [5]}


def test_a_plate_on_two_cars_stands_for_itself(tmp_path):
    report, rows = check(tmp_path, [order("R1", vin=VIN), order("R2", vin=OTHER_VIN), order("R3")])
    assert [row.vehicle_key for row in rows] == [f"vin:{VIN}", f"vin:{OTHER_VIN}", "plate:粤B12345"]
    assert report.vehicles == 3


def test_what_is_no_plate_or_vin_is_kept_as_typed_and_out_of_identity(tmp_path):
    _, rows = check(tmp_path, [order(plate="粤BEO686", vin=VIN), order("R2", vin="81411736")])
    assert (rows[0].plate, rows[0].plate_as_typed, rows[0].warnings) == ("", "粤BEO686", ("plate_invalid",))
    assert (rows[1].vin, rows[1].vin_as_typed, rows[1].warnings) == ("", "81411736", ("vin_length",))


def test_master_file_wants_a_phone_or_a_car(tmp_path):
    report, _ = check(
        tmp_path,
        [
            ["C1", "王伟", "13800138000", "", ""],
            ["C2", "李芳", "0755-83210010", "", ""],
            ["C3", "张敏", "", "粤B12345", ""],
            ["C4", "赵敏", "无", "临牌", ""],
        ],
        MASTER,
    )
    assert report.rejected == [(5, "no_identity")]
    assert (report.customers, report.vehicles, report.visits) == (3, 1, 0)


def test_master_file_double_is_same_car_phones_and_name(tmp_path):
    one = ["C1", "王伟", "13800138000", "粤B12345", ""]
    report, _ = check(
        tmp_path,
        [
            one,
            one,
            ["C1", "王 伟", "138 0013 8000", "粤B·12345", ""],
            ["C1", "王先生", *one[2:]],
            [*one[:3], "粤B99999", ""],
        ],
        MASTER,
    )
    assert report.duplicates == [(3, 2), (4, 2)]
    assert (report.accepted_rows, report.customers, report.vehicles) == (5, 1, 2)


def test_the_payer_and_who_brings_the_car_are_not_the_customer(tmp_path):
    header = [*HEADER, "结算对象", "送修人", "送修人电话"]
    report, rows = check(tmp_path, [[*order(), "太平洋保险公司", "李师傅", "13900139000"]], header)
    assert (report.customers_by_type, rows[0].phones) == ({"person": 1}, ("13800138000",))
    assert (rows[0].payer, rows[0].contact) == ("太平洋保险公司", "李师傅")
