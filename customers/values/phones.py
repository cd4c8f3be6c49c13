"""Phone numbers as staff type them: several in a cell, with names, blanks and country codes."""

import json
import re
import unicodedata
from functools import lru_cache
from pathlib import Path

_PREFIXES = frozenset(
    json.loads((Path(__file__).parent / "reference" / "mobile_prefixes.json").read_text("utf-8"))
)
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_MOBILE = re.compile(r"(?<![\d.])(?:\+?0{0,2}86|0)?[-\s]*(1[3-9]\d)[-\s.]*(\d{4})[-\s.]*(\d{4})(?!\d)")
_LANDLINE = re.compile(
    r"(?<!\d)(?:(?:\+?0{0,2}86[-\s]*)?\(?0\d{2,3}\)?[-\s]*[2-8]\d{6,7}|[48]00[-\s]?\d{3,4}[-\s]?\d{3,4}|[2-8]\d{6,7})(?!\d)"
)
# From abroad an area code has no 0 in front; 400 and 800 are none.
_FROM_ABROAD = re.compile(
    r"(?<!\d)(?:\+86|0{2}86|86(?=[-\s(]))[-\s]*\(?0?(10|2\d|(?![48]00)[3-9]\d{2})\)?[-\s]*([2-8]\d{6,7})(?!\d)"
)


def _plain(text: str) -> str:
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


def _is_mobile(text: str) -> bool:
    return len(text) == 11 and text[:3] in _PREFIXES and text.isascii() and text.isdigit()


@lru_cache(maxsize=1 << 13)
def _mobiles(text: str) -> tuple[str, ...]:
    found = ("".join(parts) for parts in _MOBILE.findall(_plain(text)))
    return tuple(dict.fromkeys(number for number in found if number[:3] in _PREFIXES))


def mobiles(text: str) -> list[str]:
    """The mainland mobile numbers in ``text``, in order, each once; the first is the primary."""
    return list(_mobiles(text))


def judge_phone(text: str) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """Mobiles, landlines, and whether the text holds neither although it says something."""
    return ((text,), (), False) if _is_mobile(text) else _judged(text)


@lru_cache(maxsize=1 << 13)
def _judged(text: str) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    own = _mobiles(text)
    rest = _FROM_ABROAD.sub(r"0\1-\2", _MOBILE.sub(" ", _plain(text)))
    landlines = tuple(
        dict.fromkeys(re.sub(r"[\s()]", "", found.group()) for found in _LANDLINE.finditer(rest))
    )
    return own, landlines, bool(text.strip()) and not own and not landlines
