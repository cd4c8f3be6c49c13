"""Support screens for superusers: when stores take bookings."""

from __future__ import annotations

from django.contrib import admin

from callcenter.models import SlotPlan
from callcenter.resources import SlotPlanTable
from staff.table_admin import TableImportExport


@admin.register(SlotPlan)
class SlotPlanAdmin(TableImportExport):
    resource_classes = [SlotPlanTable]
    list_display = ("store", "hours", "capacity")
    list_select_related = ("store",)
    fields = ("store", "hours", "capacity")
