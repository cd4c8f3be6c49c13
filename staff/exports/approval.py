"""Long lists of customers leave the house when two people want it: one asks and says why, another decides."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.module_loading import import_string

from staff.export_requests import random_name
from staff.exports.columns import LISTS, ListResource
from staff.models import AuditEntry, ExportRequest, Store, User
from staff.permissions import ACTIONS
from staff.services import record

State = ExportRequest.State


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list as it was asked for."""

    resource: type[ListResource]
    stores: Sequence[Store]
    address: str
    query: str
    scope: str
    format: str
    language: str
    rows: int


class AlreadyDecided(Exception):
    """Somebody was faster, the request has lapsed, or it is one's own."""


def needs_another(*, resource: type[ListResource], rows: int, user: User, stores: Sequence[Store]) -> bool:
    """Whether ``user`` would have taken along more rows about customers of a store than a day's allowance."""
    if not resource.about_people:
        return False
    taken = _taken_today(user, stores) if rows <= settings.EXPORT_ALONE_ROWS else 0
    return rows + taken > settings.EXPORT_ALONE_ROWS


def _taken_today(user: User, stores: Sequence[Store]) -> int:
    """Rows taken along without asking in the last day, of the store of which they were most."""
    since = timezone.now() - timedelta(days=1)
    # What was approved has the request as its subject.
    entries = AuditEntry.objects.filter(
        user=user, action="export", subject="", store__in=list(stores), at__gt=since
    )
    taken: dict[int | None, int] = {}
    for store, detail in entries.values_list("store", "detail"):
        if detail["list"] in LISTS and LISTS[detail["list"]].about_people:
            taken[store] = taken.get(store, 0) + detail["rows"]
    return max(taken.values(), default=0)


def deciders(*, stores: Sequence[Store], but: User) -> list[User]:
    """Who may decide about a file of ``stores``: they may export in each of them, and did not ask."""
    allowed = Q(memberships__store__in=stores, memberships__role__in=ACTIONS["export.run"])
    people = User.objects.filter(is_active=True).exclude(pk=but.pk)
    people = people.annotate(theirs=Count("memberships", filter=allowed, distinct=True))
    return list(people.filter(Q(theirs=len(stores)) | Q(is_superuser=True)).order_by("full_name"))


def ask(*, wanted: Wanted, reason: str, form_key: uuid.UUID, by: User) -> ExportRequest:
    """Note the wish; a second post of one form finds the first one's."""
    request = ExportRequest(
        requested_by=by,
        form_key=form_key,
        list_name=wanted.resource.name,
        address=wanted.address,
        query=wanted.query,
        scope=wanted.scope,
        format=wanted.format,
        language=wanted.language,
        rows=wanted.rows,
        reason=reason,
    )
    try:
        with transaction.atomic():
            request.save()
            request.stores.set(wanted.stores)
            _record(request, "export.ask", by, list=request.list_name, rows=request.rows)
    except IntegrityError:
        return ExportRequest.objects.get(form_key=form_key, requested_by=by)
    return request


def approve(*, request: ExportRequest, by: User, now: datetime) -> None:
    """The file is made by a job, and can be fetched for a while. Raises AlreadyDecided."""
    with transaction.atomic():
        _decide(request, State.APPROVED, by, now, expires_at=now + settings.EXPORT_KEEP, file=random_name())
        _record(request, "export.approve", by, list=request.list_name, rows=request.rows)
        import_string(settings.EXPORT_MAKER)(request)


def refuse(*, request: ExportRequest, by: User, now: datetime) -> None:
    """Raises AlreadyDecided."""
    with transaction.atomic():
        _decide(request, State.REFUSED, by, now)
        _record(request, "export.refuse", by, list=request.list_name, rows=request.rows)


def _decide(request: ExportRequest, state: State, by: User, now: datetime, **fields: object) -> None:
    undecided = ExportRequest.objects.open(now).filter(pk=request.pk).exclude(requested_by=by)
    if not undecided.update(state=state, decided_by=by, decided_at=now, **fields):
        raise AlreadyDecided
    request.refresh_from_db()


def fetched(*, request: ExportRequest, by: User, now: datetime) -> None:
    """Write down that the file has been handed out."""
    with transaction.atomic():
        ExportRequest.objects.filter(pk=request.pk).update(fetched_at=now)
        facts = {"list": request.list_name, "format": request.format, "rows": request.made_rows}
        _record(request, "export", by, **facts)


def _record(request: ExportRequest, action: str, by: User, **detail: object) -> None:
    for store in request.stores.all():
        record(user=by, action=action, store=store, subject=request, **detail)


def forget_files(*, now: datetime) -> int:
    """Delete the files that can no longer be fetched; return how many."""
    old = ExportRequest.objects.filter(expires_at__lte=now).exclude(file="")
    for request in old:
        request.file.delete(save=False)
        ExportRequest.objects.filter(pk=request.pk).update(file="")
    return len(old)
