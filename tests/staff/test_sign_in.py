"""The way in and out: limits, first passwords, the end of a session, and what is not there."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from staff.accounts import SIGNED_IN_AT
from staff.models import User

PASSWORD = "plum-rain-over-lotus-7"
LOGIN = "/account/login/"


@pytest.fixture(autouse=True)
def _no_earlier_tries(db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def person(advisor: User) -> User:
    advisor.set_password(PASSWORD)
    advisor.save()
    return advisor


def sign_in(client: Client, person: User, password: str = PASSWORD, **headers: str) -> int:
    response = client.post(LOGIN, {"login": person.username, "password": password}, headers=headers)
    return response.status_code


def is_in(client: Client) -> bool:
    return client.get(reverse("staff:profile")).status_code == 200


def test_sign_in_by_user_name_and_out(client: Client, person: User) -> None:
    assert sign_in(client, person) == 302
    assert is_in(client)

    assert client.post(reverse("account_logout")).headers["Location"] == LOGIN
    assert not is_in(client)


def test_session_key_changes_at_sign_in(client: Client, person: User) -> None:
    client.cookies["sessionid"] = "chosen-by-someone-else-000000000"
    sign_in(client, person)

    assert client.cookies["sessionid"].value != "chosen-by-someone-else-000000000"


@pytest.mark.parametrize(("wrong_tries", "allowed"), [(4, True), (5, False)])
def test_wrong_passwords_are_limited(client: Client, person: User, wrong_tries: int, allowed: bool) -> None:
    for _try in range(wrong_tries):
        assert sign_in(client, person, "wrong-password-00") == 200

    sign_in(client, person)

    assert is_in(client) is allowed


def test_limit_follows_the_name_not_the_letter_case(client: Client, person: User) -> None:
    for _try in range(5):
        client.post(LOGIN, {"login": person.username.upper(), "password": "wrong-password-00"})

    sign_in(client, person)

    assert not is_in(client)


def test_forged_address_does_not_reset_the_limit(client: Client, person: User) -> None:
    for number in range(5):
        sign_in(client, person, "wrong-password-00", **{"X-Forwarded-For": f"10.0.0.{number}"})

    sign_in(client, person, **{"X-Forwarded-For": "10.9.9.9"})

    assert not is_in(client)


def test_unknown_name_and_wrong_password_are_told_alike(client: Client, person: User) -> None:
    answers = [
        client.post(LOGIN, {"login": name, "password": "wrong-password-00"})
        .context["form"]
        .non_field_errors()
        for name in (person.username, "nobody")
    ]

    assert answers[0] == answers[1]


def test_deactivated_person_cannot_sign_in(client: Client, person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)

    sign_in(client, person)

    assert not is_in(client)


@pytest.mark.parametrize(("seconds", "inside"), [(12 * 3600 - 5, True), (12 * 3600 + 1, False)])
def test_session_ends_twelve_hours_after_the_sign_in(
    client: Client, person: User, seconds: int, inside: bool
) -> None:
    sign_in(client, person)
    session = client.session
    assert abs(session[SIGNED_IN_AT] - time.time()) < 10
    session[SIGNED_IN_AT] -= seconds
    session.save()

    # Being busy does not prolong it.
    client.post(reverse("staff:switch_store"), {"store": "GB"})

    assert is_in(client) is inside


def test_first_password_must_be_changed_before_anything_else(client: Client, person: User) -> None:
    User.objects.filter(pk=person.pk).update(must_change_password=True)
    sign_in(client, person)
    change = reverse("account_change_password")

    for url in ("/", reverse("staff:profile"), reverse("jobs:list"), reverse("usersessions_list")):
        assert client.get(url).headers["Location"] == change
    assert client.get(reverse("jobs:list"), headers={"HX-Request": "true"}).headers["HX-Redirect"] == change
    assert client.get(change).status_code == 200

    same = {"oldpassword": PASSWORD, "password1": PASSWORD, "password2": PASSWORD}
    client.post(change, same)
    assert User.objects.get(pk=person.pk).must_change_password

    new = "a-sentence-nobody-guesses"
    client.post(change, same | {"password1": new, "password2": new})
    assert not User.objects.get(pk=person.pk).must_change_password
    assert is_in(client)


@pytest.mark.parametrize("weak", ["short-pw-11", "123456789012345"])
def test_weak_password_is_refused(client: Client, person: User, weak: str) -> None:
    sign_in(client, person)

    client.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": weak, "password2": weak}
    )

    assert User.objects.get(pk=person.pk).check_password(PASSWORD)


def test_htmx_request_without_a_session_reloads_the_page(client: Client, db: None) -> None:
    response = client.get(reverse("jobs:list"), headers={"HX-Request": "true"})

    assert (response.status_code, response.headers["HX-Refresh"]) == (200, "true")
    assert response.content == b""


def test_nobody_can_sign_themselves_up(client: Client, db: None) -> None:
    before = User.objects.count()
    client.post(
        reverse("account_signup"),
        {"username": "intruder", "password1": PASSWORD, "password2": PASSWORD, "full_name": "x"},
    )

    assert User.objects.count() == before


@pytest.mark.parametrize(
    "name",
    [
        "account_email",
        "account_reset_password",
        "account_set_password",
        "account_confirm_email",
        "socialaccount_login",
    ],
)
def test_unused_pages_of_the_sign_in_package_are_not_there(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize(
    "path", ["email/", "password/reset/", "password/set/", "confirm-email/", "login/code/"]
)
def test_unused_addresses_of_the_sign_in_package_are_not_there(client: Client, db: None, path: str) -> None:
    assert client.get(f"/account/{path}").status_code == 404


def test_other_devices_can_be_signed_out(client: Client, person: User) -> None:
    elsewhere = Client()
    sign_in(elsewhere, person)
    sign_in(client, person)

    client.post(reverse("usersessions_list"))

    assert is_in(client)
    assert not is_in(elsewhere)


def test_support_screens_have_no_sign_in_of_their_own(client: Client, db: None) -> None:
    for url in (reverse("admin:index"), reverse("admin:login")):
        response = client.get(url, follow=True)
        assert response.redirect_chain[-1][0].split("?")[0] == LOGIN
    assert client.post(reverse("admin:login"), {"username": "x", "password": "y"}).status_code == 302
