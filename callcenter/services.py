"""Recording how a call ended, and taking it back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from callcenter import booking, consequences, queue, schedule
from callcenter.models import Call, CallAttempt, RefusalReason
from campaigns.models import Outcome
from staff.models import User

# The page offers it for ten seconds; a slow line may take longer to bring it here.
UNDO_WITHIN = timedelta(seconds=60)


class NeedsSlot(Exception):
    """Booked, but for when?"""


class NeedsTime(Exception):
    """Call back later, but when? A time in the past is none."""


class NeedsReason(Exception):
    """Refused, but why?"""


class CallTaken(Exception):
    """``call`` is with a colleague, or was finished, while this page was open."""


class TooLate(Exception):
    """Undo is for slips, not for history."""


@dataclass(frozen=True, slots=True)
class Result:
    """What the agent heard. ``slot`` is for booked, ``call_back_at`` for later, ``reason`` for refused."""

    outcome: str
    note: str = ""
    reason: str = ""
    call_back_at: datetime | None = None
    slot: tuple[date, time] | None = None


def record_outcome(
    *, call: Call, agent: User, result: Result, at: datetime, form_key: uuid.UUID
) -> CallAttempt:
    """Save the outcome and what follows from it, at once and in one piece.

    Safe to repeat: a second post of the form finds the first one's attempt. Raises NeedsSlot, NeedsTime, NeedsReason,
    CallTaken, and booking.SlotFull or booking.AlreadyBooked; nothing is written then.
    """
    first = _attempt_of(form_key, call, agent)
    if first is not None:
        return first
    _check(result, at)
    try:
        with transaction.atomic():
            return _record(call, agent, result, at, form_key)
    except IntegrityError:  # the same form, posted twice in one moment
        first = _attempt_of(form_key, call, agent)
        if first is None:
            raise
        return first


def undo(*, attempt: CallAttempt, agent: User, now: datetime) -> Call:
    """Put everything back as it was before the attempt and the call back in the agent's hand.

    Safe to repeat. Raises TooLate after a minute, or when somebody has called again since.
    """
    with transaction.atomic():
        call = Call.objects.select_for_update().get(pk=attempt.call_id)
        newer = call.tries.standing().filter(pk__gt=attempt.pk).exists()
        if newer or now - attempt.at > UNDO_WITHIN:
            raise TooLate
        if CallAttempt.objects.standing().filter(pk=attempt.pk).update(undone_at=now):
            consequences.restore(call, attempt, agent=agent)
            consequences.tell_campaign(call)
    return queue.claim(call=call, user=agent, now=now) or call


def skip(*, call: Call, agent: User) -> None:
    """Later today, after all the others."""
    with transaction.atomic():
        Call.objects.filter(pk=call.pk, status=Call.Status.OPEN).update(skips=F("skips") + 1)
        queue.release(user=agent)


def _attempt_of(form_key: uuid.UUID, call: Call, agent: User) -> CallAttempt | None:
    return CallAttempt.objects.filter(form_key=form_key, call=call, agent=agent).first()


def _check(result: Result, at: datetime) -> None:
    if result.outcome == Outcome.BOOKED and result.slot is None:
        raise NeedsSlot
    if result.outcome == Outcome.LATER and (result.call_back_at is None or result.call_back_at <= at):
        raise NeedsTime
    if result.outcome == Outcome.REFUSED and result.reason not in RefusalReason.values:
        raise NeedsReason


def _record(call: Call, agent: User, result: Result, at: datetime, form_key: uuid.UUID) -> CallAttempt:
    # The lock makes the second of two agents wait here and then find the call taken.
    call = Call.objects.select_for_update(of=("self",)).select_related("target__campaign").get(pk=call.pk)
    if not call.is_open or call.is_held_by_another(agent, at):
        raise CallTaken
    before = consequences.snapshot(call)
    attempt = CallAttempt.objects.create(
        call=call,
        agent=agent,
        outcome=result.outcome,
        reason=result.reason if result.outcome == Outcome.REFUSED else "",
        note=result.note,
        at=at,
        form_key=form_key,
    )
    if result.outcome == Outcome.BOOKED and result.slot is not None:
        _book(call, attempt, result.slot)
    earlier = call.tries.standing().filter(outcome=result.outcome).exclude(pk=attempt.pk).count()
    _move(call, agent, result, at, earlier)
    attempt.before = before | consequences.apply(
        call, agent=agent, outcome=result.outcome, reason=result.reason
    )
    attempt.save(update_fields=["before"])
    consequences.tell_campaign(call)
    return attempt


def _book(call: Call, attempt: CallAttempt, slot: tuple[date, time]) -> None:
    booking.book(
        store=call.store,
        vehicle=call.vehicle,
        customer=call.customer,
        day=slot[0],
        hour=slot[1],
        by=attempt.agent,
        made_on=timezone.localdate(attempt.at),
        attempt=attempt,
    )


def _move(call: Call, agent: User, result: Result, at: datetime, earlier: int) -> None:
    following = schedule.after(
        result.outcome,
        at=at,
        earlier=earlier,
        ends_on=call.target.campaign.ends_on,
        call_back_at=result.call_back_at,
        booked_for=result.slot[0] if result.slot else None,
    )
    call.status = Call.Status.DONE if following.closing else Call.Status.OPEN
    call.closing = following.closing
    call.priority = following.priority
    call.due_on = following.due_on or call.due_on
    call.not_before = following.not_before
    call.attempts += 1
    call.skips = 0
    # Whoever spoke to the owner keeps the car.
    call.agent = call.agent or agent
    call.held_by = call.held_until = None
    call.updated_at = at
    call.save()
