"""All campaigns, and how one is going."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from campaigns import evaluation, services
from campaigns.models import Campaign, Target
from campaigns.models.target import TargetQuerySet
from campaigns.views.frame import editable_campaign, frame, my_stores, visible_campaign
from staff.models import User
from staff.permissions import StaffRequest, requires

PAGE = 50
# Under so many invited a rate says nothing: the count is shown without a verdict.
FEWEST = 10


@require_GET
@requires("campaign.view")
def campaign_list(request: StaffRequest) -> HttpResponse:
    campaigns = Campaign.objects.visible_to(request.user).in_stores(request.active.stores)
    page = Paginator(campaigns.select_related("created_by").prefetch_related("stores"), PAGE).get_page(
        request.GET.get("page")
    )
    targets = Target.objects.visible_to(request.user).in_stores(request.active.stores)
    figures = evaluation.targets_by_campaign(targets.filter(campaign__in=[campaign.pk for campaign in page]))
    rows = [(campaign, figures.get(campaign.pk, evaluation.Success())) for campaign in page]
    context = {
        "page": page,
        "rows": rows,
        "today": timezone.localdate(),
        "may_plan": request.active.can("campaign.edit"),
    }
    return render(request, "campaigns/campaign_list.html", context)


@require_GET
@requires("campaign.view")
def detail(request: StaffRequest, pk: int) -> HttpResponse:
    campaign = visible_campaign(request, pk)
    stores = my_stores(request, campaign)
    targets = Target.objects.in_stores(stores).filter(campaign=campaign)
    listed = targets.aggregate(
        to_call=Count("pk", filter=Q(is_holdout=False)), held=Count("pk", filter=Q(is_holdout=True))
    )
    context = frame(request, campaign, "detail", listed=listed["to_call"])
    if campaign.is_draft:
        return render(request, "campaigns/draft.html", context)
    groups = _groups(campaign, targets)
    chosen = request.GET.get("group", "")
    chosen = chosen if chosen in {row["key"] for row in groups} else ""
    context |= {
        "holdout": listed["held"],
        "groups": groups,
        "chosen": chosen,
        "whole": evaluation.total(row["success"] for row in groups),
        "funnel": evaluation.funnel(campaign=campaign, stores=stores, c3=chosen),
        "agents": _agents(targets, groups),
        "arrivals": evaluation.newest_arrivals(targets),
        "missed": evaluation.missed_bookings(targets, today=context["today"]),
        "cells": _cells(targets),
    }
    return render(request, "campaigns/live.html", context)


@require_POST
@requires("campaign.edit")
def close(request: StaffRequest, pk: int) -> HttpResponse:
    campaign = editable_campaign(request, pk)
    if services.close_campaign(campaign=campaign, by=request.user):
        messages.success(request, _("The campaign is closed; nobody is called for it any more."))
    return redirect("campaigns:detail", pk=campaign.pk)


def _groups(campaign: Campaign, targets: TargetQuerySet) -> list[dict[str, Any]]:
    """One row per planned group: figures, and rate and goal as places on one bar whose end is above both.

    Not for a group that is planned only because all are, when none of its cars is on the list.
    """
    found = evaluation.by_group(targets)
    rows = []
    for group in campaign.groups.all():
        if group.c3 not in found and group.goal_percent is None and not group.offer:
            continue
        success = found.get(group.c3, evaluation.Success())
        rate = float(success.rate * 100) if success.rate is not None else 0.0
        top = max(rate, group.goal_percent or 0, 1) * 1.4
        rows.append(
            {
                "key": group.c3,
                "plan": group,
                "success": success,
                "fill": rate * 100 / top,
                "tick": group.goal_percent * 100 / top if group.goal_percent is not None else None,
                "verdict": _verdict(success, group.goal_percent),
            }
        )
    return rows


def _verdict(success: evaluation.Success, goal: int | None) -> str:
    if goal is None or success.rate is None or success.invited < FEWEST:
        return ""
    return "ok" if success.rate * 100 >= goal else "bad"


def _agents(targets: TargetQuerySet, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_agent = evaluation.success_by(targets.called(), "agent", "c3")
    names = User.objects.in_bulk([agent for agent, _c3 in by_agent if agent])
    goals = {row["key"]: row["plan"].goal_percent for row in groups}
    rows = []
    for agent, user in sorted(names.items(), key=lambda item: str(item[1])):
        mine = {c3: success for (who, c3), success in by_agent.items() if who == agent}
        cells = [
            (
                row["key"],
                mine.get(row["key"]),
                _verdict(mine.get(row["key"], evaluation.Success()), goals[row["key"]]),
            )
            for row in groups
        ]
        rows.append(
            {"name": str(user), "called": sum(part.targets for part in mine.values()), "cells": cells}
        )
    return rows


def _cells(targets: TargetQuerySet) -> list[dict[str, Any]]:
    """Group and age band, for the table: cells of one band of all models together."""
    bands: dict[tuple[str, str], evaluation.Success] = {}
    for (c3, band, _model), success in evaluation.by_age_and_model(targets).items():
        bands[c3, band] = bands.get((c3, band), evaluation.Success()) + success
    return [{"key": c3, "band": band, "success": bands[c3, band]} for c3, band in sorted(bands)]
