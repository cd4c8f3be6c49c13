"""The numbers of a rule set as they are typed: thresholds for a trial, everything for the editor."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from customers.models import Visit
from segmentation import drafts
from segmentation.models import C3, Bands, RuleSet, default_cells

CELLS = sorted(default_cells(), reverse=True)
REPAIR_KINDS = [choice for choice in Visit.Kind.choices if choice[0] != Visit.Kind.MAINTENANCE]
# Days and months beyond these say nothing about a customer.
LIMITS: dict[str, tuple[int, int]] = {
    "window_months": (1, 60),
    "maintenance_high": (1, 50),
    "spend_percentile": (1, 99),
    "repair_ratio_high_percent": (1, 100),
    "lost_days": (2, 3650),
    "near_lost_days": (1, 3649),
    "interval_factor_percent": (100, 1000),
    "interval_min_days": (1, 3650),
    "complaint_months": (1, 60),
    "new_days": (1, 3650),
    "value_high_points": (4, 15),
    "value_mid_points": (3, 14),
    "service_radius_km": (1, 1000),
    "warranty_years": (1, 20),
    "warranty_km": (1, 1_000_000),
    "three_guarantees_years": (1, 20),
    "three_guarantees_km": (1, 1_000_000),
}
BELOW = {
    "near_lost_days": ("lost_days", gettext_lazy("This must be below the days for “lost”.")),
    "value_mid_points": (
        "value_high_points",
        gettext_lazy("This must be below the points for a high value."),
    ),
}
THRESHOLDS: tuple[str, ...] = (
    "maintenance_high", "repair_ratio_high_percent", "spend_mode", "spend_percentile", "window_months",
)  # fmt: skip


class ThresholdForm(forms.ModelForm):
    """What a trial moves. ``instance`` is a draft, or a copy of the rules in force."""

    spend_amount = forms.DecimalField(
        label=gettext_lazy("Amount in yuan"),
        required=False,
        min_value=Decimal("0.01"),
        max_value=10_000_000,
        decimal_places=2,
    )
    repair_kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Counted as repair"), choices=REPAIR_KINDS, widget=forms.CheckboxSelectMultiple
    )
    # As the draft stood when the page was made; 0 when there was none.
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    class Meta:
        model = RuleSet
        fields: tuple[str, ...] = THRESHOLDS

    def __init__(self, data: Any = None, *, instance: RuleSet) -> None:
        fen = instance.spend_amount_fen
        initial = {
            "spend_amount": Decimal(fen) / 100 if fen else None,
            "repair_kinds": instance.repair_kinds,
            "revision": instance.revision if instance.pk else 0,
            **{f"cell_{cell}": instance.cells.get(cell) for cell in CELLS},
        }
        super().__init__(data, instance=instance, initial=initial)
        for name, (least, most) in LIMITS.items():
            if name in self.fields:
                field = self.fields[name]
                field.validators += [MinValueValidator(least), MaxValueValidator(most)]
                field.widget.attrs |= {"min": least, "max": most}

    def clean(self) -> dict[str, Any]:
        found = cast(dict[str, Any], super().clean())
        amount = found.get("spend_amount")
        if found.get("spend_mode") == RuleSet.SpendMode.AMOUNT and amount is None:
            self.add_error("spend_amount", _("Give the amount from which spend is high."))
        self.instance.spend_amount_fen = int(amount * 100) if amount is not None else None
        self.instance.repair_kinds = found.get("repair_kinds", self.instance.repair_kinds)
        return found

    def values(self) -> dict[str, Any]:
        """The whole rule set with what was typed."""
        return drafts.numbers(self.instance)


class RuleForm(ThresholdForm):
    class Meta(ThresholdForm.Meta):
        fields = (*THRESHOLDS, *(name for name in LIMITS if name not in THRESHOLDS))

    def __init__(self, data: Any = None, *, instance: RuleSet) -> None:
        super().__init__(data, instance=instance)
        for cell in CELLS:
            field = forms.ChoiceField(
                choices=C3.choices, label=_("Group of the cell %(cell)s") % {"cell": cell}
            )
            field.widget.attrs["class"] = "in s"
            self.fields[f"cell_{cell}"] = field

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        for name, (other, message) in BELOW.items():
            if name in found and other in found and found[name] >= found[other]:
                self.add_error(name, message)
        cells = {cell: found.get(f"cell_{cell}") for cell in CELLS}
        if all(cells.values()):
            self.instance.cells = cells
        return found

    def cells(self) -> Iterator[tuple[str, forms.BoundField]]:
        for cell in CELLS:
            yield cell, self[f"cell_{cell}"]

    @property
    def doubled(self) -> list[str]:
        """Groups that more than one cell is called by: allowed, but seldom meant."""
        named = list(self.instance.cells.values())
        return [str(C3(key).label) for key in C3.values if named.count(key) > 1]


class BandForm(forms.Form):
    start = forms.IntegerField(
        label=pgettext_lazy("band", "From"), min_value=0, max_value=999, required=False
    )
    end = forms.IntegerField(
        label=pgettext_lazy("band", "To, without it"), min_value=1, max_value=1000, required=False
    )

    @property
    def is_blank(self) -> bool:
        return (
            self.is_valid()
            and self.cleaned_data.get("start") is None
            and self.cleaned_data.get("end") is None
        )

    def row(self) -> list[int | None]:
        return [self.cleaned_data.get("start"), self.cleaned_data.get("end")]


class BaseBands(forms.BaseFormSet):
    """Bands that leave nothing out and count nothing twice: each begins where the one before it ends."""

    def clean(self) -> None:
        if any(form.errors for form in self.forms):
            return
        if not self.forms:
            raise forms.ValidationError(_("At least one band is needed."))
        filled = [form for form in self.forms if not form.is_blank]
        if not filled:
            self.forms[0].add_error("start", _("At least one band is needed."))
        expected: int | None = 0
        for form in filled:
            self._check(form, expected, is_last=form is filled[-1])
            expected = form.row()[1]

    def _check(self, form: BandForm, expected: int | None, *, is_last: bool) -> None:
        start, end = form.row()
        if start is None:
            form.add_error("start", _("Say where the band begins."))
        elif expected is not None and start > expected:
            form.add_error(
                "start", _("Gap: nothing covers %(from)s to %(to)s.") % {"from": expected, "to": start}
            )
        elif expected is not None and start < expected:
            form.add_error("start", _("Overlap: the band before ends at %(end)s.") % {"end": expected})
        if end is None and not is_last:
            form.add_error("end", _("Only the last band can be open: give its end."))
        elif end is not None and is_last:
            form.add_error("end", _("Leave the end of the last band empty, so that every car has one."))
        elif end is not None and start is not None and end <= start:
            form.add_error("end", _("The end must be above the beginning."))

    def bands(self) -> Bands:
        return [form.row() for form in self.forms if not form.is_blank]


BandSet = forms.formset_factory(BandForm, formset=BaseBands, extra=2, max_num=12)


def band_set(name: str, data: Any, bands: Bands) -> BaseBands:
    initial = [{"start": start, "end": end} for start, end in bands]
    return cast(BaseBands, BandSet(data, prefix=name, initial=initial))


class PublishForm(forms.Form):
    # The same page saves and counts, which need no note.
    use_required_attribute = False

    note = forms.CharField(
        label=gettext_lazy("Why these rules"),
        max_length=200,
        error_messages={"required": gettext_lazy("Say in a few words why the rules change.")},
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
