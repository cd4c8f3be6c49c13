"""How the day and the invitations are going, for the agent who looks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from callcenter import queue
from callcenter.models import Booking, CallAttempt
from campaigns import evaluation
from campaigns.models import Campaign, CampaignGroup, Outcome, Target
from staff.models import Store, User

# Under so many invited a rate says nothing.
FEWEST = 10


@dataclass(frozen=True, slots=True)
class Day:
    """Calls of the day: finished ones, of them reached and booked, and those still waiting."""

    done: int
    reached: int
    booked: int
    waiting: int

    @property
    def total(self) -> int:
        return self.done + self.waiting

    @property
    def percent(self) -> float:
        return self.done * 100 / self.total if self.total else 0


def attempts_on(*, user: User, stores: Iterable[Store], day: date) -> Any:
    """Standing attempts of the day on the calls the user works or leads."""
    start = timezone.make_aware(datetime.combine(day, time.min))
    attempts = CallAttempt.objects.visible_to(user).in_stores(stores).standing()
    attempts = attempts.between(start, start + timedelta(days=1))
    return attempts if leads(user, stores) else attempts.filter(agent=user)


def leads(user: User, stores: Iterable[Store]) -> bool:
    return user.sees_all_stores or any(user.roles.get(store.pk) == "manager" for store in stores)


def day_of(*, user: User, stores: Iterable[Store], today: date, waiting: int | None = None) -> Day:
    counts = attempts_on(user=user, stores=stores, day=today).aggregate(
        done=Count("call", distinct=True),
        reached=Count("call", distinct=True, filter=Q(outcome__in=Outcome.reached())),
        booked=Count("call", distinct=True, filter=Q(outcome=Outcome.BOOKED)),
    )
    if waiting is None:
        waiting = queue.open_today(user=user, stores=stores, today=today).count()
    return Day(**counts, waiting=waiting)


def bookings_kept(*, user: User, stores: Iterable[Store], day: date) -> tuple[int, int]:
    """Of the bookings of a day: how many cars came, and how many bookings stand."""
    standing = Booking.objects.visible_to(user).in_stores(stores).standing().on(day)
    row = standing.with_arrival().aggregate(all=Count("pk"), came=Count("arrived_on"))
    return row["came"], row["all"]


def rates(
    *, user: User, stores: Iterable[Store], today: date, campaign: Campaign | None = None
) -> list[dict[str, Any]]:
    """Success by group in the running campaigns (or in ``campaign``), the agent's own unless they lead the store.

    Rows for components: {"key", "success", "goal", "fill", "tick", "missing"}; "missing": arrivals to the goal.
    """
    running = (
        Campaign.objects.running_on(today) if campaign is None else Campaign.objects.filter(pk=campaign.pk)
    )
    targets = Target.objects.visible_to(user).in_stores(stores).filter(campaign__in=running)
    if not leads(user, stores):
        targets = targets.filter(agent=user)
    goals = _goals(running)
    rows = [
        _rate(c3, success, goals.get(c3))
        for c3, success in evaluation.by_group(targets).items()
        if success.invited
    ]
    return sorted(rows, key=lambda row: -row["success"].invited)


def _goals(campaigns: Any) -> dict[str, int]:
    """The highest goal of each group, where several campaigns run."""
    found: dict[str, int] = {}
    goals = CampaignGroup.objects.filter(campaign__in=campaigns, goal_percent__isnull=False)
    for c3, goal in goals.values_list("c3", "goal_percent"):
        found[c3] = max(goal or 0, found.get(c3, 0))
    return found


def _rate(c3: str, success: evaluation.Success, goal: int | None) -> dict[str, Any]:
    rate = float(success.rate * 100) if success.rate is not None else 0.0
    top = max(rate, goal or 0, 1) * 1.4
    missing = max(0, -(-success.invited * goal // 100) - success.arrived) if goal is not None else None
    return {
        "key": c3,
        "success": success,
        "goal": goal,
        "fill": rate * 100 / top,
        "tick": goal * 100 / top if goal is not None else None,
        "missing": missing if success.invited >= FEWEST else None,
    }
