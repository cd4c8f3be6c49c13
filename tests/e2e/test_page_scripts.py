"""What the scripts of every page do, on a page that shows all components."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.design import pages
from tests.e2e.browser import sticks_out
from tests.staff.factories import UserFactory


@pytest.fixture
def open_page(page, live_server, settings, sign_in, watch, store):
    """Opens an address, signed in; refusals of a form are expected here."""
    pages.install(settings)
    watch.expected_statuses |= {422, 429}

    def opened(address: str = "/parts/"):
        sign_in(UserFactory(full_name="周敏"), language="en")
        page.goto(live_server.url + address)
        return page

    return opened


def is_open(page, selector: str) -> bool:
    return page.evaluate("selector => document.querySelector(selector).open", selector)


def test_shortcuts_open_search_and_help_and_rest_while_typing(open_page):
    page = open_page()

    page.keyboard.press("Shift+Slash")
    assert is_open(page, "#help")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.focus("[name=plate]")
    page.keyboard.press("Slash")
    assert not is_open(page, "#palette")
    assert page.input_value("[name=plate]") == "/"
    page.keyboard.press("Escape")
    page.keyboard.press("Slash")
    assert is_open(page, "#palette")


def test_search_is_steered_by_keyboard_and_leaves_no_trace_in_the_address(open_page):
    page = open_page()
    page.keyboard.press("Control+k")
    page.keyboard.type("6K92D")
    page.wait_for_selector("#palette-results a")
    assert "6K92D" not in page.url

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    page.wait_for_url("**found=2")


def test_rows_are_walked_and_opened(open_page):
    page = open_page()

    for key in ("j", "j", "j", "k", "j"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")

    page.wait_for_url("**row=2")


def test_part_is_swapped_and_a_failure_is_said(open_page, watch):
    page = open_page()

    page.keyboard.press("9")
    page.wait_for_selector("#part >> text=new")
    page.click("#fail")

    page.wait_for_selector(".toast.bad")
    assert page.inner_text("#part") == "new"
    watch.complaints.clear()  # htmx logs the refusal that this test asked for


def test_draft_outlives_a_reload_until_it_is_sent(open_page):
    page = open_page()
    page.fill("[name=plate]", "粤B6K92D")
    page.check("[name=kind][value=r]")

    page.reload()
    assert page.input_value("[name=plate]") == "粤B6K92D"
    assert page.is_checked("[name=kind][value=r]")

    page.fill("[name=odometer]", "48150")
    page.click("[name=save]")
    page.wait_for_selector(".toast")
    assert page.input_value("[name=plate]") == ""
    assert page.evaluate("sessionStorage.getItem('draft:visit')") is None


def test_error_keeps_what_was_typed_and_goes_to_the_field(open_page):
    page = open_page()
    page.fill("[name=plate]", "粤B6K92D")

    page.click("[name=save]")

    page.wait_for_selector("#id_odometer_error")
    assert page.evaluate("document.activeElement.name") == "odometer"
    assert page.input_value("[name=plate]") == "粤B6K92D"


def test_form_is_sent_once_with_the_pressed_button(open_page):
    page = open_page()
    sent: list[str] = []
    page.on(
        "request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None
    )
    page.fill("[name=plate]", "粤B6K92D")
    page.fill("[name=odometer]", "48150")
    page.check("[name=kind][value=m]")

    page.evaluate(
        "() => { const form = document.querySelector('#visit');"
        "for (let i = 0; i < 3; i++) form.requestSubmit(form.elements.save) }"
    )
    page.wait_for_selector(".toast")

    assert len(sent) == 1
    assert "save=yes" in sent[0]


def test_dangerous_step_asks_for_the_number_first(open_page):
    page = open_page()

    page.click("[name=delete]")
    assert is_open(page, "#ask")
    assert page.is_disabled("#ask [value=yes]")
    page.fill("#ask-typed", "118")
    assert page.is_disabled("#ask [value=yes]")
    page.fill("#ask-typed", "119")
    page.click("#ask [value=yes]")

    page.wait_for_selector("text=Received ['delete']")


def test_offline_form_waits_and_is_sent_on_return(open_page):
    page = open_page()
    page.fill("[name=plate]", "粤B6K92D")
    page.fill("[name=odometer]", "48150")
    page.check("[name=kind][value=m]")
    page.context.set_offline(True)
    page.click("[name=save]")
    page.wait_for_selector(".toast")

    page.context.set_offline(False)

    page.wait_for_selector("text=Received ['save']")


def test_theme_is_kept_on_the_device(open_page):
    page = open_page("/parts/?theme=light")

    page.click("[data-theme-toggle]")
    page.goto(page.url.split("?")[0])

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_charts_come_from_our_own_origin(open_page):
    page = open_page()

    expect(page.locator("html")).to_have_attribute("data-charts", "local")


def test_tables_open_when_the_chart_library_cannot_load(open_page, watch):
    page = open_page("/account/logout/")
    page.route("**/vendor/**", lambda route: route.abort())

    page.goto(page.url.replace("/account/logout/", "/parts/"))

    expect(page.locator("html")).to_have_attribute("data-charts", "table")
    assert page.is_visible("details.dt td >> text=June")
    watch.complaints.clear()  # the library that did not load


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_nothing_sticks_out(open_page, width):
    page = open_page()

    page.set_viewport_size({"width": width, "height": 844})

    assert not sticks_out(page)


def test_phone_reaches_every_page_and_signs_out(open_page):
    page = open_page()
    page.set_viewport_size({"width": 390, "height": 844})

    page.click("details.me summary")

    assert page.is_visible("details.me .phone a >> text=Parts")
    assert page.is_visible("details.me form[data-clear-drafts] button")


def test_without_script_the_frame_still_works(open_page, browser, context, live_server):
    open_page()
    bare = browser.new_context(java_script_enabled=False, locale="en")
    bare.add_cookies(context.cookies())
    page = bare.new_page()
    page.goto(live_server.url + "/parts/")

    page.click("details.me summary")
    assert page.is_visible("details.me a >> nth=-1")
    assert not page.is_visible("[data-theme-toggle]")
    page.fill("header [name=q]", "6K92D")
    page.click("header .gsearch button")

    assert "all of 6K92D" in page.content()
    bare.close()
