"""The plain cars in the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date

from customers.models import Complaint, Customer, CustomerTag, StoreCustomer, Tag, Vehicle
from segmentation.models import RuleSet, SegmentMember, VehicleSegment
from staff.models import Store
from tests.segmentation.saved.plain import Car, Rules

AS_OF = date(2026, 6, 12)
GROUPS_RULES = Rules()
OWN_RULES = Rules(
    age_bands=((0, 2), (2, 4), (4, None)),
    radius_bands=((0, 3), (3, None)),
    service_radius_km=3,
    warranty_years=5,
    warranty_km=100_000,
    three_guarantees_years=1,
    three_guarantees_km=20_000,
)
SEGMENT = (
    "c3", "c3_before", "c3_since", "care_status", "care_before", "care_since", "value", "visits_in_window",
    "maintenance_count", "repair_like_count", "spend_fen", "last_visit_on", "first_seen_on",
)  # fmt: skip
VEHICLE = (
    "brand", "series", "model", "plate", "purchased_on", "warranty_until", "three_guarantees_until",
    "insurance_until", "inspection_until", "odometer_km",
)  # fmt: skip


def stores() -> dict[str, Store]:
    """GB follows the group's rules, NS its own, LG is somebody else's."""
    return {
        code: Store.objects.get_or_create(code=code, defaults={"name": name})[0]
        for code, name in (("GB", "广邦店"), ("NS", "南山店"), ("LG", "龙岗店"))
    }


def publish(rules: Rules, *, store: Store | None = None) -> RuleSet:
    values = {**asdict(rules), "age_bands": list(rules.age_bands), "radius_bands": list(rules.radius_bands)}
    version = RuleSet.objects.filter(store=store).count() + 1
    return RuleSet.objects.create(store=store, version=version, published_at="2026-01-01T00:00:00Z", **values)


def tags() -> dict[str, Tag]:
    """Words of the group, of GB and of a store that is not asked."""
    shops = stores()
    homes = {"集团": None, "怕等": shops["GB"], "老客户": shops["GB"], "别店": shops["LG"]}
    return {name: Tag.objects.get_or_create(name=name, store=home)[0] for name, home in homes.items()}


def clear() -> None:
    for model in (SegmentMember, VehicleSegment, Complaint, CustomerTag, Vehicle, StoreCustomer, Customer):
        model._base_manager.all().delete()


def put(cars: Iterable[Car]) -> list[int]:
    """The ids of the cars, in their order."""
    shops, words, rules = stores(), tags(), RuleSet.objects.order_by("pk").first()
    return [_put(number, car, shops, words, rules) for number, car in enumerate(cars)]


def _put(number: int, car: Car, shops: dict[str, Store], words: dict[str, Tag], rules: RuleSet | None) -> int:
    home = shops[car.store]
    owner = None
    if car.owner is not None:
        details = {key: value for key, value in vars(car.owner).items() if key != "tags"}
        owner = Customer.objects.create(home_store=home, name=f"车主{number}", **details)
        StoreCustomer.objects.create(customer=owner, store=home)
        links = [CustomerTag(customer=owner, tag=words[name]) for name in car.owner.tags]
        CustomerTag.objects.bulk_create(links)
    vehicle = Vehicle.objects.create(
        home_store=home,
        owner=owner,
        vin=f"VIN{number:014d}",
        **{name: getattr(car, name) for name in VEHICLE},
    )
    if car.complaint and owner is not None:
        Complaint.objects.create(store=home, vehicle=vehicle, customer=owner, text="异响", opened_on=AS_OF)
    VehicleSegment.objects.create(
        vehicle=vehicle,
        store=home,
        as_of=AS_OF,
        rule_set=rules,
        **{name: getattr(car, name) for name in SEGMENT},
    )
    return vehicle.pk
