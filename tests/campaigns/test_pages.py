"""The manager's pages: from the plan to the running campaign, and who may see which."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from callcenter.models import Call
from campaigns import services
from campaigns.criteria import Criteria, GroupPlan
from campaigns.models import Campaign, Target
from customers import card
from staff.models import Membership, Role, Store, User
from tests.campaigns.factories import LOW, LOYAL, car, draft, opened, plan
from tests.customers.factories import VisitFactory

PAGES = ("detail", "targets", "edit")


@pytest.fixture(autouse=True)
def _english(settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"


def plan_data(store: Store, **changes: Any) -> dict[str, Any]:
    return {
        "form_key": str(uuid.uuid4()),
        "name": "空调养护季",
        "purpose": "",
        "starts_on": "2026-06-01",
        "ends_on": "2026-07-31",
        "stores": [store.pk],
        "daily_quota": "60",
        "plate_prefix": "粤b",
        "last_visit_days": "",
        "min_spend": "1000.50",
        "exclude_contacted_days": "30",
        "holdout_percent": "10",
        f"{LOYAL}-chosen": "on",
        f"{LOYAL}-age_from": "1",
        f"{LOYAL}-age_to": "5",
        f"{LOYAL}-goal_percent": "18",
        f"{LOYAL}-offer": "100 元工时礼券",
        **changes,
    }


def url(name: str, campaign: Campaign) -> str:
    return reverse(f"campaigns:{name}", args=[campaign.pk])


def test_plan_to_running_campaign(client: Client, store: Store, manager: User, agent: User) -> None:
    today = timezone.localdate()
    car(store, plate="粤B00001", purchased_on=date(today.year - 2, 1, 1))
    client.force_login(manager)
    data = plan_data(
        store,
        starts_on=today.isoformat(),
        ends_on=(today + timedelta(days=60)).isoformat(),
        holdout_percent="0",
    )
    response = client.post(reverse("campaigns:new"), data)
    campaign = Campaign.objects.get()
    assert response.url == url("targets", campaign)
    criteria = campaign.criteria
    assert (criteria.plate_prefix, criteria.min_spend_fen, criteria.holdout_percent) == ("粤B", 100_050, 0)
    (group,) = criteria.groups
    assert (group.c3, group.age_from, group.age_to, group.goal_percent, group.offer) == (
        LOYAL,
        1,
        5,
        18,
        "100 元工时礼券",
    )
    assert (campaign.created_by, list(campaign.stores.all())) == (manager, [store])

    assert client.get(url("targets", campaign)).context["preview"].total == 1
    assert client.post(url("open", campaign)).url == url("detail", campaign)
    page = client.get(url("detail", campaign))
    assert [step.count for step in page.context["funnel"]] == [1, 0, 0, 0, 0]
    assert Call.objects.get().agent == agent
    client.post(url("open", campaign))
    assert Target.objects.count() == 1
    client.post(url("close", campaign))
    campaign.refresh_from_db()
    assert campaign.status == Campaign.Status.CLOSED
    assert client.post(url("open", campaign)).status_code == 403


def test_second_post_of_the_form_finds_the_first_draft(client: Client, store: Store, manager: User) -> None:
    client.force_login(manager)
    data = plan_data(store)
    first, second = (client.post(reverse("campaigns:new"), data) for _ in range(2))
    assert first.url == second.url
    assert Campaign.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_on": "2026-05-31"}, "ends_on"),
        ({"ends_on": "2027-06-03"}, "ends_on"),
        ({"starts_on": "2026-02-31"}, "starts_on"),
        ({"name": ""}, "name"),
        ({"stores": []}, "stores"),
        ({"holdout_percent": "51"}, "holdout_percent"),
        ({f"{LOYAL}-chosen": ""}, "__all__"),
    ],
)
def test_bad_input_is_told_at_the_field_and_kept(
    client: Client, store: Store, manager: User, changes: dict[str, Any], field: str
) -> None:
    client.force_login(manager)
    response = client.post(reverse("campaigns:new"), plan_data(store, purpose="kept as typed", **changes))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert "kept as typed" in response.content.decode()
    assert not Campaign.objects.exists()


def test_age_band_must_not_be_empty(client: Client, store: Store, manager: User) -> None:
    client.force_login(manager)
    response = client.post(reverse("campaigns:new"), plan_data(store, **{f"{LOYAL}-age_to": "1"}))
    assert response.status_code == 422
    assert "Must be more than the age it begins with." in response.content.decode()


def test_another_stores_id_in_the_form_is_refused(
    client: Client, store: Store, other_store: Store, manager: User
) -> None:
    client.force_login(manager)
    response = client.post(reverse("campaigns:new"), plan_data(store, stores=[store.pk, other_store.pk]))
    assert response.status_code == 422
    assert not Campaign.objects.exists()


def test_counting_saves_nothing(client: Client, store: Store, manager: User) -> None:
    car(store, plate="粤B00001")
    client.force_login(manager)
    data = plan_data(store, name="", count="1", **{f"{LOYAL}-age_from": "", f"{LOYAL}-age_to": ""})
    plain = client.post(reverse("campaigns:new"), data)
    assert (plain.status_code, plain.context["preview"].total) == (200, 1)
    part = client.post(reverse("campaigns:new"), data, headers={"HX-Request": "true"})
    assert b"<html" not in part.content
    assert part.context["preview"].total == 1
    assert not Campaign.objects.exists()


def test_a_draft_saved_by_another_meanwhile_is_409(client: Client, store: Store, manager: User) -> None:
    campaign = draft(store)
    client.force_login(manager)
    data = plan_data(store, version="1", name="mine")
    assert client.post(url("edit", campaign), data).status_code == 302
    late = client.post(url("edit", campaign), plan_data(store, version="1", name="theirs"))
    assert late.status_code == 409
    campaign.refresh_from_db()
    assert (campaign.name, campaign.version) == ("mine", 2)


def test_an_opened_campaign_keeps_its_plan(client: Client, store: Store, manager: User) -> None:
    car(store)
    campaign = opened(store)
    client.force_login(manager)
    assert client.get(url("edit", campaign)).status_code == 403
    assert client.post(url("edit", campaign), plan_data(store)).status_code == 403
    with pytest.raises(services.NotADraft):
        services.update_draft(
            campaign=campaign, plan=plan(name="other"), stores=[store], version=campaign.version
        )


def test_an_empty_or_past_campaign_does_not_start(client: Client, store: Store, manager: User) -> None:
    client.force_login(manager)
    empty = draft(store, ends_on=date(2099, 1, 1))
    client.post(url("open", empty))
    car(store)
    past = draft(store, starts_on=date(2020, 1, 1), ends_on=date(2020, 1, 2))
    client.post(url("open", past))
    assert set(Campaign.objects.values_list("status", flat=True)) == {"draft"}
    assert not Target.objects.exists()


@pytest.mark.parametrize("name", [*PAGES, "open", "close"])
def test_strangers_get_404(client: Client, store: Store, stranger: User, name: str) -> None:
    campaign = draft(store)
    client.force_login(stranger)
    method = client.post if name in ("open", "close") else client.get
    assert method(url(name, campaign)).status_code == 404


@pytest.mark.parametrize("role", ["advisor", "agent", "technician"])
def test_other_roles_see_no_campaigns(client: Client, store: Store, role: str, request: Any) -> None:
    campaign = draft(store)
    client.force_login(request.getfixturevalue(role))
    assert client.get(reverse("campaigns:list")).status_code == 403
    assert client.get(url("detail", campaign)).status_code == 403


def test_an_administrator_reads_and_does_not_edit(client: Client, store: Store, admin_user: User) -> None:
    campaign = draft(store)
    client.force_login(admin_user)
    assert client.get(reverse("campaigns:list")).status_code == 200
    assert client.get(url("detail", campaign)).status_code == 200
    assert client.get(url("targets", campaign)).status_code == 200
    assert client.get(url("edit", campaign)).status_code == 403
    assert client.post(url("open", campaign)).status_code == 403
    assert client.get(reverse("campaigns:new")).status_code == 403


def test_a_shared_campaign_shows_each_store_its_own_cars(
    client: Client, store: Store, other_store: Store, manager: User
) -> None:
    mine, theirs = car(store), car(other_store)
    campaign = opened(store, other_store)
    client.force_login(manager)
    page = client.get(url("targets", campaign))
    assert [target.vehicle for target in page.context["page"]] == [mine]
    assert theirs.owner.name not in page.content.decode()
    assert client.get(url("detail", campaign)).context["whole"].targets == 1
    # One of its stores is not theirs to lead: reading yes, ending no.
    assert client.post(url("close", campaign)).status_code == 403
    Membership.objects.create(user=manager, store=other_store, role=Role.MANAGER)
    assert client.post(url("close", campaign)).status_code == 302


def test_targets_by_state(client: Client, store: Store, manager: User) -> None:
    waiting, came, refused = car(store), car(store, c3=LOW), car(store)
    campaign = opened(store, criteria=Criteria(groups=(GroupPlan(LOYAL), GroupPlan(LOW))))
    day = date(2026, 6, 5)
    called = {"first_called_on": day, "last_called_on": day, "first_contact_on": day}
    Target.objects.filter(vehicle=came).update(outcome="booked", **called)
    Target.objects.filter(vehicle=refused).update(outcome="refused", **called)
    VisitFactory(vehicle=came, visited_on=day)
    client.force_login(manager)

    def shown(**query: str) -> list[Any]:
        return [target.vehicle for target in client.get(url("targets", campaign), query).context["page"]]

    assert shown(state="arrived") == [came]
    assert shown(state="refused") == [refused]
    assert shown(state="waiting") == [waiting]
    assert shown(state="waiting", group=LOW) == []
    chips = {str(chip["label"]): chip["n"] for chip in client.get(url("targets", campaign)).context["chips"]}
    assert chips == {"All": 3, "Arrived": 1, "Given up": 1, "Not called yet": 1}


def _queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("name", ["detail", "targets"])
def test_queries_do_not_grow_with_the_list(client: Client, store: Store, manager: User, name: str) -> None:
    client.force_login(manager)
    counts = []
    for size in (2, 7):
        for _ in range(size):
            car(store)
        campaign = opened(store)
        day = date(2026, 6, 5)
        Target.objects.filter(campaign=campaign).update(
            first_called_on=day, last_called_on=day, first_contact_on=day, outcome="booked", agent=manager
        )
        for target in Target.objects.filter(campaign=campaign):
            VisitFactory(vehicle=target.vehicle, visited_on=day)
        counts.append(_queries(client, url(name, campaign)))
    assert counts[0] == counts[1]


def test_queries_of_the_list_do_not_grow(client: Client, store: Store, manager: User) -> None:
    client.force_login(manager)
    draft(store)
    few = _queries(client, reverse("campaigns:list"))
    for _ in range(5):
        draft(store)
    assert _queries(client, reverse("campaigns:list")) == few


def test_the_card_reminds_of_the_promise(
    store: Store, other_store: Store, advisor: User, stranger: User
) -> None:
    vehicle = car(store)
    opened(store)

    def seen(user: User, today: date) -> list[str]:
        whole = card.gather(user=user, customer=vehicle.owner, vehicles=[vehicle], today=today)
        return [greeting.text for greeting in whole.greetings if greeting.order == 3]

    (text,) = seen(advisor, date(2026, 7, 31))
    assert "100 元工时礼券" in text
    assert seen(advisor, date(2026, 8, 1)) == []
    assert seen(stranger, date(2026, 7, 31)) == []
