"""Texts that a spreadsheet program would take for a formula, a command or a line of its own.

A name such as ``=HYPERLINK(...)`` comes from whoever filled in a form or wrote the imported file, and would run on the
desk of whoever opens the export. An apostrophe in front makes it a text again; ``unguarded`` takes it off.
"""

from __future__ import annotations

import re
import unicodedata

# Also what these become when a program folds full-width and small forms, and the minus sign proper.
_TRIGGERS = frozenset("=+-@|\t\r\n\u2212")
_SKIPPED = frozenset({"Zs", "Zl", "Zp", "Cf"})
# Neither XML nor a spreadsheet can hold them; half a surrogate pair fits no encoding.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def starts_formula(text: str) -> bool:
    """Whether the first thing in ``text``, blanks, invisible characters and apostrophes aside, is a trigger."""
    for character in text:
        if character in _TRIGGERS or unicodedata.normalize("NFKC", character)[:1] in _TRIGGERS:
            return True
        if character != "'" and unicodedata.category(character) not in _SKIPPED:
            return False
    return False


def guarded(text: str) -> str:
    return f"'{text}" if starts_formula(text) else text


def unguarded(text: str) -> str:
    """What ``guarded`` was given."""
    return text[1:] if text[:1] == "'" and starts_formula(text[1:]) else text


def writable(text: str) -> tuple[str, int]:
    """``text`` with a visible mark for each character that no file can hold, and how many those were."""
    return _UNWRITABLE.subn(REPLACEMENT, text)
