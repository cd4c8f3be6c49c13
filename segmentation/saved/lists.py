"""Frozen segments: the cars of a moment, written at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from customers.models import Vehicle
from segmentation.models import SavedSegment, SavedSegmentStore, SegmentMember
from segmentation.services import last_runs
from staff.bulk import insert_select
from staff.models import Store, User
from staff.services import record

# Ids a statement; both databases take many more.
BATCH = 5000


def save_list(
    *,
    name: str,
    note: str,
    stores: Sequence[Store],
    vehicle_ids: Iterable[int] | QuerySet[Vehicle],
    by: User,
    on: date,
    form_key: UUID | None = None,
) -> SavedSegment:
    """A frozen segment of the given cars; those of other stores than ``stores`` are left out.

    ``on`` is the day the cars were chosen as of. A second call with one ``form_key`` finds the first one's segment.
    """
    segment = SavedSegment(name=name, note=note, created_by=by, form_key=form_key)

    def write() -> None:
        _freeze_new(segment, stores, on)
        _add_members(segment, stores, vehicle_ids)
        recorded("segment.save", segment, by)

    return once(segment, write)


def once(segment: SavedSegment, write: Callable[[], Any]) -> SavedSegment:
    """Write the new segment whole, or find the one that the first post of its form made."""
    try:
        with transaction.atomic():
            write()
    except IntegrityError:
        found = SavedSegment.objects.filter(form_key=segment.form_key, created_by=segment.created_by)
        first = found.first() if segment.form_key else None
        if first is None:
            raise
        return first
    return segment


def _freeze_new(segment: SavedSegment, stores: Sequence[Store], on: date) -> None:
    segment.kind = SavedSegment.Kind.FROZEN
    segment.frozen_on, segment.frozen_rules, segment.frozen_count = on, rules_label(stores), 0
    segment.save(force_insert=True)
    link_stores(segment, stores)


def _add_members(
    segment: SavedSegment, stores: Sequence[Store], vehicle_ids: Iterable[int] | QuerySet[Vehicle]
) -> None:
    own = Vehicle.objects.filter(home_store__in=stores)
    if isinstance(vehicle_ids, QuerySet):
        chosen: Any = vehicle_ids.values("pk")
        _insert(segment, own.filter(pk__in=chosen))
    else:
        for ids in _batches(vehicle_ids):
            _insert(segment, own.filter(pk__in=ids))
    count_members(segment)


def count_members(segment: SavedSegment) -> None:
    segment.frozen_count = SegmentMember.objects.filter(segment=segment).count()
    segment.save(update_fields=["frozen_count"])


def _insert(segment: SavedSegment, cars: QuerySet[Vehicle]) -> None:
    insert_select(SegmentMember, cars, {"segment": segment.pk, "vehicle": "pk"})


def _batches(ids: Iterable[int]) -> Iterator[list[int]]:
    iterator = iter(ids)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def link_stores(segment: SavedSegment, stores: Sequence[Store]) -> None:
    segment.store_links.all().delete()
    SavedSegmentStore.objects.bulk_create(
        [SavedSegmentStore(segment=segment, store=store) for store in stores]
    )


def rules_label(stores: Sequence[Store]) -> str:
    """The versions under which the stores' cars stand: "v3, GB v2"."""
    runs = last_runs(store.pk for store in stores).values()
    return ", ".join(sorted({run.rule_set.label for run in runs}))[:200]


def recorded(action: str, segment: SavedSegment, by: User) -> SavedSegment:
    """The segment as it now stands, after a line in the audit trail of its store."""
    fresh = SavedSegment.objects.get(pk=segment.pk)
    stores = list(fresh.stores.all())
    record(user=by, action=action, store=stores[0] if len(stores) == 1 else None, subject=fresh)
    return fresh
