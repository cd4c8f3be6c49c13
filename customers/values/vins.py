"""Vehicle identification numbers (GB 16735-2019, ISO 3779)."""

import re
import unicodedata
from functools import lru_cache
from operator import mul

_DIGITS = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", [*range(1, 9), 1, 2, 3, 4, 5, 7, 9, *range(2, 10)], strict=True)
)
_DIGITS |= {str(digit): digit for digit in range(10)}
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_LEGAL = re.compile("[A-HJ-NPR-Z0-9]{17}")
_BLANK = re.compile(r"[\s*\u200b-\u200f\u202a-\u202e\ufeff]+")
_NO_VIN = frozenset(["", "无", "不详", "未知", "暂无", "-", "--", "—", "——", "NONE", "NULL", "N/A"])
# China and North America bind the check digit; European makers write Z or a type code there.
_CHECKED = frozenset("L12345")


def check_digit(vin: str) -> str:
    """The ninth character a legal VIN of 17 characters should have."""
    if len(vin) != len(_WEIGHTS):
        raise ValueError(vin)
    rest = sum(map(mul, map(_DIGITS.__getitem__, vin), _WEIGHTS)) % 11
    return "X" if rest == 10 else str(rest)


@lru_cache(maxsize=1 << 15)
def judge_vin(text: str) -> tuple[str, str | None]:
    """The normalised VIN and what is wrong with it, as a warning code.

    A VIN with a problem identifies no vehicle. Blank, and words for "none", is ("", None).
    """
    vin = _BLANK.sub("", unicodedata.normalize("NFKC", text)).upper()
    if vin in _NO_VIN:
        return "", None
    if len(vin) != 17:
        return vin, "vin_length"
    if not _LEGAL.fullmatch(vin):
        return vin, "vin_illegal"
    if len(set(vin)) == 1:
        return vin, "vin_placeholder"
    if vin[0] in _CHECKED and vin[8] != check_digit(vin):
        return vin, "vin_check_digit"
    return vin, None
