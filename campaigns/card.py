"""What campaigns say on a customer's card: the promise that must not be forgotten, and the invitation itself."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns.evaluation import with_arrival
from campaigns.models import Campaign, CampaignGroup, Target
from customers.card import Contribution, Greeting, Panel, TimelineEntry
from customers.models import Customer, Vehicle
from staff.models import User
from staff.permissions import ACTIONS


def contribute(
    *, user: User, customer: Customer | None, vehicles: list[Vehicle], today: date
) -> Contribution:
    found = Contribution()
    listed = (
        Target.objects.visible_to(user).to_call().filter(vehicle__in=[vehicle.pk for vehicle in vehicles])
    )
    targets: list[Target] = list(
        with_arrival(listed).select_related("campaign").order_by("-campaign__starts_on", "pk")
    )
    plates = {vehicle.pk: str(vehicle) for vehicle in vehicles}
    links = {store for store, role in user.roles.items() if role in ACTIONS["campaign.view"]}
    found.timeline = [_entry(target, plates, linked=target.store_id in links) for target in targets]
    running = [target for target in targets if _runs(target.campaign, today)]
    offers = _offers(running)
    promises: list[dict[str, Any]] = [
        {
            "campaign": target.campaign.name,
            "offer": offers[target.campaign_id, target.c3],
            "until": target.campaign.ends_on,
            "plate": plates[target.vehicle_id],
        }
        for target in running
        if offers.get((target.campaign_id, target.c3))
    ]
    for promise in promises:
        until = formats.date_format(promise["until"], pgettext("date in a sentence", "j M"))
        text = _("%(offer)s, campaign “%(campaign)s” until %(until)s.")
        found.greetings.append(
            Greeting(3, "ok", "gift", _("Do not forget:"), text % {**promise, "until": until})
        )
    if promises:
        found.panels.append(Panel(20, "campaigns/_promise.html", {"promises": promises}))
    return found


def _runs(campaign: Campaign, today: date) -> bool:
    return campaign.is_open and campaign.starts_on <= today <= campaign.ends_on


def _offers(targets: list[Target]) -> dict[tuple[int, str], str]:
    if not targets:
        return {}
    groups = CampaignGroup.objects.filter(campaign__in={target.campaign_id for target in targets})
    return {(campaign, c3): offer for campaign, c3, offer in groups.values_list("campaign", "c3", "offer")}


def _entry(target: Target, plates: dict[int, str], *, linked: bool) -> TimelineEntry:
    arrived_on: date | None = getattr(target, "arrived_on", None)
    assert target.campaign.frozen_on is not None
    return TimelineEntry(
        on=target.campaign.frozen_on,
        kind="campaign",
        icon="megaphone",
        title=_("Campaign: %(name)s") % {"name": target.campaign.name},
        text=plates[target.vehicle_id],
        badge=_("came %(day)s") % {"day": arrived_on.isoformat()} if arrived_on else "",
        tone="ok" if arrived_on else "info",
        url=reverse("campaigns:detail", args=[target.campaign_id]) if linked else "",
    )
