"""What moved a car from one group to another, told from its figures on both days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.models import Vehicle
from segmentation import judging
from segmentation.judging import Figures, History
from segmentation.models import CareStatus, Family, RuleSet, SegmentRun
from segmentation.movement import GONE
from staff.figures import percent, yuan
from staff.models import Store

KINDS: dict[str, Promise] = {
    "arrived": gettext_lazy("New in the base"),
    "gone": gettext_lazy("Gone from the base"),
    "store": gettext_lazy("Counted by another store"),
    "window": gettext_lazy("Visits left the window"),
    "visit": gettext_lazy("Came to the workshop"),
    "threshold": gettext_lazy("The threshold or the rules changed"),
    "complaint": gettext_lazy("A complaint, or its end"),
    "away": gettext_lazy("Has not come for long"),
    "elsewhere": gettext_lazy("Went to a sister store"),
    "time": gettext_lazy("Time passed"),
    "later": gettext_lazy("Entered or corrected later"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    kind: str
    text: str

    @property
    def label(self) -> Promise:
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class Basis:
    """What a day's groups were computed with: the run that was the last one by then."""

    day: date
    rules: RuleSet
    threshold: int


def bases(stores: Iterable[Store], day: date) -> dict[int, Basis]:
    """By store id."""
    newest = SegmentRun.objects.newest_first().filter(store=OuterRef("pk"), as_of__lte=day).values("pk")[:1]
    wanted = Store.objects.filter(pk__in=[store.pk for store in stores]).values(run=Subquery(newest))
    runs = SegmentRun.objects.filter(pk__in=wanted).select_related("rule_set__store")
    return {run.store_id: Basis(run.as_of, run.rule_set, run.spend_threshold_fen) for run in runs}


@dataclass(frozen=True, slots=True)
class Move:
    """A car that went from ``was`` (None: not in the base) to ``became``."""

    vehicle: Vehicle
    family: str
    store_id: int
    was: str | None
    became: str
    stores_differ: bool = False


def reason(move: Move, car: History, before: Basis | None, after: Basis | None) -> Reason:
    """One sentence; where the figures as they stand today do not explain the move, it says so."""
    if move.became == GONE:
        return _why_gone(move)
    if before is None or after is None:
        return _later()
    if move.was is None:
        return _why_here(move, car, after)
    if move.stores_differ:
        return Reason("store", _("It changed its home store."))
    found = (_group if move.family == Family.C3 else _care)(move, car, before, after)
    return found or _later()


def _later() -> Reason:
    return Reason("later", _("Visits entered or corrected after the calculation."))


def _why_gone(move: Move) -> Reason:
    if move.vehicle.home_store_id != move.store_id:
        return Reason("store", _("Another store counts it now."))
    if move.vehicle.state != Vehicle.State.IN_USE:
        state = move.vehicle.get_state_display()
        return Reason("gone", _("The car is %(state)s.") % {"state": state})
    return _later()


def _why_here(move: Move, car: History, after: Basis) -> Reason:
    first = car.first_seen(after.day)
    if first is None:
        return _later()
    if first == car.purchased_on:
        return Reason("arrived", _("Bought on %(day)s.") % {"day": first.isoformat()})
    return Reason("arrived", _("First visit on %(day)s.") % {"day": first.isoformat()})


def _group(move: Move, car: History, before: Basis, after: Basis) -> Reason | None:
    """Which of the three figures crossed its threshold, and what made it."""
    old, new = judging.figures(car, before.day, before.rules), judging.figures(car, after.day, after.rules)
    was_high = judging.heights(old, before.rules, before.threshold)
    is_high = judging.heights(new, after.rules, after.threshold)
    told = (
        (_("services %(old)s → %(new)s"), str(old.maintenance), str(new.maintenance)),
        (_("spend %(old)s → %(new)s"), yuan(old.spend_fen), yuan(new.spend_fen)),
        (_("repair ratio %(old)s → %(new)s"), percent(old.ratio, 0), percent(new.ratio, 0)),
    )
    crossed = [
        words % {"old": was, "new": now}
        for (words, was, now), low, high in zip(told, was_high, is_high, strict=True)
        if low != high
    ]
    explained = judging.group(car, before.day, before.rules, before.threshold) == move.was
    if not explained or judging.group(car, after.day, after.rules, after.threshold) != move.became:
        return None
    figures = " · ".join(crossed)
    return Reason(*_cause(old, new, figures, before, after))


def _cause(old: Figures, new: Figures, figures: str, before: Basis, after: Basis) -> tuple[str, str]:
    came = [visit.day for visit in new.counted if visit.day > before.day]
    left = [visit.day for visit in old.counted if visit not in new.counted]
    words = {"figures": figures, "came": _days(came), "left": _days(left)}
    if came and left:
        kind = "visit" if len(came) >= len(left) else "window"
        return kind, _("%(figures)s: came on %(came)s; out of the window: %(left)s.") % words
    if came:
        return "visit", _("%(figures)s: came on %(came)s.") % words
    if left:
        return "window", _("%(figures)s: out of the window: %(left)s.") % words
    if before.rules.pk != after.rules.pk:
        return "threshold", _("Rules %(new)s instead of %(old)s.") % {
            "old": before.rules.label,
            "new": after.rules.label,
        }
    return "threshold", _("The spend threshold went from %(old)s to %(new)s.") % {
        "old": yuan(before.threshold),
        "new": yuan(after.threshold),
    }


def _days(days: Sequence[date]) -> str:
    """At most three of them."""
    shown = ", ".join(day.isoformat() for day in days[-3:])
    return f"… {shown}" if len(days) > 3 else shown


def _care(move: Move, car: History, before: Basis, after: Basis) -> Reason | None:
    if judging.care(car, after.day, after.rules) != move.became:
        return None
    since = car.away_since(after.day)
    complaint = judging.complaint_that_counts(car, after.day, after.rules)
    away = {"day": since.isoformat() if since else ""}
    if complaint:
        return Reason("complaint", _("Complaint of %(day)s.") % {"day": complaint.isoformat()})
    if move.became == CareStatus.NEAR_LOST and judging.elsewhere(car, after.day):
        return Reason("elsewhere", _("The last two visits were at a sister store."))
    if move.became in (CareStatus.LOST, CareStatus.NEAR_LOST):
        return Reason("away", _("No visit since %(day)s.") % away)
    if since and since > before.day and any(visit.day == since for visit in car.visits):
        return Reason("visit", _("Came on %(day)s.") % away)
    if move.was == CareStatus.COMPLAINED:
        return Reason("complaint", _("The complaint is settled or long past."))
    return _passed(move, car, before, after)


def _passed(move: Move, car: History, before: Basis, after: Basis) -> Reason | None:
    """Nothing happened; something grew old."""
    old, new = judging.figures(car, before.day, before.rules), judging.figures(car, after.day, after.rules)
    left = [visit.day for visit in old.counted if visit not in new.counted]
    if CareStatus.REPAIR_ONLY in (move.was, move.became) and left:
        return Reason("window", _("Out of the window: %(left)s.") % {"left": _days(left)})
    first = car.first_seen(after.day)
    if move.was == CareStatus.NEW and first:
        return Reason("time", _("No longer new: first seen on %(day)s.") % {"day": first.isoformat()})
    if before.rules.pk != after.rules.pk:
        words = {"old": before.rules.label, "new": after.rules.label}
        return Reason("threshold", _("Rules %(new)s instead of %(old)s.") % words)
    return None
