"""What the cells of a row say of its car and of its owner."""

from collections.abc import Sequence
from typing import Any

from customers.dms.codes import BIT
from customers.dms.read.cells import Cell, as_text
from customers.dms.words import is_customer_code
from customers.values.dates import due_code
from customers.values.names import is_company
from customers.values.phones import judge_phone
from customers.values.plates import is_plate, normalise_plate
from customers.values.vins import judge_vin

CAR_TEXTS = ("engine_no", "brand", "model", "insurer")
CAR_DAYS = ("sale_date", "first_registration", "insurance_due", "inspection_due", "next_service_date")
OWNER_TEXTS = (
    *("usage", "contact", "payer", "gender", "industry", "address", "customer_code", "customer_name"),
)

Part = dict[str, Any]
"""What the cells of a car or an owner say, blanks left out; days as codes; ``w`` warning bits."""


def car_part(texts: Sequence[str], days: Sequence[str], shift: int, cells: tuple[Cell, ...]) -> Part:
    """``cells``: plate, VIN, the column of either, then those of ``texts`` and of ``days``."""
    plate, vin, either = map(as_text, cells[:3])
    part: Part = {"w": 0}
    _identify(plate, vin, either, part)
    _write_down(part, texts, cells[3:])
    for name, cell in zip(days, cells[3 + len(texts) :], strict=True):
        if cell != "" and (code := due_code(cell, shift)):
            part[name] = code
    return part


def _write_down(part: Part, names: Sequence[str], cells: tuple[Cell, ...]) -> None:
    for name, cell in zip(names, cells, strict=False):
        if cell != "":
            part[name] = as_text(cell)


def _identify(plate_text: str, vin_text: str, either: str, part: Part) -> None:
    if either and not (plate_text and vin_text):
        if is_plate(normalise_plate(either)):
            plate_text = plate_text or either
        else:
            vin_text = vin_text or either
    if plate := normalise_plate(plate_text):
        if is_plate(plate):
            part["plate"] = plate
        else:
            part["w"] |= BIT["plate_invalid"]
            part["plate_as_typed"] = plate_text
    vin, problem = judge_vin(vin_text)
    if problem:
        part["w"] |= BIT[problem]
        part["vin_as_typed"] = vin_text
    elif vin:
        part["vin"] = vin


def owner_part(texts: Sequence[str], regions: int, shift: int, cells: tuple[Cell, ...]) -> Part:
    """``cells``: type, birthday, then those of ``texts``, so many of the region, the phones."""
    (type_, birthday), rest = cells[:2], cells[2 + len(texts) :]
    part: Part = {"w": 0}
    _call(rest[regions:], part)
    _write_down(part, texts, cells[2:])
    if "customer_code" in part and not is_customer_code(part["customer_code"]):
        del part["customer_code"]
    if region := "".join(dict.fromkeys(map(as_text, rest[:regions]))):
        part["region"] = region
    if birthday != "" and (code := due_code(birthday, shift)):
        part["birthday"] = code
    if is_company(part.get("customer_name", ""), as_text(type_)):
        part["customer_type"] = "company"
    return part


def _call(cells: tuple[Cell, ...], part: Part) -> None:
    mobiles: tuple[str, ...] = ()
    landlines: tuple[str, ...] = ()
    bad = False
    for cell in cells:
        own, fixed, invalid = judge_phone(as_text(cell))
        mobiles, landlines, bad = mobiles + own, landlines + fixed, bad or invalid
    if mobiles:
        part["phones"] = mobiles if len(cells) == 1 else tuple(dict.fromkeys(mobiles))
    elif bad and not landlines:
        part["w"] |= BIT["phone_invalid"]
    if landlines:
        part["landlines"] = landlines
