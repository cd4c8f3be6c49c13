"""Words for the codes of the importer."""

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

REFUSALS: Final = {
    "empty_file": _("The file is empty."),
    "too_big": _("The file is too big to be read. Export a shorter period and import it in parts."),
    "too_many_rows": _("The file has more rows than a worksheet can hold. Export a shorter period."),
    "too_wide": _(
        "The file has cells far outside any table. Delete the columns right of your data and save it again."
    ),
    "zip_bomb": _("The workbook unpacks to far more than such a file can hold, so it was not opened."),
    "entity_bomb": _("The file contains definitions that spreadsheets never have, so it was not opened."),
    "broken_file": _("The file is damaged or was not downloaded completely. Export it again."),
    "password_protected": _(
        "The workbook is protected by a password. Save it without one and upload it again."
    ),
    "unsupported_format": _(
        "This kind of spreadsheet cannot be read. Save it as .xlsx or .csv and upload it again."
    ),
    "not_a_table": _("This is not a table: a PDF, a picture or another kind of file under a table's name."),
    "unknown_encoding": _(
        "The characters of this file cannot be made out. Save it as .xlsx or as UTF-8 text."
    ),
    "open_quote": _("A quotation mark is opened and never closed, so the cells cannot be told apart."),
    "no_header": _(
        "No row of column names was found. A first row must name the columns: plate, order number and so on."
    ),
    "missing_column": _(
        "A column is missing that every row needs: the plate or VIN, the visit date, or the amount paid."
    ),
    "no_rows": _("The file has a header but no rows of data."),
}

REJECTS: Final = {
    "no_identity": _("Neither a well-formed plate nor a good VIN"),
    "bad_date": _("Visit date missing, impossible, before 1990 or in the future"),
    "bad_amount": _("Amount paid is blank or not a number"),
    "order_no_conflict": _("Order number already taken by an order of another car, day or amount"),
}

SKIPS: Final = {
    "voided": _("Voided order"),
    "not_settled": _("Order not yet settled"),
}

WARNINGS: Final = {
    "amount_mismatch": _("Labour, parts and discount do not add up to the amount paid"),
    "kind_unknown": _("Unknown kind of visit, counted as other"),
    "odometer_implausible": _("Odometer reading cannot be right; left out"),
    "odometer_rollback": _("Odometer reads less than at an earlier visit"),
    "phone_invalid": _("No valid phone number in the cell"),
    "phone_shared": _("Mobile stands under three or more names and identifies nobody"),
    "plate_invalid": _("Plate is not well-formed; not used to identify the car"),
    "vin_check_digit": _("VIN has a wrong check digit; not used to identify the car"),
    "vin_illegal": _("VIN has characters no VIN has; not used to identify the car"),
    "vin_length": _("VIN does not have 17 characters; not used to identify the car"),
    "vin_placeholder": _("VIN is a placeholder; not used to identify the car"),
    "plate_taken": _("Another car has this plate; this car keeps the plate it has"),
}

REVERSALS: Final = {
    "full": _("Reversed in full"),
    "partial": _("Partly refunded"),
    "unmatched": _("Reverses an order that is not in this file; if it is not here yet, it waits for it"),
}

NOT_DATA: Final = {
    "title": ngettext_lazy("%(shown)s title row", "%(shown)s title rows", "n"),
    "header": ngettext_lazy("%(shown)s header row", "%(shown)s header rows", "n"),
    "total": ngettext_lazy("%(shown)s total row", "%(shown)s total rows", "n"),
    "footer": ngettext_lazy("%(shown)s footer row", "%(shown)s footer rows", "n"),
    "beside": ngettext_lazy("%(shown)s row of another table", "%(shown)s rows of another table", "n"),
    "blank": ngettext_lazy("%(shown)s blank row", "%(shown)s blank rows", "n"),
}

EXPORTS: Final = {
    "orders": _("One row per order"),
    "lines": _("One row per item of an order"),
    "customers": _("Customers and vehicles"),
}

MISSING: Final = {
    "identity": _("No column gives the plate or the VIN. Choose one."),
    "visit_date": _("No column gives the visit date. Choose one."),
    "paid": _("No column gives the amount paid. Choose one."),
}

VERDICTS: Final = {
    "known": _("Recognised"),
    "chosen": _("Chosen by you"),
    "taken": _("Not used: another column already gives this"),
    "beside": _("Not used: another table beside this one"),
    "unclear": _("Not used: one of several with this name"),
    "ignored": _("Not needed"),
    "unknown": _("Not recognised"),
    "blank": _("No name"),
}

FIELDS: Final = {
    "order_no": _("Order number"),
    "reversed_order_no": _("Number of the reversed order"),
    "plate": _("Plate"),
    "vin": _("VIN"),
    "plate_or_vin": _("Plate or VIN"),
    "engine_no": _("Engine number"),
    "customer_code": _("Customer code"),
    "customer_name": _("Customer name"),
    "contact": _("Contact person"),
    "payer": _("Payer"),
    "phone": _("Phone"),
    "contact_phone": _("Phone of the person who brings the car"),
    "customer_type": _("Customer type"),
    "industry": _("Industry"),
    "gender": _("Gender"),
    "birthday": _("Birthday"),
    "address": _("Address"),
    "postcode": _("Postcode"),
    "province": _("Province"),
    "city": _("City"),
    "region": _("District"),
    "brand": _("Brand"),
    "model": _("Model"),
    "usage": _("Use of the vehicle"),
    "visit_date": _("Visit date"),
    "settle_date": _("Settlement date"),
    "visit_kind": _("Kind of visit"),
    "charge_type": _("Charge type"),
    "odometer": _("Odometer"),
    "labour_amount": _("Labour"),
    "parts_amount": _("Parts"),
    "discount": _("Discount"),
    "paid": _("Amount paid"),
    "receivable": _("Amount receivable"),
    "total_ambiguous": _("Total amount"),
    "status": _("Order status"),
    "advisor": _("Service advisor"),
    "technician": _("Technician"),
    "team": _("Team"),
    "sale_date": _("Purchase date"),
    "first_registration": _("First registration"),
    "insurance_due": _("Insurance due"),
    "insurer": _("Insurer"),
    "inspection_due": _("Inspection due"),
    "next_service_date": _("Next service date"),
    "next_service_odometer": _("Next service odometer"),
    "last_service_date": _("Last service date"),
    "remark": _("Remark"),
    "line_type": _("Item type"),
    "line_name": _("Item name"),
    "quantity": _("Quantity"),
    "unit_price": _("Unit price"),
    "line_amount": _("Item amount"),
}


def refusal_label(code: str) -> "StrPromise":
    """Why a file was refused whole, as a sentence."""
    return REFUSALS.get(code, _("The file cannot be read."))


def reason_label(code: str, export: str = "orders") -> "StrPromise | str":
    """Why a row was rejected or skipped."""
    if code == "no_identity" and export == "customers":
        return _("Neither a plate, a VIN nor a phone number")
    return REJECTS.get(code, SKIPS.get(code, code))


def warning_label(code: str) -> "StrPromise | str":
    """What a warning says."""
    return WARNINGS.get(code, code)


def field_label(field: str) -> "StrPromise | str":
    """What a column means."""
    return FIELDS.get(field, field)
