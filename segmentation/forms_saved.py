"""What a saved segment is called, and for which stores it is."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.forms.fields import offer_rows
from segmentation.models import SavedSegment
from staff.forms import StyledForm
from staff.models import Store


class SavedSegmentForm(StyledForm, forms.Form):
    """Of a frozen segment only the name and the note are changed: its cars are those of its stores then."""

    name = forms.CharField(label=pgettext_lazy("saved segment", "Name"), max_length=80)
    note = forms.CharField(
        label=pgettext_lazy("saved segment", "Note"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    stores = forms.ModelMultipleChoiceField(
        label=_("Stores"), queryset=Store.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(
        self, data: Any = None, *, stores: Sequence[Store], segment: SavedSegment | None = None
    ) -> None:
        super().__init__(data, initial=_initial(segment, stores))
        offer_rows(self, "stores", Store.objects.filter(pk__in=[store.pk for store in stores]))
        self.offered = list(stores)
        if segment is not None and segment.is_frozen:
            del self.fields["stores"]

    @property
    def chosen_stores(self) -> list[Store]:
        """The stores ticked so far, whatever else is wrong."""
        ticked = {str(getattr(value, "pk", value)) for value in self["stores"].value() or ()}
        return [store for store in self.offered if str(store.pk) in ticked]


def _initial(segment: SavedSegment | None, stores: Sequence[Store]) -> dict[str, Any]:
    if segment is None:
        return {"form_key": uuid.uuid4(), "stores": [store.pk for store in stores[:1]]}
    return {
        "name": segment.name,
        "note": segment.note,
        "stores": [store.pk for store in segment.stores.all()],
        "form_key": segment.form_key or uuid.uuid4(),
        "version": segment.version,
    }


class CopyForm(forms.Form):
    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class VersionForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
