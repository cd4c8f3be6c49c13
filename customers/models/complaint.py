"""Complaints, from the first word to the solution."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models.customer import Customer
from customers.models.vehicle import Vehicle
from customers.models.visit import Visit
from staff.models import Store
from staff.querysets import StoreScopedQuerySet


class ComplaintQuerySet(StoreScopedQuerySet["Complaint"]):
    def open(self) -> Self:
        return self.filter(closed_on__isnull=True)

    def since(self, day: date) -> Self:
        return self.filter(opened_on__gt=day)


class Complaint(models.Model):
    class Severity(models.TextChoices):
        MINOR = "minor", _("minor")
        SERIOUS = "serious", _("serious")
        CRITICAL = "critical", _("critical")

    class Channel(models.TextChoices):
        DESK = "desk", _("at the desk")
        PHONE = "phone", _("by phone")
        WEB = "web", _("online")
        MAKER = "maker", _("through the maker")

    store = models.ForeignKey(Store, models.PROTECT, related_name="complaints")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="complaints")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="complaints", db_index=False)
    visit = models.ForeignKey(Visit, models.SET_NULL, null=True, blank=True, related_name="complaints")
    channel = models.CharField(_("channel"), max_length=8, choices=Channel, default=Channel.DESK)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity, default=Severity.MINOR)
    text = models.CharField(_("complaint"), max_length=1000)
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("handler"),
    )
    opened_on = models.DateField(_("opened"))
    opened_at = models.DateTimeField(default=timezone.now)
    first_response_at = models.DateTimeField(null=True, blank=True)
    closed_on = models.DateField(_("closed"), null=True, blank=True)
    solution = models.CharField(_("solution"), max_length=1000, blank=True)
    form_key = models.UUIDField(null=True, unique=True, editable=False)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                name="complaint_closes_after_it_opens",
            ),
        ]
        indexes = [models.Index(fields=("vehicle", "opened_on"), name="complaint_by_vehicle")]
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")

    def __str__(self) -> str:
        return self.text[:40]
