"""What counts on a saved segment. The apps further right know; the project's settings name their functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from segmentation.models import SavedSegment


@dataclass(frozen=True, slots=True)
class Use:
    """``is_unfinished``: the segment cannot be put away before."""

    name: str
    url: str
    status: str | Promise
    is_unfinished: bool
    store_ids: frozenset[int]


class Source(Protocol):
    def __call__(self, *, segment: SavedSegment, today: date) -> list[Use]: ...


@cache
def _sources() -> tuple[Source, ...]:
    return tuple(import_string(path) for path in settings.SEGMENT_USES)


def uses_of(segment: SavedSegment, *, today: date) -> list[Use]:
    """Of every store; a page shows those whose stores the reader works in."""
    return [use for source in _sources() for use in source(segment=segment, today=today)]
