"""What holds for every template of the house."""

from __future__ import annotations

import re
from pathlib import Path

import lucide
import pytest
from django.conf import settings
from django.template.loader import get_template, render_to_string

ROOT = Path(settings.BASE_DIR) / "templates"
TEMPLATES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.html"))

FORBIDDEN = {
    "a raw colour; use a token": r"#(?:[0-9a-f]{8}|[0-9a-f]{6})\b|(?:style|fill|stroke)=\"[^\"]*#[0-9a-f]{3,4}\b",
    "the safe filter": r"\|\s*safe(?:seq)?\b|autoescape\s+off",
    "an inline script": r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")",
    "an inline style sheet": r"<style\b",
    "an event attribute": r"\son(?:click|change|submit|input|load|error|focus|blur|key\w+|mouse\w+)\s*=|hx-on[:-]",
    "a script address": r"javascript:",
    "an expression for htmx, which may not evaluate any": r"hx-trigger=\"[^\"]*\[|hx-vals=[\"']js:",
}
BAR_PROPERTIES = {"width", "height", "left", "bottom", "top"}
ICON = re.compile(r"{%\s*icon\s+[\"']([\w-]+)[\"']|\bicon=[\"']([\w-]+)[\"']")


@pytest.fixture(params=TEMPLATES)
def name(request):
    return request.param


def test_compiles(name):
    assert get_template(name)


def test_keeps_to_the_rules(name):
    source = (ROOT / name).read_text(encoding="utf-8")

    broken = {
        what: found
        for what, pattern in FORBIDDEN.items()
        if (found := re.findall(pattern, source, re.IGNORECASE))
    }

    assert broken == {}


def test_styles_only_measure_bars(name):
    """Numbers may go into a style attribute; looks belong in app.css. Custom properties carry numbers too."""
    styles = re.findall(r"\sstyle=\"([^\"]*)\"", (ROOT / name).read_text(encoding="utf-8"))
    properties = {part.split(":")[0].strip() for style in styles for part in style.split(";") if ":" in part}

    assert {p for p in properties if not p.startswith("--")} <= BAR_PROPERTIES


def test_icons_exist(name):
    icons = {a or b for a, b in ICON.findall((ROOT / name).read_text(encoding="utf-8"))}

    for icon in icons:
        assert lucide._render_icon(icon, 24)


def test_is_short_enough_to_read(name):
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= 200


@pytest.mark.parametrize("code", ["400", "403_csrf", "413", "429", "500", "503"])
def test_error_page_needs_no_request_and_no_database(code):
    page = render_to_string(f"{code}.html")

    assert page.count("<h1>") == 1
    assert 'href="/"' in page
