"""What every request carries, who may go on with it, and what every response says to the browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from staff.accounts import SIGNED_IN_AT
from staff.models import Store
from staff.permissions import ActiveScope

if TYPE_CHECKING:
    from staff.permissions import StaffRequest

GetResponse = Callable[[HttpRequest], HttpResponseBase]

SESSION_KEY = "active_store"
ALL_STORES = "all"
# Where a person goes who still has the password that an administrator has seen.
OPEN_TO_NEWCOMERS = {"account_change_password", "account_logout", "set_language", "health"}


class ChosenLanguageMiddleware:
    """The language somebody chose, else the first one; a browser's own preference says little about its user."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class ActiveStoreMiddleware:
    """Puts ``request.active`` on the request: the store chosen in the switcher, read when first asked for."""

    def __init__(self, get_response: GetResponse) -> None:
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


def may_see_all(roles: Mapping[int, object]) -> bool:
    """Several stores at once only where the role is the same in each."""
    return len(roles) > 1 and len(set(roles.values())) == 1


class SessionAgeMiddleware:
    """Ends a session SESSION_COOKIE_AGE after the sign-in (see accounts.py), however busy it was."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: StaffRequest) -> HttpResponseBase:
        began = request.session.get(SIGNED_IN_AT)
        if began is not None and time.time() - began >= settings.SESSION_COOKIE_AGE:
            logout(request)
        return self.get_response(request)


class NewPasswordMiddleware:
    """Lets nobody work with a password that an administrator has seen: the first page is the change of it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: StaffRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        match = request.resolver_match
        if not request.user.is_authenticated or not request.user.must_change_password:
            return None
        if match is not None and match.view_name in OPEN_TO_NEWCOMERS:
            return None
        return redirect("account_change_password")


class HtmxSignInMiddleware:
    """Sends the whole page to the sign-in, where htmx would put the sign-in form into a corner of it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: StaffRequest) -> HttpResponseBase:
        response = self.get_response(request)
        target = response.headers.get("Location", "")
        if not request.htmx or response.status_code != 302:
            return response
        if target.startswith(resolve_url(settings.LOGIN_URL)):
            return (
                HttpResponseClientRefresh()
            )  # the page asks for itself anew and comes back after the sign-in
        if target == resolve_url("account_change_password"):
            return HttpResponseClientRedirect(target)
        return response


class BrowserPolicyMiddleware:
    """Content security policy, and no copies of personal data in shared or disk caches."""

    def __init__(self, get_response: GetResponse) -> None:
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
        response.headers.setdefault("Cache-Control", "no-store")
        return response
