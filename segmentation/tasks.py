"""What workers and beat call."""

from __future__ import annotations

from datetime import date
from typing import Any

from celery import shared_task
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from jobs.engine import JobRefused, RunningJob, job_task
from jobs.services import enqueue
from segmentation import services
from segmentation.clusters.services import FIND
from segmentation.models import ClusterAnalysis, TouchedCar
from staff.figures import number
from staff.models import Store


@job_task("segmentation.segment_store", label=gettext_lazy("Group a store's cars"))
def segment_store(running: RunningJob, store: int, as_of: str | None = None, **_more: Any) -> dict[str, Any]:
    """After an import, a visit, a complaint or a mark: the cars that it touched, and those whose day has come.

    Without ``as_of`` the day it runs on: what it reads is of that day too. A car belongs to its home store wherever
    it went: the stores whose cars came here have notes of their own and are computed along.
    """
    noted = TouchedCar.objects.values_list("store_id", flat=True)
    return _segment(Store.objects.filter(Q(pk=store) | Q(pk__in=noted), is_active=True), as_of)


@job_task("segmentation.segment_all", label=gettext_lazy("Group all stores' cars"))
def segment_all(running: RunningJob, as_of: str) -> dict[str, Any]:
    """Every car of every store."""
    return _segment(Store.objects.filter(is_active=True), as_of, full=True)


@job_task("segmentation.apply_rules", label=gettext_lazy("Apply new rules"))
def apply_rules(running: RunningJob, store: int | None) -> dict[str, Any]:
    """After rules were published: a store last computed under others is computed wholly."""
    stores = Store.objects.filter(is_active=True)
    return _segment(stores.filter(pk=store) if store else stores, None)


def _segment(stores: QuerySet[Store], as_of: str | None, *, full: bool = False) -> dict[str, Any]:
    day = date.fromisoformat(as_of) if as_of else timezone.localdate()
    try:
        return services.segment(as_of=day, stores=list(stores), full=full)
    except services.RulesChanged:
        # Rules are published by people, a few times a year: the second run is alone with the newer ones.
        return services.segment(as_of=day, stores=list(stores), full=full)
    except services.SegmentRefused as refusal:
        raise JobRefused(str(refusal)) from refusal


def _found(result: dict[str, Any]) -> str:
    groups = result.get("groups", 0)
    told = ngettext("%(counter)s group in %(cars)s cars", "%(counter)s groups in %(cars)s cars", groups)
    return told % {"counter": groups, "cars": number(result.get("cars", 0))}


@job_task(FIND, label=gettext_lazy("Find groups in the data"), summary=_found)
def find_clusters(running: RunningJob, analysis: int) -> dict[str, Any]:
    # Here and nowhere else: scikit-learn is 100 MB that web processes and commands do without.
    from segmentation.clusters import work

    asked = ClusterAnalysis.objects.get(pk=analysis)
    try:
        return work.analyse(analysis=asked, tell=running.progress, finish=running.finish)
    except work.Unsuitable as refusal:
        raise JobRefused(str(refusal)) from refusal


@shared_task(name="segmentation.plan_nightly")
def plan_nightly() -> int:
    """One job for all stores: a single set-based run is cheaper than one for each."""
    today = timezone.localdate().isoformat()
    return enqueue(
        kind="segmentation.segment_all", key=f"segmentation.nightly:{today}", arguments={"as_of": today}
    ).pk
