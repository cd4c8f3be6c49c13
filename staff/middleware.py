"""What every request carries, and what every response says to the browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from staff.models import Store
from staff.permissions import ActiveScope

if TYPE_CHECKING:
    from staff.permissions import StaffRequest

SESSION_KEY = "active_store"
ALL_STORES = "all"


class ActiveStoreMiddleware:
    """Puts ``request.active`` on the request: the store chosen in the switcher, read when first asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: StaffRequest) -> HttpResponseBase:
        request.active = SimpleLazyObject(lambda: active_scope(request))  # type: ignore[assignment]  # behaves as one
        return self.get_response(request)


def active_scope(request: StaffRequest) -> ActiveScope:
    if not request.user.is_authenticated:
        return ActiveScope(store=None, stores=(), mine=(), roles={})
    roles = request.user.roles
    mine = tuple(Store.objects.filter(pk__in=roles))
    chosen = request.session.get(SESSION_KEY)
    if chosen == ALL_STORES and may_see_all(roles):
        return ActiveScope(store=None, stores=mine, mine=mine, roles=roles)
    store = next((store for store in mine if store.code == chosen), mine[0] if mine else None)
    return ActiveScope(store=store, stores=(store,) if store else (), mine=mine, roles=roles)


def may_see_all(roles: dict[int, object]) -> bool:
    """Several stores at once only where the role is the same in each."""
    return len(roles) > 1 and len(set(roles.values())) == 1


class BrowserPolicyMiddleware:
    """Content security policy, and no copies of personal data in shared or disk caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        scripts = "'self'"
        if settings.CHARTS_MODE == "cdn":
            scripts += " " + "/".join(settings.CHARTJS_CDN_URL.split("/")[:3])
        self.policy = (
            f"default-src 'none'; script-src {scripts}; style-src 'self'; style-src-attr 'unsafe-inline'; "
            "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        )

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        if request.user.is_authenticated and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response
