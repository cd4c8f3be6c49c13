"""The manager's pages of the groups: figures, the rows that could leak, filters, queries."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.contacts import new_phone
from segmentation import reports, services
from segmentation.models import Family, RuleSet
from tests.customers.factories import CustomerFactory, VehicleFactory, VisitFactory
from tests.segmentation import worlds
from tests.segmentation.reference import Rules


@pytest.fixture(autouse=True)
def amount_rules(db):
    RuleSet.objects.all().delete()
    return worlds.publish(Rules(spend_mode="amount", spend_amount_fen=50_000))


def spender(store, day, fen=60_000, **more):
    vehicle = VehicleFactory(owner=CustomerFactory(home_store=store), purchased_on=date(2024, 1, 1), **more)
    VisitFactory(vehicle=vehicle, visited_on=day, paid_fen=fen)
    return vehicle


def test_shares_count_change_and_spend_of_own_stores(store, other_store, manager, today):
    spender(store, today)
    spender(store, date(2026, 5, 2), 70_000)
    spender(other_store, today)
    services.segment(as_of=date(2026, 5, 31))
    services.segment(as_of=today)

    found = reports.shares(
        user=manager, stores=[store, other_store], family=Family.C3, since=date(2026, 5, 31)
    )

    by_key = {share.key: share for share in found}
    assert by_key["high_opportunity"] == reports.Share("high_opportunity", 2, 2, 1, 130_000)
    assert by_key["high_opportunity"].per_car_fen == 65_000
    assert by_key["mystery_opportunity"] == reports.Share("mystery_opportunity", 0, 2, -1, 0)
    assert (by_key["mystery_opportunity"].worse, by_key["high_opportunity"].worse) == (False, False)


def test_no_change_is_told_where_nothing_was_computed_then(store, manager, today):
    spender(store, today)
    services.segment(as_of=today)

    found = reports.shares(user=manager, stores=[store], family=Family.C3, since=date(2026, 5, 31))

    assert {share.change for share in found} == {None}


def test_cube_follows_the_mapping_of_the_rules(store, manager, today, amount_rules):
    services.segment(as_of=today)
    shares = reports.shares(user=manager, stores=[store], family=Family.C3, since=today)

    keys = [
        [[share.key for share in quarter.groups] for quarter in row]
        for row in reports.cube(shares, amount_rules)
    ]

    assert keys == [
        [["high_risk", "high_opportunity"], ["profitable_loyal", "split_loyal"]],
        [["low_cost", "mystery_opportunity"], ["high_cost", "development"]],
    ]


def test_groups_page_before_and_after_the_first_run(client, manager, store, today):
    client.force_login(manager)
    empty = client.get(reverse("segmentation:groups"))
    spender(store, today)
    services.segment(as_of=today)

    page = client.get(reverse("segmentation:groups"))

    assert (empty.status_code, empty.context["standing"]) == (200, None)
    assert page.context["total"] == 1
    assert b"2026-06-12" in page.content


def test_vehicles_are_of_the_group_and_the_own_store(client, manager, store, other_store, today):
    mine = spender(store, today)
    spender(store, date(2020, 1, 1))  # another group
    spender(other_store, today)  # another store's, which could leak
    services.segment(as_of=today)
    client.force_login(manager)

    page = client.get(reverse("segmentation:vehicles", args=["c3", "high_opportunity"])).context["page"]

    assert [row.vehicle for row in page.rows] == [mine]
    assert page.count == 1


def test_filters_narrow_and_nonsense_does_not(client, manager, store, today):
    far = spender(store, today - timedelta(days=200), model="GL8")
    near = spender(store, today, model="新君威")
    services.segment(as_of=today)
    client.force_login(manager)
    url = reverse("segmentation:vehicles", args=["c3", "high_opportunity"])

    def found(query):
        return {row.vehicle_id for row in client.get(url, query).context["page"].rows}

    assert found({"other": "near_lost"}) == {far.pk}
    assert found({"model": "gl8"}) == {far.pk}
    assert found({"away": "183"}) == {far.pk}
    assert found({"away": "365"}) == set()
    assert found({"other": "nonsense", "after": "x"}) == {far.pk, near.pk}


def test_phone_is_masked_and_the_fragment_is_the_table(client, manager, store, today):
    vehicle = spender(store, today)
    new_phone(customer=vehicle.owner, number="13812342217", is_primary=True).save()
    services.segment(as_of=today)
    client.force_login(manager)

    response = client.get(
        reverse("segmentation:vehicles", args=["care_status", "active"]), headers={"HX-Request": "true"}
    )

    text = response.content.decode()
    assert "138 **** 2217" in text
    assert "13812342217" not in text
    assert "<html" not in text


@pytest.mark.parametrize("path", [("c3", "lost"), ("care_status", "low_cost"), ("value", "high")])
def test_unknown_groups_are_404(client, manager, path):
    client.force_login(manager)
    assert client.get(reverse("segmentation:vehicles", args=path)).status_code == 404


@pytest.mark.parametrize("name", ["groups", "rules"])
@pytest.mark.parametrize(
    ("role", "status"),
    [("manager", 200), ("admin_user", 200), ("advisor", 403), ("agent", 403), ("technician", 403)],
)
def test_who_may_look(client, request, name, role, status):
    client.force_login(request.getfixturevalue(role))
    assert client.get(reverse(f"segmentation:{name}")).status_code == status


def test_as_many_queries_for_many_cars_as_for_one(client, manager, store, today):
    client.force_login(manager)
    url = reverse("segmentation:vehicles", args=["c3", "high_opportunity"])
    counts = []
    for more in (1, 3):
        for _ in range(more):
            spender(store, today)
        services.segment(as_of=today)
        client.get(url)  # the session's own queries are done
        with CaptureQueriesContext(connection) as counted:
            client.get(url)
        counts.append(len(counted))

    assert counts[0] == counts[1]


def test_rules_page_names_the_numbers(client, manager, store, today):
    services.segment(as_of=today)
    client.force_login(manager)

    page = client.get(reverse("segmentation:rules"))

    (version,) = page.context["versions"]
    assert version["stores"] == [store.name]
    assert version["cells"][0] == ("111", "profitable_loyal")
    assert b"2026-06-12" in page.content


def test_runs_are_listed_with_seconds_cars_and_changes(client, manager, store, other_store, today):
    spender(store, today)
    services.segment(as_of=today, stores=[store, other_store])
    spender(store, today)
    services.segment(as_of=today, stores=[store])
    client.force_login(manager)

    page = client.get(reverse("segmentation:runs"))

    listed = [
        (run.store, run.as_of, run.kind, run.vehicles, run.changed, run.rule_set.label)
        for run in page.context["page"].rows
    ]
    assert listed == [(store, today, "incremental", 2, 1, "v1"), (store, today, "full", 1, 1, "v1")]
    assert all(run.seconds > 0 for run in page.context["page"].rows)


def test_as_many_queries_for_many_runs_as_for_one(client, manager, store, today):
    client.force_login(manager)
    counts = []
    for day in range(4):
        services.segment(as_of=today + timedelta(days=day), stores=[store])
        if day in (0, 3):
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("segmentation:runs"))
            counts.append(len(queries))

    assert counts[0] == counts[1]
