"""Tables of HTML and SpreadsheetML 2003, both often named .xls."""

import io
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from customers.dms.guard import CHUNK
from customers.dms.read.cells import MAX_COLUMNS, MAX_ROWS, Cell, plain, plain_row
from customers.dms.read.text import open_text, tell_encoding
from customers.dms.refused import FileRefused
from customers.values.money import read_yuan

TableRow = tuple[int, int, list[Cell]]
"""Which table, which row of it, cells."""

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"


class _Utf8(io.RawIOBase):
    """The file as UTF-8 whatever it says of itself: exports often name one charset and write another."""

    def __init__(self, path: Path) -> None:
        self._text = open_text(path, tell_encoding(path))

    def read(self, size: int = -1) -> bytes:
        return self._text.read(CHUNK if size < 0 else size).encode()

    def close(self) -> None:
        self._text.close()
        super().close()


def html_rows(path: Path) -> Iterator[TableRow]:
    """Rows of the tables in the order they stand; colspan and rowspan keep the columns in line.

    A table in a row of data is the text of its cell.
    """
    tables: dict[object, tuple[int, int]] = {}
    hanging: dict[int, int] = {}
    feed = _Utf8(path)
    try:
        # lxml closes a row left open when the next begins.
        for _, row in etree.iterparse(feed, html=True, encoding="utf-8", tag="tr", huge_tree=False):
            if _is_in_data(row):
                continue
            table = next(row.iterancestors("table"), None)
            number, count = tables.get(table, (len(tables), 0))
            if not count:
                hanging = {}
            tables[table] = number, count + 1
            cells = _html_cells(row, hanging)
            if cells:
                yield number, count + 1, cells
            _forget(row)
    except etree.XMLSyntaxError as error:
        raise FileRefused("broken_file") from error
    finally:
        feed.close()


def _is_in_data(row: etree._Element) -> bool:
    """Whether its table stands in a row of another's data; in a page that tables lay out hardly a word is before it."""
    return any(_filled_before(cell) >= 2 for cell in row.iterancestors("td", "th"))


def _filled_before(cell: etree._Element) -> int:
    return sum(any(map(str.strip, other.itertext())) for other in cell.itersiblings(preceding=True))


def _html_cells(row: etree._Element, hanging: dict[int, int]) -> list[Cell]:
    cells: list[Cell] = []

    def skip_hanging() -> None:
        while hanging.get(len(cells), 0):
            hanging[len(cells)] -= 1
            cells.append("")

    for cell in row.iterchildren("td", "th"):
        skip_hanging()
        width, height = _span(cell, "colspan"), _span(cell, "rowspan")
        text = _exact(cell, _text(cell))
        for column in range(len(cells), len(cells) + width):
            if height > 1:
                hanging[column] = height - 1
        cells += [text] + [""] * (width - 1)
        if len(cells) > MAX_COLUMNS:
            raise FileRefused("too_wide")
    skip_hanging()
    return plain_row(cells)


def _text(cell: etree._Element) -> str:
    parts = (part.replace("\xa0", " ") for part in cell.itertext())
    if len(cell) and next(cell.iterdescendants("table"), None) is not None:
        return " ".join(filter(None, map(str.strip, parts)))
    return "".join(parts).strip()


def _exact(cell: etree._Element, text: str) -> Cell:
    """The number behind the text, which Excel rounds to what the cell showed when it saves a web page."""
    number = str(cell.get("x:num", ""))
    if "." not in number or read_yuan(text) is None or read_yuan(number) is None:
        return text
    return plain(float(number))


def _span(cell: etree._Element, name: str) -> int:
    text = str(cell.get(name, "1")).strip()
    return min(max(int(text), 1), MAX_COLUMNS) if text.isdecimal() and len(text) < 6 else 1


def _forget(element: etree._Element) -> None:
    """Free what has been read: the tree would otherwise grow to the whole file."""
    parent = element.getparent()
    element.clear()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def spreadsheetml_rows(path: Path) -> Iterator[TableRow]:
    """Rows of the worksheets; ss:Index says where a row or cell stands after blank ones."""
    _refuse_dtd(path)
    table, number = -1, 0
    try:
        with path.open("rb") as file:
            context = etree.iterparse(
                file,
                events=("start", "end"),
                tag=(f"{_SS}Table", f"{_SS}Row"),
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                huge_tree=False,
            )
            for event, element in context:
                if event == "start":
                    if element.tag == f"{_SS}Table":
                        table, number = table + 1, 0
                elif element.tag == f"{_SS}Row":
                    number = _index(element, number, MAX_ROWS)
                    cells = _xml_cells(element)
                    if cells:
                        yield table, number, cells
                    _forget(element)
    except etree.XMLSyntaxError as error:
        raise FileRefused("broken_file") from error


def _refuse_dtd(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(1 << 16)
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head or b"<\x00!\x00" in head:
        raise FileRefused("entity_bomb")


def _index(element: etree._Element, last: int, limit: int) -> int:
    text = element.get(f"{_SS}Index")
    if text is None:
        return last + 1
    if not text.isdecimal() or len(text) > 7 or int(text) > limit:
        raise FileRefused("too_wide")
    return int(text)


def _xml_cells(row: etree._Element) -> list[Cell]:
    cells: list[Cell] = []
    for cell in row.iterchildren(f"{_SS}Cell"):
        index = _index(cell, len(cells), MAX_COLUMNS)
        cells += [""] * (index - 1 - len(cells))
        data = cell.find(f"{_SS}Data")
        cells.append("" if data is None else _xml_value(data))
        across = str(cell.get(f"{_SS}MergeAcross", "0"))
        cells += [""] * (min(int(across), MAX_COLUMNS) if across.isdecimal() else 0)
        if len(cells) > MAX_COLUMNS:
            raise FileRefused("too_wide")
    return plain_row(cells)


def _xml_value(data: etree._Element) -> Cell:
    text = "".join(data.itertext())
    kind = data.get(f"{_SS}Type")
    if kind == "Number":
        try:
            return plain(float(text))
        except ValueError:
            return text
    if kind == "DateTime":
        return text.replace("T00:00:00.000", "").replace("T", " ")
    return text
