"""Who went from which group to which between two days, read from the history of changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import BigIntegerField, Exists, ExpressionWrapper, F, Max, Min, OuterRef, Value
from django.utils.translation import gettext as _

from segmentation import sql
from segmentation.calendar import months_before
from segmentation.models import C3, CareStatus, Family, SegmentRun, SegmentSpell, SegmentSpellQuerySet
from segmentation.reports import UNWELCOME
from staff.models import Store, User

GONE = "gone"
KEYS: dict[str, list[str]] = {Family.C3: C3.values, Family.CARE_STATUS: CareStatus.values}
# "new" is a care status too, so there the row of the newcomers has another key.
ARRIVED: dict[str, str] = {Family.C3: "new", Family.CARE_STATUS: "new_in_base"}


class NoHistory(Exception):
    """Nothing was computed for that day; the text says from when to when something was."""


@dataclass(frozen=True, slots=True)
class Computed:
    """The days for which every store in view has a history."""

    first: date
    last: date

    def require(self, day: date) -> None:
        if not self.first <= day <= self.last:
            words = {"day": day.isoformat(), "first": self.first.isoformat(), "last": self.last.isoformat()}
            raise NoHistory(_("There is no history for %(day)s: it goes from %(first)s to %(last)s.") % words)


def computed(stores: Iterable[Store]) -> Computed | None:
    """None until every one of the stores has been computed."""
    ids = {store.pk for store in stores}
    rows = SegmentRun.objects.filter(store__in=ids).order_by().values_list("store")
    spans = list(rows.annotate(Min("as_of"), Max("as_of")))
    if not ids or len(spans) < len(ids):
        return None
    found = Computed(max(first for _pk, first, _last in spans), min(last for _pk, _first, last in spans))
    return found if found.first <= found.last else None


def presets(span: Computed) -> dict[str, date]:
    """From when, by the name of the comparison; only days with a history."""
    days = {
        "month": span.last.replace(day=1) - timedelta(days=1),
        "quarter": months_before(span.last.replace(day=1), 2) - timedelta(days=1),
        "year": months_before(span.last, 12),
    }
    return {name: day for name, day in days.items() if span.first <= day < span.last}


@dataclass(frozen=True, slots=True)
class Movement:
    """``matrix[was][became]``: every pair of the family, the empty ones too."""

    family: str
    from_on: date
    to_on: date
    matrix: dict[str, dict[str, int]]

    @property
    def arrived(self) -> str:
        return ARRIVED[self.family]

    @property
    def from_base(self) -> int:
        return sum(sum(row.values()) for was, row in self.matrix.items() if was != self.arrived)

    @property
    def to_base(self) -> int:
        return sum(count for row in self.matrix.values() for became, count in row.items() if became != GONE)

    @property
    def stayed(self) -> int:
        return sum(self.matrix[key][key] for key in KEYS[self.family])

    @property
    def better(self) -> int:
        """From a group in need to a sound one."""
        return self._crossed(from_unwelcome=True)

    @property
    def worse(self) -> int:
        return self._crossed(from_unwelcome=False)

    def _crossed(self, *, from_unwelcome: bool) -> int:
        keys = KEYS[self.family]
        return sum(
            self.matrix[was][became]
            for was in keys
            for became in keys
            if (was in UNWELCOME) is from_unwelcome and (became in UNWELCOME) is not from_unwelcome
        )

    def as_dict(self, store: Store | None) -> dict[str, Any]:
        return {
            "from": self.from_on.isoformat(),
            "to": self.to_on.isoformat(),
            "family": str(self.family),
            "store": store.code if store else None,
            "matrix": self.matrix,
            "from_base": self.from_base,
            "to_base": self.to_base,
        }


def between(*, stores: Sequence[Store], family: str, from_on: date, to_on: date) -> Movement:
    """One statement over the spells. Raises NoHistory where a day has none."""
    span = computed(stores)
    if span is None:
        raise NoHistory(_("The groups have not been calculated yet."))
    for day in (from_on, to_on):
        span.require(day)
    values: dict[str, sql.Value] = {
        "stores": [store.pk for store in stores],
        "family": str(family),
        "from_on": from_on,
        "to_on": to_on,
    }
    arrived, keys = ARRIVED[family], KEYS[family]
    matrix = {was: dict.fromkeys((*keys, GONE), 0) for was in (*keys, arrived)}
    del matrix[arrived][GONE]
    for was, became, cars in sql.rows("movement", values):
        matrix[was or arrived][became or GONE] = int(cars)
    return Movement(family, from_on, to_on, matrix)


def cars(
    *, user: User, stores: Sequence[Store], family: str, from_on: date, to_on: date, was: str, became: str
) -> SegmentSpellQuerySet:
    """One spell for each car of the cell: its last, or of those gone the one it left.

    Without ``was`` all that came from elsewhere, without ``became`` all that are in the base at the end.
    """
    spells = SegmentSpell.objects.visible_to(user).in_stores(stores).filter(family=family)
    if became == GONE:
        left = spells.on(from_on).filter(until_on__lte=to_on)
        left = left.filter(value=was) if was else left
        return left.filter(~Exists(_same_car(stores, family, to_on)))
    found = spells.on(to_on)
    found = found.filter(value=became) if became else found
    # Whoever is elsewhere now went there after the first day.
    found = found if was and was == became else found.filter(since_on__gt=from_on)
    same_car = _same_car(stores, family, from_on)
    if was == ARRIVED[family]:
        return found.filter(~Exists(same_car))
    if was:
        return found.filter(Exists(same_car.filter(value=was)))
    return found.filter(~Exists(same_car.filter(value=OuterRef("value"))))


def _same_car(stores: Sequence[Store], family: str, day: date) -> SegmentSpellQuerySet:
    """The spell of the outer row's car on ``day``.

    The sum hides the store from SQLite's planner, which would else walk all of the store's spells for every car.
    """
    store = ExpressionWrapper(F("store_id") + Value(0), output_field=BigIntegerField())
    spells = SegmentSpell.objects.alias(its_store=store).filter(vehicle=OuterRef("vehicle"), family=family)
    ids = [store.pk for store in stores]
    return spells.on(day).filter(its_store__in=ids)  # type: ignore[misc]  # the stubs do not know aliases


def fallen_to_lost(*, user: User, stores: Sequence[Store], from_on: date, to_on: date) -> int:
    """Cars that were profitable-loyal and whose care status is lost now."""
    spells = SegmentSpell.objects.visible_to(user).in_stores(stores)
    lost = spells.filter(family=Family.CARE_STATUS, value=CareStatus.LOST).on(to_on)
    loyal = _same_car(stores, Family.C3, from_on).filter(value=C3.PROFITABLE_LOYAL)
    return lost.filter(Exists(loyal)).count()
