"""The words every page shares: the eight customer groups and the care statuses.

Groups and statuses are computed further right; their names stand here so that every app and template
says the same word in the same colour.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Label = str | Promise


@dataclass(frozen=True)
class Group:
    """One of the eight cells. ``bars`` says high (1) or low (0) for service visits, repair ratio and spend."""

    label: Label
    css: str
    bars: str


@dataclass(frozen=True)
class Status:
    """A care status; ``tone`` is ok, warn, bad, info or nothing."""

    label: Label
    tone: str = ""
    icon: str = ""


C3_GROUPS: dict[str, Group] = {
    "profitable_loyal": Group(pgettext_lazy("customer group", "Profitable-loyal"), "loyal", "111"),
    "split_loyal": Group(pgettext_lazy("customer group", "Split-loyal"), "split", "101"),
    "high_risk": Group(pgettext_lazy("customer group", "High-risk"), "risk", "011"),
    "high_opportunity": Group(pgettext_lazy("customer group", "High-opportunity"), "opp", "001"),
    "high_cost": Group(pgettext_lazy("customer group", "High-cost"), "cost", "110"),
    "development": Group(pgettext_lazy("customer group", "Development"), "dig", "100"),
    "low_cost": Group(pgettext_lazy("customer group", "Low-cost"), "lowc", "010"),
    "mystery_opportunity": Group(pgettext_lazy("customer group", "Mystery-opportunity"), "myst", "000"),
}

# In the order in which they are tried: the first that applies is the vehicle's status.
CARE_STATUSES: dict[str, Status] = {
    "complained": Status(pgettext_lazy("care status", "Complained"), "bad", "message-square-warning"),
    "lost": Status(pgettext_lazy("care status", "Lost"), "bad", "calendar-x"),
    "near_lost": Status(pgettext_lazy("care status", "Nearly lost"), "warn", "clock"),
    "repair_only": Status(pgettext_lazy("care status", "Repairs only"), "warn", "wrench"),
    "price_sensitive": Status(pgettext_lazy("care status", "Finds service too dear"), "warn", "tag"),
    "new": Status(pgettext_lazy("care status", "New customer"), "info", "sparkles"),
    "active": Status(pgettext_lazy("care status", "Normal"), "ok", "check"),
}

DIMENSIONS: tuple[Label, Label, Label] = (
    _("Service visits"),
    _("Repair ratio"),
    _("Spend"),
)
