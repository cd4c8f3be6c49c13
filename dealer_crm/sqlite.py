"""Which SQLite library runs, and whether write-ahead logging is safe in it."""

import sqlite3
import sys

# The WAL-reset bug can corrupt a database: 3.7.0 to 3.51.2, but for the two backports.
# Source: sqlite.org/wal.html#walresetbug.
_FIXED = (3, 51, 3)
_BACKPORTS = ((3, 44, 6), (3, 50, 7))


def prefer_bundled() -> None:
    """Let Django use pysqlite3's newer library where it is installed."""
    try:
        import pysqlite3
    except ImportError:
        return
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2


def library_version() -> tuple[int, int, int]:
    module = sys.modules.get("sqlite3", sqlite3)
    major, minor, patch = (int(part) for part in module.sqlite_version.split("."))
    return major, minor, patch


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """False for the versions inside the WAL-reset bug.

    >>> wal_is_safe((3, 40, 1)), wal_is_safe((3, 51, 3)), wal_is_safe((3, 44, 6))
    (False, True, True)
    """
    if version >= _FIXED or version < (3, 7, 0):
        return True
    return any(version[:2] == fixed[:2] and version >= fixed for fixed in _BACKPORTS)
