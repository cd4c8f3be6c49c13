"""Order exports of any length, the same at every run."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from openpyxl import Workbook

HEADERS = (
    *(
        "工单号",
        "车牌号",
        "VIN",
        "车型",
        "客户名称",
        "联系电话",
        "地址",
        "区域",
        "开单日期",
        "结算日期",
        "业务类型",
    ),
    *("行驶里程", "工时费", "材料费", "优惠金额", "实收金额", "服务顾问", "班组", "备注"),
)
_FIRST_DAY = date(2023, 1, 1)
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_SURNAMES, _GIVEN = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高",
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英",
)
_KINDS = ("保养", "保养", "保养", "维修", "事故", "索赔", "美容")
_VALUES = {letter: value for letters, value in (
    ("AJ", 1), ("BKS", 2), ("CLT", 3), ("DMU", 4), ("ENV", 5), ("FW", 6), ("GPX", 7), ("HY", 8), ("RZ", 9),
) for letter in letters} | {str(digit): digit for digit in range(10)}  # fmt: skip
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def vin(number: int) -> str:
    body = f"LSGUD8C7_HA{number:06d}"
    total = sum(_VALUES.get(char, 0) * weight for char, weight in zip(body, _WEIGHTS, strict=True)) % 11
    return body.replace("_", "X" if total == 10 else str(total))


def plate(number: int) -> str:
    return f"粤{_LETTERS[number // 240000]}{_LETTERS[number // 10000 % 24]}{number % 10000:04d}"


def rows(count: int, *, first: int, cars: int, begins: date) -> Iterator[tuple[str, ...]]:
    """``count`` orders numbered from ``first`` over ``cars`` cars, some 500 a day."""
    rng = Random(first)
    for n in range(first, first + count):
        car = rng.randrange(cars)
        owner = car * 7 // 8
        on = begins + timedelta(days=(n - first) // 500)
        day = on.isoformat()
        labour, parts = rng.randrange(100, 900), rng.randrange(0, 4000)
        name = _SURNAMES[owner % 20] + _GIVEN[owner // 20 % 23] + _GIVEN[owner // 460 % 23]
        yield (
            f"WX{n:08d}",
            plate(car),
            vin(car),
            "新君越 2.0T",
            name,
            f"138{owner:08d}",
            f"深圳市福田区深南大道{owner}号",
            "福田区",
            f"{day} {8 + n % 10:02d}:{n % 60:02d}",
            day,
            rng.choice(_KINDS),
            str(5000 + car % 60 * 1000 + (on - _FIRST_DAY).days * 35),
            f"{labour}.00",
            f"{parts}.50",
            "0.00",
            f"{labour + parts}.50",
            f"顾问{n % 12}",
            f"机电{n % 4}组",
            "客户反映刹车有异响" if n % 3 else "",
        )


def write_csv(path: Path, content: Iterator[tuple[str, ...]]) -> None:
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        writer.writerows(content)


def write_xlsx(path: Path, content: Iterator[tuple[str, ...]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    sheet.append(HEADERS)
    for row in content:
        sheet.append(row)
    book.save(path)
