"""The frame around every page, without a browser."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from staff.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frame")]


def test_page_has_landmarks_one_heading_and_no_inline_script(client, person):
    client.force_login(person)

    page = client.get("/parts/").content.decode()

    assert page.count("<h1>") == 1
    assert 'lang="' in page
    assert all(
        mark in page
        for mark in ('<main id="main"', '<nav class="nav"', '<header class="top"', 'href="#main"')
    )
    assert re.findall(r"<script(?![^>]*src=)(?![^>]*application/json)", page) == []
    assert "data-shortcuts" not in page


def test_every_post_form_carries_a_token(client, person):
    client.force_login(person)

    page = client.get("/parts/").content.decode()
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", page, re.DOTALL)

    assert len(forms) >= 4
    assert all("csrfmiddlewaretoken" in form for form in forms)


def test_shortcuts_can_be_switched_off(client, person):
    User.objects.filter(pk=person.pk).update(keyboard_shortcuts=False)
    client.force_login(person)

    assert 'data-shortcuts="off"' in client.get("/parts/").content.decode()


def test_message_becomes_a_toast_with_undo(client, person):
    client.force_login(person)

    page = client.post("/parts/", {"delete": "yes"}, follow=True).content.decode()

    assert re.search(
        r"class=\"toast\"><span>Received \[&#x27;delete&#x27;\]</span>\s*<form method=\"post\" action=\"/parts/\"",
        page,
    )


@pytest.mark.parametrize("name", ["account_logout", "usersessions_list"])
def test_account_pages(client, person, name):
    client.force_login(person)

    assert client.get(reverse(name)).status_code == 200


def test_password_page_says_what_is_wrong(client, person):
    person.set_password("an old sentence to sign in")
    person.save()
    client.force_login(person)

    answer = client.post(reverse("account_change_password"), {"oldpassword": "wrong"}).content.decode()

    assert 'aria-describedby="id_oldpassword_error"' in answer
    assert 'id="id_oldpassword_error"' in answer


def test_sign_in_needs_no_script_and_names_all_groups(client):
    page = client.get(reverse("account_login"), headers={"accept-language": "en"}).content.decode()

    assert page.count('class="gc g-') == 8
    assert 'name="login"' in page
    assert 'name="password"' in page
    assert 'class="nav"' not in page


def test_wrong_password_is_said_and_the_name_kept(client, person):
    answer = client.post(reverse("account_login"), {"login": person.username, "password": "wrong"})

    page = answer.content.decode()
    assert 'role="alert"' in page
    assert f'value="{person.username}"' in page
