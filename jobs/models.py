"""The record of a piece of work, which outlives the broker that announces it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from jobs import kinds
from staff.models import Role, Store, User
from staff.permissions import ACTIONS, ActiveScope
from staff.querysets import StoreScopedQuerySet


class JobQuerySet(StoreScopedQuerySet["Job"]):
    def open(self) -> Self:
        return self.filter(status__in=Job.Status.open())

    def to_ring(self, now: datetime) -> Self:
        """Due and waiting, or running on a lease that ran out: what a worker should hear of (again)."""
        waiting = Q(status=Job.Status.QUEUED, due_at__lte=now)
        abandoned = Q(status=Job.Status.RUNNING, leased_until__lt=now)
        return self.filter(waiting | abandoned)

    def held_by(self, lease: uuid.UUID | None) -> Self:
        return self.filter(status=Job.Status.RUNNING, lease=lease)

    def followable_by(self, user: User | AnonymousUser) -> Self:
        """What ``user`` started, and what belongs to a store where their role may see jobs.

        A job without a store works for the whole group: only who sees all stores follows it.
        """
        visible = self.visible_to(user)
        if not user.is_authenticated or user.sees_all_stores:
            return visible
        stores = [store for store, role in user.roles.items() if role in ACTIONS["job.view"]]
        return visible.filter(Q(store__in=stores) | Q(created_by=user))

    def in_view(self, active: ActiveScope, user: User) -> Self:
        """The stores of the page; with all stores in view also the group's own jobs, for who may see those."""
        rows = Q(store__in=active.stores)
        if active.store is None and user.sees_all_stores:
            rows |= Q(store=None)
        return self.filter(rows)


class Job(models.Model):
    """One piece of work. A message carries only its id; this row decides who runs it, and once to effect."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", pgettext_lazy("state of a job", "Cancelled")

        @classmethod
        def open(cls) -> tuple[Job.Status, ...]:
            return (cls.QUEUED, cls.RUNNING)

    class Failure(models.TextChoices):
        REFUSED = "refused", _("The work cannot be done as asked.")
        CRASHED = "crashed", _("The program made a mistake; the log has the details.")
        LOST = "lost", _("The worker was stopped in the middle of the work.")

    kind = models.CharField(_("kind"), max_length=64)
    # Equal keys are the same work: at most one of them waits and at most one runs.
    key = models.CharField(max_length=200)
    arguments = models.JSONField(default=dict)
    store = models.ForeignKey(Store, models.CASCADE, null=True, related_name="+", verbose_name=_("store"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    due_at = models.DateTimeField(default=timezone.now)
    # When the broker last heard of it: the sweep takes those first that have waited longest.
    rung_at = models.DateTimeField(default=timezone.now)
    # Who holds the work until when; the token changes with every claim, so a late worker's writes are refused.
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    progress_note = models.CharField(max_length=200, blank=True)
    result = models.JSONField(default=dict)
    failure = models.CharField(max_length=8, choices=Failure, blank=True)
    # A refusal's own words, or the class and place of a mistake; never a value of anyone's data.
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("key",), condition=Q(status="queued"), name="one_waiting_job_per_key"
            ),
            models.UniqueConstraint(
                fields=("key",), condition=Q(status="running"), name="one_running_job_per_key"
            ),
            models.CheckConstraint(
                condition=~Q(status="running") | Q(lease__isnull=False, leased_until__isnull=False),
                name="running_job_is_leased",
            ),
            models.CheckConstraint(condition=Q(attempts__lte=F("max_attempts")), name="job_attempts_bounded"),
            models.CheckConstraint(
                condition=Q(status__in=("queued", "running", "done", "failed", "cancelled")),
                name="job_status_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=("due_at",), condition=Q(status__in=("queued", "running")), name="job_open_due"
            ),
            models.Index(fields=("store", "-created_at"), name="job_store_created"),
        ]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    @property
    def label(self) -> str:
        return kinds.label_of(self.kind)

    @property
    def summary(self) -> str:
        return kinds.summary_of(self.kind, self.result)

    @property
    def is_open(self) -> bool:
        return self.status in self.Status.open()

    @property
    def percent(self) -> int:
        if self.status == self.Status.DONE:
            return 100
        return min(99, self.progress_done * 100 // self.progress_total) if self.progress_total else 0

    @property
    def seconds(self) -> float | None:
        """How long the last attempt took, or has been taking."""
        if self.started_at is None or self.status == self.Status.QUEUED:
            return None
        return ((self.finished_at or timezone.now()) - self.started_at).total_seconds()

    @property
    def trouble(self) -> str:
        """What went wrong, in plain words; empty when nothing did."""
        if self.failure == self.Failure.REFUSED and self.error:
            return gettext(self.error)
        return str(self.get_failure_display()) if self.failure else ""

    @property
    def tone(self) -> str:
        """How the status pill looks."""
        tones: dict[str, str] = {"running": "info", "done": "ok", "failed": "bad"}
        return tones.get(self.status, "")


def may_retry(user: User, job: Job) -> bool:
    if user.sees_all_stores:
        return True
    role: Role | None = user.roles.get(job.store_id) if job.store_id else None
    return role in ACTIONS["job.retry"]
