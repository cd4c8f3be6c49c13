"""The nearest changes of a car in words, with exact days: by itself, and by one visit more."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext as _

from segmentation import judging
from segmentation.judging import Change, History, Stop
from segmentation.models import CareStatus, RuleSet
from staff.figures import yuan
from staff.vocabulary import C3_GROUPS, CARE_STATUSES


def of_group(car: History, day: date, rules: RuleSet, threshold: int) -> list[str]:
    """What one service more or the missing spend would make of it, and when it leaves by itself."""
    told = []
    service = judging.one_more(car, day, rules, threshold, Stop(day, "maintenance", 0, car.home_store_id))
    if service:
        told.append(_with_service(*service))
    missing = threshold - judging.figures(car, day, rules).spend_fen
    if missing > 0:
        paid = judging.one_more(car, day, rules, threshold, Stop(day, "other", missing, car.home_store_id))
        if paid:
            told.append(_with_spend(missing, *paid))
    change = group_change(car, day, rules, threshold)
    if change:
        told.append(_leaving(car, day, rules, threshold, change))
    else:
        told.append(_("Nothing changes its group by itself."))
    return told


def group_change(car: History, day: date, rules: RuleSet, threshold: int) -> Change | None:
    return judging.first_change(car, day, rules, lambda at: judging.group(car, at, rules, threshold))


def care_change(car: History, day: date, rules: RuleSet) -> Change | None:
    return judging.first_change(car, day, rules, lambda at: judging.care(car, at, rules))


def _with_service(value: str, until: date | None) -> str:
    words = {"group": C3_GROUPS[value].label, "day": until.isoformat() if until else ""}
    if until:
        return _("One more service before %(day)s makes it “%(group)s”.") % words
    return _("One more service makes it “%(group)s”.") % words


def _with_spend(missing: int, value: str, until: date | None) -> str:
    words = {
        "amount": yuan(missing),
        "group": C3_GROUPS[value].label,
        "day": until.isoformat() if until else "",
    }
    if until:
        return _("%(amount)s more spend before %(day)s makes it “%(group)s”.") % words
    return _("%(amount)s more spend makes it “%(group)s”.") % words


def _leaving(car: History, day: date, rules: RuleSet, threshold: int, change: Change) -> str:
    words = {
        "now": C3_GROUPS[judging.group(car, day, rules, threshold)].label,
        "day": change.on.isoformat(),
        "group": C3_GROUPS[change.value].label,
    }
    left = [
        visit.day for visit in car.visits if judging.leaves_on(visit.day, rules.window_months) == change.on
    ]
    if left:
        words["visit"] = left[0].isoformat()
        return (
            _(
                "It leaves “%(now)s” for “%(group)s” on %(day)s, when the visit of %(visit)s leaves the window."
            )
            % words
        )
    return _("It leaves “%(now)s” for “%(group)s” on %(day)s.") % words


def of_care(car: History, day: date, rules: RuleSet) -> list[str]:
    """What a service visit would make of it, and what becomes of it without any."""
    now = judging.care(car, day, rules)
    if not now:
        return []
    told = []
    came = judging.care(car.with_visit(Stop(day, "maintenance", 0, car.home_store_id)), day, rules)
    if came != now:
        told.append(_("A service visit makes it “%(status)s”.") % {"status": CARE_STATUSES[came].label})
    change = care_change(car, day, rules)
    if change is None:
        told.append(_("Without a visit nothing changes its care status."))
        return told
    words = {"status": CARE_STATUSES[change.value].label, "day": change.on.isoformat()}
    if change.value in (CareStatus.LOST, CareStatus.NEAR_LOST):
        told.append(_("Without a visit it falls to “%(status)s” on %(day)s.") % words)
    else:
        told.append(_("Without a visit it becomes “%(status)s” on %(day)s.") % words)
    return told + _until_lost(car, change, rules)


def _until_lost(car: History, change: Change, rules: RuleSet) -> list[str]:
    """When it is lost, where something else comes before."""
    since = car.away_since(change.on)
    if change.value == CareStatus.LOST or since is None:
        return []
    lost_on = since + timedelta(days=rules.lost_days + 1)
    if lost_on <= change.on or judging.care(car, lost_on, rules) != CareStatus.LOST:
        return []
    return [_("It is lost on %(day)s.") % {"day": lost_on.isoformat()}]
