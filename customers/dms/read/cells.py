"""Cells as text, whole number or float: what survives JSON and reads as the sheet shows it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from math import isfinite

Cell = str | int | float
Row = tuple[int, list[Cell]]
Corrections = Mapping[int, Mapping[int, str]]
"""Row number -> column number -> the text that stands instead of the file's cell."""

MAX_COLUMNS = 702  # ZZ
MAX_ROWS = 1 << 20


def plain(value: object) -> Cell:
    """A day as 2018-01-04, an instant as 2018-01-04 09:28, a float without fraction as a whole number; NaN as text."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return int(value)
        return value if isfinite(value) else str(value)
    if isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds" if value.second else "minutes")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def as_text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else str(cell)


def as_texts(column: Iterable[Cell]) -> list[str]:
    """``as_text`` of each, a million times in a big file."""
    return [cell if isinstance(cell, str) else str(cell) for cell in column]


def plain_row(values: Iterable[object]) -> list[Cell]:
    """Plain cells without the blank ones at the end; [] for a blank row."""
    return without_blank_end([value if type(value) is str else plain(value) for value in values])


def without_blank_end(cells: list[Cell]) -> list[Cell]:
    """``cells`` themselves, the blank ones at their end taken off."""
    while cells and (cells[-1] == "" or (isinstance(cells[-1], str) and cells[-1].isspace())):
        cells.pop()
    return cells


def corrected(rows: list[Row], corrections: Corrections) -> list[Row]:
    """``rows`` with what was typed instead of their cells; themselves where there is nothing."""
    if not any(number in corrections for number, _ in rows):
        return rows
    return [(number, corrected_cells(cells, corrections.get(number, {}))) for number, cells in rows]


def corrected_cells(cells: list[Cell], typed: Mapping[int, str]) -> list[Cell]:
    """One row so, as long as its last corrected column asks for."""
    missing = max(typed, default=-1) + 1 - len(cells)
    filled = cells + [""] * missing
    return [typed.get(index, cell) for index, cell in enumerate(filled)]
