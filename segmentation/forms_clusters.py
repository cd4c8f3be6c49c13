"""What is asked of the data, and the name under which a cluster is kept."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segmentation.clusters.limits import FEWEST_K, MOST_K
from segmentation.clusters.variables import USUAL, VARIABLES
from segmentation.models import SavedSegment
from staff.forms import StyledForm

BY_SILHOUETTE = ("", gettext_lazy("as many as stand clearest apart"))
NUMBERS = [(str(number), str(number)) for number in range(FEWEST_K, MOST_K + 1)]


class NumberForm(StyledForm, forms.Form):
    fixed_k = forms.TypedChoiceField(
        label=gettext_lazy("Number of groups"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[BY_SILHOUETTE, *NUMBERS],
    )


class AnalysisForm(NumberForm):
    variables = forms.MultipleChoiceField(
        label=gettext_lazy("Figures to look at"),
        choices=[(key, variable.label) for key, variable in VARIABLES.items()],
        initial=USUAL,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least two figures.")},
    )
    only_seen = forms.BooleanField(
        label=gettext_lazy("Only cars seen in the last 12 months"),
        required=False,
        help_text=gettext_lazy("With all cars, those long lost usually make a group of their own."),
    )

    def clean_variables(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["variables"]
        if len(chosen) < 2:
            raise ValidationError(_("Choose at least two figures."))
        return chosen


class SaveClusterForm(StyledForm, forms.ModelForm):
    form_key = forms.UUIDField(widget=forms.HiddenInput)

    class Meta:
        model = SavedSegment
        fields = ("name", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"form_key": uuid.uuid4(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
