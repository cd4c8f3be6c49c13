"""How far the demo's data is, kept in the data's own database: nobody else's rows are ever thrown away."""

from __future__ import annotations

import shutil
from datetime import datetime
from enum import Enum
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from staff.models import AuditEntry, Store
from staff.services import record

_BEGUN, _READY = "demo.begun", "demo.ready"


class State(Enum):
    EMPTY = "empty"
    HALF = "half"
    READY = "ready"
    FOREIGN = "foreign"


def state() -> State:
    """Begun but not ready means an interrupted first run; stores without a beginning are not the demo's."""
    tables = _own_tables()
    if not {Store._meta.db_table, AuditEntry._meta.db_table} <= set(tables):
        # Every row hangs off a store: without that table there is nothing to lose.
        return State.HALF if tables else State.EMPTY
    marks = set(AuditEntry.objects.filter(action__in=(_BEGUN, _READY)).values_list("action", flat=True))
    if _READY in marks:
        return State.READY
    if marks:
        return State.HALF
    return State.FOREIGN if Store.objects.exists() else State.EMPTY


def mark_begun() -> None:
    record(user=None, action=_BEGUN)


def mark_ready(*, seconds: float) -> None:
    record(user=None, action=_READY, seconds=round(seconds, 1))


def ready_at() -> datetime | None:
    return AuditEntry.objects.filter(action=_READY).values_list("at", flat=True).first()


def wipe(folder: Path) -> None:
    """Throw the demo's rows, files and cached figures away; ``folder`` holds its exports."""
    shutil.rmtree(folder, ignore_errors=True)
    if connection.vendor == "sqlite":
        # Uploads belong to the file: beside a server they may be another database's.
        shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
        _remove_sqlite_file()
    else:
        _drop_tables()
    if settings.REDIS_URL:
        _forget_cached()


def _drop_tables() -> None:
    with connection.cursor() as cursor:
        for table in _own_tables():
            cursor.execute(f"DROP TABLE IF EXISTS {connection.ops.quote_name(table)} CASCADE")


def _remove_sqlite_file() -> None:
    connection.close()
    name = str(connection.settings_dict["NAME"])
    for suffix in ("", "-wal", "-shm", "-journal"):
        Path(name + suffix).unlink(missing_ok=True)


def _own_tables() -> list[str]:
    present = set(connection.introspection.table_names())
    own = {*connection.introspection.django_table_names(include_views=False)}
    own |= {MigrationRecorder.Migration._meta.db_table, _cache_table()}
    return sorted(own & present)


def _cache_table() -> str:
    return str(settings.CACHES["default"].get("LOCATION", ""))


def _forget_cached() -> None:
    """Only what this program cached: the server may hold other people's keys, and the broker's."""
    import redis

    client = redis.from_url(settings.REDIS_URL)
    for key in client.scan_iter(match=cache.make_key("*"), count=500):
        client.unlink(key)
