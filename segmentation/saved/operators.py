"""How a field can be compared, what each comparison needs to be told, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

from segmentation.saved.tree import Condition

FIRST_DAY, LAST_DAY = date(1950, 1, 1), date(2199, 12, 31)
MOST_DAYS = 36_500
MOST_WORDS, LONGEST_WORD = 60, 80


class Needs(StrEnum):
    NOTHING = "nothing"
    WORDS = "words"
    TEXT = "text"
    NUMBER = "number"
    NUMBERS = "numbers"
    DAYS = "days"
    DATE = "date"
    DATES = "dates"


@dataclass(frozen=True, slots=True)
class Operator:
    """``phrase`` is what the label says with the values in it."""

    key: str
    label: str | Promise
    needs: Needs
    phrase: Any

    @property
    def needs_two(self) -> bool:
        return self.needs in (Needs.NUMBERS, Needs.DATES)

    @property
    def needs_dates(self) -> bool:
        return self.needs in (Needs.DATE, Needs.DATES)


def _bare(key: str, label: str | Promise) -> Operator:
    return Operator(key, label, Needs.NOTHING, label)


def _words(key: str, label: str | Promise, phrase: str | Promise) -> Operator:
    return Operator(key, label, Needs.WORDS, phrase)


IN = _words("in", pgettext_lazy("condition", "is one of"), pgettext_lazy("condition", "is %(words)s"))
NOT_IN = _words(
    "not_in", pgettext_lazy("condition", "is none of"), pgettext_lazy("condition", "is not %(words)s")
)
HAS_ANY = _words(
    "has_any", pgettext_lazy("condition", "has one of"), pgettext_lazy("condition", "one of %(words)s")
)
HAS_ALL = _words(
    "has_all", pgettext_lazy("condition", "has all of"), pgettext_lazy("condition", "all of %(words)s")
)
HAS_NONE = _words(
    "has_none", pgettext_lazy("condition", "has none of"), pgettext_lazy("condition", "none of %(words)s")
)
BEGINS = _words(
    "begins",
    pgettext_lazy("condition", "begins with one of"),
    pgettext_lazy("condition", "begins with %(words)s"),
)
NOT_BEGINS = _words(
    "not_begins",
    pgettext_lazy("condition", "begins with none of"),
    pgettext_lazy("condition", "does not begin with %(words)s"),
)
CONTAINS = Operator(
    "contains",
    pgettext_lazy("condition", "contains"),
    Needs.TEXT,
    pgettext_lazy("condition", "contains %(words)s"),
)
YES = _bare("yes", pgettext_lazy("condition", "yes"))
NO = _bare("no", pgettext_lazy("condition", "no"))
AT_LEAST = Operator(
    "at_least",
    pgettext_lazy("condition", "at least"),
    Needs.NUMBER,
    pgettext_lazy("condition", "at least %(low)s"),
)
AT_MOST = Operator(
    "at_most",
    pgettext_lazy("condition", "at most"),
    Needs.NUMBER,
    pgettext_lazy("condition", "at most %(low)s"),
)
BELOW = Operator(
    "below",
    pgettext_lazy("condition", "less than"),
    Needs.NUMBER,
    pgettext_lazy("condition", "less than %(low)s"),
)
# Both ends belong to it: counts and amounts.
FROM_TO = Operator(
    "from_to",
    pgettext_lazy("condition", "from … to"),
    Needs.NUMBERS,
    pgettext_lazy("condition", "%(low)s to %(high)s"),
)
# Half-open, as bands are: ages and distances.
FROM_TO_UNDER = Operator(
    "from_to_under",
    pgettext_lazy("condition", "from … to under"),
    Needs.NUMBERS,
    pgettext_lazy("condition", "%(low)s to under %(high)s"),
)
WITHIN = Operator(
    "within",
    pgettext_lazy("condition", "in the last … days"),
    Needs.DAYS,
    ngettext_lazy("in the last day", "in the last %(low)s days", "n"),
)
OLDER = Operator(
    "older",
    pgettext_lazy("condition", "more than … days ago"),
    Needs.DAYS,
    ngettext_lazy("more than a day ago", "more than %(low)s days ago", "n"),
)
NEXT = Operator(
    "next",
    pgettext_lazy("condition", "in the next … days"),
    Needs.DAYS,
    ngettext_lazy("today or tomorrow", "in the next %(low)s days", "n"),
)
LATER = Operator(
    "later",
    pgettext_lazy("condition", "in more than … days"),
    Needs.DAYS,
    ngettext_lazy("later than tomorrow", "in more than %(low)s days", "n"),
)
PASSED = _bare("passed", pgettext_lazy("condition", "has passed"))
BETWEEN = Operator(
    "between",
    pgettext_lazy("condition", "between two days"),
    Needs.DATES,
    pgettext_lazy("condition", "%(low)s to %(high)s"),
)
BEFORE = Operator(
    "before",
    pgettext_lazy("condition", "before the day"),
    Needs.DATE,
    pgettext_lazy("condition", "before %(low)s"),
)
SINCE = Operator(
    "since",
    pgettext_lazy("condition", "on the day or later"),
    Needs.DATE,
    pgettext_lazy("condition", "on %(low)s or later"),
)
THIS_MONTH = _bare("this_month", pgettext_lazy("condition", "this month"))
NEVER = _bare("never", pgettext_lazy("condition", "never"))
UNKNOWN = _bare("unknown", pgettext_lazy("condition", "is not on record"))


def check(condition: Condition, operator: Operator, *, most: int) -> None:
    """Raise ValidationError, its code the part that is wrong: words, low or high."""
    if operator.needs == Needs.NOTHING:
        return
    if operator.needs in (Needs.WORDS, Needs.TEXT):
        _check_words(condition.words, one=operator.needs == Needs.TEXT)
    else:
        _check_bound(condition.low, operator, most, "low")
        if operator.needs_two:
            _check_bound(condition.high, operator, most, "high")
            _check_order(condition, operator)


def _check_words(words: tuple[str, ...], *, one: bool) -> None:
    if not words:
        message = _("Enter what to look for.") if one else _("Choose at least one.")
        raise ValidationError(message, code="words")
    if len(words) > MOST_WORDS or (one and len(words) > 1):
        raise ValidationError(_("At most %(n)s."), code="words", params={"n": 1 if one else MOST_WORDS})
    if any(len(word) > LONGEST_WORD for word in words):
        raise ValidationError(_("At most %(n)s characters each."), code="words", params={"n": LONGEST_WORD})


def _check_bound(bound: object, operator: Operator, most: int, part: str) -> None:
    if operator.needs_dates:
        if not isinstance(bound, date):
            raise ValidationError(_("Enter a day."), code=part)
        if not FIRST_DAY <= bound <= LAST_DAY:
            raise ValidationError(_("That day cannot be right."), code=part)
        return
    if not isinstance(bound, int):
        raise ValidationError(_("Enter a number."), code=part)
    if not 0 <= bound <= (MOST_DAYS if operator.needs == Needs.DAYS else most):
        raise ValidationError(_("That number cannot be right."), code=part)


def _check_order(condition: Condition, operator: Operator) -> None:
    low, high = condition.low, condition.high
    assert low is not None
    assert high is not None
    if low > high:  # type: ignore[operator]  # both are numbers or both are days
        raise ValidationError(_("This comes before the beginning."), code="high")
    if operator == FROM_TO_UNDER and low == high:
        raise ValidationError(_("Nothing lies between the two."), code="high")
