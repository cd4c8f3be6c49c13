"""One condition as a Q over VehicleSegment. Each is true or false of a car, never null, so that it can be negated."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import CharField, Exists, ExpressionWrapper, F, Func, OuterRef, Q
from django.db.models.lookups import IContains, In, Range

from customers.models import Complaint, CustomerTag
from segmentation.calendar import months_before
from segmentation.families import FAMILIES, UNKNOWN, View
from segmentation.models import VehicleSegment
from segmentation.saved import operators
from segmentation.saved.scope import Scope
from segmentation.saved.tree import Condition

Compare = Callable[[Scope, Condition], Q]
NO_CAR = Q(pk__in=[])
# An empty Q would vanish from an OR instead of being true.
EVERY_CAR = ~NO_CAR

LOOKUPS: dict[str, Callable[[Any, Any, date], dict[str, Any]]] = {
    operators.AT_LEAST.key: lambda low, high, day: {"gte": low},
    operators.AT_MOST.key: lambda low, high, day: {"lte": low},
    operators.BELOW.key: lambda low, high, day: {"lt": low},
    operators.FROM_TO.key: lambda low, high, day: {"gte": low, "lte": high},
    operators.FROM_TO_UNDER.key: lambda low, high, day: {"gte": low, "lt": high},
    operators.WITHIN.key: lambda low, high, day: {"gte": day - timedelta(low), "lte": day},
    operators.OLDER.key: lambda low, high, day: {"lt": day - timedelta(low)},
    operators.NEXT.key: lambda low, high, day: {"gte": day, "lte": day + timedelta(low)},
    operators.LATER.key: lambda low, high, day: {"gt": day + timedelta(low)},
    operators.PASSED.key: lambda low, high, day: {"lt": day},
    operators.BETWEEN.key: lambda low, high, day: {"gte": low, "lte": high},
    operators.BEFORE.key: lambda low, high, day: {"lt": low},
    operators.SINCE.key: lambda low, high, day: {"gte": low},
    operators.YES.key: lambda low, high, day: {"exact": True},
}


def column(path: str, *, factor: int = 1) -> Compare:
    """A number, a day or a mark as it is stored; ``factor`` from the condition's unit to the column's."""

    def compare(scope: Scope, condition: Condition) -> Q:
        missing = Q(**{f"{path}__isnull": True})
        if condition.operator in (operators.UNKNOWN.key, operators.NEVER.key):
            return missing
        if condition.operator == operators.NO.key:
            return ~compare(scope, replace(condition, operator=operators.YES.key))
        low, high = condition.low, condition.high
        if factor != 1:
            low, high = _times(low, factor), _times(high, factor)
        wanted = LOOKUPS[condition.operator](low, high, scope.as_of)
        # Without the first, a negation of the whole would be null where the column is.
        return Q(**{f"{path}__isnull": False}) & Q(**{f"{path}__{name}": to for name, to in wanted.items()})

    return compare


def _times(bound: Any, factor: int) -> Any:
    return None if bound is None else bound * factor


def words(path: str) -> Compare:
    """A key or a text as it is stored; UNKNOWN stands for an empty one and for none."""

    def compare(scope: Scope, condition: Condition) -> Q:
        missing = Q(**{f"{path}__isnull": True})
        if condition.operator == operators.UNKNOWN.key:
            return missing | Q(**{path: UNKNOWN})
        if condition.operator == operators.CONTAINS.key:
            return ~missing & Q(**{f"{path}__icontains": condition.words[0]})
        if condition.operator in (operators.BEGINS.key, operators.NOT_BEGINS.key):
            starts = (Q(**{f"{path}__prefix": word}) for word in condition.words)
            found = ~missing & reduce(or_, starts)
        else:
            found = ~missing & Q(**{f"{path}__in": condition.words})
            found = found | missing if UNKNOWN in condition.words else found
        return ~found if condition.operator.startswith("not_") else found

    return compare


def family(key: str) -> Compare:
    """A family that is computed: by the rules of each store."""

    def compare(scope: Scope, condition: Condition) -> Q:
        parts = [
            Q(store__in=stores) & _in_family(key, condition, View(VehicleSegment, scope.as_of, rules))
            for rules, stores in scope.rules.items()
        ]
        found = reduce(or_, parts, NO_CAR)
        return ~found if condition.operator.startswith("not_") else found

    return compare


def _in_family(key: str, condition: Condition, view: View) -> Q:
    value = ExpressionWrapper(FAMILIES[key].expression(view), output_field=CharField())
    if condition.operator == operators.CONTAINS.key:
        return Q(IContains(value, condition.words[0]))
    wanted = [UNKNOWN] if condition.operator == operators.UNKNOWN.key else list(condition.words)
    return Q(In(value, wanted))


def years_since(path: str) -> Compare:
    """Whole years from the day in ``path`` to the scope's: so many years ago or earlier is at least so old."""

    def compare(scope: Scope, condition: Condition) -> Q:
        if condition.operator == operators.UNKNOWN.key:
            return Q(**{f"{path}__isnull": True})
        # Bought after the day: of no age yet.
        known = Q(**{f"{path}__isnull": False, f"{path}__lte": scope.as_of})
        if condition.operator == operators.BELOW.key:
            return known & Q(**{f"{path}__gt": _years_ago(scope, condition.low)})
        found = known & Q(**{f"{path}__lte": _years_ago(scope, condition.low)})
        if condition.operator == operators.FROM_TO_UNDER.key:
            found &= Q(**{f"{path}__gt": _years_ago(scope, condition.high)})
        return found

    return compare


def _years_ago(scope: Scope, years: Any) -> date:
    return months_before(scope.as_of, 12 * years)


class MonthAndDay(Func):
    """A day of the year as text that sorts: 12 June is "06-12". In SQL that both databases do without a call back."""

    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="substr(%(expressions)s, 6, 5)", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="to_char(%(expressions)s, 'MM-DD')", **context)


def birthday(scope: Scope, condition: Condition) -> Q:
    path = "vehicle__owner__birthday"
    if condition.operator == operators.UNKNOWN.key:
        return Q(**{f"{path}__isnull": True})
    day = scope.as_of
    if condition.operator == operators.THIS_MONTH.key:
        spans = [(f"{day:%m}-01", f"{day:%m}-31")]
    else:
        assert isinstance(condition.low, int)
        spans = _spans(day, condition.low)
    within = (Q(Range(MonthAndDay(F(path)), span)) for span in spans)
    return Q(**{f"{path}__isnull": False}) & reduce(or_, within)


def _spans(day: date, days: int) -> list[tuple[str, str]]:
    """From ``day`` on, in the texts of MonthAndDay; where the year ends in between, two spans.

    Who was born on 29 February is congratulated on 1 March where there is no such day.
    """
    last = day + timedelta(days)
    if days >= 365:
        return [("01-01", "12-31")]
    low, high = f"{day:%m-%d}", f"{last:%m-%d}"
    if low == "03-01" and (day - timedelta(1)).day == 28:
        low = "02-29"
    return [(low, high)] if low <= high else [(low, "12-31"), ("01-01", high)]


def tags(scope: Scope, condition: Condition) -> Q:
    """Only the words of the scope's stores and of the group: another store's are nobody's business here."""
    wanted = [pk for pk in scope.tags if str(pk) in condition.words]
    if condition.operator == operators.HAS_ALL.key:
        known = len(wanted) == len(set(condition.words))
        return reduce(lambda found, pk: found & _tagged([pk]), wanted, EVERY_CAR) if known else NO_CAR
    found = _tagged(wanted) if wanted else NO_CAR
    return ~found if condition.operator == operators.HAS_NONE.key else found


def _tagged(pks: Iterable[int]) -> Q:
    links = CustomerTag.objects.filter(customer=OuterRef("vehicle__owner"), tag__in=list(pks))
    return Q(Exists(links))


def store(scope: Scope, condition: Condition) -> Q:
    found = Q(store__in=[store.pk for store in scope.stores if str(store.pk) in condition.words])
    return ~found if condition.operator == operators.NOT_IN.key else found


def open_complaint(scope: Scope, condition: Condition) -> Q:
    found = Q(Exists(Complaint.objects.open().filter(vehicle=OuterRef("vehicle"))))
    return ~found if condition.operator == operators.NO.key else found
