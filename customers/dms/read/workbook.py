"""Sheets of .xlsx (calamine) and BIFF .xls (xlrd)."""

import struct
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import xlrd
from xlrd.compdoc import CompDocError

from customers.dms.read.cells import MAX_COLUMNS, Cell, Row, plain_row
from customers.dms.refused import FileRefused

Sheet = tuple[str, Iterator[Row]]


class NeedsAnotherReader(FileRefused):
    """What one reader calls broken another may read."""

    def __init__(self) -> None:
        super().__init__("broken_file")


def _numbered(rows: Iterable[Iterable[object]], left: int = 0) -> Iterator[Row]:
    pad: list[Cell] = [""] * left
    for number, values in enumerate(rows, start=1):
        cells = plain_row(values)
        if len(cells) + left > MAX_COLUMNS:
            raise FileRefused("too_wide")
        if cells:
            yield number, pad + cells


def xlsx_sheets(path: Path) -> Iterator[Sheet]:
    """The visible sheets of a workbook the guard let pass."""
    from python_calamine import (
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    try:
        with CalamineWorkbook.from_path(path) as book:
            for meta in book.sheets_metadata:
                if meta.visible != SheetVisibleEnum.Visible or meta.typ != SheetTypeEnum.WorkSheet:
                    continue
                sheet = book.get_sheet_by_name(meta.name)
                # Rows are padded from the top, columns are not padded from the left.
                yield meta.name, _numbered(sheet.iter_rows(), sheet.start[1] if sheet.start else 0)
    except PasswordError as error:
        raise FileRefused("password_protected") from error
    except CalamineError as error:
        raise NeedsAnotherReader from error


def xls_sheets(path: Path) -> Iterator[Sheet]:
    """The visible sheets of a BIFF workbook, read with the text encoding its version needs."""
    try:
        # Its remarks would land among the rows on standard output.
        book = xlrd.open_workbook(path, on_demand=True, logfile=sys.stderr)
        if book.biff_version < 80 and book.codepage in (None, 1252):
            # Old programs wrote Chinese bytes and left the western code page in place.
            book = xlrd.open_workbook(path, on_demand=True, logfile=sys.stderr, encoding_override="gb18030")
        for name in book.sheet_names():
            sheet = book.sheet_by_name(name)
            if sheet.visibility == 0:
                yield name, _numbered(_xls_rows(sheet, book.datemode))
    except xlrd.XLRDError as error:
        text = str(error).lower()
        if "encrypted" in text:
            raise FileRefused("password_protected") from error
        raise FileRefused("not_a_table" if "workbook in ole2" in text else "broken_file") from error
    except (
        CompDocError,
        AssertionError,
        IndexError,
        KeyError,
        ValueError,
        TypeError,
        EOFError,
        struct.error,
    ) as error:
        raise FileRefused("broken_file") from error


def _xls_rows(sheet: xlrd.sheet.Sheet, datemode: int) -> Iterator[list[object]]:
    for index in range(sheet.nrows):
        yield [_xls_cell(cell, datemode) for cell in sheet.row(index)]


def _xls_cell(cell: xlrd.sheet.Cell, datemode: int) -> object:
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            day = xlrd.xldate_as_datetime(cell.value, datemode)
        except (ValueError, OverflowError):
            return cell.value
        return day if day.time() != datetime.min.time() else day.date()
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#ERROR")
    return cell.value
