"""Odometer readings in kilometres."""

import re
import unicodedata
from functools import lru_cache

_READING = re.compile(r"([-−]?\d+(?:,\d{3})*(?:\.\d+)?)\s*(万)?\s*(?:km|公里|千米|kms)?", re.IGNORECASE)
IMPLAUSIBLE_FROM = 1_000_000


@lru_cache(maxsize=1 << 14)
def parse_odometer(text: str | int | float) -> int | None:
    """``1.2345万公里`` as 12345; None when it is no reading. One below 0 is read to be told of, not to be believed."""
    if isinstance(text, str):
        found = _READING.fullmatch(unicodedata.normalize("NFKC", text).strip())
        if not found:
            return None
        number = float(found[1].replace(",", "").replace("−", "-")) * (10000 if found[2] else 1)
        return round(number, 3).__floor__()
    return int(text) if -1e15 < text < 1e15 else None


def is_plausible(kilometres: int) -> bool:
    """Whether a car can have run so far: more than 1, below a million kilometres."""
    return 1 < kilometres < IMPLAUSIBLE_FROM
