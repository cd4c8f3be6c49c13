"""Everything a condition can be about, in the order of the editor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from customers.models import Customer
from customers.values.plates import normalise_plate
from segmentation import families
from segmentation.families import FAMILIES, UNKNOWN
from segmentation.models import C3, CareStatus, CustomerValue, VehicleSegment
from segmentation.saved import comparisons, operators
from segmentation.saved.comparisons import Compare
from segmentation.saved.fields import Field, Labels
from segmentation.saved.operators import Operator
from segmentation.saved.scope import Scope

OFFERED = 40
CHOICE = (operators.IN, operators.NOT_IN)
TEXT = (*CHOICE, operators.CONTAINS, operators.UNKNOWN)
COUNT = (operators.AT_LEAST, operators.AT_MOST, operators.FROM_TO)
MEASURE = (operators.AT_LEAST, operators.BELOW, operators.FROM_TO_UNDER, operators.UNKNOWN)
MARK = (operators.YES, operators.NO)
PAST = (operators.WITHIN, operators.OLDER, operators.BETWEEN, operators.BEFORE, operators.SINCE)
FUTURE = (
    operators.NEXT, operators.LATER, operators.PASSED, operators.WITHIN, operators.BETWEEN, operators.UNKNOWN,
)  # fmt: skip

DAYS, KM, YEARS, YUAN = (
    pgettext_lazy("unit", "days"),
    pgettext_lazy("unit", "km"),
    pgettext_lazy("unit", "years"),
    pgettext_lazy("unit", "yuan"),
)


def _fixed(labels: Labels) -> Callable[[Scope], Labels]:
    return lambda scope: labels


def _or_unknown(choices: Iterable[tuple[str, Any]]) -> Callable[[Scope], Labels]:
    return _fixed({**dict(choices), UNKNOWN: gettext_lazy("not known")})


def _bands(key: str) -> Callable[[Scope], Labels]:
    """Where stores have different bands, all of them."""

    def choices(scope: Scope) -> Labels:
        found: Labels = {}
        for rules in scope.rules:
            values = FAMILIES[key].values
            found |= values(rules) if values else {}
        return {**found, UNKNOWN: _("not known")}

    return choices


def _most_cards_have(path: str) -> Callable[[Scope], list[str]]:
    def offered(scope: Scope) -> list[str]:
        cars = VehicleSegment.objects.in_stores(scope.stores).exclude(**{path: ""})
        cars = cars.filter(**{f"{path}__isnull": False})
        rows = cars.order_by().values_list(path).annotate(cars=Count("pk")).order_by("-cars", path)
        return [text for text, _cars in rows[:OFFERED]]

    return offered


def _models(scope: Scope) -> list[str]:
    rules = next(iter(scope.rules), None)
    if rules is None:
        return []
    cars = VehicleSegment.objects.in_stores(scope.stores)
    counted = families.count(cars, family="model", as_of=scope.as_of, rules=rules)
    return [name for name in counted if name][:OFFERED]


def _stores(scope: Scope) -> Labels:
    return {str(store.pk): store.name for store in scope.stores}


def _tags(scope: Scope) -> Labels:
    return {str(pk): name for pk, name in scope.tags.items()}


def _key(key: str, label: str | Promise, path: str, choices: Iterable[tuple[str, Any]]) -> Field:
    return Field(key, label, CHOICE, comparisons.words(path), _or_unknown(choices))


def _family(key: str, label: str | Promise, of: str) -> Field:
    return Field(key, label, CHOICE, comparisons.family(of), _bands(of))


def _text(key: str, label: str | Promise, path: str) -> Field:
    return Field(key, label, TEXT, comparisons.words(path), offered=_most_cards_have(path))


def _past(key: str, label: str | Promise, path: str, *more: Operator) -> Field:
    return Field(key, label, (*PAST, *more), comparisons.column(path), unit=DAYS)


def _future(key: str, label: str | Promise, path: str) -> Field:
    return Field(key, label, FUTURE, comparisons.column(path), unit=DAYS)


def _count(key: str, label: str | Promise, path: str) -> Field:
    return Field(key, label, COUNT, comparisons.column(path), most=10_000)


def _mark(key: str, label: str | Promise, compare: Compare) -> Field:
    return Field(key, label, MARK, compare)


_GROUPS = (
    Field("c3", gettext_lazy("C3 group"), CHOICE, comparisons.words("c3"), _fixed(dict(C3.choices))),
    Field(
        "c3_before",
        gettext_lazy("Group before"),
        CHOICE,
        comparisons.words("c3_before"),
        _fixed({**dict(C3.choices), UNKNOWN: gettext_lazy("none before")}),
    ),
    _past("c3_since", gettext_lazy("In the group since"), "c3_since"),
    Field(
        "care_status",
        gettext_lazy("Care status"),
        CHOICE,
        comparisons.words("care_status"),
        _fixed(dict(CareStatus.choices)),
    ),
    Field(
        "care_before",
        gettext_lazy("Care status before"),
        CHOICE,
        comparisons.words("care_before"),
        _fixed({**dict(CareStatus.choices), UNKNOWN: gettext_lazy("none before")}),
    ),
    _past("care_since", gettext_lazy("In the status since"), "care_since"),
    Field(
        "value",
        gettext_lazy("Customer value"),
        CHOICE,
        comparisons.words("value"),
        _fixed(dict(CustomerValue.choices)),
    ),
)
_VISITS = (
    _past("last_visit", gettext_lazy("Last visit"), "last_visit_on", operators.NEVER),
    _past("first_seen", gettext_lazy("First seen"), "first_seen_on", operators.UNKNOWN),
    _count("visits", gettext_lazy("Visits in the window"), "visits_in_window"),
    _count("maintenance", gettext_lazy("Service visits in the window"), "maintenance_count"),
    _count("repairs", gettext_lazy("Repairs in the window"), "repair_like_count"),
    Field(
        "spend",
        gettext_lazy("Spend in the window"),
        COUNT,
        comparisons.column("spend_fen"),
        unit=YUAN,
        most=10**11,
        money=True,
    ),
    _mark("complaint", gettext_lazy("Complaint still open"), comparisons.open_complaint),
)
_CAR = (
    Field("model", gettext_lazy("Model group"), TEXT, comparisons.family("model"), offered=_models),
    _text("series", gettext_lazy("Series"), "vehicle__series"),
    _text("brand", gettext_lazy("Brand"), "vehicle__brand"),
    Field(
        "plate",
        gettext_lazy("Plate"),
        (operators.BEGINS, operators.NOT_BEGINS),
        comparisons.words("vehicle__plate"),
        normalise=normalise_plate,
    ),
    Field(
        "age",
        gettext_lazy("Age of the car"),
        MEASURE,
        comparisons.years_since("vehicle__purchased_on"),
        unit=YEARS,
        most=80,
    ),
    _family("age_band", gettext_lazy("Age band of the car"), "age"),
    _family("stage", gettext_lazy("Warranty and three guarantees"), "stage"),
    _past("purchased", gettext_lazy("Purchase date"), "vehicle__purchased_on", operators.UNKNOWN),
    _future("insurance", gettext_lazy("Insurance until"), "vehicle__insurance_until"),
    _future("inspection", gettext_lazy("Annual inspection until"), "vehicle__inspection_until"),
    Field(
        "odometer",
        gettext_lazy("Odometer"),
        MEASURE,
        comparisons.column("vehicle__odometer_km"),
        unit=KM,
        most=999_999,
    ),
    Field("store", gettext_lazy("Home store"), CHOICE, comparisons.store, _stores),
)
_OWNER = (
    Field(
        "tags",
        gettext_lazy("Tags"),
        (operators.HAS_ANY, operators.HAS_ALL, operators.HAS_NONE),
        comparisons.tags,
        _tags,
    ),
    _key("kind", gettext_lazy("Person or company"), "vehicle__owner__kind", Customer.Kind.choices),
    _key("gender", gettext_lazy("Gender"), "vehicle__owner__gender", Customer.Gender.choices),
    _key("usage", gettext_lazy("Usage"), "vehicle__owner__usage", Customer.Usage.choices),
    _key(
        "intention",
        gettext_lazy("Purchase intention"),
        "vehicle__owner__intention",
        Customer.Intention.choices,
    ),
    _key("channel", gettext_lazy("Acquisition channel"), "vehicle__owner__channel", Customer.Channel.choices),
    _text("region", gettext_lazy("Region"), "vehicle__owner__region"),
    Field(
        "distance",
        gettext_lazy("Distance to the store"),
        MEASURE,
        comparisons.column("vehicle__owner__distance_m", factor=1000),
        unit=KM,
        most=5_000,
    ),
    _family("radius", gettext_lazy("Distance band"), "radius"),
    _family("reach", gettext_lazy("Service radius"), "reach"),
    Field(
        "birthday",
        gettext_lazy("Birthday"),
        (operators.NEXT, operators.THIS_MONTH, operators.UNKNOWN),
        comparisons.birthday,
        unit=DAYS,
    ),
    _mark(
        "price_sensitive",
        gettext_lazy("Finds maintenance expensive"),
        comparisons.column("vehicle__owner__price_sensitive"),
    ),
    _mark("may_call", gettext_lazy("Agreed to be called"), comparisons.column("vehicle__owner__may_call")),
    _mark(
        "may_message", gettext_lazy("Agreed to messages"), comparisons.column("vehicle__owner__may_message")
    ),
    _mark("do_not_call", gettext_lazy("Do not call"), comparisons.column("vehicle__owner__do_not_call")),
)
SECTIONS: tuple[tuple[str | Promise, Sequence[Field]], ...] = (
    (gettext_lazy("Groups"), _GROUPS),
    (gettext_lazy("Visits and spend"), _VISITS),
    (gettext_lazy("Car"), _CAR),
    (gettext_lazy("Owner"), _OWNER),
)
FIELDS: dict[str, Field] = {field.key: field for _section, fields in SECTIONS for field in fields}
