"""The JSON under /api/v1/segments/: who gets which stores, the same figures as the command, refusals."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from segmentation import api, movement, services
from segmentation.models import RuleSet
from tests.customers.factories import CustomerFactory, VehicleFactory, VisitFactory
from tests.segmentation import worlds
from tests.segmentation.reference import Rules
from tests.staff.factories import UserFactory

URL = "/api/v1/segments/"
MAY = date(2026, 5, 31)


@pytest.fixture(autouse=True)
def cars(db, store, other_store):
    cache.clear()
    RuleSet.objects.all().delete()
    worlds.publish(Rules(spend_mode="amount", spend_amount_fen=50_000))
    for number, home in enumerate((store, store, other_store)):
        vehicle = VehicleFactory(owner=CustomerFactory(home_store=home), purchased_on=date(2024, 1, 1))
        VisitFactory(vehicle=vehicle, visited_on=date(2026, 6, 1 + number), paid_fen=60_000)


@pytest.fixture
def superuser():
    return UserFactory(is_superuser=True)


def test_superuser_gets_what_the_command_prints(client, superuser):
    out = StringIO()
    call_command("segment", "--json", stdout=out)
    client.force_login(superuser)

    found = client.get(URL)

    assert found.headers["Content-Type"] == "application/json"
    assert found.json() == json.loads(out.getvalue())
    assert (found.json()["as_of"], found.json()["vehicles"]) == (timezone.localdate().isoformat(), 3)


def test_managers_get_their_stores(client, manager, superuser, other_store):
    services.segment(as_of=date(2026, 6, 12))
    client.force_login(manager)

    assert client.get(URL).json()["vehicles"] == 2
    assert client.get(URL, {"store": "GB"}).json()["c3"]["high_opportunity"] == 2
    assert client.get(URL, {"store": other_store.code}).status_code == 404
    assert client.get(f"{URL}movement/", {"store": other_store.code}).status_code == 404
    client.force_login(superuser)
    assert client.get(URL, {"store": other_store.code}).json()["vehicles"] == 1
    assert client.get(URL, {"store": "NOWHERE"}).status_code == 404


@pytest.mark.parametrize("role", ["advisor", "agent", "technician"])
@pytest.mark.parametrize("path", [URL, f"{URL}movement/"])
def test_others_are_refused(client, request, role, path):
    client.force_login(request.getfixturevalue(role))
    assert client.get(path).status_code == 403


def test_nobody_is_refused_and_nothing_is_written(client, manager):
    assert client.get(URL).status_code == 403
    client.force_login(manager)
    assert client.post(URL).status_code == 405
    assert client.delete(f"{URL}movement/").status_code == 405


def test_before_the_first_run(client, manager):
    client.force_login(manager)
    assert client.get(URL).status_code == 409
    assert client.get(f"{URL}movement/", {"from": MAY, "to": "2026-06-12"}).status_code == 409


def test_movement_is_what_the_command_prints(client, manager, store):
    services.segment(as_of=MAY)
    services.segment(as_of=date(2026, 6, 12))
    client.force_login(manager)
    out = StringIO()
    call_command("segment", "--movement", "2026-05-31", "2026-06-12", "--store", "GB", "--json", stdout=out)

    found = client.get(f"{URL}movement/", {"from": MAY, "to": "2026-06-12", "store": "GB"}).json()

    assert found == json.loads(out.getvalue())
    assert found["matrix"]["mystery_opportunity"]["high_opportunity"] == 2
    assert movement.computed([store])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"from": "2026-05-31"}, 400),
        ({"from": "x", "to": "2026-06-12"}, 400),
        ({"from": "2026-06-12", "to": "2026-05-31"}, 400),
        ({"from": "2026-05-31", "to": "2026-06-12", "family": "shoe_size"}, 400),
        ({"from": "2026-05-30", "to": "2026-06-12"}, 409),
    ],
)
def test_wrong_movements_say_why(client, manager, query, status):
    services.segment(as_of=MAY)
    services.segment(as_of=date(2026, 6, 12))
    client.force_login(manager)

    response = client.get(f"{URL}movement/", query)

    assert response.status_code == status
    assert response.json()


def test_throttled(client, manager, monkeypatch):
    services.segment(as_of=MAY)
    monkeypatch.setattr(api.SegmentThrottle, "rate", "2/min")
    client.force_login(manager)

    assert [client.get(URL).status_code for _ in range(3)] == [200, 200, 429]


def test_as_many_queries_for_many_cars(client, manager, store):
    client.force_login(manager)
    counts = []
    for more in (1, 4):
        VehicleFactory.create_batch(more, owner=CustomerFactory(home_store=store))
        services.segment(as_of=date(2026, 6, 12))
        client.get(URL)
        with CaptureQueriesContext(connection) as counted:
            client.get(URL)
        counts.append(len(counted))

    assert counts[0] == counts[1]
