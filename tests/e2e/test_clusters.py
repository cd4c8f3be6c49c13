"""The service manager lets the data make the groups, looks at them, and keeps one."""

from __future__ import annotations

from django.urls import reverse
from playwright.sync_api import Page, expect

from jobs.engine import run_all
from segmentation.models import ClusterAnalysis, SavedSegment
from segmentation.services import segment
from staff.models import Role
from tests.e2e.conftest import SignIn
from tests.e2e.dealer import Dealer
from tests.e2e.words import say
from tests.segmentation.clusters.factories import planted


def test_groups_are_found_in_the_data_and_one_is_kept(page: Page, dealer: Dealer, sign_in: SignIn) -> None:
    # The dealership alone has fewer cars than groups can be found in.
    planted(dealer.store, on=dealer.today)
    segment(as_of=dealer.today)
    sign_in(dealer.people[Role.MANAGER])
    page.goto(reverse("segmentation:groups"))

    page.locator(".tabs").get_by_role("link", name=say("Groups from data")).click()
    page.get_by_role("button", name=say("Look for groups")).click()
    page.wait_for_url("**/clusters/*/")
    expect(page.locator("main [role=status]")).to_contain_text(say("Waiting for a free worker"))
    run_all()

    # The page asks for its progress and then shows what was found.
    portraits = page.locator(".portraits > .card")
    found = ClusterAnalysis.objects.get().result["k"]
    expect(portraits).to_have_count(found)
    assert found >= 2
    expect(page.locator("html")).to_have_attribute("data-charts", "local")
    expect(page.locator("canvas")).to_have_count(2)

    portraits.first.get_by_role("link", name=say("Save as a segment")).click()
    page.wait_for_url("**/clusters/*/1/#save")
    page.locator("input[name=name]").fill("大修车")
    page.get_by_role("button", name=say("Save as a segment")).click()
    page.wait_for_url("**/saved/*/")
    expect(page.locator("h1")).to_contain_text("大修车")

    saved = SavedSegment.objects.get()
    assert saved.name == "大修车"
    assert saved.frozen_count == ClusterAnalysis.objects.get().result["clusters"][0]["cars"]
