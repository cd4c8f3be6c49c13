"""The settings contract: what the environment chooses, and what production refuses to start with."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOW = """
import json
from dealer_crm import settings as s
print(json.dumps({
    "engine": s.DATABASES["default"]["ENGINE"].rpartition(".")[2],
    "name": str(s.DATABASES["default"]["NAME"]),
    "broker": s.CELERY_BROKER_URL,
    "cache": s.CACHES["default"]["BACKEND"].rpartition(".")[2],
    "debug": s.DEBUG,
    "hashed": "Manifest" in s.STORAGES["staticfiles"]["BACKEND"],
    "charts": s.CHARTS_MODE,
}))
"""
RING = json.dumps({"current": "k1", "keys": {"k1": "A" * 43 + "="}, "index": "B" * 43 + "="})


def _load(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {
        key: value
        for key, value in os.environ.items()
        if key
        not in ("DATABASE_URL", "REDIS_URL", "DJANGO_ENV", "SECRET_KEY", "FIELD_KEYS", "DEBUG", "VAR_DIR")
    }
    return subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=ROOT,
        env={**clean, "VAR_DIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def _production(**changes: str) -> dict[str, str]:
    sound = {
        "DJANGO_ENV": "production",
        "SECRET_KEY": "k" * 30 + "0123456789abcdefghijklmnop",
        "ALLOWED_HOSTS": "crm.example.com",
        "FIELD_KEYS": RING,
    }
    return {**sound, **changes}


def test_development_needs_nothing_but_a_folder(tmp_path: Path) -> None:
    shown = json.loads(_load(tmp_path).stdout)

    assert shown == {
        "engine": "sqlite3",
        "name": str(tmp_path / "dealer_crm.sqlite3"),
        "broker": "filesystem://",
        "cache": "DatabaseCache",
        "debug": False,
        "hashed": False,
        "charts": "local",
    }


@pytest.mark.parametrize(
    ("url", "engine", "name"),
    [
        ("sqlite:////somewhere/else.sqlite3", "sqlite3", "/somewhere/else.sqlite3"),
        ("postgres://someone@127.0.0.1:5432/crm", "postgresql", "crm"),
        ("postgresql://someone:secret@127.0.0.1/crm", "postgresql", "crm"),
    ],
)
def test_database_url_chooses_the_server(tmp_path: Path, url: str, engine: str, name: str) -> None:
    shown = json.loads(_load(tmp_path, DATABASE_URL=url).stdout)

    assert (shown["engine"], shown["name"]) == (engine, name)


def test_redis_url_moves_broker_and_cache(tmp_path: Path) -> None:
    shown = json.loads(_load(tmp_path, REDIS_URL="redis://127.0.0.1:6379/3").stdout)

    assert (shown["broker"], shown["cache"]) == ("redis://127.0.0.1:6379/3", "RedisCache")


def test_a_sound_production_environment_starts(tmp_path: Path) -> None:
    shown = json.loads(_load(tmp_path, **_production()).stdout)

    assert (shown["debug"], shown["hashed"], shown["charts"]) == (False, True, "cdn")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"DEBUG": "1"}, "DEBUG must be off"),
        ({"SECRET_KEY": ""}, "Set SECRET_KEY"),
        ({"SECRET_KEY": "development-only-" + "0" * 48}, "Set SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "Set SECRET_KEY"),
        ({"ALLOWED_HOSTS": ""}, "Set ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "Set ALLOWED_HOSTS"),
        ({"FIELD_KEYS": ""}, "Set FIELD_KEYS"),
    ],
)
def test_production_refuses_to_start(tmp_path: Path, changes: dict[str, str], reason: str) -> None:
    ended = _load(tmp_path, **_production(**changes))

    assert ended.returncode != 0
    assert reason in ended.stderr
