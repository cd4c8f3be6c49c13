"""Words of dealer systems for the kind of a visit."""

import json
import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Final

KINDS: Final = ("maintenance", "repair", "accident", "warranty", "other")
_REFERENCE = json.loads((Path(__file__).parent / "reference" / "kinds.json").read_text("utf-8"))
_SPLIT = re.compile(r"[+;,:/|、&]")
_BLANK = re.compile(r"\s+")


@lru_cache(maxsize=4096)
def kind_word(cell: str) -> str:
    """The word of ``cell`` that decides: the first of several, without blanks, lower case.

    A cell that is a known word as a whole stays whole.
    """
    text = _BLANK.sub("", unicodedata.normalize("NFKC", cell)).casefold()
    if text in _WORDS or text in _REWORK:
        return text
    return next((part for part in _SPLIT.split(text) if part), "")


def _fold(word: str) -> str:
    return _BLANK.sub("", unicodedata.normalize("NFKC", word)).casefold()


_WORDS: dict[str, str] = {_fold(word): kind for kind, words in _REFERENCE["kinds"].items() for word in words}
_REWORK = frozenset(_fold(word) for word in _REFERENCE["rework"])


def visit_kind(word: str, extra: dict[str, str] | None = None) -> tuple[str, bool, bool]:
    """Kind, whether the word is known, and whether it means rework of an earlier visit.

    ``extra`` maps words, as ``kind_word`` gives them, to kinds a user chose; they come first.
    """
    key = kind_word(word)
    kind = (extra or {}).get(key) or _WORDS.get(key) or _WORDS.get(key.partition("(")[0])
    return kind or "other", kind is not None, key in _REWORK
