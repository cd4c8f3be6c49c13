"""The manager's figures: exact sums, last year at the same day, empty months, another store's rows."""

from datetime import date

import pytest

from dashboards import periods, reports
from segmentation.models import C3, Family, RuleSet, SegmentSpell, VehicleSegment
from tests.customers.factories import CustomerFactory, VehicleFactory, VisitFactory


def visit_on(store, day, fen=10_000, **kwargs):
    vehicle = kwargs.pop("vehicle", None) or VehicleFactory(owner=CustomerFactory(home_store=store))
    return VisitFactory(vehicle=vehicle, visited_on=day, paid_fen=fen, **kwargs)


def segment(vehicle, key, *, since, before=""):
    rules = RuleSet.objects.first() or RuleSet.objects.create(version=1)
    SegmentSpell.objects.create(
        vehicle=vehicle, store=vehicle.home_store, family="c3", value=key, since_on=since
    )
    return VehicleSegment.objects.create(
        vehicle=vehicle, store=vehicle.home_store, as_of=date(2026, 6, 12), rule_set=rules, c3=key,
        care_status="active", maintenance_count=2, repair_like_count=1, spend_fen=1,
        c3_since=since, care_since=since, c3_before=before,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("key", "first", "ends"),
    [
        ("month", date(2026, 6, 1), date(2026, 6, 30)),
        ("quarter", date(2026, 4, 1), date(2026, 6, 30)),
        ("year", date(2026, 1, 1), date(2026, 12, 31)),
        ("nonsense", date(2026, 6, 1), date(2026, 6, 30)),
    ],
)
def test_period_is_the_calendar_one_of_today(key, first, ends, today):
    chosen = periods.period(key, today=today)

    assert (chosen.first, chosen.last, chosen.ends) == (first, today, ends)


def test_last_quarter_of_a_year_ends_in_december():
    assert periods.period("quarter", today=date(2026, 12, 31)).ends == date(2026, 12, 31)


def test_last_year_is_cut_at_the_same_day_also_on_29_february():
    assert periods.period("month", today=date(2028, 2, 29)).last_year == (date(2027, 2, 1), date(2027, 2, 28))


def test_sums_take_both_ends_and_neither_the_day_before_nor_the_day_after(store, manager):
    vehicle = visit_on(store, date(2026, 6, 1), 10_050).vehicle
    visit_on(store, date(2026, 6, 12), 20_000, vehicle=vehicle)
    visit_on(store, date(2026, 5, 31))
    visit_on(store, date(2026, 6, 13))

    found = reports.sums(reports.visits_of(manager, [store]), date(2026, 6, 1), date(2026, 6, 12))

    assert found == reports.Sums(visits=2, vehicles=1, paid_fen=30_050)
    assert found.per_visit_fen == 15_025


def test_sums_leave_out_reversed_visits_and_other_stores(store, other_store, manager):
    visit_on(store, date(2026, 6, 2), voided=True)
    visit_on(other_store, date(2026, 6, 2))

    found = reports.sums(
        reports.visits_of(manager, [store, other_store]), date(2026, 6, 1), date(2026, 6, 12)
    )

    assert found == reports.Sums(visits=0, vehicles=0, paid_fen=0)
    assert found.per_visit_fen is None


def test_months_are_all_there_the_present_one_last(store, manager, today):
    visit_on(store, date(2026, 6, 12), 500)
    visit_on(store, date(2026, 4, 1), 700)
    visit_on(store, date(2026, 4, 30), 300)
    visit_on(store, date(2026, 3, 31))

    found = reports.months(reports.visits_of(manager, [store]), today=today, count=3)

    assert found == [
        reports.MonthFigure(date(2026, 4, 1), 2, 1_000),
        reports.MonthFigure(date(2026, 5, 1), 0, 0),
        reports.MonthFigure(date(2026, 6, 1), 1, 500),
    ]


def test_groups_give_change_return_and_revenue(store, manager, today):
    loyal = visit_on(store, date(2026, 6, 3), 80_000).vehicle
    segment(loyal, C3.PROFITABLE_LOYAL, since=date(2026, 6, 3), before=C3.DEVELOPMENT)
    SegmentSpell.objects.create(
        vehicle=loyal, store=store, family="c3", value=C3.DEVELOPMENT,
        since_on=date(2026, 1, 1), until_on=date(2026, 6, 3),
    )  # fmt: skip
    chosen = periods.period("month", today=today)

    found = {g.key: g for g in reports.groups(manager, [store], family=Family.C3, period=chosen)}

    assert list(found) == C3.values
    assert found["profitable_loyal"] == reports.GroupFigure("profitable_loyal", 1, 1, 1, 80_000, 1)
    assert found["development"].change == -1
    assert found["profitable_loyal"].return_rate is None  # nothing is said about fewer than ten cars


def test_groups_say_nothing_of_change_before_the_first_calculation(store, manager, today):
    segment(VehicleFactory(owner=CustomerFactory(home_store=store)), C3.LOW_COST, since=date(2026, 6, 10))

    found = reports.groups(manager, [store], family=Family.C3, period=periods.period("month", today=today))

    assert {group.change for group in found} == {None}


def test_fallen_counts_only_those_who_came_from_loyal_after_the_day(store, manager):
    for since, before in [
        (date(2026, 6, 2), C3.PROFITABLE_LOYAL),
        (date(2026, 6, 1), C3.PROFITABLE_LOYAL),
        (date(2026, 6, 2), C3.LOW_COST),
    ]:
        segment(
            VehicleFactory(owner=CustomerFactory(home_store=store)), C3.HIGH_RISK, since=since, before=before
        )

    assert reports.fallen_from_loyal(manager, [store], since=date(2026, 6, 1)) == 1
