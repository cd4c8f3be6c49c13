"""Pages of the movement: the matrix between two days, and the cars of one cell with what moved them."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from customers.paging import page_of
from segmentation import movement, movement_page, reasons
from segmentation.flow import flow
from segmentation.forms_movement import MovementForm
from segmentation.models import Family, SegmentSpellQuerySet
from segmentation.moved_cars import Teller
from segmentation.movement import ARRIVED, GONE, KEYS, Computed, Movement
from staff.pages import wants_fragment
from staff.permissions import StaffRequest, requires

# Cells up to this size are summed up by reason as a whole.
SUMMED = 500


@require_GET
@requires("segment.view")
def overview(request: StaffRequest) -> HttpResponse:
    span = movement.computed(request.active.stores)
    if span is None or span.first == span.last:
        return render(request, "segmentation/movement.html", {"span": span})
    form = MovementForm(request.GET, span=span)
    context: dict[str, Any] = {"span": span, "form": form, "presets": _presets(span, form)}
    if not form.is_valid():
        return render(request, "segmentation/movement.html", context, status=422)
    family = form.cleaned_data["family"]
    moved = movement.between(stores=request.active.stores, family=family, **form.days)
    context |= _shown(request, moved, family)
    return render(request, "segmentation/movement.html", context)


def _shown(request: StaffRequest, moved: Movement, family: str) -> dict[str, Any]:
    lost = 0
    if family == Family.C3:
        scope = {"user": request.user, "stores": request.active.stores}
        lost = movement.fallen_to_lost(**scope, from_on=moved.from_on, to_on=moved.to_on)  # type: ignore[arg-type]  # as in scope
    return {
        "movement": moved,
        "family": family,
        "flow": flow(moved, partial(movement_page.name, family=family)),
        "rows": movement_page.rows(moved),
        "totals": movement_page.totals(moved),
        "highlights": movement_page.highlights(moved, lost),
        "newcomers": sum(moved.matrix[moved.arrived].values()),
        "leavers": sum(row.get(GONE, 0) for row in moved.matrix.values()),
        "stayed_of_base": moved.stayed / moved.from_base if moved.from_base else None,
    }


def _presets(span: Computed, form: MovementForm) -> list[dict[str, Any]]:
    labels = {"month": _("Since last month end"), "quarter": _("3 months"), "year": _("1 year")}
    family = form.data["family"]
    chips = []
    for name, day in movement.presets(span).items():
        query = {"family": family, "from": day.isoformat(), "to": span.last.isoformat()}
        on = form.data["from"] == query["from"] and form.data["to"] == query["to"]
        url = f"{reverse('segmentation:movement')}?{urlencode(query)}"
        chips.append({"label": labels[name], "url": url, "on": on})
    return chips


@require_GET
@requires("segment.view")
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def cars(request: StaffRequest) -> HttpResponse:
    span = movement.computed(request.active.stores)
    if span is None or span.first == span.last:
        return render(request, "segmentation/movement.html", {"span": span})
    form = MovementForm(request.GET, span=span)
    if not form.is_valid():
        context = {"span": span, "form": form, "presets": _presets(span, form)}
        return render(request, "segmentation/movement.html", context, status=422)
    family = form.cleaned_data["family"]
    was, became = _cell(request, family)
    spells = movement.cars(
        user=request.user, stores=request.active.stores, family=family, was=was, became=became, **form.days
    )
    page = page_of(spells, key=("pk",), after=request.GET.get("after", ""), shown=_readable(spells))
    teller = Teller(request.user, request.active.stores, family, **form.days)
    context = {
        "family": family, "was": was, "became": became, "days": form.days,
        "was_name": movement_page.name(was, family) if was else "",
        "became_name": movement_page.name(became, family) if became else "",
        "page": page,
        "moved": teller.tell(page.rows),
        "many_stores": len(request.active.stores) > 1,
        "back": f"{reverse('segmentation:movement')}?{urlencode(_query(family, form))}",
    }  # fmt: skip
    if wants_fragment(request):
        return render(request, "segmentation/_movement_cars.html", context)
    context["causes"] = _causes(teller, spells, page.count)
    return render(request, "segmentation/movement_cars.html", context)


def _query(family: str, form: MovementForm) -> dict[str, str]:
    return {"family": family, "from": form.data["from"], "to": form.data["to"]}


def _cell(request: StaffRequest, family: str) -> tuple[str, str]:
    was, became = request.GET.get("was", ""), request.GET.get("became", "")
    if was not in ("", *KEYS[family], ARRIVED[family]) or became not in ("", *KEYS[family], GONE):
        raise Http404
    return was, became


def _readable(spells: SegmentSpellQuerySet) -> SegmentSpellQuerySet:
    return spells.select_related("vehicle", "store")


def _causes(teller: Teller, spells: SegmentSpellQuerySet, count: int) -> list[tuple[Any, int]]:
    """How many cars each kind of reason moved; nothing where the cell is too large to ask every car."""
    if not 1 < count <= SUMMED:
        return []
    told = Counter(car.reason.kind for car in teller.tell(list(_readable(spells)), owners=False))
    return [(reasons.KINDS[kind], cars) for kind, cars in told.most_common()]
