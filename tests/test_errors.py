"""Every refusal has its own page, for a browser and for htmx, with nothing of the inside in it."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from dealer_crm import urls as real
from staff.models import User
from tests.world import in_english

REASONS = {
    "suspicious": SuspiciousOperation("inside"),
    "forbidden": PermissionDenied("inside"),
    "mistake": ZeroDivisionError("inside"),
    "down": OperationalError("inside"),
    "closed": InterfaceError("inside"),
}


def fail(request: HttpRequest, reason: str) -> HttpResponse:
    raise REASONS[reason]


def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(request.POST)))


urlpatterns = [path("fail/<reason>/", fail), path("echo/", echo), *real.urlpatterns]
handler400, handler403, handler404, handler500 = (
    real.handler400,
    real.handler403,
    real.handler404,
    real.handler500,
)

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]
HEADINGS = {
    400: "The request could not be understood",
    403: "",
    404: "There is nothing here",
    413: "The file is too large",
    500: "Something went wrong on our side",
    503: "Dealer CRM is being updated",
}


@pytest.fixture
def browser() -> Client:
    return in_english(Client(raise_request_exception=False))


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/fail/suspicious/", 400),
        ("/fail/forbidden/", 403),
        ("/no/such/page/", 404),
        ("/fail/mistake/", 500),
        ("/fail/down/", 503),
        ("/fail/closed/", 503),
    ],
)
def test_page_and_htmx(browser: Client, advisor: User, signed_in: bool, url: str, status: int) -> None:
    if signed_in:
        browser.force_login(advisor)

    page = browser.get(url)
    part = browser.get(url, headers={"HX-Request": "true"})

    assert (page.status_code, part.status_code) == (status, status)
    text = page.content.decode()
    assert HEADINGS[status] in text
    assert "<h1>" in text
    assert "inside" not in text
    assert "Traceback" not in text
    assert part.content == b""
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert page.headers.get("Retry-After") == ("30" if status == 503 else None)


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100)
@pytest.mark.parametrize(("length", "status"), [(100, 200), (101, 413)])
def test_body_too_large(browser: Client, length: int, status: int) -> None:
    body = b"a=" + b"x" * (length - 2)
    for headers in ({}, {"HX-Request": "true"}):
        response = browser.post(
            "/echo/", body, content_type="application/x-www-form-urlencoded", headers=headers
        )
        assert response.status_code == status
    assert (
        status == 200
        or HEADINGS[413]
        in browser.post("/echo/", body, content_type="application/x-www-form-urlencoded").content.decode()
    )


@override_settings(DATA_UPLOAD_MAX_NUMBER_FIELDS=2)
def test_too_many_fields(browser: Client) -> None:
    assert browser.post("/echo/", {"a": 1, "b": 2, "c": 3}).status_code == 400


def test_forged_host(browser: Client) -> None:
    assert browser.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_form_without_its_token() -> None:
    browser = in_english(Client(enforce_csrf_checks=True))

    page = browser.post("/echo/", {"a": 1})
    part = browser.post("/echo/", {"a": 1}, headers={"HX-Request": "true"})

    assert (page.status_code, part.status_code, part.content) == (403, 403, b"")
    assert "This page was open for too long" in page.content.decode()


def test_database_down_for_a_signed_in_person(
    browser: Client, advisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session cannot be read either, and the page says so all the same."""
    browser.force_login(advisor)

    def down(*args: object, **kwargs: object) -> None:
        raise OperationalError("inside")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", down)
        page = browser.get("/staff/profile/")
        health = browser.get("/health/")

    assert (page.status_code, page.headers["Retry-After"]) == (503, "30")
    assert HEADINGS[503] in page.content.decode()
    assert health.status_code == 503
    assert browser.get("/health/").json() == {"status": "ok"}
