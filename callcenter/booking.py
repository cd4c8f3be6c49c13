"""Slots with places left, and taking one: two bookings never share a place, however many agents press at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from callcenter.models import Booking, CallAttempt, SlotPlan
from callcenter.models.booking import default_hours
from customers.models import Customer, Vehicle
from staff.models import Store, User

DAYS_SHOWN = 3


class SlotFull(Exception):
    """The last place went to somebody else, or the store takes no bookings at that hour."""


class AlreadyBooked(Exception):
    """The car is expected that day already."""


@dataclass(frozen=True, slots=True)
class Slot:
    day: date
    hour: time
    left: int

    @property
    def value(self) -> str:
        """As a form posts it: 2026-06-13T10:00."""
        return f"{self.day:%Y-%m-%d}T{self.hour:%H:%M}"


@dataclass(frozen=True, slots=True)
class SlotDay:
    day: date
    slots: list[Slot]


def parse_slot(text: str) -> tuple[date, time] | None:
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M")  # noqa: DTZ007  # wall clock of the store
    except ValueError:
        return None
    return moment.date(), moment.time()


def slots_from(*, store: Store, today: date, days: int = DAYS_SHOWN) -> list[SlotDay]:
    """The next days' slots, from tomorrow on, with the places left in each."""
    plan = plan_of(store)
    shown = [today + timedelta(ahead) for ahead in range(1, days + 1)]
    rows = Booking.objects.standing().filter(store=store, day__in=shown).values_list("day", "hour")
    taken = Counter(rows)
    return [
        SlotDay(day, [Slot(day, hour, max(plan.capacity - taken[day, hour], 0)) for hour in hours_of(plan)])
        for day in shown
    ]


def plan_of(store: Store) -> SlotPlan:
    return SlotPlan.objects.filter(store=store).first() or SlotPlan(store=store, hours=default_hours())


def hours_of(plan: SlotPlan) -> list[time]:
    return sorted(time.fromisoformat(hour) for hour in plan.hours)


@transaction.atomic
def book(
    *,
    store: Store,
    vehicle: Vehicle,
    customer: Customer,
    day: date,
    hour: time,
    by: User,
    made_on: date,
    attempt: CallAttempt | None = None,
) -> Booking:
    """Take the first free place of the slot. Raises SlotFull or AlreadyBooked, and takes nothing then."""
    plan = plan_of(store)
    if day < made_on or hour not in hours_of(plan):
        raise SlotFull
    standing = Booking.objects.standing()
    if standing.filter(vehicle=vehicle, day=day).exists():
        raise AlreadyBooked
    for seat in range(1, plan.capacity + 1):
        if standing.filter(store=store, day=day, hour=hour, seat=seat).exists():
            continue
        try:
            with transaction.atomic():
                return Booking.objects.create(
                    store=store,
                    vehicle=vehicle,
                    customer=customer,
                    attempt=attempt,
                    day=day,
                    hour=hour,
                    seat=seat,
                    made_on=made_on,
                    kept_until=Booking.last_day_kept(day),
                    made_by=by,
                )
        except IntegrityError as error:  # somebody took this place between the two statements
            if standing.filter(vehicle=vehicle, day=day).exists():
                raise AlreadyBooked from error
    raise SlotFull


def cancel(*, attempt: CallAttempt) -> int:
    """Give back the place an undone attempt had taken."""
    return Booking.objects.standing().filter(attempt=attempt).update(cancelled_at=timezone.now())
