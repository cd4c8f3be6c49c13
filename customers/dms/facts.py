"""What a file says about a car and an owner, in the words of our own tables."""

from __future__ import annotations

import unicodedata
from datetime import datetime, time, tzinfo
from functools import lru_cache

from customers.dms.parts import Part
from customers.models import Customer
from customers.values.dates import code_date
from customers.values.names import company_key, is_titled, normalise_name

_GENDERS = {
    "男": "male", "男性": "male", "先生": "male", "m": "male", "male": "male",
    "女": "female", "女性": "female", "女士": "female", "小姐": "female", "f": "female", "female": "female",
}  # fmt: skip
# Part of the word -> use of the car; the first that fits.
_USAGES = (
    ("网约", Customer.Usage.RIDE_HAILING),
    ("出租", Customer.Usage.TAXI),
    ("的士", Customer.Usage.TAXI),
    ("taxi", Customer.Usage.TAXI),
    ("公务", Customer.Usage.OFFICIAL),
    ("公司", Customer.Usage.OFFICIAL),
    ("单位", Customer.Usage.OFFICIAL),
    ("公车", Customer.Usage.OFFICIAL),
    ("official", Customer.Usage.OFFICIAL),
    ("私", Customer.Usage.PRIVATE),
    ("非营运", Customer.Usage.PRIVATE),
    ("家用", Customer.Usage.PRIVATE),
    ("private", Customer.Usage.PRIVATE),
    ("其他", Customer.Usage.OTHER),
    ("营运", Customer.Usage.OTHER),
)

CAR = ("vin", "plate", "brand", "model", "purchased_on", "insurance_until", "inspection_until")
OWNER = ("name", "full_name", "name_key", "kind", "gender", "birthday", "usage", "region", "code")


@lru_cache(maxsize=1 << 13)
def clean(text: str, longest: int) -> str:
    """``text`` without characters that cannot be seen or stored, cut to the column."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return text.strip()[:longest]


@lru_cache(maxsize=1 << 13)
def display_name(text: str) -> str:
    """A Chinese name without the blanks it is padded with; others with single ones."""
    text = clean(unicodedata.normalize("NFKC", text), 400)
    if any("\u3400" <= char <= "\u9fff" for char in text):
        return normalise_name(text)[:120]
    return " ".join(text.split())[:120]


@lru_cache(maxsize=256)
def gender_of(word: str) -> str:
    return _GENDERS.get(unicodedata.normalize("NFKC", word).strip().casefold(), "")


@lru_cache(maxsize=1024)
def usage_of(word: str) -> str:
    plain = unicodedata.normalize("NFKC", word).casefold()
    return next((str(usage) for part, usage in _USAGES if part in plain), "")


@lru_cache(maxsize=1 << 13)
def day_text(code: int) -> str:
    """yyyy-mm-dd of a day's code; of an open one its sign and digits, until the file's order is known; else empty."""
    if code <= 0:
        return str(code) if code else ""
    return code_date(code).isoformat()


def moment(day: int, minute: int, zone: tzinfo) -> datetime:
    """``day``: a code that is not open."""
    return datetime.combine(code_date(day), time(*divmod(minute, 60)), zone)


def car_facts(part: Part) -> tuple[str, ...]:
    """Values for ``CAR``."""
    get = part.get
    return (
        get("vin", ""),
        get("plate", ""),
        clean(get("brand", ""), 60),
        clean(get("model", ""), 80),
        day_text(get("sale_date") or get("first_registration", 0)),
        day_text(get("insurance_due", 0)),
        day_text(get("inspection_due", 0)),
    )


def owner_facts(part: Part) -> tuple[str, ...]:
    """Values for ``OWNER``."""
    get = part.get
    name, kind = display_name(get("customer_name", "")), get("customer_type", "person")
    is_company = kind == "company"
    return (
        name,
        "" if is_titled(name) else name,
        company_key(name)[:120] if is_company else "",
        kind,
        gender_of(get("gender", "")) if not is_company else "",
        day_text(get("birthday", 0)),
        usage_of(get("usage", "")) or usage_of(get("industry", "")),
        clean(get("region", ""), 40),
        clean(get("customer_code", ""), 40),
    )


def address_of(part: Part) -> str:
    return clean(part.get("address", ""), 400)


def numbers_of(part: Part) -> list[str]:
    """Mobiles, the primary first, then landlines."""
    return [*part.get("phones", ()), *part.get("landlines", ())]
