"""From a Celery message to one run of the work under a lease."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone
from django.utils.functional import Promise

from jobs import services, stops
from jobs.kinds import KINDS, Handler, Kind
from jobs.models import Job

logger = logging.getLogger(__name__)
# Of SQLite's machine, between two looks whether to go on: some hundredths of a second.
STATEMENT_STEPS = 1_000_000


class JobRefused(Exception):
    """The work cannot be done, now or later; the text says why in plain words."""


class LeaseLost(Exception):
    """Another worker holds the job by now, or it was cancelled: whatever this one did must be rolled back."""


class RunningJob:
    """A claimed job as its handler sees it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._progress: dict[str, Any] = {}
        self._written_at = 0.0
        self.lost = False

    def progress(self, done: int, total: int, note: str = "") -> None:
        """Show how far the work is. Inside a transaction only the heartbeat's own connection can show it.

        Raises LeaseLost once the work is no longer this worker's, or is to be stopped.
        """
        if self.lost or stops.is_asked(self.job.pk):
            raise LeaseLost(str(self.job))
        self._progress = {"progress_done": done, "progress_total": total, "progress_note": note[:200]}
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
        pause = min(settings.JOB_LEASE.total_seconds() / 4, 2)
        while not self._over.wait(pause):
            try:
                self._running.hold()
            except LeaseLost:
                self._running.lost = True
                break
            except (OperationalError, InterfaceError) as error:
                # On SQLite the work itself holds the only write lock; elsewhere the server may be restarting.
                logger.debug("heartbeat of %s waits: %s", self._running.job, error)
                connection.close()
        connection.close()

    def stop(self) -> None:
        self._over.set()
        self.join()


def job_task(
    kind: str,
    *,
    label: str | Promise = "",
    summary: Callable[[dict[str, Any]], str] | None = None,
    **options: Any,
) -> Callable[[Handler], Handler]:
    """Register ``handler(running, **arguments) -> result`` as the Celery task ``kind``, called ``label`` on pages.

    The handler is safe to repeat, or ends its transaction with ``running.finish``.
    """

    def decorate(handler: Handler) -> Handler:
        KINDS[kind] = Kind(kind, label or kind, handler, summary)

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
    services.ring_follower(job)
    return Job.objects.get(pk=job_id)


@contextmanager
def interruptible(running: RunningJob) -> Iterator[None]:
    """On SQLite, end a long statement too when the work is to be stopped: its lock keeps all others waiting.

    Elsewhere whoever cancels need not wait for the statement; the work is lost at its next step.
    """
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    library = connection.connection
    library.set_progress_handler(lambda: int(stops.is_asked(running.job.pk)), STATEMENT_STEPS)
    try:
        yield
    except OperationalError as error:
        if not stops.is_asked(running.job.pk):
            raise
        raise LeaseLost(str(running.job)) from error
    finally:
        if connection.connection is library:
            library.set_progress_handler(None, 0)


def _do(running: RunningJob) -> None:
    job = running.job
    try:
        with interruptible(running):
            result = KINDS[job.kind].handler(running, **job.arguments)
        services.finish(job, result=result)  # nothing to do where the handler finished inside its transaction
    except JobRefused as refusal:
        services.fail(job, failure=Job.Failure.REFUSED, error=str(refusal))
    except LeaseLost:
        logger.warning("%s was cancelled or taken over by another worker", job)
    except Exception as error:  # a job's failure is recorded on its row, whatever it is
        logger.exception("%s failed", job)
        services.try_later(job, failure=Job.Failure.CRASHED, error=place_of(error))


def place_of(error: Exception) -> str:
    """Class and place of a mistake. Not its text, which can quote a customer's data."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(settings.BASE_DIR) in Path(frame.filename).parents]
    place = (ours or frames)[-1]
    return f"{type(error).__name__} · {Path(place.filename).name}:{place.lineno}"


def run_all(*, limit: int = 100) -> int:
    """Run what is queued, in this process, until nothing is due. For commands without a worker, and tests."""
    tried: set[tuple[int, int]] = set()
    for count in range(limit):
        due = Job.objects.to_ring(timezone.now()).order_by("due_at", "pk")
        job = next((job for job in due if (job.pk, job.attempts) not in tried), None)
        if job is None:
            return count
        tried.add((job.pk, job.attempts))
        run(job.pk)
    return limit
