"""Other ways to the same result: what the run is measured against."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Max, Min, Q, Sum

from customers.models import Vehicle, Visit
from segmentation.calculation import values_of
from segmentation.models import C3, CareStatus, RuleSet, VehicleSegment
from segmentation.sql import bind, statements
from staff.models import Store

COUNTED = "first_on, last_on, counted, maintenance, repair_like, spend_fen"


def group_by(as_of: date) -> None:
    """The aggregates that a full run compares, over the same index in its order, all computed and thrown away.

    PostgreSQL leaves out an aggregate that nobody asks for: a cursor moved to its end asks for every one.
    """
    bare = f"SELECT {COUNTED} FROM ({statements('visits', connection.vendor, 'all')[0]}) bare"
    if connection.vendor == "postgresql":
        _bound(as_of, f"DECLARE bare CURSOR FOR {bare}", "MOVE FORWARD ALL IN bare")
        return
    _bound(
        as_of,
        "SELECT MIN(first_on), MAX(last_on), SUM(counted), SUM(maintenance), SUM(repair_like), SUM(spend_fen)"
        f" FROM ({bare})",
    )


def floor(as_of: date) -> None:
    """The bare aggregates, and the rows of the result copied to nowhere."""
    group_by(as_of)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("COPY segmentation_vehiclesegment TO '/dev/null'")


def _bound(as_of: date, statement: str, *further: str) -> list[tuple[Any, ...]]:
    values = values_of(RuleSet.objects.get(), list(Store.objects.values_list("pk", flat=True)), as_of)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SET LOCAL enable_hashagg = off; SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0"
            )
        cursor.execute(*bind(statement, values))
        for each in further:
            cursor.execute(each)
        return list(cursor.fetchall()) if cursor.description else []


def orm_loop(as_of: date, cars: int) -> None:
    """A car at a time, as a first draft would do it: its visits to Python, its row saved."""
    rules = RuleSet.objects.get()
    start = values_of(rules, [], as_of)["window_start"]
    for car in Vehicle.objects.order_by("pk")[:cars]:
        visits = list(
            Visit.objects.filter(vehicle=car, voided=False, visited_on__lte=as_of).order_by("visited_on")
        )
        window = [visit for visit in visits if visit.visited_on > start]
        repairs = sum(visit.kind in rules.repair_kinds for visit in window)
        row = _row(car.pk, car.home_store_id, as_of, rules.pk)
        row.maintenance_count = sum(visit.kind == "maintenance" for visit in window)
        row.repair_like_count = repairs
        row.spend_fen = sum(visit.paid_fen for visit in window if visit.kind != "warranty")
        row.last_visit_on = visits[-1].visited_on if visits else None
        row.save()


def orm_aggregate(as_of: date) -> None:
    """The aggregates through the ORM, then bulk_create: no care status, no history, no thresholds."""
    rules = RuleSet.objects.get()
    start = values_of(rules, [], as_of)["window_start"]
    recent = Q(visited_on__gt=start)
    found = (
        Visit.objects.filter(voided=False, visited_on__lte=as_of)
        .values("vehicle", "vehicle__home_store")
        .annotate(
            last=Max("visited_on"),
            first=Min("visited_on"),
            maintenance=Count("pk", filter=recent & Q(kind="maintenance")),
            repairs=Count("pk", filter=recent & Q(kind__in=rules.repair_kinds)),
            spend=Sum("paid_fen", filter=recent & ~Q(kind="warranty")),
        )
        .order_by("vehicle")
    )
    batch = []
    for car in found.iterator(chunk_size=5000):
        row = _row(car["vehicle"], car["vehicle__home_store"], as_of, rules.pk)
        row.maintenance_count, row.repair_like_count = car["maintenance"], car["repairs"]
        row.spend_fen, row.last_visit_on, row.first_seen_on = car["spend"] or 0, car["last"], car["first"]
        batch.append(row)
        if len(batch) == 5000:
            VehicleSegment.objects.bulk_create(batch)
            batch.clear()
    VehicleSegment.objects.bulk_create(batch)


def fetched(as_of: date) -> None:
    """Every visit fetched and grouped outside the database by polars; without polars by plain Python."""
    start = values_of(RuleSet.objects.get(), [], as_of)["window_start"]
    rows = _bound(
        as_of, "SELECT vehicle_id, visited_on, kind, paid_fen FROM customers_visit WHERE NOT voided"
    )
    try:
        import polars
    except ImportError:
        _plain(rows, start)
        return
    frame = polars.DataFrame(rows, schema=["vehicle", "on", "kind", "paid"], orient="row")
    recent = polars.col("on") > start
    frame.group_by("vehicle").agg(
        polars.len(),
        polars.col("on").max().alias("last"),
        (recent & (polars.col("kind") == "maintenance")).sum().alias("maintenance"),
        (recent & polars.col("kind").is_in(["repair", "accident"])).sum().alias("repairs"),
        polars.col("paid").filter(recent & (polars.col("kind") != "warranty")).sum().alias("spend"),
    )


def _plain(rows: list[tuple[Any, ...]], start: Any) -> None:
    found: dict[int, list[Any]] = {}
    for vehicle, on, kind, paid in rows:
        car = found.setdefault(vehicle, [0, 0, 0, on])
        if on > start:
            car[0] += kind == "maintenance"
            car[1] += kind in ("repair", "accident")
            car[2] += paid if kind != "warranty" else 0
        car[3] = max(car[3], on)


def _row(pk: int, store: int, as_of: date, rules: int) -> VehicleSegment:
    return VehicleSegment(
        vehicle_id=pk, store_id=store, as_of=as_of, rule_set_id=rules, c3=C3.LOW_COST, care_status=CareStatus.ACTIVE,
        maintenance_count=0, repair_like_count=0, spend_fen=0, c3_since=as_of, care_since=as_of,
    )  # fmt: skip
