"""Groups found in the data: one row an analysis, and which car is in which of its clusters."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Vehicle
from jobs.models import Job
from segmentation.models.rules import RuleSet
from staff.models import Store
from staff.querysets import StoreScopedQuerySet


class ClusterAnalysisQuerySet(StoreScopedQuerySet["ClusterAnalysis"]):
    def _in(self, stores: Any) -> Self:
        """Every store of the analysis must be among ``stores``: its figures are of all of them together."""
        elsewhere = AnalysedStore.objects.filter(analysis=OuterRef("pk")).exclude(store__in=stores)
        return self.filter(~Exists(elsewhere))


class ClusterAnalysis(models.Model):
    """What was asked of the data, and what came of it. The same question on the same state is one row."""

    # Of the question: stores with their last runs, which cars, variables, number of clusters.
    key = models.CharField(max_length=64, unique=True)
    # Equal for analyses of the same stores.
    scope = models.CharField(max_length=64)
    stores: models.ManyToManyField[Store, AnalysedStore] = models.ManyToManyField(
        Store, through="AnalysedStore", related_name="+"
    )
    as_of = models.DateField()
    rules = models.CharField(max_length=200)
    variables = models.JSONField()
    # Only cars with a visit in the last 12 months.
    only_seen = models.BooleanField(default=False)
    # None: by the silhouettes.
    fixed_k = models.PositiveSmallIntegerField(null=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    # Plain numbers (segmentation.clusters.work says which), put into words where they are shown; {} until then.
    result = models.JSONField(default=dict)
    done_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ClusterAnalysisQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=("scope", "-done_at"), name="cluster_analyses_of_stores")]
        verbose_name = _("search for groups in the data")
        verbose_name_plural = _("searches for groups in the data")

    def __str__(self) -> str:
        return f"{self.pk}: {self.as_of}"

    @property
    def is_done(self) -> bool:
        return self.done_at is not None


class AnalysedStore(models.Model):
    """A store of an analysis, with the rules its cars stood under."""

    analysis = models.ForeignKey(ClusterAnalysis, models.CASCADE, related_name="store_links", db_index=False)
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", db_index=False)
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("analysis", "store"), name="analysed_store_once")]
        indexes = [models.Index(fields=("store", "analysis"), name="analyses_of_store")]
        verbose_name = _("store of a search for groups")
        verbose_name_plural = _("stores of searches for groups")

    def __str__(self) -> str:
        return f"{self.analysis_id}: {self.store_id}"


class ClusterCar(models.Model):
    """One car's cluster, counted from 1. Kept for the newest analyses of the same stores only."""

    analysis = models.ForeignKey(ClusterAnalysis, models.CASCADE, related_name="cars", db_index=False)
    # No constraint in the database: checking it locks a hundred thousand cars, and a row whose car has gone is shown
    # nowhere.
    vehicle = models.ForeignKey(
        Vehicle, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    number = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("vehicle", "analysis"), name="one_cluster_per_car")]
        indexes = [models.Index(fields=("analysis", "number", "vehicle"), name="cars_of_cluster")]
        verbose_name = _("car of a group found")
        verbose_name_plural = _("cars of groups found")

    def __str__(self) -> str:
        return f"{self.vehicle_id}: {self.number}"
