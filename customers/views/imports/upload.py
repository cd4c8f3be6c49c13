"""The history of imports with the upload form on top, and receiving a file."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, IntegerField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from customers.dms.refused import FileRefused
from customers.forms import ImportFilterForm
from customers.forms.imports import UploadForm
from customers.models import Import, ImportRow
from customers.models.imports import ImportQuerySet
from customers.paging import page_of
from customers.resources import ImportResource
from customers.services import imports
from customers.views.imports.doors import step_url, steps, to_its_step
from customers.views.imports.figures import TONES, content_of, made, seconds_of
from customers.views.imports.quota import QuotaHandler
from staff import exports
from staff.models import Store
from staff.pages import wants_fragment
from staff.permissions import ACTIONS, StaffRequest, requires


@require_GET
@requires("import.run")
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def history(request: StaffRequest) -> HttpResponse:
    if wants_fragment(request):
        return render(request, "customers/imports/_history.html", _rows(request))
    return _history(request, _form(request))


def _history(request: StaffRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    context = {
        **_rows(request),
        "form": form,
        "limit": filesizeformat(settings.IMPORT_MAX_BYTES),
        "steps": steps(None, 1),
    }
    return render(request, "customers/imports/history.html", context, status=status)


def _rows(request: StaffRequest) -> dict[str, Any]:
    filters, every, shown = _imports(request)
    page = page_of(every, key=("pk",), after=request.GET.get("after", ""), shown=shown)
    rejected = dict(
        ImportRow.objects.filter(imported__in=page.rows, outcome=ImportRow.Outcome.REJECTED)
        .order_by()
        .values_list("imported")
        .annotate(Count("pk"))
    )
    rows = [_row(imported, rejected.get(imported.pk, 0)) for imported in page.rows]
    return {"filters": filters, "page": page, "rows": rows}


def _imports(request: StaffRequest) -> tuple[ImportFilterForm, ImportQuerySet, ImportQuerySet]:
    """The filter, the imports of the stores in view that it leaves, and the same with what a list shows of them."""
    mine = Import.objects.visible_to(request.user).in_stores(request.active.stores)
    filters = ImportFilterForm(request.GET, imports=mine)
    every = filters.narrow(mine)
    # A report names every row it rejects or warns about: only its figures are read for a list.
    shown = (
        every.select_related("store", "created_by")
        .without_reports()
        .defer("mapping")
        .annotate(data_rows=Cast(KT("report__data_rows"), IntegerField()))
    )
    return filters, every, shown


@require_POST
@requires("import.run", "export.run")
def history_export(request: StaffRequest) -> HttpResponseBase:
    _filters, _every, shown = _imports(request)
    return exports.respond(request, ImportResource, shown.order_by("-pk"))


def _row(imported: Import, rejected: int) -> dict[str, Any]:
    wrote = imported.committed_at is not None
    return {
        "imported": imported,
        "url": step_url(imported),
        "tone": TONES.get(imported.status, ""),
        "content": content_of(imported),
        "visits": made(imported, "visits") if wrote else None,
        "customers": made(imported, "customers") if wrote else None,
        "rejected": rejected if wrote else None,
        "seconds": seconds_of(imported),
    }


def _form(request: StaffRequest, *data: Any) -> UploadForm:
    active = request.active
    return UploadForm(*data, stores=_stores(request), current=active.working_store())


def _stores(request: StaffRequest) -> list[Store]:
    """Where the user may run imports."""
    active = request.active
    return [store for store in active.mine if active.roles.get(store.pk) in ACTIONS["import.run"]]


@csrf_exempt  # the token is checked by the view inside, once the limit on the body stands
@require_POST
def upload(request: HttpRequest) -> HttpResponseBase:
    quota = QuotaHandler(settings.IMPORT_MAX_BYTES)
    quota.request = request
    request.upload_handlers.insert(0, quota)
    return _receive(request, quota)


@csrf_protect
@requires("import.run")
def _receive(request: StaffRequest, quota: QuotaHandler) -> HttpResponse:
    form = _form(request, request.POST, request.FILES)
    if quota.too_big:
        form.errors.pop("file", None)
        told = _(
            "The file is larger than %(limit)s and was not stored. Export a shorter period and import it in parts."
        )
        form.add_error("file", told % {"limit": filesizeformat(settings.IMPORT_MAX_BYTES)})
        return _history(request, form, status=413)
    if not form.is_valid():
        return _history(request, form, status=422)
    try:
        imported, new = imports.receive_upload(
            file=form.cleaned_data["file"],
            file_name=form.cleaned_data["file"].name,
            store=form.cleaned_data["store"],
            by=request.user,
            form_key=form.cleaned_data["form_key"],
        )
    except FileRefused as refused:
        form.add_error("file", refused.message)
        return _history(request, form, status=422)
    if imported.status == Import.Status.RECEIVED:
        imports.start_check(imported=imported, by=request.user)
    elif not new:
        messages.info(request, _("This file had arrived already."))
    return to_its_step(imported)
