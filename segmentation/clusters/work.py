"""One analysis from reading to writing, as the worker does it: the only way into scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from threadpoolctl import threadpool_limits

from customers.dms.bulk import Bulk
from segmentation.clusters import factors, kmeans
from segmentation.clusters.arrays import Labels
from segmentation.clusters.figures import Behaviour, read
from segmentation.clusters.limits import CARS_A_CLUSTER, FEWEST_K, LEAST_CARS, MOST_K
from segmentation.clusters.scaling import Scaled, scale
from segmentation.models import C3, CareStatus, ClusterAnalysis, ClusterCar

# Of the same stores: so many analyses keep the lists of their cars.
LISTED = 5

Tell = Callable[[int, int, str], None]


class Unsuitable(Exception):
    """The data say nothing about groups; the text, not yet translated, says why in plain words."""


def analyse(
    *, analysis: ClusterAnalysis, tell: Tell, finish: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """Find the clusters and write them all, or nothing. Safe to repeat: the same data give the same rows.

    Raises Unsuitable when there are too few cars, or nothing that tells them apart.
    """
    if analysis.is_done and analysis.cars.exists():
        return finish(_summary(analysis.result))
    # One thread: others work on this machine too, and sums come out the same whatever it has.
    with threadpool_limits(limits=1):
        tell(0, 1, _("Reading the visits"))
        behaviour = read(analysis)
        if len(behaviour) < LEAST_CARS:
            raise Unsuitable(
                gettext_noop("There are fewer than 50 cars with a visit: too few to find groups.")
            )
        labels, result = find(behaviour, analysis.variables, fixed_k=analysis.fixed_k, tell=tell)
    with transaction.atomic():
        _write(analysis, behaviour, labels, result)
        return finish(_summary(result))


def find(
    behaviour: Behaviour, variables: list[str], *, fixed_k: int | None, tell: Tell
) -> tuple[Labels, dict[str, Any]]:
    """The cluster of each car, and the figures that the pages show."""
    scaled = scale(behaviour.figures, variables)
    if len(scaled.keys) < 2:
        raise Unsuitable(gettext_noop("Fewer than two of the chosen figures tell the cars apart."))
    sample = kmeans.drawn(scaled.columns)
    most = min(MOST_K, len(behaviour) // CARS_A_CLUSTER)
    numbers = range(FEWEST_K, most + 1)
    steps = len(numbers) + 2
    done = iter(range(2, steps + 1))
    tell(1, steps, _("Trying numbers of groups"))
    scores = kmeans.silhouettes(
        sample, numbers, lambda: tell(next(done), steps, _("Trying numbers of groups"))
    )
    k = fixed_k if fixed_k in scores else kmeans.best(scores) if scores and not fixed_k else None
    if k is None:
        raise Unsuitable(
            gettext_noop("The cars are too few or too much alike to be divided into so many groups.")
        )
    labels = kmeans.in_order(kmeans.divide(scaled.columns, sample, k), behaviour.figures["spend"])
    tell(steps, steps, _("Looking for factors"))
    return labels, {
        "cars": len(behaviour),
        "left_aside": behaviour.left_aside,
        "keys": scaled.keys,
        "unknown": scaled.unknown,
        "left_out": {key: list(why) for key, why in scaled.left_out.items()},
        "drawn": len(sample),
        "silhouettes": [[number, score] for number, score in scores.items()],
        "k": k,
        "all": _portrait(behaviour, scaled, np.ones(len(behaviour), bool)),
        "clusters": [_portrait(behaviour, scaled, labels == number) for number in range(1, k + 1)],
        "factors": _factors(scaled),
    }


def _portrait(behaviour: Behaviour, scaled: Scaled, chosen: Any) -> dict[str, Any]:
    """The figures of some of the cars. ``apart``: how many deviations of all cars their mean lies from all cars'."""
    means = {key: behaviour.figures[key][chosen] for key in scaled.keys}
    return {
        "cars": int(chosen.sum()),
        "revenue_fen": int(behaviour.revenue_fen[chosen].sum()),
        "means": {
            key: None if np.isnan(values).all() else float(np.nanmean(values))
            for key, values in means.items()
        },
        "apart": dict(zip(scaled.keys, map(float, scaled.columns[chosen].mean(axis=0)), strict=True)),
        "c3": _counts(behaviour.groups[chosen], C3.values),
        "care_status": _counts(behaviour.statuses[chosen], CareStatus.values),
    }


def _counts(places: Any, keys: list[str]) -> dict[str, int]:
    return dict(zip(keys, map(int, np.bincount(places, minlength=len(keys))), strict=True))


def _factors(scaled: Scaled) -> dict[str, Any] | None:
    """None with fewer than three variables: there is nothing to condense."""
    if len(scaled.keys) < 3:
        return None
    r = factors.correlations(scaled.columns)
    found = factors.factors(r)
    told: dict[str, Any] = {
        "eigenvalues": list(map(float, found.eigenvalues)),
        "loadings": [list(map(float, row)) for row in found.loadings],
        "explained": list(map(float, found.explained)),
        "kmo": None,
        "kmo_by": [],
        "bartlett": None,
    }
    if not factors.is_singular(r):
        adequacy, sphericity = factors.kmo(r), factors.bartlett(r, len(scaled.columns))
        told |= {
            "kmo": adequacy.overall,
            "kmo_by": list(map(float, adequacy.by_variable)),
            "bartlett": {"chi2": sphericity.chi2, "df": sphericity.df, "p": sphericity.p},
        }
    return told


def _write(analysis: ClusterAnalysis, behaviour: Behaviour, labels: Labels, result: dict[str, Any]) -> None:
    """Who comes second writes the same rows again."""
    ClusterAnalysis.objects.select_for_update().get(pk=analysis.pk)
    ClusterCar.objects.filter(analysis=analysis).delete()
    rows = Bulk(ClusterCar._meta.db_table, ("analysis_id", "vehicle_id", "number"))
    rows.extend(
        (analysis.pk, vehicle, number)
        for vehicle, number in zip(behaviour.ids.tolist(), labels.tolist(), strict=True)
    )
    rows.flush()
    ClusterAnalysis.objects.filter(pk=analysis.pk).update(result=result, done_at=timezone.now())
    done = ClusterAnalysis.objects.filter(scope=analysis.scope, done_at__isnull=False)
    listed = list(done.order_by("-done_at", "-pk").values_list("pk", flat=True)[:LISTED])
    ClusterCar.objects.filter(analysis__in=done).exclude(analysis__in=listed).delete()


def _summary(result: dict[str, Any]) -> dict[str, Any]:
    return {"cars": result["cars"], "groups": result["k"]}
