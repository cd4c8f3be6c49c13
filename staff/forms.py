"""How forms look, everywhere."""

from __future__ import annotations

from django import forms


class StyledForm(forms.BaseForm):
    """Mixin: puts the house class on every control, so that ``{{ form.plate }}`` looks right on its own.

    Django itself wires ``aria-invalid`` and ``aria-describedby``; ``components/field.html`` prints the
    hint and the error under the ids that it names.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came
        bare = (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.RadioSelect, forms.HiddenInput)
        for field in self.fields.values():
            if isinstance(field.widget, bare):
                continue
            classes = field.widget.attrs.get("class", "").split()
            field.widget.attrs["class"] = " ".join(dict.fromkeys(["in", *classes]))
