"""The file of an approved request, made by a job: the list is asked for as its reader's own browser would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any, cast

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.http import Http404, HttpRequest, QueryDict
from django.urls import resolve
from django.utils import translation

from staff.middleware import SESSION_KEY, active_scope
from staff.models import ExportRequest, Store
from staff.permissions import StaffRequest


class NoLongerAllowed(Exception):
    """Who asked has lost the right to the list meanwhile, or the list is gone."""


@dataclass(slots=True)
class Grant:
    """Travels on the request, so that the list is written into ``request`` instead of sent."""

    request: ExportRequest
    rows: int = 0

    @property
    def mark(self) -> str:
        """Stands in every row: a copied row says which export it came from."""
        return f"#{self.request.pk} {self.request.requested_by.username}"

    def check(self, stores: Sequence[Store]) -> None:
        granted = set(self.request.stores.values_list("pk", flat=True))
        if {store.pk for store in stores} != granted:
            raise PermissionDenied

    def take(self, file: IO[bytes], rows: int) -> None:
        name, storage = str(self.request.file.name), self.request.file.storage
        storage.delete(name)
        storage.save(name, File(file))
        self.rows = rows


def make(pk: int) -> int:
    """Make the file of an approved request, once; return its rows. Raises NoLongerAllowed."""
    wanted = ExportRequest.objects.select_related("requested_by").get(pk=pk)
    if wanted.is_made or not wanted.file:
        return wanted.made_rows or 0
    grant = Grant(wanted)
    try:
        with translation.override(wanted.language):
            view = resolve(wanted.address)
            view.func(_request_of(grant), *view.args, **view.kwargs)
    except (PermissionDenied, Http404) as error:
        raise NoLongerAllowed from error
    ExportRequest.objects.filter(pk=pk).update(made_rows=grant.rows)
    return grant.rows


def _request_of(grant: Grant) -> StaffRequest:
    wanted = grant.request
    request = cast("StaffRequest", HttpRequest())
    request.method, request.path, request.path_info = "POST", wanted.address, wanted.address
    request.GET, request.POST = QueryDict(wanted.query), QueryDict(f"format={wanted.format}")
    request.user = wanted.requested_by
    session: dict[str, Any] = {SESSION_KEY: wanted.scope}
    request.session = session  # type: ignore[assignment]  # the choice of the switcher is all that is read
    if not request.user.is_active:
        raise PermissionDenied
    request.active = active_scope(request)
    request.grant = grant  # type: ignore[attr-defined]  # read by exports.respond
    return request
