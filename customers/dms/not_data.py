"""Rows of a report that are not data: repeated headers, subtotals, totals, footers, notices."""

import re
import unicodedata

from customers.dms.headers import Mapping, known_field
from customers.dms.read.cells import Cell, Row

_SUM = re.compile(
    r"(?:^|.{0,12})(?:合计|总计|小计|共计|累计|总数|合共)(?:[:(].*|\d*行?)?$|^(?:sub|grand)?\s*totals?\b.{0,12}$",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"^(?:制表|审核|打印|导出|制单|填表|复核|经办|主管|负责人|查询条件|统计|说明|备注|注|提示|第\s*\d+\s*页|共\s*\d+\s*[页条行]"
    r"|page\s+\d+|printed|exported|以下空白|报表结束)[^,]{0,12}(?::|$)|^(?:第\s*\d+\s*页|page\s+\d+)",
    re.IGNORECASE,
)
_CHINESE = re.compile(r"[\u4e00-\u9fff\s]")


def _is_identity(cell: Cell) -> bool:
    """A plate or VIN of some length is data; only a header or a total has none."""
    return isinstance(cell, str) and len(cell) >= 7 and "\uff1a" not in cell and ":" not in cell


class NotData:
    """Tells rows that are not data, for one mapping; cheap for the rows that are."""

    def __init__(self, mapping: Mapping) -> None:
        self._header_row = mapping.header_row
        self._names = {
            column.index: column.header.strip() for column in mapping.columns if column.header.strip()
        }
        self._identity = [
            *mapping.indexes("plate"),
            *mapping.indexes("vin"),
            *mapping.indexes("plate_or_vin"),
        ]
        self._order = mapping.indexes("order_no")
        self._first_name = next(iter(self._names.items()), (0, ""))

    def among(self, block: list[Row]) -> list[tuple[int, str]]:
        """The rows of a block that are not data, with why."""
        if self._is_plain(block):
            return []
        return [(number, why) for number, cells in block if (why := self.why(number, cells))]

    def _is_plain(self, block: list[Row]) -> bool:
        """Whether a look at two columns tells that all rows are data, as in nearly every block."""
        index, name = self._first_name
        if block[0][0] <= self._header_row or not self._identity:
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
        """title, header, total, footer; empty for a data row."""
        if number <= self._header_row:
            return "header" if number == self._header_row else "title"
        for index in self._identity:
            cell = cells[index] if index < len(cells) else ""
            if _is_identity(cell):
                return self._repeated(cells)
        return self._repeated(cells) or self._without_identity(cells)

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

    def _without_identity(self, cells: list[Cell]) -> str:
        filled = [cell for cell in cells if not isinstance(cell, str) or cell.strip()]
        first = filled[0]
        text = unicodedata.normalize("NFKC", first).strip() if isinstance(first, str) else ""
        if len(text) <= 24 and _SUM.match(text):
            return "total"
        if _FOOTER.match(text):
            return "footer"
        # The names of a two-row header once more, or a lone notice.
        if len(filled) > 2 and all(isinstance(cell, str) and known_field(cell) for cell in filled):
            return "header"
        if len(filled) == 1 and cells[0] == first and _CHINESE.search(text):
            return "footer"
        return ""
