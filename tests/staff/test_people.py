"""Adding people, changing roles, first passwords, and whose account is whose."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from staff.models import AuditEntry, Membership, Role, Store, User
from tests.staff.factories import MembershipFactory, UserFactory

NEW = "staff:person_new"


@pytest.fixture
def admin_client(client: Client, admin_user: User) -> Client:  # type: ignore[override]  # ours, not pytest-django's
    client.force_login(admin_user)
    return client


def edit(person: User) -> str:
    return reverse("staff:person_edit", args=[person.pk])


def test_new_person_gets_a_first_password_shown_once(
    admin_client: Client, store: Store, admin_user: User
) -> None:
    response = admin_client.post(
        reverse(NEW), {"username": "chen.yu", "full_name": "陈宇", f"role_{store.pk}": "advisor"}
    )

    person = User.objects.get(username="chen.yu")
    password = response.context["password"]
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert password in response.content.decode()
    assert person.check_password(password)
    assert person.must_change_password
    assert person.roles == {store.pk: Role.ADVISOR}
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.user, entry.store, entry.detail) == (
        "staff.add",
        admin_user,
        store,
        {"role": "advisor"},
    )
    assert password not in str(entry.detail)


def test_second_post_finds_the_name_taken(admin_client: Client, store: Store) -> None:
    data = {"username": "chen.yu", "full_name": "陈宇", f"role_{store.pk}": "advisor"}
    admin_client.post(reverse(NEW), data)

    response = admin_client.post(reverse(NEW), data | {"username": "CHEN.YU"})

    assert response.status_code == 422
    assert "陈宇" in response.content.decode()
    assert User.objects.filter(username__iexact="chen.yu").count() == 1


@pytest.mark.parametrize(
    "wrong", [{"username": ""}, {"username": "a b"}, {"full_name": ""}, {"role": ""}, {"role": "emperor"}]
)
def test_incomplete_person_is_refused_with_what_was_typed(
    admin_client: Client, store: Store, wrong: dict[str, str]
) -> None:
    given = {"username": "lin", "full_name": "林小雨", "role": "agent"} | wrong
    given[f"role_{store.pk}"] = given.pop("role")

    response = admin_client.post(reverse(NEW), given)

    assert response.status_code == 422
    assert given["full_name"] in response.content.decode()
    assert not User.objects.filter(full_name="林小雨").exists()


def test_role_in_a_store_not_managed_cannot_be_given(
    admin_client: Client, store: Store, other_store: Store
) -> None:
    admin_client.post(
        reverse(NEW),
        {"username": "x", "full_name": "X", f"role_{store.pk}": "agent", f"role_{other_store.pk}": "admin"},
    )

    assert User.objects.get(username="x").roles == {store.pk: Role.AGENT}


def test_edit_changes_own_stores_roles_and_leaves_others(
    admin_client: Client, store: Store, other_store: Store, advisor: User
) -> None:
    MembershipFactory(user=advisor, store=other_store, role=Role.MANAGER)

    response = admin_client.post(edit(advisor), {"full_name": "新名", f"role_{store.pk}": "agent"})

    assert response.status_code == 302
    person = User.objects.get(pk=advisor.pk)
    assert person.full_name == "新名"
    assert person.roles == {store.pk: Role.AGENT, other_store.pk: Role.MANAGER}
    assert AuditEntry.objects.get().detail == {"before": "advisor", "after": "agent"}


def test_last_role_cannot_be_taken_away(admin_client: Client, store: Store, advisor: User) -> None:
    response = admin_client.post(edit(advisor), {"full_name": "名", f"role_{store.pk}": ""})

    assert response.status_code == 422
    assert User.objects.get(pk=advisor.pk).roles == {store.pk: Role.ADVISOR}
    assert User.objects.get(pk=advisor.pk).full_name == advisor.full_name


@pytest.mark.parametrize("page", ["person_edit", "person_active", "person_password"])
def test_nobody_changes_their_own_account(
    admin_client: Client, admin_user: User, store: Store, page: str
) -> None:
    response = admin_client.post(
        reverse(f"staff:{page}", args=[admin_user.pk]), {"full_name": "我", f"role_{store.pk}": "manager"}
    )

    assert response.status_code == 403
    assert Membership.objects.get(user=admin_user).role == Role.ADMIN


@pytest.mark.parametrize("page", ["person_edit", "person_active", "person_password"])
def test_people_of_another_store_do_not_exist(admin_client: Client, stranger: User, page: str) -> None:
    assert admin_client.post(reverse(f"staff:{page}", args=[stranger.pk])).status_code == 404


@pytest.mark.parametrize("page", ["person_edit", "person_active", "person_password"])
def test_superusers_account_is_not_a_store_admins(admin_client: Client, store: Store, page: str) -> None:
    boss = MembershipFactory(user=UserFactory(is_superuser=True), store=store, role=Role.ADVISOR).user

    assert admin_client.post(reverse(f"staff:{page}", args=[boss.pk])).status_code == 403


@pytest.mark.parametrize("page", ["person_active", "person_password"])
def test_account_shared_with_another_store_is_not_one_admins_alone(
    admin_client: Client, advisor: User, other_store: Store, page: str
) -> None:
    MembershipFactory(user=advisor, store=other_store)

    assert admin_client.post(reverse(f"staff:{page}", args=[advisor.pk])).status_code == 403
    assert User.objects.get(pk=advisor.pk).is_active


def test_deactivated_person_is_out_at_the_next_request(admin_client: Client, advisor: User) -> None:
    theirs = Client()
    theirs.force_login(advisor)
    assert theirs.get(reverse("staff:profile")).status_code == 200

    admin_client.post(reverse("staff:person_active", args=[advisor.pk]), {"active": "no"})

    response = theirs.get(reverse("staff:profile"))
    assert (response.status_code, response.headers["Location"].split("?")[0]) == (
        302,
        reverse("account_login"),
    )
    admin_client.post(reverse("staff:person_active", args=[advisor.pk]), {"active": "yes"})
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "staff.deactivate",
        "staff.reactivate",
    ]


def test_new_first_password_signs_the_person_out(admin_client: Client, advisor: User) -> None:
    theirs = Client()
    theirs.force_login(advisor)

    response = admin_client.post(reverse("staff:person_password", args=[advisor.pk]))

    assert User.objects.get(pk=advisor.pk).check_password(response.context["password"])
    assert theirs.get(reverse("staff:profile")).status_code == 302


def test_list_shows_own_store_only(
    admin_client: Client, advisor: User, stranger: User, other_store: Store
) -> None:
    MembershipFactory(user=advisor, store=other_store, role=Role.MANAGER)

    response = admin_client.get(reverse("staff:people"))

    page = response.content.decode()
    people = {
        person.username: [row.store_id for row in person.roles_here] for person in response.context["page"]
    }
    assert set(people) == {advisor.username, response.wsgi_request.user.username}
    assert other_store.pk not in people[advisor.username]
    assert stranger.full_name not in page
    assert other_store.name not in page


@pytest.mark.parametrize("count", [1, 12])
def test_list_costs_the_same_for_many(
    admin_client: Client, store: Store, count: int, django_assert_max_num_queries: object
) -> None:
    MembershipFactory.create_batch(count, store=store)
    admin_client.get(reverse("staff:people"))

    # session, user, roles, stores, count, people, their roles; the frame's own are constant
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        admin_client.get(reverse("staff:people"))


def test_search_by_either_name(admin_client: Client, store: Store) -> None:
    found = MembershipFactory(store=store, user=UserFactory(username="zhao.lei", full_name="赵磊")).user

    for words in ("赵", "ZHAO"):
        page = admin_client.get(reverse("staff:people"), {"q": words}).context["page"]
        assert list(page) == [found]
