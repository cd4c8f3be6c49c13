"""What the page of the movement says: the table's cells, their colours, and the sentences above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from segmentation.models import C3, CareStatus, Family
from segmentation.movement import GONE, KEYS, Movement, computed
from staff.figures import number
from staff.models import Store
from staff.vocabulary import C3_GROUPS, CARE_STATUSES

# The moves a manager asks for first, and whether they are bad news.
WATCHED: dict[str, tuple[tuple[str, str, bool], ...]] = {
    Family.C3: (
        (C3.PROFITABLE_LOYAL, C3.HIGH_RISK, True),
        (C3.SPLIT_LOYAL, C3.HIGH_OPPORTUNITY, True),
        (C3.PROFITABLE_LOYAL, C3.MYSTERY_OPPORTUNITY, True),
        (C3.HIGH_RISK, C3.PROFITABLE_LOYAL, False),
        (C3.HIGH_OPPORTUNITY, C3.SPLIT_LOYAL, False),
    ),
    Family.CARE_STATUS: (
        (CareStatus.ACTIVE, CareStatus.NEAR_LOST, True),
        (CareStatus.NEAR_LOST, CareStatus.LOST, True),
        (CareStatus.NEW, CareStatus.NEAR_LOST, True),
        (CareStatus.LOST, CareStatus.ACTIVE, False),
        (CareStatus.NEAR_LOST, CareStatus.ACTIVE, False),
    ),
}
# From this share of the row on a cell is dark and its figure light; in between neither could be read well.
DARK = 35


@dataclass(frozen=True, slots=True)
class Cell:
    key: str
    count: int
    # Of the row.
    percent: float
    url: str
    is_same: bool
    label: str

    @property
    def is_dark(self) -> bool:
        return self.percent >= DARK

    @property
    def heat(self) -> int:
        if self.is_dark:
            return round(85 + 15 * (self.percent - DARK) / (100 - DARK))
        return round(self.percent * 1.3)


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    name: str
    total: int
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Highlight:
    text: str
    url: str
    is_bad: bool


def name(key: str, family: str = "") -> str:
    if key == GONE:
        return _("Gone")
    if key in C3_GROUPS:
        return str(C3_GROUPS[key].label)
    if key == "new_in_base" or (family == Family.C3 and key == "new"):
        return _("New in the base")
    return str(CARE_STATUSES[key].label)


def cell_url(movement: Movement, was: str, became: str) -> str:
    return _url(movement.family, movement.from_on, movement.to_on, was, became)


def _url(family: str, from_on: date, to_on: date, was: str, became: str) -> str:
    query = {
        "family": str(family),
        "from": from_on.isoformat(),
        "to": to_on.isoformat(),
        "was": was,
        "became": str(became),
    }
    return f"{reverse('segmentation:movement_cars')}?{urlencode(query)}"


def arrivals_url(stores: Sequence[Store], group: str, *, from_on: date) -> str | None:
    """The cars that came to ``group`` since ``from_on``; None where that day has no history."""
    span = computed(stores)
    if span is None or not span.first <= from_on < span.last:
        return None
    return _url(Family.C3, from_on, span.last, "", group)


def rows(movement: Movement) -> list[Row]:
    return [_row(movement, was) for was in movement.matrix]


def _row(movement: Movement, was: str) -> Row:
    counts = movement.matrix[was]
    total = sum(counts.values())
    label = name(was, movement.family)
    cells = [
        Cell(
            became,
            count,
            count * 100 / total if total else 0,
            cell_url(movement, was, became) if count else "",
            was == became,
            _in_words(label, name(became, movement.family), count),
        )
        for became, count in counts.items()
    ]
    return Row(was, label, total, cells)


def totals(movement: Movement) -> list[int]:
    return [
        sum(row.get(key, 0) for row in movement.matrix.values()) for key in (*KEYS[movement.family], GONE)
    ]


def _in_words(was: str, became: str, cars: int) -> str:
    words = {"was": was, "became": became, "n": number(cars)}
    return ngettext("%(was)s → %(became)s: %(n)s car", "%(was)s → %(became)s: %(n)s cars", cars) % words


def highlights(movement: Movement, lost: int) -> list[Highlight]:
    """``lost``: how many of the profitable-loyal are lost now."""
    found = []
    for was, became, is_bad in WATCHED[movement.family]:
        count = movement.matrix[was][became]
        if count:
            found.append(
                Highlight(_sentence(was, became, count, is_bad), cell_url(movement, was, became), is_bad)
            )
    if lost:
        text = ngettext(
            "%(n)s car that was %(was)s has the care status “%(status)s” now.",
            "%(n)s cars that were %(was)s have the care status “%(status)s” now.",
            lost,
        )
        words = {
            "n": number(lost),
            "was": name(C3.PROFITABLE_LOYAL),
            "status": CARE_STATUSES[CareStatus.LOST].label,
        }
        # After the fall to high-risk, where there was one.
        found.insert(sum(told.is_bad for told in found[:1]), Highlight(text % words, "", True))
    return found


def _sentence(was: str, became: str, cars: int, is_bad: bool) -> str:
    words = {"n": number(cars), "was": name(was), "became": name(became)}
    if is_bad:
        text = ngettext(
            "%(n)s car fell from “%(was)s” to “%(became)s”.",
            "%(n)s cars fell from “%(was)s” to “%(became)s”.",
            cars,
        )
    else:
        text = ngettext(
            "%(n)s car rose from “%(was)s” to “%(became)s”.",
            "%(n)s cars rose from “%(was)s” to “%(became)s”.",
            cars,
        )
    return text % words
