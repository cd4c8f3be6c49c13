"""What narrows the list of a group's cars."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.forms.filters import FilterForm
from segmentation.models import Family, VehicleSegmentQuerySet
from staff.vocabulary import C3_GROUPS, CARE_STATUSES


class SegmentFilterForm(FilterForm):
    """Attributes only: names, numbers and plates are searched by POST and never stand in an address."""

    AWAY = (
        ("90", _("more than 90 days ago")),
        ("183", _("more than half a year ago")),
        ("365", _("more than a year ago")),
    )

    other = forms.ChoiceField(required=False)
    model = forms.CharField(label=_("Model"), max_length=40, required=False)
    away = forms.ChoiceField(
        label=_("Last visit"), required=False, choices=[("", _("Last visit: any")), *AWAY]
    )

    def __init__(self, *args: Any, family: Family, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.other_family = Family.CARE_STATUS if family == Family.C3 else Family.C3
        words = CARE_STATUSES if family == Family.C3 else C3_GROUPS
        label = _("Any care status") if family == Family.C3 else _("Any group")
        self.fields["other"].label = self.other_family.label
        choices = [("", label), *((key, word.label) for key, word in words.items())]
        self.fields["other"].choices = choices  # type: ignore[attr-defined]  # a choice field
        self.fields["model"].widget.attrs["placeholder"] = _("Model, e.g. GL8")

    def narrow(self, segments: VehicleSegmentQuerySet, *, as_of: date) -> VehicleSegmentQuerySet:
        if self.value("other"):
            segments = segments.filter(**{self.other_family: self.value("other")})
        if self.value("model"):
            segments = segments.filter(vehicle__model__icontains=self.value("model"))
        if self.value("away"):
            segments = segments.filter(last_visit_on__lt=as_of - timedelta(days=int(self.value("away"))))
        return segments
