"""Rows that made a visit which stands as they made it are passed over, and nothing else comes out than without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from customers.dms import write
from customers.dms.headers import Mapping
from customers.models import Customer, Import, Vehicle, Visit
from customers.services.imports.mappings import remember
from staff.models import Store
from tests.customers.imports.conftest import Run, Write, order
from tests.customers.imports.dump import dump

pytestmark = pytest.mark.django_db

A, B, C = "LSGUD8C72HA000847", "LSGUD8C79HA032887", "LSGWKJ460D1218596"
FIRST = [
    order(工单号="W1", VIN=A, 车牌号="粤B10001", 客户名称="李一", 联系电话="13800000001"),
    order(
        工单号="W2", VIN=A, 车牌号="粤B10001", 客户名称="李一", 联系电话="13800000001", 开单日期="2026-05-20"
    ),
    order(工单号="W3", VIN=B, 车牌号="粤B10002", 客户名称="王二", 联系电话="13800000002"),
    order(工单号="W4", VIN=C, 车牌号="粤B10003", 客户名称="王二", 联系电话="13800000002"),
]


@pytest.fixture
def passed_over(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each import passed over."""
    counts: list[int] = []
    find = write._pass_over_known

    def told(values: dict[str, Any]) -> int:
        counts.append(find(values))
        return counts[-1]

    monkeypatch.setattr(write, "_pass_over_known", told)
    return counts


def test_the_same_file_again_is_passed_over(run: Run, export: Write, passed_over: list[int]) -> None:
    run(export(*FIRST))
    again = run(export(*FIRST, name="again.csv"))
    assert passed_over == [0, 4]
    assert (again["created"], again["changed"], again["unchanged"], again["visits"]) == ({}, {}, 4, 4)


def test_whoever_has_anything_new_keeps_all_rows(run: Run, export: Write, passed_over: list[int]) -> None:
    run(export(*FIRST))
    newer = order(
        工单号="W5", VIN=B, 车牌号="粤B10002", 客户名称="王二", 联系电话="13800000002", 开单日期="2026-05-30"
    )
    report = run(export(*FIRST, newer, name="more.csv"))
    # W3 is of the same car, W4 of the same owner.
    assert passed_over == [0, 2]
    assert (report["created"], report["unchanged"]) == ({"visits": 1}, 4)


def _corrected_visit() -> None:
    Visit.objects.filter(order_no="W1").update(kind="repair", updated_at=timezone.now())


def _corrected_car() -> None:
    Vehicle.objects.filter(vin=A).update(brand="", plate="粤B99999", updated_at=timezone.now())


def _corrected_owner() -> None:
    Customer.objects.filter(name="王二").update(gender="female", updated_at=timezone.now())


def _deleted_visit() -> None:
    Visit.objects.filter(order_no="W3").delete()


SOMEBODY_ELSES = order(工单号="W9", VIN=A, 车牌号="粤B10001", 客户名称="赵六", 联系电话="13800000009")


@pytest.mark.parametrize(
    ("meanwhile", "more", "passed"),
    [
        (_corrected_visit, [], 2),
        (_corrected_car, [], 2),
        (_corrected_owner, [], 2),
        (_deleted_visit, [], 2),
        (_corrected_visit, [SOMEBODY_ELSES], 2),
        (_corrected_car, [SOMEBODY_ELSES], 2),
        (_corrected_owner, [SOMEBODY_ELSES], 0),
        (_deleted_visit, [SOMEBODY_ELSES], 0),
    ],
)
def test_the_same_comes_out_as_without(
    run: Run,
    export: Write,
    passed_over: list[int],
    meanwhile: Callable[[], None],
    passed: int,
    more: list[dict[str, str]],
) -> None:
    run(export(*FIRST))
    meanwhile()
    path = export(*FIRST, *more, name="more.csv")
    found = []
    for is_known in (True, False):
        with transaction.atomic():
            if not is_known:
                Visit.objects.update(said=None)
            report = run(path)
            Visit.objects.update(said=None)
            found.append(
                (dump(), {name: report[name] for name in ("created", "changed", "unchanged", "visits")})
            )
            transaction.set_rollback(True)
    assert found[0] == found[1]
    assert passed_over == [0, passed, 0]


def test_decisions_of_people_make_the_same_rows_news(
    run: Run, export: Write, passed_over: list[int], store: Store
) -> None:
    run(export(*FIRST))
    mapping = Mapping.from_dict(Import.objects.get().mapping)
    remember(store=store, mapping=mapping, policy={"gender": "overwrite"})
    run(export(*FIRST, name="again.csv"))
    assert passed_over == [0, 0]
