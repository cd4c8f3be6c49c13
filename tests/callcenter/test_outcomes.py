"""What each outcome does to the call, the card and the campaign, and that undoing takes all of it back."""

import uuid
from datetime import date, time, timedelta
from typing import Any

import pytest

from callcenter import booking, queue, schedule, services
from callcenter.models import Booking, Call, CallAttempt, Closing, Priority, SlotPlan
from campaigns import evaluation
from campaigns.models import Campaign, Target
from customers.models import Vehicle
from staff.models import Store, User
from tests.callcenter.factories import NOW, TODAY, another_agent, at, calls, record
from tests.campaigns.factories import LOYAL
from tests.customers.factories import VehicleFactory, VisitFactory

SLOT = (date(2026, 6, 14), time(10))


def state(call: Call) -> tuple[Any, ...]:
    call.refresh_from_db()
    return (
        call.status,
        call.closing,
        call.priority,
        call.due_on,
        call.not_before,
        call.attempts,
        call.skips,
        call.agent_id,
    )


@pytest.mark.parametrize(
    ("outcome", "heard", "expected"),
    [
        ("booked", {"slot": SLOT}, ("open", "", Priority.MISSED, date(2026, 6, 15), None)),
        ("considering", {}, ("open", "", Priority.SECOND, date(2026, 6, 27), None)),
        (
            "later",
            {"call_back_at": at("2026-06-12 16:30")},
            ("open", "", Priority.CALLBACK, TODAY, at("2026-06-12 16:30")),
        ),
        ("no_answer", {}, ("open", "", Priority.AGAIN, date(2026, 6, 13), at("2026-06-13 14:00"))),
        ("refused", {"reason": "too_far"}, ("done", Closing.REFUSED, Priority.FIRST, TODAY, None)),
        ("invalid_number", {}, ("done", Closing.INVALID_NUMBER, Priority.FIRST, TODAY, None)),
        ("sold_car", {}, ("done", Closing.SOLD_CAR, Priority.FIRST, TODAY, None)),
        ("do_not_call", {}, ("done", Closing.DO_NOT_CALL, Priority.FIRST, TODAY, None)),
    ],
)
def test_what_follows_and_undo(
    store: Store, agent: User, outcome: str, heard: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    (call,) = calls(store)
    before = state(call)
    attempt = record(call, agent, outcome, **heard)
    assert state(call)[:5] == expected
    assert (call.attempts, call.held_by) == (1, None)
    target = Target.objects.get()
    reached = outcome not in ("no_answer", "invalid_number")
    assert (target.outcome, target.first_called_on, target.agent) == (outcome, TODAY, agent)
    assert target.first_contact_on == (TODAY if reached else None)
    assert target.booked_for == (SLOT[0] if outcome == "booked" else None)

    back = services.undo(attempt=attempt, agent=agent, now=NOW + timedelta(seconds=10))
    assert state(call) == before
    assert back.held_by == agent
    target.refresh_from_db()
    assert (target.outcome, target.first_called_on, target.agent, target.booked_for) == ("", None, None, None)
    assert not Booking.objects.standing().exists()
    call.customer.refresh_from_db()
    call.vehicle.refresh_from_db()
    assert (call.customer.do_not_call, call.vehicle.state) == (False, Vehicle.State.IN_USE)


def test_third_unanswered_call_is_the_last(store: Store, agent: User) -> None:
    (call,) = calls(store)
    for day in (12, 13):
        record(call, agent, "no_answer", when=at(f"2026-06-{day} 10:00"))
        assert state(call)[0] == "open"
    record(call, agent, "no_answer", when=at("2026-06-14 10:00"))
    assert state(call)[:2] == ("done", Closing.UNREACHABLE)


def test_followed_up_once_then_closed(store: Store, agent: User) -> None:
    (call,) = calls(store)
    record(call, agent, "considering")
    record(call, agent, "considering", when=at("2026-06-27 10:00"))
    assert state(call)[:2] == ("done", Closing.CONSIDERED)


@pytest.mark.parametrize(
    ("ends_on", "closing", "due_on"),
    [
        (date(2026, 6, 20), "", date(2026, 6, 20)),
        (date(2026, 6, 13), "", date(2026, 6, 13)),
        (TODAY, Closing.CONSIDERED, None),
    ],
)
def test_follow_up_never_lies_behind_the_last_day(ends_on: date, closing: str, due_on: date | None) -> None:
    following = schedule.after("considering", at=NOW, earlier=0, ends_on=ends_on)
    assert (following.closing, following.due_on) == (closing, due_on)


@pytest.mark.parametrize(
    ("called", "again"),
    [
        ("2026-06-12 08:50", "2026-06-13 14:00"),
        ("2026-06-12 13:59", "2026-06-13 14:00"),
        ("2026-06-12 14:00", "2026-06-13 17:30"),
        ("2026-06-12 18:00", "2026-06-13 09:30"),
    ],
)
def test_another_part_of_the_day(called: str, again: str) -> None:
    assert schedule.another_part_of_tomorrow(at(called)) == at(again)


@pytest.mark.parametrize(
    ("outcome", "heard", "refusal"),
    [
        ("booked", {}, services.NeedsSlot),
        ("later", {}, services.NeedsTime),
        ("later", {"call_back_at": NOW}, services.NeedsTime),
        ("refused", {}, services.NeedsReason),
        ("refused", {"reason": "nonsense"}, services.NeedsReason),
        ("booked", {"slot": (TODAY - timedelta(days=1), time(10))}, booking.SlotFull),
        ("booked", {"slot": (SLOT[0], time(11))}, booking.SlotFull),
    ],
)
def test_half_an_answer_writes_nothing(
    store: Store, agent: User, outcome: str, heard: dict[str, Any], refusal: type[Exception]
) -> None:
    (call,) = calls(store)
    before = state(call)
    with pytest.raises(refusal):
        record(call, agent, outcome, **heard)
    assert state(call) == before
    assert not CallAttempt.objects.exists()
    assert not Booking.objects.exists()


def test_same_form_twice_counts_once(store: Store, agent: User) -> None:
    (call,) = calls(store)
    key = uuid.uuid4()
    result = services.Result(outcome="no_answer")
    first = services.record_outcome(call=call, agent=agent, result=result, at=NOW, form_key=key)
    again = services.record_outcome(call=call, agent=agent, result=result, at=NOW, form_key=key)
    assert first == again
    assert state(call)[5] == 1


def test_a_colleague_cannot_record_on_a_held_or_finished_call(store: Store, agent: User) -> None:
    (call,) = calls(store)
    colleague = another_agent(store)
    queue.claim(call=call, user=agent, now=NOW)
    with pytest.raises(services.CallTaken):
        record(call, colleague)
    record(call, agent, "refused", reason="other")
    with pytest.raises(services.CallTaken):
        record(call, agent, "considering")
    assert CallAttempt.objects.count() == 1


def test_too_expensive_marks_the_owner_and_undo_unmarks(store: Store, agent: User) -> None:
    (call,) = calls(store)
    attempt = record(call, agent, "refused", reason="too_expensive")
    call.customer.refresh_from_db()
    assert call.customer.price_sensitive
    services.undo(attempt=attempt, agent=agent, now=NOW)
    call.customer.refresh_from_db()
    assert not call.customer.price_sensitive


def test_a_mark_that_stood_before_stays_after_undo(store: Store, agent: User) -> None:
    (call,) = calls(store, owner={"price_sensitive": True})
    attempt = record(call, agent, "refused", reason="too_expensive")
    services.undo(attempt=attempt, agent=agent, now=NOW)
    call.customer.refresh_from_db()
    assert call.customer.price_sensitive


def test_do_not_call_closes_the_owners_other_calls(store: Store, agent: User) -> None:
    first, second, third = calls(store, 3)
    Vehicle.objects.filter(pk=second.vehicle_id).update(owner=first.customer)
    Call.objects.filter(pk=second.pk).update(customer=first.customer)
    attempt = record(first, agent, "do_not_call")
    assert [state(call)[:2] for call in (second, third)] == [("done", Closing.DO_NOT_CALL), ("open", "")]
    assert list(queue.open_today(user=agent, stores=[store], today=TODAY)) == [third]
    services.undo(attempt=attempt, agent=agent, now=NOW)
    assert state(second)[:2] == ("open", "")


def test_undo_ends_after_a_minute(store: Store, agent: User) -> None:
    (call,) = calls(store)
    attempt = record(call, agent, "no_answer")
    with pytest.raises(services.TooLate):
        services.undo(attempt=attempt, agent=agent, now=NOW + timedelta(seconds=61))
    services.undo(attempt=attempt, agent=agent, now=NOW + timedelta(seconds=60))
    services.undo(attempt=attempt, agent=agent, now=NOW + timedelta(seconds=60))
    assert state(call)[5] == 0
    assert CallAttempt.objects.standing().count() == 0


def test_undo_leaves_a_newer_attempt_alone(store: Store, agent: User) -> None:
    (call,) = calls(store)
    first = record(call, agent, "no_answer")
    record(call, agent, "considering", when=NOW + timedelta(seconds=5))
    with pytest.raises(services.TooLate):
        services.undo(attempt=first, agent=agent, now=NOW + timedelta(seconds=10))


def test_undo_while_the_next_call_is_held(store: Store, agent: User) -> None:
    first, second = calls(store, 2)
    attempt = record(first, agent, "no_answer")
    queue.claim(call=second, user=agent, now=NOW)
    assert services.undo(attempt=attempt, agent=agent, now=NOW) == first
    second.refresh_from_db()
    assert second.held_by is None


def test_skipped_comes_last(store: Store, agent: User) -> None:
    first, second = calls(store, 2)
    queue.claim(call=first, user=agent, now=NOW)
    services.skip(call=first, agent=agent)
    assert queue.claim_next(user=agent, stores=[store], now=NOW) == second


def test_a_full_slot_is_refused_and_a_cancelled_place_is_free(store: Store, agent: User) -> None:
    SlotPlan.objects.create(store=store, hours=["10:00"], capacity=1)
    first, second = calls(store, 2)
    attempt = record(first, agent, "booked", slot=SLOT)
    with pytest.raises(booking.SlotFull):
        record(second, agent, "booked", slot=SLOT)
    services.undo(attempt=attempt, agent=agent, now=NOW)
    record(second, agent, "booked", slot=SLOT)
    assert [row.vehicle for row in Booking.objects.standing()] == [second.vehicle]


def test_slots_show_what_is_left(store: Store, other_store: Store, agent: User) -> None:
    SlotPlan.objects.create(store=store, hours=["14:00", "10:00"], capacity=2)
    first, second = calls(store, 2)
    record(first, agent, "booked", slot=(date(2026, 6, 13), time(10)))
    made_elsewhere = VehicleFactory(owner__home_store=other_store)
    booking.book(
        store=other_store,
        vehicle=made_elsewhere,
        customer=made_elsewhere.owner,
        day=date(2026, 6, 13),
        hour=time(10),
        by=agent,
        made_on=TODAY,
    )
    days = booking.slots_from(store=store, today=TODAY, days=2)
    assert [(slot.value, slot.left) for day in days for slot in day.slots] == [
        ("2026-06-13T10:00", 1),
        ("2026-06-13T14:00", 2),
        ("2026-06-14T10:00", 2),
        ("2026-06-14T14:00", 2),
    ]
    assert second.pk


@pytest.mark.parametrize(
    ("visited_on", "expected"),
    [
        (date(2026, 6, 12), "arrived"),
        (date(2026, 6, 21), "arrived"),
        (date(2026, 6, 22), "missed"),
        (date(2026, 6, 11), "missed"),
    ],
)
def test_booking_is_kept_from_the_day_it_was_made_to_a_week_after(
    store: Store, agent: User, visited_on: date, expected: str
) -> None:
    (call,) = calls(store)
    record(call, agent, "booked", slot=SLOT)
    VisitFactory(vehicle=call.vehicle, visited_on=visited_on)
    row = Booking.objects.with_arrival().get()
    assert row.state(date(2026, 7, 1)) == expected
    assert Booking.objects.expected_on(SLOT[0]).count() == int(expected == "missed")


@pytest.mark.parametrize("source", ["desk", "dms"])
def test_an_arrival_closes_the_invitation_however_it_was_entered(
    store: Store, agent: User, source: str
) -> None:
    (call,) = calls(store)
    record(call, agent, "booked", slot=SLOT)
    tomorrow_after = SLOT[0] + timedelta(days=1)
    assert list(queue.open_today(user=agent, stores=[store], today=tomorrow_after)) == [call]
    VisitFactory(vehicle=call.vehicle, visited_on=SLOT[0], source=source)
    assert list(queue.open_today(user=agent, stores=[store], today=tomorrow_after)) == []
    success = evaluation.by_group(Target.objects.all())[LOYAL]
    assert (success.invited, success.arrived) == (1, 1)


def test_calls_are_dealt_evenly_group_by_group_and_day_by_day(store: Store, agent: User) -> None:
    colleague = another_agent(store)
    made = calls(store, 7)
    assert sorted([sum(call.agent == someone for call in made) for someone in (agent, colleague)]) == [3, 4]
    assert {call.due_on for call in made} == {TODAY}


def test_daily_quota_spreads_the_list(store: Store, agent: User) -> None:
    from tests.campaigns.factories import car, opened

    for _ in range(5):
        car(store)
    opened(store, today=TODAY, daily_quota=2, ends_on=date(2026, 6, 13))
    days = sorted(Call.objects.values_list("due_on", flat=True))
    assert days == [date(2026, 6, 12)] * 2 + [date(2026, 6, 13)] * 3
    assert Campaign.objects.get().daily_quota == 2


def test_a_store_without_agents_gets_calls_of_nobody(store: Store, manager: User) -> None:
    (call,) = calls(store)
    assert call.agent is None
    assert list(queue.open_today(user=manager, stores=[store], today=TODAY)) == [call]
