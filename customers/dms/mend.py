"""Which cell of a row is to be mended, and with what: proposals, never taken without a person."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from customers.contacts import number_index, numbers_in
from customers.dms.codes import BAD_AMOUNT, BIT, FIRST_DAY, REASONS
from customers.dms.headers import Mapping
from customers.dms.judge import Judge
from customers.dms.read.cells import Cell, as_text
from customers.models import Phone
from customers.models.vehicle import VehicleQuerySet
from customers.values.dates import DayOrder, code_date, date_code, day_code, parse_day, settle_code
from customers.values.money import read_yuan, yuan_text
from customers.values.plates import is_plate, normalise_plate
from customers.values.vins import judge_vin

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

_IDENTITY = ("plate", "plate_or_vin", "vin")
_AMOUNTS = ("line_amount", "paid", "receivable", "total_ambiguous")
# Where the matter of a row is mended: the first of these that the file has and that is not well.
_FIELDS: dict[str, tuple[str, ...]] = {
    "no_identity": _IDENTITY,
    "bad_date": ("visit_date", "settle_date"),
    "bad_amount": _AMOUNTS,
    "order_no_conflict": ("order_no",),
    "amount_mismatch": _AMOUNTS,
    "odometer_implausible": ("odometer",),
    "odometer_rollback": ("odometer",),
    "phone_invalid": ("phone",),
    "plate_invalid": ("plate", "plate_or_vin"),
    **dict.fromkeys(
        ("vin_check_digit", "vin_illegal", "vin_length", "vin_placeholder"), ("vin", "plate_or_vin")
    ),
}
MENDABLE = frozenset(_FIELDS)
_AS_DIGITS = str.maketrans("OoQIil", "000111")
_DAY_IN_NUMBER = re.compile(r"(?:19|20)\d{6}")
_NOT_AMOUNT = re.compile(r"[^0-9.,()+\-]")


@dataclass(frozen=True, slots=True)
class Wrong:
    """A row with a matter (a code of the report) and its cells as they count now."""

    row: int
    code: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Place:
    """The cell to mend."""

    field: str
    index: int


@dataclass(frozen=True, slots=True)
class Proposal:
    text: str
    why: StrPromise


def place_of(wrong: Wrong, mapping: Mapping, *, today: date) -> Place | None:
    """The cell to mend; None where no single one is wrong, or it is one of another line of the order."""
    fields = _FIELDS.get(wrong.code, ())
    if wrong.code == "no_identity" and not mapping.fields & set(_IDENTITY):
        fields = ("phone",)
    places = [
        Place(field, mapping.indexes(field)[0])
        for field in fields
        if mapping.indexes(field) and (field != "line_amount" or mapping.export == "lines")
    ]
    if mapping.export == "lines" and places and _is_anothers(wrong, places, mapping, today):
        return None
    for place in places:
        text = _text(wrong, place.index)
        may_be_blank = wrong.code == "no_identity" or place.field == "line_amount"
        if not _is_well(place.field, text) and (text.strip() or not may_be_blank):
            return place
    return places[0] if places else None


def _is_well(field: str, text: str) -> bool:
    if field in _AMOUNTS:
        return read_yuan(text) is not None
    if field in ("plate", "plate_or_vin", "vin"):
        return is_plate(normalise_plate(text)) or judge_vin(text)[1] is None
    return False


def _is_anothers(wrong: Wrong, places: Sequence[Place], mapping: Mapping, today: date) -> bool:
    """Whether a line is rejected for another one of its order: what it says itself is well."""
    texts = [_text(wrong, place.index).strip() for place in places]
    order = mapping.indexes("order_no")
    # The cells of an order may be merged and stand on its first line only.
    is_below = bool(order) and not _text(wrong, order[0]).strip()
    if wrong.code == "bad_amount":
        # Of several columns of the order's amount the first counts.
        counted = list(zip(places, texts, strict=True))[: 2 if places[0].field == "line_amount" else 1]
        return all(
            _is_well(place.field, text)
            or (not text and len(counted) > 1 and (is_below or place.field == "line_amount"))
            for place, text in counted
        )
    if wrong.code not in ("no_identity", "bad_date"):
        return False
    if not any(texts):
        return is_below
    if wrong.code == "bad_date":
        orders: tuple[DayOrder, ...] = ("dmy", "mdy")
        return all(_may_be(settle_code(day_code(texts[0])[0], order), today) for order in orders)
    return any(_identifies(text) for text in texts)


def _identifies(text: str) -> bool:
    vin, problem = judge_vin(text)
    return is_plate(normalise_plate(text)) or (vin != "" and problem is None)


def still_wrong(wrong: Wrong, mapping: Mapping, *, today: date) -> bool:
    """Whether the row with these cells has its matter by itself; what only the whole file tells is not asked."""
    judge = Judge(mapping, kinds={}, shift=0)
    _data, said = judge([(mapping.header_row + 1, list(wrong.cells))])
    if "ledger" not in said:
        return False
    reason, bits, day = (said["ledger"][name][0] for name in ("reason", "bits", "day"))
    if wrong.code == "bad_date" and reason in (0, BAD_AMOUNT):
        return day > 0 and not _may_be(day, today)
    return REASONS[reason] == wrong.code or bool(bits & BIT.get(wrong.code, 0))


def proposals(
    wrongs: Iterable[Wrong], mapping: Mapping, *, cars: VehicleQuerySet, today: date
) -> dict[int, Proposal]:
    """By row: what could be meant. ``cars``: those that may be proposed."""
    places = {
        wrong.row: (wrong, place) for wrong in wrongs if (place := place_of(wrong, mapping, today=today))
    }
    known = _Known(mapping, [wrong for wrong, place in places.values() if place.field in _IDENTITY], cars)
    found: dict[int, Proposal] = {}
    for row, (wrong, place) in places.items():
        propose = _BY_FIELD.get(place.field)
        proposal = propose(wrong, place, mapping, known, today) if propose else None
        if proposal and proposal.text != _text(wrong, place.index):
            found[row] = proposal
    return found


class _Known:
    """Cars of the customers whose numbers stand in the rows: plate and VIN by number."""

    def __init__(self, mapping: Mapping, wrongs: Sequence[Wrong], cars: VehicleQuerySet) -> None:
        self._columns = [*mapping.indexes("phone"), *mapping.indexes("contact_phone")]
        self._cars: dict[str, set[tuple[str, str]]] = {}
        indexes = {index for wrong in wrongs for index in self._indexes(wrong)}
        if not indexes:
            return
        numbers = Phone.objects.filter(number_index__in=indexes).values_list("customer_id", "number_index")
        owners: dict[int, list[str]] = {}
        for customer, index in numbers:
            owners.setdefault(customer, []).append(index)
        for owner, plate, vin in cars.filter(owner__in=owners).values_list("owner_id", "plate", "vin"):
            for index in owners[owner]:
                self._cars.setdefault(index, set()).add((plate, vin or ""))

    def _indexes(self, wrong: Wrong) -> list[str]:
        return [
            number_index(number) for column in self._columns for number in numbers_in(_text(wrong, column))[0]
        ]

    def like(self, wrong: Wrong, place: Place, typed: str) -> str:
        """The one plate or VIN of these customers that ``typed`` could be; where nothing was typed, their only one."""
        at = 1 if place.field == "vin" else 0
        cars = {car[at] for index in self._indexes(wrong) for car in self._cars.get(index, ())} - {""}
        near = {car for car in cars if not typed or _is_near(typed, car)}
        return near.pop() if len(near) == 1 else ""


def _is_near(typed: str, meant: str) -> bool:
    """One character more, less or other, or two neighbours swapped."""
    if len(typed) == len(meant):
        wrong = [at for at in range(len(typed)) if typed[at] != meant[at]]
        swapped = (
            len(wrong) == 2 and typed[wrong[0]] == meant[wrong[1]] and typed[wrong[1]] == meant[wrong[0]]
        )
        return len(wrong) == 1 or (swapped and wrong[1] == wrong[0] + 1)
    short, long = sorted((typed, meant), key=len)
    return len(long) == len(short) + 1 and any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


def _text(wrong: Wrong, index: int) -> str:
    return as_text(wrong.cells[index]) if 0 <= index < len(wrong.cells) else ""


def _may_be(code: int, today: date) -> bool:
    """Whether a car can have come on that day."""
    return FIRST_DAY <= code <= date_code(today)


def _identity(wrong: Wrong, place: Place, mapping: Mapping, known: _Known, today: date) -> Proposal | None:
    typed = _text(wrong, place.index)
    plate = normalise_plate(typed)
    if place.field != "vin" and is_plate(read := plate[:2] + plate[2:].translate(_AS_DIGITS)):
        return Proposal(read, _("Plates have no O and no I: 0 and 1 are meant"))
    if place.field != "plate" and len(typed) > 8:
        vin, problem = judge_vin(typed.translate(_AS_DIGITS))
        if not problem:
            return Proposal(vin, _("VINs have no O, Q and I: 0 and 1 are meant"))
    if like := known.like(wrong, place, judge_vin(typed)[0] if place.field == "vin" else plate):
        return Proposal(like, _("The car of the customer with this phone number"))
    return None


def _day(wrong: Wrong, place: Place, mapping: Mapping, known: _Known, today: date) -> Proposal | None:
    if order := mapping.indexes("order_no"):
        for digits in _DAY_IN_NUMBER.findall(_text(wrong, order[0])):
            code = day_code(digits)[0]
            if _may_be(code, today):
                return Proposal(code_date(code).isoformat(), _("The day in the order number"))
    for other in mapping.indexes("settle_date"):
        day = parse_day(_text(wrong, other)) if other != place.index else None
        if day and _may_be(date_code(day), today):
            return Proposal(day.isoformat(), _("The settlement date"))
    day = parse_day(_text(wrong, place.index))
    if day and day > today:
        year = str(day.year)
        for at in range(3):
            swapped = year[:at] + year[at + 1] + year[at] + year[at + 2 :]
            code = day_code(f"{swapped}-{day.month}-{day.day}")[0]
            if _may_be(code, today) and today.year - int(swapped) <= 10:
                return Proposal(code_date(code).isoformat(), _("Two digits of the year are swapped"))
    return None


def _amount(wrong: Wrong, place: Place, mapping: Mapping, known: _Known, today: date) -> Proposal | None:
    parts = [
        read_yuan(_text(wrong, mapping.indexes(name)[0])) if mapping.indexes(name) else None
        for name in ("labour_amount", "parts_amount")
    ]
    if mapping.export == "orders" and all(part is not None for part in parts):
        discount = (
            read_yuan(_text(wrong, mapping.indexes("discount")[0])) if mapping.indexes("discount") else 0
        )
        fen = sum(part or 0 for part in parts) - abs(discount or 0)
        return Proposal(yuan_text(fen), _("Labour and parts less the discount"))
    read = _NOT_AMOUNT.sub("", _text(wrong, place.index).translate(_AS_DIGITS))
    found = read_yuan(read) if any(character.isdigit() for character in read) else None
    return None if found is None else Proposal(yuan_text(found), _("The number in the cell"))


_Propose = Callable[[Wrong, Place, Mapping, _Known, date], "Proposal | None"]
_BY_FIELD: dict[str, _Propose] = {
    **dict.fromkeys(_IDENTITY, _identity),
    **dict.fromkeys(("visit_date", "settle_date"), _day),
    **dict.fromkeys(_AMOUNTS, _amount),
}
