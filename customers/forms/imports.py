"""Forms of the importer: the upload, what columns and words mean, and the number typed before an undo."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.dms.columns import DEFAULTS, defaults_of
from customers.dms.headers import FIELDS, NEEDED, Column
from customers.dms.headers import Mapping as HeaderMapping
from customers.dms.labels import MISSING, field_label
from customers.models import Import, Visit
from staff.forms import StyledForm
from staff.models import Store

ACCEPT = ".xlsx,.xls,.csv,.txt,.htm,.html,.xml"


class UploadForm(StyledForm, forms.Form):
    # Before the file: fields behind it are lost when a file that is too big is not read to its end.
    form_key = forms.UUIDField(widget=forms.HiddenInput)
    store = forms.ModelChoiceField(
        Store.objects.none(), label=_("Store the file belongs to"), empty_label=None
    )
    file = forms.FileField(
        label=_("File"),
        max_length=None,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        error_messages={
            "required": _("Choose a file first."),
            "missing": _("Choose a file first."),
            "empty": _("The file is empty."),
        },
    )

    def __init__(self, *args: Any, stores: Iterable[Store], current: Store | None, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"form_key": uuid.uuid4(), "store": current})
        super().__init__(*args, **kwargs)
        mine = list(stores)
        field = self.fields["store"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Store.objects.filter(pk__in=[store.pk for store in mine])
        if len(mine) == 1:
            field.initial, field.widget = mine[0], forms.HiddenInput()
            self.initial["store"] = mine[0]


_WHICH_ROW = _("Choose the row that holds the names of the columns.")


class HeaderForm(StyledForm, forms.Form):
    """A radio for each of the first rows of a file: ``rows`` are number and what stands in it.

    ``sheets`` are those of a workbook to choose from, name and address of its rows; these are of ``sheet``.
    """

    sheet = forms.ChoiceField(
        label=_("Sheet"),
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": _("This file has no such sheet. Choose one of those below.")},
    )
    row = forms.TypedChoiceField(
        label=_("Row with the names of the columns"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _WHICH_ROW, "invalid_choice": _WHICH_ROW},
    )

    def __init__(
        self,
        *args: Any,
        rows: Iterable[tuple[int, str]],
        chosen: int | None,
        sheet: str,
        sheets: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.shown = sheet
        self.chips = [{"url": url, "label": name, "n": None, "on": name == sheet} for name, url in sheets]
        places = self.fields["sheet"]
        assert isinstance(places, forms.ChoiceField)
        places.choices = [(name, name) for name, _url in sheets]
        field = self.fields["row"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [
            (number, format_html('<b class="tn">{}</b><span class="wrap">{}</span>', number, line))
            for number, line in rows
        ]
        field.initial = chosen


class UndoForm(StyledForm, forms.Form):
    number = forms.CharField(
        label=_("Number of the import"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, imported: Import, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._wanted = str(imported.pk)
        field = self.fields["number"]
        field.label = _("Type %(number)s to confirm") % {"number": self._wanted}
        field.widget.attrs["placeholder"] = self._wanted

    def clean_number(self) -> str:
        typed: str = self.cleaned_data["number"].strip().lstrip("#")
        if typed != self._wanted:
            raise ValidationError(
                _("This import has the number %(number)s."), code="number", params={"number": self._wanted}
            )
        return typed


# The column that gives an order's amount, the best first: the policy of the amount is that of the one that counts.
AMOUNTS = ("paid", "receivable", "total_ambiguous", "line_amount")
POLICY_LABELS = {
    "fill": pgettext_lazy("import policy", "Fill in only"),
    "overwrite": pgettext_lazy("import policy", "Take the file's"),
    "keep": pgettext_lazy("import policy", "Keep ours"),
}
DAY_ORDERS = [
    ("dmy", _("Day first: 05-01-2018 is 5 January")),
    ("mdy", _("Month first: 05-01-2018 is 1 May")),
]
# A kind's select is as wide as its longest option, for what that says stands at its end.
_WIDTHS = {"column": "w-m", "policy": "w-s", "kind": "w-a"}
# One list of numbers may come from several columns; any other field from one.
_SEVERAL = frozenset({"phone"})
_GROUPS = (
    (
        pgettext_lazy("group of columns", "Order"),
        "order_no reversed_order_no visit_date settle_date visit_kind charge_type status odometer advisor technician"
        " team remark",
    ),
    (
        pgettext_lazy("group of columns", "Amounts"),
        "paid receivable total_ambiguous labour_amount parts_amount discount line_type line_name quantity unit_price"
        " line_amount",
    ),
    (
        pgettext_lazy("group of columns", "Vehicle"),
        "plate vin plate_or_vin engine_no brand model usage sale_date first_registration insurance_due insurer"
        " inspection_due next_service_date next_service_odometer last_service_date",
    ),
    (
        pgettext_lazy("group of columns", "Customer"),
        "customer_name phone customer_code customer_type contact contact_phone payer gender birthday address postcode"
        " province city region industry",
    ),
)


def field_choices() -> list[Any]:
    """Every field of an export, by subject; nothing forgotten: what no subject names stands last."""
    named: set[str] = set()
    choices: list[Any] = [("", _("Do not import"))]
    for title, names in _GROUPS:
        fields = [name for name in names.split() if name in FIELDS]
        named.update(fields)
        choices.append((title, [(name, field_label(name)) for name in fields]))
    rest = [(name, field_label(name)) for name in FIELDS if name not in named]
    return [*choices, (pgettext_lazy("group of columns", "Other"), rest)] if rest else choices


def _short(header: str) -> str:
    """A whole letter can stand in a cell of a header."""
    return f"{header[:60]}…" if len(header) > 60 else header


class OptionList:
    """The options of a select as text, made once for all selects with the same choice."""

    def __init__(self, choices: list[Any]) -> None:
        self.choices = choices
        self._made: dict[str, SafeString] = {}

    def html(self, chosen: str) -> SafeString:
        if chosen not in self._made:
            self._made[chosen] = self._joined(self.choices, chosen)
        return self._made[chosen]

    def _joined(self, choices: list[Any], chosen: str) -> SafeString:
        parts = ((self._part(value, label, chosen),) for value, label in choices)
        return format_html_join("", "{}", parts)

    def _part(self, value: str, label: Any, chosen: str) -> SafeString:
        if isinstance(label, list):
            return format_html('<optgroup label="{}">{}</optgroup>', value, self._joined(label, chosen))
        if value == chosen:
            return format_html('<option value="{}" selected>{}</option>', value, label)
        return format_html('<option value="{}">{}</option>', value, label)


class PlainSelect(forms.Select):
    """A select without a template for each option: a file of 300 columns has 16,000 options, 4 seconds of them."""

    def __init__(self, options: OptionList, attrs: dict[str, Any]) -> None:
        super().__init__(attrs)
        self._options = options

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        every = {"name": name, **self.build_attrs(self.attrs, attrs)}
        return format_html("<select{}>{}</select>", flatatt(every), self._options.html(value or ""))


class MappingForm(StyledForm, forms.Form):
    """A select for each column, a policy for each field that can differ from ours, a kind for each new word."""

    def __init__(
        self,
        *args: Any,
        mapping: HeaderMapping,
        policy: Mapping[str, str],
        unknown_kinds: Mapping[str, int],
        day_order: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.mapping = mapping
        self._words = dict(unknown_kinds)
        fields = OptionList(field_choices())
        for column in mapping.columns:
            self._add(f"column_{column.index}", _short(column.header), fields, column.field)
        policies = OptionList(list(POLICY_LABELS.items()))
        usual = defaults_of(mapping.export)
        self._policy = dict(policy)
        self._amount = next((field for field in AMOUNTS if field in mapping.fields), "paid")
        for field in DEFAULTS:
            if field in mapping.fields or (field == "paid" and self._amount in mapping.fields):
                chosen = policy.get(field, usual[field])
                self._add(f"policy_{field}", field_label(field), policies, chosen)
        named = [(kind, capfirst(str(label))) for kind, label in Visit.Kind.choices]
        kinds = OptionList([("", _("Not now: count as other")), *named])
        for place, word in enumerate(self._words):
            self._add(f"kind_{place}", word, kinds, "")
        if day_order:
            self.fields["day_order"] = forms.ChoiceField(
                label=_("Order of day and month"),
                choices=DAY_ORDERS,
                initial=day_order,
                required=False,
                widget=forms.RadioSelect,
            )

    def _add(self, name: str, label: Any, options: OptionList, initial: str) -> None:
        width = _WIDTHS[name.partition("_")[0]]
        attrs = {"class": f"in s {width}", "aria-label": str(label)}
        self.fields[name] = forms.ChoiceField(
            label=label,
            choices=options.choices,
            initial=initial,
            required=False,
            widget=PlainSelect(options, attrs),
        )

    def column_rows(self) -> list[tuple[Column, Any, Any]]:
        """Column, its select, and the policy of the field it has now, if that has one."""
        rows = []
        for column in self.mapping.columns:
            field = "paid" if column.field == self._amount else column.field
            name = f"policy_{field}"
            policy = self[name] if name in self.fields else None
            rows.append((column, self[f"column_{column.index}"], policy))
        return rows

    def kind_rows(self) -> list[tuple[str, Any, int]]:
        """Word, its select, and the rows it stands in."""
        return [(word, self[f"kind_{place}"], rows) for place, (word, rows) in enumerate(self._words.items())]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        taken: dict[str, str] = {}
        for column in self.mapping.columns:
            field = cleaned.get(f"column_{column.index}", "")
            if field in taken:
                told = {"field": field_label(field), "column": taken[field]}
                text = _("“%(column)s” is %(field)s already: one column only.") % told
                self.add_error(f"column_{column.index}", text)
            elif field and field not in _SEVERAL:
                taken[field] = _short(column.header)
        self._demand_what_is_missing()
        return cleaned

    def _demand_what_is_missing(self) -> None:
        """Said at the column that gave it until now; above the form where there was none."""
        for name in self.mapping.with_fields(self.columns).missing:
            before = [column for column in self.mapping.columns if column.field in NEEDED[name]]
            place = f"column_{before[0].index}" if before else None
            if place not in self.errors:
                self.add_error(place, MISSING[name])
        # The list of fields at fault says it otherwise.
        if set(self.errors) == {NON_FIELD_ERRORS}:
            self.add_error(None, _("Nothing has been saved yet."))

    @property
    def columns(self) -> dict[int, str]:
        return {
            column.index: self.cleaned_data.get(f"column_{column.index}", "")
            for column in self.mapping.columns
        }

    @property
    def policy(self) -> dict[str, str]:
        """Only where it is not what is usual. What this page does not ask, as the day of settlement's, stays."""
        found = {
            field: self.cleaned_data.get(f"policy_{field}", self._policy.get(field, "")) for field in DEFAULTS
        }
        usual = defaults_of(self.mapping.with_fields(self.columns).export)
        return {field: chosen for field, chosen in found.items() if chosen and chosen != usual[field]}

    @property
    def kinds(self) -> dict[str, str]:
        found = {word: self.cleaned_data.get(f"kind_{place}", "") for place, word in enumerate(self._words)}
        return {word: kind for word, kind in found.items() if kind}

    @property
    def order_of_days(self) -> str:
        chosen: str = self.cleaned_data.get("day_order", "")
        return chosen
