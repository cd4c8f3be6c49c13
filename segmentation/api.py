"""The groups as JSON, for programs: what the command prints, read and never computed."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, NotFound, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView

from segmentation import movement, services
from segmentation.models import C3, CareStatus, Family, VehicleSegment
from staff.models import Store, User
from staff.permissions import ACTIONS


class NotComputed(APIException):
    status_code = 409


class SegmentThrottle(UserRateThrottle):
    scope = "segments"
    rate = "60/min"


class SegmentsView(APIView):
    """``GET /api/v1/segments/?store=CODE``: how things stand."""

    throttle_classes = [SegmentThrottle]

    def get(self, request: Request) -> Response:
        stores = chosen_stores(request)
        standing = services.standing(stores)
        if standing is None:
            raise NotComputed(_("The groups have not been calculated yet."))
        segments = VehicleSegment.objects.visible_to(_user(request)).in_stores(stores).order_by()
        groups = dict(segments.values_list("c3").annotate(Count("pk")))
        statuses = dict(segments.values_list("care_status").annotate(Count("pk")))
        found: dict[str, Any] = {
            "as_of": standing.as_of.isoformat(),
            "rule_set": standing.label,
            "vehicles": sum(groups.values()),
            "c3": {key: groups.get(key, 0) for key in C3.values},
            "care_status": {key: statuses.get(key, 0) for key in CareStatus.values},
            "changed": sum(run.changed for run in standing.runs),
            "seconds": round(max(run.seconds for run in standing.runs), 3),
        }
        return Response(found)


class MovementView(APIView):
    """``GET /api/v1/segments/movement/?from=&to=&family=&store=``: who went from where to where."""

    throttle_classes = [SegmentThrottle]

    def get(self, request: Request) -> Response:
        stores = chosen_stores(request)
        from_on, to_on = _day(request, "from"), _day(request, "to")
        family = request.query_params.get("family", str(Family.C3))
        if family not in Family.values:
            raise ValidationError(
                {"family": [_("Known families: %(keys)s.") % {"keys": ", ".join(Family.values)}]}
            )
        if from_on >= to_on:
            raise ValidationError({"to": [_("The second day must be later than the first.")]})
        try:
            moved = movement.between(stores=stores, family=family, from_on=from_on, to_on=to_on)
        except movement.NoHistory as refusal:
            raise NotComputed(str(refusal)) from refusal
        return Response(moved.as_dict(stores[0] if request.query_params.get("store") else None))


def chosen_stores(request: Request) -> list[Store]:
    """The stores whose groups the user may see; one of them where ``store`` names it, else 404."""
    user = _user(request)
    allowed = [pk for pk, role in user.roles.items() if role in ACTIONS["segment.view"]]
    if not allowed:
        raise PermissionDenied
    stores = Store.objects.filter(pk__in=allowed)
    code = request.query_params.get("store")
    if code:
        stores = stores.filter(code=code)
    found = list(stores)
    if not found:
        raise NotFound
    return found


def _user(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


def _day(request: Request, name: str) -> date:
    text = request.query_params.get(name, "")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValidationError({name: [_("Write the day like 2026-06-30.")]}) from None
