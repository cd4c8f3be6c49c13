"""What became of a booking: the word and its tone."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

STATES = {
    "expected": (pgettext_lazy("booking", "Expected"), "info"),
    "arrived": (pgettext_lazy("booking", "Arrived"), "ok"),
    "missed": (pgettext_lazy("booking", "Did not come"), "bad"),
    "cancelled": (pgettext_lazy("booking", "Cancelled"), ""),
}
