"""A finished analysis without the work: figures as the worker leaves them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from customers.models import Customer, StoreCustomer, Vehicle, Visit
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


# Days ago, kind and yuan of every visit: comes often for services; large repairs now and then; lost for long.
HABITS: tuple[tuple[tuple[int, str, int], ...], ...] = (
    tuple((40 + 60 * turn, Visit.Kind.MAINTENANCE, 500) for turn in range(6)),
    ((20, Visit.Kind.REPAIR, 6000), (300, Visit.Kind.REPAIR, 5000), (600, Visit.Kind.REPAIR, 4000)),
    ((900, Visit.Kind.MAINTENANCE, 300), (1000, Visit.Kind.MAINTENANCE, 300)),
)


def planted(store: Store, *, on: date, each: int = 20) -> list[list[Vehicle]]:
    """``each`` cars of every habit, each car a little different from the next."""
    count = each * len(HABITS)
    taken = Vehicle.objects.count()
    owners = Customer.objects.bulk_create(
        Customer(home_store=store, name=f"车主{n}", distance_m=1000 + 10 * n) for n in range(count)
    )
    StoreCustomer.objects.bulk_create(StoreCustomer(customer=owner, store=store) for owner in owners)
    cars = Vehicle.objects.bulk_create(
        Vehicle(
            home_store=store,
            owner=owner,
            plate=f"粤B{taken + n:05d}",
            purchased_on=on - timedelta(days=(800, 1500, 2600)[n // each] + n % each),
        )
        for n, owner in enumerate(owners)
    )
    Visit.objects.bulk_create(
        Visit(
            store=store,
            vehicle=car,
            customer_id=car.owner_id,
            order_no=f"WX{taken + n}-{ago}",
            visited_on=on - timedelta(days=ago + n % 7),
            kind=kind,
            paid_fen=yuan * 100 + n % 11 * 100,
        )
        for n, car in enumerate(cars)
        for ago, kind, yuan in HABITS[n // each]
    )
    return [cars[place : place + each] for place in range(0, count, each)]
