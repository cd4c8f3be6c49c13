"""English, chosen in the top bar of each person's first page."""

from __future__ import annotations

from playwright.sync_api import expect

from staff.models import Role
from tests.e2e.conftest import OpenAs
from tests.e2e.dealer import Dealer
from tests.e2e.words import EN, say

HEADINGS = {
    Role.ADVISOR: "Log a visit",
    Role.AGENT: "Today's calls",
    Role.MANAGER: "Dashboard",
    Role.ADMIN: "DMS import",
}


def test_the_four_first_pages_change_to_english_and_back(dealer: Dealer, open_as: OpenAs) -> None:
    for role, heading in HEADINGS.items():
        page = open_as(dealer.people[role])
        page.goto("/")
        expect(page.locator("h1")).to_have_text(say(heading))
        address = page.url

        page.get_by_role("button", name="Switch to English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.locator("h1")).to_have_text(say(heading, EN))
        expect(page.locator("nav.nav a[aria-current=page]")).to_have_count(1)
        assert page.url == address

        page.get_by_role("button", name="切换到中文").click()
        expect(page.locator("h1")).to_have_text(say(heading))
