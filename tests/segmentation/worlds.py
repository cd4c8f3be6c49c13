"""The same cars for the database and for the reference."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import connection

from customers.models import Complaint, Customer, StoreCustomer, Vehicle, Visit
from segmentation import services
from segmentation.models import RuleSet, VehicleSegment
from staff.models import Store
from tests.segmentation import reference


def stores() -> dict[str, Store]:
    return {
        code: Store.objects.get_or_create(code=code, defaults={"name": code})[0]
        for code in ("GB", "NS", "LG")
    }


def put(cars: Iterable[reference.Vehicle]) -> dict[int | str, int]:
    """Write the reference's cars into the database; ids there by ids here. Constraints hold, services are skipped."""
    by_code = stores()
    cars = list(cars)
    owners = Customer.objects.bulk_create(
        Customer(
            home_store=by_code[car.home_store], name=f"车主{car.id}", price_sensitive=car.price_sensitive
        )
        for car in cars
    )
    StoreCustomer.objects.bulk_create(
        StoreCustomer(customer=owner, store=owner.home_store) for owner in owners
    )
    vehicles = Vehicle.objects.bulk_create(
        Vehicle(
            home_store=by_code[car.home_store],
            owner=owner,
            plate=f"粤B{number:05d}",
            purchased_on=car.purchased_on,
            state=str(car.state),
        )
        for number, (car, owner) in enumerate(zip(cars, owners, strict=True), start=Vehicle.objects.count())
    )
    pairs = list(zip(cars, vehicles, strict=True))
    visits = [(vehicle, visit) for car, vehicle in pairs for visit in car.visits]
    taken = Visit.objects.count()
    Visit.objects.bulk_create(
        Visit(
            store=by_code[visit.store],
            vehicle=vehicle,
            customer_id=vehicle.owner_id,
            order_no=f"WX{number}",
            visited_on=visit.day,
            kind=visit.kind,
            paid_fen=visit.paid_fen,
            voided=visit.voided,
        )
        for number, (vehicle, visit) in enumerate(visits, start=taken)
    )
    Complaint.objects.bulk_create(
        Complaint(
            store=vehicle.home_store,
            vehicle=vehicle,
            customer_id=vehicle.owner_id,
            text="异响",
            opened_on=complaint.opened_on,
            closed_on=complaint.closed_on,
        )
        for car, vehicle in pairs
        for complaint in car.complaints
    )
    return {car.id: vehicle.pk for car, vehicle in pairs}


def clear() -> None:
    """Forget every car; rules and stores stay."""
    with connection.cursor() as cursor:
        for table in (
            "segmentation_segmentspell", "segmentation_vehiclesegment", "segmentation_segmentrun",
            "customers_complaint", "customers_visit", "customers_vehicle", "customers_storecustomer",
            "customers_customer",
        ):  # fmt: skip
            cursor.execute(f"DELETE FROM {table}")  # the names above


def publish(rules: reference.Rules, *, store: Store | None = None) -> RuleSet:
    """These numbers as the newest version."""
    newest = RuleSet.objects.filter(store=store).order_by("-version").first()
    return RuleSet.objects.create(
        store=store,
        version=newest.version + 1 if newest else 1,
        window_months=rules.window_months,
        maintenance_high=rules.maintenance_high,
        spend_mode=rules.spend_mode,
        spend_percentile=rules.spend_percentile,
        spend_amount_fen=rules.spend_amount_fen,
        repair_ratio_high_percent=int(rules.repair_ratio_high * 100),
        repair_kinds=sorted(rules.repair_kinds),
        cells={"".join(str(int(high)) for high in cell): key for cell, key in rules.cells.items()},
        lost_days=rules.lost_days,
        near_lost_days=rules.near_lost_days,
        interval_factor_percent=int(rules.interval_factor * 100),
        interval_min_days=rules.interval_min_days,
        complaint_months=rules.complaint_months,
        new_days=rules.new_days,
        published_at="2026-01-01T00:00:00Z",
    )


def expected(
    cars: Iterable[reference.Vehicle], as_of: date, rules: reference.Rules
) -> dict[int | str, tuple]:
    """By car: group, status, maintenance, repair-like, spend, as the reference says."""
    cars = list(cars)
    found = {}
    for code in {car.home_store for car in cars}:
        of_store = [car for car in cars if car.home_store == code]
        groups = reference.c3(of_store, as_of, rules)
        found |= {
            car.id: (
                groups[car.id].key,
                reference.care_status(car, as_of, rules),
                groups[car.id].maintenance,
                groups[car.id].repair_like,
                groups[car.id].spend_fen,
            )
            for car in of_store
            if car.id in groups
        }
    return found


def stored(ids: dict[int | str, int]) -> dict[int | str, tuple]:
    """The same, as the database says."""
    back = {pk: key for key, pk in ids.items()}
    rows = VehicleSegment.objects.values_list(
        "vehicle", "c3", "care_status", "maintenance_count", "repair_like_count", "spend_fen"
    )
    return {back[pk]: tuple(values) for pk, *values in rows}


def run(as_of: date) -> dict:
    return services.segment(as_of=as_of, stores=list(Store.objects.all()))
