"""Delimited text: encoding and delimiter told by content."""

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

from customers.dms.guard import CHUNK
from customers.dms.read.cells import MAX_COLUMNS, Row, plain_row
from customers.dms.refused import FileRefused

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DELIMITERS = ",\t;|"
FIELD_LIMIT = 1 << 17
# A multi-byte character cut by a broken export does not make a file another encoding's.
_BAD_SHARE = 1000


def tell_encoding(path: Path) -> str:
    """Byte-order mark, strict UTF-8, GB18030, in that order; UTF-16 without a mark by its zeros."""
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if 0 in head:
        return "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
    if _decodes(path, "utf-8"):
        return "utf-8"
    return "gb18030"


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
            sample = file.read(CHUNK).decode("gb18030", errors="replace")
        if sample.count("\ufffd") * _BAD_SHARE > len(sample) + _BAD_SHARE:
            raise FileRefused("unknown_encoding")
    return path.open(encoding=encoding, errors="replace", newline="")


def tell_delimiter(sample: str, score: Callable[[list[list[str]]], int]) -> str:
    """The delimiter under which the first records look most like a table with a known header."""

    def merit(delimiter: str) -> tuple[int, int]:
        records = list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
        return score(records), max(map(len, records), default=0)

    return max(DELIMITERS, key=merit)


def text_rows(path: Path, encoding: str, delimiter: str) -> Iterator[Row]:
    """Records with their numbers; a record may span lines."""
    csv.field_size_limit(FIELD_LIMIT)
    with open_text(path, encoding) as file:
        try:
            for number, record in enumerate(csv.reader(file, delimiter=delimiter), start=1):
                if len(record) > MAX_COLUMNS:
                    raise FileRefused("too_wide")
                cells = plain_row(record)
                if cells:
                    yield number, cells
        except csv.Error as error:
            raise FileRefused("open_quote") from error
