"""What a dry run says of the groups: only what the import itself would move."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from segmentation.consequences import after_import, of_import
from segmentation.models import C3, SegmentRun, VehicleSegment
from segmentation.services import segment
from staff.vocabulary import C3_GROUPS
from tests.customers.factories import CustomerFactory, VehicleFactory, VisitFactory

TODAY = date(2026, 6, 12)
NOW = timezone.make_aware(datetime(2026, 6, 12, 9, 0))


@pytest.mark.django_db
def test_names_the_groups_that_new_visits_change(store, other_store):
    quiet = VehicleFactory(owner=CustomerFactory(home_store=store))
    VehicleFactory(owner=CustomerFactory(home_store=other_store))
    segment(as_of=date(2026, 6, 1))
    for day in (3, 4):
        VisitFactory(vehicle=quiet, visited_on=date(2026, 6, day), paid_fen=0)

    lines = of_import(store=store, today=TODAY, stamp=NOW)

    mystery, dig = C3_GROUPS[C3.MYSTERY_OPPORTUNITY].label, C3_GROUPS[C3.DEVELOPMENT].label
    assert [line["value"] for line in lines] == [1, 1]
    assert lines[1]["label"] == f"{mystery} → {dig}"


@pytest.mark.django_db
def test_says_nothing_where_nothing_moves(store):
    VehicleFactory(owner=CustomerFactory(home_store=store))
    segment(as_of=TODAY)

    assert of_import(store=store, today=TODAY, stamp=NOW) == []


@pytest.mark.django_db
def test_tells_where_the_cars_went_in_the_first_run_begun_afterwards(store, other_store):
    quiet = VehicleFactory(owner=CustomerFactory(home_store=store))
    segment(as_of=date(2026, 6, 1))
    for day in (3, 4):
        VisitFactory(vehicle=quiet, visited_on=date(2026, 6, day), paid_fen=0)
    VehicleFactory(owner=CustomerFactory(home_store=store))
    VehicleFactory(owner=CustomerFactory(home_store=other_store))
    done_at = timezone.now()
    assert after_import(store=store, done_at=done_at) is None

    segment(as_of=TODAY)
    VisitFactory(vehicle=quiet, visited_on=TODAY, paid_fen=900_00)
    segment(as_of=TODAY)

    told = after_import(store=store, done_at=done_at)
    assert told == {
        "cars": 1,
        "new": 1,
        "moves": [[C3.MYSTERY_OPPORTUNITY, C3.DEVELOPMENT, 1], ["", C3.MYSTERY_OPPORTUNITY, 1]],
        "url": "/segments/movement/?from=2026-06-11&to=2026-06-12",
    }


@pytest.mark.django_db
def test_a_run_begun_before_the_import_stood_or_one_that_counted_no_moves_tells_nothing(store):
    VehicleFactory(owner=CustomerFactory(home_store=store))
    segment(as_of=TODAY)
    run = SegmentRun.objects.get()
    begun = run.at - timedelta(seconds=run.seconds)

    assert after_import(store=store, done_at=begun)["moves"] == [["", C3.MYSTERY_OPPORTUNITY, 1]]
    assert after_import(store=store, done_at=begun + timedelta(microseconds=1)) is None
    SegmentRun.objects.update(moves=None)
    assert after_import(store=store, done_at=begun) is None


@pytest.mark.django_db
@pytest.mark.parametrize("full", [True, False])
def test_moves_add_up_to_the_cars_that_changed_group(store, full):
    cars = [VehicleFactory(owner=CustomerFactory(home_store=store)) for _ in range(5)]
    segment(as_of=date(2026, 6, 1))
    for car in cars[:3]:
        VisitFactory.create_batch(2, vehicle=car, visited_on=date(2026, 6, 3), paid_fen=0)
    VisitFactory(vehicle=cars[3], visited_on=date(2026, 6, 3), kind="repair", paid_fen=0)

    changed = segment(as_of=TODAY, full=full)["changed"]

    run = SegmentRun.objects.newest_first().first()
    moved = VehicleSegment.objects.filter(c3_since=TODAY).order_by("vehicle")
    assert sum(cars for _before, _now, cars in run.moves) == moved.count() == changed == 4
    assert {(before, now) for before, now, _cars in run.moves} == set(moved.values_list("c3_before", "c3"))
