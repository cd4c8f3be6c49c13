import pytest
from django.test import Client
from django.urls import reverse

from staff.models import Role, Store, User
from tests.staff.factories import MembershipFactory, UserFactory


@pytest.fixture
def own(client: Client, advisor: User) -> Client:
    client.force_login(advisor)
    return client


def test_shortcuts_are_switched_off_and_on(own: Client, advisor: User) -> None:
    url = reverse("staff:profile")
    own.post(url, {})
    assert not User.objects.get(pk=advisor.pk).keyboard_shortcuts
    assert 'data-shortcuts="off"' in own.get(url).content.decode()

    own.post(url, {"keyboard_shortcuts": "on"})
    assert User.objects.get(pk=advisor.pk).keyboard_shortcuts


def test_profile_changes_nothing_else(own: Client, advisor: User) -> None:
    own.post(reverse("staff:profile"), {"is_superuser": "on", "full_name": "x", "must_change_password": "on"})

    person = User.objects.get(pk=advisor.pk)
    assert (person.is_superuser, person.full_name) == (False, advisor.full_name)


@pytest.mark.parametrize(
    ("chosen", "remembered"), [("GB", "GB"), ("NS", "NS"), ("XX", None), ("all", "all"), ("", None)]
)
def test_store_switcher_accepts_own_stores_only(
    own: Client, advisor: User, other_store: Store, chosen: str, remembered: str | None
) -> None:
    MembershipFactory(user=advisor, store=other_store, role=Role.ADVISOR)

    own.post(reverse("staff:switch_store"), {"store": chosen})

    assert own.session.get("active_store") == remembered


def test_all_stores_at_once_only_with_the_same_role_in_each(
    own: Client, advisor: User, other_store: Store
) -> None:
    MembershipFactory(user=advisor, store=other_store, role=Role.MANAGER)

    own.post(reverse("staff:switch_store"), {"store": "all"})

    assert "active_store" not in own.session


@pytest.mark.parametrize(
    ("target", "followed"),
    [
        ("/staff/profile/", "/staff/profile/"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("", "/"),
    ],
)
def test_switcher_leads_back_to_our_own_pages_only(own: Client, target: str, followed: str) -> None:
    response = own.post(reverse("staff:switch_store"), {"store": "GB", "next": target})

    assert response.headers["Location"] == followed


def test_person_without_a_store_reaches_their_profile(client: Client, db: None) -> None:
    client.force_login(UserFactory())

    response = client.get("/", follow=True)

    assert response.redirect_chain == [(reverse("staff:profile"), 302)]
    assert client.get(reverse("staff:people")).status_code == 403
