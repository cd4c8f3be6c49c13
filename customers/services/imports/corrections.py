"""Cells of a file that a user types anew before it is written."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.db import transaction

from customers.models import Import
from customers.services.imports.starts import ImportRefused
from staff.models import User
from staff.services import record

MOST_ROWS = 2000
LONGEST = 200


class TooManyCorrections(Exception):
    """More rows than are mended by hand: the file is to be mended instead."""


@transaction.atomic
def correct_cells(
    *, imported: Import, cells: Mapping[int, Mapping[int, str | None]], by: User | None
) -> Import:
    """Text that stands instead of cells of the file, None for the file's own again; of ``cells`` by row and column.

    It counts from the next dry run on, and nothing is written before that. Raises ImportRefused unless the import is
    ready to write, TooManyCorrections.
    """
    fresh = Import.objects.select_for_update(of=("self",)).get(pk=imported.pk)
    if fresh.status != Import.Status.READY:
        raise ImportRefused(fresh.status)
    kept = fresh.corrected_cells
    for row, typed in cells.items():
        merged = {**kept.get(row, {}), **typed}
        kept[row] = {index: text[:LONGEST] for index, text in merged.items() if text is not None}
    kept = {row: typed for row, typed in kept.items() if typed}
    if len(kept) > MOST_ROWS:
        raise TooManyCorrections
    if kept != fresh.corrected_cells:
        fresh.corrections, fresh.untried = json.dumps(kept, ensure_ascii=False), True
        fresh.save(update_fields=["corrections", "untried"])
        record(user=by, action="import.correct", store=fresh.store, subject=fresh, rows=len(cells))
    return fresh
