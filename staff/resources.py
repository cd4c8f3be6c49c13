"""The columns of the lists of people and of the audit trail."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from staff.exports import Column, ListResource
from staff.models import AuditEntry


class PersonResource(ListResource):
    name = "people"
    title = _("Staff")

    full_name = Column(_("Name"), "full_name")
    username = Column(_("User name"), "username")
    roles = Column(_("Role"))
    is_active = Column(_("Active"), "is_active")
    must_change_password = Column(_("First password"), "must_change_password")
    last_login = Column(_("Last signed in"), "last_login")

    def dehydrate_roles(self, person: Any) -> str:
        rows = person.roles_here
        return "; ".join(f"{row.store.name}: {row.get_role_display()}" for row in rows)


class AuditResource(ListResource):
    name = "audit"
    title = _("Audit trail")

    at = Column(_("When"), "at")
    who = Column(_("Who"), "user__full_name")
    username = Column(_("User name"), "user__username")
    deed = Column(_("What"), "deed")
    subject = Column(_("Record"))
    detail = Column(_("Details"))
    store = Column(_("Store"), "store__name")

    def dehydrate_subject(self, entry: AuditEntry) -> str:
        return f"{entry.subject_name} #{entry.subject_id}" if entry.subject_id else ""

    def dehydrate_detail(self, entry: AuditEntry) -> str:
        return " · ".join(f"{name}: {value}" for name, value in entry.detail.items())
