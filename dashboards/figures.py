"""Figures in words: the key figures of the first row, and what to deal with first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from callcenter import queue
from dashboards import reports
from dashboards.periods import Period
from dashboards.reports import GroupFigure
from segmentation import movement_page
from segmentation.models import C3
from staff.figures import number, percent, yuan, yuan_short
from staff.permissions import StaffRequest


def key_figures(request: StaffRequest, chosen: Period) -> list[dict[str, Any]]:
    visits = reports.visits_of(request.user, request.active.stores)
    now = reports.sums(visits, chosen.first, chosen.last)
    before = reports.sums(visits, *chosen.last_year)
    base = reports.base_size(request.user, request.active.stores)
    return [
        {
            "label": _("Cars of the store"),
            "value": number(base),
            "fill": now.vehicles * 100 / base if base else 0,
            "strong": percent(now.vehicles / base if base else 0),
            "note": _("came in the period"),
            "url": reverse("customers:list"),
        },
        _compared(pgettext("key figure", "Visits"), now.visits, before.visits, number),
        _compared(_("Revenue"), now.paid_fen, before.paid_fen, yuan_short),
        _compared(_("Per visit"), now.per_visit_fen, before.per_visit_fen, _whole_yuan),
    ]


def _whole_yuan(fen: int | None) -> str:
    return yuan(None if fen is None else round(fen, -2))


def _compared(label: str, now: int | None, before: int | None, shown: Any) -> dict[str, Any]:
    """A figure beside the same days of last year; without a last year it stands alone."""
    figure = {"label": label, "value": shown(now)}
    if not now or not before:
        return figure | {"note": _("no figures for the same days of last year")}
    largest = max(now, before)
    change = (now - before) / before
    return figure | {
        "fill": now * 100 / largest,
        "tick": before * 100 / largest,
        "strong": f"{change:+.1%}",
        "tone": "ok" if change >= 0 else "bad",
        "note": _("last year %(value)s") % {"value": shown(before)},
    }


def attention(request: StaffRequest, chosen: Period, groups: list[GroupFigure]) -> list[dict[str, str]]:
    """At most three things, the most pressing first."""
    return [
        item
        for item in (_late_complaints(request), _risk(request, chosen, groups), _calls_left(request))
        if item
    ]


def _late_complaints(request: StaffRequest) -> dict[str, str] | None:
    late = reports.late_complaints(request.user, request.active.stores, now=timezone.now())
    count = late.count()
    oldest = late.select_related("customer").first()
    if oldest is None:
        return None
    title = ngettext("%(n)s complaint older than 24 hours", "%(n)s complaints older than 24 hours", count)
    days = (timezone.localdate() - oldest.opened_on).days
    text = ngettext("the oldest %(n)s day: %(customer)s", "the oldest %(n)s days: %(customer)s", days)
    return {
        "title": title % {"n": count},
        "text": text % {"n": days, "customer": oldest.customer.name},
        "url": reverse("customers:complaints"),
        "action": _("Deal with them"),
    }


def _risk(request: StaffRequest, chosen: Period, groups: list[GroupFigure]) -> dict[str, str] | None:
    risk = next(group for group in groups if group.key == C3.HIGH_RISK)
    if not risk.change or risk.change < 0:
        return None
    fallen = reports.fallen_from_loyal(request.user, request.active.stores, since=chosen.first)
    title = ngettext("%(n)s more car at high risk", "%(n)s more cars at high risk", risk.change)
    text = ngettext("%(n)s was profitable-loyal before", "%(n)s were profitable-loyal before", fallen)
    moved = movement_page.arrivals_url(
        request.active.stores, C3.HIGH_RISK, from_on=chosen.first - timedelta(days=1)
    )
    return {
        "title": title % {"n": risk.change},
        "text": text % {"n": fallen},
        "url": moved or reverse("segmentation:vehicles", args=["c3", C3.HIGH_RISK]),
        "action": _("Show the cars"),
    }


def _calls_left(request: StaffRequest) -> dict[str, str] | None:
    calls = queue.open_today(user=request.user, stores=request.active.stores, today=timezone.localdate())
    count = calls.count()
    if not count:
        return None
    title = ngettext("%(n)s call waits today", "%(n)s calls wait today", count)
    return {
        "title": title % {"n": count},
        "text": _("all agents together"),
        "url": reverse("callcenter:today"),
        "action": _("Show the list"),
    }
