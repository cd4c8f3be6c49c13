"""Which column is what, by its name."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from customers.dms.read.cells import Cell, as_texts

Export = Literal["orders", "lines", "customers"]

IGNORED = "ignored"
# Several phone columns make one list of numbers; any other field is one column.
_SEVERAL = frozenset(["phone"])
LINE_FIELDS = frozenset(["line_type", "line_name", "unit_price", "quantity"])
# What every order needs, and the fields that give it, any of which will do.
NEEDED: dict[str, frozenset[str]] = {
    "identity": frozenset(["plate", "vin", "plate_or_vin"]),
    "visit_date": frozenset(["visit_date", "settle_date"]),
    "paid": frozenset(["paid", "receivable", "total_ambiguous", "line_amount"]),
}
_ORDER_FIELDS = frozenset(["order_no", "visit_date", "visit_kind", "paid", "receivable", "total_ambiguous"])

# Groups of a two-row header whose sum is the field.
SUMMED = frozenset(["paid", "receivable", "total_ambiguous"])
# Half of one of these would pass for the whole.
_AMOUNTS = SUMMED | {"labour_amount", "parts_amount", "discount", "line_amount"}
# People who are not the customer.
OTHERS = frozenset(["contact", "payer"])
PERSONAL = frozenset(["phone", "customer_name", "address", "gender", "customer_code"])

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
BRACKETED = re.compile(r"\([^)]*\)|\[[^\]]*\]")
# 工时1, 配件费(2), 合计(3)=(1)+(2): a name with the number of its column, or of several of its kind.
_NUMBERED = re.compile(r"(\D*[^\W\d_]\)?)[\W_]*\d{1,2}(?:\W+\d{1,2})*\W*")


def squeeze(text: str) -> str:
    return _OUTSIDE.sub("", unicodedata.normalize("NFKC", text).casefold())


_REASONS = frozenset(map(squeeze, REASON_HEADERS))
_KNOWN = {
    squeeze(name): (field, rank)
    for field, names in SYNONYMS.items()
    for rank, name in enumerate([*names, *_ALSO.get(field, ())])
} | dict.fromkeys(_REASONS, (IGNORED, 0))


@lru_cache(maxsize=4096)
def known_field(header: str) -> tuple[str, int] | None:
    """Field and rank of a header name; the lower rank wins when two columns claim one field."""
    plain = unicodedata.normalize("NFKC", header)
    return _KNOWN.get(squeeze(plain)) or _KNOWN.get(squeeze(BRACKETED.sub("", plain)))


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
        if "line_amount" in fields and fields & LINE_FIELDS:
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
        headers = [squeeze(column.header) for column in self.columns]
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


def unnumbered(name: str) -> str:
    """The name without a number at its end."""
    numbered = _NUMBERED.fullmatch(unicodedata.normalize("NFKC", name).strip())
    return numbered[1] if numbered else name


def names_of(cells: Iterable[Cell]) -> list[str]:
    """Cells in the form in which names are compared."""
    names = [squeeze(name) for name in as_texts(cells)]
    while names and not names[-1]:
        names.pop()
    return names


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
        if (bare := unnumbered(name)) != name:
            alike.setdefault(squeeze(bare), []).append(index)
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
    if "line_amount" in fields or len(fields & LINE_FIELDS) < 2:
        return columns
    return [
        replace(column, field="line_amount") if column.field == "total_ambiguous" else column
        for column in columns
    ]
