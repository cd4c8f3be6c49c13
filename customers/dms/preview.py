"""The head of a file, to choose its columns by."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from customers.dms.headers import LOOK_AHEAD, Mapping, find_mapping
from customers.dms.not_data import NotData
from customers.dms.read.cells import Row
from customers.dms.read.source import open_source


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a file and what its header suggests: what the mapping page shows."""

    format: str
    encoding: str
    sheet: str
    mapping: Mapping
    samples: list[Row]


def preview(path: Path, *, sheet: str = "", rows: int = 20) -> Preview:
    """Look at the head of a file; raises FileRefused."""
    with open_source(path, sheet=sheet) as source:
        head = list(islice(source.rows, LOOK_AHEAD))
        mapping = find_mapping(head)
        not_data = NotData(mapping)
        samples = [row for row in head if not not_data.why(*row)][:rows]
        return Preview(source.format, source.encoding, source.sheet, mapping, samples)
