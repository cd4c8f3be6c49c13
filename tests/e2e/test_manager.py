"""The service manager: from the figures to the cars behind them."""

from __future__ import annotations

from django.urls import reverse
from playwright.sync_api import Page, expect

from segmentation.models import C3, VehicleSegment
from staff.models import Role
from staff.vocabulary import C3_GROUPS
from tests.e2e.conftest import SignIn
from tests.e2e.dealer import Dealer
from tests.e2e.words import say


def test_a_group_is_followed_from_the_dashboard_to_its_cars_and_to_a_card(
    page: Page, dealer: Dealer, sign_in: SignIn
) -> None:
    sign_in(dealer.people[Role.MANAGER])
    page.goto(reverse("dashboards:overview"))
    group = say(C3_GROUPS[C3.SPLIT_LOYAL].label)
    cars = VehicleSegment.objects.filter(c3=C3.SPLIT_LOYAL, store=dealer.store)
    row = page.locator("tr", has=page.locator("a[href*='/c3/split_loyal/']"))
    expect(row.locator("td").nth(1)).to_have_text(str(cars.count()))

    row.get_by_role("link").click()
    expect(page.locator("h1")).to_contain_text(group)
    plates = page.locator("#cars tbody tr")
    expect(plates).to_have_count(cars.count())
    owner = plates.first.locator("a b").inner_text()
    plates.first.get_by_role("link", name=owner).click()

    page.wait_for_url("**/customers/cards/*/")
    expect(page.locator("h1")).to_contain_text(owner)
    expect(page.locator("h1")).to_contain_text(group)
    expect(page.locator("#timeline li").first).to_be_visible()


def test_the_period_changes_what_is_counted_and_the_campaign_opens(
    page: Page, dealer: Dealer, sign_in: SignIn
) -> None:
    sign_in(dealer.people[Role.MANAGER])
    page.goto(reverse("dashboards:overview"))
    expect(page.locator("html")).to_have_attribute("data-charts", "local")
    scope = page.locator(".ph p")
    expect(scope).to_contain_text(f"{dealer.today:%Y-%m}-01")

    page.get_by_role("link", name=say("This year")).click()
    page.wait_for_url("**?period=year")
    expect(page.get_by_role("link", name=say("This year"))).to_have_attribute("aria-current", "page")
    expect(scope).to_contain_text(f"{dealer.today:%Y}-01-01")

    page.locator("nav.nav").get_by_role("link", name=say("Campaigns")).click()
    page.get_by_role("link", name=dealer.campaign.name).first.click()
    page.wait_for_url(f"**/campaigns/{dealer.campaign.pk}/")
    expect(page.locator("h1")).to_contain_text(dealer.campaign.name)
    expect(page.locator(".fun .f b").first).to_have_text(str(dealer.calls))


def test_a_manager_of_two_stores_looks_at_one_or_at_both(page: Page, dealer: Dealer, sign_in: SignIn) -> None:
    sign_in(dealer.people[Role.MANAGER])
    page.goto(reverse("segmentation:vehicles", args=["c3", C3.LOW_COST]))
    rows = page.locator("#cars tbody tr")
    every = VehicleSegment.objects.filter(c3=C3.LOW_COST)
    expect(rows).to_have_count(every.filter(store=dealer.store).count())

    for chosen, cars in (
        (dealer.sister.name, every.filter(store=dealer.sister)),
        (say("All my stores"), every),
    ):
        page.locator("header summary.store").click()
        page.locator("header .menu[open] button", has_text=chosen).click()
        expect(page.locator("header summary.store")).to_contain_text(chosen)
        expect(rows).to_have_count(cars.count())
