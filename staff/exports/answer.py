"""The answer to "give me this list as a file"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from tempfile import TemporaryFile
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from staff.exports.columns import ListResource
from staff.exports.files import FORMATS, write_table
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
    """``rows``, already narrowed to what the user sees, as a download.

    Each of ``stores`` gets a line in its audit trail. The page that asks is this address without its last
    part: a list that is too long is sent back there.
    """
    stores = request.active.stores if stores is None else stores
    most = settings.EXPORT_MAX_ROWS
    if rows.order_by()[: most + 1].count() > most:
        return _too_long(request, most)
    form = FORMATS.get(request.POST.get("format", ""), FORMATS["xlsx"])
    today = timezone.localdate()
    resource = resource_class(user=request.user, role=request.active.role, today=today)
    title = str(resource.title)
    file = TemporaryFile()  # noqa: SIM115  # the response closes it when it has been sent
    count, replaced = write_table(file, form, title, resource.get_export_headers(), resource.rows(rows))
    for store in stores:
        record(
            user=request.user,
            action="export",
            store=store,
            list=resource.name,
            format=form.key,
            rows=count,
        )
    if replaced:
        _tell_replaced(request, replaced)
    where = stores[0].name if len(stores) == 1 else _("All my stores")
    name = _NOT_IN_A_NAME.sub("_", f"{where}-{title}-{today:%Y-%m-%d}.{form.extension}")
    return FileResponse(file, as_attachment=True, filename=name, content_type=form.content_type)


def _too_long(request: StaffRequest, most: int) -> HttpResponse:
    told = _(
        "This list has more than %(most)s rows, which is as much as one file holds. Narrow it by its filters."
    )
    messages.error(request, told % {"most": number(most)})
    query = request.GET.urlencode()
    page = request.path.removesuffix("export/")
    return redirect(f"{page}?{query}" if query else page)


def _tell_replaced(request: StaffRequest, replaced: int) -> None:
    told = ngettext(
        "%(n)s character fits no file and was replaced by �.",
        "%(n)s characters fit no file and were replaced by �.",
        replaced,
    )
    messages.warning(request, told % {"n": number(replaced)})
