"""Cells as text, whole number or float: what survives JSON and reads as the sheet shows it."""

from collections.abc import Iterable
from datetime import date, datetime

Cell = str | int | float
Row = tuple[int, list[Cell]]

MAX_COLUMNS = 702  # ZZ
MAX_ROWS = 1 << 20


def plain(value: object) -> Cell:
    """A day as 2018-01-04, an instant as 2018-01-04 09:28, a float without fraction as a whole number."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds" if value.second else "minutes")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def as_text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else str(cell)


def plain_row(values: Iterable[object]) -> list[Cell]:
    """Plain cells without the blank ones at the end; [] for a blank row."""
    cells: list[Cell] = [value if type(value) is str else plain(value) for value in values]
    while cells and (cells[-1] == "" or (isinstance(cells[-1], str) and cells[-1].isspace())):
        cells.pop()
    return cells
