"""A manager builds a segment, watches its count, keeps it, freezes it and plans a campaign with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from campaigns.models import Campaign
from segmentation.models import C3, SavedSegment, VehicleSegment
from staff.models import Role
from tests.e2e.conftest import OpenAs, SignIn
from tests.e2e.dealer import Dealer
from tests.e2e.words import EN, ZH, say

DAYS = 30


def fitting(dealer: Dealer, model: str) -> list[str]:
    """Plates of the split-loyal and low-cost cars of the store not seen for so many days, but those of ``model``."""
    cars = VehicleSegment.objects.filter(store=dealer.store, c3__in=[C3.SPLIT_LOYAL, C3.LOW_COST])
    cars = cars.filter(last_visit_on__lt=dealer.today - timedelta(days=DAYS)).exclude(vehicle__model=model)
    return list(cars.order_by("-pk").values_list("vehicle__plate", flat=True))


def settled(page: Page) -> None:
    """The part just asked for is there and listens."""
    busy = page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")
    expect(busy).to_have_count(0)


def press(page: Page, deed: str) -> None:
    page.locator(f"[name=do][value='{deed}']").click()
    settled(page)


def choose(page: Page, path: str, field: str, *words: str) -> None:
    """What the condition is about, and the words ticked."""
    page.locator(f"[name='f:{path}']").select_option(field)
    page.locator(f"[name='p:{path}'][value='{field}']").wait_for(state="attached")
    settled(page)
    for word in words:
        page.locator(f"label:has([name='w:{path}'][value='{word}'])").click()


@pytest.mark.parametrize("language", [ZH, EN])
def test_from_conditions_to_a_campaign(page: Page, dealer: Dealer, sign_in: SignIn, language: str) -> None:
    sign_in(dealer.people[Role.MANAGER], language=language)
    model = dealer.cars[C3.LOW_COST][0].model
    plates = fitting(dealer, model)
    every = VehicleSegment.objects.filter(store=dealer.store, c3__in=[C3.SPLIT_LOYAL, C3.LOW_COST]).count()
    assert 0 < len(plates) < every
    page.goto(reverse("segmentation:groups"))
    page.locator("nav.tabs").get_by_role("link", name=say("Saved segments", language)).click()
    page.locator(".ph").get_by_role("link", name=say("New segment", language)).click()
    page.wait_for_url("**/segments/saved/new/")

    page.locator("[name=name]").fill("该请回来的车")
    # and: not seen for long
    choose(page, "0-0", "last_visit")
    # Typed before the answer to the choice above has come: it stays.
    page.locator("[name='o:0-0']").select_option("older")
    page.locator("[name='a:0-0']").fill(str(DAYS))
    settled(page)
    expect(page.locator("[name='a:0-0']")).to_have_value(str(DAYS))
    # or: of either group
    press(page, "group:0")
    choose(page, "0-1-0", "c3", C3.SPLIT_LOYAL)
    press(page, "add:0-1")
    choose(page, "0-1-1", "c3", C3.LOW_COST)
    # not: of one model
    press(page, "group:0")
    page.locator("[name='m:0-2']").select_option("none")
    settled(page)
    choose(page, "0-2-0", "model", model)

    count = page.locator("#preview [data-count]")
    expect(count).to_contain_text(str(len(plates)))
    expect(page.locator("#preview tbody tr")).to_have_count(len(plates))
    expect(page.locator("#preview tbody tr").first).to_contain_text(plates[0])

    page.get_by_role("button", name=say("Save segment", language)).click()
    page.wait_for_url("**/segments/saved/*/")
    expect(page.locator("h1")).to_contain_text("该请回来的车")
    expect(page.locator("#cars tbody tr")).to_have_count(len(plates))

    page.get_by_role("button", name=say("Freeze", language), exact=True).click()
    page.locator("#ask [value=yes]").click()
    expect(page.locator("h1")).to_contain_text(say("frozen", language, context="saved segment"))
    segment = SavedSegment.objects.get()
    assert (segment.frozen_on, segment.frozen_count) == (dealer.today, len(plates))

    page.get_by_role("link", name=say("Plan a campaign with it", language)).click()
    expect(page.locator("[name=segment]")).to_have_value(str(segment.pk))
    expect(page.locator("#preview .fig")).to_be_visible()
    page.locator("[name=name]").fill("请回来")
    page.locator("[name=ends_on]").fill(f"{dealer.today + timedelta(days=20)}")
    page.get_by_role("button", name=say("Save draft", language)).click()
    page.wait_for_url("**/targets/")
    expect(page.locator("#main")).to_contain_text("该请回来的车")
    assert Campaign.objects.get(name="请回来").segment == segment


def test_the_editor_works_without_script(dealer: Dealer, open_as: OpenAs) -> None:
    page = open_as(dealer.people[Role.MANAGER], java_script_enabled=False)
    page.goto(reverse("segmentation:saved_new"))
    page.locator("[name=name]").fill("投诉未结")
    page.locator("[name='f:0-0']").select_option("complaint")
    page.locator("[name=do][value=show]").first.click()
    page.locator("[name='o:0-0']").select_option("yes")
    page.locator("[name=do][value='add:0']").click()
    page.locator("[name=do][value='remove:0-1']").click()
    page.locator("button[name=count]").click()
    expect(page.locator("#preview [data-count]")).to_contain_text("1")
    page.locator("button[name=save]").click()

    expect(page.locator("#cars tbody tr")).to_have_count(1)
    assert SavedSegment.objects.get().conditions == {
        "mode": "all",
        "items": [{"field": "complaint", "operator": "yes"}],
    }
