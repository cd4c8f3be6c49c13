"""Putting work down, taking it up, and laying it aside: all by conditional updates of the job row."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerUnreachable

from jobs.models import Job, new_lease
from staff.models import Store, User

logger = logging.getLogger(__name__)

# Waiting before the second and third attempt.
BACKOFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5))


def enqueue(
    *,
    kind: str,
    key: str,
    arguments: dict[str, Any] | None = None,
    store: Store | None = None,
    by: User | None = None,
    due_at: datetime | None = None,
    max_attempts: int = 3,
) -> Job:
    """The open job of that key, made now if there is none; the worker hears of it once this commits.

    ``arguments`` are ids and plain values only: no personal data goes through the queue.
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
            job.save()
    except IntegrityError:
        existing = Job.objects.open().filter(key=key).first()
        if existing is None:  # it ended between the two statements
            return enqueue(
                kind=kind, key=key, arguments=arguments, store=store, by=by, due_at=due_at, max_attempts=max_attempts
            )
        return existing
    if job.due_at <= timezone.now():
        transaction.on_commit(lambda: ring(job))
    return job


def announce(event: str, *, store: Store, **arguments: Any) -> list[Job]:
    """Enqueue whatever the project's wiring says follows from ``event`` in ``store``."""
    return [
        enqueue_after(kind=kind, key=f"{kind}:{store.pk}", arguments={"store": store.pk, **arguments}, store=store)
        for kind in settings.JOB_REACTIONS.get(event, [])
    ]


def enqueue_after(*, kind: str, key: str, **options: Any) -> Job:
    """A job that starts after this moment: one already running may have read too early, so another waits behind it."""
    job = enqueue(kind=kind, key=key, **options)
    while job.status == Job.Status.RUNNING:
        key += "+"
        job = enqueue(kind=kind, key=key, **options)
    return job


def ring(job: Job) -> None:
    """Tell the broker; when it is away the row waits for the sweep."""
    try:
        current_app.send_task(job.kind, args=[job.pk])
    except (BrokerUnreachable, OSError) as error:
        logger.warning("broker away, %s waits for the sweep: %s", job, error)


def claim(job_id: int, *, now: datetime) -> Job | None:
    """The job, leased to the caller; None when it is done, not due, or another holds it."""
    token = new_lease()
    claimed = (
        Job.objects.to_ring(now)
        .filter(pk=job_id, attempts__lt=models.F("max_attempts"))
        .update(
            status=Job.Status.RUNNING,
            lease=token,
            leased_until=now + settings.JOB_LEASE,
            attempts=models.F("attempts") + 1,
            started_at=now,
            error="",
        )
    )
    return Job.objects.get(pk=job_id) if claimed else None


def renew(job: Job, *, now: datetime, **progress: Any) -> bool:
    """Hold the lease longer; False when it is another's by now."""
    held = Job.objects.filter(pk=job.pk, lease=job.lease, status=Job.Status.RUNNING)
    return bool(held.update(leased_until=now + settings.JOB_LEASE, **progress))


def finish(job: Job, *, result: dict[str, Any]) -> bool:
    """Mark it done; False when the lease was lost. Call it last inside the work's own transaction."""
    held = Job.objects.filter(pk=job.pk, lease=job.lease, status=Job.Status.RUNNING)
    return bool(
        held.update(
            status=Job.Status.DONE, result=result, finished_at=timezone.now(), lease=None, leased_until=None
        )
    )


def lay_aside(job: Job, *, error: str, final: bool) -> None:
    """Record what went wrong; try again later unless ``final`` or out of attempts."""
    held = Job.objects.filter(pk=job.pk, lease=job.lease, status=Job.Status.RUNNING)
    if final or job.attempts >= job.max_attempts:
        held.update(
            status=Job.Status.FAILED, error=error, finished_at=timezone.now(), lease=None, leased_until=None
        )
        return
    wait = BACKOFF[min(job.attempts, len(BACKOFF)) - 1]
    held.update(
        status=Job.Status.QUEUED, error=error, due_at=timezone.now() + wait, lease=None, leased_until=None
    )


def sweep(*, now: datetime) -> int:
    """Ring again for everything due or abandoned; bury what died on its last attempt. Returns how many rang."""
    Job.objects.to_ring(now).filter(attempts__gte=models.F("max_attempts")).update(
        status=Job.Status.FAILED, error="lost with its worker", finished_at=now, lease=None, leased_until=None
    )
    waiting = list(Job.objects.to_ring(now).order_by("due_at")[:500])
    for job in waiting:
        ring(job)
    return len(waiting)


def retry(job: Job) -> bool:
    """Put a failed job back in the queue; False when it is not failed or its key is open again."""
    try:
        with transaction.atomic():
            back = Job.objects.filter(pk=job.pk, status=Job.Status.FAILED).update(
                status=Job.Status.QUEUED, attempts=0, due_at=timezone.now(), finished_at=None
            )
    except IntegrityError:
        return False
    if back:
        transaction.on_commit(lambda: ring(job))
    return bool(back)
