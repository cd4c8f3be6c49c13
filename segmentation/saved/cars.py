"""From conditions to cars: one QuerySet over the cars that have a group."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q

from segmentation.models import SavedSegment, SegmentMember, VehicleSegment, VehicleSegmentQuerySet
from segmentation.saved.catalogue import FIELDS
from segmentation.saved.comparisons import EVERY_CAR, NO_CAR
from segmentation.saved.scope import Scope
from segmentation.saved.tree import Group, Mode, Node, Nonsense, from_row


def understood(conditions: Any) -> Group | None:
    """What a segment's ``conditions`` say; None where this version of the program cannot tell all of it."""
    try:
        tree = from_row(conditions)
        for condition in tree.conditions():
            FIELDS[condition.field].check(condition)
    except (Nonsense, KeyError, ValidationError):
        return None
    return tree


def matching(tree: Group, scope: Scope) -> VehicleSegmentQuerySet:
    """The cars of the scope's stores that fit; who may see them is for the caller to narrow."""
    return VehicleSegment.objects.in_stores(scope.stores).filter(_q(tree, scope))


def cars_of(segment: SavedSegment, scope: Scope) -> VehicleSegmentQuerySet:
    """The segment's cars of the scope's stores as they stand now.

    Conditions that are not wholly understood give no car: leaving a part out would call people whom nobody meant.
    """
    return VehicleSegment.objects.in_stores(scope.stores).filter(q_of(segment, scope))


def q_of(segment: SavedSegment, scope: Scope) -> Q:
    """Whether a car is in the segment, as a condition over VehicleSegment."""
    if segment.is_frozen:
        members = SegmentMember.objects.filter(segment=segment, vehicle=OuterRef("vehicle"))
        return Q(Exists(members))
    tree = understood(segment.conditions)
    return NO_CAR if tree is None else _q(tree, scope)


def _q(node: Node, scope: Scope) -> Q:
    if not isinstance(node, Group):
        return FIELDS[node.field].compare(scope, node)
    parts = [_q(item, scope) for item in node.items]
    if node.mode == Mode.ALL:
        return reduce(and_, parts, EVERY_CAR)
    found = reduce(or_, parts) if parts else NO_CAR
    return ~found if node.mode == Mode.NONE else found
