"""Who may do what: one table of actions and roles, used by views, menus and the permission test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from staff.models import Role, Store

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from staff.models import User

    class StaffRequest(HttpRequest):
        """A request behind the sign-in: what the middlewares add to Django's."""

        user: User  # never anonymous behind login_required
        active: ActiveScope
        htmx: HtmxDetails
else:
    StaffRequest = HttpRequest

ADVISOR, AGENT, TECHNICIAN, MANAGER, ADMIN = Role
EVERYONE = frozenset(Role)

ACTIONS: dict[str, frozenset[Role]] = {
    "customer.view": EVERYONE,
    "customer.edit": frozenset({ADVISOR, AGENT, MANAGER, ADMIN}),
    "phone.reveal": frozenset({ADVISOR, AGENT, MANAGER}),
    "visit.view": EVERYONE,
    "visit.log": frozenset({ADVISOR, MANAGER}),
    # Money that was booked: who answers for the store.
    "visit.correct": frozenset({MANAGER}),
    "complaint.log": frozenset({ADVISOR, AGENT, MANAGER}),
    "booking.view": frozenset({ADVISOR, AGENT, MANAGER}),
    "call.work": frozenset({AGENT, MANAGER}),
    "segment.view": frozenset({MANAGER, ADMIN}),
    # A saved segment is for who answers for every store in it.
    "segment.save": frozenset({MANAGER, ADMIN}),
    # A store's own rules; the group's bind everyone, so they ask for the role in every store.
    "rules.edit": frozenset({MANAGER}),
    "rules.edit_for_all": frozenset({MANAGER, ADMIN}),
    "campaign.view": frozenset({MANAGER, ADMIN}),
    "campaign.edit": frozenset({MANAGER}),
    "dashboard.view": frozenset({MANAGER, ADMIN}),
    "import.run": frozenset({MANAGER, ADMIN}),
    # A list as a file leaves the house: only who answers for the store takes it along.
    "export.run": frozenset({MANAGER, ADMIN}),
    "job.view": frozenset({MANAGER, ADMIN}),
    "job.retry": frozenset({MANAGER, ADMIN}),
    "staff.manage": frozenset({ADMIN}),
    "audit.view": frozenset({ADMIN}),
}


@dataclass(frozen=True, slots=True)
class ActiveScope:
    """What a page is about: one store, or all stores of the user when ``store`` is None."""

    store: Store | None
    stores: tuple[Store, ...]
    mine: tuple[Store, ...]
    roles: dict[int, Role]

    @property
    def role(self) -> Role | None:
        """The role in the stores in view; across several it must be the same one."""
        roles = {self.roles[store.pk] for store in self.stores}
        return roles.pop() if len(roles) == 1 else None

    def can(self, action: str) -> bool:
        return self.role is not None and self.role in ACTIONS[action]

    @property
    def may_export(self) -> bool:
        return self.can("export.run")

    def require(self, action: str, store: Store | int) -> None:
        """Raise PermissionDenied unless the role in ``store`` (not the active one) allows ``action``."""
        pk = store if isinstance(store, int) else store.pk
        if self.roles.get(pk) not in ACTIONS[action]:
            raise PermissionDenied

    def working_store(self) -> Store:
        """The store new rows belong to: the active one, else the user's first."""
        return self.store or self.mine[0]


def requires(*actions: str) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Sign-in, a store to work in, and a role there that allows all of ``actions``; else 403."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not all(request.active.can(action) for action in actions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return decorate
