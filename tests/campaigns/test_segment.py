"""A saved segment narrows a campaign's list while it is a draft, and is not archived under it."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import services, targets
from campaigns.criteria import Criteria, GroupPlan
from campaigns.models import Campaign, Target
from segmentation.models import C3, SavedSegment
from segmentation.saved import services as segments
from segmentation.saved.tree import Condition, Group, Mode
from staff.models import Role, Store, User
from tests.campaigns.factories import LOW, LOYAL, car, draft
from tests.campaigns.test_pages import plan_data, url
from tests.staff.factories import MembershipFactory

ALL = tuple(GroupPlan(key) for key in C3.values)
RICH = Group(Mode.ALL, (Condition("spend", "at_least", low=500_000),))


@pytest.fixture(autouse=True)
def _english(settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"


def segment(by: User | None, *stores: Store, tree: Group = RICH) -> SavedSegment:
    return segments.create_segment(
        name="高消费", note="", stores=list(stores), tree=tree, by=by, form_key=uuid.uuid4()
    )


def with_segment(store: Store, chosen: SavedSegment | None, **changes: Any) -> dict[str, Any]:
    """A plan of no group but that segment."""
    today = timezone.localdate()
    span = {"starts_on": today.isoformat(), "ends_on": (today + timedelta(days=30)).isoformat()}
    data = plan_data(store, **span, plate_prefix="", min_spend="", holdout_percent="0", **changes)
    data = {key: value for key, value in data.items() if not key.startswith(LOYAL)}
    return {**data, "segment": chosen.pk if chosen else ""}


def test_list_is_narrowed_to_the_segment_and_counted_step_by_step(
    store: Store, other_store: Store, manager: User, today: date
) -> None:
    rich = car(store)
    car(store, c3=LOW, segment={"spend_fen": 499_999})
    car(other_store)
    criteria = Criteria(groups=ALL, segment=segment(manager, store))

    preview = targets.preview(criteria, stores=[store], today=today)

    assert [(step.key, step.count) for step in preview.steps] == [("base", 2), ("segment", 1)]
    assert (preview.total, preview.by_group[LOYAL]) == (1, 1)
    fitting = targets.eligible(criteria, stores=[store], today=today)
    assert [row.vehicle for row in fitting] == [rich]


def test_frozen_segment_gives_its_own_cars(store: Store, manager: User, today: date) -> None:
    kept, other = car(store), car(store)
    frozen = segments.save_list(
        name="清单", note="", stores=[store], vehicle_ids=[kept.pk], by=manager, on=today
    )

    fitting = targets.eligible(Criteria(groups=ALL, segment=frozen), stores=[store], today=today)

    assert [row.vehicle for row in fitting] == [kept]
    assert other.pk


def test_store_the_segment_no_longer_speaks_of_gives_no_car(
    store: Store, other_store: Store, manager: User, today: date
) -> None:
    car(store)
    car(other_store)
    chosen = segment(manager, store, other_store)
    segments.save_segment(segment=chosen, version=1, by=manager, name="x", note="", stores=[store])

    preview = targets.preview(Criteria(groups=ALL, segment=chosen), stores=[store, other_store], today=today)

    assert preview.total == 1


def test_open_campaign_keeps_its_list_whatever_becomes_of_the_segment(
    store: Store, manager: User, today: date
) -> None:
    rich = car(store)
    chosen = segment(manager, store)
    campaign = draft(store, criteria=Criteria(groups=ALL, segment=chosen))
    services.open_campaign(campaign=campaign, by=None, today=today)

    never = Group(Mode.ALL, (Condition("last_visit", "never"),))
    segments.save_segment(segment=chosen, version=1, by=manager, name="x", note="", tree=never)

    assert [target.vehicle for target in Target.objects.filter(campaign=campaign)] == [rich]


def test_plan_with_a_segment_and_no_group_means_all_groups(
    client: Client, store: Store, manager: User
) -> None:
    car(store)
    car(store, c3=LOW)
    car(store, c3="high_risk", segment={"spend_fen": 0})
    chosen = segment(manager, store)
    client.force_login(manager)

    counted = client.post(
        reverse("campaigns:new"),
        {**with_segment(store, chosen), "count": "1"},
        headers={"HX-Request": "true"},
    )
    saved = client.post(reverse("campaigns:new"), with_segment(store, chosen))
    campaign = Campaign.objects.get()

    assert counted.context["preview"].total == 2
    assert saved.url == url("targets", campaign)
    assert (campaign.segment, {group.c3 for group in campaign.groups.all()}) == (chosen, set(C3.values))
    page = client.get(url("targets", campaign))
    assert (page.context["preview"].total, "高消费" in page.content.decode()) == (2, True)
    assert client.get(url("edit", campaign)).context["form"]["segment"].value() == chosen.pk
    client.post(url("open", campaign))
    live = client.get(url("detail", campaign))
    assert {row["key"] for row in live.context["groups"]} == {LOYAL, LOW}
    assert "高消费" in live.content.decode()


def test_without_segment_a_group_is_needed(client: Client, store: Store, manager: User) -> None:
    client.force_login(manager)

    answer = client.post(reverse("campaigns:new"), with_segment(store, None))

    assert (answer.status_code, Campaign.objects.exists()) == (422, False)


def test_ticked_groups_narrow_the_segment(client: Client, store: Store, manager: User) -> None:
    car(store)
    car(store, c3=LOW)
    client.force_login(manager)

    client.post(
        reverse("campaigns:new"), with_segment(store, segment(manager, store)) | {f"{LOW}-chosen": "on"}
    )

    campaign = Campaign.objects.get()
    assert [group.c3 for group in campaign.groups.all()] == [LOW]
    assert client.get(url("targets", campaign)).context["preview"].by_group == {LOW: 1}


def test_only_segments_that_speak_of_every_store_are_taken(
    client: Client, store: Store, other_store: Store, manager: User
) -> None:
    MembershipFactory(user=manager, store=other_store, role=Role.MANAGER)
    chosen = segment(manager, store)
    client.force_login(manager)

    answer = client.post(
        reverse("campaigns:new"), with_segment(store, chosen, stores=[store.pk, other_store.pk])
    )

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["segment"])
    assert "南山店" in answer.context["form"].errors["segment"][0]


def test_another_stores_segment_and_an_archived_one_are_no_choice(
    client: Client, store: Store, other_store: Store, manager: User, today: date
) -> None:
    theirs, away = segment(None, other_store), segment(manager, store)
    segments.archive(segment=away, by=manager, today=today)
    client.force_login(manager)

    for chosen in (theirs, away):
        answer = client.post(reverse("campaigns:new"), with_segment(store, chosen))
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["segment"])
        page = client.get(reverse("campaigns:new"), {"segment": chosen.pk})
        assert page.context["form"]["segment"].value() is None
    assert client.get(reverse("campaigns:new"), {"segment": "x"}).status_code == 200


def test_a_plan_begun_from_a_segment_has_it_and_its_stores_chosen(
    client: Client, store: Store, other_store: Store, manager: User
) -> None:
    MembershipFactory(user=manager, store=other_store, role=Role.MANAGER)
    chosen = segment(manager, other_store)
    client.force_login(manager)

    form = client.get(reverse("campaigns:new"), {"segment": chosen.pk}).context["form"]

    assert (form["segment"].value(), form["stores"].value()) == (chosen.pk, [other_store.pk])


def test_segment_archived_between_the_form_and_its_saving(store: Store, manager: User, today: date) -> None:
    chosen = segment(manager, store)
    plan_made_before = draft(store).criteria
    segments.archive(segment=chosen, by=manager, today=today)

    with pytest.raises(services.SegmentArchived):
        draft(store, criteria=Criteria(groups=plan_made_before.groups, segment=chosen))

    assert Campaign.objects.filter(segment=chosen).count() == 0


@pytest.mark.parametrize("state", ["draft", "open"])
def test_segment_of_an_unfinished_campaign_is_not_archived_and_says_which(
    client: Client, store: Store, manager: User, state: str
) -> None:
    car(store)
    chosen, today = segment(manager, store), timezone.localdate()
    span = {"starts_on": today, "ends_on": today + timedelta(days=3)}
    campaign = draft(store, criteria=Criteria(groups=ALL, segment=chosen), **span)
    if state == "open":
        services.open_campaign(campaign=campaign, by=None, today=today)
    client.force_login(manager)
    archive = reverse("segmentation:saved_archive", args=[chosen.pk])

    refused = client.post(archive, follow=True)

    assert "空调养护季" in refused.content.decode()
    assert SavedSegment.objects.current().exists()
    assert [use.name for use in refused.context["uses"]] == ["空调养护季"]
    if state == "open":
        services.close_campaign(campaign=campaign, by=None)
        client.post(archive)
        assert not SavedSegment.objects.current().exists()
        assert client.get(url("detail", campaign)).status_code == 200
