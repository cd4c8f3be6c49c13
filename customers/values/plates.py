"""Licence plates of mainland China (GA 36-2018)."""

import re
import unicodedata
from functools import lru_cache

PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
# A plate's serial never holds I or O: they read as 1 and 0.
_LETTER = "A-HJ-NP-Z"
_CITY = f"[{PROVINCES}][{_LETTER}]"
_NEW_ENERGY = re.compile(rf"{_CITY}(?:[A-HJK][{_LETTER}0-9][0-9]{{4}}|[0-9]{{5}}[A-HJK])")
_PLATE = re.compile(
    rf"{_CITY}[{_LETTER}0-9]{{5}}"
    rf"|{_NEW_ENERGY.pattern}"
    rf"|{_CITY}[{_LETTER}0-9]{{4}}[警学挂]"
    rf"|粤Z[{_LETTER}0-9]{{4}}[港澳]"
    rf"|[0-9]{{6}}使|[{_LETTER}0-9]{{5,6}}领"
)
_NO_PLATE = frozenset(
    ["无", "无牌", "临牌", "未上牌", "不详", "新车", "待上牌", "暂无", "未知", "NONE", "NA", "NULL"]
)
_OUTSIDE = re.compile(r"[^A-Z0-9\u4e00-\u9fff]")


def normalise_plate(text: str) -> str:
    """``粤ｂ·12345`` as ``粤B12345``; words that mean "no plate" as the empty string."""
    return text if is_plate(text) else _normalised(text)


@lru_cache(maxsize=1 << 14)
def _normalised(text: str) -> str:
    if not text:
        return ""
    plate = _OUTSIDE.sub("", unicodedata.normalize("NFKC", text).upper())
    return "" if plate in _NO_PLATE else plate


def is_plate(plate: str) -> bool:
    """Whether a normalised plate is well-formed."""
    return _PLATE.fullmatch(plate) is not None


def is_new_energy(plate: str) -> bool:
    """Whether a normalised plate is one of the eight-character green ones."""
    return _NEW_ENERGY.fullmatch(plate) is not None
