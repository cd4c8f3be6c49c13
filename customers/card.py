"""What stands on a customer's card and in the greeting at the desk, gathered from every app.

Customers knows nothing of the apps to its right: the project's settings name their functions, and this module asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from customers.models import Customer, Vehicle
    from staff.models import Store, User


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    on: date
    kind: str  # visit, call, complaint, invitation, ...: the timeline's filter
    icon: str
    title: str
    text: str = ""
    tone: str = ""  # "", ok, warn, bad or info
    amount_fen: int | None = None
    badge: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Greeting:
    """One sentence of advice. ``order``: 1 how to receive, 2 what to apologise for, 3 what not to forget."""

    order: int
    tone: str
    icon: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A card in the side column: a template of the app that contributes it, and its context."""

    order: int
    template: str
    context: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """A car the desk expects today."""

    vehicle_id: int
    at: time | None
    arrived: bool
    note: str = ""


@dataclass(slots=True)
class Contribution:
    # By vehicle id: {"c3": group key, "care_status": status key}
    labels: dict[int, dict[str, str]] = field(default_factory=dict)
    greetings: list[Greeting] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    timeline: list[TimelineEntry] = field(default_factory=list)

    @property
    def greeting_lines(self) -> list[Greeting]:
        """At most three: how to receive, what to apologise for, what not to forget; one of each before a second."""
        seen: dict[int, int] = {}
        ranked = []
        for greeting in self.greetings:
            seen[greeting.order] = seen.get(greeting.order, 0) + 1
            ranked.append((seen[greeting.order], greeting.order, greeting))
        chosen = sorted(ranked, key=lambda rank: rank[:2])[:3]
        return sorted((greeting for _, _, greeting in chosen), key=lambda greeting: greeting.order)

    def add(self, other: Contribution) -> None:
        for vehicle, labels in other.labels.items():
            self.labels.setdefault(vehicle, {}).update(labels)
        self.greetings += other.greetings
        self.panels += other.panels
        self.timeline += other.timeline


class Source(Protocol):
    def __call__(
        self, *, user: User, customer: Customer | None, vehicles: list[Vehicle], today: date
    ) -> Contribution: ...


class LabelSource(Protocol):
    def __call__(self, *, vehicle_ids: list[int]) -> dict[int, dict[str, str]]: ...


class ExpectedSource(Protocol):
    def __call__(self, *, user: User, stores: list[Store], today: date) -> list[Expected]: ...


@cache
def _sources() -> tuple[Source, ...]:
    return tuple(import_string(path) for path in settings.CARD_SOURCES)


@cache
def _label_sources() -> tuple[LabelSource, ...]:
    return tuple(import_string(path) for path in settings.LABEL_SOURCES)


@cache
def _expected_sources() -> tuple[ExpectedSource, ...]:
    return tuple(import_string(path) for path in settings.EXPECTED_SOURCES)


def gather(*, user: User, customer: Customer | None, vehicles: list[Vehicle], today: date) -> Contribution:
    """Everything the other apps know about these cars; ``vehicles`` are ones ``user`` may see."""
    whole = Contribution()
    for source in _sources():
        whole.add(source(user=user, customer=customer, vehicles=vehicles, today=today))
    whole.greetings.sort(key=lambda greeting: greeting.order)
    whole.panels.sort(key=lambda panel: panel.order)
    return whole


def labels_for(vehicle_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Group and care status of the cars of a list, in one query per source."""
    ids = list(vehicle_ids)
    labels: dict[int, dict[str, str]] = {}
    for source in _label_sources():
        for vehicle, found in source(vehicle_ids=ids).items():
            labels.setdefault(vehicle, {}).update(found)
    return labels


def expected_today(*, user: User, stores: Iterable[Store], today: date) -> list[Expected]:
    """The cars with an appointment, earliest first; those without an hour last."""
    shops = list(stores)
    found = [car for source in _expected_sources() for car in source(user=user, stores=shops, today=today)]
    return sorted(found, key=lambda car: (car.at is None, car.at))
