from datetime import UTC, datetime

import pytest
from django.test import Client

from staff.models import AuditEntry, Store, User
from staff.services import record
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
