"""A finished analysis without the work: figures as the worker leaves them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from customers.models import Vehicle
from segmentation.models import C3, AnalysedStore, CareStatus, ClusterAnalysis, ClusterCar, RuleSet
from staff.models import Store

KEYS = ["days_since_visit", "visits", "spend"]


def portrait(cars: int, *, apart: float = 0.0, **more: Any) -> dict[str, Any]:
    found = {
        "cars": cars,
        "revenue_fen": cars * 100_000,
        "means": {"days_since_visit": 100 - 50 * apart, "visits": 2 + apart, "spend": 1000 + 500 * apart},
        "apart": {"days_since_visit": -apart, "visits": apart, "spend": apart / 2},
        "c3": {**dict.fromkeys(C3.values, 0), C3.PROFITABLE_LOYAL: cars},
        "care_status": {**dict.fromkeys(CareStatus.values, 0), CareStatus.ACTIVE: cars},
    }
    return found | more


def result(**more: Any) -> dict[str, Any]:
    """Two clusters of 30 cars, one that comes often and one that does not."""
    found = {
        "cars": 60,
        "left_aside": 3,
        "keys": KEYS,
        "unknown": dict.fromkeys(KEYS, 0),
        "left_out": {"age": ["constant", ""]},
        "drawn": 60,
        "silhouettes": [[2, 0.6], [3, 0.4]],
        "k": 2,
        "all": portrait(60),
        "clusters": [portrait(30, apart=1.0), portrait(30, apart=-1.0)],
        "factors": {
            "eigenvalues": [1.8, 0.8, 0.4],
            "loadings": [[-0.9], [0.8], [0.1]],
            "explained": [0.6],
            "kmo": 0.72,
            "kmo_by": [0.7, 0.8, 0.66],
            "bartlett": {"chi2": 40.0, "df": 3, "p": 0.00001},
        },
    }
    return found | more


def analysed(
    store: Store, cars: Sequence[Vehicle], *, as_of: date, scope: str = "", **more: Any
) -> ClusterAnalysis:
    """All of ``cars`` in cluster 1."""
    rules = RuleSet.objects.filter(store=None).first() or RuleSet.objects.create(version=1)
    analysis = ClusterAnalysis.objects.create(
        key=f"{store.pk}-{ClusterAnalysis.objects.count()}",
        scope=scope or str(store.pk),
        as_of=as_of,
        rules=str(rules),
        variables=KEYS,
        **{"result": result(), "done_at": timezone.now(), **more},
    )
    AnalysedStore.objects.create(analysis=analysis, store=store, rule_set=rules)
    ClusterCar.objects.bulk_create(ClusterCar(analysis=analysis, vehicle=car, number=1) for car in cars)
    return analysis
