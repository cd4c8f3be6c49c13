"""A real browser on a real server over this test's own database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from staff.models import User
from tests.e2e import browser as chromium
from tests.e2e.browser import Watch
from tests.e2e.dealer import Dealer, make_dealer

HERE = Path(__file__).parent
SignIn = Callable[..., None]
OpenAs = Callable[..., Page]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """All in one process: a second Chromium beside it would only make both slow."""
    ours = [item for item in items if HERE in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.e2e)
        item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def live_server(django_db_setup: None, live_server: LiveServer) -> LiveServer:
    """Once the database of the tests is there: until then SQLite's is in memory, and threads that share it crash."""
    return live_server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium.executable(), args=chromium.FLAGS)
        yield running
        running.close()


def _new_context(browser: Browser, live_server: LiveServer, **options: Any) -> BrowserContext:
    usual = {"viewport": {"width": 1440, "height": 900}, "locale": "zh-CN", "timezone_id": settings.TIME_ZONE}
    opened = browser.new_context(base_url=live_server.url, **{**usual, **options})
    opened.set_default_timeout(10_000)
    return opened


@pytest.fixture
def context(browser: Browser, live_server: LiveServer) -> Iterator[BrowserContext]:
    opened = _new_context(browser, live_server)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture(autouse=True)
def watch(page: Page, live_server: LiveServer) -> Iterator[Watch]:
    """Fails the test on a console error, a failed request, or a request to another host.

    A test that provokes a refusal adds its status to ``watch.expected_statuses`` first.
    """
    watching = Watch(page, origin=live_server.url)
    yield watching
    assert watching.complaints == []


def _sign_in(context: BrowserContext, live_server: LiveServer, user: User, language: str) -> None:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    cookies = {
        settings.SESSION_COOKIE_NAME: str(session.session_key),
        settings.LANGUAGE_COOKIE_NAME: language,
    }
    context.add_cookies(
        [{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()]
    )


@pytest.fixture
def sign_in(context: BrowserContext, live_server: LiveServer) -> SignIn:
    """``sign_in(user)`` opens a session without the form; ``language="en"`` chooses English."""

    def open_session(user: User, *, language: str = "zh-hans") -> None:
        _sign_in(context, live_server, user, language)

    return open_session


@pytest.fixture
def open_as(browser: Browser, live_server: LiveServer) -> Iterator[OpenAs]:
    """A page on a device of its own, signed in and watched: for a second person, another size, or no script."""
    watched: list[tuple[BrowserContext, Watch]] = []

    def open_page(
        user: User, *, language: str = "zh-hans", expected: Iterable[int] = (), **options: Any
    ) -> Page:
        context = _new_context(browser, live_server, **options)
        _sign_in(context, live_server, user, language)
        page = context.new_page()
        watch = Watch(page, origin=live_server.url)
        watch.expected_statuses.update(expected)
        watched.append((context, watch))
        return page

    yield open_page
    for context, _watch in watched:
        context.close()
    assert [complaint for _context, watch in watched for complaint in watch.complaints] == []


@pytest.fixture
def dealer(live_server: LiveServer) -> Dealer:
    """Dated by the real day: the server under test asks the clock."""
    return make_dealer(timezone.localdate())
