"""Amounts in yuan as text or number, kept as whole fen."""

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

# With what cannot be seen: marks of direction, of joining, of the order of bytes.
_MARKS = re.compile(
    r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff¥￥元圆$]|RMB|CNY|人民币", re.IGNORECASE
)
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|[+-]?\.\d+")
_ZEROS = frozenset(["-", "--", "—", "——", "–", "---", "－", "一"])
# More than any workshop bill: 100 million yuan; a phone number in the amount column is not money.
_LIMIT = 10**10


def _number(text: str) -> Decimal:
    text = _MARKS.sub("", unicodedata.normalize("NFKC", text))
    if text in _ZEROS:
        return Decimal(0)
    if text.startswith("(") and text.endswith(")"):
        text = f"-{text[1:-1]}"
    elif text.endswith("-"):
        text = f"-{text[:-1]}"
    scale = Decimal(1)
    if text.endswith("万"):
        text, scale = text[:-1], Decimal(10000)
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return Decimal(text.replace(",", "")) * scale


@lru_cache(maxsize=4096)
def _exact_fen(text: str) -> int:
    return int((_number(text) * 100).to_integral_value(ROUND_HALF_UP))


def _plain_fen(text: str) -> int | None:
    """Fen of an amount of digits with at most two decimals: nearly all amounts are that."""
    whole, _, rest = text.partition(".")
    if not text.isascii() or not whole.isdigit() or len(rest) > 2 or (rest and not rest.isdigit()):
        return None
    return int(whole) * 100 + (int(rest) * (10 if len(rest) == 1 else 1) if rest else 0)


def parse_yuan(text: str | int | float) -> int:
    """``¥1,234.50`` as 123450 fen, rounded half up.

    Dashes mean zero, brackets a negative amount. Blank or anything else: ValueError.
    """
    if isinstance(text, int):
        fen = text * 100
    else:
        # repr gives the shortest decimal of a float, which is what the sheet shows.
        shown = text if isinstance(text, str) else repr(text)
        plain = _plain_fen(shown)
        fen = _exact_fen(shown) if plain is None else plain
    if abs(fen) >= _LIMIT:
        raise ValueError(text)
    return fen


def read_yuan(text: str | int | float) -> int | None:
    """As ``parse_yuan``; None for what is no amount."""
    try:
        return parse_yuan(text)
    except ValueError:
        return None


def yuan_text(fen: int) -> str:
    """``-5`` fen as ``-0.05``: two decimals, no separators."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"
