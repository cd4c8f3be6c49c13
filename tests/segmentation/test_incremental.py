"""A run over the touched cars leaves what a full one would, whatever happened meanwhile."""

import uuid
from collections import Counter
from datetime import date, timedelta
from unittest.mock import ANY

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.models import Complaint, Customer, Vehicle, Visit
from jobs import engine
from jobs.models import Job
from segmentation import services, tasks, watch
from segmentation.calculation import FIRST_DAY, SPEND_STEP_FEN
from segmentation.models import (
    NearCar,
    RuleSet,
    SegmentRun,
    SegmentSpell,
    SegmentTally,
    TouchedCar,
    VehicleSegment,
)
from staff.models import Store
from tests.customers.factories import ComplaintFactory, CustomerFactory, VehicleFactory, VisitFactory
from tests.segmentation import worlds
from tests.segmentation.reference import Rules
from tests.segmentation.test_property import CARS, RULES

pytestmark = pytest.mark.django_db

START = date(2023, 6, 30)
# What can happen between two runs, and to the how-manieth car or row.
EVENTS = st.tuples(
    st.sampled_from(
        ["visit", "visit", "paid", "kind", "void", "moved", "deleted", "complaint", "closed", "mark", "sold",
         "bought", "owner", "home"]
    ),
    st.integers(0, 30),
    st.integers(-3, 400),
)  # fmt: skip
STEPS = st.tuples(
    st.sampled_from([0, 0, 1, 1, 30, 184, 365]),
    st.lists(EVENTS, max_size=4),
    st.sampled_from([("GB", "NS", "LG"), ("GB", "NS", "LG"), ("GB",), ("NS", "LG")]),
)


def happen(event, number, days, on):  # noqa: C901  # a list of everything that can happen
    """One change, written the way the program, an import or support might write it."""
    day = on - timedelta(days=days)
    car = nth(Vehicle, number)
    visit, complaint = nth(Visit, number), nth(Complaint, number)
    visits, complaints = Visit.objects.filter(pk=visit), Complaint.objects.filter(pk=complaint)
    cars = Vehicle.objects.filter(pk=car)
    store = list(Store.objects.order_by("pk"))[number % 3]
    if event == "visit":
        fields = {"kind": Visit.Kind.values[number % 5], "paid_fen": number * 10_000}
        Visit.objects.create(store=store, vehicle_id=car, order_no=uuid.uuid4().hex, visited_on=day, **fields)
    elif event == "paid":
        visits.update(paid_fen=days * 1000)
    elif event == "kind":
        visits.update(kind=Visit.Kind.values[number % 5])
    elif event == "void":
        visits.update(voided=True)
    elif event == "moved":
        visits.update(visited_on=day, vehicle=car)
    elif event == "deleted":
        visits.delete()
    elif event == "complaint":
        owner = cars.get().owner
        Complaint.objects.create(store=store, vehicle_id=car, customer=owner, text="异响", opened_on=day)
    elif event == "closed":
        for found in complaints:
            complaints.update(closed_on=max(day, found.opened_on))
    elif event == "mark":
        Customer.objects.filter(pk=cars.get().owner_id).update(price_sensitive=number % 2)
    elif event == "sold":
        cars.update(state=Vehicle.State.values[number % 3])
    elif event == "bought":
        cars.update(purchased_on=None if number % 4 == 0 else day)
    elif event == "owner":
        cars.update(owner=nth(Customer, days))
    else:
        cars.update(home_store=store)


def nth(model, number):
    keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
    return keys[number % len(keys)] if keys else None


def written():
    rows = {row["vehicle_id"]: row for row in VehicleSegment.objects.values()}
    spells = SegmentSpell.objects.order_by("vehicle", "family", "since_on")
    return rows, list(spells.values_list("vehicle", "store", "family", "value", "since_on", "until_on"))


def tallied():
    rows = SegmentTally.objects.exclude(cars=0)
    return {
        (store, figure, step): cars
        for store, figure, step, cars in rows.values_list("store", "figure", "step", "cars")
    }


def counted():
    """What the tallies should say."""
    found = Counter()
    for row in VehicleSegment.objects.all():
        found[row.store_id, row.c3, 0] += 1
        found[row.store_id, row.care_status, 0] += 1
        if row.visits_in_window:
            found[row.store_id, "recent", (row.last_visit_on - FIRST_DAY).days] += 1
            found[row.store_id, "often", row.visits_in_window] += 1
            found[row.store_id, "spend", int(row.spend_fen / SPEND_STEP_FEN)] += 1
    return dict(found)


def near():
    return set(NearCar.objects.values_list("vehicle_id", "store", "step", "spend_fen"))


def standing_near():
    """Which cars should be kept: all of each step of which one is kept, or in which a cut of the last run stands."""
    steps = {(store, step) for _, store, step, _ in near()}
    for store, run in services.last_runs(Store.objects.values_list("pk", flat=True)).items():
        steps |= {(store, int(cut / SPEND_STEP_FEN)) for cut in run.value_cuts[-4:] if cut is not None}
    seen = VehicleSegment.objects.filter(visits_in_window__gt=0)
    cars = {(row.pk, row.store_id, int(row.spend_fen / SPEND_STEP_FEN), row.spend_fen) for row in seen}
    return {car for car in cars if car[1:3] in steps}


def full_after(as_of, stores, *, anew=False):
    """What a full run would leave, and what it says; ``anew``: relying on nothing that stands written.

    All is taken back.
    """
    with transaction.atomic():
        if anew:
            SegmentRun.objects.update(value_cuts=[])
        told = services.segment(as_of=as_of, stores=stores, full=True)
        left = written()
        transaction.set_rollback(True)
    return left, told


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    cars=st.lists(CARS, min_size=1, max_size=12, unique_by=lambda car: car.id),
    rules=RULES,
    steps=st.lists(STEPS, min_size=1, max_size=5),
)
def test_incremental_equals_full(cars, rules, steps):
    worlds.clear()
    RuleSet.objects.all().delete()
    worlds.publish(rules)
    worlds.put(cars)
    services.segment(as_of=START, stores=list(Store.objects.all()))
    on = START
    for days, events, codes in steps:
        on += timedelta(days=days)
        for event in events:
            happen(*event, on)
        stores = list(Store.objects.filter(code__in=codes))
        expected, would_say = full_after(on, stores)
        assert full_after(on, stores, anew=True) == (expected, {**would_say, "seconds": ANY})

        says = services.segment(as_of=on, stores=stores)

        assert written() == expected
        assert {**says, "seconds": 0} == {**would_say, "seconds": 0}
        assert tallied() == counted()
        assert near() == standing_near()
        latest = SegmentRun.objects.order_by("-pk")[: len(stores)]
        assert {run.kind for run in latest} == {SegmentRun.Kind.INCREMENTAL}


@pytest.fixture
def vehicle(store):
    RuleSet.objects.all().delete()
    worlds.publish(Rules(spend_mode="amount", spend_amount_fen=50_000))
    return VehicleFactory(owner=CustomerFactory(home_store=store), purchased_on=date(2024, 1, 1))


def noted():
    return set(TouchedCar.objects.values_list("store_id", "vehicle_id", "from_on"))


def test_only_what_the_rules_read_is_noted(vehicle, store, today):
    visit = VisitFactory(vehicle=vehicle, visited_on=today, paid_fen=60_000)
    services.segment(as_of=today)
    assert noted() == set()

    Visit.objects.update(customer_words="空调不凉", odometer_km=100)
    Vehicle.objects.update(odometer_km=100, plate="粤B99999")
    Customer.objects.update(name="王先生", do_not_call=True)
    assert noted() == set()

    Visit.objects.filter(pk=visit.pk).update(paid_fen=1)
    assert noted() == {(store.pk, vehicle.pk, today)}
    services.segment(as_of=today)
    assert (noted(), VehicleSegment.objects.get().spend_fen) == (set(), 1)


def test_a_visit_of_tomorrow_waits_for_tomorrow(vehicle, store, today):
    services.segment(as_of=today)
    VisitFactory(vehicle=vehicle, visited_on=today + timedelta(days=1), paid_fen=60_000)

    assert services.segment(as_of=today)["changed"] == 0
    assert noted() == {(store.pk, vehicle.pk, today + timedelta(days=1))}
    assert services.segment(as_of=today + timedelta(days=1))["changed"] == 1
    assert noted() == set()


def test_a_car_that_changes_its_store_is_noted_for_both(vehicle, store, other_store, today):
    services.segment(as_of=today)
    Vehicle.objects.update(home_store=other_store)

    services.segment(as_of=today, stores=[store])
    assert not VehicleSegment.objects.exists()
    services.segment(as_of=today, stores=[other_store])
    assert VehicleSegment.objects.get().store == other_store


def test_a_car_that_changes_its_store_takes_what_is_dated_ahead_with_it(vehicle, store, other_store, today):
    VisitFactory(vehicle=vehicle, visited_on=today + timedelta(days=2), paid_fen=60_000)
    services.segment(as_of=today)
    Vehicle.objects.update(home_store=other_store)
    services.segment(as_of=today)

    services.segment(as_of=today + timedelta(days=2))

    row = VehicleSegment.objects.get()
    assert (row.store, row.spend_fen) == (other_store, 60_000)
    assert noted() == set()


def test_one_store_leaves_the_others_notes(vehicle, store, other_store, today):
    services.segment(as_of=today)
    VisitFactory(vehicle=vehicle, visited_on=today)

    services.segment(as_of=today, stores=[other_store])

    assert noted() == {(store.pk, vehicle.pk, today)}


def test_an_older_day_takes_no_notes_away(vehicle, store, today):
    services.segment(as_of=today)
    VisitFactory(vehicle=vehicle, visited_on=today - timedelta(days=5), paid_fen=60_000)

    services.segment(as_of=today - timedelta(days=1))

    assert noted() == {(store.pk, vehicle.pk, today - timedelta(days=5))}
    assert VehicleSegment.objects.get().spend_fen == 0


def test_a_full_run_takes_the_notes_too(vehicle, today):
    services.segment(as_of=today)
    VisitFactory(vehicle=vehicle, visited_on=today)

    services.segment(as_of=today, full=True)

    assert noted() == set()
    assert SegmentRun.objects.first().kind == SegmentRun.Kind.FULL


def test_a_full_run_finds_what_nobody_noted(vehicle, store, today):
    VisitFactory(vehicle=vehicle, visited_on=today, paid_fen=1)
    services.segment(as_of=today)
    Visit.objects.update(paid_fen=60_000)
    new = VehicleFactory(owner=CustomerFactory(home_store=store), purchased_on=today)
    TouchedCar.objects.all().delete()

    assert services.segment(as_of=today)["changed"] == 0
    assert services.segment(as_of=today, full=True)["changed"] == 2

    assert dict(VehicleSegment.objects.values_list("vehicle", "spend_fen")) == {vehicle.pk: 60_000, new.pk: 0}


@pytest.mark.parametrize("full", [False, True])
def test_a_car_deleted_with_its_row_is_counted_no_more(vehicle, store, today, full):
    VehicleFactory(owner=CustomerFactory(home_store=store), purchased_on=today)
    services.segment(as_of=today)
    Vehicle.objects.filter(pk=vehicle.pk).delete()
    assert VehicleSegment.objects.count() == 1

    found = services.segment(as_of=today, full=full)

    assert (found["vehicles"], SegmentRun.objects.first().vehicles) == (1, 1)
    assert tallied() == counted()
    assert near() == standing_near()
    assert noted() == set()


def test_a_note_stands_until_the_last_day_of_what_it_notes(vehicle, store, today):
    services.segment(as_of=today)
    ComplaintFactory(vehicle=vehicle, opened_on=today, closed_on=today + timedelta(days=2))

    for days, status in ((0, "complained"), (1, "complained")):
        services.segment(as_of=today + timedelta(days=days))
        assert VehicleSegment.objects.get().care_status == status
        assert noted() == {(store.pk, vehicle.pk, today)}
    services.segment(as_of=today + timedelta(days=2))
    assert noted() == set()


def test_one_note_for_all_the_visits_of_a_car_that_change_at_once(vehicle, store, today):
    for days in (1, 5, 9):
        VisitFactory(vehicle=vehicle, visited_on=today - timedelta(days=days))
    services.segment(as_of=today)

    Visit.objects.update(paid_fen=7)

    notes = TouchedCar.objects.values_list("store_id", "vehicle_id", "from_on", "until_on")
    if connection.vendor == "postgresql":
        assert list(notes) == [(store.pk, vehicle.pk, today - timedelta(days=9), today - timedelta(days=1))]
    else:
        assert len(notes) == 3
    services.segment(as_of=today)
    assert (noted(), VehicleSegment.objects.get().spend_fen) == (set(), 21)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"paid_fen": 1}, "stale"),
        ({"kind": "repair"}, "stale"),
        ({"voided": True}, "new"),
        ({"visited_on": date(2025, 1, 2)}, "lost"),
    ],
)
def test_a_kind_or_an_amount_is_read_only_in_the_window(vehicle, store, today, changes, status):
    """A visit of 400 days ago; that a car is computed anew shows by its status, which was spoiled."""
    visit = VisitFactory(vehicle=vehicle, visited_on=today - timedelta(days=400))
    Vehicle.objects.update(purchased_on=today)
    services.segment(as_of=today)
    VehicleSegment.objects.update(care_status="stale")

    Visit.objects.filter(pk=visit.pk).update(**changes)
    assert len(noted()) == 1
    services.segment(as_of=today)

    assert VehicleSegment.objects.get().care_status == status
    assert noted() == set()


@pytest.mark.parametrize("kept", [True, False])
def test_a_moved_percentile_judges_the_cars_between_anew(store, today, kept):
    """Ten cars of 1 to 10 yuan: the 60th percentile is 6. Two more of 20 make it 8: the sixth and seventh fall."""
    cars = [VehicleFactory(owner=CustomerFactory(home_store=store)) for _ in range(12)]
    for yuan, car in enumerate(cars[:10], start=1):
        VisitFactory(vehicle=car, visited_on=today, paid_fen=yuan * 100)
    services.segment(as_of=today)
    assert SegmentRun.objects.get().spend_threshold_fen == 600
    for car in cars[10:]:
        VisitFactory(vehicle=car, visited_on=today, paid_fen=2_000)
    if not kept:
        # As after the migration that made the table.
        NearCar.objects.all().delete()

    assert services.segment(as_of=today)["changed"] == 4

    high = VehicleSegment.objects.filter(c3="high_opportunity").order_by("vehicle")
    assert list(high.values_list("vehicle", flat=True)) == [car.pk for car in cars[7:]]
    assert SegmentRun.objects.first().spend_threshold_fen == 800
    assert near() == standing_near()


def test_only_steps_in_which_a_cut_stands_are_kept(store, today):
    """Ten cars of 100 to 1,000 yuan, cuts at 200, 400, 600, 800. Ten more of 2,000 take them to 400, 800, 2,000."""
    cars = [VehicleFactory(owner=CustomerFactory(home_store=store)) for _ in range(20)]
    for number, car in enumerate(cars[:10], start=1):
        VisitFactory(vehicle=car, visited_on=today, paid_fen=number * 10_000)
    services.segment(as_of=today)
    assert {step for _, _, step, _ in near()} == {2, 4, 6, 8}

    more = [VisitFactory(vehicle=car, visited_on=today, paid_fen=200_000).pk for car in cars[10:]]
    services.segment(as_of=today)
    assert {step for _, _, step, _ in near()} == {4, 8, 20}
    assert near() == standing_near()

    # Where a cut left, others came meanwhile.
    Visit.objects.filter(vehicle=cars[0]).update(paid_fen=20_500)
    services.segment(as_of=today)
    Visit.objects.filter(pk__in=more).update(voided=True)
    services.segment(as_of=today)
    assert {step for _, _, step, _ in near()} == {2, 4, 6, 8}
    assert near() == standing_near()


def test_cars_handed_over_are_computed_though_nothing_is_noted(vehicle, today):
    VisitFactory(vehicle=vehicle, visited_on=today, paid_fen=60_000)
    services.segment(as_of=today)
    VehicleSegment.objects.update(spend_fen=7)

    services.segment(as_of=today)
    assert VehicleSegment.objects.get().spend_fen == 7
    services.segment(as_of=today, touched=[vehicle.pk])
    assert VehicleSegment.objects.get().spend_fen == 60_000


def test_missing_triggers_are_made_again_and_the_run_is_full(vehicle, today):
    services.segment(as_of=today)
    drop = "DROP TRIGGER segment_touch_visit_insert"
    with connection.cursor() as cursor:
        cursor.execute(drop + (" ON customers_visit" if connection.vendor == "postgresql" else ""))
    VisitFactory(vehicle=vehicle, visited_on=today, paid_fen=60_000)

    assert services.segment(as_of=today)["changed"] == 1

    assert SegmentRun.objects.first().kind == SegmentRun.Kind.FULL
    assert watch.install() is False


@pytest.fixture
def publishes_meanwhile(vehicle, today, monkeypatch):
    """The next run begins under the rules before those that are in force when it ends."""
    services.segment(as_of=today)
    older = RuleSet.objects.get()
    newer = worlds.publish(Rules(spend_mode="amount", spend_amount_fen=1))
    in_force, asked = services.rules_by_store, []

    def rules_by_store(store_ids):
        asked.append(None)
        found = in_force(store_ids)
        return dict.fromkeys(found, older) if len(asked) == 1 else found

    monkeypatch.setattr(services, "rules_by_store", rules_by_store)
    return newer


def test_rules_published_meanwhile_cancel_the_run(publishes_meanwhile, vehicle, today):
    VisitFactory(vehicle=vehicle, visited_on=today, paid_fen=60_000)
    before, notes = written(), noted()

    with pytest.raises(services.RulesChanged):
        services.segment(as_of=today)

    assert (written(), noted(), SegmentRun.objects.count()) == (before, notes, 1)


def test_a_job_begins_anew_under_rules_published_meanwhile(publishes_meanwhile, vehicle, today):
    arguments = {"as_of": today.isoformat()}
    job = tasks.enqueue(kind="segmentation.segment_all", key="night", arguments=arguments)

    engine.run_all()

    assert Job.objects.get(pk=job.pk).status == Job.Status.DONE
    assert VehicleSegment.objects.get().rule_set == publishes_meanwhile


def test_after_a_complaint_the_job_computes_the_touched_only(vehicle, store, today):
    services.segment(as_of=today)
    ComplaintFactory(vehicle=vehicle, opened_on=today)

    tasks.enqueue(
        kind="segmentation.segment_store", key="x", arguments={"store": store.pk, "as_of": today.isoformat()}
    )
    engine.run_all()

    assert VehicleSegment.objects.get().care_status == "complained"
    assert SegmentRun.objects.first().kind == SegmentRun.Kind.INCREMENTAL


def test_the_steps_between_two_places_of_the_spend_percentile_are_judged_anew(store, today):
    """No cut between the fifths moves over them: 300 yuan become 500, and who has 400 falls."""
    RuleSet.objects.all().delete()
    worlds.publish(Rules(spend_percentile=50))

    def pay(*amounts):
        for yuan in amounts:
            car = VehicleFactory(owner=CustomerFactory(home_store=store))
            VisitFactory(vehicle=car, visited_on=today, paid_fen=yuan * 100)

    pay(*[100] * 14, 300, 400, 500, *[1_000] * 13)
    services.segment(as_of=today)
    pay(*[1_000] * 4)
    expected, _ = full_after(today, [store], anew=True)

    services.segment(as_of=today)

    assert written() == expected
    thresholds = SegmentRun.objects.order_by("pk").values_list("spend_threshold_fen", flat=True)
    assert list(thresholds) == [30_000, 50_000]
    assert near() == standing_near()
