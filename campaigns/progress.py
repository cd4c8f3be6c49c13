"""How far an invitation came, as the call center tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from campaigns.models import Target


@dataclass(frozen=True, slots=True)
class Progress:
    """The standing attempts of one call, summed up; the default is a car nobody has called."""

    agent: int | None = None
    outcome: str = ""
    first_called_on: date | None = None
    last_called_on: date | None = None
    first_contact_on: date | None = None
    booked_for: date | None = None


def record(*, target: int, progress: Progress) -> None:
    Target.objects.filter(pk=target).update(
        agent_id=progress.agent,
        outcome=progress.outcome,
        first_called_on=progress.first_called_on,
        last_called_on=progress.last_called_on,
        first_contact_on=progress.first_contact_on,
        booked_for=progress.booked_for,
    )
