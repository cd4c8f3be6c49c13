"""The kinds of work there are: what does each, and what people call it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

Handler = Callable[..., dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    label: str | Promise
    handler: Handler
    # One sentence for the result of a finished job, for people.
    summary: Callable[[dict[str, Any]], str] | None = None


KINDS: dict[str, Kind] = {}


def label_of(name: str) -> str:
    kind = KINDS.get(name)
    return str(kind.label) if kind else name


def summary_of(name: str, result: dict[str, Any]) -> str:
    kind = KINDS.get(name)
    return kind.summary(result) if kind and kind.summary and result else ""
