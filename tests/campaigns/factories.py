"""Cars with a group, as the segmentation leaves them, and campaigns made by the services."""

import uuid
from datetime import date
from typing import Any

import factory

from campaigns import services
from campaigns.criteria import Criteria, GroupPlan, Plan
from campaigns.models import Campaign
from customers import contacts
from customers.models import Customer, Vehicle
from segmentation.models import C3, CareStatus, RuleSet, VehicleSegment
from staff.models import Store
from tests.customers.factories import CustomerFactory, VehicleFactory

LOYAL, LOW = C3.PROFITABLE_LOYAL, C3.LOW_COST


def rules() -> RuleSet:
    return RuleSet.objects.filter(store=None).first() or RuleSet.objects.create(version=1)


class SegmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = VehicleSegment

    vehicle = factory.SubFactory(VehicleFactory)
    store = factory.SelfAttribute("vehicle.home_store")
    as_of = date(2026, 6, 1)
    rule_set = factory.LazyFunction(rules)
    c3 = LOYAL
    care_status = CareStatus.ACTIVE
    maintenance_count = 3
    repair_like_count = 2
    spend_fen = 500_000
    last_visit_on = date(2026, 1, 10)
    first_seen_on = date(2024, 1, 1)
    c3_since = date(2026, 1, 1)
    care_since = date(2026, 1, 1)


def phone_of(customer: Customer, number: str = "") -> None:
    number = number or f"138{customer.pk:08d}"
    contacts.new_phone(customer=customer, number=number, is_primary=True).save()


def car(
    store: Store,
    *,
    phone: bool = True,
    c3: str = LOYAL,
    owner: Any = None,
    segment: Any = None,
    **vehicle: Any,
) -> Vehicle:
    """A car that fits the default plan: profitable-loyal, with an owner who may be called."""
    owner = CustomerFactory(home_store=store, **(owner or {}))
    if phone:
        phone_of(owner)
    made = VehicleFactory(owner=owner, **vehicle)
    SegmentFactory(vehicle=made, c3=c3, **(segment or {}))
    return made


def plan(**changes: Any) -> Plan:
    criteria = changes.pop("criteria", None) or Criteria(
        groups=(GroupPlan(LOYAL, goal_percent=18, offer="100 元工时礼券"),)
    )
    values = {
        "name": "空调养护季",
        "starts_on": date(2026, 6, 1),
        "ends_on": date(2026, 7, 31),
        "criteria": criteria,
    }
    return Plan(**{**values, **changes})


def draft(*stores: Store, **changes: Any) -> Campaign:
    return services.create_campaign(plan=plan(**changes), stores=list(stores), by=None, form_key=uuid.uuid4())


def opened(*stores: Store, today: date = date(2026, 6, 1), **changes: Any) -> Campaign:
    campaign = draft(*stores, **changes)
    services.open_campaign(campaign=campaign, by=None, today=today)
    campaign.refresh_from_db()
    return campaign
