"""Support screens for superusers: looking things up. Cards are changed on their own pages, with their checks."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from customers.models import Complaint, Customer, Memo, Ownership, Phone, Tag, Vehicle, Visit, VisitLine
from staff.table_admin import SuperusersOnly


class ReadOnly:
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, admin.ModelAdmin):
    show_full_result_count = False
    list_per_page = 50


class PhoneInline(ReadOnly, admin.TabularInline):
    model = Phone
    fields = ("is_mobile", "is_primary", "created_at")
    readonly_fields = fields
    extra = 0


class OwnershipInline(ReadOnly, admin.TabularInline):
    model = Ownership
    extra = 0


class LineInline(ReadOnly, admin.TabularInline):
    model = VisitLine
    extra = 0


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "home_store", "usage", "version", "updated_at")
    list_filter = ("home_store", "kind", "usage")
    search_fields = ("=pk", "=name")
    # The sealed columns and their indexes are nobody's to read here.
    exclude = ("id_number", "address", "id_number_index")
    inlines = (PhoneInline,)


@admin.register(Vehicle)
class VehicleAdmin(ReadOnlyAdmin):
    list_display = ("plate", "vin", "model", "home_store", "owner", "state")
    list_filter = ("home_store", "state")
    list_select_related = ("home_store", "owner")
    search_fields = ("=plate", "=vin")
    inlines = (OwnershipInline,)


@admin.register(Visit)
class VisitAdmin(ReadOnlyAdmin):
    list_display = ("order_no", "store", "vehicle", "visited_on", "kind", "source", "voided")
    list_filter = ("store", "kind", "source")
    list_select_related = ("store", "vehicle")
    search_fields = ("=order_no",)
    inlines = (LineInline,)


@admin.register(Complaint)
class ComplaintAdmin(ReadOnlyAdmin):
    list_display = ("opened_on", "store", "vehicle", "severity", "closed_on")
    list_filter = ("store", "severity")
    list_select_related = ("store", "vehicle")


@admin.register(Memo)
class MemoAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "store", "customer", "author")
    list_select_related = ("store", "customer", "author")


@admin.register(Tag)
class TagAdmin(SuperusersOnly):
    """Words for the whole group are made here; a store's own come with their first use on a card."""

    list_display = ("name", "store")
    list_filter = ("store",)
    list_select_related = ("store",)
    search_fields = ("name",)
    fields = ("name", "store")
