"""What a campaign wants, from whom, in which stores and until when."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.criteria import Criteria
from segmentation.models import C3, SavedSegment
from staff.models import Store
from staff.querysets import StoreScopedQuerySet


class CampaignQuerySet(StoreScopedQuerySet["Campaign"]):
    def _in(self, stores: Any) -> Self:
        # A campaign of several stores is one row here: EXISTS, not a join that would double it.
        return self.filter(Exists(CampaignStore.objects.filter(campaign=OuterRef("pk"), store__in=stores)))

    def running_on(self, day: date) -> Self:
        return self.filter(status=Campaign.Status.OPEN, starts_on__lte=day, ends_on__gte=day)

    def unfinished_on(self, day: date) -> Self:
        """Opened and not over: its cars are spoken for, also before the first day."""
        return self.filter(status=Campaign.Status.OPEN, ends_on__gte=day)


class Campaign(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("campaign status", "draft")
        OPEN = "open", pgettext_lazy("campaign status", "open")
        CLOSED = "closed", pgettext_lazy("campaign status", "closed")

    name = models.CharField(pgettext_lazy("campaign", "name"), max_length=80)
    purpose = models.CharField(_("background and purpose"), max_length=1000, blank=True)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    stores: models.ManyToManyField[Store, CampaignStore] = models.ManyToManyField(
        Store, through="CampaignStore", related_name="+", verbose_name=_("stores")
    )
    status = models.CharField(_("status"), max_length=6, choices=Status, default=Status.DRAFT)
    # campaigns.criteria.Criteria as JSON; the groups with their ages stand in CampaignGroup.
    conditions = models.JSONField(default=dict)
    # Narrows the list further while this is a draft; the frozen list no longer asks it.
    segment = models.ForeignKey(
        SavedSegment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("saved segment"),
    )
    daily_quota = models.PositiveSmallIntegerField(
        _("calls a day per agent"), default=60, validators=[MinValueValidator(1), MaxValueValidator(500)]
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("in charge")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # The list as of this day is what the campaign is judged by; arrivals before it count for nothing.
    frozen_on = models.DateField(null=True, editable=False)
    frozen_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    form_key = models.UUIDField(null=True, unique=True, editable=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="campaign_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(status__in=("draft", "open", "closed")), name="campaign_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(frozen_on__isnull=False, frozen_at__isnull=False),
                name="opened_campaign_is_frozen",
            ),
        ]
        indexes = [models.Index(fields=("status", "ends_on"), name="campaign_running")]
        ordering = ("-starts_on", "-pk")
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")

    def __str__(self) -> str:
        return self.name

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days + 1

    def day_number(self, today: date) -> int:
        """Which day of the period it is: 0 before the first, the last one after the end."""
        return max(0, min(self.days, (today - self.starts_on).days + 1))

    @property
    def criteria(self) -> Criteria:
        return Criteria.from_row(self.conditions, self.groups.all(), self.segment)


class CampaignStore(models.Model):
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="store_links", db_index=False)
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("campaign", "store"), name="campaign_store_once")]
        indexes = [models.Index(fields=("store", "campaign"), name="campaigns_of_store")]
        verbose_name = _("store of a campaign")
        verbose_name_plural = _("stores of campaigns")

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.store_id}"


class CampaignGroup(models.Model):
    """One of the groups called: its ages, what it is promised, and what counts as a success."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="groups", db_index=False)
    c3 = models.CharField(_("group"), max_length=20, choices=C3)
    # Whole years since the purchase: age_from <= age < age_to.
    age_from = models.PositiveSmallIntegerField(null=True)
    age_to = models.PositiveSmallIntegerField(null=True)
    goal_percent = models.PositiveSmallIntegerField(null=True, validators=[MaxValueValidator(100)])
    offer = models.CharField(_("what may be promised"), max_length=400, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("campaign", "c3"), name="campaign_group_once"),
            models.CheckConstraint(
                condition=Q(age_from__isnull=True) | Q(age_to__isnull=True) | Q(age_to__gt=F("age_from")),
                name="campaign_age_band_not_empty",
            ),
            models.CheckConstraint(
                condition=Q(goal_percent__isnull=True) | Q(goal_percent__lte=100), name="campaign_goal_sane"
            ),
        ]
        ordering = ("pk",)
        verbose_name = _("group of a campaign")
        verbose_name_plural = _("groups of campaigns")

    def __str__(self) -> str:
        return self.c3
