"""A complaint, and its solution."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.forms.fields import PastDateField, offer_rows, set_today
from customers.models import Complaint, Vehicle, Visit
from staff.forms import StyledForm
from staff.models import Role, Store, User


class VisitChoiceField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Visit) -> str:
        return f"{obj.visited_on} · {obj.get_kind_display()} · {obj.order_no}"


class ComplaintForm(StyledForm, forms.Form):
    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    text = forms.CharField(
        label=_("What the customer complains about"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    severity = forms.ChoiceField(
        label=_("Severity"),
        choices=Complaint.Severity,
        initial=Complaint.Severity.MINOR,
        widget=forms.RadioSelect,
    )
    channel = forms.ChoiceField(
        label=_("How it came"), choices=Complaint.Channel, initial=Complaint.Channel.DESK
    )
    opened_on = PastDateField(label=_("Day"))
    visit = VisitChoiceField(Visit.objects.none(), label=_("About the visit"), required=False)
    handler = forms.ModelChoiceField(User.objects.none(), label=_("Handled by"), required=False)

    def __init__(
        self, *args: Any, vehicle: Vehicle, store: Store, today: date, user: User, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        set_today(self, today, "opened_on")
        self.fields["opened_on"].initial = today
        visits = Visit.objects.visible_to(user).filter(vehicle=vehicle, store=store).standing()
        offer_rows(self, "visit", visits.order_by("-visited_on", "-pk"))
        desk = User.objects.filter(is_active=True, memberships__store=store).exclude(
            memberships__store=store, memberships__role=Role.TECHNICIAN
        )
        offer_rows(self, "handler", desk.order_by("full_name", "pk").distinct())

    @property
    def details(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "form_key"}


class SolutionForm(StyledForm, forms.Form):
    solution = forms.CharField(
        label=_("How it was settled"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    closed_on = PastDateField(label=_("Day"))

    def __init__(self, *args: Any, complaint: Complaint, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.complaint = complaint
        set_today(self, today, "closed_on")
        self.fields["closed_on"].initial = today

    def clean_closed_on(self) -> date:
        day: date = self.cleaned_data["closed_on"]
        if day < self.complaint.opened_on:
            raise forms.ValidationError(_("This is before the complaint was made."), code="closed_early")
        return day
