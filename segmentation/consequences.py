"""What an import would do to the groups, asked inside its trial run, which is rolled back; and what it did."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segmentation.models import SegmentRun, VehicleSegment
from segmentation.services import segment
from staff.models import Store
from staff.vocabulary import C3_GROUPS

# The most frequent moves are named; the rest is in the sum.
NAMED = 5
SHOWN = 8


def of_import(*, store: Store, today: date, stamp: datetime) -> list[dict[str, Any]]:
    """Cars of the store whose group would change, and the most frequent changes."""
    before = _moves(store, today)
    segment(as_of=today, stores=[store])
    moves = {
        pair: n - before.get(pair, 0) for pair, n in _moves(store, today).items() if n > before.get(pair, 0)
    }
    total = sum(moves.values())
    if not total:
        return []
    lines = [{"label": gettext_lazy("Cars that change group"), "value": total, "tone": ""}]
    for (old, new), n in sorted(moves.items(), key=lambda move: -move[1])[:NAMED]:
        lines.append({"label": _label(old, new), "value": n, "tone": ""})
    return lines


def after_import(*, store: Store, done_at: datetime) -> dict[str, Any] | None:
    """Where the store's cars went in the first run begun after ``done_at``; None before there is one.

    ``cars``: how many changed group; ``new``: how many came; ``moves``: the most frequent changes, then the newcomers,
    as [group before or "", group now, cars]; ``url``: the movement of that day.
    """
    later = SegmentRun.objects.filter(store=store, at__gte=done_at, moves__isnull=False).order_by("at", "pk")
    run = next((run for run in later[:20] if run.at - timedelta(seconds=run.seconds) >= done_at), None)
    if run is None:
        return None
    moves: list[list[Any]] = run.moves or []
    days = {"from": str(run.as_of - timedelta(days=1)), "to": str(run.as_of)}
    return {
        "cars": sum(n for before, _now, n in moves if before),
        "new": sum(n for before, _now, n in moves if not before),
        "moves": sorted(moves, key=lambda move: not move[0])[:SHOWN],
        "url": f"{reverse('segmentation:movement')}?{urlencode(days)}",
    }


def _moves(store: Store, today: date) -> dict[tuple[str, str], int]:
    """Changes of this very day: (group before, "" for a new car; group now) -> cars."""
    rows = VehicleSegment.objects.filter(store=store, c3_since=today).order_by()
    found = rows.values_list("c3_before", "c3").annotate(Count("pk"))
    return {(old, new): n for old, new, n in found}


def _said(old: str, new: str) -> str:
    if not old:
        return _("new in %(group)s") % {"group": C3_GROUPS[new].label}
    return _("%(old)s → %(new)s") % {"old": C3_GROUPS[old].label, "new": C3_GROUPS[new].label}


# A job asks, and a person of another language reads.
_label = lazy(_said, str)
