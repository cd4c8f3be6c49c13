"""The columns of the lists of a group's cars and of the runs, and of the rules on the admin site."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from import_export.fields import Field

from customers import search
from customers.resources import CarsResource
from segmentation.models import RuleSet, VehicleSegment
from staff.exports import Column, ListResource, Yuan
from staff.table_rows import Table


class SegmentResource(CarsResource):
    name = "segments"
    title = _("Cars of a group")

    model = Column(_("Model"), "vehicle__display_model")
    store = Column(_("Store"), "store__name")
    c3 = Column(_("Group"), "get_c3_display")
    c3_since = Column(_("In the group since"), "c3_since")
    care_status = Column(_("Care status"), "get_care_status_display")
    care_since = Column(_("In the status since"), "care_since")
    maintenance_count = Column(_("Service visits"), "maintenance_count")
    repair_like_count = Column(_("Repairs"), "repair_like_count")
    spend_fen = Yuan(_("Spend (yuan)"), "spend_fen")
    last_visit_on = Column(_("Last visit"), "last_visit_on")

    def prepared(self, rows: list[VehicleSegment]) -> list[Any]:
        search.with_owners(self.user, [segment.vehicle for segment in rows])
        return rows


class SavedSegmentResource(SegmentResource):
    name = "saved_segments"
    title = _("Cars of a saved segment")


class RunResource(ListResource):
    name = "segment_runs"
    title = _("Calculations of the groups")
    about_people = False

    at = Column(_("Calculated"), "at")
    store = Column(_("Store"), "store__name")
    as_of = Column(_("As of"), "as_of")
    rule_set = Column(_("Rules"), "rule_set__label")
    kind = Column(_("Cars calculated"), "get_kind_display")
    vehicles = Column(_("Cars in the base"), "vehicles")
    changed = Column(_("Changed group or status"), "changed")
    spend_threshold_fen = Yuan(_("Spend is high from (yuan)"), "spend_threshold_fen")
    seconds = Column(_("Seconds"), "seconds")


class RuleSetTable(Table):
    store = Field("store__code", "store", readonly=True)

    class Meta:
        model = RuleSet
        fields = (
            "store",
            "version",
            "window_months",
            "maintenance_high",
            "spend_mode",
            "spend_percentile",
            "spend_amount_fen",
            "repair_ratio_high_percent",
            "repair_kinds",
            "cells",
            "lost_days",
            "near_lost_days",
            "interval_factor_percent",
            "interval_min_days",
            "complaint_months",
            "new_days",
            "note",
            "published_at",
        )
