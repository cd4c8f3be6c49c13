"""Every text of the program has its Chinese: complete, not guessed, with the same placeholders."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"
APPS = ("staff", "jobs", "customers", "segmentation", "campaigns", "callcenter", "dashboards", "dealer_crm")
_PLAIN = ("_", "gettext", "gettext_lazy", "gettext_noop")
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    **dict.fromkeys(_PLAIN),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[#0 +-]*[\d.]*[a-zA-Z]|%[sd]|\{(\w*)\}")


class Text(NamedTuple):
    context: str | None
    singular: str
    plural: str | None


def texts() -> dict[Text, str]:
    """Every text to translate, and the first file that uses it."""
    found: dict[Text, str] = {}
    for path in _sources():
        source = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            # Unindented: what is left of the page between the calls is no Python.
            source = "\n".join(line.strip() for line in templatize(source, origin=str(path)).splitlines())
        for text in _extract(source):
            found.setdefault(text, str(path.relative_to(ROOT)))
    return found


def _sources() -> Iterator[Path]:
    for app in APPS:
        yield from sorted((ROOT / app).rglob("*.py"))
        yield from sorted((ROOT / app / "templates").rglob("*.html"))
    yield from sorted((ROOT / "templates").rglob("*.html"))
    yield from sorted((ROOT / "templates").rglob("*.txt"))


def _extract(source: str) -> Iterator[Text]:
    file = io.BytesIO(source.encode())
    for _line, function, arguments, _comments in extract_python(
        file, list(KEYWORDS), (), {"encoding": "utf-8"}
    ):
        parts = list(arguments) if isinstance(arguments, tuple) else [arguments]
        context = parts.pop(0) if function and "pgettext" in function else None
        if not parts or not parts[0]:
            continue
        plural = parts[1] if function and function.startswith("n") and len(parts) > 1 else None
        yield Text(context, parts[0], plural)


def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_Hans", domain="django")


def faults() -> list[str]:
    translated = catalogue()
    found = [
        fault for text, where in sorted(texts().items(), key=str) for fault in _fault(translated, text, where)
    ]
    found += [
        f"guessed, not translated: {message.id!r}" for message in translated if message.id and message.fuzzy
    ]
    return found


def _fault(translated: Catalog, text: Text, where: str) -> Iterator[str]:
    message = translated.get(text.singular, text.context)
    if message is None or not _complete(message):
        yield f"{where}: no Chinese for {text.singular!r}" + (
            f" in context {text.context!r}" if text.context else ""
        )
        return
    strings = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    wanted = _placeholders(text.plural or text.singular)
    for string in strings:
        if _placeholders(string) != wanted:
            yield f"{where}: placeholders differ: {text.singular!r} and {string!r}"


def _complete(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, (list, tuple)) else bool(message.string)


def _placeholders(text: str) -> set[str]:
    return {match[1] or match[2] or match[0] for match in _PLACEHOLDER.finditer(text)}


def main() -> int:
    if not settings.configured:
        settings.configure(USE_I18N=False)
        django.setup()
    if not CATALOGUE.is_file():
        print("There is no catalogue yet: run make messages.")
        return 1
    found = faults()
    for fault in found:
        print(fault)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
