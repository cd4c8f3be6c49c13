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
from itertools import chain, islice, starmap
from pathlib import Path
from typing import Any, NamedTuple

from customers.dms.guard import Sniffed, sniff
from customers.dms.header_rows import FIRST, LOOK_AHEAD, find_mapping, header_merit, header_names
from customers.dms.headers import Mapping, names_of
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
# Characters that tell the delimiter: the header may stand below long notices.
SAMPLE = 1 << 16
# A table without a header that goes on for so long is the data: the next one is not worth the wait.
MOST_SKIPPED = 20_000
# So many sheets a person may choose from.
MOST_SHEETS = 20
# Three columns with known names are a header; a stray word is not.
ENOUGH = 3


def limit(size: int) -> None:
    """Memory, processor time by the file's size, no files written."""
    seconds = 10 + 2 * (size >> 20)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Part(NamedTuple):
    """A sheet of a workbook, or a run of rows of one table of a page: it may go on behind a table within it."""

    title: str
    rows: Iterator[Row]
    table: int = -1


def _tables(rows: Iterator[TableRow]) -> Iterator[Part]:
    """Split rows by table, one run after another."""
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

        yield Part("", own(), table)
        if not following:  # the table was left before its end
            rest = islice(rows, MOST_SKIPPED)
            following += islice((row for row in rest if row[0] != table), 1)
        current = following[0] if following else None


def _merit(records: list[list[str]]) -> int:
    rows: list[Row] = [(number, [*record]) for number, record in enumerate(records, start=1)]
    return header_merit(rows)


def _text(path: Path, meta: dict[str, object]) -> Part:
    check_lines(path)
    encoding = tell_encoding(path)
    with open_text(path, encoding) as file:
        sample = file.read(SAMPLE)
    delimiter = tell_delimiter(sample, _merit)
    meta |= {"encoding": encoding, "delimiter": delimiter}
    return Part("", text_rows(path, encoding, delimiter, spaced=f'{delimiter} "' in sample))


def _parts(path: Path, told: Sniffed, meta: dict[str, object], other: bool) -> Iterator[Part]:
    if told.format == "html":
        meta["encoding"] = tell_encoding(path)
        return _tables(html_rows(path))
    if told.format == "spreadsheetml":
        return _tables(spreadsheetml_rows(path))
    if told.format in ("xlsx", "xls"):
        return starmap(Part, _sheets(path, told, other))
    return iter([_text(path, meta)])


def _sheets(path: Path, told: Sniffed, other: bool) -> Iterator[Sheet]:
    if told.format == "xls":
        return xls_sheets(path)
    is_big = told.unpacked > STREAM_FROM
    return _streamed(path) if is_big != other else xlsx_sheets(path)


def _streamed(path: Path) -> Iterator[Sheet]:
    # What it needs of openpyxl takes longer to load than most files to read.
    from customers.dms.read.stream import xlsx_sheets_streamed

    return xlsx_sheets_streamed(path)


def _choose(
    open_parts: Callable[[], Iterator[Part]], wanted: str, mapping: Mapping | None
) -> tuple[Part, list[tuple[str, list[Row]]]]:
    """The sheet named, else the first that has all an export needs, a summary before it aside.

    If none has: the one with most known names, and the user may map what is missing. Without any it is the widest,
    and the user may say which row is the header, and of which sheet: the first rows of all come with it.
    """
    place, most = 0, (-1, 0)
    heads: list[tuple[str, list[Row]]] = []
    parts = open_parts()
    for number, part in enumerate(parts):
        if wanted and part.title != wanted:
            continue
        head = list(islice(part.rows, LOOK_AHEAD))
        merit = header_merit(head)
        is_whole = merit >= ENOUGH and not find_mapping(head).missing
        if wanted or (is_whole and merit >= most[0]):
            return Part(part.title, _with_those_behind(head, part, parts, mapping)), []
        if head and part.title:
            heads.append((part.title, head[:FIRST]))
        if head and (rank := (merit, 0 if merit else _width(head))) > most:
            place, most = number, rank
    parts = open_parts()
    for part in islice(parts, place, None):
        head = list(islice(part.rows, LOOK_AHEAD))
        return Part(part.title, _with_those_behind(head, part, parts, mapping)), _asked(
            heads, part.title, most[0]
        )
    return Part("", iter(())), []


def _asked(heads: list[tuple[str, list[Row]]], title: str, merit: int) -> list[tuple[str, list[Row]]]:
    """The sheets of which one may be chosen besides that with this title."""
    if merit > 0 or len(heads) < 2:
        return []
    return [head for place, head in enumerate(heads) if place < MOST_SHEETS or head[0] == title]


def _width(rows: list[Row]) -> int:
    return max((len(cells) for _, cells in rows), default=0)


def _with_those_behind(
    head: list[Row], chosen: Part, parts: Iterator[Part], mapping: Mapping | None
) -> Iterator[Row]:
    """A sheet and those behind it with the same header: a month each, a page, or what an old format could not hold.

    Their rows are counted on from the last. ``mapping``: what the rows will be judged by, if it stands.
    """
    if mapping is None and header_merit(head):
        mapping = find_mapping(head)
    names, last = mapping.names if mapping else [], 0
    for number, cells in chain(head, chosen.rows):
        last = number
        yield number, cells
    is_bare, own = mapping is not None and mapping.header_row == last, last
    for part in parts:
        first = list(islice(part.rows, LOOK_AHEAD))
        is_same = part.table == chosen.table >= 0
        begin = 1 if is_same else _begin(first, names, takes_any=is_bare and not part.title)
        above = last - own if is_same else last
        for number, cells in chain(first, part.rows) if begin else ():
            if number >= begin:
                last = above + number
                yield last, cells
        if is_same:
            own = last - above


def _begin(first: list[Row], names: list[str], *, takes_any: bool) -> int:
    """The row from which a sheet goes on with the table that has these header names; 0 if it does not.

    ``takes_any``: the header stands in a table of a page by itself, and those behind hold the rows.
    """
    if not names:
        return 0
    if header_names(first) == names:
        return find_mapping(first).header_row
    # A header that only a person knows.
    again = next((number for number, cells in first if names_of(cells) == names), 0)
    # Blank cells at the end of rows are gone; a column of buttons may have no name.
    is_as_wide = len(names) // 2 < _width(first) <= len(names) + 1
    return again or int(takes_any and is_as_wide and not header_merit(first))


def _say(message: object) -> None:
    _pass_on(as_json(message) + b"\n")


def read(path: Path, *, sheet: str, other: bool, mapping: Mapping | None) -> None:
    """Say what the file is, then its rows. ``mapping`` as for ``_with_those_behind``."""
    told = sniff(path)
    meta: dict[str, object] = {
        "format": told.format,
        "from_1904": told.from_1904,
        "encoding": "",
        "delimiter": "",
    }
    chosen, sheets = _choose(lambda: _parts(path, told, meta, other), sheet, mapping)
    _say(meta | {"sheet": chosen.title} | ({"sheets": sheets} if sheets else {}))
    while block := list(islice(chosen.rows, BLOCK_ROWS)):
        if block[-1][0] > MAX_ROWS:
            raise FileRefused("too_many_rows")
        _say(block)
    _say(None)


def judge(lines: Iterator[bytes], plan: dict[str, Any], mapping: Mapping | None) -> bool:
    """Say what the rows say that ``read`` reads in another process; False when it died."""
    told = next(lines, b"")
    meta = from_json(told or b"null")
    if not meta or "refused" in meta:
        return _pass_on(told)
    first = next(lines, b"")
    head = from_json(first)[:LOOK_AHEAD] if _is_block(first) else []
    mapping = mapping or find_mapping(head)
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


def _read(path: Path, sheet: str, *, other: bool, mapping: Mapping | None = None) -> None:
    """``read``, its last word said whatever happens but death."""
    try:
        try:
            read(path, sheet=sheet, other=other, mapping=mapping)
        except NeedsAnotherReader:
            read(path, sheet=sheet, other=True, mapping=mapping)
    except FileRefused as refused:
        _say({"refused": refused.reason_code})
    except MemoryError:
        _say({"refused": "too_big"})
    sys.stdout.flush()


def _read_and_judge(path: Path, sheet: str, plan: dict[str, Any], *, other: bool) -> None:
    """Both at once, each in a process of its own: a workbook takes as long to read as to judge and stage."""
    mapping = Mapping.from_dict(plan["mapping"]) if plan["mapping"] else None
    end, begin = os.pipe()
    if hasattr(fcntl, "F_SETPIPE_SZ"):  # Linux
        fcntl.fcntl(begin, fcntl.F_SETPIPE_SZ, AHEAD)
    reader = os.fork()
    if not reader:
        os.close(end)
        os.dup2(begin, sys.stdout.fileno())
        _read(path, sheet, other=other, mapping=mapping)
        os._exit(0)
    os.close(begin)
    with os.fdopen(end, "rb") as lines:
        is_told = False
        try:
            is_told = judge(lines, plan, mapping)
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
