"""The editor of a saved segment: its buttons change the form and save nothing, the count follows what is typed."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from segmentation.forms_saved import SavedSegmentForm
from segmentation.models import SavedSegment
from segmentation.saved import editor, reports, services
from segmentation.saved.cars import matching, understood
from segmentation.saved.catalogue import SECTIONS
from segmentation.saved.doors import open_to_save, stores_with
from segmentation.saved.rows import GroupRow
from segmentation.saved.scope import Scope, scope_of
from segmentation.saved.tree import Group
from staff.permissions import StaffRequest, requires


@dataclass(slots=True)
class Editing:
    """One request to the editor. ``root`` is None for a frozen segment: its cars stay."""

    request: StaffRequest
    segment: SavedSegment | None
    form: SavedSegmentForm
    scope: Scope
    root: GroupRow | None
    unreadable: bool = False

    def page(self, *, tree: Group | None = None, status: int = 200) -> HttpResponse:
        context = {
            "segment": self.segment,
            "form": self.form,
            "root": self.root,
            "sections": SECTIONS,
            "standing": self.scope.standing,
            "unreadable": self.unreadable,
            "preview": self.preview(tree),
        }
        part = self.request.htmx and status == 200 and self.request.method == "POST"
        name = (
            "saved_editor"
            if not part
            else "_saved_builder"
            if "do" in self.request.POST
            else "_saved_preview"
        )
        return render(self.request, f"segmentation/{name}.html", context | {"part": part}, status=status)

    def preview(self, tree: Group | None) -> reports.Preview | None:
        if tree is None or not self.scope.stores:
            return None
        return reports.preview(matching(tree, self.scope), user=self.request.user)


@require_http_methods(["GET", "POST"])
@requires("segment.save")
@vary_on_headers("HX-Request")
def saved_new(request: StaffRequest) -> HttpResponse:
    stores = stores_with(request, "segment.save")
    return _edit(request, SavedSegmentForm(request.POST or None, stores=stores), None)


@require_http_methods(["GET", "POST"])
@requires("segment.view")
@vary_on_headers("HX-Request")
def saved_edit(request: StaffRequest, pk: int) -> HttpResponse:
    segment = open_to_save(request, pk).segment
    stores = stores_with(request, "segment.save")
    return _edit(request, SavedSegmentForm(request.POST or None, stores=stores, segment=segment), segment)


def _edit(request: StaffRequest, form: SavedSegmentForm, segment: SavedSegment | None) -> HttpResponse:
    editing = _editing(request, form, segment)
    root = editing.root
    if request.method != "POST":
        return editing.page(tree=root.read() if root and segment and not editing.unreadable else None)
    if root is not None and "do" in request.POST:
        editor.edit(root, request.POST["do"], editing.scope)
        return editing.page(tree=_quietly(root))
    if root is not None and "count" in request.POST:
        return editing.page(tree=_quietly(root))
    tree = root.read() if root else None
    valid = form.is_valid()
    if not valid or (root is not None and tree is None):
        return editing.page(tree=tree, status=422)
    saved = _saved(editing, tree)
    if saved is None:
        return editing.page(tree=tree, status=409)
    messages.success(request, _("Saved."))
    return redirect("segmentation:saved", pk=saved.pk)


def _editing(request: StaffRequest, form: SavedSegmentForm, segment: SavedSegment | None) -> Editing:
    frozen = segment is not None and segment.is_frozen
    stores = [] if frozen else form.chosen_stores
    scope = scope_of(stores, today=timezone.localdate())
    if frozen:
        return Editing(request, segment, form, scope, None)
    if request.method == "POST":
        return Editing(request, segment, form, scope, editor.posted(request.POST, scope))
    tree = understood(segment.conditions) if segment else None
    root = editor.shown(tree, scope) if tree else editor.new(scope)
    return Editing(request, segment, form, scope, root, unreadable=segment is not None and tree is None)


def _quietly(root: GroupRow) -> Group | None:
    """What the rows say so far; while somebody is still typing, nothing is called wrong."""
    tree = root.read()
    for row in root.rows():
        if isinstance(row, GroupRow):
            row.error = ""
        else:
            row.errors = {}
    return tree


def _saved(editing: Editing, tree: Group | None) -> SavedSegment | None:
    """The segment as saved; None, with the reason on the form, when somebody else was there first."""
    data, by = editing.form.cleaned_data, editing.request.user
    values = {"name": data["name"], "note": data["note"]}
    if editing.segment is None:
        assert tree is not None
        return services.create_segment(
            **values, stores=list(data["stores"]), tree=tree, by=by, form_key=data["form_key"]
        )
    if tree is not None:
        values |= {"tree": tree, "stores": list(data["stores"])}
    try:
        return services.save_segment(segment=editing.segment, version=data["version"] or 0, by=by, **values)
    except services.StaleSegment:
        editing.form.add_error(
            None, _("Somebody changed this segment after you opened it. Open it again to see how it is now.")
        )
        return None
