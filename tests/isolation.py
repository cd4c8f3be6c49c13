"""Every test process works in folders and Redis databases of its own, whatever the machine runs beside it."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit


def apply() -> None:
    """Point the settings, and the environment that child processes inherit, away from real data.

    Called before any test module is imported: Celery reads its settings when first asked for them.
    """
    folder = Path(tempfile.mkdtemp(prefix="dealer-crm-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["VAR_DIR"] = str(folder)
    _move_folders(folder)
    _move_redis()
    _hash_quickly()
    _look_files_up_when_asked()


def _move_folders(folder: Path) -> None:
    from django.conf import settings

    settings.VAR_DIR = folder
    settings.STATIC_ROOT = folder / "static"
    settings.STATIC_ROOT.mkdir()
    settings.MEDIA_ROOT = folder / "files"
    settings.FIELD_KEYS_FILE = folder / "field-keys.json"
    settings.BROKER_DIR = folder / "broker"
    settings.CELERY_BEAT_SCHEDULE_FILENAME = str(folder / "celerybeat-schedule")
    if settings.REDIS_URL:
        return
    for key, name in (
        ("data_folder_in", "messages"),
        ("data_folder_out", "messages"),
        ("processed_folder", "processed"),
        ("control_folder", "control"),
    ):
        path = settings.BROKER_DIR / name
        path.mkdir(parents=True, exist_ok=True)
        settings.CELERY_BROKER_TRANSPORT_OPTIONS[key] = str(path)


def _move_redis() -> None:
    """Parallel test processes count down from database 15: sharing one, they would take each other's messages."""
    from django.conf import settings

    if not settings.REDIS_URL:
        return
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    number = 15 - int(worker.removeprefix("gw")) % 15
    url = urlunsplit(urlsplit(settings.REDIS_URL)._replace(path=f"/{number}"))
    os.environ["REDIS_URL"] = url
    settings.REDIS_URL = settings.CELERY_BROKER_URL = url
    settings.CACHES["default"]["LOCATION"] = url


def _hash_quickly() -> None:
    """A password takes half a second on purpose, and the tests make hundreds of people."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _look_files_up_when_asked() -> None:
    """Each test's client makes its own middleware, which would list every static file: half the time of a page."""
    from django.conf import settings

    settings.WHITENOISE_AUTOREFRESH = True
