"""What the rows of a file must be compared by, as flat arrays: 60 bytes a row, no objects."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customers.dms.codes import ACCEPTED, DUPLICATE, LINE, NO_FEN, NOTHING, REVERSAL
from customers.values.names import company_key, normalise_name

# The rows that customers and vehicles come from.
_COUNTED = (ACCEPTED, DUPLICATE, REVERSAL, LINE)


def shared(column: array) -> NDArray[Any]:
    """The same numbers for numpy, in the same memory: they can be changed, and while it is there none added."""
    if not column:
        return np.zeros(0, dtype=column.typecode)
    return np.frombuffer(column, dtype=column.typecode)


class Cars:
    """The cars of a file by number, from 1: each a combination of what rows say of one."""

    def __init__(self) -> None:
        # Fingerprints: "vin:..." of a good VIN, "plate:..."; ``vehicle`` is the one it is known by.
        self.vin, self.plate, self.vehicle = (array("q", [NOTHING]) for _ in range(3))

    def add(self, parts: Iterable[dict[str, Any]]) -> None:
        for part in parts:
            vin, plate = part.get("vin"), part.get("plate")
            self.vin.append(hash(f"vin:{vin}") if vin else NOTHING)
            self.plate.append(hash(f"plate:{plate}") if plate else NOTHING)
            self.vehicle.append(self.vin[-1] or self.plate[-1])


class Owners:
    """The owners of a file by number, from 1: each a combination of what rows say of one."""

    def __init__(self) -> None:
        self.name, self.mobile, self.phones, self.code = (array("q", [NOTHING]) for _ in range(4))
        self.is_company = array("b", [0])

    def add(self, parts: Iterable[dict[str, Any]]) -> None:
        for part in parts:
            is_company = part.get("customer_type") == "company"
            name, phones, landlines = (part.get(key) for key in ("customer_name", "phones", "landlines"))
            code = part.get("customer_code")
            self.is_company.append(is_company)
            self.name.append(
                hash(company_key(name) if is_company else normalise_name(name)) if name else NOTHING
            )
            self.mobile.append(int(phones[0]) if phones else NOTHING)
            self.phones.append(
                hash((tuple(phones or ()), tuple(landlines or ()))) if phones or landlines else NOTHING
            )
            self.code.append(hash(code) if code else NOTHING)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Each car with each owner that a counted row names together, in file order.

    ``first``: the index of the first row that does. ``of_row``: which of them each row names; -1 for none.
    """

    first: NDArray[np.int64]
    of_row: NDArray[np.int64]


class Ledger:
    """One entry per data row, in file order. Texts stand as fingerprints, 0 for none."""

    def __init__(self) -> None:
        self.row, self.reason, self.bits = array("I"), array("b"), array("I")
        self.order, self.target = array("q"), array("q")
        self.day, self.minute, self.fen = array("i"), array("h"), array("q")
        self.odometer, self.kind = array("i"), array("b")
        # Of all a row says; only of orders that stand in one row.
        self.said = array("q")
        self.line_kind, self.line_fen = array("b"), array("q")
        # Numbers of ``cars`` and ``owners``.
        self.car, self.owner = array("i"), array("i")
        self.cars, self.owners = Cars(), Owners()
        # Found when the whole file is known.
        self.status, self.of, self.customer = array("b"), array("i"), array("i")

    def __len__(self) -> int:
        return len(self.row)

    def enter(self, columns: dict[str, list[int]]) -> None:
        """Enter the rows of a block."""
        for name, column in columns.items():
            getattr(self, name).extend(column)

    def vehicle(self, index: int) -> int:
        """What the row's car is known by: all rows of one car have one fingerprint."""
        return self.cars.vehicle[self.car[index]]

    def vehicles(self, rows: NDArray[Any]) -> NDArray[np.int64]:
        """``vehicle`` of each of these rows."""
        found: NDArray[np.int64] = shared(self.cars.vehicle)[shared(self.car)[rows]]
        return found

    def pairs(self) -> Pairs:
        """To be asked for once the statuses are there."""
        counted = np.flatnonzero(np.isin(shared(self.status), _COUNTED))
        keys = (shared(self.car).astype(np.int64) << 32 | shared(self.owner))[counted]
        _, first, of = np.unique(keys, return_index=True, return_inverse=True)
        in_file = np.argsort(first)
        of_row = np.full(len(self), -1)
        of_row[counted] = np.argsort(in_file)[of]
        return Pairs(counted[first[in_file]], of_row)

    def settle_vehicles(self) -> None:
        """Cars with a plate alone join the one whose VIN this plate has elsewhere in the file."""
        plates, vins, vehicles = map(shared, (self.cars.plate, self.cars.vin, self.cars.vehicle))
        has_both = np.zeros(len(vehicles), dtype=bool)
        has_both[shared(self.car)] = True
        has_both &= (plates != NOTHING) & (vins != NOTHING)
        known, first, which = np.unique(plates[has_both], return_index=True, return_inverse=True)
        vin = vins[has_both][first]
        # Two cars under one plate: it stands for neither.
        vin[which[vins[has_both] != vin[which]]] = NOTHING
        known, vin = known[vin != NOTHING], vin[vin != NOTHING]
        joins = np.flatnonzero(np.isin(vehicles, known))
        vehicles[joins] = vin[np.searchsorted(known, vehicles[joins])]

    def blank_amount(self, index: int) -> bool:
        """Whether the order's amount stands on another of its lines."""
        return self.fen[index] == NO_FEN
