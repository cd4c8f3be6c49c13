"""The answer to "give me this list as a file"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from tempfile import TemporaryFile
from typing import IO, Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from staff.exports.approval import needs_another
from staff.exports.asking import ask_another, list_page
from staff.exports.columns import ListResource
from staff.exports.files import FORMATS, Format, write_table
from staff.exports.making import Grant
from staff.figures import number
from staff.models import Store
from staff.permissions import StaffRequest
from staff.services import record

_NOT_IN_A_NAME = re.compile(r"[\x00-\x1f\\/:*?\"<>|]+")


def respond(
    request: StaffRequest,
    resource_class: type[ListResource],
    rows: QuerySet[Any],
    *,
    stores: Sequence[Store] | None = None,
) -> FileResponse | HttpResponse:
    """``rows``, already narrowed to what the user sees, as a download; of many customers, a question to another person.

    Each of ``stores`` gets a line in its audit trail. The page that asks is this address without its last
    part: a list that is too long is sent back there.
    """
    stores = request.active.stores if stores is None else stores
    form = FORMATS.get(request.POST.get("format", ""), FORMATS["xlsx"])
    grant: Grant | None = getattr(request, "grant", None)
    if grant is not None:
        grant.check(stores)
        file, count, _replaced = _written(request, resource_class, rows, form, mark=grant.mark)
        grant.take(file, count)
        return HttpResponse(status=204)
    most = settings.EXPORT_MAX_ROWS
    wanted = rows.order_by()[: most + 1].count()
    if wanted > most:
        return _too_long(request, most)
    if needs_another(resource=resource_class, rows=wanted, user=request.user, stores=stores):
        return ask_another(request, resource_class, rows=wanted, stores=stores, form=form)
    file, count, replaced = _written(request, resource_class, rows, form)
    for store in stores:
        record(
            user=request.user,
            action="export",
            store=store,
            list=resource_class.name,
            format=form.key,
            rows=count,
        )
    if replaced:
        _tell_replaced(request, replaced)
    return download(file, form, resource_class, stores)


def _written(
    request: StaffRequest,
    resource_class: type[ListResource],
    rows: QuerySet[Any],
    form: Format,
    *,
    mark: str = "",
) -> tuple[IO[bytes], int, int]:
    """The file, its rows, and how many characters could not be written. ``mark`` stands in every row."""
    resource = resource_class(user=request.user, role=request.active.role, today=timezone.localdate())
    file = TemporaryFile()  # noqa: SIM115  # whoever takes it closes it
    headers: list[str] = resource.get_export_headers()
    lines = resource.rows(rows)
    if mark:
        headers = [*headers, pgettext("column", "Export")]
        lines = ([*line, mark] for line in lines)
    return file, *write_table(file, form, str(resource.title), headers, lines)


def download(
    file: IO[bytes], form: Format, resource: type[ListResource], stores: Sequence[Store]
) -> FileResponse:
    where = stores[0].name if len(stores) == 1 else _("All my stores")
    name = f"{where}-{resource.title}-{timezone.localdate():%Y-%m-%d}.{form.extension}"
    name = _NOT_IN_A_NAME.sub("_", name)
    return FileResponse(file, as_attachment=True, filename=name, content_type=form.content_type)


def _too_long(request: StaffRequest, most: int) -> HttpResponse:
    told = _(
        "This list has more than %(most)s rows, which is as much as one file holds. Narrow it by its filters."
    )
    messages.error(request, told % {"most": number(most)})
    return redirect(list_page(request))


def _tell_replaced(request: StaffRequest, replaced: int) -> None:
    told = ngettext(
        "%(n)s character fits no file and was replaced by �.",
        "%(n)s characters fit no file and were replaced by �.",
        replaced,
    )
    messages.warning(request, told % {"n": number(replaced)})
