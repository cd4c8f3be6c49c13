"""Every page of the navigation and the pages it leads to, as each role, in both languages."""

from __future__ import annotations

import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import resolve
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from customers.services import imports
from jobs.engine import run_all
from staff.models import Role
from tests.e2e.conftest import SignIn
from tests.e2e.dealer import Dealer
from tests.e2e.texts import COLLECT, FETCH_ALL, chinese, entered, untranslated
from tests.e2e.words import EN, say
from tests.segmentation.clusters.factories import analysed

HEADER = "工单号,车牌号,客户名称,联系电话,开单日期,业务类型,行驶里程,实收金额"
ROWS = (
    "WX1,粤B12345,李海燕,13807551234,2026-05-02,保养,41260,500.00",
    "WX2,粤B12346,张伟,13807551235,日期不明,保养,41260,500.00",
)
# The support screens are the framework's own; a language of theirs is not ours to check.
ELSEWHERE = ("/admin/", "/static/")


def links_of(page: Page) -> list[str]:
    """Addresses of this site that a click would open, in the page's order."""
    found: list[str] = page.eval_on_selector_all(
        "a[href]:not([download])",
        "links => links.filter(a => a.origin === location.origin).map(a => a.pathname + a.search)",
    )
    return [address for address in found if not address.startswith(ELSEWHERE)]


def kind_of(address: str) -> tuple[str, tuple[str, ...]]:
    """One of each suffices: the page behind the address, and which filters it names."""
    parts = urlsplit(address)
    return resolve(parts.path).view_name, tuple(sorted(parse_qs(parts.query)))


def import_orders(dealer: Dealer) -> None:
    by = dealer.people[Role.MANAGER]
    for number, written in ((1, True), (2, False)):
        text = "\n".join([HEADER, *ROWS, ""]).replace("WX", f"WX{number}")
        imported, _new = imports.receive_upload(
            file=SimpleUploadedFile("工单.csv", text.encode()),
            file_name="工单.csv",
            store=dealer.store,
            by=by,
            form_key=uuid.uuid4(),
        )
        imports.start_check(imported=imported, by=by)
        run_all()
        if written:
            imported.refresh_from_db()
            imports.start_commit(imported=imported, by=by)
            run_all()


@pytest.mark.parametrize("role", list(Role))
def test_every_page_opens_without_a_fault_and_in_the_chosen_language(
    page: Page, live_server: LiveServer, dealer: Dealer, sign_in: SignIn, role: Role
) -> None:
    if role in (Role.MANAGER, Role.ADMIN):
        import_orders(dealer)
        analysed(dealer.store, [dealer.hero], as_of=dealer.today)
    sign_in(dealer.people[role])
    page.goto("/")
    menu = page.eval_on_selector_all("nav.nav a", "links => links.map(a => a.pathname)")
    assert len(menu) >= 2
    todo = {kind_of(address): address for address in menu}
    texts: dict[str, list[str]] = {}
    for address in menu:
        texts[address] = visit(page, address)
        for link in links_of(page):
            todo.setdefault(kind_of(link), link)
    for address in todo.values():
        if address not in texts:
            texts[address] = visit(page, address)

    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": EN, "url": live_server.url}])
    in_english = dict(zip(texts, page.evaluate(FETCH_ALL, list(texts)), strict=True))
    assert all(say("Sign out") in seen for seen in texts.values())
    assert all(say("Sign out", EN) in seen for seen in in_english.values())
    data = "\n".join([entered(), HEADER, *ROWS])
    faults = {f"zh {text}": address for address, seen in texts.items() for text in untranslated(seen)}
    faults |= {f"en {text}": address for address, seen in in_english.items() for text in chinese(seen, data)}
    assert not faults, "\n".join(f"{fault}  ({address})" for fault, address in faults.items())


def visit(page: Page, address: str) -> list[str]:
    """Open it; the test's watch notes what went wrong. All texts of the page."""
    response = page.goto(address)
    assert response is not None
    assert response.status == 200, address
    assert page.locator("h1").count() >= 1, address
    texts: list[str] = page.evaluate(f"({COLLECT})(document)")
    return texts
