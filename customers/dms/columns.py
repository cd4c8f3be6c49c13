"""Which column of a file goes where when the row is there already, and who wins: the file or what is there.

fill: only where nothing stands yet; overwrite: what the file says, but a blank erases nothing; keep: never.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Final, Literal

from customers.dms.changes import Column

Policy = Literal["fill", "overwrite", "keep"]
POLICIES: Final = ("fill", "overwrite", "keep")

# The dealer system is the master of orders; people are the masters of cards. Dates that fall due only move on.
DEFAULTS: Final[dict[str, Policy]] = {
    "visit_kind": "overwrite",
    "settle_date": "overwrite",
    "charge_type": "overwrite",
    "odometer": "overwrite",
    "labour_amount": "overwrite",
    "parts_amount": "overwrite",
    "discount": "overwrite",
    # Kept: an order whose amount or day changed is shown as a conflict, not rewritten.
    "paid": "keep",
    "visit_date": "keep",
    "advisor": "overwrite",
    "team": "overwrite",
    "remark": "fill",
    "plate": "overwrite",
    "brand": "fill",
    "model": "fill",
    "sale_date": "fill",
    "insurance_due": "overwrite",
    "inspection_due": "overwrite",
    "gender": "fill",
    "birthday": "fill",
    "usage": "fill",
    "industry": "fill",
    "region": "fill",
    "address": "fill",
}
# A file of cars has no days: whether its plate is the newer one, only whoever exported it knows.
_DEFAULTS_OF_CARDS: Final[dict[str, Policy]] = {**DEFAULTS, "plate": "fill"}

_TEXT: Final = {
    "overwrite": "COALESCE(NULLIF({new}, ''), {old})",
    "fill": "COALESCE(NULLIF({old}, ''), {new})",
}
_VALUE: Final = {"overwrite": "COALESCE({new}, {old})", "fill": "COALESCE({old}, {new})"}
_AMOUNT: Final = {
    "overwrite": "COALESCE({new}, {old})",
    "fill": "CASE WHEN {old} = 0 THEN COALESCE({new}, 0) ELSE {old} END",
}
# Never back to an earlier day.
_DUE: Final = {
    "overwrite": "CASE WHEN {old} IS NULL OR {new} > {old} THEN COALESCE({new}, {old}) ELSE {old} END",
    "fill": _VALUE["fill"],
}


def defaults_of(export: str) -> dict[str, Policy]:
    """What is usual in a file of orders, of their lines, or of customers and cars."""
    return _DEFAULTS_OF_CARDS if export == "customers" else DEFAULTS


class Choice:
    """The policy of each field of a file that has ``fields``."""

    def __init__(self, fields: Set[str], chosen: Mapping[str, str], export: str = "orders") -> None:
        self._fields, self._chosen, self._export = fields, chosen, export

    def of(self, field: str) -> str:
        return self._chosen.get(field) or defaults_of(self._export).get(field, "keep")

    @property
    def amount_may_change(self) -> bool:
        return self.of("paid") == "overwrite"

    @property
    def day_may_change(self) -> bool:
        return self.of("visit_date") == "overwrite"

    @property
    def plates_are_taken(self) -> bool:
        """From a file of cars, whose rows no order of the day bears out."""
        has_plates = bool(self._fields & _SOURCES["plate"])
        return self._export == "customers" and has_plates and self.of("plate") == "overwrite"

    def column(self, field: str, name: str, new: str, forms: Mapping[str, str]) -> list[Column]:
        """The column, unless the file has none for it or the user keeps what is there."""
        policy = self.of(field)
        if policy == "keep" or not self._fields & _SOURCES.get(field, {field}):
            return []
        return [Column(name, forms[policy].format(new=new, old=f"t.{name}"))]


_SOURCES: Final[dict[str, set[str]]] = {
    "sale_date": {"sale_date", "first_registration"},
    "usage": {"usage", "industry"},
    "region": {"region", "province", "city"},
    "plate": {"plate", "plate_or_vin"},
}


_OWNER_THAT_DAY: Final = (
    "(SELECT MIN(o.customer_id) FROM customers_ownership o WHERE o.vehicle_id = w.vehicle_id"
    " AND (o.since_on IS NULL OR o.since_on <= w.visited_on) AND (o.until_on IS NULL OR o.until_on > w.visited_on){})"
)
# Whoever the card's keeper made the owner of that day stays it. On another day it is whom a new order would have: the
# owner named by the file, or who owned the car; but whoever owned it on both days stays.
_CUSTOMER: Final = (
    "CASE WHEN w.is_moved THEN COALESCE("
    f"{_OWNER_THAT_DAY.format(' AND o.customer_id = t.customer_id')}, w.customer_id, {_OWNER_THAT_DAY.format('')},"
    " t.customer_id) ELSE COALESCE(t.customer_id, w.customer_id) END"
)
# An hour was said of its own day. Of another one nobody said any: what is blank the next file fills, and an hour that
# was moved along would stand in its way.
_ARRIVED: Final = "CASE WHEN w.is_moved THEN w.arrived_at ELSE COALESCE(t.arrived_at, w.arrived_at) END"


def visit_columns(choice: Choice) -> list[Column]:
    """For a join of the visit ``t`` with its order ``w``; one that may not change in day or amount is not there."""
    columns = [
        Column("order_no", "w.order_no"),
        Column("visited_on", "w.visited_on"),
        Column("source", "'dms'"),
        Column("customer_id", _CUSTOMER),
        Column("paid_fen", "w.net_fen"),
        Column("voided", "w.voided"),
        Column("arrived_at", _ARRIVED),
    ]
    columns += choice.column("visit_kind", "kind", "w.kind", {"overwrite": "{new}", "fill": "{old}"})
    columns += choice.column(
        "visit_kind", "is_rework", "w.is_rework", {"overwrite": "{new}", "fill": "{old}"}
    )
    columns += choice.column("settle_date", "settled_on", "w.settled_on", _VALUE)
    columns += choice.column("charge_type", "charge_type", "w.charge_type", _TEXT)
    columns += choice.column("odometer", "odometer_km", "w.odometer_km", _VALUE)
    columns += choice.column("labour_amount", "labour_fen", "w.labour_fen", _AMOUNT)
    columns += choice.column("parts_amount", "parts_fen", "w.parts_fen", _AMOUNT)
    columns += choice.column("discount", "discount_fen", "w.discount_fen", _AMOUNT)
    another = "CASE WHEN w.advisor_name NOT IN ('', t.advisor_name) THEN w.advisor_id ELSE {first} END"
    columns += choice.column(
        "advisor",
        "advisor_id",
        "w.advisor_id",
        {"overwrite": another.format(first="COALESCE(t.advisor_id, w.advisor_id)"), "fill": _VALUE["fill"]},
    )
    columns += choice.column("advisor", "advisor_name", "w.advisor_name", _TEXT)
    columns += choice.column("team", "team", "w.team", _TEXT)
    columns += choice.column("remark", "customer_words", "w.customer_words", _TEXT)
    return columns


_PLATE: Final = {
    # A file that knows less of the car than we do does not give it an old plate back. One that stands gives way to a
    # new order alone: it may have been put right since the file's other rows said what they say.
    "overwrite": (
        "CASE WHEN {new} NOT IN ('', {old}) AND (t.vin <> '' OR {old} = '') AND k.known_on >= COALESCE(("
        "SELECT MAX(n.visited_on) FROM customers_visit n WHERE n.vehicle_id = t.id AND NOT n.voided"
        "), DAY_FIRST()) AND ({old} = '' OR EXISTS (SELECT 1 FROM customers_visit n WHERE n.vehicle_id = t.id"
        " AND n.visited_on = k.known_on AND n.id IN (SELECT id FROM work_visit WHERE is_new)"
        ")) THEN {new} ELSE {old} END"
    ),
    "fill": _TEXT["fill"],
}
_PLATE_OF_CARDS: Final = {
    "overwrite": "COALESCE(q.plate, NULLIF({old}, ''), {new})",
}


def vehicle_columns(choice: Choice) -> list[Column]:
    """For a join of the car ``t`` with what the file says ``k``, its newest reading ``r``, its owner ``p``.

    Where plates are taken, also with the other plate ``q`` that it may get.
    """
    newer = "(r.is_right OR r.visited_on >= COALESCE(t.odometer_on, DAY_FIRST()))"
    columns = [
        Column("vin", "COALESCE(NULLIF(t.vin, ''), k.told_vin)"),
        Column("owner_id", "COALESCE(p.customer_id, t.owner_id)"),
        Column("odometer_km", f"CASE WHEN {newer} THEN r.odometer_km ELSE t.odometer_km END"),
        Column("odometer_on", f"CASE WHEN {newer} THEN r.visited_on ELSE t.odometer_on END"),
    ]
    columns += choice.column(
        "plate", "plate", "k.plate", _PLATE_OF_CARDS if choice.plates_are_taken else _PLATE
    )
    columns += choice.column("brand", "brand", "k.brand", _TEXT)
    columns += choice.column("model", "model", "k.model", _TEXT)
    columns += choice.column("sale_date", "purchased_on", "k.purchased_on", _VALUE)
    columns += choice.column("insurance_due", "insurance_until", "k.insurance_until", _DUE)
    columns += choice.column("inspection_due", "inspection_until", "k.inspection_until", _DUE)
    return columns


def customer_columns(choice: Choice) -> list[Column]:
    """For a join of the customer ``t`` with what the file says ``o``."""
    columns: list[Column] = []
    columns += choice.column("gender", "gender", "o.gender", _TEXT)
    columns += choice.column("birthday", "birthday", "o.birthday", _VALUE)
    columns += choice.column("usage", "usage", "o.usage", _TEXT)
    columns += choice.column("region", "region", "o.region", _TEXT)
    return columns
