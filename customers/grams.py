"""How a part of a name becomes index entries: the rows of ``NameGram``, and what a search looks up there."""

from __future__ import annotations

from collections.abc import Iterable

from customers.models import Customer, NameGram
from customers.values.names import normalise_name

# Stands before the first character, so that one character finds the names that begin with it.
START = "^"


def folded(text: str) -> str:
    """A name as it is compared: no blanks, no case, no full-width letters."""
    return normalise_name(text).casefold()


def _pairs(text: str) -> dict[str, None]:
    return dict.fromkeys(text[at : at + 2] for at in range(len(text) - 1))


def grams_of(name: str) -> list[str]:
    """Every gram of a stored name, each once: ``李海燕`` as ``^李 李海 海燕``."""
    return list(_pairs(START + folded(name)))


def grams_sought(text: str) -> list[str]:
    """The grams a name must have to contain ``text``; a single character must be its first."""
    wanted = folded(text)
    return list(_pairs(wanted)) if len(wanted) > 1 else [START + wanted] if wanted else []


def write_grams(customers: Iterable[Customer]) -> None:
    """Bring the grams of these customers in line with their names."""
    rows = list(customers)
    NameGram.objects.filter(customer__in=rows).delete()
    NameGram.objects.bulk_create(
        (NameGram(customer=customer, gram=gram) for customer in rows for gram in grams_of(customer.name)),
        batch_size=1000,
    )
