"""Conditions in groups of all, any or none: typed values, to and from what the database keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

# Groups within groups, the outermost one counted.
DEEPEST = 3
MOST_CONDITIONS = 40

Bound = int | date | None


class Mode(StrEnum):
    ALL = "all"
    ANY = "any"
    # Not one of them holds: how a whole group is negated.
    NONE = "none"


class Nonsense(ValueError):
    """What the database keeps is no condition this version of the program understands."""


@dataclass(frozen=True, slots=True)
class Condition:
    """``words`` or ``low`` to ``high``, as far as the operator needs them. Money in fen, distances in kilometres."""

    field: str
    operator: str
    words: tuple[str, ...] = ()
    low: Bound = None
    high: Bound = None

    def as_row(self) -> dict[str, Any]:
        row: dict[str, Any] = {"field": self.field, "operator": self.operator}
        if self.words:
            row["words"] = list(self.words)
        for name, bound in (("low", self.low), ("high", self.high)):
            if bound is not None:
                row[name] = bound.isoformat() if isinstance(bound, date) else bound
        return row


@dataclass(frozen=True, slots=True)
class Group:
    """An empty group of all or none holds for every car, one of any for no car."""

    mode: Mode
    items: tuple[Node, ...] = ()

    def as_row(self) -> dict[str, Any]:
        return {"mode": str(self.mode), "items": [item.as_row() for item in self.items]}

    def conditions(self) -> Iterator[Condition]:
        for item in self.items:
            if isinstance(item, Group):
                yield from item.conditions()
            else:
                yield item


Node = Condition | Group


def from_row(row: Any, *, depth: int = 1) -> Group:
    """The shape of what was stored; whether each condition makes sense is for its field to say. Raises Nonsense."""
    if not isinstance(row, dict) or not isinstance(row.get("items"), list) or depth > DEEPEST:
        raise Nonsense(row)
    try:
        mode = Mode(str(row.get("mode")))
    except ValueError as error:
        raise Nonsense(row) from error
    group = Group(mode, tuple(_item(item, depth) for item in row["items"]))
    if depth == 1 and sum(1 for _condition in group.conditions()) > MOST_CONDITIONS:
        raise Nonsense(row)
    return group


def _item(row: Any, depth: int) -> Node:
    if isinstance(row, dict) and "items" in row:
        return from_row(row, depth=depth + 1)
    return _condition(row)


def _condition(row: Any) -> Condition:
    if not isinstance(row, dict):
        raise Nonsense(row)
    words = row.get("words", [])
    texts = [row.get("field"), row.get("operator"), *(words if isinstance(words, list) else [None])]
    if not all(isinstance(text, str) for text in texts):
        raise Nonsense(row)
    return Condition(row["field"], row["operator"], tuple(words), _bound(row, "low"), _bound(row, "high"))


def _bound(row: dict[str, Any], name: str) -> Bound:
    bound = row.get(name)
    if bound is None or (isinstance(bound, int) and not isinstance(bound, bool)):
        return bound
    try:
        return date.fromisoformat(bound)
    except (TypeError, ValueError) as error:
        raise Nonsense(row) from error
