"""The manager's pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from campaigns import evaluation
from campaigns.models import Campaign
from dashboards import charts, figures, reports
from dashboards.periods import LABELS, period
from segmentation.models import Family
from segmentation.services import standing
from staff.permissions import StaffRequest, requires


@require_GET
@requires("dashboard.view")
def overview(request: StaffRequest) -> HttpResponse:
    today = timezone.localdate()
    chosen = period(request.GET.get("period", "month"), today=today)
    groups = reports.groups(request.user, request.active.stores, family=Family.C3, period=chosen)
    months = reports.months(reports.visits_of(request.user, request.active.stores), today=today, count=24)
    return render(
        request,
        "dashboards/overview.html",
        {
            "period": chosen,
            "periods": LABELS,
            "figures": figures.key_figures(request, chosen),
            "visits_chart": charts.visits_by_month(months),
            "revenue_chart": charts.revenue_by_month(months),
            "groups": groups,
            "statuses": reports.groups(
                request.user, request.active.stores, family=Family.CARE_STATUS, period=chosen
            ),
            "attention": figures.attention(request, chosen, groups),
            "funnel": _newest_campaign(request),
            "calculated": standing(request.active.stores),
        },
    )


def _newest_campaign(request: StaffRequest) -> dict[str, Any] | None:
    campaigns = Campaign.objects.visible_to(request.user).in_stores(request.active.stores)
    campaign = campaigns.running_on(timezone.localdate()).order_by("-starts_on", "-pk").first()
    if campaign is None:
        return None
    return {"campaign": campaign, "steps": evaluation.funnel(campaign=campaign, stores=request.active.stores)}
