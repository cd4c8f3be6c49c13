"""Delimited text: encoding and delimiter told by content."""

import codecs
import csv
import io
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from customers.dms.guard import CHUNK, utf16_of
from customers.dms.read.cells import MAX_COLUMNS, Row, plain_row
from customers.dms.refused import FileRefused

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DELIMITERS = ",\t;|"
FIELD_LIMIT = 1 << 17
# A multi-byte character cut by a broken export does not make a file another encoding's.
_BAD_SHARE = 1000
# What some programs end a text with, after CP/M.
_END_OF_FILE = "\x1a"


def tell_encoding(path: Path) -> str:
    """Byte-order mark, strict UTF-8, GB18030, in that order; UTF-16 without a mark by its zeros."""
    with path.open("rb") as file:
        head = file.read(4096)
        sample = head + file.read(CHUNK)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if 0 in head:
        return utf16_of(head)
    if _decodes(path, "utf-8") or (_is_bad(sample, "gb18030") and not _is_bad(sample, "utf-8")):
        return "utf-8"
    return "gb18030"


def _is_bad(sample: bytes, encoding: str) -> bool:
    """Whether too much of it is no character."""
    text = sample.decode(encoding, errors="replace")
    return text.count("\ufffd") * _BAD_SHARE > len(text) + _BAD_SHARE


def check_lines(path: Path) -> None:
    """Refuse what is one endless line before anything reads a line of it."""
    with path.open("rb") as file:
        while len(chunk := file.read(CHUNK)) == CHUNK:
            if b"\n" not in chunk and b"\r" not in chunk:
                raise FileRefused("not_a_table")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def open_text(path: Path, encoding: str) -> io.TextIOWrapper:
    """The file decoded; bytes that are no character become a mark, and many of them a refusal."""
    if encoding == "gb18030":
        with path.open("rb") as file:
            if _is_bad(file.read(CHUNK), encoding):
                raise FileRefused("unknown_encoding")
    return path.open(encoding=encoding, errors="replace", newline="")


def tell_delimiter(sample: str, score: Callable[[list[list[str]]], int]) -> str:
    """The delimiter under which the first records look most like a table with a known header."""

    def merit(delimiter: str) -> tuple[int, int]:
        records = list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
        # Some programs write a tab beside each comma: what has one at its end is no name.
        names = [[cell if cell.strip() == cell.strip(" \t,;|") else "" for cell in row] for row in records]
        return score(names), max(map(len, records), default=0)

    return max(DELIMITERS, key=merit)


def text_rows(path: Path, encoding: str, delimiter: str, *, spaced: bool = False) -> Iterator[Row]:
    """Records with their numbers; a record may span lines. ``spaced``: a blank follows each delimiter."""
    csv.field_size_limit(FIELD_LIMIT)
    with open_text(path, encoding) as file:
        records = _records(file, delimiter=delimiter, skipinitialspace=spaced)
        for number, record in enumerate(records, start=1):
            if len(record) > MAX_COLUMNS:
                raise FileRefused("too_wide")
            cells = plain_row(record)
            if cells and cells != [_END_OF_FILE]:
                yield number, cells


def _records(file: Iterator[str], **form: Any) -> Iterator[list[str]]:
    """Records of a text in which a quote may stand that quotes nothing: it would take what follows into its cell."""
    taken: list[str] = []
    again: deque[str] = deque()

    def lines() -> Iterator[str]:
        while (line := again.popleft() if again else next(file, None)) is not None:
            taken.append(line)
            yield line

    width, is_over = 0, False
    while not is_over:
        is_over = True
        try:
            for record in csv.reader(lines(), **form):
                if len(taken) > 1 and _is_swallowed(taken, form["delimiter"], width, len(record)):
                    is_over = False
                    break
                width = max(width, len(record))
                taken.clear()
                yield record
        except csv.Error as error:
            if not _is_swallowed(taken, form["delimiter"], width, 1):
                raise FileRefused("open_quote") from error
            is_over = False
        if not is_over:
            first = taken[0]
            again.extendleft(reversed(taken[1:]))
            taken.clear()
            yield _unquoted(first, **form)


def _is_swallowed(lines: list[str], delimiter: str, width: int, cells: int) -> bool:
    """Whether the lines of one record, read as so many cells, are records themselves, as full as those before."""
    full = (width - 1) * 4 // 5
    counts = [line.count(delimiter) for line in lines]
    return full >= 2 and len(lines) > 1 and min(counts[:2]) >= full and sum(counts) - (cells - 1) >= full


def _unquoted(line: str, **form: Any) -> list[str]:
    """The record in which quotes that do not enclose a cell are characters."""
    cells = next(csv.reader([line], quoting=csv.QUOTE_NONE, **form))
    return [
        cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell
        for cell in cells
    ]
