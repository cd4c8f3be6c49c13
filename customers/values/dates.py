"""Days and times as dealer systems write them.

A day is first read to a code, because whether 05-01-2018 is 5 January or 1 May is for the file as a
whole to say: yyyymmdd when certain, the negative -(yyyy0000 + first * 100 + second) when the order of
day and month is open, 0 when it is no date.
"""

import re
import unicodedata
from calendar import monthrange
from datetime import date
from functools import lru_cache
from typing import Literal

DayOrder = Literal["dmy", "mdy"]

# Serial numbers of spreadsheets count from here; 1 is 1 January 1900 for every day after that February.
_EPOCH = date(1899, 12, 30).toordinal()
MAC_SHIFT = 1462
"""Days between the two epochs of spreadsheets, 1900 and 1904."""

_SERIALS = range(20000, 80000)
_PARTS = re.compile(r"(\d{1,4})\s*[-/.年]\s*(\d{1,2}|[A-Za-z]{3,9})\s*[-/.月,]\s*(\d{1,4})\s*日?(.*)")
_ENGLISH = re.compile(r"([A-Za-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})(.*)")
_TIME = re.compile(
    r"(上午|下午|AM|PM)?[T\s]*(\d{1,2})[:时点](\d{1,2})?(?:[:分](\d{1,2}(?:\.\d+)?)?秒?)?(?:\.\d+)?\s*(AM|PM)?Z?"
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_YEAR_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?")


@lru_cache(maxsize=1 << 14)
def _code(year: int, month: int, day: int) -> int:
    try:
        date(year, month, day)
    except ValueError:
        return 0
    return year * 10000 + month * 100 + day


def _from_serial(serial: float, shift: int) -> tuple[int, int]:
    if not _SERIALS.start <= serial < _SERIALS.stop:  # also no for what is not a number
        return 0, -1
    whole = int(serial)
    day = date.fromordinal(_EPOCH + whole + shift)
    minute = round((serial - whole) * 1440)
    return day.year * 10000 + day.month * 100 + day.day, min(minute, 1439) if serial != whole else -1


@lru_cache(maxsize=1 << 12)
def _minute(text: str) -> int:
    """Minute of the day in what follows a date; -1 for none."""
    found = _TIME.fullmatch(text.strip().upper())
    if not found:
        return -1
    hour, minute = int(found[2]), int(found[3] or 0)
    half = found[1] or found[5]
    if half in ("下午", "PM") and hour < 12:
        hour += 12
    elif half in ("上午", "AM") and hour == 12:
        hour = 0
    return hour * 60 + minute if hour < 24 and minute < 60 else -1


def _from_digits(text: str, shift: int) -> tuple[int, int]:
    if len(text) in (8, 12, 14):
        code = _code(int(text[:4]), int(text[4:6]), int(text[6:8]))
        clock = f"{text[8:10]}:{text[10:12]}" if len(text) > 8 else ""
        return code, _minute(clock) if code and clock else -1
    return _from_serial(int(text), shift) if len(text) == 5 else (0, -1)


def _from_parts(first: int, second: int, third: int) -> int:
    if first > 31:
        return _code(first, second, third)
    if third < 1000:
        return 0
    if _code(third, second, first) or _code(third, first, second):
        return -(third * 10000 + first * 100 + second)
    return 0


@lru_cache(maxsize=1 << 13)
def _from_text(text: str, shift: int) -> tuple[int, int]:
    text = unicodedata.normalize("NFKC", text).strip()
    if text.isdecimal():
        return _from_digits(text, shift)
    found = _PARTS.fullmatch(text)
    if found:
        if found[2].isdecimal():
            code = _from_parts(int(found[1]), int(found[2]), int(found[3]))
        else:
            code = _code(int(found[3]), _MONTHS.get(found[2][:3].lower(), 0), int(found[1]))
        return code, _minute(found[4]) if code else -1
    found = _ENGLISH.fullmatch(text)
    if found:
        code = _code(int(found[3]), _MONTHS.get(found[1][:3].lower(), 0), int(found[2]))
        return code, _minute(found[4]) if code else -1
    try:
        return _from_serial(float(text), shift)
    except ValueError:
        return 0, -1


def day_code(cell: str | int | float, shift: int = 0) -> tuple[int, int]:
    """The day's code (see the module) and the minute of the day, -1 when no time is given.

    ``shift`` is added to serial numbers: MAC_SHIFT for workbooks that count from 1904.
    """
    if isinstance(cell, str):
        if len(cell) > 10:
            # Days repeat from row to row, instants do not: remember the day alone.
            day, _, clock = cell.partition(" ")
            code = _from_text(day, shift)[0] if len(day) >= 8 else 0
            if code and (minute := _minute(clock)) >= 0:
                return code, minute
        return _from_text(cell, shift) if cell else (0, -1)
    if isinstance(cell, int) and cell not in _SERIALS:
        return _from_text(str(cell), shift)
    return _from_serial(cell, shift)


def settle_code(code: int, order: DayOrder) -> int:
    """An open code read in the ``order`` of the file: yyyymmdd, or 0 when that is no day."""
    if code >= 0:
        return code
    year, rest = divmod(-code, 10000)
    first, second = divmod(rest, 100)
    return _code(year, second, first) if order == "dmy" else _code(year, first, second)


def vote(code: int) -> DayOrder | None:
    """The only order under which an open code is a day; None when both are, or it is not open."""
    if code >= 0:
        return None
    day_first, month_first = settle_code(code, "dmy"), settle_code(code, "mdy")
    if day_first and month_first:
        return None
    return "dmy" if day_first else "mdy"


@lru_cache(maxsize=1 << 14)
def code_date(code: int) -> date:
    """The date of a certain code."""
    return date(code // 10000, code // 100 % 100, code % 100)


def date_code(day: date) -> int:
    """yyyymmdd of ``day``."""
    return day.year * 10000 + day.month * 100 + day.day


def due_code(cell: str | int | float, shift: int = 0) -> int:
    """As day_code for a due date: a month without a day is due on its last day."""
    code, _ = day_code(cell, shift)
    if code or not isinstance(cell, str):
        return code
    found = _YEAR_MONTH.fullmatch(unicodedata.normalize("NFKC", cell).strip())
    if not found or not 1 <= int(found[2]) <= 12 or not 1900 <= int(found[1]) <= 2200:
        return 0
    year, month = int(found[1]), int(found[2])
    return _code(year, month, monthrange(year, month)[1])


def parse_day(text: str, order: DayOrder = "dmy") -> date | None:
    """The day in one typed value, or None."""
    code = settle_code(day_code(text)[0], order)
    return code_date(code) if code else None


def parse_month_or_day(text: str, order: DayOrder = "dmy") -> date | None:
    """As parse_day; a month stands for its last day."""
    code = settle_code(due_code(text), order)
    return code_date(code) if code else None
