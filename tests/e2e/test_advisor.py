"""The service advisor at the desk: plate, greeting, visit."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from customers.models import Visit
from segmentation import playbook
from segmentation.models import C3
from staff.models import Role
from tests.e2e.browser import Watch
from tests.e2e.conftest import SignIn
from tests.e2e.dealer import COMPLAINT, HERO_PLATE, Dealer
from tests.e2e.words import EN, ZH, say


def open_visit_form(page: Page, typed: str, language: str = ZH) -> None:
    page.goto(reverse("customers:reception"))
    expect(page.locator("[name=plate]")).to_be_focused()
    page.keyboard.type(typed)
    found = page.locator("#found tbody tr")
    expect(found).to_have_count(1)
    found.get_by_role("link", name=say("Log visit", language)).click()
    page.wait_for_url("**/visits/new/")


@pytest.mark.parametrize("language", [ZH, EN])
def test_a_plate_in_lower_case_leads_to_the_greeting_and_a_visit_on_the_timeline(
    page: Page, dealer: Dealer, sign_in: SignIn, language: str
) -> None:
    sign_in(dealer.people[Role.ADVISOR], language=language)

    open_visit_form(page, "粤b·6k92d", language)
    head = page.locator("main section").first
    expect(head).to_contain_text(say(playbook.PLAYS[C3.PROFITABLE_LOYAL].receive, language))
    expect(head).to_contain_text(say("Apologise first", language))
    expect(head).to_contain_text(COMPLAINT)
    page.locator("[name=odometer_km]").fill("4.8万")
    page.locator("[name=line_1]").fill("空调滤芯")
    page.locator("[name=amount_1]").fill("120")
    page.locator("[name=labour]").fill("200")
    page.locator("[name=parts]").fill("1,086.60")
    page.get_by_role("button", name=say("Log visit", language)).click()

    page.wait_for_url("**/customers/visits/*/")
    expect(page.locator("main")).to_contain_text("¥1,286.60")
    visit = Visit.objects.get(vehicle=dealer.hero, visited_on=dealer.today)
    assert (visit.odometer_km, visit.paid_fen, visit.created_by) == (
        48_000,
        128_660,
        dealer.people[Role.ADVISOR],
    )
    page.get_by_role("link", name=say("Customer card", language)).click()
    newest = page.locator("#timeline li", has_text="空调滤芯")
    expect(newest).to_have_count(1)
    expect(newest.locator("time")).to_have_text(dealer.today.isoformat())
    expect(newest).to_contain_text("¥1,287")  # whole yuan in lists


def test_a_reading_below_the_last_one_is_refused_at_the_field_and_nothing_typed_is_lost(
    page: Page, dealer: Dealer, sign_in: SignIn, watch: Watch
) -> None:
    sign_in(dealer.people[Role.ADVISOR])
    watch.expected_statuses.add(422)
    before = Visit.objects.count()
    open_visit_form(page, "粤B·6K92D")
    page.locator("[name=odometer_km]").fill("3100")
    page.locator("[name=customer_words]").fill("方向盘抖动")
    page.locator("[name=line_1]").fill("动平衡")
    page.locator("[name=amount_1]").fill("80")
    page.get_by_role("button", name=say("Log visit")).click()

    odometer = page.locator("[name=odometer_km]")
    expect(odometer).to_have_attribute("aria-invalid", "true")
    expect(odometer).to_be_focused()
    told = say(
        "The car had run %(before)s km already. Correct the reading, or confirm it below.", before="32,000"
    )
    expect(page.locator(f"#{odometer.get_attribute('aria-describedby').split()[-1]}")).to_have_text(told)
    expect(odometer).to_have_value("3100")
    expect(page.locator("[name=customer_words]")).to_have_value("方向盘抖动")
    expect(page.locator("[name=line_1]")).to_have_value("动平衡")
    expect(page.locator("[name=amount_1]")).to_have_value("80")
    assert Visit.objects.count() == before


def test_a_double_click_logs_one_visit(page: Page, dealer: Dealer, sign_in: SignIn) -> None:
    sign_in(dealer.people[Role.ADVISOR])
    before = Visit.objects.count()
    open_visit_form(page, HERO_PLATE)
    page.locator("[name=odometer_km]").fill("48000")

    page.get_by_role("button", name=say("Log visit")).dblclick()

    page.wait_for_url("**/customers/visits/*/")
    expect(page.locator("#toasts")).to_contain_text(Visit.objects.latest("pk").order_no)
    assert Visit.objects.count() == before + 1


def test_a_plate_nobody_knows_offers_a_new_customer(page: Page, dealer: Dealer, sign_in: SignIn) -> None:
    sign_in(dealer.people[Role.ADVISOR])
    page.goto(reverse("customers:reception"))

    # What is typed before the field has the focus goes nowhere.
    expect(page.locator("[name=plate]")).to_be_focused()
    page.keyboard.type("粤B99999")

    expect(page.locator("#found")).to_contain_text("粤B99999")
    expect(page.locator("#found a[href*='/cards/new/']")).to_be_visible()
    expect(page.locator("#found tbody tr")).to_have_count(0)
