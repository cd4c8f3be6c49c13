"""Phone numbers and ID numbers as the index columns know them."""

from __future__ import annotations

from customers.encryption import index_of
from customers.models import Customer, Phone
from customers.values.phones import judge_phone


def digits_of(number: str) -> str:
    if number.isascii() and number.isdecimal():
        return number
    return "".join(character for character in number if character.isdecimal() and character.isascii())


def number_index(number: str) -> str:
    return index_of(digits_of(number), purpose="phone")


def last4_index(number: str) -> str:
    return index_of(digits_of(number)[-4:], purpose="phone.last4")


def id_number_index(id_number: str) -> str:
    return index_of(id_number.upper(), purpose="id_number")


def numbers_in(text: str) -> tuple[list[str], bool]:
    """The numbers in one typed value, mobiles first, and whether it says something that is no number."""
    mobiles, landlines, unreadable = judge_phone(text)
    return [*mobiles, *landlines], unreadable


def new_phone(*, customer: Customer, number: str, is_primary: bool) -> Phone:
    """An unsaved row with its index columns filled."""
    digits = digits_of(number)
    return Phone(
        customer=customer,
        number=number,
        number_index=number_index(digits),
        last4_index=last4_index(digits),
        is_mobile=len(digits) == 11 and digits.startswith("1"),
        is_primary=is_primary,
    )
