"""Columns: of the lists of people and of the audit trail, and of the small tables on the admin site."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.widgets import CharWidget

from staff.exports import Column, ListResource
from staff.models import AuditEntry, Membership, Store, User
from staff.services import LockedOut, keep_a_superuser
from staff.table_cells import ByKey
from staff.table_rows import Table


class PersonResource(ListResource):
    name = "people"
    title = _("Staff")
    about_people = False

    full_name = Column(_("Name"), "full_name")
    username = Column(_("User name"), "username")
    roles = Column(_("Role"))
    is_active = Column(_("Active"), "is_active")
    must_change_password = Column(_("First password"), "must_change_password")
    last_login = Column(_("Last signed in"), "last_login")

    def dehydrate_roles(self, person: Any) -> str:
        told = [{"name": row.store.name, "value": row.get_role_display()} for row in person.roles_here]
        return gettext("; ").join(gettext("%(name)s: %(value)s") % role for role in told)


class AuditResource(ListResource):
    name = "audit"
    title = _("Audit trail")
    about_people = False

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
        return " · ".join(entry.facts)


class StoreTable(Table):
    class Meta:
        model = Store
        fields = ("code", "name", "address", "is_active")
        import_id_fields = ("code",)


_LOCKED_OUT = {
    "oneself": _("This is your own account: somebody else must deactivate it."),
    "last": _("This is the last active account that may open the admin site; it must stay active."),
}


class UserTable(Table):
    """Accounts without their passwords. A new one cannot sign in until the staff pages give it a first password."""

    class Meta:
        model = User
        fields = ("username", "full_name", "email", "is_active")
        import_id_fields = ("username",)

    def before_save_instance(self, instance: User, row: Any, **kwargs: Any) -> None:
        if instance.pk is None:
            instance.must_change_password = True
        elif not instance.is_active:
            try:
                keep_a_superuser(leaving=instance, by=kwargs["user"])
            except LockedOut as error:
                raise ValidationError({"is_active": _LOCKED_OUT[error.kind]}) from error

    def init_instance(self, row: Any = None) -> User:
        person = User()
        person.set_unusable_password()
        return person


class MembershipTable(Table):
    user = Field("user", "user", ByKey(User, "username"))
    store = Field("store", "store", ByKey(Store, "code"))
    role = Field("role", "role", CharWidget())

    class Meta:
        model = Membership
        fields = ("user", "store", "role")
        import_id_fields = ("user", "store")

    def get_queryset(self) -> Any:
        return (
            super().get_queryset().select_related("user", "store").order_by("user__username", "store__code")
        )
