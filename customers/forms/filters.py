"""Filters of the lists: they narrow what is shown, and an unreadable value narrows nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.forms.fields import offer_choices, offer_rows
from customers.models import Complaint, Customer, CustomerTag, Import, Tag, Vehicle, Visit
from customers.models.imports import ImportQuerySet
from customers.models.vehicle import VehicleQuerySet
from customers.models.visit import VisitQuerySet
from staff.forms import StyledForm
from staff.models import Store, User
from staff.vocabulary import C3_GROUPS, CARE_STATUSES


def _choices(empty: Any, choices: Any) -> list[tuple[str, Any]]:
    return [("", empty), *choices]


class FilterForm(StyledForm, forms.Form):
    """Bound to the query; ``value("name")`` is empty for what is missing or wrong."""

    def value(self, name: str) -> Any:
        self.is_valid()
        return self.cleaned_data.get(name) or ""

    @property
    def is_active(self) -> bool:
        return any(self.value(name) for name in self.fields)


class ListFilterForm(FilterForm):
    """Attributes only: names, numbers and plates are searched by POST and never stand in an address."""

    model = forms.CharField(label=_("Model"), max_length=40, required=False)
    store = forms.ModelChoiceField(
        Store.objects.none(), label=_("Store"), required=False, empty_label=_("All stores")
    )
    usage = forms.ChoiceField(
        label=_("Usage"), choices=_choices(_("Any usage"), Customer.Usage.choices), required=False
    )
    c3 = forms.ChoiceField(
        label=_("Group"),
        choices=_choices(_("Any group"), [(key, group.label) for key, group in C3_GROUPS.items()]),
        required=False,
    )
    care = forms.ChoiceField(label=_("Care status"), required=False)
    tag = forms.ModelChoiceField(Tag.objects.none(), label=_("Tag"), required=False, empty_label=_("Any tag"))
    state = forms.ChoiceField(
        label=_("State"), choices=_choices(_("Kept cars"), Vehicle.State.choices[1:]), required=False
    )

    def __init__(self, *args: Any, stores: tuple[Store, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "store", Store.objects.filter(pk__in=[store.pk for store in stores]))
        care = _choices(
            pgettext_lazy("any care status", "All"),
            [(key, status.label) for key, status in CARE_STATUSES.items()],
        )
        offer_choices(self, "care", care)
        self.fields["model"].widget.attrs["placeholder"] = _("Model, e.g. GL8")
        offer_rows(self, "tag", Tag.objects.in_stores(stores).select_related("store"))
        if len(stores) < 2:
            del self.fields["store"]

    def narrow(self, cars: VehicleQuerySet) -> VehicleQuerySet:
        wanted = {
            settings.LABEL_LOOKUPS["c3"]: self.value("c3"),
            settings.LABEL_LOOKUPS["care_status"]: self.value("care"),
            "owner__usage": self.value("usage"),
        }
        cars = cars.filter(**{lookup: value for lookup, value in wanted.items() if value})
        if "store" in self.fields and self.value("store"):
            cars = cars.in_stores([self.value("store")])
        if self.value("tag"):
            tagged = CustomerTag.objects.filter(customer=OuterRef("owner"), tag=self.value("tag"))
            cars = cars.filter(Exists(tagged))
        text = self.value("model")
        if text:
            cars = cars.filter(
                Q(model__icontains=text) | Q(series__icontains=text) | Q(brand__icontains=text)
            )
        return cars.filter(state=self.value("state") or Vehicle.State.IN_USE)


class DaysFilterForm(FilterForm):
    """From a day to a day, both among them."""

    since = forms.DateField(
        label=pgettext_lazy("period", "From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=pgettext_lazy("period", "To"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class VisitFilterForm(DaysFilterForm):
    PERIODS = (
        ("today", _("Today")),
        ("week", _("Last 7 days")),
        ("month", _("Last 30 days")),
        ("year", _("Last 12 months")),
    )
    DAYS = {"today": 0, "week": 6, "month": 29, "year": 364}

    kind = forms.ChoiceField(
        label=_("Kind"), choices=_choices(_("Any kind"), Visit.Kind.choices), required=False
    )
    period = forms.ChoiceField(
        label=_("Period"), choices=_choices(pgettext_lazy("any period", "All"), PERIODS), required=False
    )
    team = forms.CharField(label=_("Team"), max_length=40, required=False)

    def narrow(self, visits: VisitQuerySet, *, today: date) -> VisitQuerySet:
        if self.value("period"):
            first = today - timedelta(days=self.DAYS[self.value("period")])
            visits = visits.filter(visited_on__gte=first, visited_on__lte=today)
        if self.value("since"):
            visits = visits.filter(visited_on__gte=self.value("since"))
        if self.value("until"):
            visits = visits.filter(visited_on__lte=self.value("until"))
        if self.value("kind"):
            visits = visits.filter(kind=self.value("kind"))
        if self.value("team"):
            visits = visits.filter(team=self.value("team"))
        return visits


class ComplaintFilterForm(FilterForm):
    state = forms.ChoiceField(choices=_choices("", [("closed", ""), ("all", "")]), required=False)
    severity = forms.ChoiceField(
        label=_("Severity"), choices=_choices(_("Any severity"), Complaint.Severity.choices), required=False
    )


class ImportFilterForm(DaysFilterForm):
    state = forms.ChoiceField(
        label=_("State"), choices=_choices(_("Any state"), Import.Status.choices), required=False
    )
    who = forms.ModelChoiceField(
        User.objects.none(), label=_("Uploaded by"), required=False, empty_label=_("Everyone")
    )
    name = forms.CharField(label=_("File name"), max_length=200, required=False)

    def __init__(self, *args: Any, imports: ImportQuerySet, **kwargs: Any) -> None:
        """``imports``: those that may be asked for; whoever uploaded one of them can be chosen."""
        super().__init__(*args, **kwargs)
        people = User.objects.filter(pk__in=imports.order_by().values("created_by"))
        offer_rows(self, "who", people.order_by("full_name", "pk"))

    def narrow(self, imports: ImportQuerySet) -> ImportQuerySet:
        wanted = {
            "status": self.value("state"),
            "created_by": self.value("who"),
            "file_name__icontains": self.value("name"),
            "created_at__date__gte": self.value("since"),
            "created_at__date__lte": self.value("until"),
        }
        return imports.filter(**{lookup: value for lookup, value in wanted.items() if value})
