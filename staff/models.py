"""Stores, the people who work in them, and the trail of what they did."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import ClassVar, Self

from django.apps import apps
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin, UserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from staff import audit
from staff.export_requests import ExportRequest as ExportRequest
from staff.querysets import StoreScopedQuerySet


class Store(models.Model):
    code = models.CharField(
        _("code"),
        max_length=16,
        unique=True,
        validators=[RegexValidator(r"^[\w-]+\Z", _("Letters, digits, - and _ only."))],
    )
    name = models.CharField(pgettext_lazy("store", "name"), max_length=80)
    address = models.CharField(_("address"), max_length=200, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ("code",)
        verbose_name = _("store")
        verbose_name_plural = _("stores")

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    ADVISOR = "advisor", _("Service advisor")
    AGENT = "agent", _("Call-center agent")
    TECHNICIAN = "technician", _("Technician")
    MANAGER = "manager", _("Service manager")
    ADMIN = "admin", _("Administrator")


for _name in ("role", "before", "after"):
    audit.WORDS[_name] = dict(Role.choices)


class User(AbstractBaseUser, PermissionsMixin):
    """A member of staff. What they may do in a store is their membership's role there."""

    username = models.CharField(
        _("username"),
        max_length=64,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": _("A user with that username already exists.")},
    )
    full_name = models.CharField(_("name"), max_length=80)
    email = models.EmailField(_("e-mail"), blank=True)
    is_staff = models.BooleanField(_("may open the admin site"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    # Set while the password is one that an administrator has seen.
    must_change_password = models.BooleanField(_("must choose a new password"), default=False)
    keyboard_shortcuts = models.BooleanField(_("keyboard shortcuts"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    stores: models.ManyToManyField[Store, Membership] = models.ManyToManyField(
        Store, through="Membership", related_name="staff", verbose_name=_("stores")
    )

    objects: ClassVar[UserManager[Self]] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        ordering = ("username",)
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.full_name or self.username

    @property
    def initial(self) -> str:
        return str(self)[:1].upper()

    @property
    def sees_all_stores(self) -> bool:
        return self.is_active and self.is_superuser

    @cached_property
    def roles(self) -> dict[int, Role]:
        """Role by store id, for the active stores this user works in."""
        if self.sees_all_stores:
            return dict.fromkeys(
                Store.objects.filter(is_active=True).values_list("pk", flat=True), Role.ADMIN
            )
        rows = self.memberships.filter(store__is_active=True).values_list("store_id", "role")
        return {store_id: Role(role) for store_id, role in rows}


class Membership(models.Model):
    """The one role a user has in a store."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("user"))
    store = models.ForeignKey(Store, models.PROTECT, related_name="memberships", verbose_name=_("store"))
    role = models.CharField(_("role"), max_length=16, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("user", "store"), name="one_role_per_store"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")

    def __str__(self) -> str:
        return f"{self.user} · {self.store} · {self.get_role_display()}"


class AuditQuerySet(StoreScopedQuerySet["AuditEntry"]):
    """Entries without a store are about the whole group: only who sees all stores reads them."""

    def on_page_of(self, user: User, stores: Iterable[Store]) -> Self:
        """What ``user`` reads of ``stores``. What is about the whole group is on every page of who sees it at all."""
        seen = self.visible_to(user)
        here = seen.in_stores(stores)
        return here | seen.filter(store=None) if user.sees_all_stores else here


class AuditEntry(models.Model):
    """One deliberate act worth remembering: who, where, what, on which row. Written once, never changed."""

    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=48)
    subject = models.CharField(max_length=48, blank=True)
    subject_id = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    objects = AuditQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=("store", "-at"), name="audit_store_at"),
            models.Index(fields=("subject", "subject_id", "-at"), name="audit_subject"),
        ]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")

    def __str__(self) -> str:
        return f"{self.action} {self.subject} {self.subject_id}"

    @property
    def deed(self) -> str:
        return audit.deed(self.action)

    @property
    def subject_name(self) -> str:
        """The kind of record, in words."""
        model = self._subject_model
        return str(model._meta.verbose_name) if model else self.subject

    @property
    def facts(self) -> list[str]:
        model = self._subject_model if "changed" in self.detail else None
        columns = {field.name: str(field.verbose_name) for field in model._meta.fields} if model else {}
        return [audit.fact(name, value, columns) for name, value in audit.in_order(self.detail)]

    @property
    def _subject_model(self) -> type[models.Model] | None:
        try:
            return apps.get_model(self.subject)
        except (LookupError, ValueError):
            return None
