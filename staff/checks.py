"""What must hold before the program serves anyone."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

PRIVATE_CACHES = ("LocMemCache", "DummyCache")


@register(Tags.database)
def sqlite_journal_is_safe(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Write-ahead logging only in an SQLite free of the WAL-reset bug; settings choose it, this proves it."""
    if not databases or connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        version = cursor.execute("SELECT sqlite_version()").fetchone()[0]
    wanted = settings.DATABASES["default"]["OPTIONS"]["init_command"]
    if mode == "wal" and "journal_mode=WAL" not in wanted:
        return [
            Error(
                f"SQLite {version} can corrupt a database in WAL mode.",
                hint="Install pysqlite3, or run PRAGMA journal_mode=DELETE once.",
                id="staff.E001",
            )
        ]
    return []


@register(Tags.security)
def cache_is_shared(**kwargs: Any) -> list[CheckMessage]:
    """The sign-in limits count in the cache: one per process would allow as many tries in each."""
    backend = settings.CACHES["default"]["BACKEND"]
    if backend.rsplit(".", 1)[-1] not in PRIVATE_CACHES:
        return []
    return [
        Error(
            f"The cache {backend} is not shared between processes.",
            hint="Set REDIS_URL, or leave the database cache.",
            id="staff.E002",
        )
    ]
