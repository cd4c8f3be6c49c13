"""Small tables on the admin site as files: the formats, out guarded and in with the guard taken off."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import tablib
from django.utils.translation import gettext_lazy as _
from import_export.formats.base_formats import Format as LibraryFormat
from openpyxl import load_workbook

from staff.exports.files import FORMATS, write_table
from staff.exports.guard import unguarded

MOST_BYTES = 1024 * 1024
# A small table has a few hundred rows; what unpacks to more than this is none.
MOST_UNPACKED = 20 * 1024 * 1024
MOST_ROWS = 5_000


class NotATable(ValueError):
    """The file is none of the formats, or far too big for a small table."""


class NoRows(NotATable):
    """Headings and nothing below them."""


def _read(rows: Any) -> tablib.Dataset:
    """Headers and rows as texts; blank rows are left out, blank cells are empty texts.

    ``lines`` of the answer says in which line of the file, counted from 1, each row stands.
    """
    dataset = tablib.Dataset()
    dataset.lines = []
    for line, cells in enumerate(rows, 1):
        texts = ["" if cell is None else unguarded(cell) if isinstance(cell, str) else cell for cell in cells]
        if not any(text != "" for text in texts):
            continue
        if dataset.headers is None:
            dataset.headers = texts
            continue
        width = len(dataset.headers)
        dataset.append((texts + [""] * width)[:width])
        dataset.lines.append(line)
        if len(dataset) > MOST_ROWS:
            raise NotATable
    if dataset.headers is None:
        raise NotATable
    if not dataset.lines:
        raise NoRows
    return dataset


class TableFormat(LibraryFormat):
    """Bytes out and bytes in, whatever the format, so that the encoding is this class's own affair."""

    key = ""

    def get_title(self) -> str:
        return str(FORMATS[self.key].label)

    def get_extension(self) -> str:
        return FORMATS[self.key].extension

    def get_content_type(self) -> str:
        return FORMATS[self.key].content_type

    def can_import(self) -> bool:
        return True

    def can_export(self) -> bool:
        return True

    def __init__(self, encoding: str | None = None) -> None:
        """The encoding is told by the content."""

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        file = io.BytesIO()
        write_table(file, FORMATS[self.key], dataset.title or "table", dataset.headers, dataset)
        return file.getvalue()

    def create_dataset(self, in_stream: bytes | None) -> tablib.Dataset:
        if in_stream is None or len(in_stream) > MOST_BYTES:
            raise NotATable
        return _read(self.cells(in_stream))

    def cells(self, content: bytes) -> Any:
        raise NotImplementedError


class XlsxTable(TableFormat):
    key = "xlsx"

    def cells(self, content: bytes) -> Any:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                if sum(entry.file_size for entry in packed.infolist()) > MOST_UNPACKED:
                    raise NotATable
            sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        except (zipfile.BadZipFile, KeyError, IndexError) as error:
            raise NotATable from error
        # The size a workbook claims may be wrong, and a wrong one would hide rows.
        sheet.reset_dimensions()
        return sheet.iter_rows(values_only=True)


class CsvTable(TableFormat):
    key = "csv"

    def cells(self, content: bytes) -> Any:
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return csv.reader(io.StringIO(content.decode(encoding), newline=""))
            except UnicodeDecodeError:
                continue
        raise NotATable


class Gb18030Table(CsvTable):
    key = "gb18030"


TABLE_FORMATS = [XlsxTable, CsvTable, Gb18030Table]
UNREADABLE = _(
    "This file cannot be read in the chosen format, or is too big for a small table (1 MB, 5,000 rows)."
)
NO_ROWS = _("This file has no row below the headings.")
