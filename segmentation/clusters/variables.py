"""The figures of a car's behaviour that groups are looked for in, and what each is called.

Whole sentences, so that every language can say them its own way; the figures are put in where they are shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from staff.figures import number, percent, yuan_whole

Text = str | Promise


def _whole(value: float) -> str:
    return number(value)


def _tenths(value: float) -> str:
    return number(value, 1)


def _percent(value: float) -> str:
    return percent(value, 0)


def _yuan(value: float) -> str:
    return yuan_whole(round(value * 100))


@dataclass(frozen=True, slots=True)
class Variable:
    """``step``: figures that few have very much of are compared as log(1 + figure / step); None: as they are."""

    key: str
    label: Text
    high: Text
    low: Text
    high_told: Text
    low_told: Text
    show: Callable[[float], str]
    step: float | None = None
    usual: bool = True


VARIABLES: dict[str, Variable] = {
    variable.key: variable
    for variable in (
        Variable(
            "days_since_visit",
            _("Days since the last visit"),
            pgettext_lazy("cluster", "long away"),
            pgettext_lazy("cluster", "seen recently"),
            _(
                "Away for longer than others: the last visit was %(mean)s days ago on average (all cars: %(all)s)."
            ),
            _(
                "Seen more recently than others: the last visit was %(mean)s days ago on average (all cars: %(all)s)."
            ),
            _whole,
            step=30,
        ),
        Variable(
            "visits",
            _("Visits in the last 12 months"),
            pgettext_lazy("cluster", "comes often"),
            pgettext_lazy("cluster", "comes seldom"),
            _("Comes often: %(mean)s visits a year (all cars: %(all)s)."),
            _("Comes seldom: %(mean)s visits a year (all cars: %(all)s)."),
            _tenths,
            step=1,
        ),
        Variable(
            "maintenance",
            _("Services in the last 12 months"),
            pgettext_lazy("cluster", "services regularly"),
            pgettext_lazy("cluster", "hardly any services"),
            _("Is serviced here regularly: %(mean)s services a year (all cars: %(all)s)."),
            _("Is hardly serviced here: %(mean)s services a year (all cars: %(all)s)."),
            _tenths,
            step=1,
            usual=False,
        ),
        Variable(
            "repairs",
            _("Repairs in the last 12 months"),
            pgettext_lazy("cluster", "many repairs"),
            pgettext_lazy("cluster", "hardly any repairs"),
            _("Has many repairs: %(mean)s a year (all cars: %(all)s)."),
            _("Has hardly any repairs: %(mean)s a year (all cars: %(all)s)."),
            _tenths,
            step=1,
            usual=False,
        ),
        Variable(
            "repair_share",
            _("Share of repairs in repairs and services"),
            pgettext_lazy("cluster", "mostly repairs"),
            pgettext_lazy("cluster", "mostly services"),
            _(
                "Comes for repairs more than others: %(mean)s of its repairs and services so far (all cars: %(all)s)."
            ),
            _(
                "Comes for services rather than repairs: repairs are %(mean)s of both so far (all cars: %(all)s)."
            ),
            _percent,
        ),
        Variable(
            "spend",
            _("Spend in the last 12 months"),
            pgettext_lazy("cluster", "spends much"),
            pgettext_lazy("cluster", "spends little"),
            _("Spends much: %(mean)s a year (all cars: %(all)s)."),
            _("Spends little: %(mean)s a year (all cars: %(all)s)."),
            _yuan,
            step=500,
        ),
        Variable(
            "spend_per_visit",
            _("Spend per visit so far"),
            pgettext_lazy("cluster", "large bills"),
            pgettext_lazy("cluster", "small bills"),
            _("Pays large bills: %(mean)s a visit (all cars: %(all)s)."),
            _("Pays small bills: %(mean)s a visit (all cars: %(all)s)."),
            _yuan,
            step=500,
        ),
        Variable(
            "age",
            _("Vehicle age"),
            pgettext_lazy("cluster", "old cars"),
            pgettext_lazy("cluster", "young cars"),
            _("Old cars: bought %(mean)s years ago (all cars: %(all)s)."),
            _("Young cars: bought %(mean)s years ago (all cars: %(all)s)."),
            _tenths,
        ),
        Variable(
            "known_for",
            _("Years since the first visit"),
            pgettext_lazy("cluster", "known for long"),
            pgettext_lazy("cluster", "new here"),
            _("Known for long: first here %(mean)s years ago (all cars: %(all)s)."),
            _("New here: first here %(mean)s years ago (all cars: %(all)s)."),
            _tenths,
        ),
        Variable(
            "km_per_day",
            _("Kilometres a day"),
            pgettext_lazy("cluster", "drives much"),
            pgettext_lazy("cluster", "drives little"),
            _("Drives much: %(mean)s km a day (all cars: %(all)s)."),
            _("Drives little: %(mean)s km a day (all cars: %(all)s)."),
            _whole,
            step=30,
        ),
        Variable(
            "distance",
            _("Distance to the store"),
            pgettext_lazy("cluster", "far away"),
            pgettext_lazy("cluster", "near by"),
            _("Lives far away: %(mean)s km from the store (all cars: %(all)s)."),
            _("Lives near by: %(mean)s km from the store (all cars: %(all)s)."),
            _tenths,
            usual=False,
        ),
        Variable(
            "weekends",
            _("Share of visits at weekends"),
            pgettext_lazy("cluster", "at weekends"),
            pgettext_lazy("cluster", "on working days"),
            _("Comes at weekends: %(mean)s of its visits so far (all cars: %(all)s)."),
            _(
                "Comes on working days: only %(mean)s of its visits so far are at weekends (all cars: %(all)s)."
            ),
            _percent,
            usual=False,
        ),
    )
}
USUAL: list[str] = [key for key, variable in VARIABLES.items() if variable.usual]
