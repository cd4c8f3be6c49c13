import csv
import io
from datetime import UTC, datetime
from html import unescape

import pytest
from django.test import Client

from staff.models import AuditEntry, Store, User
from staff.services import record
from tests.customers.factories import VehicleFactory
from tests.staff.factories import UserFactory
from tests.world import in_english

URL = "/staff/audit/"


@pytest.fixture
def own(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


def shown(client: Client, **query: object) -> list[AuditEntry]:
    return list(client.get(URL, query).context["page"])


def test_trail_keeps_to_own_store(own: Client, store: Store, other_store: Store, advisor: User) -> None:
    mine = record(user=advisor, action="customer.edit", store=store, subject=store, changed=["name"])
    record(user=advisor, action="customer.edit", store=other_store)
    record(user=advisor, action="staff.add")

    assert shown(own) == [mine]
    page = in_english(own).get(URL).content.decode()
    assert "Changed a customer" in page
    assert advisor.full_name in page


@pytest.mark.parametrize("chosen", ["GB", "all"])
def test_what_is_about_the_whole_group_is_for_who_sees_all_stores(
    client: Client, own: Client, store: Store, other_store: Store, chosen: str
) -> None:
    boss = UserFactory(is_superuser=True)
    ours = record(user=boss, action="table.import", list="staff.store")
    theirs = record(user=boss, action="staff.add", store=other_store)

    assert shown(own) == []

    client.force_login(boss)
    client.post("/staff/store/", {"store": chosen})
    assert shown(client) == ([theirs, ours] if chosen == "all" else [ours])
    assert shown(client, who=boss.pk, action="table.import") == [ours]
    if chosen == "all":
        assert "The whole group" in in_english(client).get(URL).content.decode()


DETAILS: list[tuple[str, dict[str, object], str]] = [
    (
        "export",
        {"list": "people", "format": "gb18030", "rows": 8},
        "list: Staff · format: CSV (GB18030) · rows: 8",
    ),
    ("export", {"list": "staff.membership", "format": "xlsx"}, "list: memberships · format: Excel"),
    (
        "table.import",
        {"list": "staff.user", "added": 1, "updated": 1, "unchanged": 0, "which": ["agent", "liu"]},
        "list: users · new rows: 1 · changed rows: 1 · rows as they were: 0 · which: agent, liu",
    ),
    ("vehicle.edit", {"changed": ["odometer_on"]}, "changed: day of the odometer reading"),
    ("staff.roles", {"before": "agent", "after": ""}, "before: Call-center agent · after: —"),
    (
        "customer.search",
        {"kinds": ["phone", "last4"], "found": 2},
        "searched by: phone number, end of a phone number · found: 2",
    ),
    (
        "visit.correct",
        {"reason": "slip", "before": {"paid_fen": 50_000}, "after": {"paid_fen": 48_050}},
        "reason: A slip while typing · before: paid: ¥500 · after: paid: ¥480.50",
    ),
]


def test_details_are_told_in_words_on_the_page_and_in_the_file(
    own: Client, store: Store, advisor: User
) -> None:
    car = VehicleFactory(owner__home_store=store)
    for action, detail, _told in DETAILS:
        record(
            user=advisor, action=action, store=store, subject=car if "vehicle" in action else None, **detail
        )

    page = unescape(in_english(own).get(URL).content.decode())
    file = b"".join(own.post(f"{URL}export/", {"format": "csv"}).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert [told for _action, _detail, told in DETAILS if told not in page] == []
    assert [row["Details"] for row in csv.DictReader(io.StringIO(file))] == [
        told for *_rest, told in DETAILS[::-1]
    ]


def test_filters(own: Client, store: Store, advisor: User, agent: User, stranger: User) -> None:
    first = record(user=advisor, action="customer.edit", store=store)
    second = record(user=agent, action="phone.reveal", store=store)
    AuditEntry.objects.filter(pk=first.pk).update(
        at=datetime(2026, 6, 11, 16, 0, tzinfo=UTC)
    )  # 12 June in Shanghai
    AuditEntry.objects.filter(pk=second.pk).update(at=datetime(2026, 6, 12, 16, 0, tzinfo=UTC))

    assert shown(own, who=advisor.pk) == [first]
    assert shown(own, action="phone.reveal") == [second]
    assert shown(own, since="2026-06-12", until="2026-06-12") == [first]
    assert shown(own, since="2026-06-13") == [second]
    assert shown(own) == [second, first]
    assert shown(own, who=stranger.pk) == [second, first]  # not a choice; the form says so
    assert shown(own, since="yesterday") == [second, first]


@pytest.mark.parametrize("count", [1, 12])
def test_trail_costs_the_same_for_many(
    own: Client, store: Store, advisor: User, count: int, django_assert_max_num_queries: object
) -> None:
    for _number in range(count):
        record(user=advisor, action="customer.edit", store=store, subject=store)
    own.get(URL)

    with django_assert_max_num_queries(12):  # type: ignore[operator]
        own.get(URL)
