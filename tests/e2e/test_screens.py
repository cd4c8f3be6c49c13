"""Phone, tablet, dark: the same pages on the devices of a workshop."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from callcenter.models import Call
from staff.models import Role
from tests.e2e.browser import sticks_out
from tests.e2e.conftest import OpenAs
from tests.e2e.dealer import Dealer

PHONE, TABLET = {"width": 390, "height": 844}, {"width": 820, "height": 1180}


def menu_of(page: Page) -> list[str]:
    page.goto("/")
    found: list[str] = page.eval_on_selector_all("nav.nav a", "links => links.map(a => a.pathname)")
    return found


def work_pages(dealer: Dealer, role: Role) -> list[str]:
    """The pages people stand at all day, besides the navigation's."""
    card = reverse("customers:card", args=[dealer.hero.owner_id])
    return {
        Role.ADVISOR: [card, reverse("customers:visit_new", args=[dealer.hero.pk])],
        Role.AGENT: [reverse("callcenter:work", args=[Call.objects.in_order()[0].pk])],
        Role.MANAGER: [reverse("campaigns:detail", args=[dealer.campaign.pk]), reverse("campaigns:new")],
        Role.ADMIN: [],
    }[role]


@pytest.mark.parametrize("role", [Role.ADVISOR, Role.AGENT, Role.MANAGER, Role.ADMIN])
def test_nothing_sticks_out_on_a_phone_and_on_a_tablet(dealer: Dealer, open_as: OpenAs, role: Role) -> None:
    page = open_as(dealer.people[role], viewport=PHONE)
    for address in [*menu_of(page), *work_pages(dealer, role)]:
        page.set_viewport_size(PHONE)
        page.goto(address)
        _fits(page, address)
        page.set_viewport_size(TABLET)
        _fits(page, address)


def _fits(page: Page, address: str) -> None:
    assert not sticks_out(page), address


def test_the_phone_reaches_every_page_by_its_bottom_bar_and_its_menu(dealer: Dealer, open_as: OpenAs) -> None:
    page = open_as(dealer.people[Role.MANAGER], viewport=PHONE)
    whole = menu_of(page)
    expect(page.locator("nav.nav")).not_to_be_visible()

    page.locator("nav.tabbar a").nth(1).click()
    page.wait_for_url("**" + reverse("campaigns:list"))
    page.locator("details.me summary").click()
    links = page.locator("details.me .phone a")
    expect(links).to_have_count(len(whole))
    links.last.click()
    page.wait_for_url("**" + whole[-1])


def test_the_tablet_keeps_the_navigation_at_the_side(dealer: Dealer, open_as: OpenAs) -> None:
    page = open_as(dealer.people[Role.MANAGER], viewport=TABLET)
    page.goto("/")

    page.locator(f"nav.nav a[href='{reverse('campaigns:list')}']").click()

    page.wait_for_url("**" + reverse("campaigns:list"))
    expect(page.locator("nav.tabbar")).not_to_be_visible()


def test_light_and_dark_are_two_looks_of_every_main_page(dealer: Dealer, open_as: OpenAs) -> None:
    page = open_as(dealer.people[Role.MANAGER])
    for name in ("dashboards:overview", "segmentation:groups", "customers:list", "callcenter:today"):
        brightness = []
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.goto(reverse(name))
            brightness.append(page.evaluate(_BRIGHTNESS))
        (light_ground, light_ink), (dark_ground, dark_ink) = brightness
        assert light_ground > 200 > 100 > light_ink, name
        assert dark_ground < 60 < 180 < dark_ink, name


# Of the page's ground and of its heading, 0 to 255.
_BRIGHTNESS = """() => {
  const dot = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const canvas = dot.getContext("2d", { willReadFrequently: true });
  return ["backgroundColor", "color"].map((name, i) => {
    canvas.fillStyle = getComputedStyle(i ? document.querySelector("h1") : document.body)[name];
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
    return Math.round((red + green + blue) / 3);
  });
}"""
