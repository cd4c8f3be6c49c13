"""Where a file's rows lie between the file and the tables, and that nothing of them is left there."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection

from customers.dms.commit import staged
from customers.models import Import
from customers.services import imports
from staff.models import Store
from tests.customers.imports.conftest import Run, Write, order

pytestmark = pytest.mark.django_db(transaction=True)


def temporary_tables() -> set[str]:
    """Of this connection."""
    statement = (
        "SELECT relname FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_temp_master WHERE type = 'table'"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return {name for (name,) in cursor.fetchall()}


def attached() -> set[str]:
    """Database files of this connection beside its own."""
    if connection.vendor == "postgresql":
        return set()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA database_list")
        return {name for _, name, _ in cursor.fetchall()} - {"main", "temp"}


def cached_kb() -> int:
    """Pages of SQLite that this connection keeps; PostgreSQL keeps its own in the server."""
    if connection.vendor == "postgresql":
        return settings.SQLITE_CACHE_KB
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA main.cache_size")
        return -int(cursor.fetchone()[0])


def test_nothing_is_left(run: Run, export: Write) -> None:
    run(export(order()))

    assert Import.objects.get().status == Import.Status.DONE
    assert temporary_tables() == set()
    assert attached() == set()


def test_sqlite_stages_in_a_file_not_in_memory(run: Run, export: Write, store: Store, today) -> None:
    run(export(order()))
    imported = Import.objects.get()

    with staged(imported, today=today):
        stands = temporary_tables()
        assert ("stage_order" in stands) == (connection.vendor == "postgresql")
        assert attached() == (set() if connection.vendor == "postgresql" else {"scratch"})

    assert attached() == set()


def test_sqlite_has_its_pages_back_when_the_import_is_done(
    run: Run, export: Write, store: Store, today
) -> None:
    usual = settings.SQLITE_CACHE_KB
    assert cached_kb() == usual
    run(export(order()))
    with staged(Import.objects.get(), today=today):
        assert (cached_kb() < usual) == (connection.vendor == "sqlite")

    assert cached_kb() == usual


def test_a_refused_file_leaves_nothing_either(store: Store, today, tmp_path) -> None:
    path = tmp_path / "no.csv"
    path.write_text("没有表头\n什么也没有\n", "utf-8")

    with pytest.raises(imports.FileRefused):
        imports.import_now(path=path, store=store, today=today)

    assert temporary_tables() == set()
    assert attached() == set()
