"""Drafting a campaign and starting it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from campaigns import services, targets
from campaigns.forms import PlanForms
from campaigns.models import Campaign
from campaigns.views.frame import editable_campaign, frame, led_stores
from staff.permissions import StaffRequest, requires

OPEN_REFUSALS = {
    "over": gettext_lazy("The last day has passed. Change the period first."),
    "empty": gettext_lazy("No car fits the criteria. Nothing was started."),
}


@require_http_methods(["GET", "POST"])
@requires("campaign.edit")
@vary_on_headers("HX-Request")
def new(request: StaffRequest) -> HttpResponse:
    stores = led_stores(request)
    asked = request.GET.get("segment", "")
    forms = PlanForms(request.POST or None, stores=stores, today=timezone.localdate(), segment=asked)
    if request.method == "POST" and "count" in request.POST:
        return _counted(request, forms, None)
    if request.method == "POST" and forms.is_valid():
        form_key = forms.plan.cleaned_data["form_key"]
        try:
            campaign = services.create_campaign(
                plan=forms.as_plan(), stores=forms.stores, by=request.user, form_key=form_key
            )
        except services.SegmentArchived:
            return _segment_gone(request, forms, None)
        return redirect("campaigns:targets", pk=campaign.pk)
    return _page(request, forms, None, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@requires("campaign.edit")
@vary_on_headers("HX-Request")
def edit(request: StaffRequest, pk: int) -> HttpResponse:
    campaign = editable_campaign(request, pk)
    if not campaign.is_draft:
        raise PermissionDenied
    forms = PlanForms(request.POST or None, stores=led_stores(request), campaign=campaign)
    if request.method == "POST" and "count" in request.POST:
        return _counted(request, forms, campaign)
    if request.method == "POST" and forms.is_valid():
        version = forms.plan.cleaned_data["version"] or 0
        try:
            services.update_draft(
                campaign=campaign, plan=forms.as_plan(), stores=forms.stores, version=version
            )
        except services.StaleDraft:
            forms.plan.add_error(
                None, _("Somebody saved this draft after you opened it. Open it again to see theirs.")
            )
            return _page(request, forms, campaign, status=409)
        except services.SegmentArchived:
            return _segment_gone(request, forms, campaign)
        messages.success(request, _("Saved."))
        return redirect("campaigns:targets", pk=campaign.pk)
    return _page(request, forms, campaign, status=422 if request.method == "POST" else 200)


@require_POST
@requires("campaign.edit")
def open_(request: StaffRequest, pk: int) -> HttpResponse:
    campaign = editable_campaign(request, pk)
    try:
        report = services.open_campaign(campaign=campaign, by=request.user, today=timezone.localdate())
    except services.NotADraft as error:
        raise PermissionDenied from error
    except services.CannotOpen as refusal:
        messages.error(request, str(OPEN_REFUSALS[refusal.reason]))
        return redirect("campaigns:targets", pk=campaign.pk)
    called = report.listed - report.holdout
    text = ngettext(
        "Started: %(n)s car is handed to the agents.", "Started: %(n)s cars are handed to the agents.", called
    )
    messages.success(request, text % {"n": called})
    return redirect("campaigns:detail", pk=campaign.pk)


def _segment_gone(request: StaffRequest, forms: PlanForms, campaign: Campaign | None) -> HttpResponse:
    forms.plan.add_error("segment", _("Somebody archived this segment meanwhile. Choose another one."))
    return _page(request, forms, campaign, status=409)


def _counted(request: StaffRequest, forms: PlanForms, campaign: Campaign | None) -> HttpResponse:
    """The count while typing: the side card for htmx, the whole form with it otherwise. Nothing is saved."""
    preview = _preview(forms, campaign)
    if request.htmx:
        return render(request, "campaigns/_preview.html", {"preview": preview})
    return _page(request, forms, campaign, preview=preview)


def _preview(forms: PlanForms, campaign: Campaign | None) -> targets.Preview | None:
    if not forms.criteria_are_valid():
        return None
    return targets.preview(forms.criteria, stores=forms.stores, today=timezone.localdate(), but=campaign)


def _page(
    request: StaffRequest,
    forms: PlanForms,
    campaign: Campaign | None,
    *,
    preview: targets.Preview | None = None,
    status: int = 200,
) -> HttpResponse:
    if preview is None and campaign is not None and not forms.plan.is_bound:
        stores, today = list(campaign.stores.all()), timezone.localdate()
        preview = targets.preview(campaign.criteria, stores=stores, today=today, but=campaign)
    elif preview is None and forms.plan.is_bound:
        preview = _preview(forms, campaign)
    context: dict[str, Any] = {"forms": forms, "form": forms.plan, "preview": preview}
    if campaign is not None:
        context |= frame(request, campaign, "edit", listed=preview.to_call if preview else 0)
    return render(request, "campaigns/plan.html", context, status=status)
