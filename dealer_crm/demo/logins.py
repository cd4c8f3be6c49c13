"""Who can sign in to the demo, and with what."""

from __future__ import annotations

from typing import TypedDict

from dealer_crm.demo.group import StaffMember, staff
from staff.models import Role, User

# Public by intention: it opens made-up data on the reader's own machine.
PASSWORD = "demo-dealer-crm"  # noqa: S105


class Login(TypedDict):
    username: str
    password: str
    role: str
    store: str


def logins() -> list[Login]:
    """The demo's people who are in this database; within a role those of one store come first."""
    present = set(
        User.objects.filter(username__in=[person.username for person in staff()], is_active=True).values_list(
            "username", flat=True
        )
    )
    people = [person for person in staff() if person.username in present]
    roles = list(Role.values)
    people.sort(key=lambda person: (roles.index(person.role), len(person.stores), person.username))
    return [_login(person) for person in people]


def one_per_role() -> list[Login]:
    first: dict[str, Login] = {}
    for login in logins():
        first.setdefault(login["role"], login)
    return list(first.values())


def _login(person: StaffMember) -> Login:
    """``store`` is the store's code; several are joined by commas."""
    return {
        "username": person.username,
        "password": PASSWORD,
        "role": person.role,
        "store": ",".join(person.stores),
    }
