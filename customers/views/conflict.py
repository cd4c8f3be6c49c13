"""What differs between a form and the row somebody else saved meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _

from customers.forms.fields import YuanField

# Shown as "changed" only: the side by side must not show more than the page itself.
HIDDEN = frozenset({"id_number", "address"})


@dataclass(frozen=True, slots=True)
class Difference:
    label: str
    saved: str
    typed: str


def differences(form: forms.BaseForm, current: models.Model) -> list[Difference]:
    """Field by field, as both would read on the card; fields that agree are left out."""
    found = []
    for bound in form:
        name = bound.name
        if bound.is_hidden or name not in form.cleaned_data or not hasattr(current, name):
            continue
        saved, typed = getattr(current, name), form.cleaned_data[name]
        if name in HIDDEN:
            if typed and typed != saved:
                found.append(Difference(str(bound.label), _("(not shown)"), str(typed)))
        elif (saved if saved is not None else "") != (typed if typed is not None else ""):
            found.append(Difference(str(bound.label), _shown(bound.field, saved), _shown(bound.field, typed)))
    return found


def _shown(field: forms.Field, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (None, ""):
        return "—"
    if isinstance(field, YuanField):
        return str(field.prepare_value(value))
    choices = dict(getattr(field, "choices", []))
    return str(choices.get(value, value))
