"""Worksheets of .xlsx a piece at a time: for very big sheets, and for cells far apart.

Calamine holds a sheet as a rectangle in memory; this holds some rows. Rows as programs write them are cut out by
pattern, a fifth of what an XML parser calling back for each tag costs; any other row is the parser's.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import chain, pairwise
from pathlib import Path
from typing import IO
from xml.parsers import expat
from zipfile import ZipFile

from lxml import etree

from customers.dms.guard import CHUNK
from customers.dms.read.cells import MAX_COLUMNS, Cell, Row, plain_row, without_blank_end
from customers.dms.read.package import read_package
from customers.dms.refused import FileRefused

Sheet = tuple[str, Iterator[Row]]

_PIECE = CHUNK // 4
# Up to the first row, in UTF-8 and without prefixes.
_HEAD = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml(?:(?!encoding)[^>])*(?:encoding=[\"'](?i:utf-8)[\"'][^>]*)?\?>)?(?:(?!<!)[^\x00])*?<sheetData>"
)
_ROW = r"\s*<row(?:\s+(?:r=\"(\d{1,7})\"|(?!r=)[\w:.]+=\"[^\"<]*\"))*\s*>"
_V, _IS = r"<v>([^<]*+)</v>", r'<is><t(?: xml:space="preserve")?>([^<]*+)</t></is>'
# A cell, or the beginning of a row.
_TOKEN = re.compile(
    rf'<c r="([A-Z]{{1,3}})\d+"(?: s="(\d+)")?(?: t="(\w+)")?(?:/>|>(?:{_V}|{_IS})?</c>)|{_ROW}'
)
_MOST_FORMS = 256
# Rows of a piece from which it tells how a file writes its rows; pieces written otherwise until nothing is expected.
_ENOUGH_ROWS, _MOST_SURPRISES = 100, 8
# Stands between values that are read as one text; no program writes it into a cell.
_BETWEEN = "\ue000"


_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


@dataclass(frozen=True, slots=True)
class _Form:
    """How a row is written: the columns of its cells, none where they follow each other from the first.

    ``converted``: places of the cells that are not text, each with type and style.
    """

    columns: list[int]
    converted: list[tuple[int, str, str]]


@dataclass(frozen=True, slots=True)
class _Usual:
    """How nearly all rows of a sheet are written, as one pattern: its number and a value for each cell of ``form``."""

    pattern: re.Pattern[str]
    form: _Form


class _LocalNames(dict[str, str]):
    """``x:row`` and ``row`` as ``row``."""

    def __missing__(self, name: str) -> str:
        local = self[name] = name.rpartition(":")[2]
        return local


def xlsx_sheets_streamed(path: Path) -> Iterator[Sheet]:
    """The visible sheets, read as they are asked for."""
    with ZipFile(path) as archive:
        package = read_package(archive)
        for title, part in package.sheets:
            handler = _Handler(package.strings, package.day_styles, package.epoch)
            yield title, _rows(archive.open(part), handler)


def _rows(source: IO[bytes], handler: "_Handler") -> Iterator[Row]:
    with source:
        try:
            first = source.read(_PIECE)
            pieces = iter(lambda: source.read(_PIECE), b"")
            head = _HEAD.match(first)
            if head is None:
                yield from _parsed(chain([first], pieces), handler)
            else:
                yield from _cut(head[0], chain([first[head.end() :]], pieces), handler)
        except (expat.ExpatError, UnicodeDecodeError) as error:
            raise FileRefused("broken_file") from error


def _parsed(pieces: Iterable[bytes], handler: "_Handler") -> Iterator[Row]:
    parser = _parser(handler)
    for piece in pieces:
        parser.Parse(piece)
        yield from handler.take()
    parser.Parse(b"", True)
    yield from handler.take()


def _parser(handler: "_Handler") -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = handler.start
    parser.CharacterDataHandler = handler.text
    parser.EndElementHandler = handler.end
    return parser


def _cut(head: bytes, pieces: Iterator[bytes], handler: "_Handler") -> Iterator[Row]:
    """Rows of the body behind ``head``, which ends where they begin."""
    rest = b""
    for piece in pieces:
        rest += piece
        # Comments and CDATA can hold what looks like an end; a row that does not end is no usual row either.
        if b"<!" in rest or len(rest) > 8 * _PIECE:
            yield from _parsed(chain([head, rest], pieces), handler)
            return
        *rows, rest = rest.split(b"</row>")
        if rows and not handler.cut(rows):
            for row in rows:
                if not handler.cut([row]):
                    _parser(handler).Parse(b"<sheetData>%b</row></sheetData>" % row, True)
        yield from handler.take()
    # What stood around the rows must be whole too.
    _parser(handler).Parse(head + rest, True)
    yield from handler.take()


class _Handler:
    """Builds rows from the parser's events."""

    def __init__(self, strings: list[str], day_styles: set[str], epoch: datetime) -> None:
        self._strings, self._day_styles, self._epoch = strings, day_styles, epoch
        self._local = _LocalNames()
        self._done: list[Row] = []
        self._number, self._cells = 0, list[Cell]()
        self._column, self._type, self._style = 0, "", ""
        self._parts: list[str] = []
        self._is_value, self._is_phonetic = False, False
        self._forms: dict[tuple[str | None, ...], _Form] = {}
        self._usual: _Usual | None = None
        self._surprises = 0

    def take(self) -> list[Row]:
        """The rows finished since the last call."""
        done, self._done = self._done, []
        return done

    def cut(self, rows: list[bytes]) -> bool:
        """Take rows, without their ends, by pattern; False, and nothing taken, when one is not written as usual."""
        text = b"".join(rows).decode()
        if self._usual and self._cut_usual(self._usual, text, len(rows)):
            return True
        return self._cut_cells(text, len(rows))

    def _cut_usual(self, usual: _Usual, text: str, count: int) -> bool:
        """As ``cut``, for rows all written alike: half the price of looking at each cell."""
        parts, size = usual.pattern.split(text), usual.pattern.groups + 1
        if len(parts) != size * count + 1 or any(parts[::size]):
            return False
        values = _resolved(text, [part or "" for part in parts])
        if values is None:
            return False
        for begin in range(1, len(parts), size):
            self._number = int(values[begin]) if values[begin] else self._number + 1
            self._take(self._row(usual.form, values[begin + 1 : begin + size - 1]))
        return True

    def _cut_cells(self, text: str, count: int) -> bool:
        """As ``cut``, cell by cell."""
        parts = _TOKEN.split(text)
        letters = parts[1::7]
        values = _resolved(text, [v or is_ or "" for v, is_ in zip(parts[4::7], parts[5::7], strict=True)])
        begins = [place for place, each in enumerate(letters) if each is None]
        # Something between the cells, or a row in a row.
        if values is None or any(parts[::7]) or len(begins) != count or begins[0] != 0:
            return False
        styles, types, numbers = parts[2::7], parts[3::7], parts[6::7]
        for begin, end in pairwise([*begins, len(letters)]):
            self._number = int(numbers[begin]) if numbers[begin] else self._number + 1
            cells = slice(begin + 1, end)
            # Most rows look like one before: what becomes of the cells of such a row is found once.
            form = (*letters[cells], *types[cells], *styles[cells])
            if form not in self._forms:
                if len(self._forms) == _MOST_FORMS:
                    self._forms.clear()
                self._forms[form] = self._form(letters[cells], types[cells], styles[cells])
            self._take(self._row(self._forms[form], values[cells]))
        if count >= _ENOUGH_ROWS:
            self._surprises += 1
            is_hopeless = self._surprises > _MOST_SURPRISES
            self._usual = None if is_hopeless else self._expected(letters, types, styles, values)
        return True

    def _expected(
        self,
        letters: list[str | None],
        types: list[str | None],
        styles: list[str | None],
        values: list[str],
    ) -> _Usual:
        """Rows written as these cells are: each column's last type and style, if it can be of a cell with a value."""
        kinds: dict[str, tuple[str | None, str | None]] = {}
        for letter, type_, style, value in zip(letters, types, styles, values, strict=True):
            if letter and (value or letter not in kinds):
                kinds[letter] = type_, style
        columns = sorted(kinds, key=_column)
        cells = [
            rf'(?:<c r="{letter}\d++"{_attribute("s", kinds[letter][1])}{_attribute("t", kinds[letter][0])}'
            rf"(?:/>|>(?:{_IS if kinds[letter][0] == 'inlineStr' else _V})?</c>))?"
            for letter in columns
        ]
        form = self._form(columns, *([kinds[letter][place] for letter in columns] for place in (0, 1)))
        return _Usual(re.compile(_ROW + "".join(cells)), form)

    def _form(self, letters: list[str], types: list[str | None], styles: list[str | None]) -> _Form:
        columns = list(map(_column, letters))
        if columns and max(columns) >= MAX_COLUMNS:
            raise FileRefused("too_wide")
        return _Form(
            columns=[] if columns == list(range(len(columns))) else columns,
            converted=[
                (place, type_ or "n", style or "")
                for place, (type_, style) in enumerate(zip(types, styles, strict=True))
                if type_ not in ("inlineStr", "str")
            ],
        )

    def _row(self, form: _Form, values: list[str]) -> list[Cell]:
        cells = self._placed(form, values)
        return plain_row(cells) if form.converted else without_blank_end(cells)

    def _placed(self, form: _Form, values: list[str]) -> list[Cell]:
        cells: list[Cell] = [*values]
        for place, self._type, self._style in form.converted:
            if values[place]:
                cells[place] = self._value(values[place])
        if not form.columns:
            return cells
        row: list[Cell] = [""] * (max(form.columns) + 1)
        for column, cell in zip(form.columns, cells, strict=True):
            row[column] = cell
        return row

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = self._local[name]
        if local == "c":
            reference = attributes.get("r")
            self._column = _column(reference.rstrip("0123456789")) if reference else len(self._cells)
            self._type, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._parts = []
        elif local == "v" or (local == "t" and not self._is_phonetic):
            self._is_value = True
        elif local == "row":
            number = attributes.get("r")
            self._number = int(number) if number else self._number + 1
            self._cells = []
        elif local == "rPh":
            self._is_phonetic = True

    def text(self, data: str) -> None:
        if self._is_value:
            self._parts.append(data)

    def end(self, name: str) -> None:
        local = self._local[name]
        if local in ("v", "t"):
            self._is_value = False
        elif local == "c":
            if self._parts:
                self._put("".join(self._parts))
        elif local == "row":
            self._take(plain_row(self._cells))
        elif local == "rPh":
            self._is_phonetic = False

    def _take(self, cells: list[Cell]) -> None:
        if cells:
            self._done.append((self._number, cells))

    def _put(self, text: str) -> None:
        if self._column >= MAX_COLUMNS:
            raise FileRefused("too_wide")
        self._cells += [""] * (self._column - len(self._cells))
        self._cells.append(self._value(text))

    def _value(self, text: str) -> Cell:
        if self._type == "s":
            return self._strings[int(text)]
        if self._type == "n":
            try:
                number = float(text)
            except ValueError:
                return text
            if self._style in self._day_styles:
                return _moment(number, self._epoch)
            return number  # made plain with its row
        if self._type == "b":
            return "TRUE" if text.strip() == "1" else "FALSE"
        return "" if self._type == "e" else text


def _attribute(name: str, value: str | None) -> str:
    return f' {name}="{value}"' if value is not None else ""


def _resolved(text: str, values: list[str]) -> list[str] | None:
    """Values found in ``text``, their references resolved; None where that takes a whole parser."""
    if "\r" in text or _BETWEEN in text:
        return None
    if "&" not in text:
        return values
    try:
        # One text for all: a reference at a time takes as long as all the rest.
        whole = etree.fromstring(f"<v>{_BETWEEN.join(values)}</v>", _PARSER).text or ""
    except etree.XMLSyntaxError:
        return None
    found = whole.split(_BETWEEN)
    return found if len(found) == len(values) else None


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


@lru_cache(maxsize=1 << 12)
def _moment(serial: float, epoch: datetime) -> Cell:
    """A serial day as text; below one it is a time of day."""
    try:
        moment = epoch + timedelta(milliseconds=round(serial * 86_400_000))
    except (OverflowError, ValueError):
        return serial
    if 0 <= serial < 1:
        return moment.time().isoformat()
    if serial.is_integer():
        return date.isoformat(moment)[:10]
    moment = (moment + timedelta(milliseconds=500)).replace(microsecond=0)
    return moment.isoformat(" ", "seconds" if moment.second else "minutes")
