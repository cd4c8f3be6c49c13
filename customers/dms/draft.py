"""One row judged by itself: what it says, and what is wrong with it whatever the other rows hold."""

import unicodedata
from collections import Counter
from collections.abc import Callable
from collections.abc import Mapping as MappingType
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from operator import itemgetter
from typing import Any

from customers.dms.codes import BAD_AMOUNT, BAD_DATE, BIT, NO_IDENTITY
from customers.dms.headers import Mapping
from customers.dms.identity import NO_KEYS, car_keys, owner_keys
from customers.dms.read.cells import Cell
from customers.dms.words import line_kind, order_number, status_reason, tidied
from customers.values.dates import day_code, due_code
from customers.values.kinds import kind_word, visit_kind
from customers.values.money import parse_yuan
from customers.values.names import is_company
from customers.values.odometers import is_plausible, parse_odometer
from customers.values.phones import judge_phone
from customers.values.plates import is_plate, normalise_plate
from customers.values.vins import judge_vin

_REMEMBERED = 1 << 14
NO_FEN = -(1 << 62)
"""Stands for an amount left blank on a line whose order has it on another."""

_CAR_TEXTS = ("engine_no", "brand", "model", "insurer")
_OWNER_TEXTS = (
    *("usage", "contact", "payer", "gender", "industry", "address", "customer_code", "customer_name"),
)
_TEXTS = ("charge_type", "advisor", "team", "technician", "remark")
_REGION = ("province", "city", "region")
_DAYS = {
    "sale_date": "sale_date",
    "first_registration": "first_registration",
    "insurance_due": "insurance_due",
    "inspection_due": "inspection_due",
    "next_service_date": "next_service_on",
}


def _text(cell: Cell) -> str:
    """A trimmed cell as text."""
    return cell if isinstance(cell, str) else str(cell)


@lru_cache(maxsize=1 << 14)
def _fen(cell: Cell) -> int | None:
    try:
        return parse_yuan(cell)
    except ValueError:
        return None


class _Remembered:
    """What ``make`` makes of some cells of a row, kept for the rows that say the same in them."""

    def __init__(self, make: Callable[[list[Cell]], dict[str, Any]], indexes: list[int]) -> None:
        self._make = make
        # Two at least, so that the getter gives a tuple; the last cell of every row is blank.
        self._pick = itemgetter(*indexes, -1, -1)
        self._parts: dict[tuple[Cell, ...], dict[str, Any]] = {}

    def __call__(self, cells: list[Cell]) -> dict[str, Any]:
        key = self._pick(cells)
        part = self._parts.get(key)
        if part is None:
            part = self._make(cells)
            # The first so many stay: their rows come as often as any, and a full memory is not built up anew.
            if len(self._parts) < _REMEMBERED:
                self._parts[key] = part
        return part


class Drafter:
    """Judges rows under one mapping.

    A draft is a dict of clean values by the names of CheckedRow, days still as codes, with the keys
    ``r`` reason code, ``w`` warning bits, ``d`` code of the day that counts, ``f`` fen, ``keys`` what Ledger.append
    takes of it. A car and its owner come again and again: the part of the draft that their cells make is remembered.
    """

    def __init__(self, mapping: Mapping, *, kinds: MappingType[str, str], shift: int) -> None:
        self.export = mapping.export
        self.width = max((column.index for column in mapping.columns), default=0) + 1
        self.unknown_kinds: Counter[str] = Counter()
        self._kinds, self._shift = dict(kinds), shift
        fields = mapping.fields

        # A field without a column reads the blank cell every row is padded with.
        def at(field: str) -> int:
            return next(iter(mapping.indexes(field)), -1)

        self._at = {field: at(field) for field in fields}
        self._order, self._reversed, self._status = at("order_no"), at("reversed_order_no"), at("status")
        self._plate, self._vin, self._either = at("plate"), at("vin"), at("plate_or_vin")
        self._visit, self._settle = at("visit_date"), at("settle_date")
        self._paid = next(
            (at(field) for field in ("paid", "receivable", "total_ambiguous") if field in fields), -1
        )
        self._kind, self._odometer, self._type = at("visit_kind"), at("odometer"), at("customer_type")
        self._labour, self._parts, self._discount = at("labour_amount"), at("parts_amount"), at("discount")
        self._phones = mapping.indexes("phone")
        self._texts = [(field, at(field)) for field in _TEXTS if field in fields]
        self._car_texts = [(field, at(field)) for field in _CAR_TEXTS if field in fields]
        self._owner_texts = [(field, at(field)) for field in _OWNER_TEXTS if field in fields]
        self._regions = [at(field) for field in _REGION if field in fields]
        self._days = [(name, at(field)) for field, name in _DAYS.items() if field in fields]
        self._birthday = at("birthday")
        self._car = _Remembered(
            self._car_part,
            [self._plate, self._vin, self._either, *(index for _, index in [*self._car_texts, *self._days])],
        )
        self._owner = _Remembered(
            self._owner_part,
            [
                *(self._type, self._birthday, *self._phones, *self._regions),
                *(index for _, index in self._owner_texts),
            ],
        )
        self._adds_up = {"labour_amount", "parts_amount", "discount"} <= fields and self.export == "orders"
        self._line_columns = [
            at(field)
            for field in ("line_type", "line_name", "quantity", "unit_price", "line_amount")
            if field in fields
        ]
        self._above: list[Cell] = []

    def __call__(self, raw: list[Cell]) -> dict[str, Any]:
        """The draft of a row."""
        cells = tidied(raw)
        cells += [""] * max(self.width - len(raw) + 1, 1)
        if self.export == "lines":
            cells = self._filled_down(cells)
        reason = status_reason(_text(cells[self._status])) if self._status >= 0 else 0
        if reason:
            return {"r": reason, "w": 0, "d": 0, "f": 0, "keys": NO_KEYS}
        car, owner = self._car(cells), self._owner(cells)
        draft = {**car, **owner, "r": 0, "w": car["w"] | owner["w"], "d": 0, "f": 0}
        draft["keys"] = owner["keys"], car["keys"]
        if self.export == "customers":
            if not (draft.get("plate") or draft.get("vin") or draft.get("phones") or draft.get("landlines")):
                draft["r"] = NO_IDENTITY
        else:
            if not (draft.get("plate") or draft.get("vin")):
                draft["r"] = NO_IDENTITY
            self._date(cells, draft)
            self._pay(cells, draft)
            self._visit_kind(cells, draft)
        for field, index in self._texts:
            if text := _text(cells[index]):
                draft[field] = text
        self._drive(cells, draft)
        self._number(cells, draft)
        return draft

    def _filled_down(self, cells: list[Cell]) -> list[Cell]:
        """What a merged cell says only on an order's first line, on the others too."""
        order = cells[self._order]
        if order == "" and self._above and any(cells[index] != "" for index in self._line_columns):
            cells = [
                above if cell == "" and index not in self._line_columns else cell
                for index, (cell, above) in enumerate(zip(cells, self._above, strict=False))
            ]
        self._above = cells
        return cells

    def _car_part(self, cells: list[Cell]) -> dict[str, Any]:
        part: dict[str, Any] = {"w": 0}
        self._identify(cells, part)
        for field, index in self._car_texts:
            if text := _text(cells[index]):
                part[field] = text
        for name, index in self._days:
            if code := due_code(cells[index], self._shift):
                part[name] = code
        part["keys"] = car_keys(part)
        return part

    def _owner_part(self, cells: list[Cell]) -> dict[str, Any]:
        part: dict[str, Any] = {"w": 0}
        self._call(cells, part)
        for field, index in self._owner_texts:
            if text := _text(cells[index]):
                part[field] = text
        if self._regions:
            part["region"] = "".join(dict.fromkeys(_text(cells[index]) for index in self._regions))
        if code := due_code(cells[self._birthday], self._shift):
            part["birthday"] = code
        if is_company(part.get("customer_name", ""), _text(cells[self._type])):
            part["customer_type"] = "company"
        part["keys"] = owner_keys(part)
        return part

    def _identify(self, cells: list[Cell], draft: dict[str, Any]) -> None:
        plate_text, vin_text = _text(cells[self._plate]), _text(cells[self._vin])
        if self._either >= 0 and not (plate_text and vin_text):
            either = _text(cells[self._either])
            if is_plate(normalise_plate(either)):
                plate_text = plate_text or either
            else:
                vin_text = vin_text or either
        plate = normalise_plate(plate_text)
        if plate:
            if is_plate(plate):
                draft["plate"] = plate
            else:
                draft["w"] |= BIT["plate_invalid"]
                draft["plate_as_typed"] = plate_text
        vin, problem = judge_vin(vin_text)
        if problem:
            draft["w"] |= BIT[problem]
            draft["vin_as_typed"] = vin_text
        elif vin:
            draft["vin"] = vin

    def _call(self, cells: list[Cell], draft: dict[str, Any]) -> None:
        mobiles: tuple[str, ...] = ()
        landlines: tuple[str, ...] = ()
        bad = False
        for index in self._phones:
            own, fixed, invalid = judge_phone(_text(cells[index]))
            mobiles, landlines, bad = mobiles + own, landlines + fixed, bad or invalid
        if mobiles:
            draft["phones"] = mobiles if len(self._phones) == 1 else tuple(dict.fromkeys(mobiles))
        elif bad and not landlines:
            draft["w"] |= BIT["phone_invalid"]
        if landlines:
            draft["landlines"] = landlines

    def _date(self, cells: list[Cell], draft: dict[str, Any]) -> None:
        settled, settled_minute = day_code(cells[self._settle], self._shift)
        if self._visit >= 0:
            day, minute = day_code(cells[self._visit], self._shift)
        else:
            day, minute = settled, settled_minute
        draft["d"] = day
        if settled:
            draft["settled_on"] = settled
        if minute >= 0:
            draft["visited_at"] = minute
        if not day and not draft["r"]:
            draft["r"] = BAD_DATE

    def _pay(self, cells: list[Cell], draft: dict[str, Any]) -> None:
        if self.export == "lines":
            self._pay_line(cells, draft)
            return
        fen = _fen(cells[self._paid])
        if fen is None:
            draft["r"] = draft["r"] or BAD_AMOUNT
            return
        draft["f"] = fen
        amounts = [
            _fen(cells[index]) if index >= 0 and cells[index] != "" else None
            for index in (self._labour, self._parts, self._discount)
        ]
        labour, parts, discount = amounts
        if labour is not None:
            draft["labour_fen"] = labour
        if parts is not None:
            draft["parts_fen"] = parts
        if discount is not None:
            # Written with either sign; it always lowers the bill.
            discount = draft["discount_fen"] = abs(discount)
        if not self._adds_up or labour is None or parts is None or fen < 0:
            return
        if labour + parts - (discount or 0) != fen:
            draft["w"] |= BIT["amount_mismatch"]

    def _pay_line(self, cells: list[Cell], draft: dict[str, Any]) -> None:
        line_cell = cells[self._at["line_amount"]]
        amount = _fen(line_cell)
        bad = amount is None and (line_cell != "" or self._paid < 0)
        if self._paid < 0:
            fen = amount
        elif cells[self._paid] == "":
            fen = NO_FEN
        else:
            fen = _fen(cells[self._paid])
        if bad or fen is None:
            draft["r"] = draft["r"] or BAD_AMOUNT
            fen = NO_FEN
        draft["f"] = fen
        draft["line"] = (
            line_kind(_text(cells[self._at.get("line_type", -1)])),
            _text(cells[self._at.get("line_name", -1)]),
            _quantity(cells[self._at.get("quantity", -1)]),
            _fen(cells[self._at.get("unit_price", -1)]),
            amount,
        )

    def _visit_kind(self, cells: list[Cell], draft: dict[str, Any]) -> None:
        if self._kind < 0:
            return
        text = _text(cells[self._kind])
        kind, known, is_rework = visit_kind(text, self._kinds)
        draft["kind"], draft["kind_word"] = kind, text
        if is_rework:
            draft["is_rework"] = True
        if not known:
            draft["w"] |= BIT["kind_unknown"]
            self.unknown_kinds[kind_word(text)] += 1

    def _drive(self, cells: list[Cell], draft: dict[str, Any]) -> None:
        kilometres = parse_odometer(cells[self._odometer])
        if kilometres is None:
            return
        if is_plausible(kilometres):
            draft["odometer"] = kilometres
        else:
            draft["w"] |= BIT["odometer_implausible"]

    def _number(self, cells: list[Cell], draft: dict[str, Any]) -> None:
        if self._order >= 0:
            draft["order_no"] = order_number(_text(cells[self._order]))
        if self._reversed >= 0 and (target := _text(cells[self._reversed])):
            draft["reverses"] = order_number(target)


def _quantity(cell: Cell) -> str:
    try:
        number = Decimal(unicodedata.normalize("NFKC", _text(cell)).replace(",", ""))
    except InvalidOperation:
        return ""
    return str(number) if number.is_finite() else ""
