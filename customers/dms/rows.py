"""What the check gives for each row."""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Literal

Status = Literal["accepted", "rejected", "skipped", "duplicate", "reversal", "line"]
ReversalKind = Literal["", "full", "partial", "unmatched"]
LineKind = Literal["labour", "part", "discount", "other"]


@dataclass(slots=True)
class Line:
    """One item of an order, from an export with one row per line."""

    row: int
    kind: LineKind
    name: str
    quantity: Decimal | None
    unit_price_fen: int | None
    amount_fen: int | None


class CheckedRow:
    """One data row. Clean values stand only in rows that are neither rejected nor skipped.

    What stands here is the value of a row that says nothing else: a file has many rows, and says little in each.

    ``of``: the row a duplicate repeats, a reversal reverses, a line belongs to.
    ``vehicle_key``: "vin:..." or "plate:..."; rows of one car have one key, "" is no car.
    ``customer_key``: rows of one customer have one number; it means nothing outside this check.
    ``car_said``, ``owner_said``: fingerprints of all that the row says of them; the same again is no news.
    ``phones``: the mobiles, the primary first; with the warning phone_shared they identify nobody.
    """

    row: int = 0
    status: Status = "accepted"
    reason: str = ""
    of: int | None = None
    warnings: tuple[str, ...] = ()

    order_no: str = ""
    visited_on: date | None = None
    visited_at: time | None = None
    settled_on: date | None = None

    plate: str = ""
    vin: str = ""
    vehicle_key: str = ""
    car_said: int = 0
    plate_as_typed: str = ""
    vin_as_typed: str = ""
    engine_no: str = ""
    brand: str = ""
    model: str = ""
    usage: str = ""
    sale_date: date | None = None
    first_registration: date | None = None
    insurance_due: date | None = None
    insurer: str = ""
    inspection_due: date | None = None
    next_service_on: date | None = None
    next_service_odometer: int | None = None

    customer_key: int | None = None
    owner_said: int = 0
    customer_code: str = ""
    customer_name: str = ""
    customer_type: Literal["person", "company"] = "person"
    phones: tuple[str, ...] = ()
    landlines: tuple[str, ...] = ()
    contact: str = ""
    payer: str = ""
    gender: str = ""
    birthday: date | None = None
    industry: str = ""
    address: str = ""
    region: str = ""

    kind: str = "other"
    kind_word: str = ""
    is_rework: bool = False
    charge_type: str = ""
    odometer: int | None = None
    labour_fen: int | None = None
    parts_fen: int | None = None
    discount_fen: int | None = None
    paid_fen: int = 0
    advisor: str = ""
    team: str = ""
    technician: str = ""
    remark: str = ""
    lines: tuple[Line, ...] = ()

    reverses: str = ""
    """The order number a reversal names; with ``of`` None its target is not in this file."""
    reversal: ReversalKind = ""
    reversed_by: tuple[int, ...] = ()
    is_visit: bool = False
    net_paid_fen: int = 0
    """Paid less the partial reversals in this file."""
