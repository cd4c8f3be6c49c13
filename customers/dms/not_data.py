"""Rows of a report that are not data: repeated titles and headers, totals, tallies, footers, notices."""

import re
import unicodedata

from customers.dms.headers import Mapping, known_field
from customers.dms.read.cells import Cell, Row, as_text
from customers.dms.tallies import MOST_COLUMNS, Tallies
from customers.values.dates import day_code
from customers.values.money import read_yuan
from customers.values.phones import judge_phone

_SUMS = "合计|总计|小计|共计|累计|总数|合共|汇总"
# Alone in a cell, blanks and brackets taken out.
_SUM = re.compile(
    rf"^(?:本页|当页|本日|当日|本月|当月|全部|以上|费用|金额|总)?(?:{_SUMS})(?:金额|数|行)?(?:[:(].*|\d.*)?$"
    r"|^(?:总?记录数|总条数|总台次)(?:[:(].*|\d.*)?$|^(?:sub|grand)?totals?\b.{0,12}$",
    re.IGNORECASE,
)
# Of somebody or something: a customer's name can end so.
_SUM_OF = re.compile(rf"^.{{1,12}}(?:{_SUMS})(?:[:(].*|\d*行?)?$")
_SUM_BEHIND = re.compile(rf"\s(?:{_SUMS})$")
_WHO_OR_WHEN = "人|员|者|时间|日期|单位|条件|期间|范围"
_FOOTER = re.compile(
    rf"^(?:制表|制单|填表|打印|导出|审核|复核|经办|查询|统计|生成)(?:(?:{_WHO_OR_WHEN}).{{0,24}}|\s*(?:[:(].*)?|\s+\S{{1,8}})$"
    r"|^(?:主管|负责人|经理|会计|财务|附注|备注|注|说明|提示)\s*(?:[:(].*)?$"
    r"|^第\s*\d+\s*页|^共\s*\d+\s*(?:页|条|行|单|台|项|笔).{0,12}$|^page\s+\d+|^(?:printed|exported)\b"
    r"|^(?:以下空白|报表结束|单位\s*:)",
    re.IGNORECASE,
)
_PAGE = re.compile(r"第\s*\d+\s*页")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_RULE = re.compile(r"^[\s\-=_*~.·—–─━|/\\]*$|^-?\s*\d+\s*(?:/\s*\d+|-)$")
_UNITS = frozenset(
    ["元", "万元", "角", "分", "km", "公里", "千米", "万公里", "次", "个", "件", "小时", "%", "天"]
)
_DIGIT = re.compile(r"\d")
# What a total writes into the column of plates; no plate begins so.
_COUNTING = frozenset("共合总小累本")


def _is_identity(cell: Cell) -> bool:
    """A plate or VIN of some length is data; only a header or a total has none. Words go on in Chinese."""
    return (
        isinstance(cell, str)
        and len(cell) >= 7
        and cell[0] not in _COUNTING
        and not "\u4e00" <= cell[1] <= "\u9fff"
        and "\uff1a" not in cell
        and ":" not in cell
    )


def _plain(cell: Cell) -> str:
    return unicodedata.normalize("NFKC", cell).strip() if isinstance(cell, str) else ""


def _is_unit(text: str) -> bool:
    return text.strip("()[] ").casefold() in _UNITS


def _explain(cells: list[Cell]) -> bool:
    """Whether a row directly below a header says what its names mean, in which unit, or numbers them."""
    words = [unicodedata.normalize("NFKC", as_text(cell)).strip("()[] ") for cell in cells]
    if len(words) < 3 or all(map(_is_unit, words)):
        return all(map(_is_unit, words))
    numbers = [int(word) for word in words if word.isdecimal()]
    if not numbers:
        return not any(map(_DIGIT.search, words))
    # 甲 乙 1 2 3, as printed forms have it.
    letters = words[: -len(numbers)]
    return numbers == [*range(1, len(numbers) + 1)] and all(
        len(word) < 3 and not word.isdecimal() for word in letters
    )


class NotData:
    """Tells rows that are not data, for one mapping; cheap for the rows that are. Blocks come in the file's order."""

    def __init__(self, mapping: Mapping) -> None:
        self._header_row = mapping.header_row
        self._end = mapping.end
        self._names = {
            column.index: column.header.strip()
            for column in mapping.columns[: self._end]
            if column.header.strip()
        }
        self._identity = self._columns(mapping, "plate", "vin", "plate_or_vin")
        self._phones = self._columns(mapping, "phone", "contact_phone")
        self._days = self._columns(mapping, "visit_date", "settle_date")
        self._amounts = self._columns(mapping, "paid", "receivable", "total_ambiguous", "line_amount")
        self._whose = self._columns(mapping, "customer_name", "order_no")
        self._first_name = next(iter(self._names.items()), (0, ""))
        self._above: dict[tuple[Cell, ...], str] = {}
        # The last row of the header that was met, with what explains it.
        self._header_end = mapping.header_row
        # The last row that was met and may be an order.
        self._order = 0
        # Below the lines of orders a table of names and figures may be lines.
        self._tallies = Tallies() if mapping.export == "orders" else None

    @staticmethod
    def _columns(mapping: Mapping, *fields: str) -> list[int]:
        return [index for field in fields for index in mapping.indexes(field)]

    def among(self, block: list[Row]) -> list[tuple[int, str]]:
        """The rows of a block that are not data, with why."""
        if self._is_plain(block):
            self._order = block[-1][0]
            return []
        return [(number, why) for number, cells in block if (why := self.why(number, cells))]

    def _is_plain(self, block: list[Row]) -> bool:
        """Whether a look at two columns tells that all rows are data, as in nearly every block."""
        index, name = self._first_name
        if block[0][0] <= self._header_row or not self._identity:
            return False
        if self._tallies and self._tallies.next == block[0][0]:
            return False
        for _, cells in block:
            first = cells[index] if index < len(cells) else ""
            if isinstance(first, str) and name in first:
                return False
            for at in self._identity:
                if at < len(cells) and _is_identity(cells[at]):
                    break
            else:
                return False
        return True

    def why(self, number: int, cells: list[Cell]) -> str:
        """title, header, total, footer, beside, blank; empty for a data row."""
        if number <= self._header_row:
            why = "header" if number == self._header_row else "title"
            return self._above.setdefault(tuple(cells), why)
        why = self._above.get(tuple(cells)) or self._repeated(cells)
        if (
            not why
            and self._tallies
            and self._tallies.next == number
            and self._tallies.takes(cells[: self._end])
        ):
            return "total"
        if not why and any(map(_is_identity, self._in(self._identity, cells))):
            self._order = number
        elif not why:
            why = self._without_identity(number, cells)
        if why == "header":
            self._header_end = number
        return why

    @staticmethod
    def _in(indexes: list[int], cells: list[Cell]) -> list[Cell]:
        return [cells[index] for index in indexes if index < len(cells)]

    def _repeated(self, cells: list[Cell]) -> str:
        index, name = self._first_name
        cell = cells[index] if index < len(cells) else ""
        if not isinstance(cell, str) or cell.strip() != name:
            return ""
        same = sum(
            1
            for index, name in self._names.items()
            if index < len(cells) and isinstance(cell := cells[index], str) and cell.strip() == name
        )
        return "header" if same * 10 >= len(self._names) * 7 else ""

    def _without_identity(self, number: int, cells: list[Cell]) -> str:
        if self._end:
            cells = cells[: self._end]
        places = [place for place, cell in enumerate(cells) if not isinstance(cell, str) or cell.strip()]
        filled = [cells[place] for place in places]
        if self._end and not filled:
            return "beside"
        why = self._of_filled(number, cells, places, filled)
        if self._tallies and 0 < len(filled) <= MOST_COLUMNS:
            if self._tallies.begins(number, places, filled, follows_order=self._order == number - 1):
                return "total"
            if why:
                self._tallies.title(number, places, filled)
        if not why and len(filled) > 1:
            self._order = number
        return why

    def _of_filled(self, number: int, cells: list[Cell], places: list[int], filled: list[Cell]) -> str:
        texts = [_plain(cell) for cell in filled]
        if all(isinstance(cell, str) and _RULE.match(cell) for cell in filled):
            return "blank"
        if self._has_phone(cells):
            return ""
        if any(_SUM.match(re.sub(r"[\s【】\[\]]", "", text)) for text in texts):
            return "total"
        if self._has_visit(cells):
            return ""
        if number == self._header_end + 1 and _explain(filled):
            return "header"
        return self._by_words(texts) or self._by_shape(cells, places, texts)

    def _by_words(self, texts: list[str]) -> str:
        if (len(texts[0]) <= 24 and _SUM_OF.match(texts[0])) or any(map(_SUM_BEHIND.search, texts)):
            return "total"
        if _FOOTER.match(texts[0]) or (len(texts) <= 3 and any(map(_PAGE.search, texts))):
            return "footer"
        if len(texts) > 1 and all(map(_is_unit, texts)):
            return "header"
        return ""

    def _by_shape(self, cells: list[Cell], places: list[int], texts: list[str]) -> str:
        # A two-row header once more.
        if len(texts) > 2 and all(map(known_field, texts)):
            return "header"
        if len(places) == 1:
            place = places[0]
            if _CHINESE.search(texts[0]) and (place == 0 or place not in self._whose):
                return "footer"
            # Lines numbered on below the last.
            if place == self._first_name[0] and as_text(cells[place]).strip().isdecimal():
                return "blank"
        return ""

    def _has_phone(self, cells: list[Cell]) -> bool:
        return any(any(judge_phone(as_text(cell))[:2]) for cell in self._in(self._phones, cells))

    def _has_visit(self, cells: list[Cell]) -> bool:
        """A day and an amount."""
        return any(day_code(cell)[0] for cell in self._in(self._days, cells)) and any(
            cell != "" and read_yuan(cell) is not None for cell in self._in(self._amounts, cells)
        )
