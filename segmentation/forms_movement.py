"""Which two days are compared, and what between them is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segmentation.models import Family
from segmentation.movement import Computed, NoHistory, presets
from staff.forms import StyledForm


class MovementForm(StyledForm, forms.Form):
    """Bound to the query; what is missing there is the last month end and the last day computed."""

    family = forms.ChoiceField(label=gettext_lazy("Family"), choices=Family.choices)

    def __init__(self, query: Mapping[str, str], *, span: Computed) -> None:
        self.span = span
        first = presets(span).get("month", span.first)
        usual = {"family": str(Family.C3), "from": first.isoformat(), "to": span.last.isoformat()}
        super().__init__({key: query.get(key) or value for key, value in usual.items()})
        days = {"type": "date", "min": span.first.isoformat(), "max": span.last.isoformat()}
        for name, label in (("from", gettext_lazy("From")), ("to", gettext_lazy("To"))):
            widget = forms.DateInput(format="%Y-%m-%d", attrs={**days, "class": "in"})
            self.fields[name] = forms.DateField(label=label, widget=widget, input_formats=["%Y-%m-%d"])

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        for name in ("from", "to"):
            if found.get(name):
                try:
                    self.span.require(found[name])
                except NoHistory as refusal:
                    self.add_error(name, str(refusal))
        if not self.errors and found["from"] >= found["to"]:
            self.add_error("to", _("The second day must be later than the first."))
        return found

    @property
    def days(self) -> dict[str, date]:
        return {"from_on": self.cleaned_data["from"], "to_on": self.cleaned_data["to"]}
