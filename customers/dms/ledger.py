"""What the rows of a file must be compared by, as flat arrays: 100 bytes a row, no objects."""

from array import array
from typing import Any

from customers.dms.codes import SKIPPED_FROM
from customers.dms.draft import NO_FEN
from customers.values.kinds import KINDS
from customers.values.names import company_key, normalise_name

_KIND_NUMBER = {kind: number for number, kind in enumerate(KINDS)}
# Two texts with one 64-bit hash: once in 900 million files of 200,000 rows.
_NOTHING = 0


class Ledger:
    """One entry per data row, in file order. Texts stand as hashes, 0 for none."""

    def __init__(self) -> None:
        self.row, self.reason, self.bits = array("I"), array("b"), array("I")
        self.order, self.target = array("q"), array("q")
        self.day, self.fen, self.odometer, self.kind = array("i"), array("q"), array("i"), array("b")
        self.name, self.mobile, self.phones, self.code = array("q"), array("q"), array("q"), array("q")
        self.is_company = array("b")
        self.vehicle = array("q")
        # Found when the whole file is known.
        self.status, self.of, self.customer = array("b"), array("i"), array("i")
        self.plate_vins: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self.row)

    def append(self, row: int, draft: dict[str, Any]) -> None:
        """Enter a row's draft."""
        self.row.append(row)
        self.reason.append(draft["r"])
        self.bits.append(draft["w"])
        get = draft.get
        order, target = get("order_no"), get("reverses")
        self.order.append(hash(order) if order else _NOTHING)
        self.target.append(hash(target) if target else _NOTHING)
        self.day.append(draft["d"])
        self.fen.append(draft["f"])
        self.odometer.append(get("odometer", -1))
        self.kind.append(_KIND_NUMBER[get("kind", "other")])
        is_company = get("customer_type") == "company"
        name = get("customer_name")
        self.name.append(
            hash(company_key(name) if is_company else normalise_name(name)) if name else _NOTHING
        )
        self.is_company.append(is_company)
        phones = get("phones")
        self.mobile.append(int(phones[0]) if phones else _NOTHING)
        self.phones.append(hash((phones, get("landlines"))) if phones or get("landlines") else _NOTHING)
        code = get("customer_code")
        self.code.append(hash(code) if code else _NOTHING)
        plate, vin = get("plate"), get("vin")
        self.vehicle.append(hash(vehicle_key(plate, vin)) if plate or vin else _NOTHING)
        if plate and vin and draft["r"] < SKIPPED_FROM and self.plate_vins.setdefault(plate, vin) != vin:
            self.plate_vins[plate] = ""  # two cars under one plate: it stands for neither

    def settle_vehicles(self) -> None:
        """Rows with a plate alone join the car whose VIN this plate has elsewhere in the file."""
        joined = {
            hash(vehicle_key(plate, "")): hash(vehicle_key("", vin))
            for plate, vin in self.plate_vins.items()
            if vin
        }
        for index, vehicle in enumerate(self.vehicle):
            if vehicle in joined:
                self.vehicle[index] = joined[vehicle]

    def vin_of(self, plate: str) -> str:
        """The one good VIN ``plate`` has in the file, or nothing."""
        return self.plate_vins.get(plate, "")

    def blank_amount(self, index: int) -> bool:
        """Whether the order's amount stands on another of its lines."""
        return self.fen[index] == NO_FEN


def vehicle_key(plate: str | None, vin: str | None) -> str:
    """What a car is known by: its VIN if good, else its plate."""
    if vin:
        return f"vin:{vin}"
    return f"plate:{plate}" if plate else ""
