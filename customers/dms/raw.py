"""The rows of a file as they stood in it, and the workbook of those that were refused."""

from __future__ import annotations

import io
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from customers.dms.headers import Mapping as Columns
from customers.dms.labels import reason_label
from customers.dms.read.cells import corrected_cells
from customers.models import Import, ImportChange, ImportRow, RawRows, Visit
from staff.models import User


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row of an import's file: header and cell, in the file's order."""

    imported: Import
    row_no: int
    cells: list[tuple[str, Any]]
    # Column number -> what a user typed instead.
    typed: dict[int, str]


def cells_of(*, imported: Import, rows: Collection[int]) -> dict[int, list[Any]]:
    """The cells of these rows as they stood in the file; a number that is no data row is left out."""
    wanted = sorted(rows)
    blocks = RawRows.objects.filter(imported=imported)
    needed = [
        pk
        for pk, first, last in blocks.values_list("pk", "first_row", "last_row")
        if bisect_left(wanted, first) < bisect_right(wanted, last)
    ]
    found: dict[int, list[Any]] = {}
    for block in blocks.filter(pk__in=needed).iterator(chunk_size=50) if needed else ():
        cells = block.cells()
        at, end = bisect_left(wanted, block.first_row), bisect_right(wanted, block.last_row)
        found.update({row: cells[row] for row in wanted[at:end] if row in cells})
    return found


def _rejected(imported: Import) -> Iterator[tuple[str, list[Any]]]:
    """Reason and cells, as they count, of the rows that were refused; before writing of those that are kept."""
    typed = imported.corrected_cells
    if imported.committed_at is None:
        kept = dict(imported.remembered_samples.get("cells", []))
        for entry in imported.report.get("rejected", []):
            if (row := entry["row"]) in kept:
                yield entry["reason"], corrected_cells(kept[row], typed.get(row, {}))
        return
    cells: dict[int, list[Any]] = {}
    wanted = ImportRow.objects.filter(imported=imported, outcome=ImportRow.Outcome.REJECTED)
    rows = wanted.order_by("row_no").values_list("row_no", "reason")
    for row, reason in rows.iterator(chunk_size=2000):
        if row not in cells:
            cells = _block(imported, row)
        yield reason, corrected_cells(cells.get(row, []), typed.get(row, {}))


def _block(imported: Import, row_no: int) -> dict[int, list[Any]]:
    block = RawRows.objects.filter(imported=imported, first_row__lte=row_no).order_by("-first_row").first()
    return block.cells() if block else {}


def raw_row(*, imported: Import, row_no: int) -> RawRow | None:
    """One row of the file, None where the file has no data row of that number."""
    cells = _block(imported, row_no).get(row_no)
    if cells is None:
        return None
    headers = [column.header for column in Columns.from_dict(imported.mapping).columns]
    headers += [""] * (len(cells) - len(headers))
    typed = imported.corrected_cells.get(row_no, {})
    return RawRow(imported, row_no, list(zip(headers, cells, strict=False)), typed)


def rows_behind(*, visit: Visit, user: User) -> list[RawRow]:
    """The file rows a visit came from, the newest import first, of imports ``user`` may see."""
    notes = ImportChange.objects.filter(
        model="visit",
        first_pk__lte=visit.pk,
        last_pk__gte=visit.pk,
        imported__in=Import.objects.visible_to(user),
    ).select_related("imported")
    found = []
    for note in notes.order_by("-imported_id", "-pk"):
        for entry in note.rows:
            if entry[0] == visit.pk and entry[1] is not None:
                row = raw_row(imported=note.imported, row_no=entry[1])
                found += [row] if row else []
    return found


def rejected_workbook(imported: Import) -> bytes:
    """The refused rows in the file's own columns, each with its reason: corrected, it imports as it is."""
    headers = [column.header for column in Columns.from_dict(imported.mapping).columns]
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    sheet.append([_text(sheet, value) for value in (*headers, _("Why it was not imported"))])
    for reason, cells in _rejected(imported):
        padded = [*cells, *[""] * (len(headers) - len(cells))][: len(headers)]
        label = str(reason_label(reason, imported.export))
        sheet.append([_text(sheet, value) for value in (*padded, label)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text(sheet: Any, value: Any) -> Any:
    """A cell that is never computed: what begins like a formula stays the text it was."""
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=_storable(value))
    cell.data_type = "s"
    return cell


def _storable(text: str) -> str:
    """Without the characters a workbook cannot hold."""
    return "".join(char for char in text if char >= " " or char in "\t\n\r")[:32767]
