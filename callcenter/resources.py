"""The columns of the lists of calls and bookings."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.widgets import Widget

from callcenter.models import Booking, Call, SlotPlan
from callcenter.states import STATES
from customers import card
from customers.models import Customer
from customers.privacy import Sight
from staff.exports import Column, ListResource
from staff.figures import mask_phone
from staff.models import Store
from staff.table_cells import ByKey
from staff.table_rows import Table
from staff.vocabulary import C3_GROUPS


class ContactResource(ListResource):
    """Rows with a customer and a car, whose phones were fetched in the page's order."""

    plate: Field = Column(_("Plate"), "vehicle__plate")
    vin: Field = Column(_("VIN"))
    customer: Field = Column(_("Customer"), "customer__name")
    phone: Field = Column(_("Phone"))

    def dehydrate_vin(self, row: Call | Booking) -> str:
        return Sight(self.role).vin(row.vehicle.vin)

    def dehydrate_phone(self, row: Call | Booking) -> str:
        owner: Customer = row.customer
        first = next(iter(owner.phones.all()), None)
        return mask_phone(first.number) if first else ""


class CallResource(ContactResource):
    name = "calls"
    title = _("Today's calls")

    why = Column(_("Why"), "get_priority_display")
    not_before = Column(_("Not before"), "not_before")
    model = Column(_("Model"), "target__model")
    age_years = Column(_("Age (years)"), "target__age_years")
    c3 = Column(_("Group"), "target__get_c3_display")
    care_status = Column(_("Care status"), "target__get_care_status_display")
    last_visit_on = Column(_("Last visit"), "vehicle__segment__last_visit_on")
    attempts = Column(pgettext_lazy("times called", "Calls"), "attempts")
    last_called_on = Column(_("Last call"), "target__last_called_on")
    outcome = Column(_("Last outcome"), "target__get_outcome_display")
    agent = Column(_("Agent"), "agent__full_name")
    campaign = Column(_("Campaign"), "target__campaign__name")
    store = Column(_("Store"), "store__name")


class BookingResource(ContactResource):
    name = "bookings"
    title = _("Bookings")

    day = Column(_("Day"), "day")
    hour = Column(_("Time"), "hour")
    model = Column(_("Model"), "vehicle__display_model")
    c3 = Column(_("Group"))
    made_by = Column(_("Booked by"), "made_by__full_name")
    note = Column(_("Note"), "attempt__note")
    state = Column(_("State"))
    arrived_on = Column(_("Came on"), "arrived_on")
    store = Column(_("Store"), "store__name")

    def prepared(self, rows: list[Booking]) -> list[Booking]:
        self._labels = card.labels_for(booking.vehicle_id for booking in rows)
        return rows

    def dehydrate_c3(self, booking: Booking) -> Any:
        group = C3_GROUPS.get(self._labels.get(booking.vehicle_id, {}).get("c3", ""))
        return group.label if group else ""

    def dehydrate_state(self, booking: Booking) -> Any:
        return STATES[booking.state(self.today)][0]


class HoursWidget(Widget):
    """``09:00 10:00 14:00`` in the cell, a list of them in the row."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[str]:
        try:
            hours = {time.fromisoformat(part) for part in str(value).replace(",", " ").split()}
        except ValueError as error:
            raise ValueError(gettext("Write the hours as 09:00 10:00 14:00.")) from error
        return [hour.isoformat("minutes") for hour in sorted(hours)]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return " ".join(value or ())


class SlotPlanTable(Table):
    store = Field("store", "store", ByKey(Store, "code"))
    hours = Field("hours", "hours", HoursWidget())

    class Meta:
        model = SlotPlan
        fields = ("store", "hours", "capacity")
        import_id_fields = ("store",)
