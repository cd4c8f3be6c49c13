"""The record of a piece of work, which outlives the broker that announces it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from staff.models import Store
from staff.querysets import StoreScopedQuerySet


class JobQuerySet(StoreScopedQuerySet["Job"]):
    def open(self) -> Self:
        return self.filter(status__in=Job.Status.open())

    def to_ring(self, now: datetime) -> Self:
        """Due and waiting, or running on a lease that ran out: what a worker should hear of (again)."""
        waiting = Q(status=Job.Status.QUEUED, due_at__lte=now)
        abandoned = Q(status=Job.Status.RUNNING, leased_until__lt=now)
        return self.filter(waiting | abandoned)


class Job(models.Model):
    """One piece of work. A message carries only its id; this row decides who runs it, and once to effect."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

        @classmethod
        def open(cls) -> tuple[Job.Status, ...]:
            return (cls.QUEUED, cls.RUNNING)

    kind = models.CharField(_("kind"), max_length=64)
    # Equal keys are the same work: only one of them can be open.
    key = models.CharField(max_length=200)
    arguments = models.JSONField(default=dict)
    store = models.ForeignKey(Store, models.CASCADE, null=True, related_name="+", verbose_name=_("store"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    due_at = models.DateTimeField(default=timezone.now)
    # Who holds the work until when; the token changes with every claim, so a late worker's writes are refused.
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    progress_note = models.CharField(max_length=200, blank=True)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("key",), condition=Q(status__in=("queued", "running")), name="one_open_job_per_key"
            ),
            models.CheckConstraint(
                condition=~Q(status="running") | Q(lease__isnull=False, leased_until__isnull=False),
                name="running_job_is_leased",
            ),
            models.CheckConstraint(condition=Q(attempts__lte=F("max_attempts") + 1), name="job_attempts_bounded"),
        ]
        indexes = [
            models.Index(fields=("due_at",), condition=Q(status__in=("queued", "running")), name="job_open_due"),
            models.Index(fields=("store", "-created_at"), name="job_store_created"),
        ]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    @property
    def percent(self) -> int:
        if self.status == self.Status.DONE:
            return 100
        return min(99, self.progress_done * 100 // self.progress_total) if self.progress_total else 0

    @property
    def is_open(self) -> bool:
        return self.status in self.Status.open()


def new_lease() -> uuid.UUID:
    return uuid.uuid4()
