"""What the rules make of each car today, and how that changed."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Vehicle
from segmentation.models.groups import C3, CareStatus, CustomerValue, Family
from segmentation.models.rules import RuleSet
from staff.models import Store
from staff.querysets import StoreScopedQuerySet


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
        # None on a figure or a day: PostgreSQL then writes changed figures beside the old ones and touches no index at
        # all, which is a quarter of the cost.
        indexes = [
            models.Index(fields=("store", "c3", "vehicle"), name="segment_store_c3"),
            models.Index(fields=("store", "care_status", "vehicle"), name="segment_store_care"),
        ]
        verbose_name = _("group of a car")
        verbose_name_plural = _("groups of cars")

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
        verbose_name = _("time in a group")
        verbose_name_plural = _("times in groups")

    def __str__(self) -> str:
        return f"{self.vehicle_id}: {self.value}"


class SegmentTally(models.Model):
    """How many cars of a store are so, as they stand written: kept by change, as counting all costs as much as a run.

    ``figure`` is a group or a care status, then without steps; or what the thresholds are cut from, of the cars seen in
    the window: ``recent`` (steps are days of the last visit, since ``calculation.FIRST_DAY``), ``often`` (numbers of
    visits), ``spend`` (steps of ``calculation.SPEND_STEP_FEN``).
    """

    store = models.ForeignKey(Store, models.CASCADE, related_name="+", db_index=False)
    figure = models.CharField(max_length=20)
    step = models.BigIntegerField(default=0)
    cars = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("store", "figure", "step"), name="one_tally_of_a_step")
        ]
        verbose_name = _("count of a figure")
        verbose_name_plural = _("counts of figures")

    def __str__(self) -> str:
        return f"{self.store_id}: {self.figure} {self.step}: {self.cars}"


class NearCar(models.Model):
    """A car in a step of the tallies' spend in which a cut of its store stands: all of them, as they stand written.

    A step is coarser than a cut, so these are looked at one by one; kept by change, as finding them reads every row.
    """

    # A plain number: a row outlives a deleted car until the next run.
    vehicle_id = models.BigIntegerField(primary_key=True)
    store = models.ForeignKey(Store, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    step = models.BigIntegerField()
    spend_fen = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=("store", "step", "spend_fen"), name="near_car_by_spend")]
        verbose_name = _("car near a threshold")
        verbose_name_plural = _("cars near thresholds")

    def __str__(self) -> str:
        return f"{self.vehicle_id}: {self.spend_fen}"
