"""Runs: what they write, what they leave alone, and what they refuse."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Vehicle, Visit
from segmentation import services
from segmentation.calendar import month_ends, months_before
from segmentation.models import C3, CareStatus, RuleSet, SegmentRun, SegmentSpell, VehicleSegment
from tests.customers.factories import CustomerFactory, VehicleFactory, VisitFactory
from tests.segmentation import worlds
from tests.segmentation.reference import Rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def amount_rules():
    RuleSet.objects.all().delete()
    return worlds.publish(Rules(spend_mode="amount", spend_amount_fen=50_000))


@pytest.fixture
def vehicle(store, amount_rules):
    return VehicleFactory(owner=CustomerFactory(home_store=store), purchased_on=date(2024, 1, 1))


def spells(vehicle, family="c3"):
    rows = SegmentSpell.objects.filter(vehicle=vehicle, family=family).order_by("since_on")
    return list(rows.values_list("value", "since_on", "until_on"))


def test_answer_has_every_key_and_adds_up(vehicle, today):
    VisitFactory(vehicle=vehicle, visited_on=today, paid_fen=60_000)

    found = services.segment(as_of=today)

    seconds = found.pop("seconds")
    assert seconds >= 0
    assert found == {
        "as_of": "2026-06-12",
        "rule_set": "v1",
        "vehicles": 1,
        "c3": {key: int(key == "high_opportunity") for key in C3.values},
        "care_status": {key: int(key == "active") for key in CareStatus.values},
        "changed": 1,
    }


def test_second_run_writes_nothing(vehicle, today):
    services.segment(as_of=today)
    before = list(VehicleSegment.objects.values())

    again = services.segment(as_of=today)
    tomorrow = services.segment(as_of=today + timedelta(days=1))

    assert (again["changed"], tomorrow["changed"]) == (0, 0)
    assert list(VehicleSegment.objects.values()) == before
    assert SegmentSpell.objects.count() == 2


def test_an_older_day_is_answered_but_not_written(vehicle, today):
    VisitFactory(vehicle=vehicle, visited_on=today, paid_fen=60_000)
    services.segment(as_of=today)
    before = list(VehicleSegment.objects.values()), list(SegmentSpell.objects.values())

    older = services.segment(as_of=today - timedelta(days=1))

    assert (older["changed"], older["c3"]["mystery_opportunity"], older["care_status"]["lost"]) == (0, 1, 1)
    assert (list(VehicleSegment.objects.values()), list(SegmentSpell.objects.values())) == before
    assert SegmentRun.objects.count() == 1


def test_a_change_closes_the_spell_and_opens_the_next(vehicle, today):
    services.segment(as_of=today - timedelta(days=10))
    VisitFactory(vehicle=vehicle, visited_on=today, paid_fen=60_000)

    services.segment(as_of=today)

    row = VehicleSegment.objects.get()
    assert (row.c3, row.c3_before, row.c3_since) == ("high_opportunity", "mystery_opportunity", today)
    assert (row.care_status, row.care_before, row.care_since) == ("active", "lost", today)
    first = today - timedelta(days=10)
    assert spells(vehicle) == [("mystery_opportunity", first, today), ("high_opportunity", today, None)]


def test_a_second_run_of_the_day_leaves_what_one_run_would_have(vehicle, today):
    first = today - timedelta(days=10)
    services.segment(as_of=first)
    visit = VisitFactory(vehicle=vehicle, visited_on=today, paid_fen=60_000)
    services.segment(as_of=today)
    VisitFactory(vehicle=vehicle, visited_on=today, kind=Visit.Kind.REPAIR, paid_fen=1)
    services.segment(as_of=today)
    assert spells(vehicle) == [("mystery_opportunity", first, today), ("high_risk", today, None)]

    Visit.objects.filter(vehicle=vehicle).update(voided=True)
    services.segment(as_of=today)

    row = VehicleSegment.objects.get()
    assert spells(vehicle) == [("mystery_opportunity", first, None)]
    assert (row.c3, row.c3_before, row.c3_since) == ("mystery_opportunity", "", first)
    assert visit.pk


def test_a_car_sold_away_loses_its_row_and_its_spells_end(vehicle, today):
    services.segment(as_of=today - timedelta(days=1))
    Vehicle.objects.update(state=Vehicle.State.SOLD_AWAY)

    assert services.segment(as_of=today)["changed"] == 1

    assert not VehicleSegment.objects.exists()
    assert spells(vehicle) == [("mystery_opportunity", today - timedelta(days=1), today)]
    Vehicle.objects.update(state=Vehicle.State.IN_USE)
    assert services.segment(as_of=today)["changed"] == 1
    assert spells(vehicle) == [("mystery_opportunity", today - timedelta(days=1), None)]


def test_one_store_leaves_the_other_alone(vehicle, other_store, today):
    sister = VehicleFactory(owner=CustomerFactory(home_store=other_store))
    VisitFactory(vehicle=sister, visited_on=today, paid_fen=999_999)

    found = services.segment(as_of=today, stores=[vehicle.home_store])

    assert found["vehicles"] == 1
    assert list(VehicleSegment.objects.values_list("vehicle", flat=True)) == [vehicle.pk]
    assert list(SegmentRun.objects.values_list("store", flat=True)) == [vehicle.home_store_id]


def test_a_store_with_rules_of_its_own(vehicle, other_store, today):
    sister = VehicleFactory(owner=CustomerFactory(home_store=other_store))
    for car in (vehicle, sister):
        VisitFactory(vehicle=car, visited_on=today, paid_fen=60_000)
    own = worlds.publish(Rules(spend_mode="amount", spend_amount_fen=60_001), store=other_store)

    found = services.segment(as_of=today)

    assert dict(VehicleSegment.objects.values_list("vehicle", "c3")) == {
        vehicle.pk: "high_opportunity",
        sister.pk: "mystery_opportunity",
    }
    assert found["rule_set"] in ("v1, NS v1", "NS v1, v1")
    assert services.published_rules(other_store) == own
    assert services.standing([other_store, vehicle.home_store]).rules is None


def test_a_new_version_is_named_by_every_row(vehicle, today):
    services.segment(as_of=today)
    second = worlds.publish(Rules(spend_mode="amount", spend_amount_fen=1))

    services.segment(as_of=today)

    assert VehicleSegment.objects.get().rule_set == second


def test_an_unpublished_version_is_not_used(vehicle, today, amount_rules):
    RuleSet.objects.create(version=2, lost_days=5000, near_lost_days=4000)

    assert services.published_rules(vehicle.home_store) == amount_rules


def test_refuses_without_store_or_rules(db, today):
    with pytest.raises(services.SegmentRefused):
        services.segment(as_of=today)


def test_refuses_a_store_without_rules(store, today):
    RuleSet.objects.all().delete()
    with pytest.raises(services.SegmentRefused):
        services.segment(as_of=today)


def test_migration_published_the_first_rules(db):
    rules = RuleSet.objects.get()
    assert (rules.version, rules.store, rules.published_at is not None) == (1, None, True)


def test_backfill_tells_the_past_and_comes_back_to_today(vehicle, today):
    VisitFactory(vehicle=vehicle, visited_on=date(2026, 4, 10), paid_fen=60_000)
    services.segment(as_of=today)

    runs = services.backfill(month_ends=month_ends(today, 3))

    assert [run["as_of"] for run in runs] == ["2026-03-31", "2026-04-30", "2026-05-31", "2026-06-12"]
    assert spells(vehicle) == [
        ("mystery_opportunity", date(2026, 3, 31), date(2026, 4, 30)),
        ("high_opportunity", date(2026, 4, 30), None),
    ]
    assert VehicleSegment.objects.get().c3_since == date(2026, 4, 30)
    assert services.segment(as_of=today)["changed"] == 0


def test_as_many_statements_for_many_cars_as_for_one(store, amount_rules, today):
    owner = CustomerFactory(home_store=store)
    counts = []
    for more in (1, 1, 20):
        for _ in range(more):
            VisitFactory(vehicle=VehicleFactory(owner=owner), visited_on=today)
        with CaptureQueriesContext(connection) as counted:
            services.segment(as_of=today, full=True)
        counts.append(len(counted))

    # The first run of a store is of another kind than all later ones.
    assert counts[1] == counts[2]


def test_months():
    assert months_before(date(2024, 2, 29), 12) == date(2023, 2, 28)
    assert months_before(date(2026, 1, 31), 2) == date(2025, 11, 30)
    assert month_ends(date(2026, 3, 1), 2) == [date(2026, 1, 31), date(2026, 2, 28)]
