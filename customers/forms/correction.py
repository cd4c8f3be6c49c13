"""Other amounts for a visit, and why."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.forms.fields import YuanField
from customers.models import Visit
from customers.services.corrections import AMOUNTS, Reason
from staff.forms import StyledForm


class CorrectionForm(StyledForm, forms.Form):
    # When the amounts in the fields were read: what was saved since must not be lost.
    seen_at = forms.DateTimeField(widget=forms.HiddenInput, input_formats=["%Y-%m-%dT%H:%M:%S.%f%z"])
    labour_fen = YuanField(label=_("Labour (yuan)"), required=True)
    parts_fen = YuanField(label=_("Parts (yuan)"), required=True)
    discount_fen = YuanField(label=_("Discount (yuan)"), required=True)
    paid_fen = YuanField(label=_("Paid (yuan)"), required=True)
    reason = forms.ChoiceField(label=_("Why"), choices=Reason, widget=forms.RadioSelect)

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        amounts = {name: getattr(visit, name) for name in AMOUNTS}
        super().__init__(*args, initial={"seen_at": _moment(visit), **amounts}, **kwargs)

    def seen(self, current: models.Model) -> None:
        """The reader has been shown ``current`` beside what they typed."""
        assert isinstance(current, Visit)
        self.data = {**self.data.dict(), "seen_at": _moment(current)}  # type: ignore[attr-defined]  # a QueryDict

    @property
    def amounts(self) -> dict[str, int]:
        return {name: self.cleaned_data[name] for name in AMOUNTS}


def _moment(visit: Visit) -> str:
    """To the microsecond: the field's own way of writing it leaves them out."""
    return visit.updated_at.strftime("%Y-%m-%dT%H:%M:%S.%f%z")
