"""The page that explains one label of one car."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from customers.doors import open_vehicle
from customers.models import Vehicle, Visit
from customers.models.visit import VisitQuerySet
from segmentation import services
from segmentation.explain import explain as explained
from segmentation.histories import histories
from segmentation.models import Family, SegmentSpell, VehicleSegment
from staff.permissions import StaffRequest, requires

# Older visits are in the list of visits; no window reaches so far back.
NEWEST = 200


@require_GET
@requires("customer.view")
def explain(request: StaffRequest, pk: int, family: str) -> HttpResponse:
    """For everybody who may see the card: the label stands there."""
    if family not in Family.values:
        raise Http404
    vehicle, door = open_vehicle(request, pk)
    segment = VehicleSegment.objects.filter(vehicle=vehicle).first()
    run = services.last_runs([segment.store_id]).get(segment.store_id) if segment else None
    context = {"vehicle": vehicle, "owner": _owner(request, vehicle), "family": family, "door": door}
    if segment and run:
        visits = _visits(request, vehicle)
        context["found"] = explained(
            segment=segment, run=run, car=histories([pk])[pk], family=family, visits=visits
        )
        context["run"] = run
        spells = SegmentSpell.objects.visible_to(request.user).filter(vehicle=vehicle, family=family)
        context["spells"] = spells.select_related("store").order_by("-since_on")
    return render(request, "segmentation/explain.html", context)


def _visits(request: StaffRequest, vehicle: Vehicle) -> VisitQuerySet:
    visits = Visit.objects.visible_to(request.user).filter(vehicle=vehicle).select_related("store")
    return visits.order_by("-visited_on", "-pk")[:NEWEST]


def _owner(request: StaffRequest, vehicle: Vehicle) -> object | None:
    """None where the present owner is another store's customer."""
    owner = vehicle.owner
    visible = owner and type(owner).objects.visible_to(request.user).filter(pk=owner.pk).exists()
    return owner if visible else None
