"""The call screen: one owner after another."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcenter import booking, queue, screen, services
from callcenter.forms import OutcomeForm, quick_times
from callcenter.models import Call, CallAttempt, RefusalReason
from campaigns.models import Outcome
from staff.permissions import StaffRequest, requires


@require_POST
@requires("call.work")
def start(request: StaffRequest) -> HttpResponse:
    """Take the call named, or the next one."""
    now = timezone.now()
    wanted = request.POST.get("call", "")
    if wanted.isdecimal():
        call = _call(request, int(wanted))
        if queue.claim(call=call, user=request.user, now=now) is None:
            messages.error(request, _("A colleague is on this call, or it is finished."))
            return redirect("callcenter:today")
        return redirect("callcenter:work", pk=call.pk)
    return _next(request)


@require_GET
@requires("call.work")
def work(request: StaffRequest, pk: int) -> HttpResponse:
    call = _call(request, pk)
    return render(
        request, "callcenter/work.html", screen.context(call, user=request.user, now=timezone.now())
    )


@require_POST
@requires("call.work")
def outcome(request: StaffRequest, pk: int) -> HttpResponse:
    call = _call(request, pk)
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        return _again(request, call, form, {"error": _("Choose an outcome and, for a booking, a slot.")})
    now = timezone.now()
    try:
        attempt = services.record_outcome(
            call=call, agent=request.user, result=form.result, at=now, form_key=form.cleaned_data["form_key"]
        )
    except services.CallTaken:
        problem = {"error": _("A colleague has taken this call, or it is finished. Nothing was saved.")}
        return _again(request, call, form, problem, status=409)
    except tuple(QUESTIONS) as question:
        return _again(request, call, form, QUESTIONS[type(question)]())
    undo_url = reverse("callcenter:undo", args=[attempt.pk])
    said = {"customer": call.customer.name, "outcome": attempt.get_outcome_display()}
    messages.success(request, _("%(customer)s: %(outcome)s.") % said, extra_tags=f"undo:{undo_url}")
    return _next(request)


@require_POST
@requires("call.work")
def skip(request: StaffRequest, pk: int) -> HttpResponse:
    call = _call(request, pk)
    services.skip(call=call, agent=request.user)
    messages.info(
        request, _("%(customer)s comes again at the end of the list.") % {"customer": call.customer.name}
    )
    return _next(request, but=call)


@require_POST
@requires("call.work")
def undo(request: StaffRequest, pk: int) -> HttpResponse:
    attempts = CallAttempt.objects.visible_to(request.user).select_related("call")
    attempt = get_object_or_404(attempts, pk=pk)
    request.active.require("call.work", attempt.call.store_id)
    if attempt.agent_id != request.user.pk:
        raise PermissionDenied
    try:
        call = services.undo(attempt=attempt, agent=request.user, now=timezone.now())
    except services.TooLate:
        messages.error(request, _("Too late to undo. Open the call and record what is right."))
        return redirect("callcenter:today")
    messages.success(request, _("Taken back."))
    return redirect("callcenter:work", pk=call.pk)


def _call(request: StaffRequest, pk: int) -> Call:
    """A call of my stores, else 404; one that is a colleague's alone is 403."""
    calls = Call.objects.visible_to(request.user).select_related(
        "store", "vehicle", "customer", "target__campaign", "agent", "held_by"
    )
    call = get_object_or_404(calls, pk=pk)
    request.active.require("call.work", call.store_id)
    if not Call.objects.filter(pk=pk).of(request.user).exists():
        raise PermissionDenied
    return call


def _next(request: StaffRequest, but: Call | None = None) -> HttpResponse:
    now = timezone.now()
    call = queue.claim_next(user=request.user, stores=request.active.stores, now=now)
    if call is None or (but is not None and call.pk == but.pk):
        messages.info(request, _("Nothing to call right now."))
        return redirect("callcenter:today")
    return redirect("callcenter:work", pk=call.pk)


def _ask_slot() -> dict[str, Any]:
    return {"ask": "slot", "error": _("Choose a slot on the right first, then press 1 again.")}


def _ask_other_slot() -> dict[str, Any]:
    return {"ask": "slot", "error": _("This slot has just filled up. Choose another one.")}


def _already_booked() -> dict[str, Any]:
    return {"ask": "slot", "error": _("This car is booked for that day already. Choose another day.")}


def _ask_time() -> dict[str, Any]:
    return {"ask": "time", "error": _("When shall we call back?"), "times": quick_times(timezone.now())}


def _ask_reason() -> dict[str, Any]:
    return {"ask": "reason", "error": _("Why do they refuse?"), "reasons": RefusalReason.choices}


QUESTIONS = {
    services.NeedsSlot: _ask_slot,
    booking.SlotFull: _ask_other_slot,
    booking.AlreadyBooked: _already_booked,
    services.NeedsTime: _ask_time,
    services.NeedsReason: _ask_reason,
}


def _again(
    request: StaffRequest, call: Call, form: OutcomeForm, problem: dict[str, Any], *, status: int = 422
) -> HttpResponse:
    """The same screen with the question that is open; what was typed stands."""
    context = screen.context(call, user=request.user, now=timezone.now())
    context |= {"note": request.POST.get("note", ""), "slot": request.POST.get("slot", ""), **problem}
    if form["form_key"].value() and "form_key" not in form.errors:
        context["form_key"] = form["form_key"].value()
    context["pending"] = (
        request.POST.get("outcome", "") if request.POST.get("outcome") in Outcome.values else ""
    )
    return render(request, "callcenter/work.html", context, status=status)
