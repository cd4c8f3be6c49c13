"""A car, and its next owner."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.forms.fields import (
    OdometerField,
    PastDateField,
    PhonesField,
    PlateField,
    VinField,
    offer_choices,
    set_today,
)
from customers.models import Customer, Vehicle
from staff.forms import StyledForm

_DAY = {"type": "date"}


class VehicleForm(StyledForm, forms.ModelForm):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    # As typed: with blanks and dots a plate is longer than it is stored.
    plate = PlateField(label=_("Plate"), max_length=24, required=False)
    vin = VinField(label=_("VIN"), max_length=24, required=False)
    odometer_km = OdometerField(label=_("Last odometer (km)"))

    class Meta:
        model = Vehicle
        fields = (
            "plate",
            "vin",
            "brand",
            "series",
            "model",
            "purchased_on",
            "warranty_until",
            "three_guarantees_until",
            "insurance_until",
            "inspection_until",
            "odometer_km",
            "state",
        )
        field_classes = {"purchased_on": PastDateField}
        widgets = {
            name: forms.DateInput(attrs=_DAY, format="%Y-%m-%d")
            for name in (
                "purchased_on",
                "warranty_until",
                "three_guarantees_until",
                "insurance_until",
                "inspection_until",
            )
        }

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        set_today(self, today, "purchased_on")
        self.fields["version"].initial = self.instance.version

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("plate") and not data.get("vin") and not {"plate", "vin"} & set(self.errors):
            self.add_error("plate", _("Enter the plate, or the VIN of a car without one."))
        return data

    def _post_clean(self) -> None:
        """The row stays as it is: the service writes, and words a clash so that it names no other store's row."""

    @property
    def details(self) -> dict[str, Any]:
        details = {name: self.cleaned_data[name] for name in self.Meta.fields}
        if "odometer_km" in self.changed_data:
            details["odometer_on"] = self.today if details["odometer_km"] is not None else None
        return details


class OwnerForm(StyledForm, forms.Form):
    """The next owner by name and phone. Where the number is known here, ``owner`` offers the cards that have it."""

    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    name = forms.CharField(label=_("New owner's name"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=Customer.Kind, initial=Customer.Kind.PERSON)
    phones = PhonesField(label=_("Phone number"))
    on = PastDateField(label=_("Day of the change"))
    owner = forms.ChoiceField(label=_("Who is the new owner?"), widget=forms.RadioSelect, required=False)

    NEW = "new"

    def __init__(self, *args: Any, today: date, known: list[Customer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_today(self, today, "on")
        self.fields["on"].initial = today
        choices = [(str(customer.pk), customer.name) for customer in known]
        offer_choices(self, "owner", [*choices, (self.NEW, _("Somebody else: make a new card"))])
        self.known = known
        if not known:
            self.fields["owner"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.known and not data.get("owner") and not self.errors:
            self.add_error("owner", _("This number is on a card already. Choose whose it is."))
        return data
