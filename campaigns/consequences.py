"""What an import would do to running campaigns: asked inside its trial run."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Exists
from django.utils.translation import gettext_lazy as _

from campaigns.evaluation import arrival, visits_in_period
from campaigns.models import Campaign, Target
from staff.models import Store


def of_import(*, store: Store, today: date, stamp: datetime) -> list[dict[str, Any]]:
    """Invitations that become arrivals by visits written at ``stamp`` and by no earlier one."""
    known = visits_in_period("first_contact_on").filter(created_at__lt=stamp)
    targets = Target.objects.in_stores([store]).to_call().filter(
        arrival(), ~Exists(known), campaign__status=Campaign.Status.OPEN
    )  # fmt: skip
    count = targets.count()
    return [{"label": _("Invitations that become arrivals"), "value": count, "tone": "ok"}] if count else []
