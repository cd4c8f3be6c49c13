"""What the agent heard, from the call screen's form."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from callcenter import booking
from callcenter.models import RefusalReason
from callcenter.services import Result
from campaigns.models import Outcome
from staff.forms import StyledForm

CALL_BACK_HOURS = (time(10, 0), time(14, 0), time(16, 30), time(18, 30))


class OutcomeForm(StyledForm, forms.Form):
    form_key = forms.UUIDField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(choices=Outcome.choices)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
    slot = forms.CharField(required=False)
    reason = forms.ChoiceField(choices=[("", ""), *RefusalReason.choices], required=False)
    # A quick choice of the page, or the field beside it.
    call_back = forms.DateTimeField(
        label=_("Call back at"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    quick = forms.DateTimeField(required=False, input_formats=["%Y-%m-%dT%H:%M"])

    def clean_slot(self) -> Any:
        text = self.cleaned_data["slot"]
        slot = booking.parse_slot(text) if text else None
        if text and slot is None:
            raise forms.ValidationError(_("Choose one of the slots."))
        return slot

    @property
    def result(self) -> Result:
        data = self.cleaned_data
        call_back: datetime | None = data["quick"] or data["call_back"]
        return Result(
            outcome=data["outcome"],
            note=data["note"],
            reason=data["reason"],
            call_back_at=call_back,
            slot=data["slot"],
        )


def quick_times(now: datetime) -> list[datetime]:
    """Four usual answers to "when shall I call again?", none of them past: today's hours first, then tomorrow's."""
    today = timezone.localdate(now)
    days = (today, today + timedelta(days=1))
    moments = [timezone.make_aware(datetime.combine(day, hour)) for day in days for hour in CALL_BACK_HOURS]
    return [moment for moment in moments if moment - now > timedelta(minutes=20)][:4]
