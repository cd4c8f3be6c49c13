"""The manager and the groups: why a car is where it is, what other thresholds would do, who moved."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from customers.models import Visit
from jobs.engine import run_all
from segmentation.models import C3, Family, VehicleSegment
from segmentation.movement import between
from segmentation.services import backfill
from staff.models import Role
from staff.vocabulary import C3_GROUPS
from tests.e2e.browser import Watch
from tests.e2e.conftest import SignIn
from tests.e2e.dealer import Dealer
from tests.e2e.words import EN, ZH, say


def row_of(page: Page, group: C3, language: str) -> Locator:
    """The group's row in the result of a trial."""
    return page.locator("#result table").first.locator("tr", has_text=say(C3_GROUPS[group].label, language))


@pytest.mark.parametrize("language", [ZH, EN])
def test_a_label_opens_to_the_visits_behind_it(
    page: Page, dealer: Dealer, sign_in: SignIn, language: str
) -> None:
    car = dealer.cars[C3.SPLIT_LOYAL][0]
    visits = Visit.objects.filter(vehicle=car).order_by("-visited_on")
    sign_in(dealer.people[Role.ADVISOR], language=language)
    page.goto(reverse("customers:card", args=[car.owner_id]))

    page.get_by_role("link", name=say("Explain the group", language)).click()

    expect(page.locator("h1")).to_contain_text(say(C3_GROUPS[C3.SPLIT_LOYAL].label, language))
    counted = page.locator("tbody[data-rows]").first.locator("tr")
    expect(counted).to_have_count(visits.count())
    expect(page.locator("h2", has_text=say("What comes next", language))).to_be_visible()
    counted.first.get_by_role("link").click()
    page.wait_for_url(f"**{reverse('customers:visit', args=[visits[0].pk])}")

    page.go_back()
    page.get_by_role("link", name=say("Care status", language)).first.click()
    expect(page.locator("h1 .st")).to_be_visible()


@pytest.mark.parametrize("language", [ZH, EN])
def test_a_threshold_is_tried_published_and_judges_every_car(
    page: Page, dealer: Dealer, sign_in: SignIn, watch: Watch, language: str
) -> None:
    """Three services a year are no longer many: whoever had three of them falls to the row below."""
    cars = len(dealer.cars[C3.PROFITABLE_LOYAL]) + 1  # and one of the sister store
    called = len(dealer.cars[C3.PROFITABLE_LOYAL]) - 1 + len(dealer.cars[C3.DEVELOPMENT])
    sign_in(dealer.people[Role.MANAGER], language=language)
    page.goto(reverse("segmentation:what_if"))
    expect(row_of(page, C3.PROFITABLE_LOYAL, language).locator("td").nth(2)).to_have_text(str(cars))

    page.locator("input[name=maintenance_high]").fill("4")

    expect(row_of(page, C3.PROFITABLE_LOYAL, language).locator("td").nth(2)).to_have_text("0")
    expect(row_of(page, C3.HIGH_RISK, language).locator("td").nth(2)).to_have_text(str(2 * cars))
    campaign = page.locator("#result tr", has_text=dealer.campaign.name)
    expect(campaign.locator("td").nth(2)).to_have_text(str(called))

    watch.expected_statuses.add(422)
    page.get_by_role("button", name=say("Publish", language), exact=True).click()
    expect(page.locator(".err")).to_be_visible()  # a version says why
    expect(page.locator("input[name=maintenance_high]")).to_have_value("4")
    page.locator("[name=note]").fill("四次才算常客")
    page.get_by_role("button", name=say("Publish", language), exact=True).click()
    page.wait_for_url("**/segments/**")
    run_all()

    page.goto(reverse("segmentation:groups"))
    expect(page.locator(".ph p")).to_contain_text("v2")
    found = VehicleSegment.objects.filter(store=dealer.store)
    assert found.filter(c3=C3.PROFITABLE_LOYAL).count() == 0
    assert found.filter(c3=C3.HIGH_RISK).count() == 2 * len(dealer.cars[C3.HIGH_RISK])
    page.goto(reverse("segmentation:rule_versions"))
    expect(page.locator("table", has_text="四次才算常客")).to_contain_text("v2")


@pytest.mark.parametrize("language", [ZH, EN])
def test_movement_opens_to_the_cars_and_what_moved_them(
    page: Page, dealer: Dealer, sign_in: SignIn, language: str
) -> None:
    before = dealer.today - timedelta(days=100)
    backfill(month_ends=[before])
    moved = between(stores=[dealer.store], family=Family.C3, from_on=before, to_on=dealer.today)
    cars, was, became = max(
        (count, was, became)
        for was, row in moved.matrix.items()
        for became, count in row.items()
        if was != became
    )
    sign_in(dealer.people[Role.MANAGER], language=language)
    page.goto(f"{reverse('segmentation:movement')}?from={before}&to={dealer.today}")
    expect(page.locator("svg.alluv")).to_be_visible()

    link = page.locator(f"table.hm a[href*='was={was}'][href*='became={became}']")
    expect(link).to_have_text(str(cars))
    link.click()

    page.wait_for_url("**/movement/cars/**")
    expect(page.locator("h1")).to_contain_text("→")
    expect(page.locator("#cars tbody tr")).to_have_count(cars)
    expect(page.locator("h2", has_text=say("What moved them", language))).to_be_visible()
