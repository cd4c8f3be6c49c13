"""The manager's pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from campaigns import evaluation
from campaigns.models import Campaign
from dashboards import charts, reports
from dashboards.periods import LABELS, Period, period
from segmentation.models import Family
from staff.permissions import StaffRequest, requires


@require_GET
@requires("dashboard.view")
def overview(request: StaffRequest) -> HttpResponse:
    today = timezone.localdate()
    chosen = period(request.GET.get("period", "month"), today=today)
    months = reports.months(reports.visits_of(request.user, request.active.stores), today=today, count=24)
    return render(
        request,
        "dashboards/overview.html",
        {
            "period": chosen,
            "periods": LABELS,
            "figures": _key_figures(request, chosen),
            "visits_chart": charts.visits_by_month(months),
            "revenue_chart": charts.revenue_by_month(months),
            "groups": reports.groups(request.user, request.active.stores, family=Family.C3, period=chosen),
            "statuses": reports.groups(request.user, request.active.stores, family=Family.CARE_STATUS, period=chosen),
            "attention": _attention(request, chosen),
            "funnel": _newest_campaign(request),
            "calculated": reports.last_calculated(request.user, request.active.stores),
        },
    )


def _key_figures(request: StaffRequest, chosen: Period) -> dict[str, Any]:
    visits = reports.visits_of(request.user, request.active.stores)
    return {
        "base": reports.base_size(request.user, request.active.stores),
        "now": reports.sums(visits, chosen.first, chosen.last),
        "last_year": reports.sums(visits, *chosen.last_year),
    }


def _attention(request: StaffRequest, chosen: Period) -> dict[str, Any]:
    late = reports.late_complaints(request.user, request.active.stores, now=timezone.now())
    return {
        "late_complaints": late.count(),
        "oldest_complaint": late.select_related("customer").first(),
        "fallen": reports.fallen_from_loyal(request.user, request.active.stores, since=chosen.first),
    }


def _newest_campaign(request: StaffRequest) -> dict[str, Any] | None:
    campaigns = Campaign.objects.visible_to(request.user).in_stores(request.active.stores)
    campaign = campaigns.running_on(timezone.localdate()).order_by("-starts_on", "-pk").first()
    if campaign is None:
        return None
    return {"campaign": campaign, "steps": evaluation.funnel(campaign=campaign, stores=request.active.stores)}
