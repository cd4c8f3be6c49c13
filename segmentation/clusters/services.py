"""Asking the data for groups, and keeping one of them as a segment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from customers.models import Vehicle
from jobs import stops
from jobs.models import Job
from jobs.services import cancel, enqueue
from segmentation.calendar import months_before
from segmentation.clusters.limits import LEAST_CARS
from segmentation.clusters.variables import VARIABLES
from segmentation.models import (
    AnalysedStore,
    ClusterAnalysis,
    ClusterCar,
    SavedSegment,
    VehicleSegment,
    VehicleSegmentQuerySet,
)
from segmentation.saved.services import save_list
from segmentation.services import Standing, standing
from staff.models import Store, User
from staff.services import record

FIND = "segmentation.find_clusters"


class NotGrouped(Exception):
    """Some of the stores have not been computed yet."""


class TooFewCars(Exception):
    """Fewer cars with a visit than groups can be found in."""


@transaction.atomic
def start(
    *,
    stores: Sequence[Store],
    variables: Sequence[str],
    only_seen: bool = False,
    fixed_k: int | None = None,
    by: User,
) -> ClusterAnalysis:
    """The analysis that answers this question, computed by a job unless it has been.

    Safe to repeat: the same question about the same state of the stores is one analysis, and one job while that is
    open. Raises NotGrouped or TooFewCars.
    """
    stands = standing(stores)
    if stands is None:
        raise NotGrouped
    since = months_before(stands.as_of, 12) if only_seen else date.min
    came = VehicleSegment.objects.filter(store__in=stores, last_visit_on__gt=since)
    if came[:LEAST_CARS].count() < LEAST_CARS:
        raise TooFewCars
    wanted = [key for key in VARIABLES if key in set(variables)]
    scope = _digest(sorted(store.pk for store in stores))
    state = sorted(run.pk for run in stands.runs)
    analysis, made = ClusterAnalysis.objects.get_or_create(
        key=_digest([scope, state, wanted, only_seen, fixed_k]),
        defaults={
            "scope": scope,
            "as_of": stands.as_of,
            "rules": stands.label[:200],
            "variables": wanted,
            "only_seen": only_seen,
            "fixed_k": fixed_k,
            "created_by": by,
        },
    )
    if made:
        _link(analysis, stands)
        record(user=by, action="segment.clusters", store=_only(stores), subject=analysis)
    if not (analysis.is_done and analysis.cars.exists()):
        _put_down(analysis, stores, by)
    return analysis


def _link(analysis: ClusterAnalysis, stands: Standing) -> None:
    AnalysedStore.objects.bulk_create(
        AnalysedStore(analysis=analysis, store=run.store, rule_set=run.rule_set) for run in stands.runs
    )


def _put_down(analysis: ClusterAnalysis, stores: Sequence[Store], by: User) -> None:
    job = enqueue(
        kind=FIND,
        key=_key(analysis),
        arguments={"analysis": analysis.pk},
        store=_only(stores),
        by=by,
    )
    analysis.job = job
    analysis.save(update_fields=["job"])


def _key(analysis: ClusterAnalysis) -> str:
    return f"{FIND}:{analysis.pk}"


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def _only(stores: Sequence[Store]) -> Store | None:
    return stores[0] if len(stores) == 1 else None


def stop(analysis: ClusterAnalysis) -> bool:
    """End the analysis' job; False when it has ended already. What it did is not written."""
    if analysis.job_id is None:
        return False
    with stops.asked([analysis.job_id]), transaction.atomic():
        return bool(cancel(keys=[_key(analysis)]))


def is_under_way(analysis: ClusterAnalysis) -> bool:
    return not analysis.is_done and analysis.job is not None and analysis.job.status in Job.Status.open()


def cars_of(analysis: ClusterAnalysis, number: int, *, user: User) -> VehicleSegmentQuerySet:
    """The cluster's cars that still stand in the analysis' stores."""
    members = ClusterCar.objects.filter(analysis=analysis, number=number).values("vehicle")
    segments = VehicleSegment.objects.visible_to(user).in_stores(analysis.stores.all())
    return segments.filter(vehicle__in=members)


def save_cluster(
    *, analysis: ClusterAnalysis, number: int, name: str, note: str, by: User, form_key: UUID
) -> SavedSegment:
    """The cluster's cars as a frozen segment, as of the analysis' day. A second click finds the first one's."""
    cars = Vehicle.objects.filter(pk__in=cars_of(analysis, number, user=by).values("vehicle"))
    return save_list(
        name=name,
        note=note,
        stores=list(analysis.stores.order_by("pk")),
        vehicle_ids=cars,
        by=by,
        on=analysis.as_of,
        form_key=form_key,
    )
