"""What workers and beat call."""

from __future__ import annotations

from datetime import date
from typing import Any

from celery import shared_task
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from customers.models import Visit
from jobs.engine import JobRefused, RunningJob, job_task
from jobs.services import enqueue
from segmentation import services
from staff.models import Store


@job_task("segmentation.segment_store")
def segment_store(running: RunningJob, store: int, as_of: str | None = None, **_more: Any) -> dict[str, Any]:
    """After an import or a visit. Without ``as_of`` the day it runs on: what it reads is of that day too.

    A car belongs to its home store wherever it went: the stores whose cars come here are computed along.
    """
    guests = Exists(Visit.objects.filter(store=store, vehicle__home_store=OuterRef("pk")))
    return _segment(Store.objects.filter(Q(pk=store) | guests, is_active=True), as_of)


@job_task("segmentation.segment_all")
def segment_all(running: RunningJob, as_of: str) -> dict[str, Any]:
    return _segment(Store.objects.filter(is_active=True), as_of)


def _segment(stores: QuerySet[Store], as_of: str | None) -> dict[str, Any]:
    day = date.fromisoformat(as_of) if as_of else timezone.localdate()
    try:
        return services.segment(as_of=day, stores=list(stores))
    except services.SegmentRefused as refusal:
        raise JobRefused(str(refusal)) from refusal


@shared_task(name="segmentation.plan_nightly")
def plan_nightly() -> int:
    """One job for all stores: a single set-based run is cheaper than one for each."""
    today = timezone.localdate().isoformat()
    return enqueue(
        kind="segmentation.segment_all", key=f"segmentation.nightly:{today}", arguments={"as_of": today}
    ).pk
