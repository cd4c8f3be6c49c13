"""Over which stores' cars conditions are asked, and from which day on relative days are counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from customers.models import Tag
from segmentation.models import RuleSet
from segmentation.services import Standing, rules_by_store, standing
from staff.models import Store


@dataclass(frozen=True)
class Scope:
    stores: tuple[Store, ...]
    as_of: date
    # Where that day comes from; None while one of the stores has never been computed.
    standing: Standing | None = None

    @cached_property
    def rules(self) -> dict[RuleSet, list[int]]:
        """The stores by the rules in force there: bands and years can differ."""
        found: dict[RuleSet, list[int]] = {}
        for pk, rules in rules_by_store(store.pk for store in self.stores).items():
            found.setdefault(rules, []).append(pk)
        return found

    @cached_property
    def tags(self) -> dict[int, str]:
        """The stores' words and the group's. A word of several stores says which one's it is."""
        rows = list(Tag.objects.in_stores(self.stores).select_related("store"))
        keys = [tag.name_key for tag in rows]
        return {
            tag.pk: f"{tag} · {tag.store}" if keys.count(tag.name_key) > 1 and tag.store else str(tag)
            for tag in rows
        }


def scope_of(stores: Iterable[Store], *, today: date) -> Scope:
    """Days are counted from the stores' last run: what is stored of a car is as of then."""
    chosen = tuple(stores)
    stands = standing(chosen)
    return Scope(chosen, stands.as_of if stands else today, stands)
