"""Another plate for a known car: from an order of the day, or from a file of cars where its plates are taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from customers.dms.headers import Mapping
from customers.dms.undo import undo
from customers.models import Import, ImportRow, Vehicle
from customers.services.imports.mappings import remember
from customers.services.vehicles import save_vehicle
from staff.models import Store, User
from tests.customers.factories import VehicleFactory
from tests.customers.imports.conftest import Run, Write, order
from tests.customers.imports.dump import dump

pytestmark = pytest.mark.django_db

A, B, C = "LSGUD8C71HA126648", "LSGGM8W25KA127094", "LSGWKJ460D1218596"
Take = Callable[..., dict[str, Any]]


def card(vin: str, plate: str, number: int = 1) -> dict[str, str]:
    return {"客户名称": f"车主{number}", "联系电话": f"1380000000{number}", "车牌号": plate, "VIN": vin}


KNOWN = [card(A, "粤B10001"), card(B, "粤B10002", 2), card(C, "粤B10003", 3)]


@pytest.fixture
def take(run: Run, export: Write, store: Store) -> Take:
    """Import a file of cars like the last one, with its plates."""

    def command(*rows: dict[str, str], policy: str = "overwrite") -> dict[str, Any]:
        mapping = Mapping.from_dict(Import.objects.latest("pk").mapping)
        remember(store=store, mapping=mapping, policy={"plate": policy})
        return run(export(*rows, name="cars.csv"))

    return command


def plates() -> dict[str, str]:
    return dict(Vehicle.objects.values_list("vin", "plate"))


def take_back() -> None:
    undo(imported=Import.objects.filter(status=Import.Status.DONE).latest("pk"), now=timezone.now())


def test_a_file_of_cars_gives_a_known_car_its_plate(run: Run, export: Write, take: Take) -> None:
    run(export(*KNOWN))
    before = dump()
    rows = [card(A, "粤BD12345"), *KNOWN[1:]]

    report = take(*rows)

    assert (report["created"], report["changed"], report["warnings"]) == ({}, {"vehicles": 1}, {})
    assert plates() == {A: "粤BD12345", B: "粤B10002", C: "粤B10003"}
    after = dump()
    again = take(*rows)
    assert (again["created"], again["changed"]) == ({}, {})
    take_back()
    take_back()
    assert dump() == before
    take(*rows)
    assert dump() == after


@pytest.mark.parametrize("policy", ["", "fill", "keep"])
def test_not_unless_it_is_chosen(run: Run, export: Write, take: Take, policy: str) -> None:
    run(export(*KNOWN))
    before = dump()

    report = take(card(A, "粤BD12345"), policy=policy)

    assert (report["created"], report["changed"], dump()) == ({}, {}, before)


@pytest.mark.parametrize(("policy", "then"), [("", "粤B10001"), ("overwrite", "粤B10001"), ("keep", "")])
def test_a_blank_one_is_filled(run: Run, export: Write, take: Take, policy: str, then: str) -> None:
    run(export(card(A, ""), *KNOWN[1:]))

    take(*KNOWN, policy=policy)

    assert plates()[A] == then


def test_a_blank_erases_nothing(run: Run, export: Write, take: Take) -> None:
    run(export(*KNOWN))

    assert take(card(A, ""), *KNOWN[1:])["changed"] == {}


def test_a_plate_somebody_put_right_gives_way_where_it_is_chosen_only(
    run: Run, export: Write, take: Take, manager: User
) -> None:
    run(export(*KNOWN))
    car = Vehicle.objects.get(vin=A)
    save_vehicle(
        vehicle=car, version=car.version, by=manager, store=car.home_store, details={"plate": "粤B54321"}
    )

    run(export(*KNOWN))
    assert plates()[A] == "粤B54321"
    take(*KNOWN)
    assert plates()[A] == "粤B10001"


class TestAnotherCarsPlate:
    def told(self, report: dict[str, Any], *rows: int) -> None:
        assert report["warnings"] == ({"plate_taken": list(rows)} if rows else {})
        warned = ImportRow.objects.filter(imported=Import.objects.latest("pk"))
        assert list(warned.order_by("row_no").values_list("row_no", "outcome", "warnings")) == [
            (row, "accepted", ["plate_taken"]) for row in rows
        ]

    def test_is_not_taken_and_told(self, run: Run, export: Write, take: Take) -> None:
        run(export(*KNOWN))
        before = dump()

        report = take(card(A, "粤B10002"), *KNOWN[2:])

        assert (report["changed"], dump()) == ({}, before)
        self.told(report, 2)

    def test_of_another_store_without_a_vin(
        self, run: Run, export: Write, take: Take, other_store: Store
    ) -> None:
        run(export(*KNOWN))
        VehicleFactory(plate="粤B77777", vin="", home_store=other_store)

        report = take(card(A, "粤B77777"))

        assert plates()[A] == "粤B10001"
        self.told(report, 2)

    def test_of_a_new_car_of_the_file(self, run: Run, export: Write, take: Take) -> None:
        run(export(*KNOWN[:2]))

        report = take(card(A, "粤B10003"), *KNOWN[1:])

        assert plates() == {A: "粤B10001", B: "粤B10002", C: "粤B10003"}
        self.told(report, 2)

    def test_that_the_file_has_for_two(self, run: Run, export: Write, take: Take) -> None:
        run(export(*KNOWN))
        before = dump()

        report = take(card(A, "粤BD12345"), card(B, "粤BD12345", 2))

        assert dump() == before
        self.told(report, 2, 3)

    def test_given_up_in_the_same_file_is_free(self, run: Run, export: Write, take: Take) -> None:
        run(export(*KNOWN))
        rows = [card(A, "粤B10002"), card(B, "粤B10001", 2), card(C, "粤BD12345", 3)]

        report = take(*rows)

        assert plates() == {A: "粤B10002", B: "粤B10001", C: "粤BD12345"}
        self.told(report)
        assert take(*rows)["changed"] == {}

    def test_not_given_up_after_all_stops_the_whole_chain(self, run: Run, export: Write, take: Take) -> None:
        run(export(*KNOWN))
        VehicleFactory(plate="粤B77777", vin="")
        before = dump()

        report = take(card(A, "粤B10002"), card(B, "粤B10003", 2), card(C, "粤B77777", 3))

        assert dump() == before
        self.told(report, 2, 3, 4)

    def test_beside_another_warning_of_the_row(self, run: Run, export: Write, take: Take) -> None:
        run(export(*KNOWN))

        report = take({**card(A, "粤B10002"), "联系电话": "123"})

        assert report["warnings"] == {"phone_invalid": [2], "plate_taken": [2]}
        assert ImportRow.objects.get(imported=Import.objects.latest("pk")).warnings == [
            "phone_invalid",
            "plate_taken",
        ]


def test_a_car_the_file_also_knows_by_its_plate_alone_keeps_it(run: Run, export: Write, take: Take) -> None:
    run(export(*KNOWN))
    rows = [card(A, "粤BD12345"), card("", "粤B10001")]

    report = take(*rows)

    assert (report["created"], plates()[A]) == ({}, "粤B10001")
    assert take(*rows)["created"] == {}


class TestOrders:
    """The policy as it was: a new order of the newest day has the plate on the car that stood in the yard."""

    @pytest.mark.parametrize(
        ("rows", "then"),
        [
            ([order(车牌号="粤BD12345")], "粤B12345"),
            ([order(工单号="WX2", 车牌号="粤BD12345", 开单日期="2026-05-01")], "粤B12345"),
            ([order(工单号="WX2", 车牌号="粤BD12345", 开单日期="2026-05-03")], "粤BD12345"),
        ],
        ids=["known order", "older order", "newer order"],
    )
    @pytest.mark.parametrize("policy", ["overwrite", "fill", "keep"])
    def test_only_a_new_order_of_the_newest_day(
        self, run: Run, export: Write, take: Take, rows: list[dict[str, str]], then: str, policy: str
    ) -> None:
        run(export(order()))

        take(*rows, policy=policy)

        assert Vehicle.objects.get().plate == (then if policy == "overwrite" else "粤B12345")
