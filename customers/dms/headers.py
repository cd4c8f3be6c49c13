"""Which row is the header and which column is what."""

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from customers.dms.read.cells import Cell, Row, as_texts
from customers.dms.refused import FileRefused
from customers.dms.tallies import tally_beside
from customers.values.packing import BLOCK_ROWS

Export = Literal["orders", "lines", "customers"]

# Rows among which the header is looked for, notices above it: as many as whoever judges the rows gets at once.
LOOK_AHEAD = BLOCK_ROWS
# Among so many a person looks for it.
FIRST = 30
IGNORED = "ignored"
# Several phone columns make one list of numbers; any other field is one column.
_SEVERAL = frozenset(["phone"])
_LINE_FIELDS = frozenset(["line_type", "line_name", "unit_price", "quantity"])
# What every order needs, and the fields that give it, any of which will do.
NEEDED: dict[str, frozenset[str]] = {
    "identity": frozenset(["plate", "vin", "plate_or_vin"]),
    "visit_date": frozenset(["visit_date", "settle_date"]),
    "paid": frozenset(["paid", "receivable", "total_ambiguous", "line_amount"]),
}
_ORDER_FIELDS = frozenset(["order_no", "visit_date", "visit_kind", "paid", "receivable", "total_ambiguous"])

# Groups of a two-row header whose sum is the field, and what their sum is called there.
_SUMMED = frozenset(["paid", "receivable", "total_ambiguous"])
_SUMS = frozenset(
    [
        "合计",
        "小计",
        "总计",
        "金额",
        "总额",
        "总金额",
        "合计金额",
        "金额合计",
        "金额小计",
        "价税合计",
        "含税金额",
    ]
)
# Above shares of an amount, though no amount themselves.
_COSTS = frozenset(["费用", "收费", "费用明细", "收费明细"])
# Half of one of these would pass for the whole.
_AMOUNTS = _SUMMED | {"labour_amount", "parts_amount", "discount", "line_amount"}
# People who are not the customer.
_OTHERS = frozenset(["contact", "payer"])
_PERSONAL = frozenset(["phone", "customer_name", "address", "gender", "customer_code"])

SYNONYMS: dict[str, list[str]] = json.loads(
    (Path(__file__).parent / "reference" / "synonyms.json").read_text("utf-8")
)
# Seen in exports besides those of the reference; any of its names is the better one.
_ALSO: dict[str, list[str]] = {
    "order_no": ["单号", "委托单号", "RO号", "工单"],
    "plate": ["车号"],
    "customer_name": ["姓名"],
    "phone": ["手机1", "手机2", "电话1", "联系电话1", "电话号码"],
    "visit_date": ["进厂日"],
    "odometer": ["公里", "进厂里程km", "行驶里程km"],
    "paid": ["实收款", "实收金额元"],
    "labour_amount": ["应收工时", "实收工时", "费用工时", "金额工时"],
    "parts_amount": [
        *("应收材料", "实收材料", "应收配件", "实收配件"),
        *("费用材料", "费用配件", "金额材料", "金额配件"),
    ],
}
FIELDS = tuple(field for field in SYNONYMS if field != IGNORED)
# What heads the last column of a workbook of rejected rows, in each language of the program.
REASON_HEADERS = ("Why it was not imported", "未导入的原因")
_OUTSIDE = re.compile(r"[^0-9a-z\u3400-\u9fff#]")
_BRACKETED = re.compile(r"\([^)]*\)|\[[^\]]*\]")
# 工时1, 配件费(2), 合计(3)=(1)+(2): a name with the number of its column, or of several of its kind.
_NUMBERED = re.compile(r"(\D*[^\W\d_]\)?)[\W_]*\d{1,2}(?:\W+\d{1,2})*\W*")


def _squeeze(text: str) -> str:
    return _OUTSIDE.sub("", unicodedata.normalize("NFKC", text).casefold())


_REASONS = frozenset(map(_squeeze, REASON_HEADERS))
_KNOWN = {
    _squeeze(name): (field, rank)
    for field, names in SYNONYMS.items()
    for rank, name in enumerate([*names, *_ALSO.get(field, ())])
} | dict.fromkeys(_REASONS, (IGNORED, 0))


@lru_cache(maxsize=4096)
def known_field(header: str) -> tuple[str, int] | None:
    """Field and rank of a header name; the lower rank wins when two columns claim one field."""
    plain = unicodedata.normalize("NFKC", header)
    return _KNOWN.get(_squeeze(plain)) or _KNOWN.get(_squeeze(_BRACKETED.sub("", plain)))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file; ``field`` is empty when it is not used.

    ``verdict``: known, taken (a better column has the field), unclear (one of several numbered columns of an amount),
    ignored, unknown, blank, beside (of a table beside the orders), or chosen by the user.
    """

    index: int
    header: str
    field: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """The header of a file and what its columns mean. ``header_row`` is physical, from 1."""

    header_row: int
    columns: tuple[Column, ...]
    # Where a table beside the orders begins, 0 for none.
    other_table: int = 0

    @property
    def export(self) -> Export:
        """One row per order, per line of an order, or per customer and vehicle."""
        fields = self.fields
        if "line_amount" in fields and fields & _LINE_FIELDS:
            return "lines"
        return "orders" if fields & _ORDER_FIELDS else "customers"

    @property
    def fields(self) -> set[str]:
        return {column.field for column in self.columns if column.field}

    @property
    def choices(self) -> dict[int, str]:
        """Field by column, for ``with_fields`` of another file of this shape, wherever its header stands."""
        return {column.index: column.field for column in self.columns}

    @property
    def unused(self) -> list[Column]:
        """Columns with a header that nothing is taken from."""
        return [column for column in self.columns if not column.field and column.header.strip()]

    @property
    def end(self) -> int | None:
        """The column before which a row ends: behind it is another table, of which nobody took a column."""
        is_used = any(column.field for column in self.columns if column.index >= self.other_table)
        return self.other_table if self.other_table and not is_used else None

    @property
    def names(self) -> list[str]:
        """As ``names_of`` gives those of a row; without those of another table."""
        return names_of([column.header for column in self.columns][: self.end])

    @property
    def missing(self) -> list[str]:
        """What the export needs and no column gives: identity, visit_date, paid."""
        fields = self.fields
        if self.export == "customers":
            return [] if fields & {"plate", "vin", "plate_or_vin", "phone"} else ["identity"]
        return [name for name, any_of in NEEDED.items() if not fields & any_of]

    @property
    def fingerprint(self) -> str:
        """The same for every file with these headers in this order, its workbook of rejected rows included."""
        headers = [_squeeze(column.header) for column in self.columns]
        if headers[-1:] and headers[-1] in _REASONS:
            headers.pop()
        names = "\n".join(headers)
        return hashlib.sha256(names.encode()).hexdigest()

    def indexes(self, field: str) -> list[int]:
        """Columns of ``field``, the best first."""
        found = [column for column in self.columns if column.field == field]
        found.sort(key=lambda column: (column.verdict != "chosen", _rank(column.header, field)))
        return [column.index for column in found]

    def with_fields(self, fields: MappingType[int, str]) -> "Mapping":
        """This mapping with the fields a user chose: {column index: field, or "" for none}."""
        chosen = dict(fields.items())
        unknown = set(chosen.values()) - set(FIELDS) - {""}
        if unknown:
            raise ValueError(f"no such field: {', '.join(sorted(unknown))}")
        columns = []
        for column in self.columns:
            field = chosen.get(column.index, column.field)
            if field != column.field:
                column = replace(column, field=field, verdict="chosen")
            columns.append(column)
        return replace(self, columns=tuple(columns))

    def as_dict(self) -> dict[str, Any]:
        """JSON for keeping; ``from_dict`` reads it back."""
        kept: dict[str, Any] = {
            "header_row": self.header_row,
            "columns": [[c.index, c.header, c.field, c.verdict] for c in self.columns],
        }
        return kept | ({"other_table": self.other_table} if self.other_table else {})

    @classmethod
    def from_dict(cls, kept: MappingType[str, Any]) -> "Mapping":
        columns = tuple(Column(int(c[0]), str(c[1]), str(c[2]), str(c[3])) for c in kept["columns"])
        return cls(int(kept["header_row"]), columns, int(kept.get("other_table", 0)))


def _rank(header: str, field: str) -> int:
    known = known_field(header)
    return known[1] if known and known[0] == field else 1000


def _texts(cells: Sequence[Cell]) -> list[str]:
    return [cell if isinstance(cell, str) else "" for cell in cells]


def _merit(texts: Sequence[str]) -> int:
    """Different known names in a row; 0 when they are too few to be a header."""
    fields = {known[0] for text in texts if text and (known := known_field(text))}
    filled = sum(1 for text in texts if text.strip())
    return len(fields) if len(fields) >= 3 or len(fields) == filled == 2 else 0


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Two header rows as one: a name below a group, which reaches to the next, is read together with it."""
    low = [*lower, *[""] * (len(upper) - len(lower))]
    groups = _groups(upper, low)
    bare = [(group, _squeeze(_bare(name))) for group, name in zip(groups, low, strict=True)]
    alike = Counter(bare)
    names = []
    for place, (group, name) in enumerate(zip(groups, low, strict=True)):
        if not name.strip():
            names.append(upper[place] if place < len(upper) else "")
            continue
        # The number of a column says nothing; one of several of a kind does.
        is_one = group.strip() and alike[bare[place]] == 1 and not known_field(name)
        names.append(_in_group(group, _bare(name) if is_one else name))
    return names


def _groups(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """The name each name of ``lower`` stands below."""
    groups, group = [], ""
    for place, below in enumerate(lower):
        above = upper[place] if place < len(upper) else ""
        # A name over both rows is no group, and ends the one before it.
        group = above if above.strip() else group if below.strip() else ""
        groups.append(group)
    return groups


def _bare(name: str) -> str:
    """The name without a number at its end."""
    numbered = _NUMBERED.fullmatch(unicodedata.normalize("NFKC", name).strip())
    return numbered[1] if numbered else name


def _in_group(group: str, name: str) -> str:
    """``实收`` over ``合计`` is what was paid, over ``材料费`` the parts; ``客户`` over ``姓名`` the owner's name."""
    if not group.strip():
        return name
    both = f"{group}{name}"
    known, of_group = known_field(both), known_field(group)
    # A sum below an amount is no sum of a line, as 金额小计 is in one row.
    if known and not (of_group and known[0] == "line_amount"):
        return both
    if of_group and of_group[0] in _SUMMED:
        return _in_amount(group, name)
    # Of somebody else: the other names of a person are not the customer's.
    if of_group and of_group[0] in _OTHERS and (known_field(name) or ("", 0))[0] in _PERSONAL:
        return both
    return name


def _in_amount(group: str, name: str) -> str:
    """A share of an amount is not the amount, and 工时 there no number of hours."""
    if _squeeze(name).startswith(_squeeze(group)):
        return name
    if _squeeze(_BRACKETED.sub("", unicodedata.normalize("NFKC", name))) in _SUMS:
        return group
    known = known_field(name) or known_field(_bare(name))
    return name if known and known[0] not in _LINE_FIELDS else f"{group}{name}"


def _are_below_groups(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Whether all names of ``lower`` stand below names of ``upper`` that reach over several columns.

    A merged cell comes as blanks, or with its text in each column.
    """
    low = [name.strip() for name in lower]
    high = [name.strip() for name in [*upper, *[""] * (len(low) - len(upper)), "|"]]
    filled = [place for place, name in enumerate(low) if name]
    goes_on = [place > 0 and high[place] in ("", high[place - 1]) for place in range(len(high))]
    split = [place for place in filled if goes_on[place] or goes_on[place + 1]]
    rest = (low[place] == high[place] for place in filled if place not in split)
    return len(split) > 1 and any(goes_on[place] for place in split) and all(rest)


def _are_names(cells: Sequence[Cell]) -> bool:
    """Hardly any row of data is without a digit."""
    return all(isinstance(cell, str) and not any(map(str.isdigit, cell)) for cell in cells)


def _are_numbered(cells: Sequence[Cell], upper: Sequence[str]) -> bool:
    """Whether they are names that end in numbers, below amounts or known without them."""
    lower = _texts(cells)
    return (
        all(isinstance(cell, str) for cell in cells)
        and _are_below_groups(upper, lower)
        and all(
            _may_be_numbered(name, group)
            for name, group in zip(lower, _groups(upper, lower), strict=True)
            if any(map(str.isdigit, name))
        )
    )


def _may_be_numbered(name: str, group: str) -> bool:
    bare = _bare(name)
    if bare == name:
        return False
    of_group = known_field(group)
    is_amount = (of_group is not None and of_group[0] in _SUMMED) or _squeeze(group) in _COSTS
    return is_amount or known_field(bare) is not None


def _best(rows: Sequence[Row]) -> tuple[int, int, list[str]]:
    """Merit, row number and names of the best header among ``rows``."""
    best: tuple[int, int, list[str]] = (0, 0, [])
    above: tuple[int, list[str]] = (0, [])
    for number, cells in rows[:LOOK_AHEAD]:
        names = _texts(cells)
        merit = _merit(names)
        if merit > best[0]:
            best = (merit, number, names)
        are_names = _are_names(cells) or _are_numbered(cells, above[1])
        # A data row is no header even if the row above it is a good one.
        if above[0] == number - 1 and (are_names or merit * 3 >= sum(map(bool, map(str.strip, names))) > 0):
            both = _joined(above[1], names)
            # Names below the groups of the best header are part of it, known or not.
            is_rest = best[1] == above[0] > 0 and are_names and _are_below_groups(above[1], names)
            if (merit := _merit(both)) > best[0] or is_rest:
                best = (max(merit, best[0]), number, both)
        above = (number, best[2] if best[1] == number else names)
    return best


def header_merit(rows: Sequence[Row]) -> int:
    """How many known names the best header among ``rows`` has; 0 for none."""
    return _best(rows)[0]


def names_of(cells: Iterable[Cell]) -> list[str]:
    """Cells in the form in which names are compared."""
    names = [_squeeze(name) for name in as_texts(cells)]
    while names and not names[-1]:
        names.pop()
    return names


def header_names(rows: Sequence[Row]) -> list[str]:
    """The names of the best header among ``rows``, as ``Mapping.names``; [] for none."""
    merit, number, names = _best(rows)
    return _suggested(rows, number, names).names if merit else []


def find_mapping(rows: Sequence[Row]) -> Mapping:
    """The mapping the first rows of a file suggest; FileRefused when none of them is a header."""
    merit, number, names = _best(rows)
    if not merit:
        raise FileRefused("no_header")
    return _suggested(rows, number, names)


def _suggested(rows: Sequence[Row], number: int, names: Sequence[str]) -> Mapping:
    """The mapping by these names, those of a tally beside the orders aside."""
    has_gap = not all(map(str.strip, names)) or any(len(cells) > len(names) for _, cells in rows)
    start, end = tally_beside(rows, number) if has_gap else (0, 0)
    orders = guess(number, names[:end]) if start else None
    if orders is None or orders.export == "customers" or orders.missing:
        return guess(number, names)
    others = [
        Column(index, name, "", "beside" if name.strip() else "blank")
        for index, name in enumerate(names[end:], start=end)
    ]
    return replace(orders, columns=(*orders.columns, *others), other_table=start)


def mapping_at(rows: Sequence[Row], header_row: int) -> Mapping:
    """The mapping with a row that a person calls the header; FileRefused when it is none of ``rows``."""
    for number, cells in rows:
        if number == header_row:
            return guess(number, as_texts(cells))
    raise FileRefused("no_header")


def guess(header_row: int, names: Sequence[str]) -> Mapping:
    """Columns mapped by name; of two that claim a field the better name has it, then the first."""
    unclear = _unclear(names)
    claims = [
        known_field(name) if name.strip() and index not in unclear else None
        for index, name in enumerate(names)
    ]
    winner: dict[str, int] = {}
    for index, claim in enumerate(claims):
        if claim and claim[0] not in _SEVERAL:
            best = winner.get(claim[0])
            if best is None or claim[1] < claims[best][1]:  # type: ignore[index]  # a winner has a claim
                winner[claim[0]] = index
    columns = [
        Column(index, name, "", "unclear")
        if index in unclear
        else _column(index, name, claims[index], winner)
        for index, name in enumerate(names)
    ]
    return Mapping(header_row, tuple(_with_line_amount(columns)))


def _unclear(names: Sequence[str]) -> set[int]:
    """Numbered columns of one amount: 工时费1 and 工时费2 are both not the whole."""
    alike: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        if (bare := _bare(name)) != name:
            alike.setdefault(_squeeze(bare), []).append(index)
    return {
        index
        for bare, indexes in alike.items()
        if len(indexes) > 1 and (known := known_field(bare)) and known[0] in _AMOUNTS
        for index in indexes
    }


def _column(index: int, name: str, claim: tuple[str, int] | None, winner: dict[str, int]) -> Column:
    if not claim:
        return Column(index, name, "", "unknown" if name.strip() else "blank")
    field = claim[0]
    if field == IGNORED:
        return Column(index, name, "", "ignored")
    if winner.get(field, index) != index:
        return Column(index, name, "", "taken")
    return Column(index, name, field, "known")


def _with_line_amount(columns: list[Column]) -> list[Column]:
    """Beside the names of lines, a bare 金额 is the line's."""
    fields = {column.field for column in columns}
    if "line_amount" in fields or len(fields & _LINE_FIELDS) < 2:
        return columns
    return [
        replace(column, field="line_amount") if column.field == "total_ambiguous" else column
        for column in columns
    ]
