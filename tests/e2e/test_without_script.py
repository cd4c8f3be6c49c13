"""A browser without script does the same work with plain forms."""

from __future__ import annotations

from django.urls import reverse
from playwright.sync_api import expect

from callcenter.models import CallAttempt
from campaigns.models import Outcome
from customers.models import Visit
from staff.models import Role
from tests.e2e.conftest import OpenAs
from tests.e2e.dealer import Dealer
from tests.e2e.words import say


def test_an_advisor_logs_a_visit_and_a_double_click_is_still_one(dealer: Dealer, open_as: OpenAs) -> None:
    page = open_as(dealer.people[Role.ADVISOR], java_script_enabled=False)
    before = Visit.objects.count()
    page.goto(reverse("customers:reception"))
    page.locator("[name=plate]").fill("6k92d")
    page.get_by_role("button", name=say("Find"), exact=True).click()
    page.locator("#found").get_by_role("link", name=say("Log visit")).click()
    page.locator("[name=odometer_km]").fill("48000")
    # Nothing in the page holds the second click back: the server knows the form.
    page.get_by_role("button", name=say("Log visit")).dblclick()

    page.wait_for_url("**/customers/visits/*/")
    expect(page.locator("h1")).to_contain_text(Visit.objects.latest("pk").order_no)
    assert Visit.objects.count() == before + 1


def test_an_agent_records_outcomes_and_takes_one_back(dealer: Dealer, open_as: OpenAs) -> None:
    page = open_as(dealer.people[Role.AGENT], java_script_enabled=False, expected={422})
    page.goto(reverse("callcenter:today"))
    page.get_by_role("button", name=say("Start calling")).click()

    page.locator("[name=note]").fill("周六再定")
    page.locator(f"button[value={Outcome.BOOKED}]").click()
    expect(page.locator("#question")).to_contain_text(
        say("Choose a slot on the right first, then press 1 again.")
    )
    expect(page.locator("[name=note]")).to_have_value("周六再定")
    page.locator(f"button[value={Outcome.CONSIDERING}]").click()
    expect(page.locator(".qi.done")).to_have_count(1)
    assert list(CallAttempt.objects.values_list("outcome", "note")) == [(Outcome.CONSIDERING, "周六再定")]

    page.locator("#toasts").get_by_role("button", name=say("Undo")).click()

    expect(page.locator(".qi.done")).to_have_count(0)
    assert not CallAttempt.objects.standing().exists()
