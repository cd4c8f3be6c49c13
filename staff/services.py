"""Writes about stores and staff."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models, transaction

from staff.models import AuditEntry, Membership, Role, Store, User


class LockedOut(Exception):
    """``kind`` says who would no longer get in: ``oneself``, or the ``last`` superuser."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def add_store(*, code: str, name: str, address: str = "") -> tuple[Store, bool]:
    """The store of that code, and whether it is new. An existing one keeps its name."""
    return Store.objects.get_or_create(code=code, defaults={"name": name, "address": address})


@transaction.atomic
def add_user(*, username: str, full_name: str, password: str, roles: Mapping[Store, Role]) -> User:
    """The user of that name with exactly ``roles``; the password is set for a new user only."""
    user, created = User.objects.get_or_create(username=username, defaults={"full_name": full_name})
    if created:
        user.set_password(password)
        user.save(update_fields=["password"])
    user.memberships.exclude(store__in=roles).delete()
    for store, role in roles.items():
        Membership.objects.update_or_create(user=user, store=store, defaults={"role": role})
    return user


def keep_a_superuser(*, leaving: User, by: User) -> None:
    """In a transaction; raises LockedOut when ``by`` leaves, or the last account that could undo it."""
    if leaving.pk == by.pk:
        raise LockedOut("oneself")
    # Two who deactivate each other at once: the one who comes second sees that nobody else is left.
    others = User.objects.select_for_update().filter(is_superuser=True, is_active=True).exclude(pk=leaving.pk)
    if leaving.is_superuser and not list(others):
        raise LockedOut("last")


def record(
    *,
    user: User | None,
    action: str,
    store: Store | None = None,
    subject: models.Model | None = None,
    **detail: object,
) -> AuditEntry:
    """Add one line to the audit trail. ``detail`` must hold no personal data in clear."""
    return AuditEntry.objects.create(
        user=user,
        store=store,
        action=action,
        subject=subject._meta.label_lower if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        detail=detail,
    )
