"""A trial says what publishing then gives, writes nothing, and shows own stores only."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.engine import run_all
from segmentation import drafts, services, whatif
from segmentation.calendar import months_before
from segmentation.models import C3, RuleSet, SegmentRun, SegmentSpell, VehicleSegment
from staff.models import Role, Store
from tests.campaigns.factories import car as listed_car
from tests.campaigns.factories import opened
from tests.customers.factories import CustomerFactory, VehicleFactory, VisitFactory
from tests.segmentation import worlds
from tests.segmentation.reference import Rules
from tests.segmentation.test_property import CARS, RULES, TODAY
from tests.staff.factories import MembershipFactory, UserFactory


@pytest.fixture
def rules(db):
    RuleSet.objects.all().delete()
    return worlds.publish(Rules(spend_mode="amount", spend_amount_fen=50_000))


def spender(store, day, fen=60_000, kind="maintenance", times=1):
    vehicle = VehicleFactory(owner=CustomerFactory(home_store=store), purchased_on=date(2024, 1, 1))
    for back in range(times):
        VisitFactory(vehicle=vehicle, visited_on=day - timedelta(days=back), paid_fen=fen, kind=kind)
    return vehicle


def tried(rules, stores, user, today, **changes):
    copy = drafts.copy_of(rules, store=None)
    for name, value in changes.items():
        setattr(copy, name, value)
    return whatif.try_out(rules=copy, stores=stores, user=user, today=today)


def revenue_of_a_year(car, as_of):
    start = months_before(as_of, 12)
    return sum(
        visit.paid_fen
        for visit in car.visits
        if start < visit.day <= as_of and not visit.voided and visit.kind != "warranty"
    )


@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    cars=st.lists(CARS, min_size=1, max_size=14, unique_by=lambda car: car.id),
    before=RULES,
    after=RULES,
)
def test_a_trial_is_what_publishing_then_gives(cars, before, after):
    worlds.clear()
    RuleSet.objects.all().delete()
    worlds.publish(before)
    ids = worlds.put(cars)
    worlds.run(TODAY)
    stood = dict(VehicleSegment.objects.values_list("vehicle", "c3"))
    newer = worlds.publish(after)
    user = UserFactory()

    trial = whatif.try_out(rules=newer, stores=list(Store.objects.all()), user=user, today=TODAY)
    worlds.run(TODAY)

    now = dict(VehicleSegment.objects.values_list("vehicle", "c3"))
    assert {(m.before, m.after): m.cars for m in trial.moves} == Counter((stood[pk], now[pk]) for pk in now)
    assert trial.from_visits is (
        before.window_months != after.window_months or before.repair_kinds != after.repair_kinds
    )
    moving = [car for car in cars if ids[car.id] in now and stood[ids[car.id]] != now[ids[car.id]]]
    assert trial.revenue_fen == sum(revenue_of_a_year(car, TODAY) for car in moving)


def test_moves_with_their_cars_and_revenue(rules, store, other_store, manager, today):
    spender(store, today, 60_000)
    spender(store, today, 40_000)
    spender(store, today, 30_000, times=2)
    spender(other_store, today, 60_000)  # another store's, which could leak
    services.segment(as_of=today)

    trial = tried(rules, [store], manager, today, spend_amount_fen=60_001)

    assert trial.moving == [whatif.Move("high_opportunity", "mystery_opportunity", 1, 60_000),
                            whatif.Move("split_loyal", "development", 1, 60_000)]  # fmt: skip
    assert (trial.cars, trial.moved, trial.revenue_fen, trial.from_visits) == (3, 2, 120_000, False)
    assert trial.totals("after") | {"split_loyal": 0} == trial.totals("after")
    assert trial.reached == whatif.Reached(3, 1, 0, 0, 60_001, 60_001)


def test_the_very_threshold_is_high(rules, store, manager, today):
    spender(store, today, 60_000)
    services.segment(as_of=today)

    assert tried(rules, [store], manager, today, spend_amount_fen=60_000).moved == 0
    assert tried(rules, [store], manager, today, spend_amount_fen=60_001).moved == 1


def test_another_window_is_counted_from_the_visits_and_another_threshold_is_not(rules, store, manager, today):
    spender(store, today - timedelta(days=100), 60_000)
    services.segment(as_of=today)

    def reads_visits(**changes):
        with CaptureQueriesContext(connection) as queries:
            trial = tried(rules, [store], manager, today, **changes)
        read = any("GROUP BY vehicle_id" in query["sql"] for query in queries.captured_queries)
        assert trial.from_visits is read
        return trial.from_visits, trial.moved

    assert reads_visits(window_months=3) == (True, 1)
    assert reads_visits(repair_kinds=["other"]) == (True, 0)
    assert reads_visits(maintenance_high=1) == (False, 1)
    assert reads_visits(cells={**rules.cells, "010": "development"}) == (False, 1)


def test_a_trial_writes_nothing(rules, store, manager, today):
    spender(store, today)
    services.segment(as_of=today)

    def rows():
        models = (VehicleSegment, SegmentRun, SegmentSpell, RuleSet)
        return [list(model.objects.order_by("pk").values()) for model in models]

    stood = rows()
    assert tried(rules, [store], manager, today, window_months=1, maintenance_high=1).moved == 1
    assert rows() == stood


def test_before_the_first_run_there_is_nothing_to_try(rules, store, manager, today):
    assert tried(rules, [store], manager, today) is None
    assert tried(rules, [], manager, today) is None


def test_bars_hold_every_car_seen(rules, store, manager, today):
    for fen in (0, 60_000, 60_000, 5_000_000):
        spender(store, today, fen)
    spender(store, today, kind="repair")
    spender(store, today - timedelta(days=800))  # not seen in the window
    services.segment(as_of=today)

    bars = tried(rules, [store], manager, today).bars

    assert {name: sum(bar.cars for bar in drawn) for name, drawn in bars.items()} == {
        "maintenance": 5, "ratio": 5, "spend": 5,
    }  # fmt: skip
    assert [bar.is_high for bar in bars["maintenance"]][:3] == [False, False, True]
    assert (bars["ratio"][0].cars, bars["ratio"][-1].cars) == (4, 1)
    assert max(bar.height for bar in bars["spend"]) == 100


def test_running_campaigns_are_told_with_the_cars_that_move(rules, store, other_store, manager, today):
    for one in (store, other_store):
        for number in range(3):
            vehicle = listed_car(one)
            VisitFactory(vehicle=vehicle, visited_on=today, paid_fen=60_000 if number else 10_000)
        opened(one, today=today, starts_on=today, ends_on=today + timedelta(days=9), name=f"{one.name}活动")
    VehicleSegment.objects.all().delete()
    services.segment(as_of=today)

    trial = tried(rules, [store], manager, today, spend_amount_fen=70_000)

    (touched,) = trial.touched
    assert (touched.name, touched.listed, touched.moving, touched.waiting) == ("广邦店活动", 3, 2, 2)
    assert tried(rules, [store], manager, today).touched == []
    assert tried(rules, [store], manager, today + timedelta(days=10), spend_amount_fen=70_000).touched == []


def post(store, **changes):
    return {
        "for": store.pk if store else "all", "revision": 0, "maintenance_high": 2, "repair_ratio_high_percent": 30,
        "spend_mode": "amount", "spend_percentile": 60, "spend_amount": "500", "window_months": 12,
        "repair_kinds": ["repair", "accident"], **changes,
    }  # fmt: skip


URL = "segmentation:what_if"


def test_the_page_counts_at_once_and_keeps_nothing(client, rules, store, manager, today):
    spender(store, today)
    services.segment(as_of=today)
    client.force_login(manager)

    page = client.get(reverse(URL))
    part = client.post(reverse(URL), post(store, maintenance_high=1), headers={"HX-Request": "true"})
    whole = client.post(reverse(URL), post(store, maintenance_high=1, count="1"))

    assert (page.context["trial"].moved, part.context["trial"].moved) == (0, 1)
    assert b"<html" not in part.content
    assert b"hx-swap-oob" in part.content
    assert b"<html" in whole.content
    assert b"hx-swap-oob" not in whole.content
    assert RuleSet.objects.count() == 1


def test_what_does_not_fit_is_told_and_kept(client, rules, store, manager, today):
    client.force_login(manager)
    for headers in ({}, {"HX-Request": "true"}):
        page = client.post(reverse(URL), post(store, maintenance_high=0), headers=headers)
        assert page.status_code == 422
        assert page.context["form"].errors.keys() == {"maintenance_high"}
        assert page.context["trial"] is None


def test_tried_numbers_become_a_draft_and_then_a_version(client, rules, store, other_store, manager):
    today = timezone.localdate()
    spender(store, today)
    services.segment(as_of=today)
    client.force_login(manager)

    assert client.post(reverse(URL), post(store, maintenance_high=1, save="1")).status_code == 302
    draft = drafts.draft_of(store)
    assert (draft.maintenance_high, draft.spend_amount_fen) == (1, 50_000)
    page = client.get(reverse(URL), {"for": store.pk})
    assert (page.context["draft"], page.context["trial"].moved) == (draft, 1)

    stale = client.post(reverse(URL), post(store, maintenance_high=3, save="1"))
    unexplained = client.post(
        reverse(URL), post(store, maintenance_high=1, revision=draft.revision, publish="1", note="")
    )
    assert (stale.status_code, unexplained.status_code) == (409, 422)
    assert drafts.in_force(store) == rules

    done = client.post(
        reverse(URL), post(store, maintenance_high=1, revision=draft.revision, publish="1", note="一次就算")
    )
    run_all()
    assert (done.status_code, drafts.draft_of(store)) == (302, None)
    published = drafts.in_force(store)
    assert (published.maintenance_high, published.note) == (1, "一次就算")
    assert VehicleSegment.objects.get().c3 == C3.SPLIT_LOYAL


@pytest.mark.parametrize(
    ("who", "scope", "status"),
    [("manager", "own", 302), ("manager", "all", 403), ("manager", "other", 404), ("admin_user", "own", 403),
     ("advisor", "own", 403)],
)  # fmt: skip
def test_who_may_keep_what_was_tried(client, request, rules, store, other_store, who, scope, status):
    client.force_login(request.getfixturevalue(who))
    field = {"own": store, "other": other_store, "all": None}[scope]
    assert client.post(reverse(URL), post(field, save="1")).status_code == status
    assert RuleSet.objects.drafts().count() == (status == 302)


def test_the_groups_trial_holds_own_stores_only(client, rules, store, other_store, manager, today):
    spender(store, today)
    spender(other_store, today)
    spender(other_store, today)
    services.segment(as_of=today)
    client.force_login(manager)

    page = client.get(reverse(URL), {"for": "all"})

    assert (page.context["trial"].cars, page.context["field"].may_edit) == (1, False)
    assert b'name="publish"' not in page.content


def test_where_the_user_only_serves_cars_he_tries_nothing(client, rules, store, other_store, manager, today):
    MembershipFactory(store=other_store, role=Role.ADVISOR, user=manager)
    spender(other_store, today)
    services.segment(as_of=today)
    client.force_login(manager)

    assert client.get(reverse(URL), {"for": other_store.pk}).status_code == 404
    assert client.get(reverse(URL), {"for": "all"}).context["field"].stores == (store,)


def test_a_store_with_own_rules_is_not_in_the_groups_trial(client, rules, store, other_store, today):
    user = UserFactory()
    for one in (store, other_store):
        MembershipFactory(store=one, role=Role.MANAGER, user=user)
    worlds.publish(Rules(), store=store)
    client.force_login(user)

    assert client.get(reverse(URL), {"for": "all"}).context["field"].stores == (other_store,)
    assert client.get(reverse(URL)).context["field"].store == store


def test_as_many_queries_for_many_cars_as_for_one(client, rules, store, manager, today):
    client.force_login(manager)
    counts = []
    for more in (1, 4):
        for _number in range(more):
            spender(store, today)
        services.segment(as_of=today)
        with CaptureQueriesContext(connection) as counted:
            client.post(reverse(URL), post(store, maintenance_high=1))
        counts.append(len(counted))
    assert counts[0] == counts[1]
