"""Rows judged by themselves, a block at a time and column by column: what they say, and what is wrong with them
whatever the rest of the file holds.

It runs in the process that parses, which knows neither the database nor Django. A car and its owner come again and
again: each combination of their cells is judged once, numbered from 1, and a row only names the numbers.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from collections.abc import Mapping as MappingType
from functools import partial
from itertools import zip_longest
from typing import Any

from customers.dms.codes import BAD_AMOUNT, BAD_DATE, BIT, LINE_KINDS, NO_FEN, NO_IDENTITY, NOTHING, VOIDED
from customers.dms.headers import Mapping
from customers.dms.not_data import NotData
from customers.dms.parts import CAR_DAYS, CAR_TEXTS, OWNER_TEXTS, Part, car_part, owner_part
from customers.dms.read.cells import Cell, Row, as_text, as_texts
from customers.dms.words import line_kind, order_number, status_reason, tidied
from customers.values.dates import day_code
from customers.values.fingerprints import fingerprint
from customers.values.kinds import KINDS, kind_word, visit_kind
from customers.values.money import read_yuan
from customers.values.odometers import is_plausible, parse_odometer

_KIND_NUMBER = {kind: number for number, kind in enumerate(KINDS)}
_LINE_NUMBER = {kind: number for number, kind in enumerate(LINE_KINDS)}
_ORDER_TEXTS = ("charge_type", "advisor", "team", "remark")
_REGION = ("province", "city", "region")

_OF_SKIPPED = {"minute": -1, "odometer": -1, "kind": _KIND_NUMBER["other"]}


class _Remembered(dict[Cell, Any]):
    """What ``make`` makes of a cell; the first so many stay, for a full memory is not worth building up anew."""

    def __init__(self, make: Callable[[Any], Any], most: int = 1 << 14) -> None:
        self._make, self._most = make, most

    def __missing__(self, cell: Cell) -> Any:
        value = self._make(cell)
        if len(self) < self._most:
            self[cell] = value
        return value

    def of(self, column: Iterable[Cell]) -> list[Any]:
        return list(map(self.__getitem__, column))


def _odometer(cell: Cell) -> tuple[int, int]:
    """The reading, -1 for none, and the warning."""
    kilometres = parse_odometer(cell)
    if kilometres is None:
        return -1, 0
    return (kilometres, 0) if is_plausible(kilometres) else (-1, BIT["odometer_implausible"])


def _kind(text: str, chosen: dict[str, str]) -> tuple[int, bool, str | None]:
    kind, is_known, is_rework = visit_kind(text, chosen)
    return _KIND_NUMBER[kind], is_rework, None if is_known else kind_word(text)


def _skip(ledger: dict[str, list[Any]], unknown: list[str | None], skipped: list[int]) -> None:
    """A row that is no bill says nothing at all."""
    for place, reason in enumerate(skipped):
        if reason:
            for name, column in ledger.items():
                if name != "row":
                    column[place] = _OF_SKIPPED.get(name, 0)
            ledger["reason"][place] = reason
            if unknown:
                unknown[place] = None


class _Known:
    """Cars or owners, each judged when its cells come for the first time."""

    def __init__(self, make: Callable[[tuple[Cell, ...]], Part], indexes: Sequence[int]) -> None:
        self._make, self._indexes = make, indexes
        # Two texts with one 64-bit hash: once in 900 million files of 200,000 rows.
        self._numbers: dict[int, int] = {}
        # By number; 0 is no car and no owner.
        self.bits: list[int] = [0]
        self.identifies: list[bool] = [False]

    def look(self, columns: "_Columns") -> tuple[list[int], list[Part]]:
        """The number in each row, and the parts of those not met before, in their order."""
        rows = list(zip(*(columns[index] for index in self._indexes), strict=True))
        keys, known, new = list(map(hash, rows)), self._numbers, list[Part]()
        for key, cells in zip(keys, rows, strict=True):
            if key not in known:
                known[key] = len(known) + 1
                part = self._make(cells)
                self.bits.append(part["w"])
                self.identifies.append(_identifies(part))
                new.append(part)
        numbers = list(map(known.__getitem__, keys))
        return numbers, new


def _identifies(part: Part) -> bool:
    return any(name in part for name in ("plate", "vin", "phones", "landlines"))


class _Columns:
    """The cells of some rows by column; a column the file does not have is blank."""

    def __init__(self, rows: Iterable[Sequence[Cell]], count: int) -> None:
        self._columns = [tidied(column) for column in zip_longest(*rows, fillvalue="")]
        self._blank: list[Cell] = [""] * count

    def __getitem__(self, index: int) -> list[Cell]:
        return self._columns[index] if 0 <= index < len(self._columns) else self._blank

    def rows(self) -> list[list[Cell]]:
        return [list(cells) for cells in zip(*self._columns, strict=True)]


class Judge:
    """Judges blocks of rows under one mapping.

    ``kinds``: words, as ``kind_word`` gives them, to kinds the user chose. ``shift`` as for ``day_code``.
    """

    def __init__(self, mapping: Mapping, *, kinds: MappingType[str, str], shift: int) -> None:
        self.export = mapping.export
        self._not_data = NotData(mapping)
        self._mapping, self._shift = mapping, shift
        fields = mapping.fields
        self._first = {field: mapping.indexes(field)[0] for field in fields}
        self._order, self._visit = self._at("order_no"), self._at("visit_date")
        self._paid = next(
            (self._at(field) for field in ("paid", "receivable", "total_ambiguous") if field in fields), -1
        )
        self._adds_up = {"labour_amount", "parts_amount", "discount"} <= fields and self.export == "orders"
        self._line_columns = frozenset(
            self._at(field)
            for field in ("line_type", "line_name", "quantity", "unit_price", "line_amount")
            if field in fields
        )
        self._width = max((column.index for column in mapping.columns), default=0) + 1
        self._above: list[Cell] = []
        self._cars, self._owners = self._known_cars(fields), self._known_owners(fields)
        self._amounts, self._readings = _Remembered(read_yuan), _Remembered(_odometer)
        self._instants = _Remembered(lambda cell: day_code(cell, shift))
        self._kinds = _Remembered(lambda cell: _kind(as_text(cell), dict(kinds)))
        self._lines = _Remembered(lambda cell: _LINE_NUMBER[line_kind(as_text(cell))])
        self._states = _Remembered(lambda cell: status_reason(as_text(cell)))

    def _at(self, field: str) -> int:
        """The column of a field; one without a column reads as blank."""
        return self._first.get(field, -1)

    def _known_cars(self, fields: Set[str]) -> _Known:
        texts, days = ([name for name in names if name in fields] for names in (CAR_TEXTS, CAR_DAYS))
        return _Known(
            partial(car_part, texts, days, self._shift),
            [self._at(name) for name in ("plate", "vin", "plate_or_vin", *texts, *days)],
        )

    def _known_owners(self, fields: Set[str]) -> _Known:
        texts = [field for field in OWNER_TEXTS if field in fields]
        regions = [self._at(field) for field in _REGION if field in fields]
        phones = self._mapping.indexes("phone")
        return _Known(
            partial(owner_part, texts, len(regions), self._shift),
            [*(self._at(name) for name in ("customer_type", "birthday", *texts)), *regions, *phones],
        )

    def __call__(self, block: list[Row]) -> tuple[list[Row], dict[str, Any]]:
        """The data rows of a block, and what they say: lists of one value a row, and what was met for the first time.

        ``ledger``: what rows are compared by; ``orders`` and ``lines``: what is only kept; ``cars`` and ``owners``: the
        new ones; ``voided``: row and car of void orders; ``not_data``: row and why; ``unknown``: words of kinds
        nobody mapped, counted.
        """
        others = self._not_data.among(block)
        if others:
            numbers = {number for number, _ in others}
            block = [row for row in block if row[0] not in numbers]
        said = self._judge(block) if block else {}
        return block, {**said, "not_data": others}

    def _judge(self, block: list[Row]) -> dict[str, Any]:
        columns = _Columns((cells for _, cells in block), len(block))
        if self.export == "lines":
            columns = _Columns(map(self._filled_down, columns.rows()), len(block))
        cars, new_cars = self._cars.look(columns)
        owners, new_owners = self._owners.look(columns)
        bits = self._bits(cars, owners)
        kinds, reworks, unknown = self._visit_kinds(columns, bits)
        days, minutes, settled = self._days(columns)
        fens = self._pay(columns, bits)
        numbers, targets = (self._order_numbers(columns, name) for name in ("order_no", "reversed_order_no"))
        ledger = {
            "row": [number for number, _ in block],
            "reason": self._reasons(cars, owners, days, fens),
            "order": [hash(number) if number else NOTHING for number in numbers],
            "target": [hash(number) if number else NOTHING for number in targets],
            "day": days,
            "minute": minutes,
            "fen": [self._no_fen if fen is None else fen for fen in fens],
            "odometer": self._drive(columns, bits),
            "kind": kinds,
            "car": cars,
            "owner": owners,
            "bits": bits,
            **self._only_of(block, columns),
        }
        skipped = self._states.of(columns[self._at("status")])
        voided = [
            (number, car)
            for number, car, reason in zip(ledger["row"], cars, skipped, strict=True)
            if reason == VOIDED
        ]
        if any(skipped):
            _skip(ledger, unknown, skipped)
        said: dict[str, Any] = {"ledger": ledger, "cars": new_cars, "owners": new_owners, "voided": voided}
        said["unknown"] = Counter(word for word in unknown if word is not None)
        if self.export == "lines":
            said["lines"] = as_texts(columns[self._at("line_name")])
        if self.export != "customers":
            given: dict[str, list[Any]] = {
                "order_no": numbers,
                "target_no": targets,
                "settled": settled,
                "is_rework": reworks,
            }
            said["orders"] = {**given, **self._kept(columns)}
        return said

    def _only_of(self, block: list[Row], columns: _Columns) -> dict[str, list[int]]:
        """The ledger's columns of one kind of export."""
        if self.export == "orders":
            return {"said": [self._fingerprint(cells) for _, cells in block]}
        if self.export == "lines":
            amounts = self._amounts.of(columns[self._at("line_amount")])
            return {
                "line_kind": self._lines.of(columns[self._at("line_type")]),
                "line_fen": [fen or 0 for fen in amounts],
            }
        return {}

    def _kept(self, columns: _Columns) -> dict[str, list[Any]]:
        """What nothing is judged by."""
        return {
            "labour": self._optional(columns, "labour_amount"),
            "parts": self._optional(columns, "parts_amount"),
            # Written with either sign; it always lowers the bill.
            "discount": [fen and abs(fen) for fen in self._optional(columns, "discount")],
            **{name: as_texts(columns[self._at(name)]) for name in _ORDER_TEXTS},
        }

    @property
    def _no_fen(self) -> int:
        return NO_FEN if self.export == "lines" else 0

    def _fingerprint(self, cells: list[Cell]) -> int:
        """Of all a row says, the same in every process."""
        try:
            text = "\x1f".join(cells)  # type: ignore[arg-type]  # of text in nearly all files
        except TypeError:
            text = "\x1f".join(as_texts(cells))
        return fingerprint(f"{self._shift}\x1f{text}")

    def _order_numbers(self, columns: _Columns, field: str) -> list[str]:
        index = self._at(field)
        if index < 0:
            return [""] * len(columns[-1])
        return list(map(order_number, as_texts(columns[index])))

    def _filled_down(self, cells: list[Cell]) -> list[Cell]:
        """What a merged cell says only on an order's first line, on the others too."""
        cells += [""] * (self._width - len(cells))
        is_first = self._order >= 0 and cells[self._order] != ""
        if not is_first and self._above and any(cells[index] != "" for index in self._line_columns):
            cells = [
                above if cell == "" and index not in self._line_columns else cell
                for index, (cell, above) in enumerate(zip(cells, self._above, strict=False))
            ]
        self._above = cells
        return cells

    def _reasons(
        self, cars: list[int], owners: list[int], days: list[int], fens: list[int | None]
    ) -> list[int]:
        """The first thing that is wrong with each row."""
        by_car, by_owner = self._cars.identifies, self._owners.identifies
        if self.export == "customers":
            # A number to call will do.
            is_named = [by_car[car] or by_owner[owner] for car, owner in zip(cars, owners, strict=True)]
        else:
            is_named = [by_car[car] for car in cars]
        reasons = [0 if named else NO_IDENTITY for named in is_named]
        if self.export != "customers":
            reasons = [reason or (0 if day else BAD_DATE) for reason, day in zip(reasons, days, strict=True)]
        return [
            reason or (BAD_AMOUNT if fen is None else 0) for reason, fen in zip(reasons, fens, strict=True)
        ]

    def _bits(self, cars: list[int], owners: list[int]) -> list[int]:
        of_car, of_owner = self._cars.bits, self._owners.bits
        return [of_car[car] | of_owner[owner] for car, owner in zip(cars, owners, strict=True)]

    def _days(self, columns: _Columns) -> tuple[list[int], list[int], list[int]]:
        """Code of the day that counts, minute of the day or -1, code of the day of the bill."""
        if self.export == "customers":
            nothing = [0] * len(columns[-1])
            return nothing, [-1] * len(nothing), nothing
        settled = self._instants.of(columns[self._at("settle_date")])
        visited = settled
        if self._visit >= 0:
            visited = self._instants.of(columns[self._visit])
        return (
            *([day for day, _ in visited], [minute for _, minute in visited]),
            [day for day, _ in settled],
        )

    def _optional(self, columns: _Columns, field: str) -> list[int | None]:
        index = self._at(field)
        if index < 0 or self.export != "orders":
            return [None] * len(columns[-1])
        return self._amounts.of(columns[index])

    def _pay(self, columns: _Columns, bits: list[int]) -> list[int | None]:
        """Fen of each row, None where there should be an amount and is none."""
        if self.export == "customers":
            return [0] * len(bits)
        if self.export == "lines":
            return self._pay_lines(columns)
        fens: list[int | None] = self._amounts.of(columns[self._paid])
        if self._adds_up:
            amounts = (
                self._optional(columns, name) for name in ("labour_amount", "parts_amount", "discount")
            )
            for place, (fen, labour, parts, discount) in enumerate(zip(fens, *amounts, strict=True)):
                if fen is None or fen < 0 or labour is None or parts is None:
                    continue
                if labour + parts - abs(discount or 0) != fen:
                    bits[place] |= BIT["amount_mismatch"]
        return fens

    def _pay_lines(self, columns: _Columns) -> list[int | None]:
        """The order's amount where a column gives it, NO_FEN where it stands on another line; else the line's."""
        cells = columns[self._at("line_amount")]
        amounts = self._amounts.of(cells)
        if self._paid < 0:
            return amounts
        paid = columns[self._paid]
        return [
            None if amount is None and cell != "" else NO_FEN if total == "" else fen
            for cell, amount, total, fen in zip(cells, amounts, paid, self._amounts.of(paid), strict=True)
        ]

    def _visit_kinds(
        self, columns: _Columns, bits: list[int]
    ) -> tuple[list[int], list[bool], list[str | None]]:
        """Number of the kind, whether it is rework, and the word where nobody mapped it."""
        index = self._at("visit_kind")
        if index < 0 or self.export == "customers":
            count = len(bits)
            return [_KIND_NUMBER["other"]] * count, [False] * count, []
        found = self._kinds.of(columns[index])
        unknown = [word for _, _, word in found]
        for place, word in enumerate(unknown):
            if word is not None:
                bits[place] |= BIT["kind_unknown"]
        return [kind for kind, _, _ in found], [rework for _, rework, _ in found], unknown

    def _drive(self, columns: _Columns, bits: list[int]) -> list[int]:
        found = self._readings.of(columns[self._at("odometer")])
        for place, (_, warning) in enumerate(found):
            if warning:
                bits[place] |= warning
        return [reading for reading, _ in found]
