"""The plate at the desk, and the visit that follows."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from customers.forms.fields import OdometerField, PastDateField, YuanField, offer_rows, set_today
from customers.models import Vehicle, Visit
from customers.services import VisitLineData
from staff.forms import StyledForm
from staff.models import Role, Store, User
from staff.templatetags.ui import yuan

# A row shows once the one above it is begun (app.css).
LINES = 20
# Further a day than any taxi: the reading or an earlier one is a slip.
KM_A_DAY = 300


class PlateForm(forms.Form):
    plate = forms.CharField(label=_("Plate"), max_length=24)


class VisitForm(StyledForm, forms.Form):
    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    kind = forms.ChoiceField(
        label=_("Kind of visit"), choices=Visit.Kind, initial=Visit.Kind.MAINTENANCE, widget=forms.RadioSelect
    )
    is_rework = forms.BooleanField(label=_("Rework of an earlier repair"), required=False)
    visited_on = PastDateField(label=_("Visit date"))
    odometer_km = OdometerField(label=_("Odometer (km)"))
    odometer_checked = forms.BooleanField(
        label=_("The reading is right: the instrument was replaced"), required=False
    )
    advisor = forms.ModelChoiceField(User.objects.none(), label=_("Service advisor"), required=False)
    team = forms.CharField(label=_("Team"), max_length=40, required=False)
    order_no = forms.CharField(
        label=_("Order number"),
        max_length=40,
        required=False,
        help_text=_("Left empty, the next number is given."),
    )
    customer_words = forms.CharField(
        label=_("The customer's words"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    labour = YuanField(label=_("Labour (yuan)"))
    parts = YuanField(label=_("Parts (yuan)"))
    discount = YuanField(label=_("Discount (yuan)"))
    paid = YuanField(label=_("Paid (yuan)"), help_text=_("Left empty: labour and parts less discount."))

    def __init__(
        self, *args: Any, vehicle: Vehicle, store: Store, today: date, by: User, knows: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.vehicle, self.today, self.knows = vehicle, today, knows
        self.warnings: list[str] = []
        set_today(self, today, "visited_on")
        self.fields["visited_on"].initial = today
        desk = User.objects.filter(
            is_active=True, memberships__store=store, memberships__role__in=(Role.ADVISOR, Role.MANAGER)
        )
        offer_rows(self, "advisor", desk.order_by("full_name", "pk"))
        self.fields["advisor"].initial = by.pk
        for number in range(1, LINES + 1):
            self.fields[f"line_{number}"] = forms.CharField(
                label=_("Item %(number)s") % {"number": number}, max_length=120, required=False
            )
            # Empty to the eye: by it the style sheet knows whether anything was typed.
            self.fields[f"line_{number}"].widget.attrs["placeholder"] = " "
            self.fields[f"amount_{number}"] = YuanField(
                label=pgettext_lazy("of an item", "Amount (yuan)"), negative=True
            )

    @property
    def line_fields(self) -> Iterator[tuple[forms.BoundField, forms.BoundField]]:
        for number in range(1, LINES + 1):
            yield self[f"line_{number}"], self[f"amount_{number}"]

    @property
    def asks_about_odometer(self) -> bool:
        """The reading was refused for being lower: only then is there something to confirm."""
        return self.is_bound and (
            self.has_error("odometer_km", "odometer_lower") or bool(self.data.get("odometer_checked"))
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for number in range(1, LINES + 1):
            if data.get(f"amount_{number}") and not data.get(f"line_{number}"):
                self.add_error(f"line_{number}", _("Name the item this amount is for."))
        self._judge_odometer(data)
        self._judge_amounts(data)
        return data

    def _judge_odometer(self, data: dict[str, Any]) -> None:
        reading, day = data.get("odometer_km"), data.get("visited_on")
        before, since = self.vehicle.odometer_km, self.vehicle.odometer_on
        if reading is None or day is None or before is None or (since is not None and since > day):
            return
        if reading < before and not data.get("odometer_checked"):
            text = _("This is lower than an earlier reading. Correct it, or confirm it below.")
            if self.knows:
                text = _("The car had run %(before)s km already. Correct the reading, or confirm it below.")
            self.add_error(
                "odometer_km", ValidationError(text, code="odometer_lower", params={"before": f"{before:,}"})
            )
        days = (day - since).days if since is not None else 0
        if days > 0 and reading - before > KM_A_DAY * days:
            self.warnings.append(
                gettext("The odometer rose by more than 300 km a day. Please check the reading.")
            )

    def _judge_amounts(self, data: dict[str, Any]) -> None:
        """The sum decides where nothing was typed; a difference is said, not refused: shops round and waive."""
        due = (data.get("labour") or 0) + (data.get("parts") or 0) - (data.get("discount") or 0)
        if "paid" in self.errors:
            return
        if data.get("paid") is None:
            data["paid"] = max(due, 0)
        elif due and data["paid"] != due:
            self.warnings.append(
                gettext("Paid %(paid)s, but labour and parts less discount are %(due)s.")
                % {"paid": yuan(data["paid"]), "due": yuan(due)}
            )

    @property
    def details(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "kind": data["kind"],
            "is_rework": data["is_rework"],
            "odometer_km": data["odometer_km"],
            "advisor": data["advisor"],
            "team": data["team"],
            "customer_words": data["customer_words"],
            "labour_fen": data["labour"] or 0,
            "parts_fen": data["parts"] or 0,
            "discount_fen": data["discount"] or 0,
            "paid_fen": data["paid"],
        }

    @property
    def lines(self) -> list[VisitLineData]:
        data = self.cleaned_data
        pairs = ((data[f"line_{number}"], data[f"amount_{number}"]) for number in range(1, LINES + 1))
        return [VisitLineData(name, amount or 0) for name, amount in pairs if name]
