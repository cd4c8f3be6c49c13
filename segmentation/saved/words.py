"""A condition as people would say it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from segmentation.saved.catalogue import FIELDS
from segmentation.saved.fields import Field
from segmentation.saved.operators import Needs, Operator
from segmentation.saved.scope import Scope
from segmentation.saved.tree import Bound, Condition, Mode
from staff.figures import number, yuan

MODES: dict[str, str | Promise] = {
    Mode.ALL: pgettext_lazy("group of conditions", "all of these hold"),
    Mode.ANY: pgettext_lazy("group of conditions", "at least one of these holds"),
    Mode.NONE: pgettext_lazy("group of conditions", "none of these holds"),
}
# Between the items of a group.
JOINTS: dict[str, str | Promise] = {
    Mode.ALL: pgettext_lazy("between conditions", "and"),
    Mode.ANY: pgettext_lazy("between conditions", "or"),
    Mode.NONE: pgettext_lazy("between conditions", "nor"),
}


def phrase(condition: Condition, scope: Scope) -> str:
    """What the condition asks of its field: "more than 180 days ago"."""
    field = FIELDS[condition.field]
    operator = field.operator(condition.operator)
    assert operator is not None
    said: dict[str, Any] = {"words": _words(field, operator, condition, scope)}
    said |= {"low": _bound(field, operator, condition.low), "high": _bound(field, operator, condition.high)}
    return str(operator.phrase % {**said, "n": condition.low if isinstance(condition.low, int) else 2})


def _words(field: Field, operator: Operator, condition: Condition, scope: Scope) -> str:
    if field.choices is None or operator.needs != Needs.WORDS:
        return pgettext("list", ", ").join(condition.words)
    labels = field.choices(scope)
    names = [
        str(labels[word]) if word in labels else _("(gone: %(key)s)") % {"key": word}
        for word in condition.words
    ]
    return pgettext("list", ", ").join(names)


def _bound(field: Field, operator: Operator, bound: Bound) -> str:
    if bound is None:
        return ""
    if isinstance(bound, date):
        return bound.isoformat()
    if field.money:
        return yuan(bound)
    if field.unit and operator.needs != Needs.DAYS:
        return _("%(number)s %(unit)s") % {"number": number(bound), "unit": field.unit}
    return number(bound)
