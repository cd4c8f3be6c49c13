"""How far each invitation of a list came, as one word."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, CharField, QuerySet, Value, When
from django.utils.translation import pgettext_lazy

from campaigns import evaluation
from campaigns.models import Outcome
from campaigns.models.target import TargetQuerySet

STATES = {
    "arrived": pgettext_lazy("invitation", "Arrived"),
    "booked": pgettext_lazy("invitation", "Booked"),
    "talking": pgettext_lazy("invitation", "Talking"),
    "unreached": pgettext_lazy("invitation", "Not reached"),
    "refused": pgettext_lazy("invitation", "Given up"),
    "waiting": pgettext_lazy("invitation", "Not called yet"),
    "holdout": pgettext_lazy("invitation", "Control group"),
}


def with_state(listed: TargetQuerySet) -> QuerySet[Any, Any]:
    """Adds ``arrived_on`` and ``state``, one of STATES: the furthest the invitation came."""
    given_up = [Outcome.REFUSED, Outcome.SOLD_CAR, Outcome.DO_NOT_CALL]
    state = Case(
        When(is_holdout=True, then=Value("holdout")),
        When(arrived_on__isnull=False, then=Value("arrived")),
        When(first_called_on__isnull=True, then=Value("waiting")),
        When(outcome__in=given_up, then=Value("refused")),
        When(outcome=Outcome.BOOKED, then=Value("booked")),
        When(first_contact_on__isnull=False, then=Value("talking")),
        default=Value("unreached"),
        output_field=CharField(),
    )
    return evaluation.with_arrival(listed).annotate(state=state)
