"""Rules with versions, what they make of each car today, and how that changed."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Vehicle
from staff.models import Store
from staff.querysets import StoreScopedQuerySet


class C3(models.TextChoices):
    """The eight groups of domain section 3.1; names and marks are in staff.vocabulary."""

    PROFITABLE_LOYAL = "profitable_loyal", _("profitable-loyal")
    SPLIT_LOYAL = "split_loyal", _("split-loyal")
    HIGH_RISK = "high_risk", _("high-risk")
    HIGH_OPPORTUNITY = "high_opportunity", _("high-opportunity")
    HIGH_COST = "high_cost", _("high-cost")
    DEVELOPMENT = "development", _("development")
    LOW_COST = "low_cost", _("low-cost")
    MYSTERY_OPPORTUNITY = "mystery_opportunity", _("mystery-opportunity")


class CareStatus(models.TextChoices):
    COMPLAINED = "complained", _("complained")
    LOST = "lost", _("lost")
    NEAR_LOST = "near_lost", _("near-lost")
    REPAIR_ONLY = "repair_only", _("repair-only")
    PRICE_SENSITIVE = "price_sensitive", _("price-sensitive")
    NEW = "new", _("new")
    ACTIVE = "active", _("active")


class Family(models.TextChoices):
    C3 = "c3", _("C3 group")
    CARE_STATUS = "care_status", _("care status")


def default_cells() -> dict[str, str]:
    """Cell (maintenance, spend, repair ratio; 1 high, 0 low) -> group: the default reading of the published cases."""
    return {
        "111": C3.PROFITABLE_LOYAL,
        "110": C3.SPLIT_LOYAL,
        "011": C3.HIGH_RISK,
        "010": C3.HIGH_OPPORTUNITY,
        "101": C3.HIGH_COST,
        "100": C3.DEVELOPMENT,
        "001": C3.LOW_COST,
        "000": C3.MYSTERY_OPPORTUNITY,
    }


def default_repair_kinds() -> list[str]:
    return ["repair", "accident"]


class RuleSet(models.Model):
    """The numbers of the rules. A published version is never edited; a change is a new version."""

    class SpendMode(models.TextChoices):
        PERCENTILE = "percentile", _("percentile of the store")
        AMOUNT = "amount", _("amount")

    # None: for every store without rules of its own.
    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField()
    window_months = models.PositiveSmallIntegerField(
        default=12, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    maintenance_high = models.PositiveSmallIntegerField(default=2, validators=[MinValueValidator(1)])
    spend_mode = models.CharField(max_length=10, choices=SpendMode, default=SpendMode.PERCENTILE)
    spend_percentile = models.PositiveSmallIntegerField(
        default=60, validators=[MinValueValidator(1), MaxValueValidator(99)]
    )
    spend_amount_fen = models.BigIntegerField(null=True, blank=True)
    repair_ratio_high_percent = models.PositiveSmallIntegerField(
        default=30, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    repair_kinds = models.JSONField(default=default_repair_kinds)
    cells = models.JSONField(default=default_cells)
    lost_days = models.PositiveSmallIntegerField(default=365)
    near_lost_days = models.PositiveSmallIntegerField(default=183)
    interval_factor_percent = models.PositiveSmallIntegerField(default=150)
    interval_min_days = models.PositiveSmallIntegerField(default=90)
    complaint_months = models.PositiveSmallIntegerField(default=6)
    new_days = models.PositiveSmallIntegerField(default=183)
    note = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("store", "version"), nulls_distinct=False, name="rule_version_once"),
            models.CheckConstraint(
                condition=~Q(spend_mode="amount") | Q(spend_amount_fen__gt=0), name="spend_amount_above_zero"
            ),
            models.CheckConstraint(condition=Q(near_lost_days__lt=models.F("lost_days")), name="near_lost_before_lost"),
        ]

    def __str__(self) -> str:
        return f"v{self.version}"


class VehicleSegmentQuerySet(StoreScopedQuerySet["VehicleSegment"]):
    pass


class VehicleSegment(models.Model):
    """What one car is as of the last run that touched it, with the figures that say why."""

    vehicle = models.OneToOneField(Vehicle, models.CASCADE, primary_key=True, related_name="segment")
    store = models.ForeignKey(Store, models.CASCADE, related_name="+", db_index=False)
    as_of = models.DateField()
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="+", db_index=False)
    c3 = models.CharField(max_length=20, choices=C3)
    care_status = models.CharField(max_length=16, choices=CareStatus)
    maintenance_count = models.PositiveIntegerField()
    repair_like_count = models.PositiveIntegerField()
    spend_fen = models.BigIntegerField()
    # The store's threshold of that day: a percentile moves.
    spend_threshold_fen = models.BigIntegerField()
    last_visit_on = models.DateField(null=True)
    first_seen_on = models.DateField(null=True)
    c3_since = models.DateField()
    care_since = models.DateField()
    c3_before = models.CharField(max_length=20, blank=True, choices=C3)
    care_before = models.CharField(max_length=16, blank=True, choices=CareStatus)
    # The first day on which, nothing else happening, the result can differ.
    due_on = models.DateField(null=True)

    objects = VehicleSegmentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=("store", "c3", "vehicle"), name="segment_store_c3"),
            models.Index(fields=("store", "care_status", "vehicle"), name="segment_store_care"),
            models.Index(fields=("due_on",), name="segment_due"),
        ]

    def __str__(self) -> str:
        return f"{self.vehicle_id}: {self.c3}, {self.care_status}"


class SegmentSpell(models.Model):
    """How long a car was in a group: ``since_on`` <= day < ``until_on``. History by change, not by daily copies."""

    vehicle = models.ForeignKey(Vehicle, models.CASCADE, related_name="segment_spells")
    store = models.ForeignKey(Store, models.CASCADE, related_name="+", db_index=False)
    family = models.CharField(max_length=12, choices=Family)
    value = models.CharField(max_length=20)
    since_on = models.DateField()
    until_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("vehicle", "family", "since_on"), name="one_spell_begins_a_day"),
            models.UniqueConstraint(
                fields=("vehicle", "family"), condition=Q(until_on__isnull=True), name="one_present_spell"
            ),
        ]
        indexes = [models.Index(fields=("store", "family", "since_on"), name="spell_by_store")]

    def __str__(self) -> str:
        return f"{self.vehicle_id}: {self.value}"


class SegmentRun(models.Model):
    """One calculation: when, by which rules, how long, what it changed."""

    store = models.ForeignKey(Store, models.CASCADE, null=True, related_name="+")
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="+", null=True)
    as_of = models.DateField()
    vehicles = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.as_of}"
