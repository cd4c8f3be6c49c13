"""One's own profile, the store switcher, and who works here."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from staff.middleware import ALL_STORES, SESSION_KEY, may_see_all
from staff.models import User
from staff.permissions import StaffRequest, requires


@require_POST
@login_required
def switch_store(request: StaffRequest) -> HttpResponse:
    """Remember the chosen store; anything not among the user's own is ignored."""
    chosen = request.POST.get("store", "")
    mine = {store.code for store in request.active.mine}
    if chosen in mine or (chosen == ALL_STORES and may_see_all(request.active.roles)):
        request.session[SESSION_KEY] = chosen
    return redirect(_safe_next(request))


def _safe_next(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}) else "home"


@login_required
def profile(request: StaffRequest) -> HttpResponse:
    return render(request, "staff/profile.html", {"memberships": request.user.memberships.select_related("store")})


@require_GET
@requires("staff.manage")
def people(request: StaffRequest) -> HttpResponse:
    users = User.objects.filter(stores__in=request.active.stores).distinct().prefetch_related("memberships__store")
    return render(request, "staff/people.html", {"people": users})
