"""One car to be called for one campaign, and each time somebody tried."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.evaluation import seen_since_listed
from campaigns.models import Campaign, Outcome, Target
from customers.models import Complaint, Customer, Vehicle
from staff.models import Role, Store, User
from staff.querysets import StoreScopedQuerySet


class Priority(models.IntegerChoices):
    """Who comes first; also says why the car is on today's list."""

    CALLBACK = 0, pgettext_lazy("why to call", "Asked to be called back")
    MISSED = 1, pgettext_lazy("why to call", "Booked, did not come")
    SECOND = 2, pgettext_lazy("why to call", "Second follow-up")
    AGAIN = 3, pgettext_lazy("why to call", "Not reached yet")
    FIRST = 4, pgettext_lazy("why to call", "First invitation")


class Closing(models.TextChoices):
    """Why a call needs no more attempts."""

    CONSIDERED = "considered", pgettext_lazy("call closed", "Followed up twice")
    UNREACHABLE = "unreachable", pgettext_lazy("call closed", "Not reached in three attempts")
    REFUSED = "refused", pgettext_lazy("call closed", "Refused")
    INVALID_NUMBER = "invalid_number", pgettext_lazy("call closed", "Bad number")
    SOLD_CAR = "sold_car", pgettext_lazy("call closed", "Sold the car")
    DO_NOT_CALL = "do_not_call", pgettext_lazy("call closed", "Do not call")


class RefusalReason(models.TextChoices):
    TOO_EXPENSIVE = "too_expensive", pgettext_lazy("refusal", "Finds service too dear")
    ELSEWHERE = "elsewhere", pgettext_lazy("refusal", "Had it done elsewhere")
    TOO_FAR = "too_far", pgettext_lazy("refusal", "Too far away")
    RARELY_DRIVES = "rarely_drives", pgettext_lazy("refusal", "Hardly drives")
    NO_TIME = "no_time", pgettext_lazy("refusal", "No time")
    UPSET = "upset", pgettext_lazy("refusal", "Still upset about a complaint")
    OTHER = "other", pgettext_lazy("refusal", "Another reason")


class CallQuerySet(StoreScopedQuerySet["Call"]):
    def of(self, user: User) -> Self:
        """A manager's calls are all of the store; an agent's are their own and those of nobody."""
        if user.sees_all_stores:
            return self
        led = [store for store, role in user.roles.items() if role == Role.MANAGER]
        return self.filter(Q(agent=user) | Q(agent__isnull=True) | Q(store__in=led))

    def allowed(self, today: date) -> Self:
        """Calls one may make today. What changed since the list was made takes a car off it by itself:

        "do not call", consent withdrawn, car sold or handed on, a complaint opened, the campaign over, the car seen.
        """
        return self.filter(
            status=Call.Status.OPEN,
            target__campaign__status=Campaign.Status.OPEN,
            target__campaign__starts_on__lte=today,
            target__campaign__ends_on__gte=today,
            customer__do_not_call=False,
            customer__may_call=True,
            vehicle__state=Vehicle.State.IN_USE,
            vehicle__owner=F("customer"),
        ).filter(
            ~Exists(Complaint.objects.open().filter(vehicle=OuterRef("vehicle"))),
            ~Exists(Target.objects.filter(seen_since_listed(), pk=OuterRef("target"))),
        )

    def due_on_or_before(self, day: date) -> Self:
        return self.filter(due_on__lte=day)

    def ready_at(self, now: datetime) -> Self:
        """Not before the hour that was agreed."""
        return self.filter(Q(not_before__isnull=True) | Q(not_before__lte=now))

    def free_for(self, user: User, now: datetime) -> Self:
        """Held by nobody else: a lease that ran out is none."""
        return self.filter(Q(held_by__isnull=True) | Q(held_by=user) | Q(held_until__lte=now))

    def in_order(self) -> Self:
        """Most urgent first; what was skipped goes behind all that was not."""
        return self.order_by("skips", "priority", "due_on", "pk")


class Call(models.Model):
    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("call status", "open")
        DONE = "done", pgettext_lazy("call status", "done")

    target = models.OneToOneField(Target, models.CASCADE, related_name="call")
    # Copies of the target's, so that the queue reads one table in index order.
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", db_index=False)
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="calls")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="calls")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("agent")
    )
    status = models.CharField(_("status"), max_length=4, choices=Status, default=Status.OPEN)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.FIRST)
    due_on = models.DateField(_("due"))
    not_before = models.DateTimeField(_("not before"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    skips = models.PositiveSmallIntegerField(default=0)
    closing = models.CharField(_("closed because"), max_length=16, choices=Closing, blank=True)
    # The lease of a phone: only callcenter.queue writes it.
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    held_until = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CallQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("held_by",), condition=Q(held_by__isnull=False), name="one_held_call_per_agent"
            ),
            models.CheckConstraint(
                condition=Q(held_by__isnull=True) | Q(held_until__isnull=False, status="open"),
                name="held_call_is_open",
            ),
            models.CheckConstraint(
                condition=Q(status="open", closing="") | (Q(status="done") & ~Q(closing="")),
                name="done_call_says_why",
            ),
        ]
        indexes = [
            # In the queue's own order, open calls only: claiming reads its first rows (measured 50 times faster).
            models.Index(
                fields=("store", "skips", "priority", "due_on", "id"),
                condition=Q(status="open"),
                name="call_queue",
            ),
        ]
        verbose_name = _("call")
        verbose_name_plural = _("calls")

    def __str__(self) -> str:
        return f"call {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    def is_held_by(self, user: User, now: datetime) -> bool:
        return self.held_by_id == user.pk and self.held_until is not None and self.held_until > now

    def is_held_by_another(self, user: User, now: datetime) -> bool:
        return (
            self.held_by_id not in (None, user.pk) and self.held_until is not None and self.held_until > now
        )


class CallAttemptQuerySet(StoreScopedQuerySet["CallAttempt"]):
    store_path = "call__store"

    def standing(self) -> Self:
        return self.filter(undone_at__isnull=True)

    def between(self, start: datetime, end: datetime) -> Self:
        return self.filter(at__gte=start, at__lt=end)


class CallAttempt(models.Model):
    call = models.ForeignKey(Call, models.CASCADE, related_name="tries", db_index=False)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    reason = models.CharField(_("reason"), max_length=16, choices=RefusalReason, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    at = models.DateTimeField()
    # Made with the empty form: a second post of it finds this row.
    form_key = models.UUIDField(unique=True, editable=False)
    undone_at = models.DateTimeField(null=True)
    # What undoing puts back: the call, the marks on the customer and the car, other calls that were closed.
    before = models.JSONField(default=dict)

    objects = CallAttemptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="refused") | ~Q(reason=""), name="refusal_has_a_reason"
            ),
        ]
        indexes = [
            models.Index(fields=("call", "at"), name="attempt_by_call"),
            models.Index(fields=("agent", "at"), name="attempt_by_agent"),
        ]
        ordering = ("at", "pk")
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")

    def __str__(self) -> str:
        return f"attempt {self.pk}"
