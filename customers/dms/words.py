"""Words of cells: trimmed text, order numbers, states of orders, types of lines."""

import json
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from customers.dms.codes import NOT_SETTLED, VOIDED
from customers.dms.read.cells import Cell

_STATUS = json.loads((Path(__file__).parent / "reference" / "status.json").read_text("utf-8"))
_VOIDED, _NOT_SETTLED = frozenset(_STATUS["voided"]), frozenset(_STATUS["not_settled"])
_UNTIDY = (" |", "| ", "|=", "|'")
# What stands in the column of customer codes for people who have none.
_NO_CODE = frozenset(
    ["无", "暂无", "没有", "不详", "未知", "散客", "散户", "零散客户", "临时客户", "none", "null", "na"]
)
# 是否结算, 是否结清: the answer no.
_NO = frozenset(["否", "no", "n", "false", "未结清"])
_LABOUR, _PART, _DISCOUNT = (
    ("工时", "工", "labour", "labor", "项目", "服务"),
    ("配件", "材料", "零件", "part", "物料", "备件"),
    ("优惠", "折扣", "discount", "减免", "抹零"),
)


def text_of(cell: Cell) -> str:
    """The cell as text: trimmed, without the ="..." and '... that keep a spreadsheet from computing."""
    if not isinstance(cell, str):
        return str(cell)
    text = cell.strip()
    if not text or text[0] not in "='":
        return text
    if text[:2] == '="' and text[-1] == '"' and len(text) > 2:
        return text[2:-1].strip()
    return text[1:] if text[:1] == "'" else text


def tidied(cells: Sequence[Cell]) -> list[Cell]:
    """Each cell of a column trimmed, as ``text_of`` does it; numbers stay numbers."""
    try:
        whole = f"|{'|'.join(cells)}|"  # type: ignore[arg-type]  # of text in nearly all files
    except TypeError:
        whole = ""
    # Nearly all need nothing, which the column as a whole tells at once. Blanks but the usual one cannot be printed.
    if whole and whole.isprintable() and not any(mark in whole for mark in _UNTIDY):
        return [*cells]
    return [text_of(cell) if cell.__class__ is str and cell else cell for cell in cells]


def order_number(text: str) -> str:
    """An order number as it is compared: NFKC, upper case, no blanks."""
    if text.isalnum() and text.isascii():
        return text.upper()
    return "".join((text if text.isascii() else unicodedata.normalize("NFKC", text)).upper().split())


@lru_cache(maxsize=1 << 13)
def is_customer_code(text: str) -> bool:
    """Whether it tells one customer from another: not 0, a dash or a word for "none"."""
    word = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text))).casefold()
    return word.strip("0") != "" and word not in _NO_CODE


@lru_cache(maxsize=1024)
def status_reason(text: str) -> int:
    """VOIDED, NOT_SETTLED or 0 for what the status column says."""
    word = "".join(unicodedata.normalize("NFKC", text).split()).casefold()
    if word in _VOIDED:
        return VOIDED
    return NOT_SETTLED if word in _NOT_SETTLED or word in _NO else 0


@lru_cache(maxsize=1024)
def line_kind(text: str) -> str:
    """labour, part, discount or other for the word of a line's type."""
    word = unicodedata.normalize("NFKC", text).casefold()
    for kind, words in (("discount", _DISCOUNT), ("labour", _LABOUR), ("part", _PART)):
        if any(part in word for part in words):
            return kind
    return "other"
