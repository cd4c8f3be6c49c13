"""The numbers of the rules, with versions."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from segmentation.models.groups import C3
from staff.models import Store, User


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
    store = models.ForeignKey(
        Store, models.PROTECT, verbose_name=_("store"), null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(_("Version"))
    window_months = models.PositiveSmallIntegerField(
        _("Window in months"), default=12, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    maintenance_high = models.PositiveSmallIntegerField(
        _("Service visits, high from"), default=2, validators=[MinValueValidator(1)]
    )
    spend_mode = models.CharField(
        _("Spend is high by"), max_length=10, choices=SpendMode, default=SpendMode.PERCENTILE
    )
    spend_percentile = models.PositiveSmallIntegerField(
        _("Percentile of the store's cars"),
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(99)],
    )
    spend_amount_fen = models.BigIntegerField(_("Spend is high from (fen)"), null=True, blank=True)
    repair_ratio_high_percent = models.PositiveSmallIntegerField(
        _("Repair ratio in percent, high from"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    repair_kinds = models.JSONField(_("Counted as repair"), default=default_repair_kinds)
    cells = models.JSONField(_("Groups of the cells"), default=default_cells)
    lost_days = models.PositiveSmallIntegerField(_("Lost after days without a visit"), default=365)
    near_lost_days = models.PositiveSmallIntegerField(_("Near lost after days without a visit"), default=183)
    interval_factor_percent = models.PositiveSmallIntegerField(
        _("Near lost after percent of the usual interval"), default=150
    )
    interval_min_days = models.PositiveSmallIntegerField(_("… and at least so many days"), default=90)
    complaint_months = models.PositiveSmallIntegerField(_("A complaint counts for months"), default=6)
    new_days = models.PositiveSmallIntegerField(_("New for days"), default=183)
    # Recency, frequency and money give 1 to 5 points each: from how many of the 15 the value is high, or mid.
    value_high_points = models.PositiveSmallIntegerField(_("High value from points (of 15)"), default=12)
    value_mid_points = models.PositiveSmallIntegerField(_("Middle value from points (of 15)"), default=8)
    service_radius_km = models.PositiveSmallIntegerField(_("Service radius in km"), default=15)
    # For cars whose card names no dates: the least that the law gives a private car.
    warranty_years = models.PositiveSmallIntegerField(_("Warranty in years"), default=3)
    warranty_km = models.PositiveIntegerField(_("Warranty in km"), default=60_000)
    three_guarantees_years = models.PositiveSmallIntegerField(_("Three guarantees in years"), default=2)
    three_guarantees_km = models.PositiveIntegerField(_("Three guarantees in km"), default=50_000)
    age_bands = models.JSONField(default=default_age_bands)
    radius_bands = models.JSONField(default=default_radius_bands)
    note = models.CharField(_("Why these rules"), max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(_("Published"), null=True)
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
        verbose_name = _("version of the rules")
        verbose_name_plural = _("versions of the rules")

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
