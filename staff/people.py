"""Who works here: accounts, their roles per store, and first passwords."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from staff.models import Membership, Role, Store, User
from staff.permissions import ActiveScope
from staff.services import record

# Without the look-alikes 0 O 1 l I: the password is read out or written on paper once.
ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class LastRole(Exception):
    """Someone without any role is in nobody's list and cannot be found again."""


def managed_stores(active: ActiveScope) -> list[Store]:
    return [store for store in active.mine if active.roles[store.pk] == Role.ADMIN]


def people_in(stores: Iterable[Store]) -> QuerySet[User]:
    works_there = Membership.objects.filter(user=OuterRef("pk"), store__in=list(stores))
    return User.objects.filter(Exists(works_there))


def first_password() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


@transaction.atomic
def hire(*, username: str, full_name: str, roles: Mapping[Store, Role], by: User) -> tuple[User, str]:
    """The new account and its first password, which is shown once and must be changed at the first sign-in."""
    password = first_password()
    user = User.objects.create_user(
        username=username, full_name=full_name, password=password, must_change_password=True
    )
    for store, role in roles.items():
        Membership.objects.create(user=user, store=store, role=role)
        record(user=by, action="staff.add", store=store, subject=user, role=role)
    return user, password


@transaction.atomic
def change(*, person: User, full_name: str, roles: Mapping[Store, Role | None], by: User) -> None:
    """Set the name, and the role in each of ``roles``' stores; None takes the role away. Others stay as they are.

    Raises LastRole when nothing would be left, PermissionDenied for one's own account.
    """
    _not_oneself(person, by)
    person = User.objects.select_for_update().get(pk=person.pk)
    before = {row.store_id: row.role for row in person.memberships.all()}
    after = before | {store.pk: role for store, role in roles.items()}
    if not any(after.values()):
        raise LastRole
    User.objects.filter(pk=person.pk).update(full_name=full_name)
    for store, role in roles.items():
        if before.get(store.pk) == role:
            continue
        if role is None:
            person.memberships.filter(store=store).delete()
        else:
            Membership.objects.update_or_create(user=person, store=store, defaults={"role": role})
        record(
            user=by,
            action="staff.roles",
            store=store,
            subject=person,
            before=before.get(store.pk) or "",
            after=role or "",
        )


@transaction.atomic
def set_active(*, person: User, active: bool, by: User) -> None:
    """A deactivated account is signed out at its next request; nothing it did is lost."""
    _not_oneself(person, by)
    if User.objects.filter(pk=person.pk, is_active=not active).update(is_active=active):
        for store in person.stores.all():
            record(
                user=by,
                action="staff.reactivate" if active else "staff.deactivate",
                store=store,
                subject=person,
            )


@transaction.atomic
def renew_password(*, person: User, by: User) -> str:
    """A new first password; whoever is signed in with the old one is signed out."""
    _not_oneself(person, by)
    password = first_password()
    person.set_password(password)
    person.must_change_password = True
    person.save(update_fields=["password", "must_change_password"])
    for store in person.stores.all():
        record(user=by, action="staff.password", store=store, subject=person)
    return password


def _not_oneself(person: User, by: User) -> None:
    if person.pk == by.pk:
        raise PermissionDenied
