"""The process that parses: it alone touches the bytes of an upload, under limits, and may die.

Takes a plan as JSON, or nothing. Writes lines of JSON: first what the file is, then blocks of rows, or with a plan what
they say as ``Judge`` gives it and the data rows packed; at the end null. Or a refusal.
"""

import fcntl
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from customers.dms.guard import Sniffed, sniff
from customers.dms.headers import LOOK_AHEAD, Mapping, find_mapping, header_merit, header_names
from customers.dms.judge import Judge
from customers.dms.read.cells import MAX_ROWS, Row, corrected
from customers.dms.read.markup import TableRow, html_rows, spreadsheetml_rows
from customers.dms.read.text import check_lines, open_text, tell_delimiter, tell_encoding, text_rows
from customers.dms.read.workbook import NeedsAnotherReader, Sheet, xls_sheets, xlsx_sheets
from customers.dms.refused import FileRefused
from customers.values.dates import MAC_SHIFT
from customers.values.packing import AHEAD, BLOCK_ROWS, as_json, from_json, pack

MEMORY = 1 << 30
# Unpacked bytes from which a sheet is read row by row: the other reader holds all of it, twice its unpacked size.
STREAM_FROM = 16 << 20
# A table without a header that goes on for so long is the data: the next one is not worth the wait.
MOST_SKIPPED = 20_000
# Three columns with known names are a header; a stray word is not.
ENOUGH = 3


def limit(size: int) -> None:
    """Memory, processor time by the file's size, no files written."""
    seconds = 10 + 2 * (size >> 20)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _tables(rows: Iterator[TableRow]) -> Iterator[Sheet]:
    """Split a run of rows by table, one after another."""
    current = next(rows, None)
    while current is not None:
        table = current[0]
        following: list[TableRow] = []

        def own(
            first: TableRow = current, table: int = table, following: list[TableRow] = following
        ) -> Iterator[Row]:
            yield first[1], first[2]
            for row in rows:
                if row[0] != table:
                    following.append(row)
                    return
                yield row[1], row[2]

        yield "", own()
        if not following:  # the table was left before its end
            rest = islice(rows, MOST_SKIPPED)
            following += islice((row for row in rest if row[0] != table), 1)
        current = following[0] if following else None


def _merit(records: list[list[str]]) -> int:
    rows: list[Row] = [(number, [*record]) for number, record in enumerate(records, start=1)]
    return header_merit(rows)


def _text_sheet(path: Path, meta: dict[str, object]) -> Iterator[Sheet]:
    check_lines(path)
    encoding = tell_encoding(path)
    with open_text(path, encoding) as file:
        sample = file.read(1 << 15)
    delimiter = tell_delimiter(sample, _merit)
    meta |= {"encoding": encoding, "delimiter": delimiter}
    yield "", text_rows(path, encoding, delimiter, spaced=f'{delimiter} "' in sample)


def _sheets(path: Path, told: Sniffed, meta: dict[str, object], other: bool) -> Iterator[Sheet]:
    if told.format == "xlsx":
        is_big = told.unpacked > STREAM_FROM
        return _streamed(path) if is_big != other else xlsx_sheets(path)
    if told.format == "xls":
        return xls_sheets(path)
    if told.format == "html":
        meta["encoding"] = tell_encoding(path)
        return _tables(html_rows(path))
    if told.format == "spreadsheetml":
        return _tables(spreadsheetml_rows(path))
    return _text_sheet(path, meta)


def _streamed(path: Path) -> Iterator[Sheet]:
    # What it needs of openpyxl takes longer to load than most files to read.
    from customers.dms.read.stream import xlsx_sheets_streamed

    return xlsx_sheets_streamed(path)


def _choose(open_sheets: Callable[[], Iterator[Sheet]], wanted: str) -> tuple[str, Iterator[Row]]:
    """The sheet named, else the first that has all an export needs, a summary before it aside.

    If none has: the one with most known names, and the user may map what is missing.
    """
    place, most = 0, -1
    sheets = open_sheets()
    for number, (name, rows) in enumerate(sheets):
        if wanted and name != wanted:
            continue
        head = list(islice(rows, LOOK_AHEAD))
        merit = header_merit(head)
        is_whole = merit >= ENOUGH and not find_mapping(head).missing
        if wanted or (is_whole and merit >= most):
            return name, _with_those_behind(head, rows, sheets)
        if head and merit > most:
            place, most = number, merit
    sheets = open_sheets()
    for name, rows in islice(sheets, place, None):
        return name, _with_those_behind(list(islice(rows, LOOK_AHEAD)), rows, sheets)
    return "", iter(())


def _with_those_behind(head: list[Row], rows: Iterator[Row], sheets: Iterator[Sheet]) -> Iterator[Row]:
    """A sheet and those behind it with the same header: a month each, a page, or what an old format could not hold.

    Their rows are counted on from the last.
    """
    names, last = header_names(head), 0
    for number, cells in chain(head, rows):
        last = number
        yield number, cells
    for _title, following in sheets if names else ():
        first = list(islice(following, LOOK_AHEAD))
        if header_names(first) != names:
            continue
        begin, above = find_mapping(first).header_row, last
        for number, cells in chain(first, following):
            if number >= begin:
                last = above + number
                yield last, cells


def _say(message: object) -> None:
    _pass_on(as_json(message) + b"\n")


def read(path: Path, *, sheet: str = "", other: bool = False) -> None:
    """Say what the file is, then its rows."""
    told = sniff(path)
    meta: dict[str, object] = {
        "format": told.format,
        "from_1904": told.from_1904,
        "encoding": "",
        "delimiter": "",
    }
    name, rows = _choose(lambda: _sheets(path, told, meta, other), sheet)
    _say(meta | {"sheet": name})
    while block := list(islice(rows, BLOCK_ROWS)):
        if block[-1][0] > MAX_ROWS:
            raise FileRefused("too_many_rows")
        _say(block)
    _say(None)


def judge(lines: Iterator[bytes], plan: dict[str, Any]) -> bool:
    """Say what the rows say that ``read`` reads in another process; False when it died."""
    told = next(lines, b"")
    meta = from_json(told or b"null")
    if not meta or "refused" in meta:
        return _pass_on(told)
    first = next(lines, b"")
    head = from_json(first)[:LOOK_AHEAD] if _is_block(first) else []
    mapping = Mapping.from_dict(plan["mapping"]) if plan["mapping"] else find_mapping(head)
    judge_rows = Judge(mapping, kinds=plan["kinds"], shift=MAC_SHIFT if meta["from_1904"] else 0)
    corrections = {row: dict(cells) for row, cells in plan["corrections"]}
    _say(meta | {"mapping": mapping.as_dict()})
    for line in chain([first], lines):
        if not _is_block(line):
            return _pass_on(line)
        rows: list[Row] = from_json(line)
        data, said = judge_rows(corrected(rows, corrections) if corrections else rows)
        _say(said | {"raw": pack(line.rstrip() if len(data) == len(rows) else as_json(_as_read(rows, data)))})
    return False


def _as_read(rows: list[Row], data: list[Row]) -> list[Row]:
    """The rows of ``data`` as they stood in the file."""
    kept = {number for number, _ in data}
    return [row for row in rows if row[0] in kept]


def _is_block(line: bytes) -> bool:
    return line.startswith(b"[")


def _pass_on(line: bytes) -> bool:
    """Whether there was anything."""
    sys.stdout.buffer.write(line)
    return bool(line)


def _read(path: Path, sheet: str, *, other: bool) -> None:
    """``read``, its last word said whatever happens but death."""
    try:
        try:
            read(path, sheet=sheet, other=other)
        except NeedsAnotherReader:
            read(path, sheet=sheet, other=True)
    except FileRefused as refused:
        _say({"refused": refused.reason_code})
    except MemoryError:
        _say({"refused": "too_big"})
    sys.stdout.flush()


def _read_and_judge(path: Path, sheet: str, plan: dict[str, Any], *, other: bool) -> None:
    """Both at once, each in a process of its own: a workbook takes as long to read as to judge and stage."""
    end, begin = os.pipe()
    if hasattr(fcntl, "F_SETPIPE_SZ"):  # Linux
        fcntl.fcntl(begin, fcntl.F_SETPIPE_SZ, AHEAD)
    reader = os.fork()
    if not reader:
        os.close(end)
        os.dup2(begin, sys.stdout.fileno())
        _read(path, sheet, other=other)
        os._exit(0)
    os.close(begin)
    with os.fdopen(end, "rb") as lines:
        is_told = False
        try:
            is_told = judge(lines, plan)
        except FileRefused as refused:
            _say({"refused": refused.reason_code})
            is_told = True
        except MemoryError:
            _say({"refused": "too_big"})
            is_told = True
    sys.stdout.flush()
    if is_told:
        os.kill(reader, signal.SIGKILL)
    _, status = os.waitpid(reader, 0)
    if not is_told and os.WIFSIGNALED(status):
        # How it died tells whoever started this what to try next.
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Arguments: path, sheet name or empty, "other" for the reader that is not the first choice."""
    path, sheet, other = Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "other"
    limit(path.stat().st_size)
    plan = from_json(sys.stdin.buffer.read() or b"null")
    if plan is None:
        _read(path, sheet, other=other)
    else:
        _read_and_judge(path, sheet, plan, other=other)


if __name__ == "__main__":
    main()
