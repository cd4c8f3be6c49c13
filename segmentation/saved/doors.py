"""How a saved segment reaches a view: which stores' cars of it the user sees, and whether they may change it."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from segmentation.models import SavedSegment
from staff.models import Store
from staff.permissions import ACTIONS, StaffRequest


@dataclass(frozen=True, slots=True)
class Door:
    segment: SavedSegment
    # Those of its stores in which the user may look at groups.
    stores: tuple[Store, ...]
    may_save: bool
    # Stores in which the user may keep a segment of this one's cars.
    savable: tuple[Store, ...]

    @property
    def is_partial(self) -> bool:
        """The segment has stores that the user does not see."""
        return len(self.stores) < len(self.segment.stores.all())


def stores_with(request: StaffRequest, action: str) -> list[Store]:
    """The user's stores in which they may do ``action``; the active one first."""
    roles, allowed = request.active.roles, ACTIONS[action]
    found = [store for store in request.active.mine if roles[store.pk] in allowed]
    return sorted(found, key=lambda store: store != request.active.store)


def open_segment(request: StaffRequest, pk: int) -> Door:
    """404 for one of other stores only, 403 where the user may not look at groups in any of its stores."""
    visible = SavedSegment.objects.visible_to(request.user).select_related("created_by")
    segment = get_object_or_404(visible.prefetch_related("stores"), pk=pk)
    ids = {store.pk for store in segment.stores.all()}
    stores = tuple(store for store in stores_with(request, "segment.view") if store.pk in ids)
    if not stores:
        raise PermissionDenied
    savable = tuple(store for store in stores_with(request, "segment.save") if store.pk in ids)
    return Door(segment, stores, len(savable) == len(ids), savable)


def open_to_save(request: StaffRequest, pk: int) -> Door:
    """A segment of several stores is changed only by who answers for every one of them."""
    door = open_segment(request, pk)
    if not door.may_save:
        raise PermissionDenied
    return door
