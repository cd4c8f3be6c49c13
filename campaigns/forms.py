"""The plan of a campaign: what is typed, to a Plan."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from campaigns import targets
from campaigns.criteria import Criteria, GroupPlan, Plan
from campaigns.models import Campaign
from customers.values.plates import normalise_plate
from segmentation.models import C3, SavedSegment
from staff.forms import StyledForm
from staff.models import Store
from staff.vocabulary import CARE_STATUSES

MAX_HOLDOUT = 50
LONGEST = timedelta(days=366)


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PlanForm(StyledForm, forms.Form):
    name = forms.CharField(label=pgettext_lazy("campaign", "Name"), max_length=80)
    purpose = forms.CharField(
        label=_("Background and purpose"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    starts_on = forms.DateField(label=_("First day"), widget=DateInput())
    ends_on = forms.DateField(label=_("Last day"), widget=DateInput())
    stores = forms.ModelMultipleChoiceField(
        label=pgettext_lazy("campaign", "Stores"),
        queryset=Store.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    daily_quota = forms.IntegerField(label=_("Calls a day per agent"), min_value=1, max_value=500, initial=60)
    segment = forms.ModelChoiceField(
        label=_("Saved segment"),
        queryset=SavedSegment.objects.none(),
        required=False,
        empty_label=pgettext_lazy("saved segment", "none"),
        help_text=_("Only its cars are called. With a segment and no group ticked, all groups are."),
    )
    care_statuses = forms.MultipleChoiceField(
        label=_("Care status"), required=False, widget=forms.CheckboxSelectMultiple
    )
    models = forms.MultipleChoiceField(label=_("Models"), required=False, widget=forms.CheckboxSelectMultiple)
    plate_prefix = forms.CharField(label=_("Plate begins with"), max_length=8, required=False)
    last_visit_days = forms.IntegerField(
        label=_("Not seen for at least (days)"), required=False, min_value=1, max_value=3650
    )
    min_spend = forms.DecimalField(
        label=_("Spent in 12 months, at least (yuan)"),
        required=False,
        min_value=0,
        max_digits=9,
        decimal_places=2,
    )
    exclude_contacted_days = forms.IntegerField(
        label=_("Leave out cars called in the last (days)"), min_value=0, max_value=365, initial=30
    )
    holdout_percent = forms.IntegerField(
        label=_("Control group (%)"),
        min_value=0,
        max_value=MAX_HOLDOUT,
        initial=10,
        help_text=_("A share drawn by lot that nobody calls: it shows who would have come anyway."),
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, stores: Sequence[Store], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = Store.objects.filter(pk__in=[store.pk for store in stores])
        self._choices("stores").queryset = mine
        self._choices("segment").queryset = SavedSegment.objects.in_stores(stores).current()
        self._choices("care_statuses").choices = [
            (key, status.label) for key, status in CARE_STATUSES.items()
        ]
        lines = targets.model_lines(stores)
        # A model of the draft that no car has any more must not make the form invalid.
        kept = [(model, 0) for model in self.initial.get("models", ()) if model not in dict(lines)]
        self._choices("models").choices = [(line, line) for line, _cars in [*lines, *kept]]

    def _choices(self, name: str) -> Any:
        return self.fields[name]

    def clean_plate_prefix(self) -> str:
        return normalise_plate(self.cleaned_data["plate_prefix"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on:
            if ends_on < starts_on:
                self.add_error("ends_on", _("The last day is before the first."))
            elif ends_on - starts_on > LONGEST:
                self.add_error("ends_on", _("A campaign lasts a year at most."))
        self._refuse_uncovered_stores(cleaned)
        return cleaned

    def _refuse_uncovered_stores(self, cleaned: dict[str, Any]) -> None:
        segment, stores = cleaned.get("segment"), cleaned.get("stores")
        if not segment or not stores:
            return
        spoken_of = set(segment.stores.all())
        missing = [store.name for store in stores if store not in spoken_of]
        if missing:
            told = _("The segment does not speak of %(stores)s.")
            self.add_error("segment", told % {"stores": pgettext("list", ", ").join(missing)})


class GroupForm(StyledForm, forms.Form):
    """One of the eight groups of the plan."""

    chosen = forms.BooleanField(required=False)
    age_from = forms.IntegerField(
        label=_("Age from (years)"), required=False, min_value=0, max_value=targets.MAX_AGE
    )
    age_to = forms.IntegerField(
        label=_("to under (years)"), required=False, min_value=1, max_value=targets.MAX_AGE
    )
    goal_percent = forms.IntegerField(label=_("Goal (%)"), required=False, min_value=0, max_value=100)
    offer = forms.CharField(label=_("What may be promised"), required=False, max_length=400)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        age_from, age_to = cleaned.get("age_from"), cleaned.get("age_to")
        if age_from is not None and age_to is not None and age_to <= age_from:
            self.add_error("age_to", _("Must be more than the age it begins with."))
        return cleaned

    @property
    def group(self) -> str:
        return str(self.prefix)

    @property
    def numbers(self) -> list[forms.BoundField]:
        return [self["age_from"], self["age_to"], self["goal_percent"]]


class PlanForms:
    """The plan and its eight groups as one: valid together, and a Plan when they are."""

    def __init__(
        self,
        data: Any = None,
        *,
        stores: Sequence[Store],
        campaign: Campaign | None = None,
        today: date | None = None,
        segment: str = "",
    ) -> None:
        initial, groups = _initial(campaign, stores, today, segment)
        self.plan = PlanForm(data, stores=stores, initial=initial)
        self.groups = [GroupForm(data, prefix=key, initial=groups.get(key, {})) for key in C3.values]

    def is_valid(self) -> bool:
        # Every form is asked, so that all errors show at once.
        valid = all([self.plan.is_valid(), *(form.is_valid() for form in self.groups)])
        if not self._chosen and not self.plan["segment"].value():
            self.plan.add_error(None, _("Choose at least one customer group."))
            return False
        return valid

    def criteria_are_valid(self) -> bool:
        """Enough is right to count cars, though the name may still be missing."""
        self.plan.is_valid()
        needed = {
            "stores",
            "segment",
            "care_statuses",
            "models",
            "plate_prefix",
            "last_visit_days",
            "min_spend",
        }
        needed |= {"exclude_contacted_days", "holdout_percent"}
        narrowed = self._chosen or self.plan["segment"].value()
        right = not needed & set(self.plan.errors) and all(form.is_valid() for form in self._chosen)
        return bool(narrowed) and right

    @property
    def _chosen(self) -> list[GroupForm]:
        return [form for form in self.groups if form["chosen"].value()]

    @property
    def stores(self) -> list[Store]:
        return list(self.plan.cleaned_data["stores"])

    @property
    def criteria(self) -> Criteria:
        data = self.plan.cleaned_data
        return Criteria(
            groups=self._groups,
            segment=data["segment"],
            care_statuses=tuple(data["care_statuses"]),
            models=tuple(data["models"]),
            plate_prefix=data["plate_prefix"],
            last_visit_days=data["last_visit_days"],
            min_spend_fen=None if data["min_spend"] is None else int(data["min_spend"] * 100),
            exclude_contacted_days=data["exclude_contacted_days"],
            holdout_percent=data["holdout_percent"],
        )

    @property
    def _groups(self) -> tuple[GroupPlan, ...]:
        """Those ticked; with a segment and none ticked, all of them."""
        rows = [(form.group, form.cleaned_data) for form in self._chosen if form.is_valid()]
        ticked = [
            GroupPlan(key, row["age_from"], row["age_to"], row["goal_percent"], row["offer"])
            for key, row in rows
        ]
        return tuple(ticked or (GroupPlan(key) for key in C3.values))

    def as_plan(self) -> Plan:
        data = self.plan.cleaned_data
        return Plan(
            name=data["name"],
            purpose=data["purpose"],
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
            daily_quota=data["daily_quota"],
            criteria=self.criteria,
        )


def _initial(
    campaign: Campaign | None, stores: Sequence[Store], today: date | None, segment: str
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    if campaign is None:
        return {"form_key": uuid.uuid4(), "starts_on": today, **_asked_for(segment, stores)}, {}
    criteria = campaign.criteria
    values = {
        "name": campaign.name,
        "purpose": campaign.purpose,
        "starts_on": campaign.starts_on,
        "ends_on": campaign.ends_on,
        "daily_quota": campaign.daily_quota,
        "stores": [store.pk for store in campaign.stores.all()],
        "segment": campaign.segment_id,
        "form_key": campaign.form_key or uuid.uuid4(),
        "version": campaign.version,
        **criteria.as_row(),
        "min_spend": None if criteria.min_spend_fen is None else criteria.min_spend_fen / 100,
    }
    groups = {
        group.c3: {
            "chosen": True,
            "age_from": group.age_from,
            "age_to": group.age_to,
            "goal_percent": group.goal_percent,
            "offer": group.offer,
        }
        for group in criteria.groups
    }
    return values, groups


def _asked_for(segment: str, stores: Sequence[Store]) -> dict[str, Any]:
    """A new plan for the segment of that id, in the stores it speaks of; else for the first store."""
    known = segment.isdecimal() and len(segment) < 19
    offered = SavedSegment.objects.in_stores(stores).current().filter(pk=segment) if known else None
    found = offered.first() if offered is not None else None
    if found is None:
        return {"stores": [store.pk for store in stores[:1]]}
    spoken_of = set(found.stores.all())
    return {"segment": found.pk, "stores": [store.pk for store in stores if store in spoken_of]}
