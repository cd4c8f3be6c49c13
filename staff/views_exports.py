"""Requests to take long lists along: one's own, and those that wait for one's decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from staff.exports import approval
from staff.exports.answer import download
from staff.exports.columns import LISTS
from staff.exports.files import FORMATS
from staff.models import ExportRequest, User
from staff.permissions import ACTIONS, StaffRequest, requires

State = ExportRequest.State
_TONES = {State.ASKED: "warn", State.APPROVED: "ok", State.REFUSED: "bad"}


@dataclass(frozen=True, slots=True)
class Row:
    request: ExportRequest
    title: str | Promise
    format: str | Promise
    stores: str
    state: str
    tone: str
    may_decide: bool
    may_fetch: bool


@require_GET
@requires("export.run")
def export_requests(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    found = ExportRequest.objects.visible_to(request.user).select_related("requested_by", "decided_by")
    page = Paginator(found.prefetch_related("stores"), 50).get_page(request.GET.get("page"))
    rows = [_row(wanted, request.user, now) for wanted in page]
    open_own = any(row.request.state == State.APPROVED and not row.request.is_made for row in rows)
    context = {"page": page, "rows": rows, "polling": open_own}
    return render(request, "staff/export_requests.html", context)


def _row(wanted: ExportRequest, user: User, now: datetime) -> Row:
    mine, lapsed = wanted.requested_by_id == user.pk, wanted.is_lapsed(now)
    state, tone = wanted.get_state_display(), _TONES[State(wanted.state)]
    if lapsed and wanted.state != State.REFUSED:
        state, tone = pgettext("export request", "Lapsed"), ""
    elif wanted.state == State.APPROVED and not wanted.is_made:
        state, tone = pgettext("export request", "Approved, being made"), "info"
    undecided = wanted.state == State.ASKED and not lapsed
    return Row(
        request=wanted,
        title=LISTS[wanted.list_name].title if wanted.list_name in LISTS else wanted.list_name,
        format=FORMATS[wanted.format].label,
        stores=" · ".join(store.name for store in wanted.stores.all()),
        state=state,
        tone=tone,
        may_decide=undecided and not mine and _may_export(user, wanted),
        may_fetch=mine and wanted.may_fetch(now),
    )


def _may_export(user: User, wanted: ExportRequest) -> bool:
    return all(user.roles.get(store.pk) in ACTIONS["export.run"] for store in wanted.stores.all())


def _decidable(request: StaffRequest, pk: int) -> ExportRequest:
    """404 unless one works in all its stores, 403 where one may not export, and for one's own."""
    found = get_object_or_404(ExportRequest.objects.visible_to(request.user), pk=pk)
    if found.requested_by_id == request.user.pk or not _may_export(request.user, found):
        raise PermissionDenied
    return found


@require_POST
@requires("export.run")
def export_approve(request: StaffRequest, pk: int) -> HttpResponse:
    wanted = _decidable(request, pk)
    try:
        approval.approve(request=wanted, by=request.user, now=timezone.now())
        messages.success(request, _("Approved. The file is made now, for who asked."))
    except approval.AlreadyDecided:
        _tell_too_late(request)
    return redirect("staff:export_requests")


@require_POST
@requires("export.run")
def export_refuse(request: StaffRequest, pk: int) -> HttpResponse:
    wanted = _decidable(request, pk)
    try:
        approval.refuse(request=wanted, by=request.user, now=timezone.now())
        messages.success(request, _("Refused. Who asked sees it here."))
    except approval.AlreadyDecided:
        _tell_too_late(request)
    return redirect("staff:export_requests")


def _tell_too_late(request: StaffRequest) -> None:
    messages.warning(request, _("Somebody had decided about it already, or it had lapsed."))


@require_POST
@requires("export.run")
def export_fetch(request: StaffRequest, pk: int) -> HttpResponseBase:
    """The file, for who asked for it and still may export there; by POST, for every download is recorded."""
    wanted = get_object_or_404(ExportRequest.objects.visible_to(request.user), pk=pk)
    if wanted.requested_by_id != request.user.pk or not _may_export(request.user, wanted):
        raise PermissionDenied
    now = timezone.now()
    if not wanted.may_fetch(now):
        messages.warning(request, _("The file is not there, or no longer. Ask for the list again."))
        return redirect("staff:export_requests")
    file = wanted.file.open("rb")
    approval.fetched(request=wanted, by=request.user, now=now)
    form, stores = FORMATS[wanted.format], list(wanted.stores.all())
    return download(file, form, LISTS[wanted.list_name], stores)


def awaiting(request: StaffRequest) -> int:
    """Requests that the user may decide about, and files of their own to fetch: the number in the menu."""
    now, user = timezone.now(), request.user
    allowed = [store for store, role in user.roles.items() if role in ACTIONS["export.run"]]
    decide = ExportRequest.objects.within(allowed).open(now).exclude(requested_by=user)
    fetch = ExportRequest.objects.within(allowed).ready_for(user, now)
    return (decide | fetch).count()
