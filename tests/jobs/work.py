"""Kinds of work for tests, and the Celery application of the worker processes that run them.

Each effect is a row of the audit trail, written in the transaction that finishes the job; each start is a line in the
file of the EFFECTS variable, so that a test can see what began and did not end.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.db import transaction

from dealer_crm.celery import app  # noqa: F401  (what "celery -A tests.jobs.work" looks for)

if not apps.ready:
    django.setup()

from jobs.engine import JobRefused, RunningJob, job_task
from staff.services import record


def begin(running: RunningJob) -> None:
    path = os.environ.get("EFFECTS")
    if path:
        with Path(path).open("a") as lines:
            lines.write(f"{running.job.pk} {os.getpid()} {os.getppid()}\n")


@job_task("test.write", label="Test work", summary=lambda result: f"{result['written']} written")
def write(running: RunningJob, *, name: str, seconds: float = 0.0) -> dict[str, Any]:
    """One effect, after ``seconds`` inside the transaction that also finishes the job."""
    begin(running)
    with transaction.atomic():
        record(user=None, action="test.effect", name=name)
        time.sleep(seconds)
        return running.finish({"written": 1})


@job_task("test.once", label="Test work outside a transaction")
def once(running: RunningJob, *, name: str, gate: str = "") -> dict[str, Any]:
    """Begins, waits for the file ``gate``, then writes its effect; the wait holds no lock in the database."""
    begin(running)
    while gate and not Path(gate).exists():
        time.sleep(0.05)
    with transaction.atomic():
        record(user=None, action="test.effect", name=name)
        return running.finish({"written": 1})


@job_task("test.poison", label="Test poison")
def poison(running: RunningJob) -> dict[str, Any]:
    """Takes its process down with it, as a file that overruns the memory does."""
    begin(running)
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


@job_task("test.broken", label="Test mistake")
def broken(running: RunningJob, *, phone: str = "") -> dict[str, Any]:
    begin(running)
    raise ValueError(f"cannot read {phone}")


@job_task("test.refused", label="Test refusal")
def refused(running: RunningJob) -> dict[str, Any]:
    raise JobRefused("The file has no column for the plate.")


@job_task("test.progress", label="Test progress")
def progress(running: RunningJob, *, total: int) -> dict[str, Any]:
    for done in range(total):
        running.progress(done, total, "rows")
    return {"rows": total}
