"""Months as the rules count them."""

from calendar import monthrange
from datetime import date


def months_before(day: date, months: int) -> date:
    """``months`` calendar months earlier; a day that month lacks becomes its last.

    >>> months_before(date(2026, 3, 31), 1)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_ends(today: date, count: int) -> list[date]:
    """The last days of the ``count`` months before the one of ``today``, oldest first."""
    first = today.replace(day=1)
    return [date.fromordinal(months_before(first, back).toordinal() - 1) for back in range(count - 1, -1, -1)]
