"""The SQL says what the reference says, on whatever happened to the cars."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmentation.models import RuleSet, SegmentSpell, VehicleSegment
from tests.segmentation import worlds
from tests.segmentation.reference import Complaint, Rules, Vehicle, Visit

TODAY = date(2024, 2, 29)
# Near the edges of every rule, and between them.
AGES = st.one_of(
    st.sampled_from([-1, 0, 1, 89, 90, 91, 181, 182, 183, 184, 185, 364, 365, 366, 367]), st.integers(0, 800)
)
DAYS = AGES.map(lambda age: TODAY - timedelta(days=age))
STORES = st.sampled_from(["GB", "GB", "GB", "NS", "LG"])
VISITS = st.builds(
    Visit,
    store=STORES,
    day=DAYS,
    kind=st.sampled_from(["maintenance", "maintenance", "repair", "accident", "warranty", "other"]),
    paid_fen=st.sampled_from([0, 1, 99, 100, 50_000, 100_000, -200]),
    voided=st.sampled_from([False, False, False, True]),
)
COMPLAINTS = st.builds(
    lambda opened, length: Complaint(opened, None if length is None else opened + timedelta(days=length)),
    DAYS,
    st.one_of(st.none(), st.integers(0, 60)),
)
CARS = st.builds(
    Vehicle,
    id=st.integers(0, 10**9),
    home_store=STORES,
    purchased_on=st.one_of(st.none(), DAYS),
    state=st.sampled_from(["in_use", "in_use", "in_use", "in_use", "sold_away", "scrapped"]),
    price_sensitive=st.booleans(),
    visits=st.lists(VISITS, max_size=7).map(tuple),
    complaints=st.one_of(st.just(()), st.lists(COMPLAINTS, min_size=1, max_size=2).map(tuple)),
)
RULES = st.builds(
    Rules,
    window_months=st.sampled_from([12, 12, 1, 24]),
    maintenance_high=st.sampled_from([1, 2]),
    spend_mode=st.sampled_from(["percentile", "amount"]),
    spend_percentile=st.sampled_from([60, 1, 50, 99]),
    spend_amount_fen=st.sampled_from([1, 100, 100_000]),
    repair_ratio_high=st.sampled_from([Fraction(30, 100), Fraction(1, 2), Fraction(1, 100), Fraction(1)]),
    repair_kinds=st.sampled_from([frozenset({"repair", "accident"}), frozenset({"repair"})]),
    interval_factor=st.sampled_from([Fraction(3, 2), Fraction(1), Fraction(133, 100)]),
    interval_min_days=st.sampled_from([90, 0, 30]),
    complaint_months=st.sampled_from([6, 1]),
)


@pytest.mark.django_db
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    cars=st.lists(CARS, min_size=1, max_size=14, unique_by=lambda car: car.id),
    rules=RULES,
    back=st.sampled_from([0, 0, 1, 29, 200]),
)
def test_sql_equals_the_reference(cars, rules, back):
    worlds.clear()
    RuleSet.objects.all().delete()
    worlds.publish(rules)
    ids = worlds.put(cars)
    as_of = TODAY - timedelta(days=back)

    result = worlds.run(as_of)

    expected = worlds.expected(cars, as_of, rules)
    assert worlds.stored(ids) == expected
    assert result["vehicles"] == result["changed"] == len(expected)
    assert worlds.run(as_of)["changed"] == 0


@pytest.mark.django_db
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    cars=st.lists(CARS, min_size=1, max_size=10, unique_by=lambda car: car.id),
    steps=st.lists(st.integers(1, 200), min_size=1, max_size=3),
)
def test_history_is_what_a_run_of_each_day_would_have_said(cars, steps):
    """Run after run; then each past day's spells, and the day until which nothing falls due."""
    worlds.clear()
    RuleSet.objects.all().delete()
    rules = replace(Rules(), spend_mode="amount", spend_amount_fen=50_000)
    worlds.publish(rules)
    ids = worlds.put(cars)
    days = [TODAY - timedelta(days=sum(steps[n:])) for n in range(len(steps))] + [TODAY]

    for day in days:
        worlds.run(day)

    for day in days:
        expected = worlds.expected(cars, day, rules)
        spells = {(spell.vehicle_id, spell.family): spell.value for spell in SegmentSpell.objects.on(day)}
        assert spells == {
            (ids[car], family): values[index]
            for car, values in expected.items()
            for index, family in enumerate(("c3", "care_status"))
        }
    quiet = {row.vehicle_id: row for row in VehicleSegment.objects.all()}
    for car in cars:
        row = quiet.get(ids[car.id])
        if row is None or any(v.day > TODAY for v in car.visits) or _dated_later(car):
            continue
        until = row.due_on - timedelta(days=1) if row.due_on else TODAY + timedelta(days=2000)
        later = worlds.expected([car], until, rules)[car.id]
        assert later == (row.c3, row.care_status, row.maintenance_count, row.repair_like_count, row.spend_fen)


def _dated_later(car: Vehicle) -> bool:
    """Events entered ahead of their day are events, not dates to wait for."""
    dates = [car.purchased_on, *(day for found in car.complaints for day in found)]
    return any(day is not None and day > TODAY for day in dates)
