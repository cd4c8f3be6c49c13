"""Which running campaigns another threshold would touch."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Q
from django.db.models.expressions import RawSQL
from django.urls import reverse

from campaigns.models import Campaign, Target
from segmentation.whatif import Touched
from staff.models import User


def touched(*, user: User, moving: RawSQL, today: date) -> list[Touched]:
    """Of each campaign not over: the cars on its list that change groups. The list itself stays as it was frozen."""
    running = Campaign.objects.unfinished_on(today)
    targets = Target.objects.visible_to(user).filter(campaign__in=running, vehicle__in=moving)
    waits = Q(is_holdout=False, first_called_on=None)
    rows = {
        campaign: (cars, waiting)
        for campaign, cars, waiting in targets.order_by()
        .values_list("campaign")
        .annotate(cars=Count("pk"), waiting=Count("pk", filter=waits))
    }
    listed = dict(
        Target.objects.visible_to(user)
        .filter(campaign__in=rows)
        .order_by()
        .values_list("campaign")
        .annotate(Count("pk"))
    )
    return [
        Touched(
            campaign.name,
            reverse("campaigns:detail", args=[campaign.pk]),
            listed[campaign.pk],
            *rows[campaign.pk],
        )
        for campaign in Campaign.objects.filter(pk__in=rows).order_by("ends_on", "pk")
    ]
