"""The calculations, and the notes of what the next one must look at."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from segmentation.models.rules import RuleSet
from staff.models import Store
from staff.querysets import StoreScopedQuerySet


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
    # [group before ("" for a new car), group now, cars]: where the cars went whose group changed. None: not counted.
    moves = models.JSONField(null=True)
    # Of the whole calculation this store was part of.
    seconds = models.FloatField()
    at = models.DateTimeField(default=timezone.now)

    objects = SegmentRunQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)
        indexes = [models.Index(fields=("store", "-as_of", "-at"), name="segment_run_latest")]
        verbose_name = _("calculation of the groups")
        verbose_name_plural = _("calculations of the groups")

    def __str__(self) -> str:
        return f"{self.store_id}: {self.as_of}"


class TouchedCar(models.Model):
    """A note that something the rules read changed: which car, and the first as-of day that can see it, and the last
    one that can see more than the day before.

    Written by the database (``segmentation.watch``), never by hand. Plain numbers instead of keys: a note outlives a
    deleted car, and making one must cost an import next to nothing.
    """

    store_id = models.BigIntegerField()
    vehicle_id = models.BigIntegerField()
    from_on = models.DateField()
    until_on = models.DateField()
    # Nothing but kinds and amounts of visits: of interest as long as the last day is in the window.
    only_counted = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("car to be calculated anew")
        verbose_name_plural = _("cars to be calculated anew")

    def __str__(self) -> str:
        return f"{self.vehicle_id}: {self.from_on}"
