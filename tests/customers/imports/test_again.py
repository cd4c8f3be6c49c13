"""What a file says again makes nothing anew, and undoes nothing that people wrote since."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from customers.models import Customer, Ownership, Phone, Vehicle, Visit
from customers.services.cards import save_customer
from customers.services.vehicles import save_vehicle
from staff.models import User
from tests.customers.imports.conftest import Run, Write, order
from tests.customers.imports.dump import dump

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


@pytest.mark.parametrize("number", ["4008123123", ""])
def test_two_of_one_name_who_had_one_car_are_both_found_again(run: Run, export: Write, number: str) -> None:
    first = order(工单号="A1", 客户名称="刘先生", 联系电话="13752336489", 开单日期="2026-03-01")
    second = order(工单号="A2", 客户名称="刘静静", 联系电话=number, 开单日期="2026-03-24")
    elsewhere = order(工单号="A3", 客户名称="刘静静", 联系电话="13752336489", 车牌号="京ACF9F7", VIN="")
    path = export(first, second, elsewhere)
    run(path)
    before = dump()
    assert [name for _, name in _visitors()] == ["刘静静"] * 3

    again = run(path)

    assert (again["created"], again["changed"]) == ({}, {})
    assert dump() == before
    assert Customer.objects.count() == 2
    one_more = order(工单号="A4", 客户名称="刘静静", 联系电话=number, 开单日期="2026-03-25")
    run(export(first, second, elsewhere, one_more, name="later.csv"))
    assert Visit.objects.get(order_no="A4").customer == Visit.objects.get(order_no="A2").customer


class TestCorrectedCards:
    def _save(self, by: User, name: str = "李海燕", **changes: Any) -> Customer:
        customer = Customer.objects.get(name=name)
        return save_customer(
            customer=customer, version=customer.version, by=by, store=customer.home_store, **changes
        )

    @pytest.mark.parametrize("name", ["李海燕", "深圳市鸿运有限公司"])
    @pytest.mark.parametrize("number", ["", "0755-83211862"])
    def test_a_corrected_name_stays(
        self, run: Run, export: Write, manager: User, name: str, number: str
    ) -> None:
        path = export(order(客户名称=name, 联系电话=number))
        run(path)
        self._save(manager, name, details={"name": f"{name}二"})
        more = order(工单号="WX2", 客户名称=name, 联系电话=number, 开单日期="2026-05-20")

        again, later = run(path), run(export(order(客户名称=name, 联系电话=number), more, name="later.csv"))

        assert (again["created"], again["changed"]) == ({}, {})
        assert (later["created"], later["changed"]) == ({"visits": 1}, {"vehicles": 1})
        assert _visitors() == [("WX1", f"{name}二"), ("WX2", f"{name}二")]
        assert Customer.objects.count() == 1

    def test_emptied_fields_stay_empty_until_another_row_fills_them(
        self, run: Run, export: Write, manager: User
    ) -> None:
        told = {"性别": "女", "地址": "深圳市福田区1号", "生日": "1980-02-03", "区域": "福田区"}
        path = export(order(**told))
        run(path)
        self._save(
            manager,
            details={"gender": "", "birthday": None, "region": "", "address": ""},
        )

        again = run(path)

        assert (again["created"], again["changed"]) == ({}, {})
        more = order(工单号="WX2", 开单日期="2026-05-20") | told | {"性别": "男"}
        run(export(order(**told), more, name="later.csv"))
        customer = Customer.objects.get()
        assert (customer.gender, customer.address, customer.region, customer.birthday) == (
            *("male", "深圳市福田区1号", "福田区"),
            date(1980, 2, 3),
        )

    def test_another_mobile_or_a_card_nobody_wrote_to_tells_of_somebody_else(
        self, run: Run, export: Write, manager: User
    ) -> None:
        run(export(order(联系电话="")))
        report = run(export(order(客户名称="陈强", 联系电话=""), name="sold.csv"))
        assert report["created"]["customers"] == 1
        self._save(manager, details={"name": "李海艳"})

        report = run(export(order(客户名称="赵六", 联系电话="13902660000"), name="again.csv"))

        assert report["created"]["customers"] == 1
        assert sorted(Customer.objects.values_list("name", flat=True)) == ["李海艳", "赵六", "陈强"]
        assert _visitors() == [("WX1", "李海艳")]

    def test_a_dropped_number_stays_away_and_a_new_one_comes(
        self, run: Run, export: Write, manager: User
    ) -> None:
        path = export(order())
        run(path)
        self._save(manager, details={}, add_phones=["13700001111"], drop_phones=[Phone.objects.get().pk])

        again = run(path)
        both = order(工单号="WX2", 开单日期="2026-05-20", 联系电话="13700001111 13902660000")
        later = run(export(order(), both, name="later.csv"))

        assert (again["created"], again["changed"]) == ({}, {})
        assert later["created"] == {"visits": 1, "phones": 1}
        numbers = [(phone.number, phone.is_primary) for phone in Phone.objects.order_by("pk")]
        assert numbers == [("13700001111", True), ("13902660000", False)]

    def test_a_name_and_a_number_corrected_together_stay(
        self, run: Run, export: Write, manager: User
    ) -> None:
        path = export(order())
        run(path)
        dropped = [Phone.objects.get().pk]
        self._save(manager, details={"name": "李海艳"}, add_phones=["13700001111"], drop_phones=dropped)

        again = run(path)

        assert (again["created"], again["changed"]) == ({}, {})
        assert [(c.name, c.phones.get().number) for c in Customer.objects.all()] == [
            ("李海艳", "13700001111")
        ]


class TestCorrectedCars:
    MASTER = {
        "客户名称": "李海燕",
        "联系电话": "13807551234",
        "车牌号": "粤B12345",
        "VIN": "LSGUD8C71HA126648",
    }

    def _save(self, by: User, **details: Any) -> None:
        car = Vehicle.objects.get()
        save_vehicle(vehicle=car, version=car.version, by=by, store=car.home_store, details=details)

    @pytest.mark.parametrize(
        "rows",
        [
            [order()],
            [order(), order(开单日期="2026-05-09", 实收金额="-120.00")],
            [MASTER],
        ],
        ids=["order", "reversal", "master"],
    )
    def test_a_corrected_plate_stays_until_a_new_order(
        self, run: Run, export: Write, manager: User, rows: list[dict[str, str]]
    ) -> None:
        path = export(*rows)
        run(path)
        self._save(manager, plate="粤B54321")

        again = run(path)

        assert (again["created"], again["changed"]) == ({}, {})
        assert Vehicle.objects.get().plate == "粤B54321"
        run(export(*rows, order(工单号="WX2", 车牌号="粤BD12345", 开单日期="2026-06-01"), name="later.csv"))
        assert Vehicle.objects.get().plate == "粤BD12345"

    def test_what_was_taken_from_a_car_stays_away_until_a_new_order(
        self, run: Run, export: Write, manager: User
    ) -> None:
        told = {"车型": "新君越", "保险到期日": "2027-01-31", "购车日期": "2020-03-04"}
        path = export(order(**told))
        run(path)
        self._save(manager, vin="", model="", insurance_until=date(2026, 12, 31), purchased_on=None)

        again = run(path)

        assert (again["created"], again["changed"]) == ({}, {})
        run(export(order(**told), order(工单号="WX2", 开单日期="2026-06-01", **told), name="later.csv"))
        car = Vehicle.objects.get()
        assert (car.vin, car.model, car.insurance_until, car.purchased_on) == (
            *("LSGUD8C71HA126648", "新君越"),
            date(2027, 1, 31),
            date(2020, 3, 4),
        )

    def test_a_plate_nobody_knew_comes_from_a_known_order_too(self, run: Run, export: Write) -> None:
        run(export(order(车牌号="")))
        run(export(order(), name="again.csv"))

        assert Vehicle.objects.get().plate == "粤B12345"

    def test_a_corrected_odometer_stays_until_a_new_reading(
        self, run: Run, export: Write, manager: User
    ) -> None:
        path = export(order())
        run(path)
        self._save(manager, odometer_km=41000, odometer_on=date(2026, 5, 2))

        again = run(path)

        assert (again["created"], again["changed"]) == ({}, {})
        assert Vehicle.objects.get().odometer_km == 41000
        run(export(order(行驶里程="41300"), name="corrected.csv"))
        assert Vehicle.objects.get().odometer_km == 41300
