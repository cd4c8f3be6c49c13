"""What a file says again makes nothing anew, and undoes nothing that people wrote since."""

from __future__ import annotations

import pytest

from customers.models import Customer, Ownership, Phone, Visit
from tests.customers.imports.conftest import Run, Write, order

pytestmark = pytest.mark.django_db


def _visitors() -> list[tuple[str, str]]:
    return list(Visit.objects.order_by("order_no").values_list("order_no", "customer__name"))


class TestLandlineWithoutAName:
    NAMELESS = order(工单号="A2", VIN="", 客户名称="", 联系电话="4008123123", 开单日期="2026-05-12")

    def test_of_a_car_that_has_an_owner_in_the_file(self, run: Run, export: Write) -> None:
        path = export(order(工单号="A1", VIN=""), self.NAMELESS)
        run(path)
        later = export(self.NAMELESS, order(工单号="A3", VIN="", 开单日期="2026-05-20"), name="later.csv")

        again, more = run(path), run(later)

        assert (again["created"], again["changed"]) == ({}, {})
        assert more["created"] == {"visits": 1}
        assert _visitors() == [("A1", "李海燕"), ("A2", "李海燕"), ("A3", "李海燕")]
        assert [phone.number for phone in Phone.objects.all()] == ["13807551234"]
        assert list(Ownership.objects.values_list("customer__name", "until_on")) == [("李海燕", None)]

    def test_of_a_car_that_has_an_owner_already(self, run: Run, export: Write) -> None:
        run(export(order(工单号="A1", VIN="")))

        report = run(export(self.NAMELESS, name="later.csv"))

        assert report["created"] == {"visits": 1}
        assert _visitors() == [("A1", "李海燕"), ("A2", "李海燕")]

    def test_of_a_car_that_has_none_is_kept_once(self, run: Run, export: Write) -> None:
        path = export(self.NAMELESS)
        run(path)

        again = run(path)

        assert (again["created"], again["changed"]) == ({}, {})
        assert _visitors() == [("A2", "粤B12345")]
        assert [phone.number for phone in Phone.objects.all()] == ["4008123123"]

    def test_a_mobile_still_tells_of_another(self, run: Run, export: Write) -> None:
        path = export(order(工单号="A1", VIN=""), {**self.NAMELESS, "联系电话": "13902660000"})
        run(path)

        again = run(path)

        assert (again["created"], again["changed"]) == ({}, {})
        assert _visitors() == [("A1", "李海燕"), ("A2", "粤B12345")]


class TestAnotherNameOnALine:
    LINE = {
        "工单号": "L1", "车牌号": "粤B12345", "客户名称": "李海燕", "联系电话": "13807551234", "开单日期": "2026-05-02",
        "业务类型": "保养", "明细类型": "工时", "名称": "机油", "金额": "50", "结算金额": "150",
    }  # fmt: skip

    @pytest.mark.parametrize(
        ("number", "customers"),
        [("", ["李海燕"]), ("0755-83211862", ["李海燕", "王强"]), ("13902660000", ["李海燕", "王强"])],
    )
    def test_is_a_customer_only_with_a_number(
        self, run: Run, export: Write, number: str, customers: list[str]
    ) -> None:
        other = {**self.LINE, "客户名称": "王强", "联系电话": number, "明细类型": "配件", "金额": "100"}
        path = export(self.LINE, other)
        run(path)

        again = run(path)

        assert (again["created"], again["changed"]) == ({}, {})
        assert list(Customer.objects.order_by("pk").values_list("name", flat=True)) == customers
        assert list(Ownership.objects.values_list("customer__name", flat=True)) == ["李海燕"]
