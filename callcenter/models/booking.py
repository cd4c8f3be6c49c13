"""Slots of the workshop, and who is expected in them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, Min, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from callcenter.models.call import CallAttempt
from customers.models import Customer, Vehicle, Visit
from customers.models.visit import VisitQuerySet
from staff.models import Store
from staff.querysets import StoreScopedQuerySet

# A car that comes a few days late has still kept its booking.
LATE_DAYS = 7


def default_hours() -> list[str]:
    return ["09:00", "10:00", "14:00", "15:00"]


class SlotPlan(models.Model):
    """When a store takes bookings and how many at a time; a store without a row has these defaults."""

    DEFAULT_CAPACITY = 4

    store = models.OneToOneField(Store, models.CASCADE, related_name="slot_plan", verbose_name=_("store"))
    hours = models.JSONField(_("hours"), default=default_hours)
    capacity = models.PositiveSmallIntegerField(
        _("cars at a time"),
        default=DEFAULT_CAPACITY,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(capacity__gte=1), name="slot_capacity_above_zero")]
        verbose_name = _("booking hours of a store")
        verbose_name_plural = _("booking hours of the stores")

    def __str__(self) -> str:
        return f"{self.store_id}: {self.capacity}"


class BookingQuerySet(StoreScopedQuerySet["Booking"]):
    def standing(self) -> Self:
        return self.filter(cancelled_at__isnull=True)

    def on(self, day: date) -> Self:
        return self.filter(day=day)

    def expected_on(self, day: date) -> Self:
        """Standing bookings of the day whose car has not come yet."""
        return self.standing().on(day).filter(~Exists(kept_by()))

    def with_arrival(self) -> Self:
        """Adds ``arrived_on``: the visit's day, None while the car has not come."""
        first = kept_by().order_by().values("vehicle").annotate(first=Min("visited_on")).values("first")
        return self.annotate(arrived_on=Subquery(first))


def kept_by() -> VisitQuerySet:
    """Visits that keep the row's booking: to its store, from the day it was made to a week after the agreed one."""
    return Visit.objects.standing().filter(
        vehicle=OuterRef("vehicle"),
        store=OuterRef("store"),
        visited_on__gte=OuterRef("made_on"),
        visited_on__lte=OuterRef("kept_until"),
    )


class Booking(models.Model):
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", db_index=False)
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="bookings")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="bookings")
    attempt = models.OneToOneField(CallAttempt, models.SET_NULL, null=True, related_name="booking")
    day = models.DateField(_("day"))
    hour = models.TimeField(_("time"))
    # The place in the slot, from 1 to the store's capacity. Two bookings cannot have the same one, whoever is faster.
    seat = models.PositiveSmallIntegerField()
    made_on = models.DateField()
    kept_until = models.DateField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("store", "day", "hour", "seat"),
                condition=Q(cancelled_at__isnull=True),
                name="one_car_per_seat",
            ),
            models.UniqueConstraint(
                fields=("vehicle", "day"),
                condition=Q(cancelled_at__isnull=True),
                name="one_booking_per_car_and_day",
            ),
            models.CheckConstraint(condition=Q(seat__gte=1), name="seat_counts_from_one"),
            models.CheckConstraint(
                condition=Q(day__gte=F("made_on"), kept_until__gte=F("day")), name="booking_days_in_order"
            ),
        ]
        indexes = [models.Index(fields=("store", "day", "hour"), name="booking_by_day")]
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")

    def __str__(self) -> str:
        return f"{self.vehicle_id}: {self.day} {self.hour:%H:%M}"

    @staticmethod
    def last_day_kept(day: date) -> date:
        return day + timedelta(LATE_DAYS)

    def state(self, today: date) -> str:
        """cancelled, arrived, missed or expected; the row comes from ``with_arrival``."""
        if self.cancelled_at is not None:
            return "cancelled"
        if getattr(self, "arrived_on", None) is not None:
            return "arrived"
        return "missed" if self.day < today else "expected"
