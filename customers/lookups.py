"""Prefix look-ups that an ordinary index can serve on both databases."""

from typing import Any

from django.db.models import CharField, Lookup


@CharField.register_lookup
class Prefix(Lookup):
    """``field__prefix="粤B6K"``: LIKE with the pattern index on PostgreSQL, GLOB on SQLite (LIKE ignores its index)."""

    lookup_name = "prefix"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_params = self.process_lhs(compiler, connection)
        escaped = str(self.rhs).replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        return f"{left} LIKE %s", (*left_params, escaped + "%")

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_params = self.process_lhs(compiler, connection)
        escaped = "".join(f"[{char}]" if char in "*?[" else char for char in str(self.rhs))
        return f"{left} GLOB %s", (*left_params, escaped + "*")
