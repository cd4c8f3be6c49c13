"""From a Celery message to one run of the work under a lease."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db import OperationalError, close_old_connections, connection
from django.utils import timezone

from jobs import services
from jobs.models import Job

logger = logging.getLogger(__name__)

Handler = Callable[..., dict[str, Any]]
HANDLERS: dict[str, Handler] = {}


class JobRefused(Exception):
    """The work cannot be done, now or later; the text says why in plain words."""


class LeaseLost(Exception):
    """Another worker holds the job by now: whatever this one did must be rolled back."""


class RunningJob:
    """A claimed job as its handler sees it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._progress: dict[str, Any] = {}
        self._written_at = 0.0

    def progress(self, done: int, total: int, note: str = "") -> None:
        """Show how far the work is. Inside a transaction only the heartbeat's own connection can show it."""
        self._progress = {"progress_done": done, "progress_total": total, "progress_note": note}
        if not connection.in_atomic_block and time.monotonic() - self._written_at > 0.5:
            self._written_at = time.monotonic()
            self.hold()

    def hold(self) -> None:
        if not services.renew(self.job, now=timezone.now(), **self._progress):
            raise LeaseLost(str(self.job))

    def finish(self, result: dict[str, Any]) -> dict[str, Any]:
        """Done, in the caller's transaction: the work and its record commit together or not at all."""
        if not services.finish(self.job, result=result):
            raise LeaseLost(str(self.job))
        return result


class Heartbeat(threading.Thread):
    """Renews the lease while a long statement runs, over a connection of its own."""

    def __init__(self, running: RunningJob) -> None:
        super().__init__(daemon=True, name=f"heartbeat-{running.job.pk}")
        self._running = running
        self._over = threading.Event()

    def run(self) -> None:
        pause = settings.JOB_LEASE.total_seconds() / 4
        while not self._over.wait(min(pause, 2)):
            try:
                self._running.hold()
            except LeaseLost:
                break
            except OperationalError as error:  # SQLite: the work itself holds the only write lock
                logger.debug("heartbeat of %s waits: %s", self._running.job, error)
        connection.close()

    def stop(self) -> None:
        self._over.set()
        self.join()


def job_task(kind: str, **options: Any) -> Callable[[Handler], Handler]:
    """Register ``handler(running, **arguments) -> result`` as the Celery task ``kind``.

    The handler is safe to repeat, or ends its transaction with ``running.finish``.
    """

    def decorate(handler: Handler) -> Handler:
        HANDLERS[kind] = handler

        @shared_task(name=kind, **options)
        def task(job_id: int) -> None:
            close_old_connections()
            run(job_id, heartbeat=True)

        return handler

    return decorate


def run(job_id: int, *, heartbeat: bool = False) -> Job | None:
    """Claim the job, do it, record the outcome. None when there was nothing to claim."""
    job = services.claim(job_id, now=timezone.now())
    if job is None:
        return None
    running = RunningJob(job)
    beat = Heartbeat(running) if heartbeat else None
    if beat:
        beat.start()
    try:
        _do(running)
    finally:
        if beat:
            beat.stop()
    return Job.objects.get(pk=job_id)


def _do(running: RunningJob) -> None:
    job = running.job
    try:
        result = HANDLERS[job.kind](running, **job.arguments)
        services.finish(job, result=result)  # nothing to do where the handler finished inside its transaction
    except JobRefused as refusal:
        services.lay_aside(job, error=str(refusal), final=True)
    except LeaseLost:
        logger.warning("%s was taken over by another worker", job)
    except Exception as error:  # noqa: BLE001  # a job's failure is recorded on its row, whatever it is
        logger.exception("%s failed", job)
        services.lay_aside(job, error=f"{type(error).__name__}: {error}"[:2000], final=False)


def run_all(*, limit: int = 100) -> int:
    """Run what is queued, in this process, until nothing is due. For commands without a worker, and tests."""
    for count in range(limit):
        job = Job.objects.to_ring(timezone.now()).order_by("due_at", "pk").first()
        if job is None:
            return count
        run(job.pk)
    return limit


