"""What the cells of a row say of its car and of its owner."""

from typing import Any

from customers.dms.codes import BIT
from customers.dms.read.cells import Cell, as_text
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


def car_part(names: list[str], shift: int, cells: tuple[Cell, ...]) -> Part:
    said = dict(zip(names, cells, strict=True))
    part: Part = {"w": 0}
    _identify(as_text(said["plate"]), as_text(said["vin"]), as_text(said["plate_or_vin"]), part)
    for name in CAR_TEXTS:
        if text := as_text(said.get(name, "")):
            part[name] = text
    for name in CAR_DAYS:
        if (cell := said.get(name, "")) != "" and (code := due_code(cell, shift)):
            part[name] = code
    return part


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


def owner_part(names: list[str], regions: int, shift: int, cells: tuple[Cell, ...]) -> Part:
    """``cells``: those of ``names``, so many of the region, then the phones."""
    said, rest = dict(zip(names, cells, strict=False)), cells[len(names) :]
    part: Part = {"w": 0}
    _call(rest[regions:], part)
    for name in OWNER_TEXTS:
        if text := as_text(said.get(name, "")):
            part[name] = text
    if region := "".join(dict.fromkeys(map(as_text, rest[:regions]))):
        part["region"] = region
    if said["birthday"] != "" and (code := due_code(said["birthday"], shift)):
        part["birthday"] = code
    if is_company(part.get("customer_name", ""), as_text(said["customer_type"])):
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
