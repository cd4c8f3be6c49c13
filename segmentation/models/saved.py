"""Segments that a manager keeps: conditions asked anew each time, or a list frozen on a day."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.models import Vehicle
from staff.models import Store
from staff.querysets import StoreScopedQuerySet


class SavedSegmentQuerySet(StoreScopedQuerySet["SavedSegment"]):
    def _in(self, stores: Any) -> Self:
        # A segment of several stores is one row here: EXISTS, not a join that would double it.
        links = SavedSegmentStore.objects.filter(segment=OuterRef("pk"), store__in=stores)
        return self.filter(Exists(links))

    def current(self) -> Self:
        """Without those put away."""
        return self.filter(archived_at=None)


class SavedSegment(models.Model):
    class Kind(models.TextChoices):
        DYNAMIC = "dynamic", pgettext_lazy("saved segment", "dynamic")
        FROZEN = "frozen", pgettext_lazy("saved segment", "frozen")

    name = models.CharField(pgettext_lazy("saved segment", "name"), max_length=80)
    note = models.CharField(pgettext_lazy("saved segment", "note"), max_length=400, blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.DYNAMIC)
    # segmentation.saved.tree as JSON; of a frozen one what it was made from, {} where that was no conditions.
    conditions = models.JSONField(default=dict)
    stores: models.ManyToManyField[Store, SavedSegmentStore] = models.ManyToManyField(
        Store, through="SavedSegmentStore", related_name="+", verbose_name=_("stores")
    )
    # As of which day the members were chosen, under which versions of the rules, and how many they were.
    frozen_on = models.DateField(null=True)
    frozen_rules = models.CharField(max_length=200, blank=True)
    frozen_count = models.PositiveIntegerField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    # Out of sight and out of every choice; campaigns of the past still name it.
    archived_at = models.DateTimeField(null=True)
    # Counts the saves, so that nobody overwrites what he has not seen.
    version = models.PositiveIntegerField(default=1, editable=False)
    form_key = models.UUIDField(null=True, unique=True, editable=False)

    objects = SavedSegmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="saved_segment_has_name"),
            models.CheckConstraint(
                condition=Q(kind__in=("dynamic", "frozen")), name="saved_segment_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(kind="dynamic", frozen_on__isnull=True, frozen_count__isnull=True)
                | Q(kind="frozen", frozen_on__isnull=False, frozen_count__isnull=False),
                name="frozen_segment_has_day_and_count",
            ),
        ]
        ordering = ("name", "pk")
        verbose_name = _("saved segment")
        verbose_name_plural = _("saved segments")

    def __str__(self) -> str:
        return self.name

    @property
    def is_frozen(self) -> bool:
        return self.kind == self.Kind.FROZEN

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None


class SavedSegmentStore(models.Model):
    segment = models.ForeignKey(SavedSegment, models.CASCADE, related_name="store_links", db_index=False)
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("segment", "store"), name="saved_segment_store_once")]
        indexes = [models.Index(fields=("store", "segment"), name="saved_segments_of_store")]
        verbose_name = _("store of a saved segment")
        verbose_name_plural = _("stores of saved segments")

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.store_id}"


class SegmentMember(models.Model):
    """One car of a frozen segment. A car that is deleted leaves it; ``frozen_count`` remembers that it was there."""

    segment = models.ForeignKey(SavedSegment, models.CASCADE, related_name="members", db_index=False)
    vehicle = models.ForeignKey(Vehicle, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("segment", "vehicle"), name="segment_member_once")]
        verbose_name = _("car of a frozen segment")
        verbose_name_plural = _("cars of frozen segments")

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.vehicle_id}"
