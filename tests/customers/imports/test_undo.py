"""An import taken back: gone without a trace, except for what others built on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from callcenter.models import Call
from customers.dms.undo import built_on, undo
from customers.models import Complaint, Customer, Import, Memo, Ownership, Reversal, Vehicle, Visit
from customers.services import add_tag, imports
from jobs.engine import run_all
from jobs.models import Job
from segmentation.models import VehicleSegment
from segmentation.saved.services import save_list
from staff.models import Store, User
from tests.campaigns.factories import draft
from tests.customers.factories import ComplaintFactory, VehicleFactory, VisitFactory
from tests.customers.imports.conftest import Run, Write, order
from tests.customers.imports.dump import dump

NOW = datetime(2026, 6, 12, 10, 0, tzinfo=UTC)


def take_back(number: int = -1) -> Import:
    imported = list(Import.objects.order_by("pk"))[number]
    undo(imported=imported, now=timezone.now())
    return imported


def rows(count: int = 40) -> list[dict[str, str]]:
    return [
        order(
            工单号=f"WX{n}",
            车牌号=f"粤B{10000 + n % 25}",
            VIN="",
            客户名称=f"车主{n % 20}",
            联系电话=f"138{n % 20:08d}",
            开单日期=f"2026-0{1 + n % 5}-1{n % 9}",
            地址=f"深圳市{n}号",
            实收金额=f"{100 + n}.50",
        )
        for n in range(count)
    ]


def test_import_twice_undo_and_import_again_is_the_same_database(run: Run, export: Write) -> None:
    empty = dump()
    path = export(*rows(), order(工单号="WX7", 车牌号="粤B10007", VIN="", 客户名称="车主7", 联系电话="13800000007",
                                 开单日期="2026-05-01", 实收金额="-107.50"))  # fmt: skip
    run(path)
    full = dump()
    run(path)
    assert dump() == full

    take_back(-1)
    assert dump() == full
    imported = take_back(0)
    assert dump() == empty
    assert imported.undo_report["removed"] == imported.counts["created"]
    assert imported.undo_report["kept"] == {}

    run(path)
    assert dump() == full


@pytest.mark.parametrize(
    "row",
    [
        order(工单号="HC", 开单日期="2026-05-03", 实收金额="-500.00", 原单号="WX1"),
        order(状态="作废"),
    ],
    ids=["reversal", "void"],
)
def test_what_waited_for_an_order_waits_again_when_that_is_taken_back(
    run: Run, export: Write, row: dict[str, str]
) -> None:
    empty = dump()
    back = export(row, name="back.csv")
    run(back)
    waiting = dump()
    assert waiting != empty
    path = export(order())
    run(path)
    full = dump()

    take_back(-1)
    assert dump() == waiting
    run(path)
    assert dump() == full

    first = Import.objects.order_by("pk")[0]
    assert built_on(first) == [Import.objects.latest("pk").pk]
    take_back(-1)
    removed = take_back(0).undo_report["removed"]
    assert (removed["pending_reversals"], dump()) == (1, empty)
    run(back)
    assert dump() == waiting


def test_a_reversal_that_waited_stays_with_the_visit_it_was_taken_off(run: Run, export: Write) -> None:
    run(export(order(工单号="HC", 开单日期="2026-05-03", 实收金额="-120.00", 原单号="WX1"), name="back.csv"))
    run(export(order()))

    first = take_back(0)

    assert (Visit.objects.get().paid_fen, Reversal.objects.count()) == (38000, 1)
    assert first.undo_report["kept"]["pending_reversals"] == 1


def test_a_void_that_waited_stays_with_its_visit(run: Run, export: Write) -> None:
    void = export(order(状态="作废"), name="void.csv")
    run(void)
    run(export(order()))
    full = dump()

    first = take_back(0)

    assert first.undo_report["kept"] == {"pending_reversals": 1}
    assert (run(void)["created"], dump()) == ({}, full)


def test_a_visit_of_the_desk_that_was_void_is_as_it_was(run: Run, export: Write, store: Store) -> None:
    car = VehicleFactory(plate="粤B12345", vin="LSGUD8C71HA126648", owner__home_store=store)
    VisitFactory(vehicle=car, store=store, order_no="GB1", visited_on=date(2026, 5, 2), source="desk")
    run(export(order(状态="作废"), name="void.csv"))
    before = dump()
    run(export(order()))
    assert Visit.objects.get().voided

    take_back(-1)

    assert dump() == before


def test_a_voided_order_is_a_visit_again(run: Run, export: Write) -> None:
    run(export(order()))
    before = dump()
    run(export(order(状态="已取消")))
    assert dump() != before

    take_back(-1)

    assert dump() == before


def test_what_stood_there_before_gets_its_values_back(run: Run, export: Write, store: Store) -> None:
    car = VehicleFactory(plate="粤B12345", owner__name="李海燕", owner__home_store=store, model="")
    VisitFactory(
        vehicle=car, store=store, order_no="GB1", visited_on=date(2026, 5, 2), paid_fen=0, source="desk"
    )
    run(export(order(工单号="WX0", 开单日期="2026-04-01", 客户名称="李海燕", 联系电话="")))
    before = dump()

    run(
        export(
            order(车型="新君越", 地址="新址", 性别="女"),
            order(工单号="HC", 开单日期="2026-05-03", 实收金额="-500.00", 原单号="WX0"),
            order(工单号="WX5", 开单日期="2026-06-01", 客户名称="陈强", 联系电话="13900002222"),
        )
    )
    assert dump() != before
    imported = take_back()

    assert dump() == before
    changed = dict(imported.counts["changed"])
    changed["customers"] = changed.get("customers", 0) + changed.pop("addresses", 0)
    assert imported.undo_report["restored"] == changed
    assert imported.undo_report["unrestored"] == {}


def test_counts_add_up_to_the_import(run: Run, export: Write, manager: User, store: Store) -> None:
    run(export(*rows()))
    visit = Visit.objects.get(order_no="WX3")
    visit.customer_words, visit.updated_at = "加一句", timezone.now()
    visit.save()
    ComplaintFactory(
        vehicle=Vehicle.objects.get(plate="粤B10004"),
        customer=Customer.objects.get(name="车主4"),
        store=store,
    )
    Memo.objects.create(
        customer=Customer.objects.get(name="车主9"), store=store, author=manager, text="喜欢喝茶"
    )

    imported = take_back()

    report, created = imported.undo_report, imported.counts["created"]
    assert {name: report["removed"].get(name, 0) + report["kept"].get(name, 0) for name in created} == created
    assert report["kept"]["visits"] == 1
    assert Visit.objects.get().order_no == "WX3"
    # The visit's car and its owner, the complained-of car with its owner, and who has a memo.
    assert set(Vehicle.objects.values_list("plate", flat=True)) == {"粤B10003", "粤B10004"}
    assert set(Customer.objects.values_list("name", flat=True)) >= {"车主3", "车主4", "车主9"}
    reasons = {(row["model"], row["reason"]) for row in report["rows"]}
    assert ("visit", "changed since") in reasons
    assert ("customer", "needed by other records") in reasons
    assert Complaint.objects.count() == Memo.objects.count() == 1
    assert Ownership.objects.filter(vehicle__plate="粤B10004").exists()


def test_a_worked_call_keeps_its_car_and_says_so(run: Run, export: Write, store: Store, agent: User) -> None:
    run(export(*rows(2)))
    called = Vehicle.objects.get(plate="粤B10000")
    invited = {"store": store, "vehicle": called, "customer": called.owner}
    target = draft(store).targets.create(**invited, c3="development", care_status="new")
    Call.objects.create(
        **invited, target=target, due_on=date(2026, 6, 1), agent=agent, status="done", closing="refused"
    )

    imported = take_back()

    report, created = imported.undo_report, imported.counts["created"]
    assert list(Vehicle.objects.values_list("plate", flat=True)) == ["粤B10000"]
    assert {
        "model": "vehicle",
        "pk": called.pk,
        "reason": "needed by other records",
        "by": "callcenter.call",
    } in (report["rows"])
    assert {name: report["removed"].get(name, 0) + report["kept"].get(name, 0) for name in created} == created


def test_a_row_changed_by_a_later_import_stays_and_says_by_which(run: Run, export: Write) -> None:
    run(export(order(), order(工单号="WX2", 开单日期="2026-05-20")))
    run(export(order(业务类型="事故")))
    first, second = Import.objects.order_by("pk")

    assert (built_on(first), built_on(second)) == ([second.pk], [])
    imported = take_back(0)

    assert Visit.objects.get().kind == "accident"
    assert imported.undo_report["kept"]["visits"] == 1
    kept = [row for row in imported.undo_report["rows"] if row["model"] == "visit"]
    assert [(row["reason"], row["by"]) for row in kept] == [("changed since", f"#{second.pk}")]
    take_back(1)
    assert Visit.objects.get().kind == "maintenance"


LATER = [
    order(业务类型="事故"),
    order(行驶里程="41300"),
    order(工单号="WX3", 开单日期="2026-06-01", 行驶里程="50000"),
    order(工单号="WX3", 开单日期="2026-06-01", VIN="LSGJA52U5BH000011"),
    order(工单号="WX3", 开单日期="2026-06-01", 客户名称="陈强", 联系电话="13900002222"),
    order(车型="新君越", 地址="新址", 性别="女"),
    order(工单号="HC", 开单日期="2026-05-03", 实收金额="-500.00", 原单号="WX1"),
]


@pytest.mark.parametrize("later", LATER)
def test_two_imports_taken_back_the_newest_first_leave_nothing(
    run: Run, export: Write, later: dict[str, str]
) -> None:
    empty = dump()
    run(export(order(VIN=""), order(工单号="WX2", 开单日期="2026-05-20", VIN="")))
    first = dump()
    run(export(later))
    assert dump() != first

    take_back(1)
    assert dump() == first
    take_back(0)
    assert dump() == empty


def test_what_a_person_changed_between_two_imports_is_kept_when_both_go(run: Run, export: Write) -> None:
    run(export(order(), order(工单号="WX2", 开单日期="2026-05-20")))
    visit = Visit.objects.get(order_no="WX1")
    visit.team, visit.updated_at = "二组", timezone.now()
    visit.save()
    run(export(order(业务类型="事故")))

    take_back(1)
    imported = take_back(0)

    assert Visit.objects.get().order_no == "WX1"
    assert imported.undo_report["kept"]["visits"] == 1


def test_a_changed_row_changed_again_is_left_and_listed(run: Run, export: Write) -> None:
    run(export(order()))
    run(export(order(业务类型="事故")))
    Visit.objects.update(kind="repair")

    imported = take_back()

    assert Visit.objects.get().kind == "repair"
    assert imported.undo_report["unrestored"]["visits"] == 1
    assert {
        "model": "visit",
        "pk": Visit.objects.get().pk,
        "reason": "changed since",
    } in imported.undo_report["rows"]


def test_a_changed_row_is_restored_beside_what_others_changed_in_it(run: Run, export: Write) -> None:
    """Of a row the import's own columns count: a correction to another one neither hinders nor is lost."""
    run(export(order(), order(工单号="WX2", 开单日期="2026-05-20")))
    run(export(order(业务类型="事故"), order(工单号="WX2", 开单日期="2026-05-20", 行驶里程="41300")))
    Visit.objects.filter(order_no="WX1").update(odometer_km=41_261)

    imported = take_back()

    assert Visit.objects.filter(order_no="WX1").values_list("kind", "odometer_km").get() == (
        "maintenance",
        41_261,
    )
    assert imported.undo_report["unrestored"] == {}


def test_periods_of_ownership_move_back(run: Run, export: Write) -> None:
    """The second file knows of an owner between two, and of an earlier day of the second."""
    present = {"客户名称": "陈强", "联系电话": "13900001111"}
    between = {"客户名称": "赵敏", "联系电话": "13900002222"}
    run(export(order(), order(工单号="WX2", 开单日期="2026-06-01", **present)))
    before = dump()
    run(
        export(
            order(工单号="WX3", 开单日期="2026-05-10", **between),
            order(工单号="WX4", 开单日期="2026-05-20", **present),
        )
    )
    assert dump()["Ownership"] != before["Ownership"]

    take_back()

    assert dump() == before


def test_what_other_apps_derive_goes_along(run: Run, export: Write, store: Store) -> None:
    run(export(order()))
    run_all()
    assert VehicleSegment.objects.count() == 1

    take_back()

    assert VehicleSegment.objects.count() == Vehicle.objects.count() == 0


def test_customer_with_a_tag_stays_and_a_frozen_list_lets_its_car_go(
    run: Run, export: Write, store: Store, manager: User
) -> None:
    run(export(order()))
    imported = Import.objects.get()
    owner, cars = Customer.objects.get(), Vehicle.objects.values_list("pk", flat=True)
    add_tag(customer=owner, store=store, by=manager, name="怕等")
    frozen = save_list(
        name="清单", note="", stores=[store], vehicle_ids=list(cars), by=manager, on=date(2026, 6, 12)
    )

    take_back()

    imported.refresh_from_db()
    assert (list(Customer.objects.all()), Vehicle.objects.count()) == ([owner], 0)
    assert imported.undo_report["kept"]["customers"] == 1
    assert (frozen.members.count(), frozen.frozen_count) == (0, 1)


def test_undo_is_a_job_for_seven_days(run: Run, export: Write, manager: User) -> None:
    run(export(order()))
    imported = Import.objects.get()
    assert imported.undo_until is not None
    with pytest.raises(imports.ImportRefused):
        imports.start_undo(imported=imported, by=manager, now=imported.undo_until)

    job = imports.start_undo(imported=imported, by=manager, now=imported.undo_until - timedelta(seconds=1))
    again = imports.start_undo(imported=imported, by=manager, now=timezone.now())
    run_all()

    assert again == job
    imported.refresh_from_db()
    job.refresh_from_db()
    assert (imported.status, job.status, Visit.objects.count()) == ("undone", "done", 0)
    assert job.result["removed"]["visits"] == 1
    with pytest.raises(imports.ImportRefused):
        imports.start_undo(imported=imported, by=manager, now=timezone.now())
    assert Job.objects.filter(kind="segmentation.segment_store").exists()
