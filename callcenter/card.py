"""What the call center says on a customer's card: calls, bookings, and that the car is expected today."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from callcenter.models import Booking, CallAttempt
from campaigns.models import Outcome
from customers.card import Contribution, Greeting, TimelineEntry
from customers.models import Customer, Vehicle
from staff.models import User

NEWEST = 100
TONES = {Outcome.BOOKED: "ok", Outcome.REFUSED: "bad", Outcome.DO_NOT_CALL: "bad"}
STATES = {"arrived": "ok", "missed": "bad", "expected": "info"}


def contribute(
    *, user: User, customer: Customer | None, vehicles: list[Vehicle], today: date
) -> Contribution:
    found = Contribution()
    ids = [vehicle.pk for vehicle in vehicles]
    plates = {vehicle.pk: str(vehicle) for vehicle in vehicles}
    attempts = CallAttempt.objects.visible_to(user).standing().filter(call__vehicle__in=ids)
    found.timeline += [
        _attempt_entry(attempt, plates)
        for attempt in attempts.select_related("agent", "call").order_by("-at", "-pk")[:NEWEST]
    ]
    bookings = Booking.objects.visible_to(user).standing().filter(vehicle__in=ids).with_arrival()
    for booking in bookings.select_related("store").order_by("-day", "-pk")[:NEWEST]:
        state = booking.state(today)
        found.timeline.append(_booking_entry(booking, plates, state))
        if booking.day == today and state == "expected":
            text = _("Booked for %(hour)s at %(store)s.") % {
                "hour": f"{booking.hour:%H:%M}",
                "store": booking.store.name,
            }
            found.greetings.append(Greeting(1, "info", "calendar-clock", _("Expected today:"), text))
    return found


def _attempt_entry(attempt: CallAttempt, plates: dict[int, str]) -> TimelineEntry:
    parts = [plates[attempt.call.vehicle_id], attempt.get_reason_display(), attempt.note, str(attempt.agent)]
    return TimelineEntry(
        on=timezone.localdate(attempt.at),
        kind="call",
        icon="phone",
        title=_("Call: %(outcome)s") % {"outcome": attempt.get_outcome_display()},
        text=_("; ").join(str(part) for part in parts if part),
        tone=TONES.get(Outcome(attempt.outcome), ""),
    )


def _booking_entry(booking: Booking, plates: dict[int, str], state: str) -> TimelineEntry:
    words = {"arrived": _("came"), "missed": _("did not come"), "expected": _("expected")}
    return TimelineEntry(
        on=booking.day,
        kind="booking",
        icon="calendar-clock",
        title=_("Booking %(hour)s") % {"hour": f"{booking.hour:%H:%M}"},
        text=f"{plates[booking.vehicle_id]} · {booking.store.name}",
        tone=STATES[state],
        badge=words[state],
    )
