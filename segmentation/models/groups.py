"""What a car can be: the eight groups, the care statuses, the value."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from staff.vocabulary import C3_GROUPS, CARE_STATUSES


class C3(models.TextChoices):
    """The eight groups; what the pages call them is in staff.vocabulary."""

    PROFITABLE_LOYAL = "profitable_loyal", C3_GROUPS["profitable_loyal"].label
    SPLIT_LOYAL = "split_loyal", C3_GROUPS["split_loyal"].label
    HIGH_RISK = "high_risk", C3_GROUPS["high_risk"].label
    HIGH_OPPORTUNITY = "high_opportunity", C3_GROUPS["high_opportunity"].label
    HIGH_COST = "high_cost", C3_GROUPS["high_cost"].label
    DEVELOPMENT = "development", C3_GROUPS["development"].label
    LOW_COST = "low_cost", C3_GROUPS["low_cost"].label
    MYSTERY_OPPORTUNITY = "mystery_opportunity", C3_GROUPS["mystery_opportunity"].label


class CareStatus(models.TextChoices):
    COMPLAINED = "complained", CARE_STATUSES["complained"].label
    LOST = "lost", CARE_STATUSES["lost"].label
    NEAR_LOST = "near_lost", CARE_STATUSES["near_lost"].label
    REPAIR_ONLY = "repair_only", CARE_STATUSES["repair_only"].label
    PRICE_SENSITIVE = "price_sensitive", CARE_STATUSES["price_sensitive"].label
    NEW = "new", CARE_STATUSES["new"].label
    ACTIVE = "active", CARE_STATUSES["active"].label


class CustomerValue(models.TextChoices):
    HIGH = "high", pgettext_lazy("customer value", "high")
    MID = "mid", pgettext_lazy("customer value", "mid")
    LOW = "low", pgettext_lazy("customer value", "low")


class Family(models.TextChoices):
    C3 = "c3", _("C3 group")
    CARE_STATUS = "care_status", _("care status")
