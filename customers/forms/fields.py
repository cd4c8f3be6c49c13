"""Fields that read what people at a desk type: amounts, odometers, plates, VINs, days, phone numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.contacts import numbers_in
from customers.values.money import parse_yuan, yuan_text
from customers.values.odometers import is_plausible, parse_odometer
from customers.values.plates import is_plate, normalise_plate
from customers.values.vins import judge_vin

FIRST_DAY = date(1990, 1, 1)
# A workshop bill beyond this is a slip of the finger.
MOST_FEN = 100_000_000


class _ReadField(forms.CharField):
    """What is typed is kept as something else than text, and compared as that: ``17,996`` is still 17996."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return not self.disabled and self.clean(data) != initial
        except ValidationError:
            return True


class YuanField(_ReadField):
    """Yuan as typed (``1,286.5``), cleaned to fen; blank is ``None``."""

    def __init__(self, *, negative: bool = False, **kwargs: Any) -> None:
        self.negative = negative
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(max_length=24, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return yuan_text(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            fen = parse_yuan(text)
        except ValueError:
            raise ValidationError(_("Enter an amount in yuan, for example 1286.50."), code="amount") from None
        if abs(fen) > MOST_FEN:
            raise ValidationError(_("An amount above one million yuan cannot be right."), code="amount_size")
        if fen < 0 and not self.negative:
            raise ValidationError(_("An amount cannot be negative."), code="amount_sign")
        return fen


class OdometerField(_ReadField):
    """Kilometres as typed (``4.8万``, ``48,150``); blank is ``None``."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(max_length=20, **kwargs)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        reading = parse_odometer(text)
        if reading is None:
            raise ValidationError(_("Enter the reading in kilometres, for example 48150."), code="odometer")
        if not is_plausible(reading):
            raise ValidationError(
                _("%(reading)s km cannot be right: a reading is above 1 and below 1,000,000."),
                code="odometer_range",
                params={"reading": f"{reading:,}"},
            )
        return reading


class PlateField(forms.CharField):
    def clean(self, value: Any) -> str:
        plate = normalise_plate(super().clean(value))
        if plate and not is_plate(plate):
            raise ValidationError(
                _("“%(plate)s” is not a number plate."), code="plate", params={"plate": plate}
            )
        if not plate and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return plate


class VinField(forms.CharField):
    """A VIN with a sound check digit, or nothing."""

    PROBLEMS = {
        "vin_length": _("A VIN has 17 characters."),
        "vin_illegal": _("A VIN has no letters I, O or Q, and no other signs."),
        "vin_placeholder": _("This is a placeholder, not a VIN. Leave it empty."),
        "vin_check_digit": _("The check digit does not fit: one character is wrong or two are swapped."),
    }

    def clean(self, value: Any) -> str:
        vin, problem = judge_vin(super().clean(value))
        if problem:
            raise ValidationError(self.PROBLEMS[problem], code=problem)
        return vin


class PastDateField(forms.DateField):
    """A day from ``earliest`` to today."""

    def __init__(self, *, today: date | None = None, earliest: date = FIRST_DAY, **kwargs: Any) -> None:
        self.today, self.earliest = today, earliest
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> date | None:
        day = super().clean(value)
        if day is None:
            return None
        if day < self.earliest:
            raise ValidationError(
                _("The day is before %(year)s."), code="day_early", params={"year": self.earliest.year}
            )
        if self.today is not None and day > self.today:
            raise ValidationError(_("The day is in the future."), code="day_future")
        return day


def set_today(form: forms.BaseForm, today: date, *names: str) -> None:
    """Days in these fields may not be after ``today``."""
    for name in names:
        field = form.fields[name]
        assert isinstance(field, PastDateField)
        field.today = today


def offer_rows(form: forms.BaseForm, name: str, rows: models.QuerySet[Any]) -> forms.ModelChoiceField[Any]:
    """Let the field choose among ``rows``, and nothing else."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows
    return field


def offer_choices(form: forms.BaseForm, name: str, choices: list[tuple[str, Any]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class PhonesField(forms.CharField):
    """One or several numbers in one line, cleaned to a list."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}))
        super().__init__(max_length=120, **kwargs)

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        numbers, unreadable = numbers_in(text)
        if unreadable or (text and not numbers):
            raise ValidationError(_("This holds no phone number that can be called."), code="phone")
        return numbers
