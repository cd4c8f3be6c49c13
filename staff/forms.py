"""How forms look, everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.db.models.fields import BLANK_CHOICE_DASH
from django.utils.translation import pgettext_lazy

_NONE_CHOSEN = pgettext_lazy("empty choice", "not chosen")


class StyledForm(forms.BaseForm):
    """Mixin: puts the house class on every control, so that ``{{ form.plate }}`` looks right on its own.

    Django itself wires ``aria-invalid`` and ``aria-describedby``; ``components/field.html`` prints the
    hint and the error under the ids that it names.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came
        bare = (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.RadioSelect, forms.HiddenInput)
        for field in self.fields.values():
            _name_the_empty_choice(field)
            if isinstance(field.widget, bare):
                continue
            classes = field.widget.attrs.get("class", "").split()
            field.widget.attrs["class"] = " ".join(dict.fromkeys(["in", *classes]))


def _name_the_empty_choice(field: forms.Field) -> None:
    """In words: Django's row of dashes is read out as nine dashes."""
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label == BLANK_CHOICE_DASH[0][1]:
            field.empty_label = _NONE_CHOSEN
    elif isinstance(field, forms.ChoiceField):
        choices = list(cast("Iterable[Any]", field.choices))
        if choices[:1] == BLANK_CHOICE_DASH:
            field.choices = [("", _NONE_CHOSEN), *choices[1:]]
