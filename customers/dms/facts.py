"""What a checked row says about its car and its owner, in the words of our own tables."""

from __future__ import annotations

import unicodedata
from datetime import date
from functools import lru_cache

from customers.dms.rows import CheckedRow
from customers.models import Customer
from customers.values.names import company_key, normalise_name

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
OWNER = ("name", "name_key", "kind", "gender", "birthday", "usage", "region", "address", "code")


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


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def car_facts(row: CheckedRow) -> tuple[str, ...]:
    """Values for ``CAR``; the VIN is also the one the plate has elsewhere in the file."""
    key = row.vehicle_key
    return (
        key[4:] if key.startswith("vin:") else "",
        row.plate,
        clean(row.brand, 60),
        clean(row.model, 80),
        _day(row.sale_date or row.first_registration),
        _day(row.insurance_due),
        _day(row.inspection_due),
    )


def owner_facts(row: CheckedRow) -> tuple[str, ...]:
    """Values for ``OWNER``, the address still in clear."""
    name = display_name(row.customer_name)
    is_company = row.customer_type == "company"
    return (
        name,
        company_key(name)[:120] if is_company else "",
        row.customer_type,
        gender_of(row.gender) if not is_company else "",
        _day(row.birthday),
        usage_of(row.usage) or usage_of(row.industry),
        clean(row.region, 40),
        clean(row.address, 400),
        clean(row.customer_code, 40),
    )
