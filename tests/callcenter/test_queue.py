"""What is on today's list, and that a car is called by one agent at a time."""

from datetime import date, timedelta
from typing import Any

import pytest

from callcenter import queue
from callcenter.models import Call, Priority
from campaigns import services as campaigns
from campaigns.models import Campaign
from customers.models import Customer, Vehicle
from staff.models import Store, User
from tests.callcenter.factories import NOW, TODAY, another_agent, calls
from tests.customers.factories import ComplaintFactory, CustomerFactory, VisitFactory


def waiting(user: User, store: Store, today: date = TODAY) -> list[Call]:
    return list(queue.open_today(user=user, stores=[store], today=today))


def test_today_is_ones_own_and_nobodys(
    store: Store, other_store: Store, agent: User, manager: User, stranger: User
) -> None:
    colleague = another_agent(store)
    made = calls(store, 3)
    Call.objects.filter(pk=made[0].pk).update(agent=agent)
    Call.objects.filter(pk=made[1].pk).update(agent=None)
    Call.objects.filter(pk=made[2].pk).update(agent=colleague)
    assert {call.pk for call in waiting(agent, store)} == {made[0].pk, made[1].pk}
    assert len(waiting(manager, store)) == 3
    assert waiting(stranger, store) == []
    assert waiting(agent, other_store) == []


def test_due_today_counts_and_tomorrow_does_not(store: Store, agent: User) -> None:
    (call,) = calls(store)
    Call.objects.update(due_on=TODAY + timedelta(days=1))
    assert waiting(agent, store) == []
    Call.objects.update(due_on=TODAY)
    assert waiting(agent, store) == [call]


@pytest.mark.parametrize(
    "change",
    [
        lambda call: Customer.objects.update(do_not_call=True),
        lambda call: Customer.objects.update(may_call=False),
        lambda call: Vehicle.objects.update(state=Vehicle.State.SOLD_AWAY),
        lambda call: Vehicle.objects.update(owner=CustomerFactory(home_store=call.store)),
        lambda call: ComplaintFactory(vehicle=call.vehicle),
        lambda call: campaigns.close_campaign(campaign=Campaign.objects.get(), by=None),
        lambda call: Campaign.objects.update(ends_on=TODAY - timedelta(days=1)),
        lambda call: Campaign.objects.update(starts_on=TODAY + timedelta(days=1)),
        lambda call: VisitFactory(vehicle=call.vehicle, visited_on=TODAY),
        lambda call: VisitFactory(vehicle=call.vehicle, visited_on=TODAY, source="dms"),
    ],
    ids=[
        "do not call",
        "no consent",
        "sold",
        "new owner",
        "complaint",
        "closed",
        "over",
        "not begun",
        "arrived",
        "imported",
    ],
)
def test_leaves_the_list_by_itself(store: Store, agent: User, change: Any) -> None:
    (call,) = calls(store)
    assert waiting(agent, store) == [call]
    change(call)
    assert waiting(agent, store) == []
    assert queue.claim_next(user=agent, stores=[store], now=NOW) is None


def test_last_day_of_the_campaign_is_still_called(store: Store, agent: User) -> None:
    (call,) = calls(store)
    Campaign.objects.update(ends_on=TODAY)
    assert waiting(agent, store) == [call]


def test_visit_before_the_list_was_made_changes_nothing(store: Store, agent: User) -> None:
    (call,) = calls(store)
    VisitFactory(vehicle=call.vehicle, visited_on=TODAY - timedelta(days=1))
    assert waiting(agent, store) == [call]


def test_order_promised_first_and_skipped_last(store: Store, agent: User) -> None:
    first, second, third, fourth = calls(store, 4)
    Call.objects.filter(pk=third.pk).update(priority=Priority.CALLBACK, not_before=NOW)
    Call.objects.filter(pk=second.pk).update(priority=Priority.SECOND)
    Call.objects.filter(pk=first.pk).update(skips=1)
    ordered = queue.open_today(user=agent, stores=[store], today=TODAY).in_order()
    assert list(ordered) == [third, second, fourth, first]


def test_promised_hour_is_kept(store: Store, agent: User) -> None:
    (call,) = calls(store)
    Call.objects.update(not_before=NOW + timedelta(minutes=1))
    assert queue.claim_next(user=agent, stores=[store], now=NOW) is None
    assert waiting(agent, store) == [call]
    assert queue.claim_next(user=agent, stores=[store], now=NOW + timedelta(minutes=1)) == call


def test_one_holds_one(store: Store, agent: User) -> None:
    calls(store, 2)
    held = queue.claim_next(user=agent, stores=[store], now=NOW)
    assert held is not None
    assert queue.claim_next(user=agent, stores=[store], now=NOW + timedelta(minutes=5)) == held
    assert Call.objects.filter(held_by=agent).count() == 1


def test_lease_returns_when_it_runs_out(store: Store, agent: User) -> None:
    (call,) = calls(store)
    Call.objects.update(agent=None)
    colleague = another_agent(store)
    assert queue.claim_next(user=agent, stores=[store], now=NOW) == call
    almost = NOW + queue.LEASE - timedelta(seconds=1)
    assert queue.claim_next(user=colleague, stores=[store], now=almost) is None
    assert queue.claim(call=call, user=colleague, now=almost) is None
    assert queue.claim_next(user=colleague, stores=[store], now=NOW + queue.LEASE) == call
    call.refresh_from_db()
    assert call.held_by == colleague


def test_taking_another_call_lets_go_of_the_first(store: Store, agent: User) -> None:
    first, second = calls(store, 2)
    queue.claim(call=first, user=agent, now=NOW)
    assert queue.claim(call=second, user=agent, now=NOW) == second
    first.refresh_from_db()
    assert first.held_by is None
