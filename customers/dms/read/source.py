"""The rows of an uploaded file, parsed in another process and handed over as a stream."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO, Any

from customers.dms.headers import Mapping
from customers.dms.read.cells import Corrections, Row
from customers.dms.refused import FileRefused
from customers.values.packing import AHEAD, as_json, from_json

Head = tuple[str, list[Row]]
"""The name of a sheet and its first rows."""
_ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the rows are judged by; without a mapping by what the header suggests."""

    mapping: Mapping | None
    kinds: MappingType[str, str]
    corrections: Corrections = field(default_factory=dict)
    """Cells that a user typed anew; they are judged instead of the file's."""


@dataclass(slots=True)
class Source:
    """What the file is, and once its rows that are not blank, or with a plan what they say."""

    format: str
    encoding: str
    delimiter: str
    sheet: str
    from_1904: bool
    mapping: Mapping | None
    """What the rows were judged by, with a plan."""
    blocks: Iterator[Any]
    sheets: list[Head] = field(default_factory=list)
    """Where no sheet has names that are known, and there are several: one of them is ``sheet``."""

    @property
    def rows(self) -> Iterator[Row]:
        return chain.from_iterable(self.blocks)

    @property
    def said(self) -> Iterator[dict[str, Any]]:
        """A block of rows at a time, as ``Judge`` gives it, with the data rows themselves, packed, as ``raw``."""
        return self.blocks


@contextmanager
def open_source(path: Path, *, sheet: str = "", plan: Plan | None = None) -> Iterator[Source]:
    """Parse the file at ``path`` in a process of its own; raises FileRefused, also while iterating.

    ``sheet`` picks a sheet by name; without it the first that has a header. With a ``plan`` the rows are judged too.
    """
    process = _start(path, sheet, "", plan)
    try:
        first = _first(process)
        if first is None and _was_killed(process):
            # The reader that builds a rectangle in memory died; the other needs none.
            _end(process)
            process = _start(path, sheet, "other", plan)
            first = _first(process)
        if first is None:
            raise _died(process)
        yield Source(
            format=first["format"],
            encoding=first["encoding"],
            delimiter=first["delimiter"],
            sheet=first["sheet"],
            from_1904=first["from_1904"],
            mapping=Mapping.from_dict(first["mapping"]) if plan else None,
            blocks=_blocks(process),
            sheets=[(name, rows) for name, rows in first.get("sheets", ())],
        )
    finally:
        _end(process)


def _start(path: Path, sheet: str, mode: str, plan: Plan | None) -> subprocess.Popen[bytes]:
    # A bare environment: the parser of a stranger's file holds no secret of ours.
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        # openpyxl loads numpy, whose threads reserve address space by the processor: many would fill the limit.
        "OPENBLAS_NUM_THREADS": "1",
    }
    # In a file: headers can be longer than what an argument holds, or a pipe takes before it is read.
    with tempfile.TemporaryFile() as told:
        if plan:
            mapping = plan.mapping and plan.mapping.as_dict()
            # Keys of JSON are text.
            corrections = [[row, [*cells.items()]] for row, cells in plan.corrections.items()]
            told.write(as_json({"mapping": mapping, "kinds": dict(plan.kinds), "corrections": corrections}))
            told.seek(0)
        return subprocess.Popen(  # noqa: S603  # no shell, and the path is ours
            [sys.executable, "-m", "customers.dms.read.child", str(path.resolve()), sheet, mode],
            stdin=told,
            stdout=subprocess.PIPE,
            pipesize=AHEAD,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd="/",
        )


def _pipe(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdout is not None
    return process.stdout


def _first(process: subprocess.Popen[bytes]) -> dict | None:
    line = _pipe(process).readline()
    if not line:
        return None
    message = from_json(line)
    if "refused" in message:
        raise FileRefused(message["refused"])
    return message


def _blocks(process: subprocess.Popen[bytes]) -> Iterator[Any]:
    for line in _pipe(process):
        message = from_json(line)
        if message is None:
            return
        if "refused" in message:
            raise FileRefused(message["refused"])
        yield message
    raise _died(process)


def _was_killed(process: subprocess.Popen[bytes]) -> bool:
    """Whether it ended by a signal: out of memory, out of time."""
    return process.wait() < 0


def _died(process: subprocess.Popen[bytes]) -> FileRefused:
    return FileRefused("too_big" if _was_killed(process) else "broken_file")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
    _pipe(process).close()
    process.wait()
