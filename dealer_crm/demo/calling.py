"""A campaign in its second week: its list, the calls already made, and who is expected at the desk."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from random import Random

from django.db.models import Exists, OuterRef
from django.utils import timezone

from callcenter.booking import AlreadyBooked, SlotFull, slots_from
from callcenter.models import Call, RefusalReason
from callcenter.services import Result, record_outcome
from campaigns.criteria import Criteria, GroupPlan, Plan
from campaigns.models import Campaign, Outcome
from campaigns.services import create_campaign, open_campaign
from customers.models import Visit
from segmentation.models import C3
from staff.models import Role, Store, User

RUNNING_DAYS = 9
DAYS_LEFT = 21
QUOTA = 20
CALLS_A_DAY = 20

# How a call to somebody ends who does not come by in the next days.
_ENDINGS = {
    Outcome.NO_ANSWER: 36,
    Outcome.CONSIDERING: 28,
    Outcome.REFUSED: 16,
    Outcome.LATER: 9,
    Outcome.BOOKED: 4,
    Outcome.INVALID_NUMBER: 4,
    Outcome.SOLD_CAR: 2,
    Outcome.DO_NOT_CALL: 1,
}
_NOTES = {
    Outcome.CONSIDERING: ("月底再联系", "要和家里人商量", "公里数还没到", "近期出差"),
    Outcome.REFUSED: ("在外面店做了", "嫌远", "说太贵", "最近不怎么开车"),
    Outcome.BOOKED: ("车主要求等待时洗车", "顺便检查空调", "带孩子一起来", ""),
}


def opened_on(today: date) -> date:
    return today - timedelta(RUNNING_DAYS)


def open_demo_campaign(*, today: date) -> Campaign:
    """Open it as of its first day; the segments must stand at that day."""
    first = opened_on(today)
    manager = User.objects.get(username="manager1")
    groups = (
        GroupPlan(C3.PROFITABLE_LOYAL, 1, None, 18, "保养工时券 100 元，预约到店送免费空气质量检测"),
        GroupPlan(C3.SPLIT_LOYAL, 1, None, 15, "电瓶、轮胎免费检测，更换工时减 50 元"),
        GroupPlan(C3.LOW_COST, None, None, 10, "保养工时八折，免费全车 24 项检查"),
    )
    plan = Plan(
        name="回厂关怀邀约",
        purpose="邀请盈利忠诚群和分裂忠诚群按时回厂，唤回低成本群再次进厂。",
        starts_on=first,
        ends_on=today + timedelta(DAYS_LEFT),
        criteria=Criteria(groups=groups, plate_prefix="粤B", last_visit_days=30, holdout_percent=10),
        daily_quota=QUOTA,
    )
    campaign = create_campaign(plan=plan, stores=list(Store.objects.all()), by=manager, form_key=uuid.uuid4())
    open_campaign(campaign=campaign, by=manager, today=first)
    morning = _at(first, 8, 40)
    Campaign.objects.filter(pk=campaign.pk).update(created_at=morning, frozen_at=morning)
    return Campaign.objects.get(pk=campaign.pk)


def work_calls(campaign: Campaign, *, today: date, seed: int = 20) -> int:
    """The calls of the days before today; returns how many were made."""
    rng = Random(seed)
    agents = list(User.objects.filter(memberships__role=Role.AGENT).order_by("username").distinct())
    return sum(
        _work_day(campaign, agent, opened_on(today) + timedelta(day), today, rng)
        for day in range(RUNNING_DAYS)
        for agent in agents
    )


def _work_day(campaign: Campaign, agent: User, day: date, today: date, rng: Random) -> int:
    came_before = Visit.objects.standing().filter(
        vehicle=OuterRef("vehicle"), visited_on__gte=campaign.starts_on, visited_on__lte=day
    )
    comes_soon = Visit.objects.standing().filter(
        vehicle=OuterRef("vehicle"), store=OuterRef("store"), visited_on__gt=day, visited_on__lte=today
    )
    # The invitations must have worked as often as elsewhere: those who came are among those who were called.
    calls = (
        Call.objects.filter(target__campaign=campaign, agent=agent, status=Call.Status.OPEN, due_on__lte=day)
        .filter(~Exists(came_before))
        .annotate(comes=Exists(comes_soon))
        .select_related("vehicle", "store")
        .order_by("priority", "-comes", "due_on", "pk")[:CALLS_A_DAY]
    )
    minute = 9 * 60 + 5
    for call in calls:
        minute += rng.randint(6, 26)
        at = _at(day, minute // 60, minute % 60)
        _ring(call, agent, at, today, rng)
    return len(calls)


def _ring(call: Call, agent: User, at: datetime, today: date, rng: Random) -> None:
    day = timezone.localdate(at)
    visit = (
        Visit.objects.standing()
        .filter(vehicle=call.vehicle_id, store=call.store_id, visited_on__gt=day, visited_on__lte=today)
        .order_by("visited_on")
        .first()
    )
    if visit is not None and rng.random() < 0.8 and _book(call, agent, at, visit.visited_on, rng):
        return
    outcome = rng.choices(list(_ENDINGS), weights=list(_ENDINGS.values()))[0]
    if outcome == Outcome.BOOKED or (day >= today - timedelta(3) and rng.random() < 0.1):
        ahead = max(1, (today - day).days) + rng.randrange(3)
        if _book(call, agent, at, day + timedelta(ahead), rng):
            return
        outcome = Outcome.CONSIDERING
    _record(call, agent, at, _result(outcome, at, rng))


def _book(call: Call, agent: User, at: datetime, on: date, rng: Random) -> bool:
    day = timezone.localdate(at)
    days = slots_from(store=call.store, today=day, days=(on - day).days)
    free = [slot for slot in days[-1].slots if slot.left]
    if not free:
        return False
    slot = rng.choice(free)
    result = Result(Outcome.BOOKED, note=rng.choice(_NOTES[Outcome.BOOKED]), slot=(slot.day, slot.hour))
    try:
        _record(call, agent, at, result)
    except (SlotFull, AlreadyBooked):
        return False
    return True


def _result(outcome: Outcome, at: datetime, rng: Random) -> Result:
    note = rng.choice(_NOTES.get(outcome, ("",)))
    if outcome == Outcome.LATER:
        return Result(outcome, note=note, call_back_at=at + timedelta(days=rng.randint(1, 2), hours=1))
    if outcome == Outcome.REFUSED:
        return Result(outcome, note=note, reason=rng.choice(RefusalReason.values))
    return Result(outcome, note=note)


def _record(call: Call, agent: User, at: datetime, result: Result) -> None:
    record_outcome(call=call, agent=agent, result=result, at=at, form_key=uuid.uuid4())


def _at(day: date, hour: int, minute: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))
