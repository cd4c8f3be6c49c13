"""Putting work down, taking it up, and laying it aside: all decided by the job row, whatever messages say."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from jobs import doorbell
from jobs.models import Job
from staff.models import Store, User

# Waiting before the second, third and each further attempt.
BACKOFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5))
# Messages that one sweep may add: far below what a worker can read until the next one, or they would pile up.
SWEEP_LIMIT = 100


class _AlreadyRuns(Exception):
    def __init__(self, job: Job) -> None:
        self.job = job


def enqueue(
    *,
    kind: str,
    key: str,
    arguments: dict[str, Any] | None = None,
    store: Store | None = None,
    by: User | None = None,
    due_at: datetime | None = None,
    max_attempts: int = 3,
    even_while_running: bool = False,
) -> Job:
    """The open job of that key, made now if there is none; a worker hears of it once this commits.

    ``arguments`` are ids and plain values only: no personal data goes into the row or through the broker.
    """
    job = Job(
        kind=kind,
        key=key,
        arguments=arguments or {},
        store=store,
        created_by=by,
        due_at=due_at or timezone.now(),
        max_attempts=max_attempts,
    )
    try:
        with transaction.atomic():
            # A waiting one: kept from starting until the caller's changes are there for it to read.
            waiting = Job.objects.select_for_update().filter(key=key, status=Job.Status.QUEUED).first()
            return waiting or _put(job, even_while_running)
    except _AlreadyRuns as other:
        return other.job
    except IntegrityError:
        # Someone put the same work down between the two statements.
        with transaction.atomic():
            other_job = Job.objects.select_for_update().filter(key=key, status=Job.Status.QUEUED).first()
            return other_job or _put(job, even_while_running)


def _put(job: Job, even_while_running: bool) -> Job:
    job.pk = None
    job.save(force_insert=True)
    # Asked after the insert, when nobody else can have started one unseen.
    running = Job.objects.filter(key=job.key, status=Job.Status.RUNNING).first()
    if running is not None and not even_while_running:
        raise _AlreadyRuns(running)
    if job.due_at <= timezone.now():
        doorbell.ring_on_commit(job)
    return job


def enqueue_after(*, kind: str, key: str, **options: Any) -> Job:
    """A job that starts after the caller's transaction: one already running may have read too early,

    so another waits behind it. However many ask meanwhile, it is one.
    """
    return enqueue(kind=kind, key=key, even_while_running=True, **options)


def announce(event: str, *, store: Store, **arguments: Any) -> list[Job]:
    """Enqueue whatever the project's wiring says follows from ``event`` in ``store``."""
    return [
        enqueue_after(
            kind=kind, key=f"{kind}:{store.pk}", arguments={"store": store.pk, **arguments}, store=store
        )
        for kind in settings.JOB_REACTIONS.get(event, [])
    ]


def claim(job_id: int, *, now: datetime) -> Job | None:
    """The job, leased to the caller; None when it is done, not due, or its work is in other hands."""
    with transaction.atomic():
        # A locked row is being claimed, or its asker has not committed yet: the sweep comes back.
        job = (
            Job.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(pk=job_id, attempts__lt=F("max_attempts"))
            .to_ring(now)
            .first()
        )
        if (
            job is None
            or Job.objects.filter(key=job.key, status=Job.Status.RUNNING).exclude(pk=job.pk).exists()
        ):
            return None
        job.status = Job.Status.RUNNING
        job.lease = uuid.uuid4()
        job.leased_until = now + settings.JOB_LEASE
        job.attempts += 1
        job.started_at = now
        job.save(update_fields=["status", "lease", "leased_until", "attempts", "started_at"])
    return job


def renew(job: Job, *, now: datetime, **progress: Any) -> bool:
    """Hold the lease longer; False when it is another's by now."""
    return bool(
        Job.objects.filter(pk=job.pk)
        .held_by(job.lease)
        .update(leased_until=now + settings.JOB_LEASE, **progress)
    )


def finish(job: Job, *, result: dict[str, Any]) -> bool:
    """Mark it done; False when the lease was lost. Call it last inside the work's own transaction."""
    return _end(job, Job.Status.DONE, result=result, failure="", error="")


def fail(job: Job, *, failure: Job.Failure, error: str) -> bool:
    return _end(job, Job.Status.FAILED, failure=failure, error=error)


def _end(job: Job, status: Job.Status, **fields: Any) -> bool:
    held = Job.objects.filter(pk=job.pk).held_by(job.lease)
    return bool(
        held.update(status=status, finished_at=timezone.now(), lease=None, leased_until=None, **fields)
    )


def cancel(*, keys: Iterable[str]) -> int:
    """End the open jobs of those keys; return how many. A worker in the midst of one has lost its lease by it.

    Call it in the transaction that decides whether the work is still to be stopped, within ``stops.asked``.
    """
    return (
        Job.objects.open()
        .filter(key__in=list(keys))
        .update(status=Job.Status.CANCELLED, finished_at=timezone.now(), lease=None, leased_until=None)
    )


def try_later(job: Job, *, failure: Job.Failure, error: str) -> None:
    """Back into the queue after a pause; failed when the attempts are used up or the same work waits already."""
    if job.attempts < job.max_attempts:
        wait = BACKOFF[min(job.attempts, len(BACKOFF)) - 1]
        try:
            with transaction.atomic():
                Job.objects.filter(pk=job.pk).held_by(job.lease).update(
                    status=Job.Status.QUEUED,
                    failure=failure,
                    error=error,
                    due_at=timezone.now() + wait,
                    lease=None,
                    leased_until=None,
                )
        except IntegrityError:
            pass  # one_waiting_job_per_key: the job behind this one does the work
        else:
            return
    fail(job, failure=failure, error=error)


def ring_follower(job: Job) -> None:
    """The same work asked for again while ``job`` ran can start now."""
    doorbell.ring(Job.objects.filter(key=job.key, status=Job.Status.QUEUED).to_ring(timezone.now()))


def sweep(*, now: datetime) -> int:
    """Ring again for everything due or abandoned; bury what died on its last attempt. Returns how many rang."""
    Job.objects.filter(status=Job.Status.RUNNING, attempts__gte=F("max_attempts")).to_ring(now).update(
        status=Job.Status.FAILED, failure=Job.Failure.LOST, finished_at=now, lease=None, leased_until=None
    )
    silent_since = now - settings.JOB_SWEEP / 2
    due = list(
        Job.objects.to_ring(now).filter(rung_at__lte=silent_since).order_by("rung_at", "pk")[:SWEEP_LIMIT]
    )
    if due:
        Job.objects.filter(pk__in=[job.pk for job in due]).update(rung_at=now)
    return doorbell.ring(due)


def retry(job: Job) -> bool:
    """Put a failed job back in the queue; False when it is not failed or the same work is open again."""
    try:
        with transaction.atomic():
            if Job.objects.open().filter(key=job.key).exists():
                return False
            back = Job.objects.filter(pk=job.pk, status=Job.Status.FAILED).update(
                status=Job.Status.QUEUED,
                attempts=0,
                due_at=timezone.now(),
                finished_at=None,
                failure="",
                error="",
            )
    except IntegrityError:
        return False
    if back:
        doorbell.ring_on_commit(job)
    return bool(back)
