"""Rows made of rows, inside the database: INSERT ... SELECT from a QuerySet, the same on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connections, models, router
from django.db.models import F, Value
from django.db.models.expressions import Combinable


def insert_select(
    model: type[models.Model], rows: models.QuerySet[Any, Any], columns: Mapping[str, Combinable | str | Any]
) -> int:
    """Insert one row of ``model`` per row of ``rows``, skipping what is there already; return how many are new.

    ``columns``: field of ``model`` -> field name or expression over ``rows``; any other value is a constant.
    Only names and SQL that Django itself made go into the statement.
    """
    database = router.db_for_write(model)
    connection = connections[database]
    quote = connection.ops.quote_name
    expressions = {f"new_{field}": _expression(value) for field, value in columns.items()}
    chosen = rows.order_by().annotate(**expressions).values_list(*expressions)
    select, params = chosen.query.get_compiler(using=database).as_sql()
    names = ", ".join(quote(_column(model, field)) for field in columns)
    # WHERE true: without it SQLite reads ON CONFLICT as part of a join.
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({names}) "  # noqa: S608  # see the docstring
        f"SELECT * FROM ({select}) AS chosen WHERE true ON CONFLICT DO NOTHING"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.rowcount


def _column(model: type[models.Model], name: str) -> str:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)
    assert field.column is not None
    return field.column


def _expression(value: Any) -> Any:
    if isinstance(value, str):
        return F(value)
    return value if hasattr(value, "resolve_expression") else Value(value)
