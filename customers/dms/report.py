"""What a check found, counted."""

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from customers.values.dates import DayOrder
from customers.values.money import yuan_text


class Conflict(NamedTuple):
    """A row whose number an earlier one, ``of``, has already. Days are yyyymmdd; an amount may be left blank."""

    of: int
    is_other_car: bool
    day: int
    fen: int | None
    of_day: int
    of_fen: int | None


@dataclass(slots=True)
class Report:
    """Sums over a file. Rows are physical numbers; amounts are fen."""

    export: str = "orders"
    data_rows: int = 0
    accepted_rows: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)
    duplicates: list[tuple[int, int]] = field(default_factory=list)
    reversals: list[tuple[int, int | None, str]] = field(default_factory=list)
    customers: int = 0
    customers_by_type: dict[str, int] = field(default_factory=dict)
    vehicles: int = 0
    visits: int = 0
    visits_by_kind: dict[str, int] = field(default_factory=dict)
    paid_fen_by_kind: dict[str, int] = field(default_factory=dict)
    warnings: dict[str, list[int]] = field(default_factory=dict)

    conflicts: dict[int, Conflict] = field(default_factory=dict)
    """By row, of the rejected ones whose number another row of the file has."""
    not_data: list[tuple[int, str]] = field(default_factory=list)
    unknown_kinds: dict[str, int] = field(default_factory=dict)
    """Words of kinds nobody mapped yet, with their rows counted."""
    day_order: DayOrder | None = None
    """How days like 05-01-2018 were read; None when the file has none."""
    day_order_is_guess: bool = False
    """No row of the file could be read in one order only."""
    first_day: int = 0
    last_day: int = 0
    """First and last visit day as yyyymmdd, 0 without visits."""

    @property
    def paid_fen(self) -> int:
        return sum(self.paid_fen_by_kind.values())

    def as_dict(self) -> dict[str, Any]:
        """The report as ``import_dms --json`` prints it."""
        return {
            "data_rows": self.data_rows,
            "accepted_rows": self.accepted_rows,
            "rejected": [{"row": row, "reason": reason} for row, reason in self.rejected],
            "skipped": [{"row": row, "reason": reason} for row, reason in self.skipped],
            "duplicates": [{"row": row, "of": of} for row, of in self.duplicates],
            "reversals": [{"row": row, "of": of, "type": type_} for row, of, type_ in self.reversals],
            "customers": self.customers,
            "customers_by_type": self.customers_by_type,
            "vehicles": self.vehicles,
            "visits": self.visits,
            "visits_by_kind": self.visits_by_kind,
            "paid_by_kind": {kind: yuan_text(fen) for kind, fen in self.paid_fen_by_kind.items()},
            "paid_total": yuan_text(self.paid_fen),
            "warnings": self.warnings,
        }


def refused_dict(reason_code: str) -> MappingType[str, Any]:
    """The report of a file refused whole."""
    return {"refused": True, "reason": reason_code}
