"""The call-center agent: today's list worked without touching the mouse."""

from __future__ import annotations

import re

from django.urls import reverse
from playwright.sync_api import Page, expect

from callcenter.models import Booking, Call, CallAttempt, RefusalReason
from campaigns.models import Outcome
from staff.models import Role
from tests.e2e.browser import Watch
from tests.e2e.conftest import OpenAs, SignIn
from tests.e2e.dealer import Dealer
from tests.e2e.words import say


def call_on_screen(page: Page) -> Call:
    page.wait_for_url(re.compile(r"/calls/queue/\d+/$"))
    found = re.search(r"/queue/(\d+)/", page.url)
    assert found
    return Call.objects.select_related("customer", "vehicle").get(pk=found[1])


def next_call(page: Page, done: Call) -> Call:
    """The screen after an outcome: another owner, taken by itself."""
    page.wait_for_url(lambda url: re.search(r"/queue/\d+/$", url) is not None and f"/{done.pk}/" not in url)
    expect(page.locator(".qi.done", has_text=done.customer.name)).to_be_visible()
    following = call_on_screen(page)
    expect(page.locator("h1")).to_contain_text(following.customer.name)
    return following


def test_three_calls_are_worked_by_keyboard_and_an_arrival_closes_the_invitation(
    page: Page, dealer: Dealer, sign_in: SignIn, open_as: OpenAs, watch: Watch
) -> None:
    agent = dealer.people[Role.AGENT]
    sign_in(agent)
    watch.expected_statuses.add(422)  # the refusal that asks for its reason
    page.goto(reverse("callcenter:today"))
    expect(page.locator("#table tbody tr")).to_have_count(dealer.calls)
    keyboard = page.keyboard

    keyboard.press("Enter")  # the first row's call
    first = call_on_screen(page)
    keyboard.press("b")
    keyboard.press("Space")
    expect(page.locator("[name=slot]:checked")).to_have_count(1)
    slot = page.locator("[name=slot]:checked").get_attribute("value")
    keyboard.press("1")

    second = next_call(page, first)
    keyboard.press("n")
    keyboard.type("响铃六声")
    keyboard.press("Escape")
    keyboard.press("4")

    third = next_call(page, second)
    keyboard.press("5")
    reasons = page.locator("#question button[name=reason]")
    expect(reasons.first).to_be_focused()
    keyboard.press("Enter")
    fourth = next_call(page, third)

    keyboard.press("z")  # that was a slip
    page.wait_for_url(f"**/calls/queue/{third.pk}/")
    third.refresh_from_db()
    assert (third.status, third.held_by, third.attempts) == (Call.Status.OPEN, agent, 0)
    keyboard.press("5")
    expect(reasons.first).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Enter")
    assert next_call(page, third).pk == fourth.pk

    standing = CallAttempt.objects.standing().filter(agent=agent).order_by("pk")
    assert list(standing.values_list("call", "outcome", "reason", "note")) == [
        (first.pk, Outcome.BOOKED, "", ""),
        (second.pk, Outcome.NO_ANSWER, "", "响铃六声"),
        (third.pk, Outcome.REFUSED, RefusalReason.ELSEWHERE, ""),
    ]
    booking = Booking.objects.get()
    assert (booking.vehicle, f"{booking.day}T{booking.hour:%H:%M}") == (first.vehicle, slot)
    third.refresh_from_db()
    assert (third.status, third.closing) == (Call.Status.DONE, "refused")
    _car_arrives(first, open_as(dealer.people[Role.ADVISOR]))
    _funnel_shows(dealer, open_as(dealer.people[Role.MANAGER]), [dealer.calls, 3, 2, 1, 1])


def _car_arrives(call: Call, desk: Page) -> None:
    desk.goto(reverse("customers:reception"))
    expect(desk.locator("[name=plate]")).to_be_focused()
    desk.keyboard.type(call.vehicle.plate)
    desk.locator("#found").get_by_role("link", name=say("Log visit")).click()
    desk.locator("[name=paid]").fill("860")
    desk.get_by_role("button", name=say("Log visit")).click()
    desk.wait_for_url("**/customers/visits/*/")


def _funnel_shows(dealer: Dealer, desk: Page, counts: list[int]) -> None:
    """On the list, called, reached, booked, arrived."""
    desk.goto(reverse("campaigns:detail", args=[dealer.campaign.pk]))
    expect(desk.locator(".fun .f b")).to_have_text([str(count) for count in counts])
    expect(desk.locator("main")).to_contain_text("¥860")


def test_a_call_an_agent_holds_is_not_given_to_a_colleague(
    page: Page, dealer: Dealer, sign_in: SignIn, open_as: OpenAs
) -> None:
    sign_in(dealer.people[Role.AGENT])
    page.goto(reverse("callcenter:today"))
    page.get_by_role("button", name=say("Start calling")).click()
    held = call_on_screen(page)

    desk = open_as(dealer.people[Role.MANAGER])
    desk.goto(reverse("callcenter:work", args=[held.pk]))

    told = say("%(who)s is on this call.", who=dealer.people[Role.AGENT].full_name)
    expect(desk.locator(".who")).to_contain_text(told)
    expect(desk.locator("#outcome")).to_have_count(0)
