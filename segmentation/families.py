"""Every family that divides the cars: one value a car, said once, to count by, to narrow by and to show.

C3, care status and value are computed and stored. The others are read from the card when they are asked for: an age or
a warranty changes by the day alone, and no night should rewrite a row for that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from customers.models import Customer, Vehicle
from segmentation.calendar import months_before
from segmentation.models import C3, CareStatus, CustomerValue, RuleSet, VehicleSegment
from staff.figures import number

Rows = TypeVar("Rows", bound=QuerySet[Any])
# What no card says. Free texts and keys are never this.
UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class View:
    """From which table the cars are read, on which day, under whose bands."""

    model: type[Vehicle] | type[VehicleSegment]
    as_of: date
    rules: RuleSet

    def car(self, name: str) -> str:
        return name if self.model is Vehicle else f"vehicle__{name}"

    def segment(self, name: str) -> str:
        return f"segment__{name}" if self.model is Vehicle else name

    def years_ago(self, years: int) -> date:
        """Bought by that day: at least so many whole years old."""
        return months_before(self.as_of, 12 * years)


@dataclass(frozen=True, slots=True)
class VehicleFamily:
    """A division of the cars. ``values`` of None: free texts, whatever the cards say."""

    key: str
    label: str | Promise
    expression: Callable[[View], Any]
    values: Callable[[RuleSet], dict[str, str | Promise]] | None = None

    def name_of(self, value: str, rules: RuleSet) -> str:
        known = self.values(rules) if self.values else {}
        return str(known.get(value) or value or _("not known"))


def _of_segment(column: str) -> Callable[[View], Any]:
    return lambda view: Coalesce(view.segment(column), Value(UNKNOWN))


def _of_card(column: str) -> Callable[[View], Any]:
    return lambda view: Coalesce(view.car(column), Value(UNKNOWN))


def _model(view: View) -> Any:
    """The model; where the card has none, the series, else the brand."""
    names = (NullIf(view.car(column), Value("")) for column in ("model", "series", "brand"))
    return Coalesce(*names, Value(UNKNOWN))


def _age(view: View) -> Any:
    """Whole years from the purchase to the day: a car is one year old on the day a year later."""
    bought = view.car("purchased_on")
    bands = [
        When(
            Q(**{f"{bought}__lte": view.years_ago(low or 0)})
            & (Q() if high is None else Q(**{f"{bought}__gt": view.years_ago(high)})),
            then=Value(band_key(low, high)),
        )
        for low, high in view.rules.age_bands
    ]
    return Case(*bands, default=Value(UNKNOWN))


def _stage(view: View) -> Any:
    """The narrowest promise that still holds: exchange and refund, repair only, none.

    The dates on the card count, their last day included; without one, the years and kilometres of the rules from
    the purchase on, whichever ends first, by the last odometer reading.
    """
    rules = view.rules
    exchange = _promise(
        view, "three_guarantees_until", rules.three_guarantees_years, rules.three_guarantees_km
    )
    repair = _promise(view, "warranty_until", rules.warranty_years, rules.warranty_km)
    dates = ("purchased_on", "three_guarantees_until", "warranty_until")
    nothing = Q(**{f"{view.car(name)}__isnull": True for name in dates})
    return Case(
        When(nothing, then=Value(UNKNOWN)),
        When(exchange, then=Value("three_guarantees")),
        When(repair, then=Value("warranty")),
        default=Value("after"),
    )


def _promise(view: View, column: str, years: int, km: int) -> Q:
    until, bought, odometer = view.car(column), view.car("purchased_on"), view.car("odometer_km")
    named = Q(**{f"{until}__gte": view.as_of})
    short_run = Q(**{f"{odometer}__isnull": True}) | Q(**{f"{odometer}__lte": km})
    implied = Q(**{f"{until}__isnull": True, f"{bought}__gt": view.years_ago(years)})
    return named | (implied & short_run)


def _radius(view: View) -> Any:
    distance = view.car("owner__distance_m")
    bands = [
        When(
            Q(**{f"{distance}__gte": (low or 0) * 1000})
            & (Q() if high is None else Q(**{f"{distance}__lt": high * 1000})),
            then=Value(band_key(low, high)),
        )
        for low, high in view.rules.radius_bands
    ]
    return Case(*bands, default=Value(UNKNOWN))


def _reach(view: View) -> Any:
    distance = view.car("owner__distance_m")
    return Case(
        When(**{f"{distance}__isnull": True}, then=Value(UNKNOWN)),
        When(**{f"{distance}__lt": view.rules.service_radius_km * 1000}, then=Value("in")),
        default=Value("out"),
    )


def band_key(low: int | None, high: int | None) -> str:
    """ "0-1"; "5+" for the last one."""
    return f"{low or 0}+" if high is None else f"{low or 0}-{high}"


def _years(rules: RuleSet) -> dict[str, str | Promise]:
    return {band_key(low, high): _band(low, high, _("%(band)s years")) for low, high in rules.age_bands}


def _kilometres(rules: RuleSet) -> dict[str, str | Promise]:
    return {band_key(low, high): _band(low, high, _("%(band)s km")) for low, high in rules.radius_bands}


def _band(low: int | None, high: int | None, unit: str) -> str:
    band = f"{number(low or 0)}+" if high is None else f"{number(low or 0)}–{number(high)}"
    return unit % {"band": band}


def _choices(choices: Iterable[tuple[str, Any]]) -> Callable[[RuleSet], dict[str, str | Promise]]:
    found = dict(choices)
    return lambda rules: found


STAGES: dict[str, str | Promise] = {
    "three_guarantees": gettext_lazy("within the three guarantees"),
    "warranty": gettext_lazy("within the repair warranty"),
    "after": gettext_lazy("after the three guarantees"),
}
REACH: dict[str, str | Promise] = {
    "in": gettext_lazy("within the service radius"),
    "out": gettext_lazy("outside the service radius"),
}

FAMILIES: dict[str, VehicleFamily] = {
    family.key: family
    for family in (
        VehicleFamily("c3", gettext_lazy("C3 group"), _of_segment("c3"), _choices(C3.choices)),
        VehicleFamily(
            "care_status",
            gettext_lazy("care status"),
            _of_segment("care_status"),
            _choices(CareStatus.choices),
        ),
        VehicleFamily(
            "value", gettext_lazy("customer value"), _of_segment("value"), _choices(CustomerValue.choices)
        ),
        VehicleFamily("age", gettext_lazy("vehicle age"), _age, _years),
        VehicleFamily("stage", gettext_lazy("three guarantees"), _stage, lambda rules: STAGES),
        VehicleFamily("radius", gettext_lazy("distance"), _radius, _kilometres),
        VehicleFamily("reach", gettext_lazy("service radius"), _reach, lambda rules: REACH),
        VehicleFamily(
            "usage",
            pgettext_lazy("of a car", "usage"),
            _of_card("owner__usage"),
            _choices(Customer.Usage.choices),
        ),
        VehicleFamily(
            "intention",
            gettext_lazy("purchase intention"),
            _of_card("owner__intention"),
            _choices(Customer.Intention.choices),
        ),
        VehicleFamily(
            "gender", gettext_lazy("gender"), _of_card("owner__gender"), _choices(Customer.Gender.choices)
        ),
        VehicleFamily("region", gettext_lazy("region"), _of_card("owner__region")),
        VehicleFamily("model", gettext_lazy("model group"), _model),
    )
}


def narrow(cars: Rows, *, family: str, values: Iterable[str], as_of: date, rules: RuleSet) -> Rows:
    """The cars (``Vehicle`` or ``VehicleSegment`` rows) whose ``family`` is one of ``values``."""
    view = View(cars.model, as_of, rules)
    return cars.alias(**{f"family_{family}": FAMILIES[family].expression(view)}).filter(
        **{f"family_{family}__in": list(values)}
    )


def count(cars: QuerySet[Any], *, family: str, as_of: date, rules: RuleSet) -> dict[str, int]:
    """How many of ``cars`` by value: in the family's own order where it has one, else the most frequent first."""
    view = View(cars.model, as_of, rules)
    rows = (
        cars.order_by()
        .annotate(family_value=FAMILIES[family].expression(view))
        .values("family_value")
        .annotate(n=Count("pk"))
        .order_by("-n", "family_value")
        .values_list("family_value", "n")
    )
    found: dict[str, int] = dict(rows)
    values = FAMILIES[family].values
    if values is None:
        return found
    known = {value: found.pop(value, 0) for value in values(rules)}
    return known | found


def of_cars(vehicle_ids: Iterable[int], *, as_of: date, rules: RuleSet) -> dict[int, dict[str, str]]:
    """Every family's value by vehicle id, in one query."""
    view = View(Vehicle, as_of, rules)
    names = {f"family_{key}": family.expression(view) for key, family in FAMILIES.items()}
    rows = Vehicle.objects.filter(pk__in=list(vehicle_ids)).annotate(**names).values_list("pk", *names)
    return {pk: dict(zip(FAMILIES, values, strict=True)) for pk, *values in rows}
