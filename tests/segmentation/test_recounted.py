"""Where only kinds and amounts of visits changed, a car is counted again in the window and else stays as written."""

from datetime import timedelta

import pytest

from customers.models import Vehicle, Visit
from segmentation import services
from segmentation.calendar import months_before
from segmentation.models import RuleSet, TouchedCar, VehicleSegment
from tests.customers.factories import ComplaintFactory, CustomerFactory, VehicleFactory, VisitFactory
from tests.segmentation import worlds
from tests.segmentation.reference import Rules
from tests.segmentation.test_incremental import (
    counted,
    full_after,
    near,
    noted,
    standing_near,
    tallied,
    written,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def vehicle(store, today):
    RuleSet.objects.all().delete()
    worlds.publish(Rules(spend_mode="amount", spend_amount_fen=50_000, lost_days=200))
    return VehicleFactory(owner=CustomerFactory(home_store=store), purchased_on=today - timedelta(days=700))


def run_and_compare(on, stores):
    """Run over the touched cars; it leaves and says what computing all anew would."""
    expected, would_say = full_after(on, stores, anew=True)
    says = services.segment(as_of=on, stores=stores)
    assert written() == expected
    assert {**says, "seconds": 0} == {**would_say, "seconds": 0}
    assert tallied() == counted()
    assert near() == standing_near()


def spoil():
    """Whoever is only counted keeps this; who is judged by all the visits does not."""
    VehicleSegment.objects.update(care_status="stale")


@pytest.mark.parametrize(("days", "spend"), [(-1, 7), (0, 7), (1, 14)])
@pytest.mark.parametrize("kind", ["maintenance", "repair"])
def test_only_visits_of_the_window_are_counted_again(vehicle, today, days, spend, kind):
    """A visit of today, and one about the day on which the window opens."""
    opens_after = months_before(today, 12)
    VisitFactory(vehicle=vehicle, visited_on=today)
    VisitFactory(vehicle=vehicle, visited_on=opens_after + timedelta(days=days))
    services.segment(as_of=today)
    spoil()

    Visit.objects.update(paid_fen=7, kind=kind)
    services.segment(as_of=today)

    row = VehicleSegment.objects.get()
    in_window = spend // 7
    assert (row.spend_fen, row.visits_in_window, row.care_status) == (
        spend, in_window, "stale" if kind == "maintenance" else "repair_only",
    )  # fmt: skip
    by_kind = {"maintenance": row.maintenance_count, "repair": row.repair_like_count}
    assert by_kind == {"maintenance": 0, "repair": 0, kind: in_window}


@pytest.mark.parametrize("other", [{"voided": True}, {"visited_on": "2026-01-02"}])
def test_a_car_noted_otherwise_too_is_judged_by_all_its_visits(vehicle, today, other):
    VisitFactory(vehicle=vehicle, visited_on=today)
    second = VisitFactory(vehicle=vehicle, visited_on=today - timedelta(days=100))
    services.segment(as_of=today)
    spoil()

    Visit.objects.filter(pk=second.pk).update(**other)
    Visit.objects.update(paid_fen=7)
    services.segment(as_of=today)

    assert VehicleSegment.objects.get().care_status == "active"


@pytest.mark.parametrize("kind", ["maintenance", "repair", "warranty"])
def test_every_status_with_other_kinds(vehicle, store, today, kind):
    """Cars of each status, twice: with maintenance so far, and with nothing but repairs."""

    def make(*days, complained=None, bought=700, **owner):
        for first in ("maintenance", "repair"):
            car = VehicleFactory(
                owner=CustomerFactory(home_store=store, **owner), purchased_on=today - timedelta(days=bought)
            )
            for ago in days:
                VisitFactory(vehicle=car, visited_on=today - timedelta(days=ago), kind=first, paid_fen=30_000)
            if complained is not None:
                ComplaintFactory(vehicle=car, opened_on=today - timedelta(days=complained))

    make(10, complained=20)
    make(250)
    make(190)
    make(10, price_sensitive=True)
    make(10, bought=30)
    make(10)
    # Away for longer than its own rhythm, and at that.
    make(120, 130, 140, 150)
    make(95, 165, 235, 305)
    services.segment(as_of=today)
    assert set(VehicleSegment.objects.values_list("care_status", flat=True)) == {
        "complained", "lost", "near_lost", "repair_only", "price_sensitive", "new", "active",
    }  # fmt: skip

    Visit.objects.update(kind=kind, paid_fen=60_000)

    run_and_compare(today, [store])
    assert noted() == set()


def test_a_row_that_falls_due_is_not_only_counted(vehicle, today):
    """Its visit of the day on which the window opens next is given another amount, and leaves."""
    leaves = today + timedelta(days=1)
    VisitFactory(vehicle=vehicle, visited_on=today)
    VisitFactory(vehicle=vehicle, visited_on=months_before(leaves, 12))
    services.segment(as_of=today)
    assert VehicleSegment.objects.get().visits_in_window == 2

    Visit.objects.update(paid_fen=7)

    run_and_compare(leaves, [vehicle.home_store])
    assert VehicleSegment.objects.get().visits_in_window == 1


@pytest.mark.parametrize("days", [0, 1])
def test_a_visit_dated_ahead_is_seen_though_its_amount_changed(vehicle, today, days):
    services.segment(as_of=today)
    visit = VisitFactory(vehicle=vehicle, visited_on=today + timedelta(days=1))
    services.segment(as_of=today)
    Visit.objects.filter(pk=visit.pk).update(paid_fen=7)

    run_and_compare(today + timedelta(days=days), [vehicle.home_store])

    assert VehicleSegment.objects.get().visits_in_window == days


def test_a_full_run_counts_by_all_the_visits_what_nobody_noted(vehicle, today):
    visit = VisitFactory(vehicle=vehicle, visited_on=today - timedelta(days=100))
    services.segment(as_of=today)
    VisitFactory(vehicle=vehicle, visited_on=today)
    TouchedCar.objects.all().delete()
    Visit.objects.filter(pk=visit.pk).update(paid_fen=7)
    expected, _ = full_after(today, [vehicle.home_store], anew=True)

    services.segment(as_of=today, full=True)

    assert written() == expected
    assert VehicleSegment.objects.get().last_visit_on == today


def test_a_car_handed_over_is_judged_by_all_its_visits(vehicle, today):
    visit = VisitFactory(vehicle=vehicle, visited_on=today)
    services.segment(as_of=today)
    spoil()
    Visit.objects.filter(pk=visit.pk).update(paid_fen=7)

    services.segment(as_of=today, touched=[vehicle.pk])

    assert VehicleSegment.objects.get().care_status == "active"


def test_a_car_that_also_changed_its_store(vehicle, store, other_store, today):
    VisitFactory(vehicle=vehicle, visited_on=today)
    services.segment(as_of=today)
    Visit.objects.update(paid_fen=7)
    Vehicle.objects.update(home_store=other_store)

    run_and_compare(today, [other_store])
    run_and_compare(today, [store])

    row = VehicleSegment.objects.get()
    assert (row.store, row.spend_fen) == (other_store, 7)


def test_a_note_left_at_the_store_before_leaves_the_row_alone(vehicle, store, other_store, today):
    """Written by a change that committed after the car had moved and both stores had run."""
    VisitFactory(vehicle=vehicle, visited_on=today)
    Vehicle.objects.update(home_store=other_store)
    services.segment(as_of=today)
    before = written()
    TouchedCar.objects.create(
        store_id=store.pk, vehicle_id=vehicle.pk, from_on=today, until_on=today, only_counted=True
    )

    run_and_compare(today, [store])

    assert (written(), noted()) == (before, set())


def test_a_car_out_of_the_base_stays_out(vehicle, today):
    VisitFactory(vehicle=vehicle, visited_on=today)
    Vehicle.objects.update(state=Vehicle.State.SOLD_AWAY)
    services.segment(as_of=today)
    Visit.objects.update(paid_fen=7)

    run_and_compare(today, [vehicle.home_store])

    assert (VehicleSegment.objects.count(), noted()) == (0, set())
