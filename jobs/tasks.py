"""What workers and beat call."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy, gettext_noop

from jobs import services
from jobs.engine import JobRefused, RunningJob, job_task
from jobs.exports import MAKE
from staff.exports import approval, making


@shared_task(name="jobs.sweep")
def sweep() -> int:
    return services.sweep(now=timezone.now())


@job_task(MAKE, label=gettext_lazy("Make an approved export"))
def make_export(running: RunningJob, request: int) -> dict[str, Any]:
    try:
        return {"rows": making.make(request)}
    except making.NoLongerAllowed as error:
        raise JobRefused(gettext_noop("Who asked for the list may no longer take it along.")) from error


@shared_task(name="jobs.forget_exports")
def forget_exports() -> int:
    return approval.forget_files(now=timezone.now())
