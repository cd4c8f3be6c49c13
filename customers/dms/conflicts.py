"""Rows whose order number is taken: by which row of the file or which visit of ours, and what differs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from customers.dms import sql
from customers.dms.columns import Choice
from customers.dms.facts import day_text
from customers.dms.report import Conflict, Report

# An order is compared by its own amount, whatever was given back of it since. Money given back has a day and an
# amount of its own: only its car can be wrong.
_BY_VISITS = (
    "SELECT f.row_no, f.visit_id, o.visited_on, f.fen, f.is_other_car AS car,"
    " f.is_order AND DAY(o.visited_on) <> v.visited_on AS day,"
    " f.is_order AND f.fen <> v.paid_fen + COALESCE("
    "(SELECT SUM(b.amount_fen) FROM customers_reversal b WHERE b.visit_id = v.id), 0) AS amount"
    " FROM work_refused f JOIN stage_order o ON o.row_no = f.row_no JOIN customers_visit v ON v.id = f.visit_id"
)
_WHAT = ("car", "day", "amount")


def takeable(choice: Choice) -> dict[str, int]:
    """How many orders would be those of our visits if the file's days counted, its amounts, or only both."""
    stands = {"days": not choice.day_may_change, "amounts": not choice.amount_may_change}
    days, amounts, both = sql.rows(
        "SELECT COUNT(*) FILTER (WHERE n.day AND NOT n.amount), COUNT(*) FILTER (WHERE n.amount AND NOT n.day),"
        " COUNT(*) FILTER (WHERE n.day AND n.amount)"
        f" FROM (SELECT d.car, d.day AND :days AS day, d.amount AND :amounts AS amount FROM ({_BY_VISITS}) d) n"
        " WHERE NOT n.car",
        **stands,
    )[0]
    return {"days": days, "amounts": amounts, "both": both}


def conflicts(report: Report, *, most: int) -> dict[int, dict[str, Any]]:
    """By row, of the first ``most``: its own car, day and amount, those of ``of`` (a row) or the key of a ``visit``.

    ``differs`` names what of the three does; nothing does where money is given back that was given back already.
    """
    found = dict(_by_visits(most)) | dict(_by_rows(sorted(report.conflicts.items())[:most]))
    cars = _cars({*found, *(entry["of"]["row"] for entry in found.values() if "of" in entry)})
    for row, entry in found.items():
        entry["car"] = cars.get(row, "")
        if "of" in entry:
            entry["of"]["car"] = cars.get(entry["of"]["row"], "")
    return dict(sorted(found.items())[:most])


def _by_visits(most: int) -> Iterable[tuple[int, dict[str, Any]]]:
    rows = sql.rows(f"{_BY_VISITS} ORDER BY f.row_no LIMIT :most", most=most)
    for row, visit, day, fen, *differs in rows:
        yield row, {**_said(day, fen), "visit": visit, "differs": _named(differs)}


def _by_rows(entries: Iterable[tuple[int, Conflict]]) -> Iterable[tuple[int, dict[str, Any]]]:
    for row, of in entries:
        is_order = of.fen is None or of.fen >= 0
        differs = of.is_other_car, is_order and of.day != of.of_day, is_order and of.fen != of.of_fen
        said, other = _said(day_text(of.day), of.fen), _said(day_text(of.of_day), of.of_fen)
        yield row, {**said, "of": {"row": of.of, **other}, "differs": _named(differs)}


def _said(day: str, fen: int | None) -> dict[str, Any]:
    return {"day": day, "fen": fen}


def _named(differs: Iterable[bool]) -> list[str]:
    return [name for name, does in zip(_WHAT, differs, strict=True) if does]


def _cars(rows: set[int]) -> dict[int, str]:
    """Plate of each row, or the VIN where it has none."""
    if not rows:
        return {}
    numbers = ", ".join(map(str, sorted(rows)))
    return {
        row: plate or vin
        for row, plate, vin in sql.rows(
            "SELECT o.row_no, c.plate, c.vin FROM stage_order o JOIN stage_car c ON c.facts = o.car_facts"
            f" WHERE o.row_no IN ({numbers})"
        )
    }
