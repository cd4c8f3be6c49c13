"""Which campaigns count on a saved segment."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from campaigns.models import Campaign
from segmentation.models import SavedSegment
from segmentation.saved.uses import Use


def uses(*, segment: SavedSegment, today: date) -> list[Use]:
    """Newest first. Unfinished: a draft, or opened and not over."""
    campaigns = Campaign.objects.filter(segment=segment).prefetch_related("stores")
    return [
        Use(
            name=campaign.name,
            url=reverse("campaigns:detail", args=[campaign.pk]),
            status=campaign.get_status_display(),
            is_unfinished=campaign.is_draft or (campaign.is_open and campaign.ends_on >= today),
            store_ids=frozenset(store.pk for store in campaign.stores.all()),
        )
        for campaign in campaigns
    ]
