"""What an order says whose number belongs to another does not count: all comes out as if its rows were not there."""

from __future__ import annotations

import pytest
from django.db import transaction

from customers.models import Customer, Import, ImportRow, Vehicle, Visit
from tests.customers.imports.conftest import Run, Write, order
from tests.customers.imports.dump import dump

pytestmark = pytest.mark.django_db

VIN, OTHER_VIN, THIRD_VIN = "LSGUD8C71HA126648", "LSGGM8W25KA127094", "LSGWKJ460D1218596"
MORE = {"保险到期日": "", "地址": "", "原单号": "", "客户编号": ""}


def row(**changes: str) -> dict[str, str]:
    return order(**{**MORE, **changes})


HERS = row()
ANOTHER = {"车牌号": "粤B54321", "VIN": OTHER_VIN, "客户名称": "陈强", "联系电话": "13900002222"}
# The usual order's number on another car.
TAKEN = row(**ANOTHER, 客户编号="C7", 地址="深圳市福田区1号")
BACK = {"实收金额": "-500.00", "工时费": "", "材料费": "", "原单号": "WX1"}


def test_neither_customer_nor_car_comes_of_it(run: Run, export: Write) -> None:
    run(export(HERS))
    before = dump()

    report = run(export(TAKEN))

    assert report["rejected"] == [{"row": 2, "reason": "order_no_conflict"}]
    assert (report["created"], report["changed"], report["unchanged"]) == ({}, {}, 0)
    assert (report["accepted_rows"], report["visits"], report["paid_total"]) == (0, 0, "0.00")
    assert dump() == before
    assert (Customer.objects.count(), Vehicle.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "rows",
    [
        [TAKEN],
        [TAKEN, TAKEN],
        [TAKEN, row(**ANOTHER, 工单号="WX2", 开单日期="2026-05-01")],
        [row(**ANOTHER, 工单号="WX2", 开单日期="2026-05-01"), TAKEN],
        # The newest of what is said of a car, an owner: not what the refused row says.
        [
            row(实收金额="501.00", 保险到期日="2028-01-31", 开单日期="2026-06-01"),
            row(工单号="WX2", 保险到期日="2027-01-31", 开单日期="2026-05-20"),
        ],
        # The same combination of cells, said by both: the other row is the older one.
        [
            row(工单号="WX2", 保险到期日="2027-01-31", 开单日期="2026-05-10"),
            row(工单号="WX3", 保险到期日="2027-09-30", 开单日期="2026-05-20"),
            row(实收金额="501.00", 保险到期日="2027-01-31", 开单日期="2026-06-01"),
        ],
        [
            row(工单号="WX2", 保险到期日="2027-01-31", 开单日期="2026-05-10"),
            row(工单号="WX3", 保险到期日="2027-09-30", 开单日期="2026-05-20"),
            row(工单号="WX4", 保险到期日="2027-01-31", 开单日期="2026-05-25"),
            row(实收金额="501.00", 保险到期日="2027-01-31", 开单日期="2026-06-01"),
        ],
        # What a double says counts, unless it is the refused row's.
        [
            row(工单号="WX2", 保险到期日="2027-01-31", 开单日期="2026-05-10"),
            row(工单号="WX2", 保险到期日="2027-09-30", 开单日期="2026-05-10"),
            row(实收金额="501.00", 保险到期日="2027-09-30", 开单日期="2026-05-01"),
        ],
        # Who has a car now.
        [
            row(**{**ANOTHER, "车牌号": "粤B12345", "VIN": VIN}, 实收金额="501.00", 开单日期="2026-06-01"),
            row(工单号="WX2", 开单日期="2026-05-20"),
        ],
        # A number under three names is nobody's; the refused row is one of theirs.
        [
            row(工单号="N1", **{**ANOTHER, "客户名称": "甲一"}),
            row(工单号="N2", **{**ANOTHER, "VIN": THIRD_VIN, "车牌号": "粤B99999", "客户名称": "乙二"}),
            row(工单号="N3", **{**ANOTHER, "VIN": "", "车牌号": "粤B88888", "客户名称": "丙三"}),
            row(**{**ANOTHER, "客户名称": "甲一"}),
        ],
        # One owner by the number in the DMS.
        [
            row(工单号="WX2", VIN=THIRD_VIN, 车牌号="粤B99999", 客户名称="吴六", 联系电话="", 客户编号="C7"),
            row(**ANOTHER, 客户编号="C7"),
        ],
        # Money given back on an order that is refused, on another's, and once more.
        [TAKEN, row(**{**ANOTHER, **BACK}, 开单日期="2026-05-09")],
        [row(**{**ANOTHER, **BACK}, 工单号="HC1", 开单日期="2026-05-09")] * 2,
    ],
)
def test_as_if_it_were_not_in_the_file(run: Run, export: Write, rows: list[dict[str, str]]) -> None:
    run(export(HERS))
    _compare(run, export, rows)


def _compare(run: Run, export: Write, rows: list[dict[str, str]]) -> None:
    with transaction.atomic():
        report = run(export(*rows, name="all.csv"))
        found = dump()
        transaction.set_rollback(True)
    refused = {entry["row"] for entry in report["rejected"]}
    assert refused
    silent = refused | {entry["row"] for entry in report["duplicates"] if entry["of"] in refused}

    if kept := [cells for number, cells in enumerate(rows, start=2) if number not in silent]:
        run(export(*kept, name="kept.csv"))

    assert dump() == found


def line(name: str, amount: str, **changes: str) -> dict[str, str]:
    usual = {"工单号": "WX1", "车牌号": "粤B12345", "客户名称": "李海燕", "联系电话": "13807551234"}
    rest = {"进厂日期": "2026-05-02", "业务类型": "保养", "明细类型": "材料", "名称": name, "金额": amount}
    return {**usual, **rest, **changes}


def test_what_another_orders_line_says_counts(run: Run, export: Write) -> None:
    run(export(line("机油", "300.00")))
    newer = {"工单号": "WX2", "进厂日期": "2026-06-01"}
    _compare(
        run,
        export,
        [
            line("机油", "310.00", **newer, 性别=""),
            line("机滤", "50.00", **newer, 性别="男"),
            line("轮胎", "900.00", 性别="男"),
        ],
    )
    assert Customer.objects.get().gender == "male"


def test_lines_of_a_refused_order_say_nothing(run: Run, export: Write) -> None:
    run(export(line("机油", "300.00"), line("机滤", "50.00")))
    before = dump()
    taken = {"车牌号": "粤B54321", "客户名称": "陈强"}

    report = run(
        export(
            *(line("轮胎", "900.00", **taken), line("气门嘴", "20.00", **taken, 联系电话="13900002222")),
            line("机油", "310.00", 工单号="WX2", 进厂日期="2026-06-01"),
            name="lines.csv",
        )
    )

    assert [entry["row"] for entry in report["rejected"]] == [2]
    assert report["created"] == {"visits": 1, "lines": 1}
    after = dump()
    assert (after["Customer"], after["Phone"]) == (before["Customer"], before["Phone"])
    assert Vehicle.objects.count() == 1


def test_money_given_back_on_a_refused_order_is_refused_and_nothing_is_counted(
    run: Run, export: Write
) -> None:
    run(export(HERS))
    back = row(**{**ANOTHER, **BACK}, 工单号="HC1", 开单日期="2026-05-09")
    report = run(export(TAKEN, back, row(工单号="WX2", 开单日期="2026-06-01"), name="back.csv"))
    assert [entry["row"] for entry in report["rejected"]] == [2, 3]
    assert (report["reversals"], report["visits"], report["accepted_rows"]) == ([], 1, 1)
    assert (report["paid_total"], report["paid_by_kind"]) == ("500.00", {"maintenance": "500.00"})
    outcomes = (
        ImportRow.objects.filter(imported=Import.objects.latest("pk"))
        .order_by("row_no")
        .values_list("row_no", "outcome", "reason")
    )
    assert list(outcomes) == [(number, "rejected", "order_no_conflict") for number in (2, 3)]
    assert Visit.objects.filter(order_no="WX1").get().paid_fen == 50000
