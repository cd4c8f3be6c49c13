"""Rules in the making: their versions, the editor of a draft, and the trial of other thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from segmentation import drafts, whatif
from segmentation.forms_rules import BaseBands, PublishForm, RuleForm, ThresholdForm, band_set
from segmentation.models import C3, RuleSet
from segmentation.services import rules_by_store
from staff.models import Store
from staff.pages import wants_fragment
from staff.permissions import ACTIONS, ActiveScope, StaffRequest, requires

ALL = "all"


def may_edit(active: ActiveScope, store: Store | int | None) -> bool:
    """A store's rules: its manager. The group's: who answers for every store there is."""
    if store is None:
        every = Store.objects.filter(is_active=True).values_list("pk", flat=True)
        return all(active.roles.get(pk) in ACTIONS["rules.edit_for_all"] for pk in every)
    return active.roles.get(store if isinstance(store, int) else store.pk) in ACTIONS["rules.edit"]


@dataclass(frozen=True, slots=True)
class Field:
    """Whose rules a page is about, and the stores whose cars they judge."""

    store: Store | None
    stores: tuple[Store, ...]
    may_edit: bool

    @property
    def key(self) -> str:
        return str(self.store.pk) if self.store else ALL


def _field(request: StaffRequest, key: str | None) -> Field:
    """The field asked for; else the rules that judge the store in view, if the user may change them."""
    active = request.active
    looked_at = [store for store in active.mine if active.roles[store.pk] in ACTIONS["segment.view"]]
    following = rules_by_store(store.pk for store in looked_at)
    group = tuple(
        store for store in looked_at if store.pk not in following or not following[store.pk].store_id
    )
    if key is None:
        own = active.store is not None and active.store not in group
        key = str(active.store.pk) if active.store and (own or not may_edit(active, None)) else ALL
    if key == ALL:
        return Field(None, group, may_edit(active, None))
    for store in looked_at:
        if str(store.pk) == key:
            return Field(store, (store,), may_edit(active, store))
    raise Http404


def _draft(request: StaffRequest, pk: int) -> RuleSet:
    """A draft the user may change; 404 for another store's, 403 for one that others decide."""
    visible = RuleSet.objects.visible_to(request.user).drafts().select_related("store", "created_by")
    draft = get_object_or_404(visible, pk=pk)
    if not may_edit(request.active, draft.store_id):
        raise PermissionDenied
    return draft


@require_GET
@requires("segment.view")
def versions(request: StaffRequest) -> HttpResponse:
    active = request.active
    visible = RuleSet.objects.visible_to(request.user).select_related("store", "created_by", "published_by")
    open_drafts = list(visible.drafts())
    taken = {rules.store_id for rules in open_drafts}
    editable: list[Store | None] = [None] if may_edit(active, None) else []
    editable += [store for store in active.mine if may_edit(active, store)]
    context = {
        "drafts": [(rules, may_edit(active, rules.store_id)) for rules in open_drafts],
        "published": visible.filter(published_at__isnull=False).order_by("-published_at", "-pk"),
        "startable": [
            Field(store, (), may_edit=True) for store in editable if (store and store.pk) not in taken
        ],
    }
    return render(request, "segmentation/rules_versions.html", context)


@require_POST
@requires("segment.view")
def draft_new(request: StaffRequest) -> HttpResponse:
    field = _field(request, request.POST.get("for"))
    if not field.may_edit:
        raise PermissionDenied
    draft = drafts.start(store=field.store, by=request.user)
    return redirect("segmentation:draft", pk=draft.pk)


@require_http_methods(["GET", "POST"])
@requires("segment.view")
def draft(request: StaffRequest, pk: int) -> HttpResponse:
    rules = _draft(request, pk)
    data = request.POST if request.method == "POST" else None
    ages = band_set("ages", data, rules.age_bands)
    distances = band_set("distances", data, rules.radius_bands)
    form = RuleForm(data, instance=rules)
    status = 200
    if data is not None:
        status = _saved(request, form, ages, distances)
    if status == 302:
        return redirect("segmentation:draft", pk=pk)
    publish_form = PublishForm(initial={"revision": rules.revision})
    return _editor(request, form, ages, distances, publish_form, status=status)


def _saved(request: StaffRequest, form: RuleForm, ages: BaseBands, distances: BaseBands) -> int:
    """302 when it is written, 422 when something does not fit, 409 when somebody else was there first."""
    if not all([form.is_valid(), ages.is_valid(), distances.is_valid()]):
        return 422
    values = form.values() | {"age_bands": ages.bands(), "radius_bands": distances.bands()}
    try:
        drafts.save(draft=form.instance, values=values, revision=form.cleaned_data["revision"])
    except drafts.StaleDraft:
        form.add_error(None, _("Somebody saved this draft after you opened it. Open it again to see theirs."))
        return 409
    messages.success(request, _("Saved. Nothing changes for the cars until it is published."))
    return 302


def _editor(
    request: StaffRequest,
    form: RuleForm,
    ages: BaseBands,
    distances: BaseBands,
    publish_form: PublishForm,
    *,
    status: int,
) -> HttpResponse:
    context = {
        "rules": form.instance,
        "form": form,
        "ages": ages,
        "distances": distances,
        "publish_form": publish_form,
        "field_key": form.instance.store_id or ALL,
    }
    return render(request, "segmentation/rules_editor.html", context, status=status)


@require_POST
@requires("segment.view")
def draft_publish(request: StaffRequest, pk: int) -> HttpResponse:
    rules = _draft(request, pk)
    form = PublishForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            drafts.publish(draft=rules, by=request.user, **form.cleaned_data)
        except drafts.StaleDraft:
            form.add_error(None, _("Somebody saved this draft after you opened it. Look at it again first."))
            status = 409
        else:
            return _published(request)
    ages = band_set("ages", None, rules.age_bands)
    distances = band_set("distances", None, rules.radius_bands)
    return _editor(request, RuleForm(instance=rules), ages, distances, form, status=status)


def _published(request: StaffRequest) -> HttpResponse:
    messages.success(request, _("Published. The cars are being judged by the new rules now."))
    return redirect("segmentation:rules")


@require_POST
@requires("segment.view")
def draft_discard(request: StaffRequest, pk: int) -> HttpResponse:
    rules = _draft(request, pk)
    revision = request.POST.get("revision", "")
    try:
        drafts.discard(draft=rules, revision=int(revision) if revision.isdecimal() else 0, by=request.user)
    except drafts.StaleDraft:
        messages.error(request, _("Somebody saved this draft after you opened it. Nothing was discarded."))
        return redirect("segmentation:draft", pk=pk)
    messages.success(request, _("Discarded. The published rules stay as they are."))
    return redirect(f"{reverse('segmentation:what_if')}?for={rules.store_id or ALL}")


@require_http_methods(["GET", "POST"])
@requires("segment.view")
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def what_if(request: StaffRequest) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    field = _field(request, (data or request.GET).get("for"))
    present = drafts.in_force(field.store)
    draft = drafts.draft_of(field.store)
    form = ThresholdForm(data, instance=draft or drafts.copy_of(present, store=field.store))
    keeps = data is not None and ("save" in data or "publish" in data)
    if keeps and not field.may_edit:
        raise PermissionDenied
    publish_form = PublishForm(data if data is not None and "publish" in data else None)
    status = 422 if data is not None and not form.is_valid() else 200
    if keeps and status == 200:
        status = _kept(request, field, form, publish_form)
        if status == 302:
            return _published(request) if "publish" in request.POST else redirect(_address(field))
    trial = _trial(request, form, field) if data is None or form.is_valid() else None
    context = {
        "field": field,
        "present": present,
        "draft": draft,
        "form": form,
        "publish_form": publish_form,
        "trial": trial,
        **(_shown(trial) if trial else {}),
    }
    name = "_whatif_result" if wants_fragment(request) and not keeps else "whatif"
    return render(request, f"segmentation/{name}.html", context, status=status)


def _address(field: Field) -> str:
    return f"{reverse('segmentation:what_if')}?for={field.key}"


def _trial(request: StaffRequest, form: ThresholdForm, field: Field) -> whatif.Trial | None:
    return whatif.try_out(
        rules=form.instance, stores=field.stores, user=request.user, today=timezone.localdate()
    )


def _kept(request: StaffRequest, field: Field, form: ThresholdForm, publish_form: PublishForm) -> int:
    """Save what was tried as the draft, and publish it when asked to: both or neither."""
    publishes = "publish" in request.POST
    if publishes and not publish_form.is_valid():
        return 422
    try:
        with transaction.atomic():
            revision = form.cleaned_data["revision"]
            kept = drafts.keep(store=field.store, values=form.values(), revision=revision, by=request.user)
            if publishes:
                note = publish_form.cleaned_data["note"]
                drafts.publish(draft=kept, revision=kept.revision, note=note, by=request.user)
    except drafts.StaleDraft:
        form.add_error(None, _("Somebody changed the draft after you opened this page. Open it again first."))
        return 409
    if not publishes:
        messages.success(request, _("Saved as a draft. Nothing changes for the cars until it is published."))
    return 302


def _shown(trial: whatif.Trial) -> dict[str, Any]:
    """The trial as the tables have it: a row a group, and from where to where."""
    before, after = trial.totals("before"), trial.totals("after")
    largest = max(*before.values(), *after.values(), 1)
    busiest = max((move.cars for move in trial.moving), default=1)
    by_cell = {(move.before, move.after): move for move in trial.moves}
    cells = {
        row: [
            (column, by_cell.get((row, column)), round(_heat(by_cell, row, column, busiest)))
            for column in C3.values
        ]
        for row in C3.values
    }
    return {
        "groups": [(key, before[key], after[key], after[key] - before[key]) for key in C3.values],
        "largest": largest,
        "matrix": [(row, cells[row]) for row in C3.values],
        "parts": {
            "maintenance": trial.reached.part(trial.reached.maintenance),
            "ratio": trial.reached.part(trial.reached.ratio),
            "spend": trial.reached.part(trial.reached.spend),
        },
    }


def _heat(moves: dict[tuple[str, str], whatif.Move], row: str, column: str, busiest: int) -> float:
    move = moves.get((row, column))
    return 0 if move is None or row == column else 8 + 62 * move.cars / busiest
