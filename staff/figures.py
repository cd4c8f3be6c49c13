"""How figures are written: money, counts, ratios, distances, phone numbers. Nothing to show is a dash."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import get_language, gettext

NOTHING = "—"
Number = int | float | Decimal


def _in_chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _rounded(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def _sign(value: Decimal) -> str:
    return "-" if value < 0 else ""


def yuan(fen: int | None) -> str:
    """Fen as ¥1,286, with cents only where there are any: ¥1,286.50."""
    if fen is None or fen == "":
        return NOTHING
    amount = Decimal(fen) / 100
    digits = 0 if amount == amount.to_integral_value() else 2
    return f"{_sign(amount)}¥{abs(amount):,.{digits}f}"


def yuan_whole(fen: int | None) -> str:
    """Fen without cents, for tables that are read down a column: ¥1,287."""
    if fen is None or fen == "":
        return NOTHING
    amount = _rounded(Decimal(fen) / 100, 0)
    return f"{_sign(amount)}¥{abs(amount):,}"


def yuan_short(fen: int | None) -> str:
    """Fen for a key figure: ¥241 万 in Chinese, ¥2.41M in English."""
    if fen is None or fen == "":
        return NOTHING
    amount = Decimal(fen) / 100
    size = abs(amount)
    if size < 10_000:
        return f"{_sign(amount)}¥{_rounded(size, 0):,}"
    if _in_chinese():
        if size >= 100_000_000:
            return f"{_sign(amount)}¥{_three_digits(size / 100_000_000)} 亿"
        return f"{_sign(amount)}¥{_three_digits(size / 10_000)} 万"
    if size >= 1_000_000:
        return f"{_sign(amount)}¥{_three_digits(size / 1_000_000)}M"
    return f"{_sign(amount)}¥{_three_digits(size / 1000)}k"


def _three_digits(value: Decimal) -> str:
    """Three figures say enough beside a bar: 4.53, 45.3, 453, 4,531."""
    digits = 2 if value < 10 else 1 if value < 100 else 0
    text = f"{_rounded(value, digits):,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def number(value: Number | None, digits: int = 0) -> str:
    if value is None or value == "":
        return NOTHING
    return f"{_rounded(Decimal(str(value)), digits):,}"


def signed(value: Number | None, digits: int = 0) -> str:
    """+42, -23, 0."""
    if value is None or value == "":
        return NOTHING
    rounded = _rounded(Decimal(str(value)), digits)
    return f"+{rounded:,}" if rounded > 0 else f"{rounded:,}"


def percent(ratio: Number | None, digits: int = 1) -> str:
    """A ratio as a percentage: 0.131 -> 13.1%. Nothing to divide by gives a dash, never 0%."""
    if ratio is None or ratio == "":
        return NOTHING
    return f"{_rounded(Decimal(str(ratio)) * 100, digits):,}%"


def km(value: int | None) -> str:
    if value is None or value == "":
        return NOTHING
    return gettext("%(distance)s km") % {"distance": number(value)}


def clamp(value: Number | None) -> str:
    """A percentage for a bar's width: between 0 and 100, with a point in every language."""
    return str(_rounded(min(max(Decimal(str(value or 0)), Decimal(0)), Decimal(100)), 1))


def mask_phone(phone: str | None) -> str:
    """138 **** 2217; of a short or foreign number only the last two digits."""
    digits = "".join(character for character in phone or "" if character.isdigit())
    if not digits:
        return NOTHING
    if len(digits) == 11:
        return f"{digits[:3]} **** {digits[-4:]}"
    return f"**** {digits[-2:]}" if len(digits) < 8 else f"**** {digits[-4:]}"
