"""The columns of the lists of cars, visits, complaints and imports, masked as on their pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from import_export.fields import Field

from customers import search
from customers.card import labels_for
from customers.dms.labels import EXPORTS
from customers.models import Complaint, Import, ImportRow, Vehicle, Visit
from customers.privacy import Sight
from staff.exports import Column, ListResource, Yuan
from staff.figures import mask_phone
from staff.vocabulary import C3_GROUPS, CARE_STATUSES


class CarsResource(ListResource):
    """For lists whose rows are cars or have one: who owns it, and how to reach them as far as the page shows it."""

    plate: Field = Column(_("Plate"))
    vin: Field = Column(_("VIN"))
    customer: Field = Column(_("Customer"))
    phone: Field = Column(_("Phone"))

    def car(self, row: Any) -> Vehicle:
        found: Vehicle = row.vehicle
        return found

    def dehydrate_plate(self, row: Any) -> str:
        return self.car(row).plate

    def dehydrate_vin(self, row: Any) -> str:
        return Sight(self.role).vin(self.car(row).vin)

    def dehydrate_customer(self, row: Any) -> str:
        owner = self.car(row).owner
        return owner.name if owner else ""

    def dehydrate_phone(self, row: Any) -> str:
        owner = self.car(row).owner
        first = next(iter(owner.phones.all()), None) if owner else None
        return mask_phone(first.number) if first else ""


class CarResource(CarsResource):
    name = "customers"
    title = _("Customers and cars")

    model = Column(_("Model"), "display_model")
    purchased_on = Column(_("Purchase date"), "purchased_on")
    usage = Column(_("Usage"), "owner__get_usage_display")
    c3 = Column(_("Group"))
    care = Column(_("Care status"))
    state = Column(_("State"), "get_state_display")
    last_visit_on = Column(_("Last visit"), "last_visit_on")

    def car(self, row: Vehicle) -> Vehicle:
        return row

    def prepared(self, rows: list[Vehicle]) -> list[Vehicle]:
        self._labels = labels_for(car.pk for car in rows)
        return search.with_owners(self.user, rows)

    def dehydrate_c3(self, car: Vehicle) -> Any:
        group = C3_GROUPS.get(self._labels.get(car.pk, {}).get("c3", ""))
        return group.label if group else ""

    def dehydrate_care(self, car: Vehicle) -> Any:
        status = CARE_STATUSES.get(self._labels.get(car.pk, {}).get("care_status", ""))
        return status.label if status and car.state == Vehicle.State.IN_USE else ""


class VisitResource(ListResource):
    name = "visits"
    title = pgettext_lazy("menu", "Visits")

    visited_on = Column(_("Date"), "visited_on")
    plate = Column(_("Plate"), "vehicle__plate")
    customer = Column(_("Owner that day"), "customer__name")
    kind = Column(_("Kind"), "get_kind_display")
    is_rework = Column(_("Rework"), "is_rework")
    voided = Column(_("Taken back"), "voided")
    order_no = Column(_("Order number"), "order_no")
    odometer_km = Column(_("Odometer (km)"), "odometer_km")
    advisor = Column(_("Advisor"))
    team = Column(_("Team"), "team")
    store = Column(_("Store"), "store__name")
    paid_fen = Yuan(_("Paid (yuan)"), "paid_fen")

    def dehydrate_advisor(self, visit: Visit) -> str:
        return str(visit.advisor or visit.advisor_name)


class ComplaintResource(ListResource):
    name = "complaints"
    title = _("Complaints")

    opened_on = Column(_("Day"), "opened_on")
    customer = Column(_("Customer"), "customer__name")
    plate = Column(_("Plate"), "vehicle__plate")
    text = Column(_("Complaint"), "text")
    severity = Column(_("Severity"), "get_severity_display")
    channel = Column(_("Channel"), "get_channel_display")
    handler = Column(_("Handled by"), "handler__full_name")
    first_response_at = Column(_("First answer"), "first_response_at")
    closed_on = Column(pgettext_lazy("complaint", "Closed"), "closed_on")
    solution = Column(_("Solution"), "solution")
    store = Column(_("Store"), "store__name")
    open_days = Column(_("Days open"))

    def dehydrate_open_days(self, complaint: Complaint) -> int:
        last: date = complaint.closed_on or self.today
        return max((last - complaint.opened_on).days, 0)


class ImportResource(ListResource):
    name = "imports"
    title = _("DMS imports")
    about_people = False

    number = Column(_("Import"), "pk")
    created_at = Column(pgettext_lazy("upload", "Uploaded"), "created_at")
    file_name = Column(_("File"), "file_name")
    size = Column(_("Size (bytes)"), "size")
    sha256 = Column(_("SHA-256"), "sha256")
    content = Column(_("Content"))
    store = Column(_("Store"), "store__name")
    created_by = Column(_("Uploaded by"), "created_by__full_name")
    data_rows = Column(_("Rows"))
    visits = Column(_("New visits"))
    customers = Column(_("New customers"))
    rejected = Column(_("Rejected"))
    seconds = Column(_("Seconds"))
    status = Column(_("State"), "get_status_display")
    refusal = Column(_("Reason"), "refusal_text")

    def prepared(self, rows: list[Import]) -> list[Import]:
        rejected = ImportRow.objects.filter(imported__in=rows, outcome=ImportRow.Outcome.REJECTED)
        counts = rejected.order_by().values_list("imported").annotate(Count("pk"))
        self._rejected: dict[int, int] = dict(counts)
        return rows

    def dehydrate_content(self, imported: Import) -> Any:
        return EXPORTS.get(imported.export, "")

    def dehydrate_data_rows(self, imported: Any) -> int | None:
        return int(imported.data_rows) if imported.data_rows else None

    def dehydrate_visits(self, imported: Import) -> int:
        return int(imported.counts.get("created", {}).get("visits", 0))

    def dehydrate_customers(self, imported: Import) -> int:
        return int(imported.counts.get("created", {}).get("customers", 0))

    def dehydrate_rejected(self, imported: Import) -> int:
        return self._rejected.get(imported.pk, 0)

    def dehydrate_seconds(self, imported: Import) -> float | None:
        taken = [value for value in imported.seconds.values() if isinstance(value, int | float)]
        return round(sum(taken), 1) if taken else None
