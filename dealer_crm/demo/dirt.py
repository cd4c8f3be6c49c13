"""A little real life in the files: plates typed anyhow, doubles, rows no importer can take.

Doubles and refused rows stand in the older half of a file, away from the reversals of the last year.
"""

from datetime import date
from random import Random

from dealer_crm.demo.layouts import Row

DUPLICATES = 3
REJECTED = 4
_TYPED_ANYHOW = 0.004
_NO_PLATE_YET = 2


def soil_plates(rows: list[Row], rng: Random) -> None:
    """Dots, blanks, lower case; and "no plate yet" on rows whose VIN still names the car."""
    for row in rows:
        if rng.random() < _TYPED_ANYHOW:
            plate = str(row["plate"])
            row["plate"] = rng.choice((f"{plate[:2]}·{plate[2:]}", f"{plate[:2]} {plate[2:]}", plate.lower()))
    for row in rng.sample(rows, _NO_PLATE_YET):
        row["plate"] = "临牌"


def add_doubles(rows: list[Row], rng: Random) -> None:
    """The same order once more, some rows further down."""
    for index in sorted(rng.sample(range(len(rows) // 2), DUPLICATES), reverse=True):
        rows.insert(min(len(rows), index + rng.randint(1, 40)), dict(rows[index]))


def add_refused(rows: list[Row], today: date, rng: Random) -> None:
    """Two impossible days, a car that nobody can name, an amount that is a word."""
    year = today.year - 1
    wrong: list[Row] = [
        {"arrived_at": f"{year}-02-30 10:12"},
        {"arrived_at": f"{year}-13-05 09:40"},
        {"plate": "无", "vin": ""},
        {"paid": "待定"},
    ]
    for number, changes in enumerate(wrong, start=901):
        index = rng.randrange(len(rows) // 2)
        copied = rows[index]
        rows.insert(index + 1, {**copied, "order_no": f"{str(copied['order_no'])[:-3]}{number}", **changes})
