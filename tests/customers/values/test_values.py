"""One typed value at a time, both sides of each boundary."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.values.dates import (
    MAC_SHIFT,
    code_date,
    date_code,
    day_code,
    due_code,
    parse_day,
    parse_month_or_day,
    settle_code,
    vote,
)
from customers.values.kinds import kind_word, visit_kind
from customers.values.money import parse_yuan, yuan_text
from customers.values.names import company_key, is_company, normalise_name
from customers.values.odometers import is_plausible, parse_odometer
from customers.values.phones import judge_phone, mobiles
from customers.values.plates import is_new_energy, is_plate, normalise_plate
from customers.values.vins import check_digit, judge_vin


@pytest.mark.parametrize(
    "typed", ["粤B12345", "粤b·12345", "粤B 12345", "粤B-12345", "粤Ｂ１２３４５", " 粤b12345 "]
)
def test_plate_is_one_however_typed(typed):
    assert normalise_plate(typed) == "粤B12345"


@pytest.mark.parametrize("typed", ["无", "临牌", "未上牌", "不详", "无牌", "", "  "])
def test_words_for_no_plate_are_none(typed):
    assert normalise_plate(typed) == ""


@pytest.mark.parametrize(
    ("plate", "well_formed", "green"),
    [
        ("粤B12345", True, False),
        ("粤B1234", False, False),
        ("粤B123456", False, False),
        ("粤BD12345", True, True),
        ("粤B12345D", True, True),
        ("粤BL12345", False, False),  # L is no letter of new energy
        ("粤BI2345", False, False),
        ("粤BEO686", False, False),
        ("粤O12345", False, False),
        ("粤B1234学", True, False),
        ("京A1234警", True, False),
        ("粤Z1234港", True, False),
        ("粤Z1234澳", True, False),
        ("粤B1234港", False, False),
        ("使12345", False, False),
        ("123456使", True, False),
        ("B12345", False, False),
    ],
)
def test_well_formed_plates(plate, well_formed, green):
    assert (is_plate(plate), is_new_energy(plate)) == (well_formed, green)


@pytest.mark.parametrize(
    ("typed", "vin", "problem"),
    [
        ("LATPAB071W1005301", "LATPAB071W1005301", None),
        ("lat pab071w1 005301", "LATPAB071W1005301", None),
        ("*LATPAB071W1005301*", "LATPAB071W1005301", None),
        ("1M8GDM9AXKP042788", "1M8GDM9AXKP042788", None),
        ("LATPAB072W1005301", "LATPAB072W1005301", "vin_check_digit"),
        ("WAUZZZ8K9BA000001", "WAUZZZ8K9BA000001", None),  # Europe does not bind the ninth character
        ("LSVA57CPXAB25865I", "LSVA57CPXAB25865I", "vin_illegal"),
        ("LATPAB071W100530", "LATPAB071W100530", "vin_length"),
        ("LATPAB071W10053011", "LATPAB071W10053011", "vin_length"),
        ("11111111111111111", "11111111111111111", "vin_placeholder"),
        ("", "", None),
        ("无", "", None),
    ],
)
def test_vins(typed, vin, problem):
    assert judge_vin(typed) == (vin, problem)


def test_check_digit_of_ten_is_x():
    assert check_digit("1M8GDM9A_KP042788".replace("_", "0")) == "X"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("13800138000", ["13800138000"]),
        ("138 0013 8000", ["13800138000"]),
        ("138-0013-8000", ["13800138000"]),
        ("+86 13800138000", ["13800138000"]),
        ("008613800138000", ["13800138000"]),
        ("013800138000", ["13800138000"]),
        ("１３８００１３８０００", ["13800138000"]),
        ("\u202a13800138000\u202c", ["13800138000"]),
        ("13800138000（王太太）", ["13800138000"]),
        ("13800138000/13900139000", ["13800138000", "13900139000"]),
        ("13900139000、13900139000", ["13900139000"]),
        ("13800138000.0", ["13800138000"]),
        ("1380013800", []),
        ("138001380001", []),
        ("14000138000", []),
        ("1.38E+10", []),
        ("无", []),
        ("", []),
    ],
)
def test_mobiles(typed, found):
    assert mobiles(typed) == found


@pytest.mark.parametrize(
    ("typed", "landlines", "invalid"),
    [
        ("0755-83210010", ("0755-83210010",), False),
        ("13800138000/0755-83210010", ("0755-83210010",), False),
        ("83210010", ("83210010",), False),
        ("+86-755-83210004", ("0755-83210004",), False),
        ("+86 0755 83210004", ("0755-83210004",), False),
        ("0086(10)58886666/13800138000", ("010-58886666",), False),
        ("86-21-58886666", ("021-58886666",), False),
        ("+867558321000", ("0755-8321000",), False),
        ("+86 83210010", ("83210010",), False),
        ("+86 400-888-9999", ("400-888-9999",), False),
        ("+86 4008889999", ("4008889999",), False),
        ("1.38E+10", (), True),
        ("1339843533", (), True),
        ("无", (), True),
        ("", (), False),
    ],
)
def test_landlines_are_no_error_lost_digits_are(typed, landlines, invalid):
    assert judge_phone(typed)[1:] == (landlines, invalid)


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("1,234.50", 123450),
        ("¥1,234.5", 123450),
        ("１，２３４．５０", 123450),
        ("0.00元", 0),
        ("RMB 12", 1200),
        ("(50)", -5000),
        ("（50.5）", -5050),
        ("-20", -2000),
        ("20-", -2000),
        ("-", 0),
        ("--", 0),
        ("——", 0),
        (" 934.09 ", 93409),
        ("\u200b100", 10000),
        ("\ufeff¥1,234.50\u200d", 123450),
        ("\u202a-20\u202c", -2000),
        ("\u2060--", 0),
        ("1.2万", 1200000),
        (2412.67, 241267),
        (0.1 + 0.2, 30),
        (12, 1200),
        ("1.005", 101),
        ("1.004", 100),
        ("99999999.99", 9999999999),
    ],
)
def test_amounts(typed, fen):
    assert parse_yuan(typed) == fen


@pytest.mark.parametrize(
    "typed",
    ["", " ", "\u200b", "待定", "1.2.3", "12,34", "1e3", "nan", "#N/A", "=A1*2", "100000000", float("inf")],
)
def test_what_is_no_amount_is_refused(typed):
    with pytest.raises(ValueError):  # noqa: PT011  # the text is the caller's own
        parse_yuan(typed)


@given(st.integers(min_value=-(10**10) + 1, max_value=10**10 - 1))
def test_every_fen_survives_text_and_float(fen):
    assert parse_yuan(yuan_text(fen)) == fen
    assert parse_yuan(float(Decimal(fen) / 100)) == fen


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2018/1/4 16:16", (20180104, 976)),
        ("2018年1月4日", (20180104, -1)),
        ("2018.1.11", (20180111, -1)),
        ("2018-01-04T09:28:00.000", (20180104, 568)),
        ("2018/1/4 下午 4:16", (20180104, 976)),
        ("2018/1/4 12:05 AM", (20180104, 5)),
        ("20180104", (20180104, -1)),
        ("20180104093000", (20180104, 570)),
        (20180104, (20180104, -1)),
        (43104, (20180104, -1)),
        ("43104", (20180104, -1)),
        (43104.5, (20180104, 720)),
        ("4-Jan-2018", (20180104, -1)),
        ("05-01-2018", (-20180501, -1)),
        ("2018-02-29", (0, -1)),
        ("2016-02-29", (20160229, -1)),
        ("——", (0, -1)),
        ("", (0, -1)),
        (3.5, (0, -1)),
        (13800138000, (0, -1)),
        ("32-01-2018", (0, -1)),
    ],
)
def test_days(cell, code):
    assert day_code(cell) == code


def test_workbooks_from_1904_are_four_years_and_a_day_off():
    assert day_code(43104 - MAC_SHIFT, MAC_SHIFT)[0] == 20180104


def test_open_days_wait_for_the_file():
    both, day_first, month_first = (day_code(text)[0] for text in ("05-01-2018", "25-01-2018", "01/25/2018"))
    assert [vote(both), vote(day_first), vote(month_first)] == [None, "dmy", "mdy"]
    assert [settle_code(both, "dmy"), settle_code(both, "mdy")] == [20180105, 20180501]
    assert [settle_code(day_first, "dmy"), settle_code(day_first, "mdy")] == [20180125, 0]


@pytest.mark.parametrize(
    ("typed", "due"),
    [("2020年10月", 20201031), ("2020-02", 20200229), ("2020年13月", 0), ("2019-08-04", 20190804)],
)
def test_a_month_is_due_on_its_last_day(typed, due):
    assert due_code(typed) == due


def test_single_values_for_forms():
    assert parse_day("2018年1月4日") == date(2018, 1, 4)
    assert parse_day("nonsense") is None
    assert parse_month_or_day("2020年10月") == date(2020, 10, 31)


@given(st.dates(min_value=date(1955, 1, 1), max_value=date(2118, 1, 1)))
def test_every_day_survives_its_shapes(day):
    for text in (
        day.isoformat(),
        f"{day:%Y/%m/%d} 08:05",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
    ):
        assert code_date(day_code(text)[0]) == day
    assert code_date(day_code((day - date(1899, 12, 30)).days)[0]) == day
    assert day_code(date_code(day))[0] == date_code(day)


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        ("首保", ("maintenance", True, False)),
        ("常 规 保 养", ("maintenance", True, False)),
        ("机电维修+洗车", ("repair", True, False)),
        ("定期保养、精品", ("maintenance", True, False)),
        ("常规保养;一般维修", ("maintenance", True, False)),
        ("事故车维修（普通）", ("accident", True, False)),
        ("paid  service", ("maintenance", True, False)),
        ("返修", ("repair", True, True)),
        ("Repeat Order", ("repair", True, True)),
        ("客户自费", ("other", False, False)),
        ("ZX03", ("other", False, False)),
        ("", ("other", False, False)),
    ],
)
def test_kinds(cell, answer):
    assert visit_kind(cell) == answer


def test_a_users_word_comes_first():
    assert visit_kind("zx03 + 首保", {kind_word("ZX03"): "warranty"}) == ("warranty", True, False)
    assert visit_kind("首保", {"首保": "other"}) == ("other", True, False)


def test_companies_are_known_by_name_or_by_what_the_file_says():
    assert is_company("深圳市鹏程物流有限公司")
    assert is_company("深圳宏达电子厂")
    assert is_company("深圳市福田区环卫局")
    assert is_company("王伟", "单位")
    assert not is_company("王伟", "个人")
    assert not is_company("欧阳修远")


@pytest.mark.parametrize(
    ("name", "company"),
    [
        ("县医院", True),
        ("总公司", True),
        ("县 医 院", True),
        ("中心", True),
        ("人 保险", True),
        ("王中", False),
        ("李院", False),
        ("张团", False),
        ("王校长", False),
        ("陈公", False),
        ("", False),
    ],
)
def test_a_short_name_is_a_companys_only_for_words_no_person_has(name, company):
    assert is_company(name) is company


def test_a_company_is_one_however_written():
    written = ["广东南粤工程（集团）有限公司", "广东南粤工程(集团)有限公司", "广东南粤 工程（集团）有限公司 "]
    assert {company_key(name) for name in written} == {"广东南粤工程集团有限公司"}
    assert normalise_name(" 王 伟 ") == "王伟"


@pytest.mark.parametrize(
    ("cell", "kilometres"),
    [
        ("6,071 KM", 6071),
        ("1.2345万公里", 12345),
        (12104.0, 12104),
        ("12104.9", 12104),
        ("不详", None),
        ("", None),
        (-5, -5),
        (-0.5, 0),
        ("-500", -500),
        ("－1,500 公里", -1500),
        ("−500", -500),
        ("-", None),
        ("--500", None),
        (float("nan"), None),
    ],
)
def test_odometers(cell, kilometres):
    assert parse_odometer(cell) == kilometres


@pytest.mark.parametrize(
    ("reading", "plausible"),
    [(-500, False), (0, False), (1, False), (2, True), (999_999, True), (1_000_000, False)],
)
def test_plausible_readings(reading, plausible):
    assert is_plausible(reading) is plausible


@given(st.text(max_size=40))
def test_no_text_breaks_a_value(text):
    normalise_plate(text)
    judge_vin(text)
    judge_phone(text)
    day_code(text)
    due_code(text)
    visit_kind(text)
    parse_odometer(text)
    is_company(text, text)
