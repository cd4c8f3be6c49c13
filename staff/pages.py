"""Small answers that every page gives the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

if TYPE_CHECKING:
    from staff.permissions import StaffRequest


def wants_fragment(request: StaffRequest) -> bool:
    """A part of the page was asked for. Not when the browser restores a page from its history: that needs all of it."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def safe_next(request: HttpRequest, *, default: str) -> str:
    """The page in ``next`` when it is one of ours."""
    target = request.POST.get("next", "") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if ours else default
