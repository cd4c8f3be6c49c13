"""A dealer group for measuring, made by a few statements: ten visits a customer over 8 years, 20 stores."""

from __future__ import annotations

import uuid
from datetime import date

from django.db import connection, models, transaction
from django.db.models import NOT_PROVIDED

from customers.models import Complaint, Customer, StoreCustomer, Vehicle, Visit
from staff.models import Store

STORES = 20
AS_OF = date(2026, 6, 12)
# No vehicle has more visits; the mean is 8.7.
MOST_VISITS = 18


def pick(seed: str, salt: int) -> str:
    """SQL for a number that looks drawn by lot, the same on every database: two steps of a Lehmer generator."""
    return f"(((({seed}) + {salt * 7919}) * 48271 % 2147483647) * 16807 % 2147483647)"


def build(*, customers: int) -> None:
    """``customers`` owners, 1.15 times as many cars, about ten times as many visits."""
    Store.objects.bulk_create(Store(code=f"S{n:02}", name=f"Store {n:02}") for n in range(1, STORES + 1))
    first = Store.objects.order_by("pk").values_list("pk", flat=True)[0]
    tables = [model._meta.db_table for model in (Customer, StoreCustomer, Vehicle, Visit, Complaint)]
    with transaction.atomic():
        later = _drop_indexes(tables)
        _numbers(int(customers * 1.15))
        _customers(customers, first)
        _vehicles(customers, first)
        _visits(first)
        _complaints()
        for statement in later:
            _run(statement)
    _run("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _customers(count: int, first: int) -> None:
    store = f"{first} + {pick('n', 1)} % {STORES}"
    region = f"'区域' || ({pick('n', 2)} % 40)"
    made = {
        "id": "n", "uid": _uuid("n"), "home_store_id": store, "name": "'车主' || n", "region": region,
        "distance_m": f"{pick('n', 3)} % 25000", "price_sensitive": f"{pick('n', 4)} % 100 < 3",
    }  # fmt: skip
    _insert(Customer, made, f"numbers WHERE n <= {count}")
    links = {"id": "id", "customer_id": "id", "store_id": "home_store_id"}
    _insert(StoreCustomer, links, "customers_customer")


def _vehicles(customers: int, first: int) -> None:
    owner = f"1 + (n - 1) % {customers}"
    made = {
        "id": "n", "owner_id": owner, "home_store_id": f"{first} + {pick(owner, 1)} % {STORES}",
        "plate": "'粤B' || (1000000 + n)", "model": f"'A' || ({pick('n', 5)} % 12)",
        "purchased_on": _days_before(f"(1 + {pick('n', 6)} % 2920)"),
        "state": f"CASE WHEN {pick('n', 7)} % 100 < 4 THEN 'sold_away' ELSE 'in_use' END",
    }  # fmt: skip
    _insert(Vehicle, made, "numbers")


def _visits(first: int) -> None:
    """A car comes at its own pace from its purchase on; three in ten stayed away after half of their time."""
    age, share = (
        f"(1 + {pick('v.id', 6)} % 2920)",
        f"(CASE WHEN {pick('v.id', 8)} % 10 < 3 THEN 2 ELSE 1 END)",
    )
    visits = f"(CASE WHEN {pick('v.id', 9)} % 100 < 8 THEN 0 ELSE 1 + {pick('v.id', 10)} % {MOST_VISITS} END)"
    seed = f"v.id * {MOST_VISITS} + k.n"
    ago = f"({age} - ({age} * k.n / (m.visits * {share})) - {pick(seed, 11)} % (1 + {age} / (m.visits * {share})))"
    kind = (
        "CASE WHEN lot < 55 THEN 'maintenance' WHEN lot < 80 THEN 'repair' WHEN lot < 85 THEN 'accident'"
        " WHEN lot < 90 THEN 'warranty' ELSE 'other' END"
    )
    made = {
        "id": f"id * {MOST_VISITS} + n", "vehicle_id": "id", "customer_id": "owner_id",
        "store_id": f"CASE WHEN {pick('seed', 12)} % 100 < 95 THEN home_store_id"
        f" ELSE {first} + {pick('seed', 13)} % {STORES} END",
        "order_no": "'WX' || seed", "visited_on": _days_before("ago"), "kind": kind, "source": "'dms'",
        "paid_fen": f"10000 + {pick('seed', 14)} % 290000", "voided": f"{pick('seed', 15)} % 1000 < 5",
    }  # fmt: skip
    rows = (
        f"(SELECT v.id, v.owner_id, v.home_store_id, k.n, {seed} AS seed, {ago} AS ago, {pick(seed, 16)} % 100 AS lot"
        f" FROM (SELECT v.*, {visits} AS visits FROM customers_vehicle v) m"
        " JOIN customers_vehicle v ON v.id = m.id"
        f" JOIN (SELECT n - 1 AS n FROM numbers WHERE n <= {MOST_VISITS}) k ON k.n < m.visits"
        " ORDER BY v.id, k.n) drawn"
    )
    _insert(Visit, made, rows)


def _complaints() -> None:
    made = {
        "id": "id", "store_id": "home_store_id", "customer_id": "owner_id", "vehicle_id": "id", "text": "'异响'",
        "opened_on": _days_before(f"({pick('id', 17)} % 400)"),
        "closed_on": f"CASE WHEN {pick('id', 18)} % 10 < 8 THEN {_day()} END",
    }  # fmt: skip
    _insert(Complaint, made, f"customers_vehicle WHERE {pick('id', 19)} % 500 = 0")


def _numbers(count: int) -> None:
    """1 to ``count``: a thousand by a recursion, the rest by crossing it with itself."""
    _run("CREATE TEMPORARY TABLE numbers (n bigint PRIMARY KEY)")
    _run(
        "INSERT INTO numbers WITH RECURSIVE k(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM k WHERE n < 1999)"
        f" SELECT 1 + a.n * 2000 + b.n FROM k a CROSS JOIN k b WHERE 1 + a.n * 2000 + b.n <= {count}"
    )


def _insert(model: type[models.Model], made: dict[str, str], rows: str) -> None:
    """INSERT ... SELECT with the model's own defaults for the columns not named."""
    columns = {field.column: made.get(field.column) or _default(field) for field in _columns(model)}
    names, values = ", ".join(columns), ", ".join(columns.values())
    _run(f"INSERT INTO {model._meta.db_table} ({names}) SELECT {values} FROM {rows}")


def _columns(model: type[models.Model]) -> list[models.Field]:
    return [field for field in model._meta.concrete_fields if not getattr(field, "generated", False)]


def _default(field: models.Field) -> str:
    if field.null:
        return "NULL"
    if isinstance(field, models.DateTimeField):
        return "CURRENT_TIMESTAMP"
    value = "" if field.default is NOT_PROVIDED else field.get_default()
    if isinstance(value, bytes):
        return "''::bytea" if connection.vendor == "postgresql" else "x''"
    if isinstance(value, bool | int):
        return str(value).upper()
    return f"'{value}'"


def _day() -> str:
    return f"DATE '{AS_OF}'" if connection.vendor == "postgresql" else f"'{AS_OF}'"


def _days_before(days: str) -> str:
    return (
        f"({_day()} - ({days})::int)"
        if connection.vendor == "postgresql"
        else f"date('{AS_OF}', '-' || {days} || ' days')"
    )


def _uuid(seed: str) -> str:
    zeros = uuid.UUID(int=0).hex
    if connection.vendor == "postgresql":
        return f"(right('{zeros}' || to_hex({seed}), 32))::uuid"
    return f"printf('%032x', {seed})"


def _drop_indexes(tables: list[str]) -> list[str]:
    """Indexes are made after the rows, and nothing is checked row by row; returns how to make them again."""
    if connection.vendor != "postgresql":
        return []
    _run("SET LOCAL session_replication_role = replica")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
            [tables],
        )
        found = cursor.fetchall()
    for name, _definition in found:
        _run(f'DROP INDEX "{name}"')
    return [definition for _name, definition in found]


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def forget() -> None:
    """Back to before the first run."""
    for table in ("segmentspell", "vehiclesegment", "segmenttally", "nearcar", "segmentrun", "touchedcar"):
        _run(("TRUNCATE " if connection.vendor == "postgresql" else "DELETE FROM ") + f"segmentation_{table}")


def tidy() -> None:
    """What autovacuum does after so many changes."""
    if connection.vendor == "postgresql":
        _run("VACUUM ANALYZE segmentation_vehiclesegment, segmentation_segmentspell, customers_visit")


def touch_one_in_a_hundred() -> None:
    """One more yuan for every visit of every hundredth car: an import of corrections."""
    with transaction.atomic():
        _run("UPDATE customers_visit SET paid_fen = paid_fen + 100 WHERE vehicle_id % 100 = 7")


def visit_one_in_a_hundred(on: date) -> None:
    """Every hundredth car comes on ``on``, or comes again: the import of a day."""
    newest = "(SELECT MAX(id) FROM customers_visit)"
    made = {
        "id": f"{newest} + id", "vehicle_id": "id", "customer_id": "owner_id", "store_id": "home_store_id",
        "order_no": f"'DAY' || ({newest} + id)", "visited_on": f"'{on}'", "kind": "'maintenance'", "source": "'dms'",
        "paid_fen": f"10000 + {pick('id', 20)} % 290000",
    }  # fmt: skip
    with transaction.atomic():
        _insert(Visit, made, "customers_vehicle WHERE id % 100 = 7")
