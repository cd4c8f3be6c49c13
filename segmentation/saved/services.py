"""Making, changing, freezing and putting away saved segments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from customers.models import Vehicle
from segmentation.models import SavedSegment, SegmentMember
from segmentation.saved.cars import matching, understood
from segmentation.saved.lists import count_members, link_stores, once, recorded, rules_label, save_list
from segmentation.saved.scope import scope_of
from segmentation.saved.tree import Group
from segmentation.saved.uses import Use, uses_of
from staff.bulk import insert_select
from staff.models import Store, User

__all__ = [
    "NotUnderstood",
    "SegmentInUse",
    "StaleSegment",
    "archive",
    "copy_segment",
    "create_segment",
    "freeze",
    "restore",
    "save_list",
    "save_segment",
]


class StaleSegment(Exception):
    """Somebody saved, froze or archived the segment after this page was made."""


class NotUnderstood(Exception):
    """Its conditions are not wholly understood: nobody can say which cars it means."""


class SegmentInUse(Exception):
    """Work not yet finished counts on the segment; ``uses`` says which."""

    def __init__(self, uses: list[Use]) -> None:
        super().__init__([use.name for use in uses])
        self.uses = uses


def create_segment(
    *, name: str, note: str, stores: Sequence[Store], tree: Group, by: User, form_key: UUID
) -> SavedSegment:
    """A new dynamic segment; a second post of the same form finds the first one's."""
    segment = SavedSegment(name=name, note=note, conditions=tree.as_row(), created_by=by, form_key=form_key)
    return once(segment, lambda: _save_new(segment, stores, by))


@transaction.atomic
def save_segment(
    *, segment: SavedSegment, version: int, by: User, stores: Sequence[Store] | None = None, **values: Any
) -> SavedSegment:
    """Save ``values`` of the segment that was read as ``version``; ``stores`` None leaves them. Raises StaleSegment."""
    if "tree" in values:
        values["conditions"] = values.pop("tree").as_row()
    mine = SavedSegment.objects.current().filter(pk=segment.pk, version=version)
    # Somebody may have frozen it: a list keeps what it was made from.
    mine = mine.filter(kind=SavedSegment.Kind.DYNAMIC) if "conditions" in values else mine
    if not mine.update(**values, version=F("version") + 1, updated_at=timezone.now()):
        raise StaleSegment
    if stores is not None:
        link_stores(segment, stores)
    return recorded("segment.save", segment, by)


@transaction.atomic
def freeze(*, segment: SavedSegment, version: int, by: User, today: date) -> SavedSegment:
    """Keep the cars that fit now as a list. Safe to repeat: a frozen one keeps its cars.

    Raises StaleSegment when the conditions are not those that were seen, NotUnderstood.
    """
    stores = list(segment.stores.all())
    scope = scope_of(stores, today=today)
    mine = SavedSegment.objects.current().filter(pk=segment.pk, version=version)
    frozen = mine.filter(kind=SavedSegment.Kind.DYNAMIC).update(
        kind=SavedSegment.Kind.FROZEN,
        frozen_on=scope.as_of,
        frozen_rules=rules_label(stores),
        frozen_count=0,
        version=F("version") + 1,
        updated_at=timezone.now(),
    )
    fresh = SavedSegment.objects.get(pk=segment.pk)
    if not frozen:
        if fresh.is_frozen:
            return fresh
        raise StaleSegment
    tree = understood(fresh.conditions)
    if tree is None:
        raise NotUnderstood
    insert_select(SegmentMember, matching(tree, scope), {"segment": fresh.pk, "vehicle": "vehicle_id"})
    count_members(fresh)
    return recorded("segment.freeze", segment, by)


def copy_segment(
    *, segment: SavedSegment, name: str, stores: Sequence[Store], by: User, form_key: UUID
) -> SavedSegment:
    """One of the same conditions in ``stores``, dynamic; without conditions a list of the same cars."""
    copy = SavedSegment(name=name, note=segment.note, created_by=by, form_key=form_key)
    if understood(segment.conditions) is not None or not segment.is_frozen:
        copy.conditions = segment.conditions
        return once(copy, lambda: _save_new(copy, stores, by))
    cars = Vehicle.objects.filter(pk__in=segment.members.values("vehicle"))
    on = segment.frozen_on
    assert on is not None
    return save_list(
        name=name, note=segment.note, stores=stores, vehicle_ids=cars, by=by, on=on, form_key=form_key
    )


@transaction.atomic
def archive(*, segment: SavedSegment, by: User, today: date) -> None:
    """Put it away; raises SegmentInUse while something unfinished counts on it. Safe to repeat."""
    # The row is locked first: what is about to use it waits, and then finds it archived.
    put_away = SavedSegment.objects.current().filter(pk=segment.pk).update(archived_at=timezone.now())
    if not put_away:
        return
    unfinished = [use for use in uses_of(segment, today=today) if use.is_unfinished]
    if unfinished:
        raise SegmentInUse(unfinished)
    recorded("segment.archive", segment, by)


@transaction.atomic
def restore(*, segment: SavedSegment, by: User) -> None:
    away = SavedSegment.objects.filter(pk=segment.pk, archived_at__isnull=False)
    if away.update(archived_at=None):
        recorded("segment.restore", segment, by)


def _save_new(segment: SavedSegment, stores: Sequence[Store], by: User) -> None:
    segment.save(force_insert=True)
    link_stores(segment, stores)
    recorded("segment.save", segment, by)
