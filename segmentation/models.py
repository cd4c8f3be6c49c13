"""Rules with versions, what they make of each car today, and how that changed."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.models import Vehicle
from staff.models import Store, User
from staff.querysets import StoreScopedQuerySet
from staff.vocabulary import C3_GROUPS, CARE_STATUSES


class C3(models.TextChoices):
    """The eight groups; what the pages call them is in staff.vocabulary."""

    PROFITABLE_LOYAL = "profitable_loyal", C3_GROUPS["profitable_loyal"].label
    SPLIT_LOYAL = "split_loyal", C3_GROUPS["split_loyal"].label
    HIGH_RISK = "high_risk", C3_GROUPS["high_risk"].label
    HIGH_OPPORTUNITY = "high_opportunity", C3_GROUPS["high_opportunity"].label
    HIGH_COST = "high_cost", C3_GROUPS["high_cost"].label
    DEVELOPMENT = "development", C3_GROUPS["development"].label
    LOW_COST = "low_cost", C3_GROUPS["low_cost"].label
    MYSTERY_OPPORTUNITY = "mystery_opportunity", C3_GROUPS["mystery_opportunity"].label


class CareStatus(models.TextChoices):
    COMPLAINED = "complained", CARE_STATUSES["complained"].label
    LOST = "lost", CARE_STATUSES["lost"].label
    NEAR_LOST = "near_lost", CARE_STATUSES["near_lost"].label
    REPAIR_ONLY = "repair_only", CARE_STATUSES["repair_only"].label
    PRICE_SENSITIVE = "price_sensitive", CARE_STATUSES["price_sensitive"].label
    NEW = "new", CARE_STATUSES["new"].label
    ACTIVE = "active", CARE_STATUSES["active"].label


class CustomerValue(models.TextChoices):
    HIGH = "high", pgettext_lazy("customer value", "high")
    MID = "mid", pgettext_lazy("customer value", "mid")
    LOW = "low", pgettext_lazy("customer value", "low")


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


# From and to, half-open; the last one has no end.
Bands = list[list[int | None]]


def default_age_bands() -> Bands:
    """Vehicle age in years."""
    return [[0, 1], [1, 2], [2, 3], [3, 5], [5, None]]


def default_radius_bands() -> Bands:
    """Distance to the store in kilometres."""
    return [[0, 5], [5, 10], [10, 15], [15, None]]


class PublishedRules(Exception):
    """Results name the version they stand under: what was published stays as it is."""


class RuleSetQuerySet(models.QuerySet["RuleSet"]):
    def visible_to(self, user: User) -> Self:
        """The group's rules, and those of the stores ``user`` works in."""
        if user.sees_all_stores:
            return self
        return self.filter(Q(store=None) | Q(store__in=user.stores.filter(is_active=True)))

    def of(self, store: Store | None) -> Self:
        return self.filter(store=store) if store else self.filter(store=None)

    def drafts(self) -> Self:
        return self.filter(published_at=None)

    def update(self, **values: Any) -> int:
        if self.filter(published_at__isnull=False).exists():
            raise PublishedRules
        return super().update(**values)


class RuleSet(models.Model):
    """The numbers of the rules. A published version is never edited; a change is a new version."""

    class SpendMode(models.TextChoices):
        PERCENTILE = "percentile", pgettext_lazy("spend threshold", "percentile of the store")
        AMOUNT = "amount", pgettext_lazy("spend threshold", "amount")

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
    # Recency, frequency and money give 1 to 5 points each: from how many of the 15 the value is high, or mid.
    value_high_points = models.PositiveSmallIntegerField(default=12)
    value_mid_points = models.PositiveSmallIntegerField(default=8)
    service_radius_km = models.PositiveSmallIntegerField(default=15)
    # For cars whose card names no dates: the least that the law gives a private car.
    warranty_years = models.PositiveSmallIntegerField(default=3)
    warranty_km = models.PositiveIntegerField(default=60_000)
    three_guarantees_years = models.PositiveSmallIntegerField(default=2)
    three_guarantees_km = models.PositiveIntegerField(default=50_000)
    age_bands = models.JSONField(default=default_age_bands)
    radius_bands = models.JSONField(default=default_radius_bands)
    note = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    # Counts the saves of a draft, so that nobody overwrites what he has not seen.
    revision = models.PositiveIntegerField(default=1)

    objects = RuleSetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Coalesce("store", Value(0)), condition=Q(published_at__isnull=True), name="one_draft_of_rules"
            ),
            models.UniqueConstraint(
                fields=("store", "version"),
                condition=Q(store__isnull=False),
                name="rule_version_once_per_store",
            ),
            models.UniqueConstraint(
                fields=("version",), condition=Q(store__isnull=True), name="rule_version_once_for_all"
            ),
            models.CheckConstraint(
                condition=~Q(spend_mode="amount") | Q(spend_amount_fen__gt=0), name="spend_amount_above_zero"
            ),
            models.CheckConstraint(
                condition=Q(near_lost_days__lt=models.F("lost_days")), name="near_lost_before_lost"
            ),
            models.CheckConstraint(
                condition=Q(value_mid_points__lt=models.F("value_high_points")), name="mid_value_below_high"
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and RuleSet.objects.filter(pk=self.pk, published_at__isnull=False).exists():
            raise PublishedRules(str(self))
        super().save(*args, **kwargs)

    @property
    def is_draft(self) -> bool:
        return self.published_at is None

    @property
    def label(self) -> str:
        """ "v3", or "GB v3" where the store has rules of its own."""
        return f"{self.store.code} {self}" if self.store else str(self)


class VehicleSegmentQuerySet(StoreScopedQuerySet["VehicleSegment"]):
    pass


class VehicleSegment(models.Model):
    """What one car is, with the figures that say why.

    A run writes only the rows it changes, so an unchanged row is as good as its store's last run:
    ask ``SegmentRun`` for the day and the threshold the figures stand under.
    """

    # No constraints in the database: the rows are made from the cars themselves, a million at a time, and checking
    # each key again cost as much as all the rest of a first run.
    vehicle = models.OneToOneField(
        Vehicle, models.CASCADE, primary_key=True, related_name="segment", db_constraint=False
    )
    store = models.ForeignKey(Store, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    # Of the run that last changed the row.
    as_of = models.DateField()
    rule_set = models.ForeignKey(
        RuleSet, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    c3 = models.CharField(max_length=20, choices=C3)
    care_status = models.CharField(max_length=16, choices=CareStatus)
    value = models.CharField(max_length=4, choices=CustomerValue, default=CustomerValue.LOW)
    visits_in_window = models.PositiveIntegerField(default=0)
    maintenance_count = models.PositiveIntegerField()
    repair_like_count = models.PositiveIntegerField()
    spend_fen = models.BigIntegerField()
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
            # In the order of spend, with what else a store's fifths are cut by.
            models.Index(
                fields=("store", "spend_fen", "visits_in_window", "last_visit_on", "value", "vehicle"),
                condition=Q(visits_in_window__gt=0),
                name="segment_seen",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vehicle_id}: {self.c3}, {self.care_status}"


class SegmentSpellQuerySet(StoreScopedQuerySet["SegmentSpell"]):
    def on(self, day: date) -> SegmentSpellQuerySet:
        """The spells that cover ``day``: what every car was by its end."""
        return self.filter(Q(until_on__isnull=True) | Q(until_on__gt=day), since_on__lte=day)


class SegmentSpell(models.Model):
    """How long a car was in a group: ``since_on`` <= day < ``until_on``. History by change, not by daily copies."""

    vehicle = models.ForeignKey(
        Vehicle, models.CASCADE, related_name="segment_spells", db_index=False, db_constraint=False
    )
    store = models.ForeignKey(Store, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    family = models.CharField(max_length=12, choices=Family)
    value = models.CharField(max_length=20)
    since_on = models.DateField()
    until_on = models.DateField(null=True)

    objects = SegmentSpellQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("vehicle", "family", "since_on"), name="one_spell_begins_a_day"),
            models.UniqueConstraint(
                fields=("vehicle", "family"), condition=Q(until_on__isnull=True), name="one_present_spell"
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gt=models.F("since_on")),
                name="spell_lasts_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=("store", "family", "since_on", "until_on", "value"), name="spell_by_store"),
        ]

    def __str__(self) -> str:
        return f"{self.vehicle_id}: {self.value}"


class SegmentRunQuerySet(StoreScopedQuerySet["SegmentRun"]):
    def newest_first(self) -> SegmentRunQuerySet:
        """Newest first: the first of a store says how things stand there."""
        return self.order_by("-as_of", "-at", "-pk")


class SegmentRun(models.Model):
    """One calculation of one store: as of when, by which rules, with what outcome."""

    class Kind(models.TextChoices):
        FULL = "full", pgettext_lazy("run", "all cars")
        INCREMENTAL = "incremental", pgettext_lazy("run", "changed cars")

    store = models.ForeignKey(Store, models.CASCADE, related_name="+", db_index=False)
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="+")
    as_of = models.DateField()
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.FULL)
    # A percentile moves from day to day; an amount is repeated here.
    spend_threshold_fen = models.BigIntegerField()
    # Between the fifths of the cars seen: four days of the last visit, four numbers of visits, four spends.
    value_cuts = models.JSONField(default=list)
    vehicles = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    # Of the whole calculation this store was part of.
    seconds = models.FloatField()
    at = models.DateTimeField(default=timezone.now)

    objects = SegmentRunQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)
        indexes = [models.Index(fields=("store", "-as_of", "-at"), name="segment_run_latest")]

    def __str__(self) -> str:
        return f"{self.store_id}: {self.as_of}"


class TouchedCar(models.Model):
    """A note that something the rules read changed: which car, and the first as-of day that can see it.

    Written by the database (``segmentation.watch``), never by hand. Plain numbers instead of keys: a note outlives a
    deleted car, and making one must cost an import next to nothing.
    """

    store_id = models.BigIntegerField()
    vehicle_id = models.BigIntegerField()
    from_on = models.DateField()

    def __str__(self) -> str:
        return f"{self.vehicle_id}: {self.from_on}"
