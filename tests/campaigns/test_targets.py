"""Who fits, who is left out and why, and the list once it is frozen."""

from datetime import date
from typing import Any

import pytest

from campaigns import services, targets
from campaigns.criteria import Criteria, GroupPlan
from campaigns.models import Target
from customers.models import Vehicle
from segmentation.models import CareStatus
from staff.models import Store
from tests.campaigns.factories import LOW, LOYAL, car, draft, opened
from tests.customers.factories import ComplaintFactory

ALL = (GroupPlan(LOYAL), GroupPlan(LOW))


def fitting(store: Store, today: date, **criteria: Any) -> set[int]:
    wanted = Criteria(**{"groups": ALL, **criteria})
    return set(targets.matching(wanted, stores=[store], today=today).values_list("vehicle_id", flat=True))


def test_groups_and_stores(store: Store, other_store: Store, today: date) -> None:
    loyal, low = car(store), car(store, c3=LOW)
    car(store, c3="high_risk")
    car(other_store)  # could leak
    car(store, state=Vehicle.State.SOLD_AWAY)
    assert fitting(store, today) == {loyal.pk, low.pk}
    assert fitting(store, today, groups=(GroupPlan(LOW),)) == {low.pk}


@pytest.mark.parametrize(
    ("bought", "fits"),
    [
        (date(2025, 6, 12), True),  # one year old today
        (date(2025, 6, 13), False),  # tomorrow
        (date(2021, 6, 13), True),  # five tomorrow
        (date(2021, 6, 12), False),  # five today
        (None, False),
    ],
)
def test_age_band_is_half_open(store: Store, today: date, bought: date | None, fits: bool) -> None:
    vehicle = car(store, purchased_on=bought)
    expected = {vehicle.pk} if fits else set()
    assert fitting(store, today, groups=(GroupPlan(LOYAL, age_from=1, age_to=5),)) == expected


def test_age_band_of_one_group_leaves_the_other_alone(store: Store, today: date) -> None:
    old_low, old_loyal = (car(store, c3=group, purchased_on=date(2010, 1, 1)) for group in (LOW, LOYAL))
    assert fitting(store, today, groups=(GroupPlan(LOYAL, age_to=5), GroupPlan(LOW))) == {old_low.pk}
    assert old_loyal.pk


def test_model_line_or_full_model(store: Store, today: date) -> None:
    line = car(store, series="GL8", model="GL8 3.0")
    full = car(store, model="陆尊")
    car(store, model="凯越")
    assert fitting(store, today, models=("GL8", "陆尊")) == {line.pk, full.pk}


def test_plate_prefix_last_visit_spend_and_status(store: Store, today: date) -> None:
    ours = car(store, plate="粤B12345", segment={"last_visit_on": date(2026, 3, 14), "spend_fen": 100_000})
    never = car(
        store,
        plate="粤C12345",
        segment={"last_visit_on": None, "spend_fen": 0, "care_status": CareStatus.LOST},
    )
    assert fitting(store, today, plate_prefix="粤B") == {ours.pk}
    assert fitting(store, today, last_visit_days=90) == {ours.pk, never.pk}  # exactly 90 days
    assert fitting(store, today, last_visit_days=91) == {never.pk}
    assert fitting(store, today, min_spend_fen=100_000) == {ours.pk}
    assert fitting(store, today, min_spend_fen=100_001) == set()
    assert fitting(store, today, care_statuses=("lost",)) == {never.pk}


def test_left_out_once_each_under_the_first_reason(store: Store, today: date) -> None:
    kept = car(store)
    both = car(store, owner={"do_not_call": True, "may_call": False}, phone=False)
    car(store, owner={"may_call": False})
    car(store, phone=False)
    ComplaintFactory(vehicle=car(store))
    ComplaintFactory(vehicle=kept, closed_on=date(2026, 5, 2))
    preview = targets.preview(Criteria(groups=ALL), stores=[store], today=today)
    assert preview.by_group == {LOYAL: 1, LOW: 0}
    assert preview.total == 1
    left_out = {str(label): count for label, count in preview.excluded}
    expected = ["do_not_call", "no_consent", "no_phone", "complaint"]
    assert left_out == {str(targets.REASONS[reason]): 1 for reason in expected}
    assert both.pk


def test_spoken_for_and_called_a_short_time_ago(store: Store, today: date) -> None:
    vehicle = car(store)
    first = opened(store)
    reasons = targets.preview(Criteria(groups=ALL), stores=[store], today=today).excluded
    assert [(str(label), count) for label, count in reasons] == [(str(targets.REASONS["running"]), 1)]

    services.close_campaign(campaign=first, by=None)
    called = Target.objects.filter(vehicle=vehicle)
    called.update(first_called_on=date(2026, 5, 13), last_called_on=date(2026, 5, 13))
    assert (
        targets.preview(Criteria(groups=ALL, exclude_contacted_days=30), stores=[store], today=today).total
        == 1
    )
    assert (
        targets.preview(Criteria(groups=ALL, exclude_contacted_days=31), stores=[store], today=today).total
        == 0
    )


def test_steps_count_down(store: Store, today: date) -> None:
    car(store, plate="粤B11111")
    car(store, plate="粤C11111")
    car(store, c3="high_risk")
    preview = targets.preview(Criteria(groups=ALL, plate_prefix="粤B"), stores=[store], today=today)
    assert [(step.key, step.count) for step in preview.steps] == [("base", 3), ("groups", 2), ("plate", 1)]


def test_preview_costs_two_queries(store: Store, today: date, django_assert_num_queries: Any) -> None:
    for _ in range(3):
        car(store)
    with django_assert_num_queries(2):
        targets.preview(Criteria(groups=ALL, holdout_percent=10), stores=[store], today=today)


def test_freeze_keeps_the_car_as_it_was_and_adds_nothing_twice(store: Store, other_store: Store) -> None:
    vehicle = car(
        store, series="GL8", purchased_on=date(2023, 6, 2), segment={"care_status": CareStatus.NEAR_LOST}
    )
    car(other_store)
    campaign = draft(store)
    today = date(2026, 6, 1)
    assert targets.freeze(campaign, stores=[store], today=today) == 1
    row = Target.objects.get()
    assert (row.vehicle, row.customer, row.store) == (vehicle, vehicle.owner, store)
    assert (row.c3, row.care_status, row.age_years, row.model) == (LOYAL, CareStatus.NEAR_LOST, 2, "GL8")
    assert (row.is_holdout, row.outcome, row.agent) == (False, "", None)

    car(store)
    assert targets.freeze(campaign, stores=[store], today=today) == 1  # the new car only
    assert targets.freeze(campaign, stores=[store], today=today) == 0


def test_opening_twice_adds_nothing(store: Store, today: date) -> None:
    car(store)
    campaign = draft(store)
    first = services.open_campaign(campaign=campaign, by=None, today=today)
    car(store)
    assert services.open_campaign(campaign=campaign, by=None, today=today) == first
    assert Target.objects.count() == 1


def test_holdout_is_a_share_drawn_once_for_all(store: Store, today: date) -> None:
    made = [car(store) for _ in range(200)]
    criteria = Criteria(groups=ALL, holdout_percent=20)
    campaign = draft(store, criteria=criteria)
    promised = targets.preview(criteria, stores=[store], today=today, but=campaign).holdout
    assert 20 <= promised <= 60
    report = services.open_campaign(campaign=campaign, by=None, today=today)
    assert (report.listed, report.holdout) == (200, promised)
    assert len(made) == 200


@pytest.mark.parametrize(
    ("day", "years", "expected"),
    [
        (date(2026, 6, 12), 3, date(2023, 6, 12)),
        (date(2024, 2, 29), 1, date(2023, 3, 1)),
        (date(2024, 2, 29), 4, date(2020, 2, 29)),
    ],
)
def test_years_before(day: date, years: int, expected: date) -> None:
    assert targets.years_before(day, years) == expected
