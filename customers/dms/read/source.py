"""The rows of an uploaded file, parsed in another process and handed over as a stream."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

from customers.dms.read.cells import Row
from customers.dms.refused import FileRefused

_ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows, and the same as one text to keep."""

    rows: list[Row]
    packed: str


@dataclass(slots=True)
class Source:
    """What the file is, and its rows that are not blank, once."""

    format: str
    encoding: str
    delimiter: str
    sheet: str
    from_1904: bool
    blocks: Iterator[Block]

    @property
    def rows(self) -> Iterator[Row]:
        return chain.from_iterable(block.rows for block in self.blocks)


@contextmanager
def open_source(path: Path, *, sheet: str = "") -> Iterator[Source]:
    """Parse the file at ``path`` in a process of its own; raises FileRefused, also while iterating.

    ``sheet`` picks a sheet by name; without it the first that has a header.
    """
    process = _start(path, sheet, "")
    try:
        first = _first(process)
        if first is None and _was_killed(process):
            # The reader that builds a rectangle in memory died; the other needs none.
            _end(process)
            process = _start(path, sheet, "other")
            first = _first(process)
        if first is None:
            raise _died(process)
        yield Source(
            format=first["format"],
            encoding=first["encoding"],
            delimiter=first["delimiter"],
            sheet=first["sheet"],
            from_1904=first["from_1904"],
            blocks=_blocks(process),
        )
    finally:
        _end(process)


def _start(path: Path, sheet: str, mode: str) -> subprocess.Popen[bytes]:
    # A bare environment: the parser of a stranger's file holds no secret of ours.
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        # openpyxl loads numpy, whose threads reserve address space by the processor: many would fill the limit.
        "OPENBLAS_NUM_THREADS": "1",
    }
    return subprocess.Popen(  # noqa: S603  # no shell, and the path is ours
        [sys.executable, "-m", "customers.dms.read.child", str(path.resolve()), sheet, mode],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
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
    message = json.loads(line)
    if "refused" in message:
        raise FileRefused(message["refused"])
    return message


def _blocks(process: subprocess.Popen[bytes]) -> Iterator[Block]:
    pipe = _pipe(process)
    for line in pipe:
        message = json.loads(line)
        if message is None:
            return
        if isinstance(message, dict):
            raise FileRefused(message["refused"])
        yield Block(message, pipe.readline().rstrip().decode("ascii"))
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
