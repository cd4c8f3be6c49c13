"""The whole address book against the table of who may do what, and three rules for every page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker

from staff.models import Role, User
from tests.permissions_table import TABLE
from tests.staff.factories import UserFactory
from tests.world import FOREIGN_TRACES, OBJECTS, Shop, fingerprint, in_english

ROLES = [role.value for role in Role]


@dataclass(frozen=True)
class Page:
    name: str
    method: str
    status: dict[str, int]
    object: str

    @property
    def allowed(self) -> list[str]:
        return [role for role in ROLES if self.status[role] != 403]

    def url(self, shop: Shop) -> str:
        return reverse(self.name, kwargs=OBJECTS[self.object](shop) if self.object != "-" else {})

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def _read(table: str) -> list[Page]:
    head, *lines = [line.split() for line in table.strip().splitlines()]
    people = head[2:-1]
    return [
        Page(name, method, dict(zip(people, map(int, rest[:-1]), strict=True)), rest[-1])
        for name, method, *rest in lines
    ]


PAGES = _read(TABLE)
GETS = [page for page in PAGES if page.method == "GET"]


def names(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Every name, with its namespaces; the support screens count as one, being one permission."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{prefix}{entry.name}"
        elif entry.namespace == "admin":
            yield "admin:*"
        else:
            yield from names(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)


@pytest.fixture(autouse=True)
def _uncounted(db: None) -> None:
    """Views with a limit of tries must not remember those of another test, nor browsers their sessions."""
    cache.clear()
    _sessions.clear()


@pytest.fixture(scope="module")
def only_shop(module_db: None, django_db_blocker: DjangoDbBlocker) -> Shop:
    with django_db_blocker.unblock():
        return Shop("own")


@pytest.fixture
def shop(only_shop: Shop, db: None) -> Shop:
    return deepcopy(only_shop)


@pytest.fixture
def sister(db: None) -> Shop:
    return Shop("foreign")


# As every form of ours sends it, so that an otherwise empty one is not taken for none.
EMPTY_FORM = {"csrfmiddlewaretoken": "x"}


def signed_in(user: User, **options: Any) -> Client:
    """A browser whose session is this person's; the same one each time, for signing in is a change too."""
    client = in_english(Client(**options))
    session = _sessions.get(user.pk)
    if session is None:
        client.force_login(user)
        _sessions[user.pk] = client.cookies[settings.SESSION_COOKIE_NAME].value
    else:
        client.cookies[settings.SESSION_COOKIE_NAME] = session
    return client


_sessions: dict[int, str] = {}


def ask(page: Page, url: str, user: User | None = None, *, keep: bool = False) -> HttpResponse:
    """The answer; whatever it changed is taken back, unless ``keep``."""
    client = signed_in(user) if user else in_english(Client())
    with transaction.atomic():
        response = client.get(url) if page.method == "GET" else client.post(url, EMPTY_FORM)
        transaction.set_rollback(not keep)
    return response  # type: ignore[return-value]  # the test client's answer is one


def test_every_address_is_in_the_table() -> None:
    known = {page.name for page in PAGES} | {"admin:*"}
    found = set(names())

    assert found - known == set(), "add these to tests/permissions_table.py"
    assert known - found == set(), "these are gone: remove them from tests/permissions_table.py"


def test_every_line_stands_once() -> None:
    lines = [(page.name, page.method) for page in PAGES]
    assert len(lines) == len(set(lines))


def test_each_role_gets_what_the_table_says(shop: Shop) -> None:
    wrong = {}
    for page in PAGES:
        url = page.url(shop)
        got = {role: ask(page, url, shop.people[role]).status_code for role in ROLES}
        got["nobody"] = ask(page, url).status_code
        wrong |= {
            f"{page} {who}": (status, page.status[who])
            for who, status in got.items()
            if status != page.status[who]
        }

    assert wrong == {}, "page and person: (got, in the table)"


def test_nobody_is_sent_to_the_sign_in(shop: Shop) -> None:
    elsewhere = {}
    for page in PAGES:
        if page.status["nobody"] != 302 or page.name in ("favicon", "set_language", "account_logout"):
            continue
        target = ask(page, page.url(shop)).headers["Location"]
        if not target.startswith(reverse("account_login")):
            elsewhere[str(page)] = target

    assert elsewhere == {}


def test_another_stores_row_does_not_exist(shop: Shop, sister: Shop) -> None:
    for person in shop.people.values():
        signed_in(person)
    before = fingerprint()
    wrong = []
    for page in PAGES:
        if page.object in ("-", "group"):
            continue
        url = page.url(sister)
        for role in ROLES:
            response = ask(page, url, shop.people[role], keep=True)
            expected = {404} if role in page.allowed else {403, 404}
            if response.status_code not in expected:
                wrong.append(f"{page} {role}: {response.status_code}")
            wrong += traces(response, f"{page} {role}")

    assert wrong == []
    assert fingerprint() == before


def test_the_other_method_is_not_allowed(shop: Shop) -> None:
    lines = {(page.name, page.method) for page in PAGES}
    wrong = {}
    for page in PAGES:
        other = "POST" if page.method == "GET" else "GET"
        if (page.name, other) in lines or page.name.startswith("account_"):
            continue
        person = shop.people[page.allowed[0]]
        status = ask(replace(page, method=other), page.url(shop), person).status_code
        if status != 405:
            wrong[f"{other} {page.name}"] = status

    assert wrong == {}, "add the line to tests/permissions_table.py, or refuse the method"


def test_reading_changes_nothing(shop: Shop) -> None:
    people = {**shop.people, "superuser": UserFactory(is_superuser=True, password="kept elsewhere")}
    for person in people.values():
        signed_in(person)
    before = fingerprint()
    changed = []
    for page in GETS:
        url = page.url(shop)
        for who, person in people.items():
            client = signed_in(person)
            client.get(url)
            if page.status.get(who) != 403:
                client.head(url)
                client.get(url, headers={"HX-Request": "true"})
        if fingerprint() != before:
            changed.append(str(page))
            before = fingerprint()

    assert changed == []


def test_form_without_its_token_is_refused(shop: Shop) -> None:
    accepted = []
    for page in {page.name: page for page in PAGES if page.name != "health"}.values():
        for person in (shop.people["admin"], shop.people["manager"]):
            response = signed_in(person, enforce_csrf_checks=True).post(page.url(shop))
            if (
                response.status_code != 403
                or "This page was open for too long" not in response.content.decode()
            ):
                accepted.append((page.name, response.status_code))

    assert accepted == []


def traces(response: Any, who: str) -> list[str]:
    """What of the sister store the answer or its headers show."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = body.decode(errors="replace") + str(response.headers)
    return [f"{who} sees {trace}" for trace in FOREIGN_TRACES if trace in text]


def test_no_page_shows_a_sister_stores_row(shop: Shop, sister: Shop) -> None:
    seen = []
    for page in GETS:
        for role in page.allowed:
            seen += traces(ask(page, page.url(shop), shop.people[role]), f"{page} {role}")

    assert seen == []


@pytest.mark.parametrize("words", ["琼Z7Q7Q7", "13900007373", "7373", "LSGZZ99Z9ZH737373", "乙记", "WX-ZZ73"])
def test_no_search_finds_a_sister_stores_row(shop: Shop, sister: Shop, words: str) -> None:
    """The words themselves may come back; nothing else of the row may."""
    others = [trace for trace in FOREIGN_TRACES if trace not in words and words not in trace]
    places = [
        ("customers:search", "post", "q"),
        ("customers:reception", "post", "plate"),
        ("customers:list", "get", "q"),
    ]
    places += [("customers:visits", "get", "q"), ("staff:people", "get", "q")]
    found = []
    for name, method, field in places:
        for role in ("manager", "admin"):
            text = getattr(signed_in(shop.people[role]), method)(
                reverse(name), {field: words}
            ).content.decode()
            found += [f"{name} {role}: {trace}" for trace in others if trace.replace(words, "") in text]

    assert found == []


def test_the_traces_would_be_seen(sister: Shop) -> None:
    """Negative control: the sister store's own people do see each of them somewhere."""
    unseen = set(FOREIGN_TRACES)
    for page in GETS:
        for role in page.allowed if unseen else ():
            text = ask(page, page.url(sister), sister.people[role]).content.decode(errors="replace")
            unseen = {trace for trace in unseen if trace not in text}

    assert unseen == set()


def test_the_icon_that_browsers_ask_for_by_themselves(client: Client) -> None:
    answer = client.get("/favicon.ico")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/static/favicon.svg")


def test_support_screens_are_for_superusers(shop: Shop) -> None:
    url = reverse("admin:index")
    page = Page("admin:index", "GET", {}, "-")

    for person in shop.people.values():
        assert signed_in(person).get(url, follow=True).status_code == 403
    index = ask(page, url, UserFactory(is_superuser=True, is_staff=True))
    assert index.status_code == 200
    assert re.findall(r'<title>([^<]+)</title>|rel="icon" href="([^"]+)"', index.content.decode()) == [
        ("Dealer CRM | Dealer CRM", ""),
        ("", "/static/favicon.svg"),
    ]
