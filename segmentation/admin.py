"""Support screens for superusers: the published versions of the rules, to read and to take along."""

from __future__ import annotations

from django.contrib import admin

from customers.admin import ReadOnly
from segmentation.models import RuleSet
from segmentation.resources import RuleSetTable
from staff.table_admin import TableExport


@admin.register(RuleSet)
class RuleSetAdmin(ReadOnly, TableExport):
    """A published version is never edited; a change is a new one."""

    resource_classes = [RuleSetTable]
    list_display = ("store", "version", "published_at", "note")
    list_select_related = ("store",)
