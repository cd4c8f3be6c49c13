"""Lists of many people that somebody wants as a file, and what another person decided."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from staff.querysets import StoreScopedQuerySet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import AnonymousUser

    from staff.models import User

# What nobody has decided by then is asked for again if it is still wanted.
OPEN_FOR = timedelta(days=7)


def random_name(instance: models.Model | None = None, filename: str = "") -> str:
    """Says nothing about the file."""
    return f"exports/{uuid.uuid4().hex}"


class ExportRequestQuerySet(StoreScopedQuerySet["ExportRequest"]):
    """A file of several stores belongs to all of them: who does not work in one of them sees nothing of it."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self if user.sees_all_stores else self.within(user.roles)

    def within(self, store_ids: Iterable[int]) -> Self:
        through = ExportRequest.stores.through._default_manager
        elsewhere = through.exclude(store__in=list(store_ids)).values("exportrequest")
        return self.exclude(pk__in=elsewhere)

    def open(self, now: datetime) -> Self:
        return self.filter(state=ExportRequest.State.ASKED, requested_at__gt=now - OPEN_FOR)

    def ready_for(self, user: User, now: datetime) -> Self:
        """Files that ``user`` asked for and has not fetched yet."""
        made = self.exclude(file="").filter(made_rows__isnull=False)
        return made.filter(requested_by=user, expires_at__gt=now, fetched_at=None)


class ExportRequest(models.Model):
    """Who wants which list why, who else said yes or no, and the file once it is made."""

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("export request", "Waits for approval")
        APPROVED = "approved", pgettext_lazy("export request", "Approved")
        REFUSED = "refused", pgettext_lazy("export request", "Refused")

    stores = models.ManyToManyField("staff.Store", related_name="+", verbose_name=_("stores"))
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    # A second post of one form is the first one's request.
    form_key = models.UUIDField(unique=True, editable=False)
    # ListResource.name; the address that makes the file, its filters, and the store chosen in the switcher.
    list_name = models.CharField(max_length=32)
    address = models.CharField(max_length=200)
    query = models.CharField(max_length=500, blank=True)
    scope = models.CharField(max_length=16)
    format = models.CharField(max_length=8)
    language = models.CharField(max_length=10)
    rows = models.PositiveIntegerField()
    reason = models.CharField(_("reason"), max_length=200)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ASKED)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    # Named with the approval, before it is there: what a killed worker left behind is found and deleted too.
    file = models.FileField(upload_to=random_name, blank=True)
    made_rows = models.PositiveIntegerField(null=True)
    fetched_at = models.DateTimeField(null=True)

    objects = ExportRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(decided_by=F("requested_by")), name="export_needs_another"),
            models.CheckConstraint(
                condition=Q(state="asked", decided_by=None)
                | Q(state__in=("approved", "refused"), decided_by__isnull=False),
                name="export_decided_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=("state", "-requested_at"), name="export_requests_open")]
        ordering = ("-pk",)
        verbose_name = _("export request")
        verbose_name_plural = _("export requests")

    def __str__(self) -> str:
        return f"#{self.pk} {self.list_name}"

    @property
    def page(self) -> str:
        """Where the list stands with its filters."""
        page = self.address.removesuffix("export/")
        return f"{page}?{self.query}" if self.query else page

    @property
    def is_made(self) -> bool:
        return bool(self.file) and self.made_rows is not None

    def may_fetch(self, now: datetime) -> bool:
        return self.is_made and self.expires_at is not None and now < self.expires_at

    def is_lapsed(self, now: datetime) -> bool:
        if self.state == self.State.ASKED:
            return now >= self.requested_at + OPEN_FOR
        return self.expires_at is not None and now >= self.expires_at
