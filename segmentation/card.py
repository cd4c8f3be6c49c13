"""What the groups say on a customer's card and in the greeting at the desk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.card import Contribution, Greeting, Panel
from customers.models import Customer, Vehicle
from segmentation import families, playbook, services
from segmentation.families import FAMILIES
from segmentation.models import CareStatus, RuleSet, SegmentRun, VehicleSegment
from staff.figures import number, percent, yuan
from staff.models import User
from staff.vocabulary import C3_GROUPS, CARE_STATUSES, DIMENSIONS

# How much of the bar lies below the threshold's tick.
TICK = 50
# A fleet's card explains its first cars; the others say why on the form of their own visit.
EXPLAINED = 3
# Usage, region, gender, intention and model have their own places on the card.
SHOWN = ("value", "age", "stage", "radius", "reach")


def labels(*, vehicle_ids: list[int]) -> dict[int, dict[str, str]]:
    """Group and care status by vehicle id, in one query."""
    rows = VehicleSegment.objects.filter(vehicle__in=vehicle_ids).values_list("vehicle", "c3", "care_status")
    return {pk: {"c3": c3, "care_status": care} for pk, c3, care in rows}


def contribute(
    *, user: User, customer: Customer | None, vehicles: list[Vehicle], today: date
) -> Contribution:
    """Labels, advice and the card 'why this group' for each car that has one."""
    found = VehicleSegment.objects.filter(vehicle__in=vehicles).select_related("rule_set__store")
    segments = {segment.vehicle_id: segment for segment in found}
    runs = _last_runs({segment.store_id for segment in segments.values()})
    divided = _families(segments, runs, [vehicle.pk for vehicle in vehicles[:EXPLAINED]], today)
    whole = Contribution()
    for position, vehicle in enumerate(vehicles):
        segment = segments.get(vehicle.pk)
        if segment is None or segment.store_id not in runs:
            continue
        whole.labels[vehicle.pk] = {"c3": segment.c3, "care_status": segment.care_status}
        if position >= EXPLAINED:
            continue
        why = explain(segment, runs[segment.store_id])
        context = {"vehicle": vehicle, "segment": segment, "families": divided[vehicle.pk], **why}
        whole.panels.append(Panel(10 + position, "segmentation/_why.html", context))
    whole.greetings += greetings(segments[vehicle.pk] for vehicle in vehicles if vehicle.pk in segments)
    return whole


def greetings(segments: Iterable[VehicleSegment]) -> list[Greeting]:
    """Advice once per group and status, however many cars share it."""
    ordered = list(segments)
    groups = dict.fromkeys(segment.c3 for segment in ordered)
    statuses = dict.fromkeys(segment.care_status for segment in ordered)
    advice = [
        Greeting(1, "", "heart-handshake", str(C3_GROUPS[key].label), str(playbook.play(key).receive))
        for key in groups
    ]
    for key in statuses:
        if key not in playbook.CARE_ADVICE:
            continue
        status = CARE_STATUSES[key]
        order = 2 if key == CareStatus.COMPLAINED else 3
        advice.append(
            Greeting(order, status.tone, status.icon, str(status.label), str(playbook.CARE_ADVICE[key]))
        )
    return advice


def _families(
    segments: dict[int, VehicleSegment], runs: dict[int, SegmentRun], vehicle_ids: list[int], today: date
) -> dict[int, list[dict[str, str]]]:
    """Label and value of the families that the rest of the card does not show, by car; one query per rule set."""
    by_rules: dict[RuleSet, list[int]] = defaultdict(list)
    for pk in vehicle_ids:
        if pk in segments and segments[pk].store_id in runs:
            by_rules[runs[segments[pk].store_id].rule_set].append(pk)
    return {
        pk: [
            {"label": str(FAMILIES[key].label), "value": FAMILIES[key].name_of(values[key], rules)}
            for key in SHOWN
        ]
        for rules, cars in by_rules.items()
        for pk, values in families.of_cars(cars, as_of=today, rules=rules).items()
    }


def _last_runs(store_ids: set[int]) -> dict[int, SegmentRun]:
    if not store_ids:
        return {}
    found = services.standing(store_ids)
    return {run.store_id: run for run in found.runs} if found else {}


def explain(segment: VehicleSegment, run: SegmentRun) -> dict[str, Any]:
    """Rows for components/why.html: each figure against its threshold; and the sentences below."""
    rules = run.rule_set
    threshold = run.spend_threshold_fen
    visits, repair, spend = DIMENSIONS
    base = segment.maintenance_count + segment.repair_like_count
    ratio = segment.repair_like_count / base if base else 0.0
    ratio_high = rules.repair_ratio_high_percent / 100
    times = ngettext("%(n)s time", "%(n)s times", segment.maintenance_count) % {
        "n": segment.maintenance_count
    }
    return {
        "group": segment.c3,
        "why": [
            _row(visits, segment.maintenance_count, rules.maintenance_high, times, number(rules.maintenance_high)),
            _row(repair, ratio, ratio_high, percent(ratio if base else None, 0), percent(ratio_high, 0)),
            _row(spend, segment.spend_fen, threshold, yuan(segment.spend_fen), yuan(threshold)),
        ],
        "since": _since(segment),
        "scope": _("Window of %(months)s months up to %(day)s, rules %(rules)s. The line is the threshold.")
        % {"months": rules.window_months, "day": run.as_of.isoformat(), "rules": rules.label},
        "outlook": _outlook(segment, run),
    }  # fmt: skip


def _row(label: Any, value: float, threshold: float, shown: str, at: str) -> dict[str, Any]:
    return {
        "label": label,
        "percent": min(100, max(0, value * TICK / threshold)) if threshold else 0,
        "tick": TICK,
        "value": shown,
        "threshold": f"{'≥' if value >= threshold else '<'} {at}",
    }


def _since(segment: VehicleSegment) -> str:
    since = segment.c3_since.isoformat()
    if segment.c3_before and segment.c3_before != segment.c3:
        words = {"day": since, "before": C3_GROUPS[segment.c3_before].label}
        return _("In this group since %(day)s, before that %(before)s.") % words
    return _("In this group since %(day)s.") % {"day": since}


def _outlook(segment: VehicleSegment, run: SegmentRun) -> list[str]:
    """The nearest changes that the figures alone foretell: one more service, or no visit at all."""
    rules = run.rule_set
    found = []
    if segment.maintenance_count + 1 == rules.maintenance_high:
        group = rules.cells[_cell(segment, run, more=1)]
        if group != segment.c3:
            found.append(_("One more service makes it %(group)s.") % {"group": C3_GROUPS[group].label})
    away_since = segment.last_visit_on or segment.first_seen_on
    if away_since is None or segment.care_status in (CareStatus.COMPLAINED, CareStatus.LOST):
        return found
    lost = segment.care_status == CareStatus.NEAR_LOST
    day = away_since + timedelta(days=(rules.lost_days if lost else rules.near_lost_days) + 1)
    status = CARE_STATUSES[CareStatus.LOST if lost else CareStatus.NEAR_LOST].label
    sentence = _("Without a visit its care status is “%(status)s” from %(day)s at the latest.")
    found.append(sentence % {"status": status, "day": day.isoformat()})
    return found


def _cell(segment: VehicleSegment, run: SegmentRun, *, more: int) -> str:
    """The cell with ``more`` services in the window, all else as it is."""
    rules = run.rule_set
    services_, repairs = segment.maintenance_count + more, segment.repair_like_count
    ratio_high = repairs > 0 and repairs * 100 >= rules.repair_ratio_high_percent * (services_ + repairs)
    high = (services_ >= rules.maintenance_high, segment.spend_fen >= run.spend_threshold_fen, ratio_high)
    return "".join(str(int(value)) for value in high)
