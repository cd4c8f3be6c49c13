"""The product's own words in a language, as the catalogue has them now."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.functional import Promise

ZH, EN = "zh-hans", "en"


def say(text: str | Promise, language: str = ZH, *, context: str = "", **values: Any) -> str:
    with translation.override(language):
        if isinstance(text, Promise):
            return str(text)
        said = translation.pgettext(context, text) if context else translation.gettext(text)
    return said % values if values else said


def say_many(one: str, many: str, n: int, language: str = ZH, **values: Any) -> str:
    with translation.override(language):
        return translation.ngettext(one, many, n) % {"n": n, **values}
