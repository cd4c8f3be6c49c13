"""The pages of the groups: where everyone stands, who is in a group, and by which rules."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from customers import search
from customers.paging import page_of
from segmentation import playbook, reports, services
from segmentation.forms import SegmentFilterForm
from segmentation.models import (
    C3,
    CareStatus,
    Family,
    SegmentRun,
    SegmentRunQuerySet,
    VehicleSegment,
    VehicleSegmentQuerySet,
)
from segmentation.resources import RunResource, SegmentResource
from staff import exports
from staff.pages import wants_fragment
from staff.permissions import StaffRequest, requires

KEYS: dict[str, list[str]] = {Family.C3: C3.values, Family.CARE_STATUS: CareStatus.values}


@require_GET
@requires("segment.view")
def groups(request: StaffRequest) -> HttpResponse:
    standing = services.standing(request.active.stores)
    context: dict[str, Any] = {"standing": standing}
    if standing:
        since = reports.month_before(standing.as_of)
        shares = reports.shares(
            user=request.user, stores=request.active.stores, family=Family.C3, since=since
        )
        rules = standing.rules or standing.runs[0].rule_set
        context |= {
            "since": since,
            "rules": rules,
            "total": shares[0].total,
            "largest": max(share.vehicles for share in shares) or 1,
            "plays": playbook.PLAYS,
            "cube": reports.cube(shares, rules),
            "threshold": standing.runs[0].spend_threshold_fen if len(standing.runs) == 1 else None,
            "shares": shares,
            "statuses": reports.shares(
                user=request.user, stores=request.active.stores, family=Family.CARE_STATUS, since=since
            ),
        }
    return render(request, "segmentation/groups.html", context)


@require_GET
@requires("segment.view")
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def vehicles(request: StaffRequest, family: str, key: str) -> HttpResponse:
    form, found = _found(request, family, key)
    shown = found.select_related("vehicle", "store")
    page = page_of(found, key=("pk",), after=request.GET.get("after", ""), shown=shown)
    search.with_owners(request.user, [segment.vehicle for segment in page.rows])
    context = {
        "family": family,
        "key": key,
        "form": form,
        "page": page,
        "standing": services.standing(request.active.stores),
        "play": playbook.PLAYS.get(key),
        "advice": playbook.CARE_ADVICE.get(key),
        "many_stores": len(request.active.stores) > 1,
    }
    name = "_vehicle_table" if wants_fragment(request) else "vehicles"
    return render(request, f"segmentation/{name}.html", context)


@require_POST
@requires("segment.view", "export.run")
def vehicles_export(request: StaffRequest, family: str, key: str) -> HttpResponseBase:
    _form, found = _found(request, family, key)
    shown = found.select_related("vehicle", "store").order_by("-pk")
    return exports.respond(request, SegmentResource, shown)


def _found(request: StaffRequest, family: str, key: str) -> tuple[SegmentFilterForm, VehicleSegmentQuerySet]:
    if key not in KEYS.get(family, []):
        raise Http404
    form = SegmentFilterForm(request.GET, family=Family(family))
    segments = VehicleSegment.objects.visible_to(request.user).in_stores(request.active.stores)
    standing = services.standing(request.active.stores)
    # The rows are as of the last run, and so is how long ago a visit was.
    as_of = standing.as_of if standing else timezone.localdate()
    return form, form.narrow(segments.filter(**{family: key}), as_of=as_of)


@require_GET
@requires("segment.view")
def rules(request: StaffRequest) -> HttpResponse:
    """The published rules of the stores in view; stores with the same version stand together."""
    by_store = services.rules_by_store(store.pk for store in request.active.stores)
    names: dict[int, list[str]] = {}
    for store in request.active.stores:
        if store.pk in by_store:
            names.setdefault(by_store[store.pk].pk, []).append(store.name)
    versions = {rule_set.pk: rule_set for rule_set in by_store.values()}
    standing = services.standing(request.active.stores)
    context = {
        "versions": [
            {"rules": rule_set, "stores": names[pk], "cells": sorted(rule_set.cells.items(), reverse=True)}
            for pk, rule_set in versions.items()
        ],
        "runs": standing.runs if standing else (),
        "standing": standing,
    }
    return render(request, "segmentation/rules.html", context)


@require_GET
@requires("segment.view")
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def runs(request: StaffRequest) -> HttpResponse:
    """What was calculated when: a run of several stores has a row for each of them."""
    shown = _runs(request)
    page = page_of(shown, key=("pk",), after=request.GET.get("after", ""))
    context = {"page": page, "many_stores": len(request.active.stores) > 1}
    name = "_run_table" if wants_fragment(request) else "runs"
    return render(request, f"segmentation/{name}.html", context)


@require_POST
@requires("segment.view", "export.run")
def runs_export(request: StaffRequest) -> HttpResponseBase:
    return exports.respond(request, RunResource, _runs(request).order_by("-pk"))


def _runs(request: StaffRequest) -> SegmentRunQuerySet:
    found = SegmentRun.objects.visible_to(request.user).in_stores(request.active.stores)
    return found.select_related("store", "rule_set__store")
