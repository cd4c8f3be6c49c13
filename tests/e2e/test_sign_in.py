"""Through the front door with the keyboard, as everyone does each morning."""

from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from staff.models import User


def test_an_agent_signs_in_with_name_and_password(page: Page, live_server: LiveServer, agent: User) -> None:
    agent.set_password("a-long-enough-password")
    agent.save()

    page.goto("/")
    page.locator("input[name=login]").fill(agent.username)
    page.locator("input[name=password]").fill("a-long-enough-password")
    page.locator("input[name=password]").press("Enter")

    expect(page).to_have_url(live_server.url + reverse("callcenter:today"))
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")


def test_a_wrong_password_is_said_and_the_name_kept(page: Page, agent: User) -> None:
    page.goto(reverse("account_login"))
    page.locator("input[name=login]").fill(agent.username)
    page.locator("input[name=password]").fill("not the password")
    page.locator("input[name=password]").press("Enter")

    expect(page.locator("input[name=login]")).to_have_value(agent.username)
    expect(page.locator("[role=alert], .errorlist, .alert").first).to_be_visible()
