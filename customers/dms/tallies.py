"""Tables of kinds, how many of each and what they came to, which reports have beside or below their orders."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from customers.dms.read.cells import Cell, Row

_BRACKETED = re.compile(r"\([^)]*\)|\[[^\]]*\]|\s")
_KINDS = "类别|类型|分类|种类|性质|品牌|车型|车系|顾问|接待员|班组|技师|部门|来源|方式|渠道|月份|日期"
_KIND = re.compile(rf".{{0,6}}(?:{_KINDS}|项目|业务)")
_COUNT = re.compile(r".{0,6}(?:台次|台数|车次|车辆数|辆数|单数|笔数|次数)")
# Lines of orders have it too, below their names.
_QUANTITY = re.compile(r".{0,4}(?:数量|个数|件数)")
_SHARE = re.compile(
    r".{0,6}(?:金额|产值|收入|营收|营业额|毛利|工时|工时费|材料|材料费|配件|配件费|费用|合计|小计|实收|应收"
    r"|占比|比例|百分比|均价|客单价|单车产值)"
)
_TITLE = re.compile(r".{0,10}(?:汇总|统计)表?:?")
# Neither a telephone number nor a VIN of figures.
_FIGURE = re.compile(r"[-¥]{0,2}\d{1,8}(?:\.\d+)?%?")
_WHOLE = re.compile(r"\d{1,6}(?:\.0+)?")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_DIGIT = re.compile(r"\d")
# A plate, a VIN, an order number.
_LETTER_AND_DIGIT = re.compile(r"[A-Za-z].*\d|\d.*[A-Za-z]")
_LONGEST = 24
MOST_COLUMNS = 8


def _plain(cell: Cell) -> str:
    text = cell if isinstance(cell, str) else str(cell)
    return _BRACKETED.sub("", unicodedata.normalize("NFKC", text)) if len(text) <= _LONGEST else text


def is_tally_header(cells: Sequence[Cell], *, is_told: bool) -> bool:
    """Whether they name a kind, a count and amounts of it, and nothing else.

    ``is_told``: where they stand says already that it is no table of an order's lines.
    """
    if not 2 <= len(cells) <= MOST_COLUMNS or not all(isinstance(cell, str) for cell in cells):
        return False
    kind, *rest = map(_plain, cells)
    counts = [name for name in rest if _COUNT.fullmatch(name) or (is_told and _QUANTITY.fullmatch(name))]
    return (
        _KIND.fullmatch(kind) is not None
        and bool(counts)
        and all(name in counts or _SHARE.fullmatch(name) for name in rest)
    )


def _is_figure(cell: Cell) -> bool:
    return _FIGURE.fullmatch(_plain(cell).replace(",", "")) is not None


def _is_tally_row(cells: Sequence[Cell]) -> bool:
    """A word and figures; no car, no day and no telephone number is among them."""
    kind, *rest = cells
    if not isinstance(kind, str) or len(kind) > _LONGEST or not rest:
        return False
    return (
        _CHINESE.search(kind) is not None
        and _LETTER_AND_DIGIT.search(kind) is None
        and all(map(_is_figure, rest))
    )


def _places(cells: Sequence[Cell]) -> list[int]:
    return [place for place, cell in enumerate(cells) if not isinstance(cell, str) or cell.strip()]


def _are_side_by_side(places: Sequence[int]) -> bool:
    return places[-1] - places[0] == len(places) - 1


def is_tally(rows: Iterable[Sequence[Cell]]) -> bool:
    """Whether these rows are a tally and nothing else, titles and a second tally below it included.

    Each kind stands in it once, where the lines of orders, or orders, have theirs again and again.
    """
    kinds: set[Cell] | None = None
    for cells in rows:
        places = _places(cells)
        filled = [cells[place] for place in places]
        # 数量 below 项目 is an order's.
        if places[0] == 0 and _are_side_by_side(places) and _is_header_beside(filled):
            kinds = set()
        elif kinds is not None and places[0] == 0 and _is_tally_row(filled) and filled[0] not in kinds:
            kinds.add(filled[0])
        elif len(filled) > 1 or not isinstance(filled[0], str) or _DIGIT.search(filled[0]):
            return False
    return bool(kinds)


def _is_header_beside(cells: Sequence[Cell]) -> bool:
    return is_tally_header(cells, is_told=not _plain(cells[0]).endswith(("项目", "业务")))


def tally_beside(rows: Sequence[Row], header_row: int) -> tuple[int, int]:
    """The first columns of a tally right of the other columns, and of the blank ones before it; (0, 0) for none."""
    used = {place for number, cells in rows if number >= header_row for place in _places(cells)}
    last = max(used, default=0)
    for start in sorted(place for place in used if place > last - MOST_COLUMNS):
        end = next(end for end in range(start, -1, -1) if end - 1 in used or end == 0)
        if 0 < end < start and is_tally(right for _, cells in rows if _places(right := cells[start:])):
            return start, end
    return 0, 0


class Tallies:
    """Follows a report to tell the tallies below its orders: a row of one is told by those right above it.

    They must begin clearly: with names of columns that do not follow an order, or with a title of their own.
    """

    def __init__(self) -> None:
        # The row that would be the next of a tally.
        self.next = 0
        self._first, self._last, self._titled = 0, 0, 0

    def takes(self, cells: Sequence[Cell]) -> bool:
        """Whether the row ``next`` is one of the tally."""
        places = _places(cells)
        if not places or places[0] != self._first or places[-1] > self._last or not _are_side_by_side(places):
            return False
        filled = [cells[place] for place in places]
        is_one = _is_tally_row(filled)
        if self._titled:
            # Without names: a count and an amount at least.
            is_one = is_one and len(filled) > 2 and _is_count(filled[1]) and not _DIGIT.search(str(filled[0]))
        self.next += is_one
        return is_one

    def begins(self, number: int, places: list[int], filled: list[Cell], *, follows_order: bool) -> bool:
        """Whether a tally's names of columns stand in this row."""
        is_titled = self._titled == number - 1 > 0
        is_clear = (is_titled or not follows_order) and _are_side_by_side(places)
        if not is_clear or not is_tally_header(filled, is_told=is_titled):
            return False
        self.next, self._titled = number + 1, 0
        self._first, self._last = places[0], places[-1]
        return True

    def title(self, number: int, places: list[int], filled: list[Cell]) -> None:
        """A row that is no data: it may be the title of one."""
        if places == [0] and _TITLE.fullmatch(_plain(filled[0])):
            self.next, self._titled = number + 1, number
            self._first, self._last = 0, MOST_COLUMNS - 1


def _is_count(cell: Cell) -> bool:
    return _WHOLE.fullmatch(_plain(cell).replace(",", "")) is not None
