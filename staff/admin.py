"""Support screens for superusers: stores, accounts and roles, also as files. Passwords are set on the staff pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from staff.models import Membership, Store, User
from staff.resources import MembershipTable, StoreTable, UserTable
from staff.table_admin import TableImportExport


@admin.register(Store)
class StoreAdmin(TableImportExport):
    resource_classes = [StoreTable]
    list_display = ("code", "name", "address", "is_active")
    fields = ("code", "name", "address", "is_active")
    search_fields = ("code", "name")


@admin.register(User)
class UserAdmin(TableImportExport):
    resource_classes = [UserTable]
    list_display = ("username", "full_name", "email", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "stores")
    fields = ("username", "full_name", "email", "is_active")
    search_fields = ("username", "full_name")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The staff pages add people, because they give them their first password."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Nobody shuts themselves out; so one superuser is always left."""
        return ("is_active",) if obj is not None and obj == request.user else ()


@admin.register(Membership)
class MembershipAdmin(TableImportExport):
    resource_classes = [MembershipTable]
    list_display = ("user", "store", "role")
    list_filter = ("store", "role")
    list_select_related = ("user", "store")
    fields = ("user", "store", "role")
    search_fields = ("user__username", "user__full_name")
