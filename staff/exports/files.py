"""Rows into files, one row at a time, so that a long list needs no more memory than a short one."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any, Protocol

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from staff import audit
from staff.exports.guard import guarded, writable

_NOT_IN_A_TITLE = re.compile(r"[\[\]:*?/\\']")
Plain = str | int | float | Decimal | date | time | None


class Writer(Protocol):
    replaced: int

    def write(self, row: Iterable[Any]) -> None: ...

    def finish(self) -> None: ...


class _Values:
    """Counts what could not be written as it was."""

    def __init__(self) -> None:
        self.replaced = 0

    def plain(self, value: Any) -> Plain:
        """Numbers and days as they are, moments by the clock on the wall, everything else as guarded text."""
        if isinstance(value, bool):
            return pgettext("export", "yes") if value else pgettext("export", "no")
        if isinstance(value, datetime):
            return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
        if value is None or isinstance(value, int | float | Decimal | date | time):
            return value
        text, replaced = writable(str(value))
        self.replaced += replaced
        return guarded(text)


class CsvWriter(_Values):
    def __init__(self, file: IO[bytes], title: str, encoding: str) -> None:
        super().__init__()
        self._text = io.TextIOWrapper(file, encoding=encoding, newline="")
        self._csv = csv.writer(self._text)

    def write(self, row: Iterable[Any]) -> None:
        self._csv.writerow([self._written(self.plain(value)) for value in row])

    @staticmethod
    def _written(value: Plain) -> str:
        if value is None:
            return ""
        if isinstance(value, datetime):
            return value.isoformat(" ", "seconds")
        return value.isoformat("minutes") if isinstance(value, time) else str(value)

    def finish(self) -> None:
        self._text.flush()
        self._text.detach()


class XlsxWriter(_Values):
    def __init__(self, file: IO[bytes], title: str) -> None:
        super().__init__()
        self._file = file
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet(_NOT_IN_A_TITLE.sub(" ", title)[:31])
        self._sheet.freeze_panes = "A2"
        self._sheet.sheet_format.defaultColWidth = 16
        self._head = True

    def write(self, row: Iterable[Any]) -> None:
        self._sheet.append([self._cell(self.plain(value)) for value in row])
        self._head = False

    def _cell(self, value: Plain) -> Any:
        if isinstance(value, str):
            cell = WriteOnlyCell(self._sheet, value=value)
            # Whatever it looks like (a formula, "#N/A", "TRUE"), it is text.
            cell.data_type = "s"
            if self._head:
                cell.font = Font(bold=True)
            return cell
        if isinstance(value, Decimal):
            cell = WriteOnlyCell(self._sheet, value=float(value))
            cell.number_format = "#,##0.00"
            return cell
        return value

    def finish(self) -> None:
        self._book.save(self._file)


@dataclass(frozen=True, slots=True)
class Format:
    key: str
    label: str | Promise
    extension: str
    content_type: str
    open: Callable[[IO[bytes], str], Writer]


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {
    form.key: form
    for form in (
        Format("xlsx", _("Excel"), "xlsx", _XLSX, XlsxWriter),
        Format(
            "csv",
            _("CSV (UTF-8)"),
            "csv",
            "text/csv; charset=utf-8",
            lambda file, title: CsvWriter(file, title, "utf-8-sig"),
        ),
        Format(
            "gb18030",
            _("CSV (GB18030)"),
            "csv",
            "text/csv; charset=gb18030",
            lambda file, title: CsvWriter(file, title, "gb18030"),
        ),
    )
}
audit.WORDS["format"] = {form.key: form.label for form in FORMATS.values()}


def write_table(
    file: IO[bytes], form: Format, title: str, headers: Sequence[str], rows: Iterable[Sequence[Any]]
) -> tuple[int, int]:
    """Write everything; the number of rows without the head, and of characters that could not be written."""
    writer = form.open(file, title)
    writer.write(headers)
    count = 0
    for row in rows:
        writer.write(row)
        count += 1
    writer.finish()
    file.seek(0)
    return count, writer.replaced
