"""Day or month first: the file as a whole decides."""

from collections.abc import Iterable
from datetime import date

import numpy as np

from customers.dms.codes import BAD_AMOUNT, BAD_DATE, FIRST_DAY
from customers.dms.ledger import Ledger, shared
from customers.values.dates import DayOrder, date_code, settle_code, vote


def settle_days(ledger: Ledger, *, today: date, chosen: DayOrder | None) -> tuple[DayOrder | None, bool]:
    """Settle the open days and reject those before 1990 or after ``today``.

    Returns the order, None when no day was open, and whether it is a guess.
    """
    days, reasons = shared(ledger.day), shared(ledger.reason)
    is_open = np.flatnonzero(days < 0)
    codes = days[is_open].tolist()
    day_order, is_guess = _order_of(codes, chosen) if codes else (None, False)
    days[is_open] = [settle_code(code, day_order or "dmy") for code in codes]
    # A day that cannot be comes before an amount that cannot be read, and is only known now.
    is_asked = (reasons == 0) | (reasons == BAD_AMOUNT)
    reasons[is_asked & ((days < FIRST_DAY) | (days > date_code(today)))] = BAD_DATE
    return day_order, is_guess


def _order_of(codes: Iterable[int], chosen: DayOrder | None) -> tuple[DayOrder, bool]:
    if chosen:
        return chosen, False
    votes = {"dmy": 0, "mdy": 0}
    for code in codes:
        if one := vote(code):
            votes[one] += 1
    return ("mdy" if votes["mdy"] > votes["dmy"] else "dmy"), votes["mdy"] == votes["dmy"]
