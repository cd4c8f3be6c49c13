"""Reads what the rules look at, for a handful of cars in three queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import F

from customers.models import Complaint, Vehicle, Visit
from segmentation.judging import History, Stop


def histories(vehicle_ids: Iterable[int]) -> dict[int, History]:
    """By vehicle id. Every store's visits: the rules know no borders, the pages do."""
    ids = list(vehicle_ids)
    visits: dict[int, list[Stop]] = defaultdict(list)
    rows = Visit.objects.standing().filter(vehicle__in=ids)
    # As the statements break ties: without an arrival first.
    in_order = rows.order_by("visited_on", F("arrived_at").asc(nulls_first=True), "pk")
    for visit in in_order.only("vehicle_id", "visited_on", "kind", "paid_fen", "store_id"):
        stop = Stop(visit.visited_on, visit.kind, visit.paid_fen, visit.store_id, visit.pk)
        visits[visit.vehicle_id].append(stop)
    complaints: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    told = Complaint.objects.filter(vehicle__in=ids).values_list("vehicle", "opened_on", "closed_on")
    for pk, opened, closed in told.order_by("opened_on", "pk"):
        complaints[pk].append((opened, closed))
    cars = Vehicle.objects.filter(pk__in=ids).values_list(
        "pk", "home_store", "purchased_on", "owner__price_sensitive"
    )
    return {
        pk: History(home, bought, bool(sensitive), tuple(visits[pk]), tuple(complaints[pk]))
        for pk, home, bought, sensitive in cars
    }
