"""Day or month first: the file as a whole decides."""

from datetime import date

from customers.dms.codes import BAD_DATE
from customers.dms.ledger import Ledger
from customers.values.dates import DayOrder, date_code, settle_code, vote

_FIRST_DAY = 19900101


def settle_days(ledger: Ledger, *, today: date, chosen: DayOrder | None) -> tuple[DayOrder | None, bool]:
    """Settle the open days and reject those before 1990 or after ``today``.

    Returns the order, None when no day was open, and whether it is a guess.
    """
    day_order, is_guess = _order_of(ledger, chosen)
    last = date_code(today)
    for index, code in enumerate(ledger.day):
        if code < 0:
            code = ledger.day[index] = settle_code(code, day_order or "dmy")
        if not ledger.reason[index] and not _FIRST_DAY <= code <= last:
            ledger.reason[index] = BAD_DATE
    return day_order, is_guess


def _order_of(ledger: Ledger, chosen: DayOrder | None) -> tuple[DayOrder | None, bool]:
    votes = {"dmy": 0, "mdy": 0}
    is_open = False
    for code in ledger.day:
        if code < 0:
            is_open = True
            if one := vote(code):
                votes[one] += 1
    if not is_open:
        return None, False
    if chosen:
        return chosen, False
    return ("mdy" if votes["mdy"] > votes["dmy"] else "dmy"), votes["mdy"] == votes["dmy"]
