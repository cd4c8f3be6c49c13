"""The frame around every page: navigation by role, store switcher, age of the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from staff.middleware import may_see_all
from staff.models import Role
from staff.views_exports import awaiting

if TYPE_CHECKING:
    from staff.permissions import ActiveScope, StaffRequest


@dataclass(frozen=True)
class Entry:
    name: str
    label: str | Promise
    icon: str
    action: str
    count: Callable[[StaffRequest], int] | None = None
    short: str | Promise = field(default="")


def calls_today(request: StaffRequest) -> int:
    from callcenter import queue

    return queue.open_today(
        user=request.user, stores=request.active.stores, today=timezone.localdate()
    ).count()


def bookings_today(request: StaffRequest) -> int:
    from callcenter.models import Booking

    bookings = Booking.objects.visible_to(request.user).in_stores(request.active.stores)
    return bookings.expected_on(timezone.localdate()).count()


def running_campaigns(request: StaffRequest) -> int:
    from campaigns.models import Campaign

    campaigns = Campaign.objects.visible_to(request.user).in_stores(request.active.stores)
    return campaigns.running_on(timezone.localdate()).count()


SECTIONS: list[tuple[str | Promise, list[Entry]]] = [
    (
        _("Today's work"),
        [
            Entry("customers:reception", _("Log a visit"), "clipboard-plus", "visit.log"),
            Entry("callcenter:today", _("Calls"), "phone", "call.work", calls_today),
            Entry("callcenter:bookings", _("Bookings"), "calendar-clock", "booking.view", bookings_today),
        ],
    ),
    (
        _("Customers"),
        [
            Entry(
                "customers:list",
                _("Customers and cars"),
                "users",
                "customer.view",
                None,
                pgettext_lazy("tab bar", "Customers"),
            ),
            Entry("customers:visits", pgettext_lazy("menu", "Visits"), "wrench", "visit.view"),
            Entry("customers:complaints", _("Complaints"), "message-square-warning", "complaint.log"),
            Entry("segmentation:groups", _("Segments"), "grid-2x2", "segment.view"),
        ],
    ),
    (
        _("Business"),
        [
            Entry("dashboards:overview", _("Dashboard"), "layout-dashboard", "dashboard.view"),
            Entry("campaigns:list", _("Campaigns"), "megaphone", "campaign.view", running_campaigns),
        ],
    ),
    (
        _("Data"),
        [
            Entry("customers:imports", _("DMS import"), "database", "import.run"),
            Entry("jobs:list", _("Jobs"), "list-checks", "job.view"),
            Entry("staff:export_requests", _("Exports"), "file-down", "export.run", awaiting),
            Entry("staff:people", _("Staff"), "user-cog", "staff.manage"),
            Entry("staff:audit", _("Audit trail"), "scroll-text", "audit.view"),
        ],
    ),
]

HOME: dict[Role, str] = {
    Role.ADVISOR: "customers:reception",
    Role.AGENT: "callcenter:today",
    Role.TECHNICIAN: "customers:visits",
    Role.MANAGER: "dashboards:overview",
    Role.ADMIN: "customers:imports",
}
# The four places of the phone's bottom bar.
TABBAR: dict[Role, tuple[str, ...]] = {
    Role.ADVISOR: ("customers:reception", "callcenter:bookings", "customers:list", "customers:visits"),
    Role.AGENT: ("callcenter:today", "callcenter:bookings", "customers:list", "customers:complaints"),
    Role.TECHNICIAN: ("customers:visits", "customers:list"),
    Role.MANAGER: ("dashboards:overview", "campaigns:list", "segmentation:groups", "customers:list"),
    Role.ADMIN: ("customers:imports", "jobs:list", "customers:list", "staff:people"),
}


def home_url(active: ActiveScope) -> str:
    return reverse(HOME[active.role]) if active.role else reverse("staff:profile")


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``chrome`` is worked out only when the page uses the frame."""
    return {"chrome": SimpleLazyObject(lambda: _chrome(request))}  # type: ignore[arg-type]  # our middleware ran


def _chrome(request: StaffRequest) -> dict[str, Any]:
    active = request.active
    entries = {
        entry.name: _item(request, entry)
        for _title, group in SECTIONS
        for entry in group
        if active.can(entry.action)
    }
    sections = [
        {"title": title, "items": [entries[entry.name] for entry in group if entry.name in entries]}
        for title, group in SECTIONS
    ]
    tabs = TABBAR[active.role] if active.role else ()
    return {
        "nav": [section for section in sections if section["items"]],
        "tabbar": [entries[name] for name in tabs if name in entries],
        "store": active.store,
        "stores": active.mine,
        "may_see_all": may_see_all(active.roles),
        "role_label": active.role.label if active.role else "",
        "data_note": data_note(request),
        "home_url": home_url(active),
    }


def _item(request: StaffRequest, entry: Entry) -> dict[str, Any]:
    url = reverse(entry.name)
    match = request.resolver_match
    current = (
        match is not None and match.app_name == entry.name.split(":")[0] and request.path.startswith(url)
    )
    return {
        "url": url,
        "label": entry.label,
        "short": entry.short or entry.label,
        "icon": entry.icon,
        "badge": entry.count(request) if entry.count else None,
        "current": current,
    }


def data_note(request: StaffRequest) -> list[str]:
    """How old the figures are: the last finished import of the stores in view."""
    from customers.dms import history

    return history.freshness(user=request.user, stores=request.active.stores)
