"""The frozen list: one car of one campaign, as it was that day, and how far its invitation came."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.campaign import Campaign
from customers.models import Customer, Vehicle
from segmentation.models import C3, CareStatus
from staff.models import Store
from staff.querysets import StoreScopedQuerySet


class Outcome(models.TextChoices):
    """How a call ended; in the order of the keys 1 to 8."""

    BOOKED = "booked", pgettext_lazy("call outcome", "Booked")
    CONSIDERING = "considering", pgettext_lazy("call outcome", "Considering")
    LATER = "later", pgettext_lazy("call outcome", "Call later")
    NO_ANSWER = "no_answer", pgettext_lazy("call outcome", "No answer")
    REFUSED = "refused", pgettext_lazy("call outcome", "Refused")
    INVALID_NUMBER = "invalid_number", pgettext_lazy("call outcome", "Bad number")
    SOLD_CAR = "sold_car", pgettext_lazy("call outcome", "Sold the car")
    DO_NOT_CALL = "do_not_call", pgettext_lazy("call outcome", "Do not call")

    @classmethod
    def reached(cls) -> frozenset[Outcome]:
        """Outcomes in which someone was spoken to: only these invite."""
        return frozenset(cls) - {cls.NO_ANSWER, cls.INVALID_NUMBER}


class TargetQuerySet(StoreScopedQuerySet["Target"]):
    def called(self) -> Self:
        return self.filter(first_called_on__isnull=False)

    def invited(self) -> Self:
        """First contact made: the denominator of every success rate."""
        return self.filter(first_contact_on__isnull=False)

    def booked(self) -> Self:
        return self.filter(booked_for__isnull=False)

    def to_call(self) -> Self:
        return self.filter(is_holdout=False)


class Target(models.Model):
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="targets", db_index=False)
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="targets")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="targets")
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", db_index=False)
    # As of the day the list was frozen: a car that changes groups later is still judged by this.
    c3 = models.CharField(_("group"), max_length=20, choices=C3)
    care_status = models.CharField(_("care status"), max_length=16, choices=CareStatus)
    age_years = models.PositiveSmallIntegerField(_("age in whole years"), null=True)
    model = models.CharField(_("model"), max_length=80, blank=True)
    # Left uncalled by chance, to be compared with those called.
    is_holdout = models.BooleanField(_("control group"), default=False)
    # How far the invitation came, recomputed from the calls whenever one is recorded or undone.
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(_("last outcome"), max_length=16, choices=Outcome, blank=True)
    first_called_on = models.DateField(null=True)
    last_called_on = models.DateField(null=True)
    first_contact_on = models.DateField(null=True)
    # The day agreed at the last booking that stands.
    booked_for = models.DateField(null=True)

    objects = TargetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("campaign", "vehicle"), name="target_once_per_campaign"),
            models.CheckConstraint(
                condition=Q(is_holdout=False) | Q(first_called_on__isnull=True), name="holdout_is_not_called"
            ),
            models.CheckConstraint(
                condition=Q(first_contact_on__isnull=True) | Q(first_contact_on__gte=F("first_called_on")),
                name="contact_is_a_call",
            ),
        ]
        indexes = [
            models.Index(fields=("campaign", "store", "c3"), name="target_by_group"),
            models.Index(fields=("vehicle", "last_called_on"), name="target_last_called"),
        ]
        verbose_name = _("target")
        verbose_name_plural = _("targets")

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.vehicle_id}"
