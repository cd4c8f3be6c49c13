"""The owner's part of the card."""

from __future__ import annotations

import re
import uuid
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from customers.forms.fields import PastDateField, PhonesField, PlateField, VinField, set_today
from customers.models import Customer, Phone
from customers.models.tag import tag_key
from customers.privacy import Sight
from customers.values.plates import normalise_plate
from staff.forms import StyledForm
from staff.templatetags.ui import mask_phone

_ID_NUMBER = re.compile(r"[1-9]\d{16}[\dX]")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def clean_id_number(text: str) -> str:
    """A resident's number with its check digit (GB 11643), or a company's code (GB 32100)."""
    number = re.sub(r"\s", "", text).upper()
    if _ID_NUMBER.fullmatch(number):
        rest = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False)) % 11
        if number[17] != "10X98765432"[rest]:
            raise ValidationError(
                _("The last digit does not fit: one digit is wrong or two are swapped."), code="id"
            )
        return number
    if number and not re.fullmatch(r"[0-9A-HJ-NPQRTUWXY]{18}", number):
        raise ValidationError(_("An ID number has 18 characters."), code="id")
    return number


class CustomerForm(StyledForm, forms.ModelForm):
    """Name, contact and wishes. What a role sees masked is left empty and changes only when something is typed."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    birthday = PastDateField(label=_("Birthday"), required=False, earliest=date(1900, 1, 1))
    distance_km = forms.DecimalField(
        label=_("Distance to the store (km)"),
        min_value=0,
        max_value=5000,
        max_digits=6,
        decimal_places=1,
        required=False,
    )
    id_number = forms.CharField(label=_("ID number"), max_length=24, required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    new_phones = PhonesField(label=_("Add a phone number"), required=False)

    class Meta:
        model = Customer
        fields = (
            "name",
            "kind",
            "gender",
            "birthday",
            "region",
            "usage",
            "channel",
            "intention",
            "preferred_time",
            "preferred_channel",
            "may_call",
            "may_message",
            "do_not_call",
            "price_sensitive",
        )

    def __init__(self, *args: Any, sight: Sight, today: date, **kwargs: Any) -> None:
        self.sight = sight
        super().__init__(*args, **kwargs)
        customer = self.instance
        set_today(self, today, "birthday")
        self.fields["version"].initial = customer.version
        if customer.distance_m is not None:
            self.fields["distance_km"].initial = round(customer.distance_m / 1000, 1)
        if sight.sees_whole_address:
            self.fields["address"].initial = customer.address
        self._masked("address", sight.address(customer.address), not sight.sees_whole_address)
        self._masked("id_number", sight.id_number(customer.id_number), True)
        for name in ("address", "id_number"):
            if not getattr(sight, f"sees_{name}"):
                del self.fields[name]
        self._add_phone_choices()

    def _masked(self, name: str, shown: str, masked: bool) -> None:
        if masked and shown:
            self.fields[name].widget.attrs["placeholder"] = shown
            self.fields[name].help_text = _("Only part of it is shown. Type a new one to replace it.")

    def _add_phone_choices(self) -> None:
        self.phones: list[Phone] = []
        if self.instance.pk:
            self.phones = list(self.instance.phones.order_by("-is_primary", "pk"))
        if not self.phones:
            return
        choices = [(phone.pk, mask_phone(phone.number)) for phone in self.phones]
        self.fields["primary_phone"] = forms.TypedChoiceField(
            label=_("Main phone number"),
            choices=choices,
            coerce=int,
            widget=forms.RadioSelect,
            initial=self.phones[0].pk,
            required=False,
            empty_value=None,
        )
        self.fields["drop_phones"] = forms.TypedMultipleChoiceField(
            label=_("Remove numbers"),
            choices=choices,
            coerce=int,
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )

    def clean_id_number(self) -> str:
        return clean_id_number(self.cleaned_data["id_number"])

    def _post_clean(self) -> None:
        """The row stays as it is: the service writes, and words a clash so that it names no other store's row."""

    @property
    def details(self) -> dict[str, Any]:
        """What the service may set, from valid input."""
        data = self.cleaned_data
        details = {name: data[name] for name in self.Meta.fields}
        distance = data["distance_km"]
        details["distance_m"] = None if distance is None else int(distance * 1000)
        if data.get("id_number"):
            details["id_number"] = data["id_number"]
        if "address" in data and (data["address"] or self.sight.sees_whole_address):
            details["address"] = data["address"]
        return details

    @property
    def phone_changes(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "add_phones": data["new_phones"],
            "drop_phones": data.get("drop_phones") or [],
            "primary_phone": data.get("primary_phone"),
        }


class NewCustomerForm(StyledForm, forms.ModelForm):
    """What the desk asks a new owner for; everything else can wait."""

    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    phones = PhonesField(
        label=_("Phone number"), help_text=_("Several in one line are fine; the first is the main one.")
    )
    # Shown once a number turns out to be another owner's.
    confirmed = forms.BooleanField(label=_("This is somebody else: make a new card"), required=False)
    plate = PlateField(label=_("Plate"), max_length=20, required=False)
    vin = VinField(label=_("VIN"), max_length=24, required=False)
    brand = forms.CharField(label=_("Brand"), max_length=60, required=False)
    car_model = forms.CharField(label=_("Model"), max_length=80, required=False)
    purchased_on = PastDateField(label=_("Purchase date"), required=False)

    class Meta:
        model = Customer
        fields = ("name", "kind", "gender", "usage", "channel", "may_call", "may_message")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_today(self, today, "purchased_on")
        self.fields["usage"].initial = Customer.Usage.PRIVATE
        self.fields["channel"].initial = Customer.Channel.WALK_IN

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("plate") and not data.get("vin") and not {"plate", "vin"} & set(self.errors):
            self.add_error("plate", _("Enter the plate, or the VIN of a car without one."))
        return data

    def _post_clean(self) -> None:
        """The row stays as it is: the service writes, and words a clash so that it names no other store's row."""

    @property
    def details(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    @property
    def vehicle_details(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "plate": normalise_plate(data["plate"]),
            "vin": data["vin"],
            "brand": data["brand"],
            "model": data["car_model"],
            "purchased_on": data["purchased_on"],
        }


class NewPhoneForm(StyledForm, forms.Form):
    phones = PhonesField(label=_("Phone number"))


class MemoForm(StyledForm, forms.Form):
    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    text = forms.CharField(
        label=_("Memo for the next colleague"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class TagForm(StyledForm, forms.Form):
    name = forms.CharField(
        label=_("Tag"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "tag-words"}),
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not 0 < len(tag_key(name)) <= 40:
            raise ValidationError(_("Enter a word or two."), code="tag")
        return name
