"""What lands in the database, and what stays as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from customers.contacts import number_index
from customers.models import (
    Customer,
    CustomerCode,
    Import,
    ImportRow,
    NameGram,
    Ownership,
    PendingReversal,
    Phone,
    Reversal,
    StoreCustomer,
    Vehicle,
    Visit,
    VisitLine,
)
from customers.services import imports
from jobs.models import Job
from staff.models import Membership, Role, Store
from tests.customers.factories import CustomerFactory, VehicleFactory, VisitFactory
from tests.customers.imports.conftest import Run, Write, order
from tests.customers.imports.dump import dump
from tests.staff.factories import StoreFactory, UserFactory

VIN, OTHER_VIN = "LSGUD8C71HA126648", "LSGGM8W25KA127094"


def test_an_order_becomes_customer_car_and_visit(run: Run, export: Write, store: Store) -> None:
    advisor = Membership.objects.create(
        store=store, role=Role.ADVISOR, user=UserFactory(full_name="王芳")
    ).user

    report = run(
        export(
            order(
                开单日期="2026-05-02 09:30",
                车型="新君越",
                保险到期日="2027-01-31",
                地址="深圳市福田区1号",
                区域="福田区",
                性别="女",
                行业="私家车",
                班组="机电一组",
                备注="刹车有异响",
                收费类别="自费",
            )
        )
    )

    assert report["created"] == {
        "customers": 1, "vehicles": 1, "visits": 1, "ownerships": 1, "phones": 1, "links": 1,
    }  # fmt: skip
    customer = Customer.objects.get()
    assert (customer.name, customer.kind, customer.gender, customer.region) == (
        "李海燕",
        "person",
        "female",
        "福田区",
    )
    assert (customer.address, customer.usage, customer.channel) == ("深圳市福田区1号", "private", "dms")
    assert customer.home_store == store
    phone = Phone.objects.get()
    assert (phone.number, phone.is_primary, phone.is_mobile) == ("13807551234", True, True)
    assert phone.number_index == number_index("13807551234")
    assert set(NameGram.objects.values_list("gram", flat=True)) == {"^李", "李海", "海燕"}
    car = Vehicle.objects.get()
    assert (car.plate, car.vin, car.model, car.owner, car.home_store) == (
        "粤B12345",
        VIN,
        "新君越",
        customer,
        store,
    )
    assert (car.insurance_until, car.odometer_km, car.odometer_on) == (
        date(2027, 1, 31),
        41260,
        date(2026, 5, 2),
    )
    assert (car.plate_serial, car.vin_tail) == ("12345", "126648")
    visit = Visit.objects.get()
    assert (visit.order_no, visit.visited_on, visit.kind, visit.source) == (
        "WX1",
        date(2026, 5, 2),
        "maintenance",
        "dms",
    )
    assert visit.arrived_at == datetime(2026, 5, 2, 1, 30, tzinfo=UTC)
    assert (visit.labour_fen, visit.parts_fen, visit.discount_fen, visit.paid_fen) == (20000, 30000, 0, 50000)
    assert (visit.advisor, visit.advisor_name, visit.team) == (advisor, "王芳", "机电一组")
    assert (visit.customer_words, visit.charge_type, visit.odometer_km) == ("刹车有异响", "自费", 41260)
    assert (visit.customer, visit.vehicle, visit.store) == (customer, car, store)
    assert Ownership.objects.get().since_on is None
    assert Job.objects.filter(kind="segmentation.segment_store", store=store).count() == 1


def test_nothing_personal_stands_in_clear(run: Run, export: Write) -> None:
    from django.db import connection

    run(
        export(
            order(地址="深圳市福田区1号", 联系电话="13807551234 13902660000"),
            order(工单号="WX9", 车牌号="乱"),
        )
    )

    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            if table.startswith("customers_"):
                cursor.execute(f"SELECT * FROM {table}")
                found += [
                    repr(bytes(v) if isinstance(v, memoryview) else v)
                    for row in cursor.fetchall()
                    for v in row
                ]
    text = " ".join(found)
    assert "13807551234" not in text
    assert "福田区1号" not in text


def test_a_second_import_of_the_file_writes_nothing(run: Run, export: Write) -> None:
    path = export(order(), order(工单号="WX2", 开单日期="2026-05-20"))
    run(path)
    before, jobs = dump(), Job.objects.count()
    stamps = list(Visit.objects.values_list("pk", "updated_at"))

    report = run(path)

    assert (report["created"], report["changed"], report["unchanged"]) == ({}, {}, 2)
    assert dump() == before
    assert list(Visit.objects.values_list("pk", "updated_at")) == stamps
    assert Job.objects.count() == jobs
    first, second = Import.objects.order_by("pk")
    assert second.repeats == first


def test_an_overlapping_export_adds_and_corrects(run: Run, export: Write) -> None:
    run(export(order()))

    report = run(
        export(order(业务类型="事故", 行驶里程="41300", 工时费="", 服务顾问=""), order(工单号="WX2"))
    )

    assert report["created"] == {"visits": 1}
    assert report["changed"] == {"visits": 1, "vehicles": 1}
    visit = Visit.objects.get(order_no="WX1")
    assert (visit.kind, visit.odometer_km, visit.labour_fen, visit.advisor_name) == (
        "accident",
        41300,
        20000,
        "王芳",
    )
    assert Vehicle.objects.get().odometer_km == 41300


@pytest.mark.parametrize(
    "taken",
    [
        {"车牌号": "粤B54321", "VIN": OTHER_VIN},
        {"开单日期": "2026-05-03"},
        {"实收金额": "501.00"},
    ],
    ids=["car", "day", "amount"],
)
def test_a_number_taken_by_another_order_is_a_conflict(
    taken: dict[str, str], run: Run, export: Write
) -> None:
    run(export(order()))
    before = Visit.objects.values().get()

    report = run(export(order(**taken), order(工单号="WX2", 实收金额="80.00")))

    assert report["rejected"] == [{"row": 2, "reason": "order_no_conflict"}]
    assert (report["accepted_rows"], report["visits"], report["paid_total"]) == (1, 1, "80.00")
    assert Visit.objects.values().get(order_no="WX1") == before
    row = ImportRow.objects.get(outcome="rejected")
    assert (row.row_no, row.reason) == (2, "order_no_conflict")


def test_another_stores_number_is_no_conflict(run: Run, export: Write, other_store: Store) -> None:
    run(export(order()))

    report = run(
        export(order(车牌号="粤B54321", VIN=OTHER_VIN, 联系电话="13900001111")), store=other_store.code
    )

    assert report["created"]["visits"] == 1


def test_a_visit_logged_at_the_desk_is_the_dms_order(run: Run, export: Write, store: Store) -> None:
    car = VehicleFactory(plate="粤B12345", vin=VIN, owner__name="李海燕", owner__home_store=store)
    desk = VisitFactory(
        vehicle=car, store=store, order_no="GB20260502-0001", visited_on=date(2026, 5, 2), paid_fen=0,
        customer_words="空调不冷", source="desk",
    )  # fmt: skip
    VisitFactory(
        vehicle=car, store=store, order_no="GB20260503-0001", visited_on=date(2026, 5, 3), source="desk"
    )

    report = run(export(order(备注="换机油")))

    assert report["created"].get("visits", 0) == 0
    assert report["changed"]["visits"] == 1
    visit = Visit.objects.get(pk=desk.pk)
    assert (visit.order_no, visit.source, visit.paid_fen, visit.customer_words) == (
        "WX1",
        "dms",
        50000,
        "空调不冷",
    )
    assert Visit.objects.count() == 2


def test_two_orders_of_a_day_take_one_desk_visit_once(run: Run, export: Write, store: Store) -> None:
    car = VehicleFactory(plate="粤B12345", vin=VIN, owner__name="李海燕", owner__home_store=store)
    VisitFactory(vehicle=car, store=store, order_no="GB1", visited_on=date(2026, 5, 2), source="desk")
    VisitFactory(
        vehicle=car, store=store, order_no="GB2", visited_on=date(2026, 5, 2), source="desk", kind="repair"
    )

    run(export(order(), order(工单号="WX2", 业务类型="机电维修"), order(工单号="WX3", 业务类型="保养")))

    assert sorted(Visit.objects.values_list("order_no", "kind", "source")) == [
        ("WX1", "maintenance", "dms"),
        ("WX2", "repair", "dms"),
        ("WX3", "maintenance", "dms"),
    ]


@pytest.mark.parametrize(
    ("older", "newer", "name"),
    [
        ("李海燕", "李女士", "李海燕"),
        ("李女士", "李海燕", "李海燕"),
        ("李女士", "李小姐", "李小姐"),
        ("李海燕", "李海艳", "李海艳"),
        ("欧阳先生", "", "欧阳先生"),
        ("王总", "王建国总", "王建国总"),
    ],
)
def test_a_title_is_no_newer_name(older: str, newer: str, name: str, run: Run, export: Write) -> None:
    run(export(order(客户名称=older), order(工单号="WX2", 开单日期="2026-05-20", 客户名称=newer)))

    assert Customer.objects.get().name == name


class TestReversals:
    def test_partial_in_one_file(self, run: Run, export: Write) -> None:
        run(export(order(), order(开单日期="2026-05-04", 实收金额="-120.00")))

        visit = Visit.objects.get()
        assert (visit.paid_fen, visit.voided) == (38000, False)
        reversal = Reversal.objects.get()
        assert (reversal.amount_fen, reversal.reversed_on, reversal.visit) == (12000, date(2026, 5, 4), visit)

    @pytest.mark.parametrize(("paid", "left", "voided"), [("-500.00", 0, True), ("-499.99", 1, False)])
    def test_of_an_order_that_is_there_already(
        self, paid: str, left: int, voided: bool, run: Run, export: Write
    ) -> None:
        run(export(order()))
        path = export(order(工单号="HC1", 开单日期="2026-05-09", 实收金额=paid, 原单号="WX1"))

        report = run(path)
        again = run(path)

        assert report["created"]["reversals"] == 1
        assert (again["created"], again["changed"]) == ({}, {})
        visit = Visit.objects.get()
        assert (visit.order_no, visit.paid_fen, visit.voided) == ("WX1", left, voided)

    def test_the_whole_export_again_keeps_it_reversed(self, run: Run, export: Write) -> None:
        run(export(order()))
        run(export(order(工单号="HC1", 开单日期="2026-05-09", 实收金额="-500.00", 原单号="WX1")))

        report = run(export(order()))

        assert (report["changed"], Visit.objects.get().voided) == ({}, True)

    def test_beside_a_refused_order_of_the_number_it_is_of_the_earlier_one(
        self, run: Run, export: Write
    ) -> None:
        run(export(order()))
        back = order(开单日期="2026-05-04", 实收金额="-200.00")
        path = export(back, order(开单日期="2026-05-08", 实收金额="300.00"), name="conflict.csv")

        report, again = run(path), run(path)

        assert report["rejected"] == again["rejected"] == [{"row": 3, "reason": "order_no_conflict"}]
        assert report["reversals"] == [{"row": 2, "of": None, "type": "unmatched"}]
        assert (report["visits"], report["paid_total"]) == (0, "-200.00")
        assert report["created"] == {"reversals": 1}
        assert (again["created"], again["changed"]) == ({}, {})
        visit, reversal = Visit.objects.get(), Reversal.objects.get()
        assert (visit.paid_fen, visit.voided, reversal.visit) == (30000, False, visit)
        told = (
            ImportRow.objects.filter(outcome="reversal").values_list("row_no", "reason", "of_row").distinct()
        )
        assert list(told) == [(2, "", None)]

    def test_of_another_cars_order_is_refused(self, run: Run, export: Write) -> None:
        run(export(order()))

        report = run(
            export(order(工单号="HC1", 车牌号="粤B54321", VIN=OTHER_VIN, 实收金额="-500.00", 原单号="WX1"))
        )

        assert report["rejected"] == [{"row": 2, "reason": "order_no_conflict"}]
        assert Visit.objects.get().paid_fen == 50000


def back(**cells: str) -> dict[str, str]:
    return order(工单号="HC1", 开单日期="2026-05-09", 实收金额="-500.00", 原单号="WX1") | cells


class TestReversalsBeforeTheirOrders:
    @pytest.mark.parametrize(("paid", "left", "voided"), [("-500.00", 0, True), ("-499.99", 1, False)])
    def test_wait_for_it(self, paid: str, left: int, voided: bool, run: Run, export: Write) -> None:
        path = export(back(实收金额=paid), name="back.csv")
        first, again = run(path), run(path)
        assert (first["created"]["pending_reversals"], again["created"]) == (1, {})
        assert not Reversal.objects.exists()

        orders = export(order())
        report = run(orders)

        assert report["created"]["reversals"] == 1
        visit = Visit.objects.get()
        assert (visit.order_no, visit.paid_fen, visit.voided) == ("WX1", left, voided)
        before = dump()
        for once_more in (orders, path):
            assert (run(once_more)["created"], dump()) == ({}, before)

    def test_another_cars_order_is_not_meant(self, run: Run, export: Write) -> None:
        run(export(back(车牌号="粤B54321", VIN=OTHER_VIN)))

        run(export(order()))

        assert Visit.objects.get().paid_fen == 50000

    def test_nor_another_stores(self, run: Run, export: Write) -> None:
        other = StoreFactory(code="OTHER")
        run(export(back()), store=other.code)

        run(export(order()))

        assert Visit.objects.get().paid_fen == 50000

    def test_an_order_that_comes_with_its_reversal_is_reversed_once(self, run: Run, export: Write) -> None:
        run(export(back()))

        run(export(order(), back()))

        reversal = Reversal.objects.get()
        assert (reversal.visit.paid_fen, reversal.visit.voided, reversal.pending) == (0, True, None)

    def test_after_a_full_one_nothing_is_left_to_give_back(self, run: Run, export: Write) -> None:
        run(export(back(), back(工单号="HC2"), back(工单号="HC0", 实收金额="-20.00")))

        run(export(order()))

        reversal = Reversal.objects.get()
        assert (reversal.order_no, reversal.visit.paid_fen, reversal.visit.voided) == ("HC1", 0, True)

    def test_of_an_order_that_was_refused_waits_until_it_is_corrected(self, run: Run, export: Write) -> None:
        run(export(order(开单日期="2062-05-01"), back()))

        run(export(order()))

        assert (Visit.objects.get().paid_fen, Visit.objects.get().voided) == (0, True)


def void(**cells: str) -> dict[str, str]:
    return order(状态="作废") | cells


class TestVoidedOrders:
    def test_a_visit_whose_order_was_voided_since_counts_no_more(self, run: Run, export: Write) -> None:
        orders = export(order(), order(工单号="WX2", 开单日期="2026-05-20", 实收金额="80.00"))
        run(orders)
        path = export(void(实收金额="0"), name="void.csv")

        report = run(path)

        assert report["skipped"] == [{"row": 2, "reason": "voided"}]
        assert (report["created"], report["changed"]) == ({"reversals": 1}, {"visits": 1})
        seen = Visit.objects.order_by("pk").values_list("order_no", "paid_fen", "voided")
        assert list(seen) == [("WX1", 0, True), ("WX2", 8000, False)]
        assert list(ImportRow.objects.filter(outcome="skipped").values_list("row_no", "reason")) == [
            (2, "voided")
        ]
        before = dump()
        for again in (path, orders):
            report = run(again)
            assert (report["created"], report["changed"], dump()) == ({}, {}, before)

    def test_one_that_cost_nothing(self, run: Run, export: Write) -> None:
        orders = export(order(实收金额="0"))
        run(orders)
        run(export(void(), name="void.csv"))

        run(orders)

        assert Visit.objects.get().voided

    @pytest.mark.parametrize(
        "rows",
        [
            [void(), order()],
            [void(), order(状态="维修中")],
            [void(), order(状态="", 开单日期="2062-05-02")],
            [void(车牌号="粤B54321", VIN=OTHER_VIN)],
            [void(状态="未结算")],
        ],
        ids=["billed too", "opened again", "refused too", "another car", "not void"],
    )
    def test_stays_as_it_is(self, rows: list[dict[str, str]], run: Run, export: Write) -> None:
        run(export(order(状态="已结算")))

        report = run(export(*rows, name="later.csv"))

        assert (report["created"], report["changed"]) == ({}, {})
        assert (Visit.objects.get().paid_fen, Visit.objects.get().voided) == (50000, False)

    def test_another_number_is_not_meant(self, run: Run, export: Write) -> None:
        run(export(order()))

        report = run(export(void(工单号="WX9"), name="later.csv"))

        assert (report["created"], report["changed"]) == ({"pending_reversals": 1}, {})
        assert (Visit.objects.get().paid_fen, Visit.objects.get().voided) == (50000, False)

    def test_in_an_export_with_a_row_for_each_item(self, run: Run, export: Write) -> None:
        items = [{"项目名称": "更换机油", "金额": "200.00"}, {"项目名称": "机油", "金额": "300.00"}]
        run(export(*(order() | item for item in items)))

        path = export(*(void(车牌号="粤B12345" if at == 0 else "") | item for at, item in enumerate(items)))
        report = run(path)

        assert report["created"] == {"reversals": 1}
        assert (Visit.objects.get().paid_fen, Visit.objects.get().voided) == (0, True)

    def test_an_order_partly_given_back_is_left_to_people(self, run: Run, export: Write) -> None:
        run(export(order(), back(实收金额="-120.00")))

        run(export(void(), name="void.csv"))

        assert (Visit.objects.get().paid_fen, Visit.objects.get().voided) == (38000, False)

    def test_a_visit_logged_at_the_desk_is_not_the_dmss_to_void(
        self, run: Run, export: Write, store: Store
    ) -> None:
        car = VehicleFactory(plate="粤B12345", vin=VIN, owner__home_store=store)
        VisitFactory(vehicle=car, store=store, order_no="WX1", source="desk", paid_fen=50000)

        run(export(void()))

        assert Visit.objects.get().paid_fen == 50000

    def test_nor_another_stores(self, run: Run, export: Write) -> None:
        other = StoreFactory(code="OTHER")
        run(export(order()), store=other.code)

        run(export(void()))

        assert Visit.objects.get().paid_fen == 50000


class TestVoidsBeforeTheirOrders:
    def test_the_older_export_brings_no_visit_that_counts(self, run: Run, export: Write) -> None:
        path = export(void(实收金额="0"), name="void.csv")
        first = run(path)
        assert first["skipped"] == [{"row": 2, "reason": "voided"}]
        assert (first["created"], first["changed"]) == ({"pending_reversals": 1}, {})
        assert [model.objects.count() for model in (Vehicle, Customer, Visit, Reversal)] == [0, 0, 0, 0]
        assert run(path)["created"] == {}
        orders = export(order(), order(工单号="WX2", 开单日期="2026-05-20", 实收金额="80.00"))

        report = run(orders)

        assert report["created"]["reversals"] == 1
        seen = Visit.objects.order_by("order_no").values_list("order_no", "paid_fen", "voided")
        assert list(seen) == [("WX1", 0, True), ("WX2", 8000, False)]
        [reversal], [pending] = Reversal.objects.all(), PendingReversal.objects.all()
        assert (reversal.visit.order_no, reversal.pending) == ("WX1", pending)
        assert (reversal.order_no, reversal.reversed_on, reversal.amount_fen) == (
            "WX1",
            date(2026, 5, 2),
            50000,
        )
        before = dump()
        for again in (path, orders):
            report = run(again)
            assert (report["created"], report["changed"], dump()) == ({}, {}, before)

    def test_it_is_the_same_visit_as_in_the_other_order(self, run: Run, export: Write) -> None:
        run(export(void(), name="void.csv"))
        run(export(order()))
        early = Visit.objects.values_list("order_no", "paid_fen", "voided", "source").get()
        run(export(order(工单号="WX2"), name="next.csv"))
        run(export(void(工单号="WX2"), name="void.csv"))

        late = Visit.objects.exclude(order_no="WX1")
        assert late.values_list("order_no", "paid_fen", "voided", "source").get() == ("WX2", *early[1:])

    def test_one_that_cost_nothing(self, run: Run, export: Write) -> None:
        run(export(void(), name="void.csv"))

        run(export(order(实收金额="0")))

        assert (Visit.objects.get().voided, Reversal.objects.get().amount_fen) == (True, 0)

    @pytest.mark.parametrize(
        ("told", "comes"),
        [
            ({"车牌号": ""}, {"车牌号": ""}),
            ({"车牌号": ""}, {"车牌号": "粤B54321"}),
            ({"VIN": ""}, {"VIN": ""}),
            ({"VIN": ""}, {}),
            ({}, {"VIN": ""}),
        ],
        ids=["VIN", "VIN, another plate since", "plate", "plate, then both", "both, then plate"],
    )
    def test_the_car_is_known_by_either(
        self, told: dict[str, str], comes: dict[str, str], run: Run, export: Write
    ) -> None:
        run(export(void(**told), name="void.csv"))

        run(export(order(**comes)))

        assert Visit.objects.get().voided

    def test_by_what_its_card_says(self, run: Run, export: Write, store: Store) -> None:
        VehicleFactory(plate="粤B12345", vin=VIN, owner__home_store=store)
        run(export(void(VIN=""), name="void.csv"))

        run(export(order(车牌号="")))

        assert Visit.objects.get().voided

    @pytest.mark.parametrize(
        "row",
        [
            void(车牌号="粤B54321", VIN=OTHER_VIN),
            void(工单号="WX9"),
            void(工单号=""),
            void(车牌号="无牌", VIN=""),
            void(状态="未结算"),
        ],
        ids=["another car", "another number", "no number", "no car", "not void"],
    )
    def test_is_not_meant(self, row: dict[str, str], run: Run, export: Write) -> None:
        run(export(row, name="void.csv"))

        run(export(order()))

        assert (Visit.objects.get().paid_fen, Visit.objects.get().voided) == (50000, False)
        assert not Reversal.objects.exists()

    @pytest.mark.parametrize(
        "row", [void(工单号=""), void(车牌号="无牌", VIN="")], ids=["no number", "no car"]
    )
    def test_nothing_is_kept_of_one_that_tells_no_order(
        self, row: dict[str, str], run: Run, export: Write
    ) -> None:
        assert run(export(row))["created"] == {}

    def test_nor_another_stores(self, run: Run, export: Write) -> None:
        other = StoreFactory(code="OTHER")
        run(export(void()), store=other.code)

        run(export(order()))

        assert Visit.objects.get().paid_fen == 50000
        assert PendingReversal.objects.get().store == other

    @pytest.mark.parametrize(
        "other",
        [order(), order(状态="维修中"), order(状态="", 开单日期="2062-05-02"), back()],
        ids=["billed too", "opened again", "refused too", "given back too"],
    )
    def test_a_number_told_in_another_row_too_is_left_to_people(
        self, other: dict[str, str], run: Run, export: Write
    ) -> None:
        run(export(void(), other))

        assert not PendingReversal.objects.filter(amount_fen=None).exists()

    def test_a_file_that_has_it_billed_anew_beside_it_counts(self, run: Run, export: Write) -> None:
        run(export(void(), name="void.csv"))
        path = export(void(), order())
        run(path)
        before = dump()
        assert (Visit.objects.get().paid_fen, Visit.objects.get().voided) == (50000, False)

        for again in (path, export(order(), name="orders.csv")):
            report = run(again)
            assert (report["created"], report["changed"], dump()) == ({}, {}, before)

    def test_files_that_overlap_keep_it_once(self, run: Run, export: Write) -> None:
        run(export(void(), name="void.csv"))

        report = run(export(void(VIN=""), void(车牌号=""), void(工单号="WX2"), name="more.csv"))

        assert report["created"] == {"pending_reversals": 1}
        kept = PendingReversal.objects.order_by("target_no").values_list("target_no", "vin", "plate")
        assert list(kept) == [("WX1", VIN, "粤B12345"), ("WX2", VIN, "粤B12345")]

    def test_a_file_that_tells_it_twice_keeps_it_once(self, run: Run, export: Write) -> None:
        report = run(export(void(), void(VIN=""), void(车牌号="粤B54321", VIN=OTHER_VIN)))

        assert report["created"] == {"pending_reversals": 2}
        assert list(PendingReversal.objects.order_by("pk").values_list("plate", flat=True)) == [
            "粤B12345",
            "粤B54321",
        ]

    def test_in_an_export_with_a_row_for_each_item(self, run: Run, export: Write) -> None:
        items = [{"项目名称": "更换机油", "金额": "200.00"}, {"项目名称": "机油", "金额": "300.00"}]
        path = export(*(void(车牌号="粤B12345" if at == 0 else "") | item for at, item in enumerate(items)))
        assert run(path)["created"] == {"pending_reversals": 1}

        run(export(*(order() | item for item in items)))

        assert (Visit.objects.get().paid_fen, Visit.objects.get().voided) == (0, True)

    def test_after_money_given_back_it_is_left_to_people(self, run: Run, export: Write) -> None:
        run(export(back(实收金额="-120.00"), name="back.csv"))
        run(export(void(), name="void.csv"))
        run(export(back(工单号="HC2", 实收金额="-30.00"), name="more.csv"))

        run(export(order()))

        assert (Visit.objects.get().paid_fen, Visit.objects.get().voided) == (35000, False)

    def test_after_it_nothing_is_left_to_give_back(self, run: Run, export: Write) -> None:
        run(export(void(), name="void.csv"))
        run(export(back(实收金额="-120.00"), name="back.csv"))

        run(export(order()))

        assert (Visit.objects.get().paid_fen, Visit.objects.get().voided) == (0, True)
        assert Reversal.objects.get().amount_fen == 50000

    def test_an_order_that_comes_with_money_given_back_is_left_to_people(
        self, run: Run, export: Write
    ) -> None:
        run(export(void(), name="void.csv"))

        run(export(order(), back(实收金额="-120.00")))

        assert (Visit.objects.get().paid_fen, Visit.objects.get().voided) == (38000, False)

    def test_a_number_typed_at_the_desk_is_not_the_dmss_to_void(
        self, run: Run, export: Write, store: Store
    ) -> None:
        car = VehicleFactory(plate="粤B12345", vin=VIN, owner__home_store=store)
        VisitFactory(vehicle=car, store=store, order_no="WX1", source="desk", paid_fen=50000)

        assert run(export(void(), name="void.csv"))["created"] == {}
        assert Visit.objects.get().paid_fen == 50000

    def test_a_visit_logged_at_the_desk_that_the_order_turns_out_to_be(
        self, run: Run, export: Write, store: Store
    ) -> None:
        car = VehicleFactory(plate="粤B12345", vin=VIN, owner__home_store=store)
        day = date(2026, 5, 2)
        VisitFactory(vehicle=car, store=store, order_no="GB1", source="desk", visited_on=day, paid_fen=0)
        run(export(void(), name="void.csv"))
        assert Visit.objects.get().voided is False

        run(export(order()))

        visit = Visit.objects.get()
        assert (visit.order_no, visit.source, visit.paid_fen, visit.voided) == ("WX1", "dms", 0, True)

    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"vin": "", "plate": ""},
            {"target_no": "WX2", "amount_fen": 1},
            {"target_no": "WX2", "reversed_on": date(2026, 5, 2)},
        ],
        ids=["twice", "no car", "an amount of no car", "a day without an amount"],
    )
    def test_what_cannot_be_kept(
        self, changes: dict[str, Any], run: Run, export: Write, store: Store
    ) -> None:
        run(export(void()))
        kept = {"store": store, "target_no": "WX1", "order_no": "WX1", "vin": VIN, "plate": "粤B12345"}

        with pytest.raises(IntegrityError), transaction.atomic():
            PendingReversal.objects.create(**{**kept, **changes})


class TestOwners:
    def test_a_car_sold_within_the_file(self, run: Run, export: Write) -> None:
        run(
            export(
                order(开单日期="2024-01-05"),
                order(工单号="WX2", 开单日期="2025-03-01", 客户名称="陈强", 联系电话="13900002222"),
                order(工单号="WX3", 开单日期="2026-03-01", 客户名称="陈强", 联系电话="13900002222"),
            )
        )

        first, second = _owners()
        assert first == ("李海燕", None, date(2025, 3, 1))
        assert second == ("陈强", date(2025, 3, 1), None)
        assert Vehicle.objects.get().owner.name == "陈强"
        assert [v.customer.name for v in Visit.objects.order_by("visited_on")] == ["李海燕", "陈强", "陈强"]

    def test_a_double_is_no_visit_and_still_tells_whose_the_car_is(self, run: Run, export: Write) -> None:
        report = run(export(order(), order(客户名称="陈强", 联系电话="13900002222")))

        assert (report["visits"], len(report["duplicates"])) == (1, 1)
        assert Visit.objects.get().customer.name == "李海燕"
        assert Vehicle.objects.get().owner.name == "陈强"

    def test_sold_between_two_files(self, run: Run, export: Write) -> None:
        run(export(order()))
        run(export(order(工单号="WX2", 开单日期="2026-06-01", 客户名称="陈强", 联系电话="13900002222")))

        assert _owners() == [("李海燕", None, date(2026, 6, 1)), ("陈强", date(2026, 6, 1), None)]
        assert Vehicle.objects.get().owner.name == "陈强"

    def test_an_older_file_adds_the_earlier_owner(self, run: Run, export: Write) -> None:
        run(export(order()))
        run(export(order(工单号="WX0", 开单日期="2023-06-01", 客户名称="陈强", 联系电话="13900002222")))

        assert _owners() == [("陈强", None, date(2026, 5, 2)), ("李海燕", date(2026, 5, 2), None)]
        assert Vehicle.objects.get().owner.name == "李海燕"

    def test_a_file_that_still_names_the_former_owner_changes_nothing(
        self, run: Run, export: Write, store: Store
    ) -> None:
        run(export(order()))
        from customers.services.vehicles import change_owner

        new = CustomerFactory(name="陈强", home_store=store)
        change_owner(
            vehicle=Vehicle.objects.get(), new_owner=new, on=date(2026, 5, 10), by=UserFactory(), store=store
        )

        run(export(order(工单号="WX2", 开单日期="2026-06-01")))

        assert Vehicle.objects.get().owner == new
        assert _owners() == [("李海燕", None, date(2026, 5, 10)), ("陈强", date(2026, 5, 10), None)]

    def test_an_unnamed_order_belongs_to_the_owner_of_that_day(self, run: Run, export: Write) -> None:
        run(export(order()))

        run(export(order(工单号="WX2", 开单日期="2026-06-01", 客户名称="", 联系电话="")))

        assert Visit.objects.get(order_no="WX2").customer.name == "李海燕"
        assert Customer.objects.count() == 1


def _owners() -> list[tuple[str, date | None, date | None]]:
    periods = Ownership.objects.order_by("until_on").values_list("customer__name", "since_on", "until_on")
    return sorted(periods, key=lambda period: period[1] or date.min)


class TestIdentity:
    def test_a_car_known_by_plate_gets_its_vin(self, run: Run, export: Write) -> None:
        run(export(order(VIN="")))
        run(export(order(工单号="WX2", 开单日期="2026-05-20")))

        assert Vehicle.objects.get().vin == VIN
        assert Vehicle.objects.get().visits.count() == 2

    def test_two_cars_under_one_plate_do_not_share_the_one_known_by_plate(
        self, run: Run, export: Write
    ) -> None:
        run(export(order(VIN="")))
        run(export(order(工单号="WX2"), order(工单号="WX3", VIN=OTHER_VIN, 开单日期="2026-05-20")))

        assert sorted(Vehicle.objects.values_list("vin", flat=True)) == ["", OTHER_VIN, VIN]

    def test_a_plate_alone_finds_the_car_with_a_vin(self, run: Run, export: Write) -> None:
        run(export(order()))
        run(export(order(工单号="WX2", VIN="", 开单日期="2026-05-20")))

        assert Vehicle.objects.count() == 1

    def test_a_new_plate_is_taken_over_an_old_one_is_not(self, run: Run, export: Write) -> None:
        run(export(order()))
        run(export(order(工单号="WX2", 车牌号="粤B99999", 开单日期="2026-05-20")))
        assert Vehicle.objects.get().plate == "粤B99999"

        run(export(order(工单号="WX0", 车牌号="粤A11111", 开单日期="2026-04-20")))
        assert Vehicle.objects.get().plate == "粤B99999"

    def test_the_mobile_says_who_it_is_whatever_the_name(self, run: Run, export: Write, store: Store) -> None:
        known = CustomerFactory(name="李女士", home_store=store)
        from customers.contacts import new_phone

        new_phone(customer=known, number="13807551234", is_primary=True).save()

        run(export(order()))

        assert Visit.objects.get().customer == known
        assert Customer.objects.get().name == "李女士"

    def test_a_mobile_that_three_have_says_nothing(self, run: Run, export: Write, store: Store) -> None:
        from customers.contacts import new_phone

        for name in ("甲一", "乙二", "丙三"):
            new_phone(
                customer=CustomerFactory(name=name, home_store=store), number="13807551234", is_primary=True
            ).save()

        run(export(order()))

        assert Customer.objects.count() == 4

    def test_a_company_is_known_by_its_name(self, run: Run, export: Write) -> None:
        run(export(order(客户名称="深圳市鸿运（集团）有限公司")))
        run(
            export(
                order(
                    工单号="WX2",
                    客户名称="深圳市鸿运集团 有限公司",
                    联系电话="13900003333",
                    VIN=OTHER_VIN,
                    车牌号="粤B54321",
                )
            )
        )

        company = Customer.objects.get()
        assert (company.kind, company.vehicles.count(), company.phones.count()) == ("company", 2, 2)
        assert company.phones.filter(is_primary=True).count() == 1

    def test_the_same_name_with_the_same_car_is_one(self, run: Run, export: Write) -> None:
        run(export(order(联系电话="")))
        run(export(order(工单号="WX2", 开单日期="2026-05-20")))

        customer = Customer.objects.get()
        assert [phone.number for phone in customer.phones.all()] == ["13807551234"]

    def test_the_dms_code_finds_them_again(self, run: Run, export: Write) -> None:
        run(export({"客户编号": "C1", "客户名称": "李海燕", "联系电话": "13807551234", "车牌号": "粤B12345"}))
        run(export({"客户编号": "C1", "客户名称": "李海燕", "联系电话": "13900004444", "车牌号": "粤B12345"}))

        assert CustomerCode.objects.get().code == "C1"
        numbers = {phone.number: phone.is_primary for phone in Customer.objects.get().phones.all()}
        assert numbers == {"13807551234": True, "13900004444": False}

    def test_a_sister_stores_customer_is_shared(self, run: Run, export: Write, other_store: Store) -> None:
        run(export(order()))
        run(export(order(工单号="NX1", 开单日期="2026-05-20")), store=other_store.code)

        assert Customer.objects.count() == Vehicle.objects.count() == 1
        assert StoreCustomer.objects.count() == 2
        assert Vehicle.objects.get().home_store.code == "GB"

    def test_a_number_without_a_name_is_kept_under_the_plate(self, run: Run, export: Write) -> None:
        path = export(order(客户名称=""))
        run(path)
        run(path)

        assert Customer.objects.get().name == "粤B12345"


class TestPolicies:
    MASTER = {
        "客户名称": "李海燕", "联系电话": "13807551234", "车牌号": "粤B12345", "车型": "新君越", "性别": "女",
        "地址": "旧址", "保险到期日": "2026-10-01", "购车日期": "2020-02-02",
    }  # fmt: skip

    def test_blanks_are_filled_and_people_keep_their_words(self, run: Run, export: Write) -> None:
        run(export({**self.MASTER, "地址": "", "性别": ""}))
        run(
            export(
                {
                    **self.MASTER,
                    "车型": "君威",
                    "地址": "新址",
                    "保险到期日": "2027-10-01",
                    "购车日期": "2021-01-01",
                }
            )
        )

        customer, car = Customer.objects.get(), Vehicle.objects.get()
        assert (customer.gender, customer.address) == ("female", "新址")
        assert (car.model, car.purchased_on, car.insurance_until) == (
            "新君越",
            date(2020, 2, 2),
            date(2027, 10, 1),
        )

        run(export({**self.MASTER, "地址": "第三址", "保险到期日": "2025-10-01"}))

        customer, car = Customer.objects.get(), Vehicle.objects.get()
        assert (customer.address, car.insurance_until) == ("新址", date(2027, 10, 1))

    @pytest.mark.parametrize(
        ("said", "then"),
        [
            ([("2024-01-05", "君威"), ("2025-01-05", "君越"), ("2026-01-05", "君威")], "君威"),
            ([("2026-01-05", "君威"), ("2024-01-05", "君威"), ("2025-01-05", "君越")], "君威"),
            ([("2026-01-05", "君威"), ("2026-01-05", "君越")], "君越"),
        ],
    )
    def test_the_newest_a_file_says_counts(
        self, run: Run, export: Write, said: list[tuple[str, str]], then: str
    ) -> None:
        """By day, and within a day by row; what was said before may be said again."""
        run(
            export(*(order(工单号=f"WX{n}", 开单日期=day, 车型=model) for n, (day, model) in enumerate(said)))
        )

        assert Vehicle.objects.get().model == then

    @pytest.mark.parametrize(
        ("policy", "ours", "file", "then"),
        [
            ("fill", "", "君威", "君威"),
            ("fill", "新君越", "君威", "新君越"),
            ("overwrite", "", "君威", "君威"),
            ("overwrite", "新君越", "君威", "君威"),
            ("overwrite", "新君越", "", "新君越"),
            ("keep", "", "君威", ""),
            ("keep", "新君越", "君威", "新君越"),
        ],
    )
    def test_each_policy_of_a_column(
        self, run: Run, export: Write, store: Store, policy: str, ours: str, file: str, then: str
    ) -> None:
        run(export({**self.MASTER, "车型": ours, "性别": ""}))
        path = export({**self.MASTER, "车型": file, "性别": "女"}, name="next.csv")
        with path.open("rb") as upload:
            imported, _ = imports.receive_upload(file=upload, file_name="next.csv", store=store, by=None)
        imported.policy = {"model": policy, "gender": policy}
        imports.run_import(imported=imported, today=date(2026, 6, 12))

        assert (Vehicle.objects.get().model, Customer.objects.get().gender) == (
            then, "" if policy == "keep" else "female",
        )  # fmt: skip


def test_lines_of_an_order(run: Run, export: Write) -> None:
    line = {
        "工单号": "WX1", "车牌号": "粤B12345", "客户名称": "李海燕", "开单日期": "2026-05-02", "业务类型": "保养",
        "项目类型": "工时", "项目名称": "更换机油", "金额": "100.00",
    }  # fmt: skip
    run(export(line, {**line, "项目类型": "配件", "项目名称": "机油5W30", "金额": "300.00"}))

    visit = Visit.objects.get()
    assert (visit.paid_fen, visit.labour_fen, visit.parts_fen) == (40000, 10000, 30000)
    assert list(VisitLine.objects.values_list("position", "name", "amount_fen")) == [
        (1, "更换机油", 10000),
        (2, "机油5W30", 30000),
    ]


@pytest.mark.parametrize(
    ("certain", "day"), [("25-04-2026 10:00", date(2026, 5, 2)), ("04-25-2026 10:00", date(2026, 2, 5))]
)
def test_days_that_the_file_settles_arrive_settled(run: Run, export: Write, certain: str, day: date) -> None:
    run(
        export(
            order(开单日期="02-05-2026 09:30", 结算日期="02-05-2026", 购车日期="02-05-2020"),
            order(工单号="WX2", 开单日期=certain),
        )
    )

    visit = Visit.objects.get(order_no="WX1")
    # 09:30 of the dealer's zone, eight hours ahead.
    arrived = datetime(day.year, day.month, day.day, 1, 30, tzinfo=UTC)
    assert (visit.visited_on, visit.settled_on, visit.arrived_at) == (day, day, arrived)
    assert visit.vehicle.purchased_on == day.replace(year=2020)
    assert Visit.objects.get(order_no="WX2").arrived_at == datetime(2026, 4, 25, 2, 0, tzinfo=UTC)


def test_orders_without_a_number_come_once(run: Run, export: Write) -> None:
    row = order()
    del row["工单号"]
    path = export(row)
    run(path)
    run(path)

    assert Visit.objects.get().order_no == "20260502-粤B12345-50000"
