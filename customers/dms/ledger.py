"""What the rows of a file must be compared by, as flat arrays: 100 bytes a row, no objects."""

from array import array
from typing import Any

from customers.dms.codes import SKIPPED_FROM
from customers.dms.draft import NO_FEN
from customers.dms.identity import NOTHING, vehicle_key
from customers.values.kinds import KINDS

_KIND_NUMBER = {kind: number for number, kind in enumerate(KINDS)}


class Ledger:
    """One entry per data row, in file order. Texts stand as hashes, 0 for none."""

    def __init__(self) -> None:
        self.row, self.reason, self.bits = array("I"), array("b"), array("I")
        self.order, self.target = array("q"), array("q")
        self.day, self.fen, self.odometer, self.kind = array("i"), array("q"), array("i"), array("b")
        self.name, self.mobile, self.phones, self.code = array("q"), array("q"), array("q"), array("q")
        self.is_company = array("b")
        self.vehicle = array("q")
        self.owner_facts, self.car_facts = array("q"), array("q")
        # Found when the whole file is known.
        self.status, self.of, self.customer = array("b"), array("i"), array("i")
        self.plate_vins: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self.row)

    def append(self, row: int, draft: dict[str, Any]) -> None:
        """Enter a row's draft, and take from it what needs to stand here alone."""
        take, get = draft.pop, draft.get
        reason = take("r")
        self.row.append(row)
        self.reason.append(reason)
        self.bits.append(take("w"))
        order, target = get("order_no"), get("reverses")
        self.order.append(hash(order) if order else NOTHING)
        self.target.append(hash(target) if target else NOTHING)
        self.day.append(take("d"))
        self.fen.append(take("f"))
        self.odometer.append(get("odometer", -1))
        self.kind.append(_KIND_NUMBER[get("kind", "other")])
        (name, is_company, mobile, phones, code, owner), (vehicle, car) = take("keys")
        self.name.append(name)
        self.is_company.append(is_company)
        self.mobile.append(mobile)
        self.phones.append(phones)
        self.code.append(code)
        self.owner_facts.append(owner)
        self.vehicle.append(vehicle)
        self.car_facts.append(car)
        plate, vin = get("plate"), get("vin")
        if plate and vin and reason < SKIPPED_FROM and self.plate_vins.setdefault(plate, vin) != vin:
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
