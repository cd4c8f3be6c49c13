"""The workbook of rejected rows of every sample comes back as the same rows, rejected for the same reasons."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from customers.dms.headers import REASON_HEADERS
from customers.dms.raw import rejected_workbook
from customers.models import Import
from tests.customers.dms.rows import check_rows
from tests.customers.imports.conftest import Run
from tests.customers.imports.test_command import SAMPLES

KEYS = [(path, json.loads(path.read_text("utf-8"))) for path in sorted(SAMPLES.glob("*.key.json"))]
WITH_REJECTS = [path.name.removesuffix(".key.json") for path, key in KEYS if key.get("rejected")]
# What only the rest of the file or of the database tells.
_BY_OTHERS = {"order_no_conflict"}


def test_the_heading_is_known_in_every_language() -> None:
    said = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            said.append(gettext("Why it was not imported"))

    assert sorted(said) == sorted(REASON_HEADERS)


@pytest.mark.parametrize("name", WITH_REJECTS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_uncorrected_it_says_the_same_again(
    name: str, language: str, run: Run, tmp_path: Path, today: date
) -> None:
    report = run(SAMPLES / name)
    imported = Import.objects.get()
    path = tmp_path / "rejected.xlsx"
    with translation.override(language):
        path.write_bytes(rejected_workbook(imported))

    try:
        checked = check_rows(path, today=today)
        again, mapping = checked.report.rejected, checked.mapping
    finally:
        path.unlink()

    reasons = [entry["reason"] for entry in report["rejected"]]
    alone = [(row, reason) for row, reason in enumerate(reasons, start=2) if reason not in _BY_OTHERS]
    assert [entry for entry in again if entry[1] not in _BY_OTHERS] == alone
    assert mapping.fingerprint == imported.fingerprint
    assert mapping.columns[-1].verdict == "ignored"
