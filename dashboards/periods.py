"""Stretches of time a manager compares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Period:
    """``first`` to ``last``, both included; ``last`` is today, so last year is cut at the same day."""

    key: str
    label: str | Promise
    first: date
    last: date
    ends: date

    @property
    def last_year(self) -> tuple[date, date]:
        return same_day_last_year(self.first), same_day_last_year(self.last)

    @property
    def share_gone(self) -> float:
        return ((self.last - self.first).days + 1) / ((self.ends - self.first).days + 1)


LABELS: dict[str, Promise] = {"month": _("This month"), "quarter": _("This quarter"), "year": _("This year")}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def period(key: str, *, today: date) -> Period:
    """The calendar month, quarter or year ``today`` is in; an unknown key means the month."""
    key = key if key in LABELS else "month"
    months = _MONTHS[key]
    first = date(today.year, (today.month - 1) // months * months + 1, 1)
    return Period(key, LABELS[key], first, today, add_months(first, months) - timedelta(days=1))


def add_months(first_of_month: date, months: int) -> date:
    index = first_of_month.year * 12 + first_of_month.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def same_day_last_year(day: date) -> date:
    """29 February falls back to the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
