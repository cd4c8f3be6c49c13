"""The head of a file, to choose its columns by."""

from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from customers.dms.header_rows import FIRST, LOOK_AHEAD, find_mapping, mapping_at
from customers.dms.headers import Mapping
from customers.dms.not_data import NotData
from customers.dms.read.cells import Row
from customers.dms.read.source import Head, open_source
from customers.dms.refused import FileRefused


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a file and what its header suggests: what the mapping page shows."""

    format: str
    encoding: str
    sheet: str
    mapping: Mapping
    samples: list[Row]
    first: list[Row]
    """The first ones, data or not."""
    sheets: list[Head] = field(default_factory=list)
    """All sheets of a workbook in which no header is known, one of them this one."""


class NoHeader(FileRefused):
    """No row of the ``head`` has names that are known; a person may. ``sheets`` as ``Source`` has them."""

    def __init__(self, sheet: str, head: list[Row], sheets: list[Head]) -> None:
        super().__init__("no_header")
        self.sheet, self.head, self.sheets = sheet, head, sheets


def preview(path: Path, *, sheet: str = "", header_row: int | None = None, rows: int = 20) -> Preview:
    """Look at the head of a file; raises FileRefused, NoHeader.

    ``header_row``: what a person calls the header.
    """
    with open_source(path, sheet=sheet) as source:
        head = list(islice(source.rows, LOOK_AHEAD))
        try:
            mapping = mapping_at(head, header_row) if header_row else find_mapping(head)
        except FileRefused as refused:
            raise NoHeader(source.sheet, head, source.sheets) from refused
        not_data = NotData(mapping)
        samples = [row for row in head if not not_data.why(*row)][:rows]
        return Preview(source.format, source.encoding, source.sheet, mapping, samples, head[:FIRST])
