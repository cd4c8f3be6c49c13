"""Cars of a movement with what moved each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from customers import search
from customers.models import Vehicle
from segmentation import reasons
from segmentation.histories import histories
from segmentation.models import SegmentSpell
from segmentation.movement import ARRIVED, GONE
from segmentation.reasons import Basis, Move, Reason
from staff.models import Store, User


@dataclass(frozen=True, slots=True)
class MovedCar:
    spell: SegmentSpell
    # None where the car is another store's now and no longer to be seen.
    vehicle: Vehicle | None
    was: str
    became: str
    reason: Reason
    came_on: list[date]


class Teller:
    """Tells of spells what moved their cars, in as many queries for fifty as for one."""

    def __init__(
        self, user: User, stores: tuple[Store, ...], family: str, *, from_on: date, to_on: date
    ) -> None:
        self.user, self.family, self.from_on, self.to_on = user, family, from_on, to_on
        self.spells = SegmentSpell.objects.visible_to(user).in_stores(stores).filter(family=family)
        self.before: dict[int, Basis] = reasons.bases(stores, from_on)
        self.after: dict[int, Basis] = reasons.bases(stores, to_on)

    def tell(self, rows: list[SegmentSpell], *, owners: bool = True) -> list[MovedCar]:
        ids = [spell.vehicle_id for spell in rows]
        known = histories(ids)
        first = {spell.vehicle_id: spell for spell in self.spells.on(self.from_on).filter(vehicle__in=ids)}
        last = {spell.vehicle_id: spell for spell in self.spells.on(self.to_on).filter(vehicle__in=ids)}
        seen = set(Vehicle.objects.visible_to(self.user).filter(pk__in=ids).values_list("pk", flat=True))
        if owners:
            search.with_owners(self.user, [spell.vehicle for spell in rows])
        found = []
        for spell in rows:
            move = self._move(spell, first.get(spell.vehicle_id), last.get(spell.vehicle_id))
            car = known[spell.vehicle_id]
            before, after = self.before.get(spell.store_id), self.after.get(spell.store_id)
            came = [visit.day for visit in car.visits if self.from_on < visit.day <= self.to_on]
            told = reasons.reason(move, car, before, after)
            vehicle = spell.vehicle if spell.vehicle_id in seen else None
            was = move.was or ARRIVED[self.family]
            found.append(MovedCar(spell, vehicle, was, move.became, told, came))
        return found

    def _move(self, spell: SegmentSpell, first: SegmentSpell | None, last: SegmentSpell | None) -> Move:
        return Move(
            spell.vehicle,
            self.family,
            spell.store_id,
            first.value if first else None,
            last.value if last else GONE,
            stores_differ=bool(first and last and first.store_id != last.store_id),
        )
