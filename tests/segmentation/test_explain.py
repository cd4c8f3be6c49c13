"""Why a car is where it is: the rules for one car against the reference, the predicted days, the page."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.models import Visit
from segmentation import judging, outlook, services
from segmentation.histories import histories
from segmentation.judging import Change, History, Stop
from segmentation.models import RuleSet
from tests.customers.factories import ComplaintFactory, CustomerFactory, VehicleFactory, VisitFactory
from tests.segmentation import reference, worlds
from tests.segmentation.reference import Rules
from tests.segmentation.test_property import CARS, RULES, TODAY

AMOUNT = 50_000
STORE_IDS = {"GB": 1, "NS": 2, "LG": 3}


def numbers(rules: reference.Rules) -> RuleSet:
    """The same rules, unsaved."""
    return RuleSet(
        version=1,
        window_months=rules.window_months,
        maintenance_high=rules.maintenance_high,
        repair_ratio_high_percent=int(rules.repair_ratio_high * 100),
        repair_kinds=sorted(rules.repair_kinds),
        lost_days=rules.lost_days,
        near_lost_days=rules.near_lost_days,
        interval_factor_percent=int(rules.interval_factor * 100),
        interval_min_days=rules.interval_min_days,
        complaint_months=rules.complaint_months,
        new_days=rules.new_days,
    )


def history(car: reference.Vehicle) -> History:
    standing = sorted((visit for visit in car.visits if not visit.voided), key=lambda visit: visit.day)
    return History(
        STORE_IDS[car.home_store],
        car.purchased_on,
        car.price_sensitive,
        tuple(Stop(visit.day, visit.kind, visit.paid_fen, STORE_IDS[visit.store]) for visit in standing),
        tuple(car.complaints),
    )


def says(car, day, rules, family):
    if reference.first_seen(car, day) is None:
        return ""
    if family == "care":
        return reference.care_status(car, day, rules)
    return reference.c3([car], day, rules)[car.id].key


IN_USE = CARS.map(lambda car: replace(car, state="in_use"))
BY_AMOUNT = RULES.map(lambda rules: replace(rules, spend_mode="amount", spend_amount_fen=AMOUNT))
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@MANY
@given(car=IN_USE, rules=BY_AMOUNT, back=st.integers(0, 400))
def test_one_car_is_judged_as_the_reference_does(car, rules, back):
    day = TODAY - timedelta(days=back)
    mine, ours = history(car), numbers(rules)

    assert judging.group(mine, day, ours, AMOUNT) == says(car, day, rules, "c3")
    assert judging.care(mine, day, ours) == says(car, day, rules, "care")


@MANY
@given(car=IN_USE, rules=BY_AMOUNT, family=st.sampled_from(["c3", "care"]))
def test_predicted_day_is_the_first_the_reference_changes(car, rules, family):
    mine, ours = history(car), numbers(rules)
    if family == "c3":
        change = outlook.group_change(mine, TODAY, ours, AMOUNT)
    else:
        change = outlook.care_change(mine, TODAY, ours)

    now = says(car, TODAY, rules, family)
    last = change.on if change else TODAY + timedelta(days=900)
    for ahead in range(1, (last - TODAY).days):
        assert says(car, TODAY + timedelta(days=ahead), rules, family) == now
    assert says(car, last, rules, family) == (change.value if change else now)


@MANY
@given(car=IN_USE, rules=BY_AMOUNT)
def test_one_more_service_makes_it_that_until_the_day_named(car, rules):
    mine = history(car)
    found = judging.one_more(mine, TODAY, numbers(rules), AMOUNT, Stop(TODAY, "maintenance", 0, 1))

    def with_service(day):
        more = replace(car, visits=(*car.visits, reference.Visit("GB", day, "maintenance", 0)))
        return says(more, day, rules, "c3")

    if found is None:
        assert with_service(TODAY) == says(car, TODAY, rules, "c3")
        return
    value, until = found
    last = until or TODAY + timedelta(days=900)
    assert {with_service(TODAY + timedelta(days=n)) for n in range((last - TODAY).days)} == {value}
    assert until is None or with_service(until) != value


@pytest.mark.parametrize(
    ("day", "months", "leaves"),
    [
        (date(2025, 6, 12), 12, date(2026, 6, 12)),
        (date(2024, 2, 29), 12, date(2025, 3, 1)),
        (date(2026, 1, 31), 1, date(2026, 3, 1)),
        (date(2025, 12, 31), 6, date(2026, 7, 1)),
    ],
)
def test_day_on_which_a_visit_leaves_the_window(day, months, leaves):
    rules = RuleSet(window_months=months)
    car = History(1, visits=(Stop(day, "maintenance", 1, 1),))

    assert judging.leaves_on(day, months) == leaves
    assert len(judging.figures(car, leaves - timedelta(days=1), rules).counted) == 1
    assert judging.figures(car, leaves, rules).counted == ()


def test_sentences_name_the_exact_days():
    today = date(2026, 6, 12)
    visits = (
        Stop(date(2025, 7, 1), "repair", 30_000, 1),
        Stop(date(2025, 12, 1), "maintenance", 30_000, 1),
    )
    car, rules = History(1, date(2024, 1, 1), visits=visits), RuleSet(version=1)

    with override("en"):
        assert outlook.of_group(car, today, rules, AMOUNT) == [
            "One more service before 2026-07-01 makes it “Profitable-loyal”.",
            "It leaves “High-risk” for “Mystery-opportunity” on 2026-07-01, "
            "when the visit of 2025-07-01 leaves the window.",
        ]
        assert outlook.of_care(car, today, rules) == [
            "A service visit makes it “Normal”.",
            "Without a visit it falls to “Lost” on 2026-12-02.",
        ]
    assert outlook.care_change(car, today, rules) == Change(date(2026, 12, 2), "lost")


@pytest.fixture
def vehicle(store):
    RuleSet.objects.all().delete()
    worlds.publish(Rules(spend_mode="amount", spend_amount_fen=AMOUNT))
    return VehicleFactory(owner=CustomerFactory(home_store=store), purchased_on=date(2024, 1, 1))


def page(client, vehicle, family="c3", language="en"):
    client.cookies["django_language"] = language
    return client.get(reverse("segmentation:explain", args=[vehicle.pk, family]))


def test_page_shows_what_counted_what_did_not_and_the_history(client, vehicle, advisor, today):
    services.segment(as_of=date(2026, 4, 30))
    counted = VisitFactory(vehicle=vehicle, visited_on=date(2026, 5, 1), paid_fen=60_000)
    warranty = VisitFactory(vehicle=vehicle, visited_on=date(2026, 5, 2), kind=Visit.Kind.WARRANTY)
    old = VisitFactory(vehicle=vehicle, visited_on=today - timedelta(days=365))
    voided = VisitFactory(vehicle=vehicle, visited_on=date(2026, 5, 3), voided=True)
    services.segment(as_of=today)
    client.force_login(advisor)

    response = page(client, vehicle)

    found = response.context["found"]
    assert found.is_current
    assert [(row.visit, row.roles) for row in found.counted] == [
        (warranty, ["not in the spend: warranty"]),
        (counted, ["as a service", "in the spend"]),
    ]
    assert [(row.visit, row.roles) for row in found.uncounted] == [
        (voided, ["reversed: it does not count as a visit"]),
        (old, ["outside the window"]),
    ]
    assert [(row.value, row.threshold, row.applies) for row in found.judged] == [
        ("1", "2", False),
        ("0% (0 of 1)", "30%", False),
        ("¥600", "¥500", True),
    ]
    assert [spell.value for spell in response.context["spells"]] == [
        "high_opportunity",
        "mystery_opportunity",
    ]
    text = response.content.decode()
    assert reverse("customers:visit", args=[counted.pk]) in text
    assert "2027-05-01" in text  # when it leaves


def test_care_page_tries_every_status_in_order(client, vehicle, advisor, today):
    VisitFactory(vehicle=vehicle, visited_on=today - timedelta(days=366))
    ComplaintFactory(vehicle=vehicle, opened_on=date(2026, 6, 1))
    services.segment(as_of=today)
    client.force_login(advisor)

    found = page(client, vehicle, "care_status").context["found"]

    assert [row.key for row in found.judged if row.applies] == ["complained", "lost", "near_lost", "active"]
    assert [row.key for row in found.judged if row.decides] == ["complained"]
    assert found.uncounted[0].roles == ["outside the window", "the last visit: days away count from it"]


def test_page_in_chinese_and_a_car_without_a_group(client, vehicle, advisor):
    client.force_login(advisor)

    response = page(client, vehicle, language="zh-hans")

    assert response.status_code == 200
    assert "found" not in response.context


def test_sister_stores_visits_are_told_but_not_shown(client, vehicle, advisor, other_store, today):
    VisitFactory(
        vehicle=vehicle, store=other_store, visited_on=today, order_no="XX-SECRET", paid_fen=12_345_00
    )
    services.segment(as_of=today)
    client.force_login(advisor)

    response = page(client, vehicle)

    assert (response.context["found"].counted, response.context["found"].hidden) == ([], 1)
    assert "XX-SECRET" not in response.content.decode()


def test_other_stores_car_and_unknown_family_are_404(client, vehicle, stranger, advisor):
    client.force_login(stranger)
    assert page(client, vehicle).status_code == 404
    client.force_login(advisor)
    assert page(client, vehicle, "value_x").status_code == 404


def test_label_older_than_the_visits_says_so(client, vehicle, advisor, today):
    services.segment(as_of=today)
    VisitFactory(vehicle=vehicle, visited_on=today, paid_fen=60_000)
    client.force_login(advisor)

    assert not page(client, vehicle).context["found"].is_current


def test_as_many_queries_for_many_visits(client, vehicle, advisor, today):
    client.force_login(advisor)
    counts = []
    for more in (1, 5):
        VisitFactory.create_batch(more, vehicle=vehicle, visited_on=today)
        services.segment(as_of=today)
        page(client, vehicle)
        with CaptureQueriesContext(connection) as counted:
            page(client, vehicle)
        counts.append(len(counted))

    assert counts[0] == counts[1]


def test_histories_take_three_queries(vehicle, today, django_assert_num_queries):
    VisitFactory(vehicle=vehicle, visited_on=today)
    other = VehicleFactory(owner=vehicle.owner)

    with django_assert_num_queries(3):
        found = histories([vehicle.pk, other.pk])

    assert (len(found[vehicle.pk].visits), len(found[other.pk].visits)) == (1, 0)
