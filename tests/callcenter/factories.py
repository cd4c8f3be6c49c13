"""An open campaign with its calls, and outcomes as agents record them."""

import uuid
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from callcenter import services
from callcenter.models import Call, CallAttempt
from campaigns.models import Outcome
from staff.models import Role, Store, User
from tests.campaigns.factories import car, opened
from tests.staff.factories import MembershipFactory, UserFactory

TODAY = date(2026, 6, 12)
NOW = timezone.make_aware(datetime(2026, 6, 12, 10, 0))


def at(text: str) -> datetime:
    """Wall clock of the store: at("2026-06-12 10:00")."""
    return timezone.make_aware(datetime.fromisoformat(text))


def calls(store: Store, count: int = 1, **vehicle: Any) -> list[Call]:
    """``count`` cars of a campaign opened today, in the queue's order."""
    for _ in range(count):
        car(store, **vehicle)
    campaign = opened(store, today=TODAY)
    return list(Call.objects.filter(target__campaign=campaign).in_order())


def another_agent(store: Store) -> User:
    return MembershipFactory(store=store, role=Role.AGENT, user=UserFactory()).user


def record(
    call: Call, agent: User, outcome: str = Outcome.CONSIDERING, *, when: datetime = NOW, **heard: Any
) -> CallAttempt:
    result = services.Result(outcome=outcome, **heard)
    return services.record_outcome(call=call, agent=agent, result=result, at=when, form_key=uuid.uuid4())
