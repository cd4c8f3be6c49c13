"""Codes of the report, as small numbers where there is one per row."""

REASONS = ("", "no_identity", "bad_date", "bad_amount", "order_no_conflict", "voided", "not_settled")
NO_IDENTITY, BAD_DATE, BAD_AMOUNT, ORDER_NO_CONFLICT, VOIDED, NOT_SETTLED = range(1, len(REASONS))
SKIPPED_FROM = VOIDED

WARNINGS = (
    "amount_mismatch",
    "kind_unknown",
    "odometer_implausible",
    "odometer_rollback",
    "phone_invalid",
    "phone_shared",
    "plate_invalid",
    "vin_check_digit",
    "vin_illegal",
    "vin_length",
    "vin_placeholder",
    # Only the database tells.
    "plate_taken",
)
BIT = {code: 1 << place for place, code in enumerate(WARNINGS)}

STATUSES = ("accepted", "rejected", "skipped", "duplicate", "reversal", "line")
ACCEPTED, REJECTED, SKIPPED, DUPLICATE, REVERSAL, LINE = range(len(STATUSES))

FIRST_DAY = 19900101
"""Nothing a workshop did is older; as yyyymmdd."""

LINE_KINDS = ("other", "labour", "part", "discount")

NOTHING = 0
"""The number that stands for no text."""
NO_FEN = -(1 << 62)
"""Stands for an amount left blank on a line whose order has it on another."""


def warning_codes(bits: int) -> tuple[str, ...]:
    """The codes of the bits set."""
    return tuple(code for code in WARNINGS if bits & BIT[code]) if bits else ()
