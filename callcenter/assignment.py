"""Handing the cars of a campaign to the agents: evenly, group by group, and no more a day than they can call."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

from callcenter.models import Call
from campaigns.models import Campaign, Target
from staff.models import Membership, Role, Store


def make_calls(*, campaign: Campaign, today: date) -> int:
    """A call for every car to be called; return how many are new. Safe to repeat: one call per target.

    A store without agents gets calls of nobody, which its manager and any later agent see.
    """
    before = Call.objects.filter(target__campaign=campaign).count()
    for store in campaign.stores.all():
        Call.objects.bulk_create(_calls_of(campaign, store, today), ignore_conflicts=True, batch_size=1000)
    return Call.objects.filter(target__campaign=campaign).count() - before


def agents_of(store: Store) -> list[int]:
    members = Membership.objects.filter(store=store, role=Role.AGENT, user__is_active=True)
    return list(members.order_by("user_id").values_list("user_id", flat=True))


def _calls_of(campaign: Campaign, store: Store, today: date) -> list[Call]:
    targets = Target.objects.filter(campaign=campaign, store=store).to_call()
    rows = targets.only("pk", "vehicle", "customer", "c3", "model")
    # Dealt like cards, sorted by group and model: no agent gets the better half.
    dealt = sorted(rows, key=lambda target: (target.c3, target.model, _lot(campaign, target)))
    agents: list[int | None] = [*agents_of(store)] or [None]
    first = max(today, campaign.starts_on)
    calls = []
    for place, agent in enumerate(agents):
        mine = sorted(dealt[place :: len(agents)], key=lambda target: _lot(campaign, target))
        for turn, target in enumerate(mine):
            due_on = min(first + timedelta(turn // campaign.daily_quota), campaign.ends_on)
            calls.append(
                Call(
                    target=target,
                    store=store,
                    vehicle_id=target.vehicle_id,
                    customer_id=target.customer_id,
                    agent_id=agent,
                    due_on=due_on,
                )
            )
    return calls


def _lot(campaign: Campaign, target: Target) -> bytes:
    return hashlib.blake2b(f"{campaign.pk}:{target.vehicle_id}".encode(), digest_size=8).digest()
