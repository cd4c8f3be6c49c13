"""Saved segments: the list, one with its cars, and what is done with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from customers import search
from customers.paging import page_of
from segmentation.forms_saved import CopyForm, VersionForm
from segmentation.models import SavedSegment, VehicleSegmentQuerySet
from segmentation.resources import SavedSegmentResource
from segmentation.saved import editor, reports, services
from segmentation.saved.cars import cars_of, understood
from segmentation.saved.doors import Door, open_segment, open_to_save
from segmentation.saved.scope import Scope, scope_of
from segmentation.saved.uses import Use, uses_of
from staff import exports
from staff.pages import wants_fragment
from staff.permissions import ACTIONS, StaffRequest, requires

# Each is counted when the page is asked for.
PAGE = 20
NAME_LENGTH = 80


@require_GET
@requires("segment.view")
def saved_list(request: StaffRequest) -> HttpResponse:
    mine = SavedSegment.objects.visible_to(request.user).in_stores(request.active.stores)
    archived = "archived" in request.GET
    segments = mine.filter(archived_at__isnull=False) if archived else mine.current()
    shown = segments.select_related("created_by").prefetch_related("stores")
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    counts = reports.counts(
        list(page), stores=request.active.stores, user=request.user, today=timezone.localdate()
    )
    context = {
        "page": page,
        "rows": [(segment, counts[segment.pk]) for segment in page],
        "archived": archived,
        "any_archived": mine.filter(archived_at__isnull=False).exists(),
        "may_save": request.active.can("segment.save"),
        "many_stores": len(request.active.mine) > 1,
    }
    return render(request, "segmentation/saved_list.html", context)


@require_GET
@requires("segment.view")
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def saved(request: StaffRequest, pk: int) -> HttpResponse:
    door = open_segment(request, pk)
    scope, cars = _cars(request, door)
    shown = cars.select_related("vehicle", "store")
    page = page_of(cars, key=("pk",), after=request.GET.get("after", ""), shown=shown)
    search.with_owners(request.user, [row.vehicle for row in page.rows])
    context: dict[str, Any] = {"segment": door.segment, "page": page, "many_stores": len(door.stores) > 1}
    if wants_fragment(request):
        return render(request, "segmentation/_saved_cars.html", context)
    tree = understood(door.segment.conditions)
    ids = {store.pk for store in door.stores}
    context |= {
        "door": door,
        "standing": scope.standing,
        "count": cars.count(),
        "tree": None if tree is None else editor.shown(tree, scope),
        "unreadable": tree is None and bool(door.segment.conditions or not door.segment.is_frozen),
        "uses": [use for use in uses_of(door.segment, today=timezone.localdate()) if use.store_ids & ids],
        "version_form": VersionForm(initial={"version": door.segment.version}),
        "copy_form": CopyForm(),
        "may_plan": request.active.can("campaign.edit"),
    }
    return render(request, "segmentation/saved.html", context)


@require_POST
@requires("segment.view", "export.run")
def saved_export(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Of the stores whose lists the user may take along."""
    door = open_segment(request, pk)
    allowed = ACTIONS["export.run"]
    stores = [store for store in door.stores if request.active.roles[store.pk] in allowed]
    _scope, cars = _cars(request, door)
    shown = cars.in_stores(stores).select_related("vehicle", "store").order_by("-pk")
    return exports.respond(request, SavedSegmentResource, shown, stores=stores)


@require_POST
@requires("segment.view")
def saved_freeze(request: StaffRequest, pk: int) -> HttpResponse:
    door = open_to_save(request, pk)
    form = VersionForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else -1
    try:
        services.freeze(segment=door.segment, version=version, by=request.user, today=timezone.localdate())
    except services.StaleSegment:
        messages.error(
            request, _("Somebody changed this segment after you opened it. Look at it again first.")
        )
    except services.NotUnderstood:
        messages.error(request, _("Its conditions cannot be read, so nothing was frozen. Edit them first."))
    else:
        messages.success(request, _("Frozen: these cars stay, whatever happens to them."))
    return redirect("segmentation:saved", pk=pk)


@require_POST
@requires("segment.view")
def saved_copy(request: StaffRequest, pk: int) -> HttpResponse:
    door = open_segment(request, pk)
    form = CopyForm(request.POST)
    if not door.savable:
        raise PermissionDenied
    if not form.is_valid():
        return redirect("segmentation:saved", pk=pk)
    copy = services.copy_segment(
        segment=door.segment,
        name=(_("Copy of %(name)s") % {"name": door.segment.name})[:NAME_LENGTH],
        stores=door.savable,
        by=request.user,
        form_key=form.cleaned_data["form_key"],
    )
    return redirect("segmentation:saved_edit", pk=copy.pk)


@require_POST
@requires("segment.view")
def saved_archive(request: StaffRequest, pk: int) -> HttpResponse:
    door = open_to_save(request, pk)
    try:
        services.archive(segment=door.segment, by=request.user, today=timezone.localdate())
    except services.SegmentInUse as refusal:
        messages.error(request, _in_use(request, refusal.uses))
        return redirect("segmentation:saved", pk=pk)
    messages.success(request, _("Archived. It can be brought back from the list of archived segments."))
    return redirect("segmentation:saved_list")


@require_POST
@requires("segment.view")
def saved_restore(request: StaffRequest, pk: int) -> HttpResponse:
    door = open_to_save(request, pk)
    services.restore(segment=door.segment, by=request.user)
    messages.success(request, _("Brought back."))
    return redirect("segmentation:saved", pk=pk)


def _in_use(request: StaffRequest, uses: list[Use]) -> str:
    """Names the campaigns of the reader's stores."""
    mine = [use for use in uses if use.store_ids & set(request.active.roles)]
    if not mine:
        return _("A campaign of another store counts on this segment. It was not archived.")
    names = pgettext("list", ", ").join(_("“%(name)s”") % {"name": use.name} for use in mine)
    told = _("Campaigns that are not over count on this segment: %(names)s. It was not archived.")
    return told % {"names": names}


def _cars(request: StaffRequest, door: Door) -> tuple[Scope, VehicleSegmentQuerySet]:
    scope = scope_of(door.stores, today=timezone.localdate())
    return scope, cars_of(door.segment, scope).visible_to(request.user)
