"""Who is on the list: the frozen cars of an open campaign, or who would be on a draft's."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from campaigns import evaluation, targets
from campaigns.models import Campaign, Target
from campaigns.resources import TargetResource
from campaigns.states import STATES, with_state
from campaigns.views.frame import frame, my_stores, visible_campaign
from segmentation.models import C3
from segmentation.models import VehicleSegmentQuerySet as Segments
from staff import exports
from staff.models import Store
from staff.pages import wants_fragment
from staff.permissions import ACTIONS, StaffRequest, requires

PAGE = 50
TONES = {"arrived": "ok", "booked": "info", "talking": "warn", "refused": "bad"}


@require_GET
@requires("campaign.view")
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def target_list(request: StaffRequest, pk: int) -> HttpResponse:
    campaign = visible_campaign(request, pk)
    stores = my_stores(request, campaign)
    if campaign.is_draft:
        return _draft(request, campaign, stores)
    listed, group = _listed(request, campaign, stores)
    counts = dict(listed.order_by().values_list("state").annotate(cars=Count("pk")))
    shown, state = _narrowed(request, listed)
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    for target in page:
        target.state_label = STATES[target.state]
        target.tone = TONES.get(target.state, "")
    called = sum(counts.values()) - counts.get("holdout", 0)
    context = frame(request, campaign, "targets", listed=called)
    context |= {
        "page": page,
        "chips": _chips(counts, state, group),
        "group": group,
        "groups": [row.c3 for row in campaign.groups.all()],
        "state": state,
    }
    name = "_target_table" if wants_fragment(request) else "targets"
    return render(request, f"campaigns/{name}.html", context)


@require_POST
@requires("campaign.view", "export.run")
def target_list_export(request: StaffRequest, pk: int) -> HttpResponseBase:
    campaign = visible_campaign(request, pk)
    # The page shows all stores of the campaign the user works in; a file is for those whose lists they may take along.
    allowed = ACTIONS["export.run"]
    stores = [store for store in my_stores(request, campaign) if request.active.roles[store.pk] in allowed]
    listed, _group = _listed(request, campaign, stores)
    shown, _state = _narrowed(request, listed)
    return exports.respond(request, TargetResource, shown.select_related("store"), stores=stores)


def _listed(request: StaffRequest, campaign: Campaign, stores: list[Store]) -> tuple[QuerySet[Any, Any], str]:
    """The list, of one group where one is chosen, and that group."""
    listed = with_state(Target.objects.in_stores(stores).filter(campaign=campaign))
    group = request.GET.get("group", "")
    return (listed.filter(c3=group) if group in C3.values else listed), group


def _narrowed(request: StaffRequest, listed: QuerySet[Any, Any]) -> tuple[QuerySet[Any, Any], str]:
    """The part of the list in the chosen state, and that state."""
    state = request.GET.get("state", "")
    shown = listed.filter(state=state) if state in STATES else listed
    return shown.select_related("vehicle", "customer", "agent").order_by("pk"), state


def _chips(counts: dict[str, int], state: str, group: str) -> list[dict[str, Any]]:
    def address(**query: str) -> str:
        return "?" + urlencode({name: value for name, value in {"group": group, **query}.items() if value})

    whole = {"url": address(), "label": _("All"), "n": sum(counts.values()), "on": state not in STATES}
    return [
        whole,
        *(
            {"url": address(state=key), "label": label, "n": counts[key], "on": key == state}
            for key, label in STATES.items()
            if counts.get(key)
        ),
    ]


def _draft(request: StaffRequest, campaign: Campaign, stores: list[Store]) -> HttpResponse:
    today = timezone.localdate()
    criteria = campaign.criteria
    preview = targets.preview(criteria, stores=stores, today=today, but=campaign)
    fitting = targets.eligible(criteria, stores=stores, today=today, but=campaign)
    context = frame(request, campaign, "targets", listed=preview.to_call)
    bands = [evaluation.age_band(low) for low, _high in evaluation.AGE_BANDS]
    context |= {
        "preview": preview,
        "criteria": criteria,
        "composition": _composition(fitting, today),
        "bands": [*(_("%(band)s years") % {"band": band} for band in bands), _("age unknown")],
    }
    return render(request, "campaigns/draft_targets.html", context)


def _composition(fitting: Segments, today: date) -> list[dict[str, Any]]:
    """One row per group and model, with the cars of each age band: {"key", "model", "bands": [n, ...], "total"}."""
    bands = [*(evaluation.age_band(low) for low, _high in evaluation.AGE_BANDS), ""]
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in targets.composition(fitting, today=today):
        cell = found.setdefault((row["c3"], row["line"]), dict.fromkeys(bands, 0))
        cell[evaluation.age_band(row["age"])] += row["cars"]
    rows: list[dict[str, Any]] = [
        {"key": c3, "model": model, "bands": list(cell.values()), "total": sum(cell.values())}
        for (c3, model), cell in found.items()
    ]
    most = max((row["total"] for row in rows), default=1)
    return [
        {**row, "fill": row["total"] * 100 / most}
        for row in sorted(rows, key=lambda row: (row["key"], -row["total"]))
    ]
