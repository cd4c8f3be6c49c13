"""A campaign's target criteria as typed values, to and from what the database keeps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from segmentation.models import SavedSegment


class GroupRow(Protocol):
    c3: str
    age_from: int | None
    age_to: int | None
    goal_percent: int | None
    offer: str


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """One group to call. Ages in whole years, ``age_from`` <= age < ``age_to``; None is no limit."""

    c3: str
    age_from: int | None = None
    age_to: int | None = None
    goal_percent: int | None = None
    offer: str = ""


@dataclass(frozen=True, slots=True)
class Criteria:
    """Empty tuples and None mean that the criterion is not used."""

    groups: tuple[GroupPlan, ...] = ()
    care_statuses: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    plate_prefix: str = ""
    # Not seen for at least so many days; a car that never came fits.
    last_visit_days: int | None = None
    min_spend_fen: int | None = None
    exclude_contacted_days: int = 30
    holdout_percent: int = 0
    segment: SavedSegment | None = None

    def as_row(self) -> dict[str, Any]:
        """What ``Campaign.conditions`` holds; groups and segment have places of their own."""
        return {
            "care_statuses": list(self.care_statuses),
            "models": list(self.models),
            "plate_prefix": self.plate_prefix,
            "last_visit_days": self.last_visit_days,
            "min_spend_fen": self.min_spend_fen,
            "exclude_contacted_days": self.exclude_contacted_days,
            "holdout_percent": self.holdout_percent,
        }

    @classmethod
    def from_row(
        cls, row: dict[str, Any], groups: Iterable[GroupRow], segment: SavedSegment | None = None
    ) -> Criteria:
        plans = tuple(
            GroupPlan(group.c3, group.age_from, group.age_to, group.goal_percent, group.offer)
            for group in groups
        )
        values = {
            **row,
            "care_statuses": tuple(row.get("care_statuses", ())),
            "models": tuple(row.get("models", ())),
        }
        return cls(groups=plans, segment=segment, **values)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a draft says; the stores are given beside it."""

    name: str
    starts_on: date
    ends_on: date
    criteria: Criteria
    purpose: str = ""
    daily_quota: int = 60
