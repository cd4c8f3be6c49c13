"""Static files: the chart library's local copy, and a policy that needs no exception for scripts."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

from dealer_crm.finders import NpmFinder

STATIC = Path(settings.BASE_DIR) / "static"


def test_finder_serves_the_listed_files_and_nothing_else():
    found = {f"{storage.prefix}/{name}" for name, storage in NpmFinder().list([])}

    assert found == set(settings.NPM_STATIC)
    assert finders.find("vendor/chart.umd.min.js").endswith("chart.js/dist/chart.umd.min.js")
    assert finders.find("chart.js/package.json") is None


def test_missing_copy_is_a_warning_with_the_cure(settings, tmp_path):
    settings.BASE_DIR = tmp_path

    (warning,) = NpmFinder().check()

    assert (warning.id, warning.hint) == ("dealer_crm.W001", 'Run "npm ci".')
    assert NpmFinder().find("vendor/chart.umd.min.js") == []
    assert list(NpmFinder().list([])) == []


def test_present_copy_raises_no_warning():
    assert NpmFinder().check() == []


def test_scripts_need_no_eval():
    for script in STATIC.glob("*.js"):
        assert not re.search(
            r"\beval\(|new Function|innerHTML|document\.write", script.read_text(encoding="utf-8")
        )


def test_every_group_has_its_colour_class():
    from staff.vocabulary import C3_GROUPS

    css = (STATIC / "app.css").read_text(encoding="utf-8")

    assert all(f".g-{group.css} {{ --c: var(--g-{group.css}) }}" in css for group in C3_GROUPS.values())
