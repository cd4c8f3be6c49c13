"""System checks: a cache that is not shared, a journal that is not safe (what settings refuse: tests/platform)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from dealer_crm import sqlite
from staff import checks

GOOD = {
    "DJANGO_ENV": "production",
    "SECRET_KEY": "k3" * 30,
    "ALLOWED_HOSTS": "crm.example.com",
    "FIELD_KEYS": '{"active": "a"}',
    "DEBUG": "0",
    "REDIS_URL": "",
    "HASHED_STATIC": "0",
}


def start(tmp_path: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment |= GOOD | {"VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "dealer_crm.settings"}
    command = [sys.executable, "manage.py", "check", "--tag", "security"]
    return subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_complete_production_settings_are_accepted(tmp_path: Path) -> None:
    done = start(tmp_path)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("backend", ["locmem.LocMemCache", "dummy.DummyCache"])
def test_cache_of_one_process_is_refused(backend: str) -> None:
    with override_settings(CACHES={"default": {"BACKEND": f"django.core.cache.backends.{backend}"}}):
        assert [message.id for message in checks.cache_is_shared()] == ["staff.E002"]


def test_configured_cache_is_shared() -> None:
    assert checks.cache_is_shared() == []


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 6, 23), True),
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
    ],
)
def test_write_ahead_log_only_in_safe_versions(version: tuple[int, int, int], safe: bool) -> None:
    assert sqlite.wal_is_safe(version) is safe


@pytest.mark.parametrize(
    ("mode", "wanted", "refused"),
    [("wal", "WAL", False), ("wal", "DELETE", True), ("delete", "DELETE", False)],
)
def test_write_ahead_log_in_an_affected_library_is_refused(
    monkeypatch: pytest.MonkeyPatch, mode: str, wanted: str, refused: bool
) -> None:
    """The library is pretended: the one that runs here is safe."""

    class Cursor:
        def __enter__(self) -> Cursor:
            return self

        def __exit__(self, *error: object) -> None:
            return None

        def execute(self, statement: str) -> Cursor:
            self.answer = mode if "journal_mode" in statement else "3.40.1"
            return self

        def fetchone(self) -> tuple[str]:
            return (self.answer,)

    class Pretended:
        vendor = "sqlite"
        cursor = Cursor

    options = {"init_command": f"PRAGMA journal_mode={wanted};"}
    monkeypatch.setattr(checks, "connection", Pretended())
    monkeypatch.setitem(settings.DATABASES["default"], "OPTIONS", options)
    found = checks.sqlite_journal_is_safe(databases=["default"])

    assert [message.id for message in found] == (["staff.E001"] if refused else [])
