"""The columns of a campaign's list."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.states import STATES
from staff.exports import Column, ListResource


class TargetResource(ListResource):
    name = "targets"
    title = _("Target list")

    plate = Column(_("Plate"), "vehicle__plate")
    model = Column(_("Model"), "model")
    age_years = Column(_("Age (years)"), "age_years")
    customer = Column(_("Customer"), "customer__name")
    c3 = Column(_("Group"), "get_c3_display")
    care_status = Column(_("Care status"), "get_care_status_display")
    state = Column(_("State"))
    agent = Column(_("Agent"), "agent__full_name")
    outcome = Column(_("Last outcome"), "get_outcome_display")
    first_called_on = Column(_("First call"), "first_called_on")
    first_contact_on = Column(_("First contact"), "first_contact_on")
    booked_for = Column(pgettext_lazy("funnel", "Booked for"), "booked_for")
    arrived_on = Column(pgettext_lazy("funnel", "Arrived"), "arrived_on")
    store = Column(_("Store"), "store__name")

    def dehydrate_state(self, target: Any) -> Any:
        return STATES[target.state]
