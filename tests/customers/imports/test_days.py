"""Orders of ours that the file says were on another day, where its days are taken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import timezone

from customers.dms.headers import Mapping
from customers.dms.undo import undo
from customers.models import Import, ImportRow, Ownership, Vehicle, Visit
from customers.services.imports.mappings import remember
from customers.services.vehicles import change_owner, save_vehicle
from jobs.engine import run_all
from jobs.models import Job
from segmentation.models import TouchedCar, VehicleSegment
from staff.models import Store, User
from tests.customers.factories import CustomerFactory, VehicleFactory, VisitFactory
from tests.customers.imports.conftest import Run, Write, order
from tests.customers.imports.dump import dump

pytestmark = pytest.mark.django_db

VIN, OTHER_VIN = "LSGUD8C71HA126648", "LSGGM8W25KA127094"
CHEN = {"客户名称": "陈强", "联系电话": "13900002222"}
Take = Callable[..., dict[str, Any]]


@pytest.fixture
def take(run: Run, export: Write, store: Store) -> Take:
    """Import rows like those of the last file, with its days."""

    def command(*rows: dict[str, str], **policy: str) -> dict[str, Any]:
        mapping = Mapping.from_dict(Import.objects.latest("pk").mapping)
        remember(store=store, mapping=mapping, policy={"visit_date": "overwrite", **policy})
        return run(export(*rows, name="days.csv"))

    return command


def day(number: int, month: int = 5) -> date:
    return date(2026, month, number)


def owners() -> list[tuple[str, date | None, date | None]]:
    periods = Ownership.objects.values_list("customer__name", "since_on", "until_on")
    return sorted(periods, key=lambda period: period[1] or date.min)


def visits() -> list[tuple[str, date, str | None]]:
    return list(Visit.objects.order_by("order_no").values_list("order_no", "visited_on", "customer__name"))


def reading() -> tuple[int | None, date | None]:
    return Vehicle.objects.values_list("odometer_km", "odometer_on").get()


def take_back() -> None:
    undo(imported=Import.objects.filter(status=Import.Status.DONE).latest("pk"), now=timezone.now())


def test_a_visit_gets_the_day_of_its_order(run: Run, export: Write, take: Take) -> None:
    run(export(order(结算日期="2026-05-03"), order(工单号="WX2", 开单日期="2026-05-20")))
    before = dump()

    report = take(
        order(开单日期="2026-05-04", 结算日期="2026-05-05"), order(工单号="WX2", 开单日期="2026-05-20")
    )

    assert report["rejected"] == []
    assert (report["created"], report["changed"], report["unchanged"]) == ({}, {"visits": 1}, 1)
    visit = Visit.objects.get(order_no="WX1")
    assert (visit.visited_on, visit.settled_on, visit.paid_fen) == (day(4), day(5), 50000)
    assert visits()[1] == ("WX2", day(20), "李海燕")
    assert not ImportRow.objects.filter(outcome="rejected").exists()
    after = dump()

    again = run(
        export(
            order(开单日期="2026-05-04", 结算日期="2026-05-05"), order(工单号="WX2", 开单日期="2026-05-20")
        )
    )

    assert (again["created"], again["changed"], again["unchanged"]) == ({}, {}, 2)
    assert dump() == after
    take_back()
    take_back()
    assert dump() == before
    take(order(开单日期="2026-05-04", 结算日期="2026-05-05"), order(工单号="WX2", 开单日期="2026-05-20"))
    assert dump() == after


@pytest.mark.parametrize("policy", ["keep", "fill"])
def test_not_unless_it_is_chosen(run: Run, export: Write, take: Take, policy: str) -> None:
    run(export(order()))
    before = dump()

    report = take(order(开单日期="2026-05-04"), visit_date=policy)

    assert report["rejected"] == [{"row": 2, "reason": "order_no_conflict"}]
    assert dump() == before


@pytest.mark.parametrize(
    ("taken", "policy"),
    [
        ({"车牌号": "粤B54321", "VIN": OTHER_VIN}, "overwrite"),
        ({"实收金额": "501.00"}, "keep"),
    ],
    ids=["another car", "another amount"],
)
def test_another_car_and_another_amount_stay_conflicts(
    run: Run, export: Write, take: Take, taken: dict[str, str], policy: str
) -> None:
    run(export(order()))
    before = dump()

    report = take(order(开单日期="2026-05-04", **taken), paid=policy)

    assert report["rejected"] == [{"row": 2, "reason": "order_no_conflict"}]
    assert dump() == before


def test_day_and_amount_together(run: Run, export: Write, take: Take) -> None:
    run(export(order(), order(开单日期="2026-05-09", 实收金额="-120.00")))

    take(order(开单日期="2026-05-04", 实收金额="501.00"), paid="overwrite")

    visit = Visit.objects.get()
    assert (visit.visited_on, visit.paid_fen, visit.reversals.get().reversed_on) == (day(4), 38100, day(9))


def test_another_stores_visit_is_left_alone(run: Run, export: Write, take: Take, other_store: Store) -> None:
    run(export(order()), store=other_store.code)

    report = take(order(开单日期="2026-05-04"))

    assert report["created"]["visits"] == 1
    assert sorted(Visit.objects.values_list("store__code", "visited_on")) == sorted(
        [(other_store.code, day(2)), (Store.objects.exclude(pk=other_store.pk).get().code, day(4))]
    )


@pytest.mark.parametrize(
    ("ours", "file", "then"),
    [
        ("2026-05-02 09:30", "2026-05-04 16:05", datetime(2026, 5, 4, 8, 5, tzinfo=UTC)),
        ("2026-05-02 09:30", "2026-05-04", None),
        ("2026-05-02", "2026-05-04 16:05", datetime(2026, 5, 4, 8, 5, tzinfo=UTC)),
        ("2026-05-02 09:30", "2026-05-02 16:05", datetime(2026, 5, 2, 1, 30, tzinfo=UTC)),
    ],
    ids=["told", "not told", "told first", "the same day"],
)
def test_an_hour_is_of_its_day(
    run: Run, export: Write, take: Take, ours: str, file: str, then: datetime | None
) -> None:
    run(export(order(开单日期=ours)))
    before = dump()

    take(order(开单日期=file))

    assert Visit.objects.get().arrived_at == then
    take_back()
    assert dump() == before


def test_a_visit_typed_at_the_desk_gets_the_day_as_before(run: Run, export: Write, store: Store) -> None:
    car = VehicleFactory(plate="粤B12345", vin=VIN, owner__name="李海燕", owner__home_store=store)
    VisitFactory(
        vehicle=car, store=store, order_no="WX1", visited_on=day(2), source="desk", paid_fen=1,
        arrived_at=datetime(2026, 5, 2, 1, 30, tzinfo=UTC),
    )  # fmt: skip

    report = run(export(order(开单日期="2026-05-04")))

    visit = Visit.objects.get()
    assert (report["rejected"], visit.visited_on, visit.paid_fen, visit.source) == ([], day(4), 50000, "dms")
    assert visit.arrived_at is None


class TestReadings:
    SECOND = order(工单号="WX2", 开单日期="2026-05-20", 行驶里程="41800")

    @pytest.mark.parametrize(
        ("to", "then"),
        [
            ("2026-05-25", (41800, day(25))),
            ("2026-05-10", (41800, day(10))),
            ("2026-05-01", (41260, day(2))),
        ],
        ids=["later", "earlier", "before the other"],
    )
    def test_the_cars_reading_goes_with_its_visit(
        self, run: Run, export: Write, take: Take, to: str, then: tuple[int, date]
    ) -> None:
        run(export(order(), self.SECOND))
        before = dump()

        take({**self.SECOND, "开单日期": to})

        assert reading() == then
        take_back()
        assert dump() == before

    def test_one_that_is_the_newest_now(self, run: Run, export: Write, take: Take) -> None:
        run(export(order(), self.SECOND))

        take(order(开单日期="2026-05-21"))

        assert reading() == (41260, day(21))

    def test_of_two_of_a_day(self, run: Run, export: Write, take: Take) -> None:
        run(export(order(), order(工单号="WX2", 行驶里程="41300")))

        take(order(开单日期="2026-05-03"))

        assert reading() == (41260, day(3))

    @pytest.mark.parametrize("to", ["2026-05-01", "2026-05-03"])
    def test_one_that_somebody_put_right_stays(
        self, run: Run, export: Write, take: Take, manager: User, to: str
    ) -> None:
        run(export(order()))
        car = Vehicle.objects.get()
        save_vehicle(
            vehicle=car, version=car.version, by=manager, store=car.home_store, details={"odometer_km": 41000}
        )

        take(order(开单日期=to))

        assert reading() == (41000, day(2))


class TestOwners:
    def test_an_unnamed_visit_belongs_to_the_owner_of_its_new_day(
        self, run: Run, export: Write, take: Take
    ) -> None:
        unnamed = {"客户名称": "", "联系电话": ""}
        run(
            export(
                order(),
                order(工单号="WX2", 开单日期="2026-05-20", **CHEN),
                order(工单号="WX3", 开单日期="2026-05-10", **unnamed),
            )
        )
        assert visits()[2] == ("WX3", day(10), "李海燕")
        before = dump()

        take(order(工单号="WX3", 开单日期="2026-05-21", **unnamed))

        assert visits()[2] == ("WX3", day(21), "陈强")
        assert owners() == [("李海燕", None, day(20)), ("陈强", day(20), None)]
        take_back()
        assert dump() == before

    @pytest.mark.parametrize("to", [10, 25])
    def test_an_ownership_begins_with_the_visit_that_tells_of_it(
        self, run: Run, export: Write, take: Take, to: int
    ) -> None:
        second = order(工单号="WX2", 开单日期="2026-05-20", **CHEN)
        run(export(order(), second))
        before = dump()

        report = take({**second, "开单日期": f"2026-05-{to}"})

        assert report["changed"]["ownerships"] == 2
        assert owners() == [("李海燕", None, day(to)), ("陈强", day(to), None)]
        assert visits() == [("WX1", day(2), "李海燕"), ("WX2", day(to), "陈强")]
        assert Vehicle.objects.get().owner.name == "陈强"
        after = dump()
        assert run(export(order(), {**second, "开单日期": f"2026-05-{to}"}))["changed"] == {}
        take_back()
        take_back()
        assert dump() == before
        take({**second, "开单日期": f"2026-05-{to}"})
        assert dump() == after

    def test_it_stays_where_another_visit_of_that_day_tells_it(
        self, run: Run, export: Write, take: Take
    ) -> None:
        second = order(工单号="WX2", 开单日期="2026-05-20", **CHEN)
        run(export(order(), second, {**second, "工单号": "WX3"}))

        take({**second, "开单日期": "2026-05-25"})

        assert owners() == [("李海燕", None, day(20)), ("陈强", day(20), None)]

    def test_it_stays_where_somebody_wrote_it_down(
        self, run: Run, export: Write, take: Take, store: Store, manager: User
    ) -> None:
        run(export(order(), order(工单号="WX2", 开单日期="2026-05-20")))
        chen = CustomerFactory(name="陈强", home_store=store)
        change_owner(vehicle=Vehicle.objects.get(), new_owner=chen, on=day(20), by=manager, store=store)
        assert visits()[1] == ("WX2", day(20), "陈强")

        take(order(工单号="WX2", 开单日期="2026-05-25"))

        assert owners() == [("李海燕", None, day(20)), ("陈强", day(20), None)]
        # The file goes on naming the owner who left.
        assert visits()[1] == ("WX2", day(25), "陈强")
        take(order(工单号="WX2", 开单日期="2026-05-15"))
        assert visits()[1] == ("WX2", day(15), "李海燕")

    def test_a_new_owner_of_the_new_day(self, run: Run, export: Write, take: Take) -> None:
        run(export(order(), order(工单号="WX2", 开单日期="2026-05-20")))

        take(order(工单号="WX2", 开单日期="2026-05-25", **CHEN))

        assert owners() == [("李海燕", None, day(25)), ("陈强", day(25), None)]
        assert visits() == [("WX1", day(2), "李海燕"), ("WX2", day(25), "陈强")]


def test_the_car_is_counted_anew_from_both_days(run: Run, export: Write, take: Take, store: Store) -> None:
    run(export(order(开单日期="2020-05-02")))
    run_all()
    assert VehicleSegment.objects.get().last_visit_on == date(2020, 5, 2)
    TouchedCar.objects.all().delete()

    take(order(开单日期="2026-05-04"))

    notes = TouchedCar.objects.values_list("store_id", "vehicle_id", "only_counted", "from_on", "until_on")
    car = Vehicle.objects.get()
    assert (store.pk, car.pk, False, date(2020, 5, 2), day(4)) in notes
    assert Job.objects.filter(kind="segmentation.segment_store", status=Job.Status.QUEUED).count() == 1
    run_all()
    assert VehicleSegment.objects.get().last_visit_on == day(4)
