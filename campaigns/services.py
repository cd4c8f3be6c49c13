"""Drafting, opening and closing a campaign."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from campaigns import targets
from campaigns.criteria import Plan
from campaigns.models import Campaign, CampaignGroup, CampaignStore, Target
from segmentation.models import SavedSegment
from staff.models import Store, User
from staff.services import record


class NotADraft(Exception):
    """An opened campaign is judged by its plan: the plan stands."""


class StaleDraft(Exception):
    """Somebody saved the draft after this form was made."""


class SegmentArchived(Exception):
    """The segment the plan counts on was put away meanwhile."""


class CannotOpen(Exception):
    """``reason``: "over" when the last day has passed, "empty" when no car fits."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Opened:
    listed: int
    holdout: int


def create_campaign(*, plan: Plan, stores: Sequence[Store], by: User | None, form_key: uuid.UUID) -> Campaign:
    """A new draft; a second post of the same form finds the first one's. Raises SegmentArchived."""
    campaign = Campaign(created_by=by, form_key=form_key, **_columns(plan))
    try:
        with transaction.atomic():
            _hold_segment(plan)
            campaign.save()
            _write_links(campaign, plan, stores)
    except IntegrityError:
        existing = Campaign.objects.filter(form_key=form_key).first()
        if existing is None:
            raise
        return existing
    return campaign


@transaction.atomic
def update_draft(*, campaign: Campaign, plan: Plan, stores: Sequence[Store], version: int) -> Campaign:
    """Save the draft that was read as ``version``.

    Raises NotADraft, StaleDraft or SegmentArchived, and writes nothing then.
    """
    _hold_segment(plan)
    mine = Campaign.objects.filter(pk=campaign.pk, status=Campaign.Status.DRAFT, version=version)
    if not mine.update(version=F("version") + 1, **_columns(plan)):
        raise (
            StaleDraft if Campaign.objects.filter(pk=campaign.pk, status=Campaign.Status.DRAFT) else NotADraft
        )
    _write_links(campaign, plan, stores)
    return Campaign.objects.get(pk=campaign.pk)


@transaction.atomic
def open_campaign(*, campaign: Campaign, by: User | None, today: date) -> Opened:
    """Freeze the list and hand out the calls, together or not at all.

    Safe to repeat: an opened campaign keeps its list. Raises CannotOpen, and NotADraft for a closed one.
    """
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if campaign.status == Campaign.Status.CLOSED:
        raise NotADraft
    if campaign.is_draft:
        if campaign.ends_on < today:
            raise CannotOpen("over")
        if not targets.freeze(campaign, stores=list(campaign.stores.all()), today=today):
            raise CannotOpen("empty")
        campaign.status = Campaign.Status.OPEN
        campaign.frozen_on, campaign.frozen_at = today, timezone.now()
        campaign.save(update_fields=["status", "frozen_on", "frozen_at"])
        for path in settings.CAMPAIGN_OPENED:
            import_string(path)(campaign=campaign, today=today)
        record(user=by, action="campaign.open", subject=campaign)
    listed = Target.objects.filter(campaign=campaign)
    return Opened(listed=listed.count(), holdout=listed.filter(is_holdout=True).count())


@transaction.atomic
def close_campaign(*, campaign: Campaign, by: User | None) -> bool:
    """End it before or after its last day: nobody is called for it any more. False when it was not open."""
    ended = Campaign.objects.filter(pk=campaign.pk, status=Campaign.Status.OPEN).update(
        status=Campaign.Status.CLOSED, closed_at=timezone.now()
    )
    if ended:
        record(user=by, action="campaign.close", subject=campaign)
    return bool(ended)


def _hold_segment(plan: Plan) -> None:
    """Whoever wants to put the segment away waits until the plan is written, and then finds it in use."""
    segment = plan.criteria.segment
    if segment and not SavedSegment.objects.current().select_for_update().filter(pk=segment.pk).first():
        raise SegmentArchived


def _columns(plan: Plan) -> dict[str, object]:
    return {
        "name": plan.name,
        "purpose": plan.purpose,
        "starts_on": plan.starts_on,
        "ends_on": plan.ends_on,
        "daily_quota": plan.daily_quota,
        "conditions": plan.criteria.as_row(),
        "segment": plan.criteria.segment,
    }


def _write_links(campaign: Campaign, plan: Plan, stores: Sequence[Store]) -> None:
    campaign.store_links.all().delete()
    campaign.groups.all().delete()
    CampaignStore.objects.bulk_create([CampaignStore(campaign=campaign, store=store) for store in stores])
    CampaignGroup.objects.bulk_create(
        [
            CampaignGroup(
                campaign=campaign,
                c3=group.c3,
                age_from=group.age_from,
                age_to=group.age_to,
                goal_percent=group.goal_percent,
                offer=group.offer,
            )
            for group in plan.criteria.groups
        ]
    )
