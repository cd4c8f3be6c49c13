"""Cells of a file on a page: masked like the card's own values, whatever column they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from customers.dms.words import text_of
from customers.privacy import HIDDEN, Sight
from staff.figures import mask_phone

_MOBILE = re.compile(r"(?<![0-9A-Za-z])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])[1-9]\d{16}[\dXx](?![0-9A-Za-z])")
_DIGITS = re.compile(r"\d[\d -]{5,}\d")
_PHONES = frozenset({"phone", "contact_phone"})
_VINS = frozenset({"vin", "plate_or_vin"})
LONGEST = 60
# Enough of a row to know it by.
MOST_CELLS = 15


def shown(cell: Any, field: str, sight: Sight) -> str:
    """The cell as text, cut to a line, without what ``sight`` hides."""
    text = text_of(cell)
    if field == "address":
        return sight.address(text) or (HIDDEN if text else "")
    if field in _VINS and len(text) == 17:
        return sight.vin(text)
    text = _ID_NUMBER.sub(lambda found: f"{HIDDEN}{found[0][-4:]}", text)
    text = _MOBILE.sub(lambda found: mask_phone(_digits(found[0])[-11:]), text)
    if field in _PHONES:
        text = _DIGITS.sub(lambda found: mask_phone(found[0]), text)
    return f"{text[:LONGEST]}…" if len(text) > LONGEST else text


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def row_line(cells: Sequence[Any], sight: Sight) -> str:
    """The cells of a row that are not blank, one behind the other."""
    texts = [text for cell in cells if (text := shown(cell, "", sight)).strip()]
    return " · ".join([*texts[:MOST_CELLS], *["…"] * (len(texts) > MOST_CELLS)])


def first_values(
    rows: Iterable[Sequence[Any]], index: int, field: str, sight: Sight, most: int = 3
) -> list[str]:
    """The first different values of a column."""
    found: list[str] = []
    for cells in rows:
        text = shown(cells[index], field, sight) if index < len(cells) else ""
        if text.strip() and text not in found:
            found.append(text)
        if len(found) == most:
            break
    return found
