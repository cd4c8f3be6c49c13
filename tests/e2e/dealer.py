"""A small dealership with its groups and an open campaign: what the browser tests look at."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from campaigns import services as campaigns
from campaigns.criteria import Criteria, GroupPlan, Plan
from campaigns.models import Campaign
from customers.models import Vehicle, Visit, VisitLine
from segmentation.models import C3, RuleSet
from segmentation.services import segment
from staff.models import Role, Store, User
from tests.customers.factories import ComplaintFactory, CustomerFactory, VehicleFactory, add_phone
from tests.staff.factories import MembershipFactory, StoreFactory, UserFactory

HERO_PLATE = "粤B6K92D"
COMPLAINT = "空调异味没有处理好"
CALLED = (C3.PROFITABLE_LOYAL, C3.DEVELOPMENT, C3.LOW_COST)
_NAMES = {
    Role.ADVISOR: "王芳",
    Role.AGENT: "周敏",
    Role.TECHNICIAN: "刘强",
    Role.MANAGER: "陈立",
    Role.ADMIN: "赵琳",
}
_OWNERS = "李海燕 张伟 吴静怡 黄志强 林晓梅 郑凯 何丽 罗建国 谢雨桐 梁浩"
_MODELS = ("新君越 2.0T", "英朗 1.5L", "昂科威 28T", "GL8 商旅")
# Services and repairs of the last twelve months and what they cost in all (yuan), as the rules read them.
_HABITS: dict[str, tuple[int, int, int]] = {
    C3.PROFITABLE_LOYAL: (3, 2, 6000),
    C3.SPLIT_LOYAL: (3, 0, 6000),
    C3.HIGH_RISK: (0, 2, 6000),
    C3.HIGH_OPPORTUNITY: (1, 0, 6000),
    C3.HIGH_COST: (2, 2, 600),
    C3.DEVELOPMENT: (3, 0, 600),
    C3.LOW_COST: (0, 1, 300),
    C3.MYSTERY_OPPORTUNITY: (1, 0, 300),
}


@dataclass(slots=True)
class Dealer:
    store: Store
    sister: Store
    people: dict[Role, User]
    cars: dict[str, list[Vehicle]]
    hero: Vehicle
    campaign: Campaign
    today: date

    @property
    def calls(self) -> int:
        """Cars of the campaign: all of the called groups but the hero, whose complaint is open."""
        return sum(len(self.cars[group]) for group in CALLED) - 1


@transaction.atomic
def make_dealer(today: date) -> Dealer:
    """Three cars of each group in the first store, one of each in its sister, and a campaign with eight calls."""
    store, sister = StoreFactory(code="GB", name="广邦店"), StoreFactory(code="NS", name="南山店")
    # A password that can be changed, though nobody can sign in with it.
    people = {role: UserFactory(full_name=name, password="kept elsewhere") for role, name in _NAMES.items()}
    for role, person in people.items():
        MembershipFactory(user=person, store=store, role=role)
    MembershipFactory(user=people[Role.MANAGER], store=sister, role=Role.MANAGER)
    maker = _CarMaker(people[Role.ADVISOR], today)
    cars = {group: [maker.car(store, group) for _ in range(3)] for group in _HABITS}
    for group in _HABITS:
        maker.car(sister, group)
    hero = cars[C3.PROFITABLE_LOYAL][0]
    Vehicle.objects.filter(pk=hero.pk).update(plate=HERO_PLATE)
    hero.refresh_from_db()
    ComplaintFactory(vehicle=hero, text=COMPLAINT, opened_on=today - timedelta(days=20))
    if not RuleSet.objects.filter(store=None).exists():  # emptied by the test before
        RuleSet.objects.create(version=1, published_at="2020-01-01T00:00:00Z")
    segment(as_of=today)
    campaign = _campaign([store], today, by=people[Role.MANAGER])
    return Dealer(store, sister, people, cars, hero, campaign, today)


class _CarMaker:
    def __init__(self, advisor: User, today: date) -> None:
        self._advisor, self._today, self._made = advisor, today, 0

    def car(self, store: Store, group: str) -> Vehicle:
        number, self._made = self._made, self._made + 1
        names = _OWNERS.split()
        owner = CustomerFactory(
            home_store=store,
            name=names[number % len(names)] + "甲乙丙丁"[number // len(names)],
            gender="female" if number % 2 else "male",
        )
        add_phone(owner, f"1380755{number:04d}")
        vehicle = VehicleFactory(
            owner=owner,
            plate=f"粤B{number:02d}X8{number % 10}",
            model=_MODELS[number % len(_MODELS)],
            purchased_on=self._today - timedelta(days=900),
        )
        self._visits(vehicle, store, *_HABITS[group])
        return vehicle

    def _visits(self, vehicle: Vehicle, store: Store, services: int, repairs: int, yuan: int) -> None:
        kinds = [Visit.Kind.MAINTENANCE] * services + [Visit.Kind.REPAIR] * repairs
        paid = yuan * 100 // len(kinds)
        visits = [
            Visit(
                vehicle=vehicle,
                store=store,
                customer=vehicle.owner,
                order_no=f"WX{vehicle.pk}-{turn}",
                visited_on=self._today - timedelta(days=40 + 35 * (len(kinds) - turn)),
                kind=kind,
                odometer_km=20_000 + 3_000 * turn,
                paid_fen=paid,
                advisor=self._advisor,
                advisor_name=self._advisor.full_name,
            )
            for turn, kind in enumerate(kinds)
        ]
        Visit.objects.bulk_create(visits)
        VisitLine.objects.bulk_create(
            VisitLine(visit=visit, position=1, name="更换机油机滤", amount_fen=paid) for visit in visits
        )
        vehicle.odometer_km, vehicle.odometer_on = visits[-1].odometer_km, visits[-1].visited_on
        vehicle.save(update_fields=["odometer_km", "odometer_on"])


def _campaign(stores: Iterable[Store], today: date, *, by: User) -> Campaign:
    plan = Plan(
        name="空调养护季",
        starts_on=today,
        ends_on=today + timedelta(days=30),
        criteria=Criteria(
            groups=tuple(GroupPlan(c3, goal_percent=18, offer="100 元工时礼券") for c3 in CALLED)
        ),
    )
    campaign = campaigns.create_campaign(plan=plan, stores=list(stores), by=by, form_key=uuid.uuid4())
    campaigns.open_campaign(campaign=campaign, by=by, today=today)
    campaign.refresh_from_db()
    return campaign
