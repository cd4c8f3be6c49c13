"""Bookings as the reception desk sees them."""

from __future__ import annotations

from datetime import date

from callcenter.models import Booking
from customers.card import Expected
from staff.models import Store, User


def expected(*, user: User, stores: list[Store], today: date) -> list[Expected]:
    """Today's standing bookings of these stores, arrived or not, earliest first."""
    bookings = Booking.objects.visible_to(user).in_stores(stores).standing().on(today).with_arrival()
    return [
        Expected(
            vehicle_id=booking.vehicle_id,
            at=booking.hour,
            arrived=booking.state(today) == "arrived",
            note=booking.attempt.note if booking.attempt else "",
        )
        for booking in bookings.select_related("attempt").order_by("hour", "pk")
    ]
