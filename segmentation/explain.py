"""Why a car has its group or care status: values, thresholds, the visits that counted, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.models import Visit
from segmentation import judging, outlook
from segmentation.judging import History
from segmentation.models import CareStatus, Family, RuleSet, SegmentRun, VehicleSegment
from staff.figures import number, percent, yuan
from staff.vocabulary import CARE_STATUSES, DIMENSIONS


@dataclass(frozen=True, slots=True)
class Judged:
    """A figure beside what it is held against."""

    label: str
    value: str
    threshold: str
    # Whether it reaches the threshold, or whether the status applies.
    applies: bool
    # Of the care statuses: the first that applies, and so the one.
    decides: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class SeenVisit:
    visit: Visit
    # For what it counts, or why it does not.
    roles: list[str]
    leaves_on: date | None = None


@dataclass(slots=True)
class Explanation:
    family: str
    key: str
    as_of: date
    rules: RuleSet
    since: date
    before: str
    judged: list[Judged]
    outlook: list[str]
    # Whether the visits as they stand now give the label as it is stored.
    is_current: bool
    counted: list[SeenVisit] = field(default_factory=list)
    uncounted: list[SeenVisit] = field(default_factory=list)
    # Counted visits in stores the reader does not work in.
    hidden: int = 0


def explain(
    *, segment: VehicleSegment, run: SegmentRun, car: History, family: str, visits: Iterable[Visit]
) -> Explanation:
    """``visits``: those the reader may see, the reversed ones too; the figures rest on all of them."""
    rules, day, threshold = run.rule_set, run.as_of, run.spend_threshold_fen
    is_group = family == Family.C3
    key = segment.c3 if is_group else segment.care_status
    now = judging.group(car, day, rules, threshold) if is_group else judging.care(car, day, rules)
    explanation = Explanation(
        family=family,
        key=key,
        as_of=day,
        rules=rules,
        since=segment.c3_since if is_group else segment.care_since,
        before=segment.c3_before if is_group else segment.care_before,
        judged=_figures(car, day, rules, threshold) if is_group else _statuses(car, day, rules),
        outlook=outlook.of_group(car, day, rules, threshold)
        if is_group
        else outlook.of_care(car, day, rules),
        is_current=now == key,
    )
    _sort_visits(explanation, car, visits)
    return explanation


def _figures(car: History, day: date, rules: RuleSet, threshold: int) -> list[Judged]:
    found = judging.figures(car, day, rules)
    services_high, spend_high, ratio_high = judging.heights(found, rules, threshold)
    services, ratio, spend = (str(label) for label in DIMENSIONS)
    least = rules.repair_ratio_high_percent / 100
    of = _("%(percent)s (%(repairs)s of %(all)s)") % {
        "percent": percent(found.ratio, 0),
        "repairs": found.repair_like,
        "all": found.maintenance + found.repair_like,
    }
    return [
        Judged(services, number(found.maintenance), number(rules.maintenance_high), services_high),
        Judged(ratio, of if found.ratio is not None else percent(None), percent(least, 0), ratio_high),
        Judged(spend, yuan(found.spend_fen), yuan(threshold), spend_high),
    ]


def _statuses(car: History, day: date, rules: RuleSet) -> list[Judged]:
    """Every status in its order, with the figure it looks at."""
    since, first = car.away_since(day), car.first_seen(day)
    if since is None or first is None:
        return []
    away = (day - since).days
    window = judging.figures(car, day, rules)
    complaint = judging.complaint_that_counts(car, day, rules)
    days = ngettext("%(n)s day away", "%(n)s days away", away) % {"n": away}
    allowed = judging.allowed_days(car, day, rules)
    limit = min(rules.near_lost_days, allowed) if allowed is not None else rules.near_lost_days
    elsewhere = judging.elsewhere(car, day)
    repairs = _("repairs %(repairs)s, services %(services)s") % {
        "repairs": window.repair_like,
        "services": window.maintenance,
    }
    seen = (day - first).days
    told = [
        (
            CareStatus.COMPLAINED,
            complaint.isoformat() if complaint else _("no complaint"),
            "",
            bool(complaint),
        ),
        (CareStatus.LOST, days, f"> {rules.lost_days}", away > rules.lost_days),
        (
            CareStatus.NEAR_LOST,
            _("last two visits at a sister store") if elsewhere else days,
            "" if elsewhere else f"> {limit}",
            judging.near_lost(car, day, rules),
        ),
        (CareStatus.REPAIR_ONLY, repairs, "", window.repair_like > 0 and not window.maintenance),
        (
            CareStatus.PRICE_SENSITIVE,
            _("marked") if car.price_sensitive else _("not marked"),
            "",
            car.price_sensitive,
        ),
        (
            CareStatus.NEW,
            ngettext("%(n)s day known", "%(n)s days known", seen) % {"n": seen},
            f"≤ {rules.new_days}",
            seen <= rules.new_days,
        ),
        (CareStatus.ACTIVE, "", "", True),
    ]
    decides = next(status for status, _value, _limit, applies in told if applies)
    return [
        Judged(str(CARE_STATUSES[status].label), value, limit_, applies, status == decides, str(status))
        for status, value, limit_, applies in told
    ]


def _sort_visits(explanation: Explanation, car: History, visits: Iterable[Visit]) -> None:
    day, rules = explanation.as_of, explanation.rules
    counted = {visit.pk for visit in judging.figures(car, day, rules).counted}
    # The days away are counted from it, wherever the window ends.
    last = car.by(day)[-1].pk if explanation.family == Family.CARE_STATUS and car.by(day) else None
    for visit in visits:
        more = [_("the last visit: days away count from it")] if visit.pk == last else []
        if visit.pk in counted:
            leaves = judging.leaves_on(visit.visited_on, rules.window_months)
            explanation.counted.append(SeenVisit(visit, _roles(visit, rules) + more, leaves))
        else:
            explanation.uncounted.append(SeenVisit(visit, [_why_not(visit, day), *more]))
    explanation.hidden = len(counted) - len(explanation.counted)


def _roles(visit: Visit, rules: RuleSet) -> list[str]:
    roles = []
    if visit.kind == Visit.Kind.MAINTENANCE:
        roles.append(_("as a service"))
    if visit.kind in rules.repair_kinds:
        roles.append(_("as a repair"))
    roles.append(_("not in the spend: warranty") if visit.kind == Visit.Kind.WARRANTY else _("in the spend"))
    return roles


def _why_not(visit: Visit, day: date) -> str:
    if visit.voided:
        return _("reversed: it does not count as a visit")
    if visit.visited_on > day:
        return _("after the calculation")
    return _("outside the window")
