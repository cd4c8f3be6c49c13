"""What must hold before the program serves anyone."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection


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
