"""What the pages show of saved segments: how many cars, and who the first are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from customers import search
from segmentation.models import SavedSegment, VehicleSegment, VehicleSegmentQuerySet
from segmentation.saved.cars import q_of
from segmentation.saved.scope import Scope, scope_of
from staff.models import Store, User

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Preview:
    count: int
    rows: list[VehicleSegment]

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


def preview(cars: VehicleSegmentQuerySet, *, user: User) -> Preview:
    """The count and the first twenty with their owners."""
    mine = cars.visible_to(user)
    # Keys are found without the joined rows; where they are few, they are the count as well.
    keys = list(mine.order_by("-pk").values_list("pk", flat=True)[: SHOWN + 1])
    count = len(keys) if len(keys) <= SHOWN else mine.count()
    shown = VehicleSegment.objects.filter(pk__in=keys[:SHOWN]).select_related("vehicle", "store")
    rows = list(shown.order_by("-pk"))
    search.with_owners(user, [segment.vehicle for segment in rows])
    return Preview(count, rows)


def counts(
    segments: Sequence[SavedSegment], *, stores: Iterable[Store], user: User, today: date
) -> Mapping[int, int]:
    """By segment: its cars in ``stores``. One statement, however many segments."""
    if not segments:
        return {}
    shops = {store.pk: store for store in stores}
    scopes: dict[frozenset[int], Scope] = {}
    counted: dict[str, Count] = {}
    for segment in segments:
        ids = frozenset(store.pk for store in segment.stores.all()) & set(shops)
        if ids not in scopes:
            scopes[ids] = scope_of((shops[pk] for pk in sorted(ids)), today=today)
        in_stores = Q(store__in=sorted(ids))
        counted[f"of_{segment.pk}"] = Count("pk", filter=in_stores & q_of(segment, scopes[ids]))
    found = VehicleSegment.objects.visible_to(user).in_stores(shops.values()).aggregate(**counted)
    return {segment.pk: found[f"of_{segment.pk}"] for segment in segments}
