"""What every page of one campaign shares: who may do what with it, and the tabs."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext

from campaigns.models import Campaign
from staff.models import Store
from staff.permissions import ACTIONS, StaffRequest


def visible_campaign(request: StaffRequest, pk: int) -> Campaign:
    campaigns = Campaign.objects.visible_to(request.user).select_related("created_by", "segment")
    return get_object_or_404(campaigns.prefetch_related("stores", "groups"), pk=pk)


def editable_campaign(request: StaffRequest, pk: int) -> Campaign:
    """A campaign of several stores is its managers' only if they lead every one of them."""
    campaign = visible_campaign(request, pk)
    for store in campaign.stores.all():
        request.active.require("campaign.edit", store)
    return campaign


def led_stores(request: StaffRequest) -> list[Store]:
    """Stores in which the user may plan a campaign; the active one first."""
    allowed = ACTIONS["campaign.edit"]
    led = [store for store in request.active.mine if request.active.roles[store.pk] in allowed]
    if not led:
        raise PermissionDenied
    return sorted(led, key=lambda store: store != request.active.store)


def my_stores(request: StaffRequest, campaign: Campaign) -> list[Store]:
    """The campaign's stores the user works in: whose cars and figures the pages show."""
    mine = {store.pk for store in request.active.mine}
    return [store for store in campaign.stores.all() if store.pk in mine]


def may_edit(request: StaffRequest, campaign: Campaign) -> bool:
    allowed = ACTIONS["campaign.edit"]
    return all(request.active.roles.get(store.pk) in allowed for store in campaign.stores.all())


def frame(request: StaffRequest, campaign: Campaign, current: str, *, listed: int) -> dict[str, Any]:
    editable = may_edit(request, campaign)
    if campaign.is_draft:
        first = ("edit" if editable else "detail", pgettext("campaign tab", "Plan"))
    else:
        first = ("detail", pgettext("campaign tab", "Progress"))
    pages = [(*first, None), ("targets", pgettext("campaign tab", "Target list"), listed)]
    return {
        "campaign": campaign,
        "stores": my_stores(request, campaign),
        "editable": editable,
        "today": timezone.localdate(),
        "day_number": campaign.day_number(timezone.localdate()),
        "tabs": [
            {
                "url": reverse(f"campaigns:{name}", args=[campaign.pk]),
                "label": label,
                "n": count,
                "current": name == current,
            }
            for name, label, count in pages
        ],
    }
