"""When to call again: pure rules, no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from callcenter.models.call import Closing, Priority
from campaigns.models import Outcome

SECOND_FOLLOW_UP = timedelta(days=15)
MOST_UNANSWERED = 3
MOST_CONSIDERED = 2
# Parts of the day in which a phone is tried: each begins at its hour.
PARTS = (time(9, 30), time(14, 0), time(17, 30))


@dataclass(frozen=True, slots=True)
class Next:
    """The call after an outcome: due again, or closed for a reason."""

    closing: str = ""
    priority: int = Priority.FIRST
    due_on: date | None = None
    not_before: datetime | None = None


CLOSED_AT_ONCE = {
    Outcome.REFUSED: Closing.REFUSED,
    Outcome.INVALID_NUMBER: Closing.INVALID_NUMBER,
    Outcome.SOLD_CAR: Closing.SOLD_CAR,
    Outcome.DO_NOT_CALL: Closing.DO_NOT_CALL,
}


def after(
    outcome: str,
    *,
    at: datetime,
    earlier: int,
    ends_on: date,
    call_back_at: datetime | None = None,
    booked_for: date | None = None,
) -> Next:
    """What follows ``outcome``, the call having ended ``earlier`` times in the same one before.

    No follow-up lies behind the campaign's last day ``ends_on``: it moves forward to it, or falls away.
    """
    today = timezone.localdate(at)
    if outcome in CLOSED_AT_ONCE:
        return Next(closing=CLOSED_AT_ONCE[Outcome(outcome)])
    if outcome == Outcome.LATER:
        assert call_back_at is not None
        return Next(
            priority=Priority.CALLBACK, due_on=timezone.localdate(call_back_at), not_before=call_back_at
        )
    if outcome == Outcome.BOOKED:
        assert booked_for is not None
        # Leaves the list when the car comes; comes back the day after when it did not.
        return Next(priority=Priority.MISSED, due_on=booked_for + timedelta(days=1))
    if outcome == Outcome.NO_ANSWER:
        if earlier + 1 >= MOST_UNANSWERED:
            return Next(closing=Closing.UNREACHABLE)
        return Next(
            priority=Priority.AGAIN, due_on=today + timedelta(days=1), not_before=another_part_of_tomorrow(at)
        )
    follow_up = min(today + SECOND_FOLLOW_UP, ends_on)
    if earlier + 1 >= MOST_CONSIDERED or follow_up <= today:
        return Next(closing=Closing.CONSIDERED)
    return Next(priority=Priority.SECOND, due_on=follow_up)


def another_part_of_tomorrow(at: datetime) -> datetime:
    """Who did not answer in the morning is tried in the afternoon, then in the evening, then in the morning."""
    local = timezone.localtime(at)
    present = max((part for part, begins in enumerate(PARTS) if local.time() >= begins), default=0)
    following = PARTS[(present + 1) % len(PARTS)]
    return timezone.make_aware(datetime.combine(local.date() + timedelta(days=1), following))
