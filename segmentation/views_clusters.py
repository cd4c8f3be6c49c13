"""Pages of the groups found in the data: asking for them, what was found, and the cars of one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from customers import search
from customers.paging import page_of
from segmentation.clusters import page as shown
from segmentation.clusters import services
from segmentation.clusters.services import NotGrouped, TooFewCars
from segmentation.forms_clusters import AnalysisForm, NumberForm, SaveClusterForm
from segmentation.models import ClusterAnalysis
from segmentation.services import standing
from staff.figures import number as number_of
from staff.pages import wants_fragment
from staff.permissions import ACTIONS, StaffRequest, requires


def _refusal(refused: NotGrouped | TooFewCars) -> str:
    if isinstance(refused, NotGrouped):
        return _("Not all of these stores have been calculated yet. Groups are looked for after that.")
    return _("Fewer than 50 cars of these stores have such a visit: too few to find groups.")


@require_http_methods(["GET", "POST"])
@requires("segment.view")
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def overview(request: StaffRequest) -> HttpResponse:
    form = AnalysisForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        for store in request.active.stores:
            request.active.require("segment.save", store)
        status = 422
        if form.is_valid():
            try:
                analysis = services.start(stores=request.active.stores, by=request.user, **form.cleaned_data)
            except (NotGrouped, TooFewCars) as refused:
                form.add_error(None, _refusal(refused))
            else:
                return redirect("segmentation:cluster_result", pk=analysis.pk)
    analyses = ClusterAnalysis.objects.visible_to(request.user).in_stores(request.active.stores)
    rows = analyses.select_related("job", "created_by").prefetch_related("stores")
    context = {
        "form": form,
        "page": page_of(analyses, key=("pk",), after=request.GET.get("after", ""), shown=rows),
        "standing": standing(request.active.stores),
        "may_save": request.active.can("segment.save"),
    }
    name = "_list" if wants_fragment(request) else "overview"
    return render(request, f"segmentation/clusters/{name}.html", context, status=status)


def _analysis(request: StaffRequest, pk: int) -> ClusterAnalysis:
    """404 unless all its stores are the user's, 403 where the role in one of them does not look at groups."""
    visible = ClusterAnalysis.objects.visible_to(request.user).select_related("job", "created_by")
    analysis = get_object_or_404(visible.prefetch_related("stores"), pk=pk)
    for store in analysis.stores.all():
        request.active.require("segment.view", store)
    return analysis


def _may_save(request: StaffRequest, analysis: ClusterAnalysis) -> bool:
    roles = request.active.roles
    return all(roles.get(store.pk) in ACTIONS["segment.save"] for store in analysis.stores.all())


def _require_save(request: StaffRequest, analysis: ClusterAnalysis) -> None:
    for store in analysis.stores.all():
        request.active.require("segment.save", store)


@require_GET
@requires("segment.view")
def result(request: StaffRequest, pk: int) -> HttpResponse:
    analysis = _analysis(request, pk)
    context: dict[str, Any] = {
        "analysis": analysis,
        "may_save": _may_save(request, analysis),
        "under_way": services.is_under_way(analysis),
        "number_form": NumberForm(initial={"fixed_k": analysis.result.get("k")}),
    }
    if analysis.is_done:
        context |= {"result": analysis.result, **shown.context(analysis.result)}
    return render(request, "segmentation/clusters/result.html", context)


@require_GET
@requires("segment.view")
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def progress(request: StaffRequest, pk: int) -> HttpResponse:
    """How far the job is; when it has ended, the page it stands on is loaded anew."""
    analysis = _analysis(request, pk)
    page = reverse("segmentation:cluster_result", args=[analysis.pk])
    if services.is_under_way(analysis) and wants_fragment(request):
        return render(request, "segmentation/clusters/_progress.html", {"analysis": analysis})
    return HttpResponseClientRedirect(page) if wants_fragment(request) else redirect(page)


@require_POST
@requires("segment.view")
def stop(request: StaffRequest, pk: int) -> HttpResponse:
    analysis = _analysis(request, pk)
    _require_save(request, analysis)
    if not services.stop(analysis):
        messages.info(request, _("It had ended already."))
    return redirect("segmentation:cluster_result", pk=analysis.pk)


@require_POST
@requires("segment.view")
def again(request: StaffRequest, pk: int) -> HttpResponse:
    """The same question once more, of the data as they are now: with another number of groups, or after a failure."""
    analysis = _analysis(request, pk)
    _require_save(request, analysis)
    form = NumberForm(request.POST)
    fixed_k = form.cleaned_data["fixed_k"] if form.is_valid() else analysis.fixed_k
    try:
        analysis = services.start(
            stores=list(analysis.stores.order_by("pk")),
            variables=analysis.variables,
            only_seen=analysis.only_seen,
            fixed_k=fixed_k,
            by=request.user,
        )
    except (NotGrouped, TooFewCars) as refused:
        messages.error(request, _refusal(refused))
    return redirect("segmentation:cluster_result", pk=analysis.pk)


@require_GET
@requires("segment.view")
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def cars(request: StaffRequest, pk: int, number: int) -> HttpResponse:
    analysis, cluster = _cluster(request, pk, number)
    form = SaveClusterForm(initial={"name": _usual_name(cluster)})
    return _cars(request, analysis, cluster, form)


def _cluster(request: StaffRequest, pk: int, number: int) -> tuple[ClusterAnalysis, shown.Cluster]:
    analysis = _analysis(request, pk)
    if not 1 <= number <= analysis.result.get("k", 0):
        raise Http404
    return analysis, shown.clusters(analysis.result)[number - 1]


def _usual_name(cluster: shown.Cluster) -> str:
    return f"{cluster.letter} · {cluster.headline}"[:80]


def _cars(
    request: StaffRequest,
    analysis: ClusterAnalysis,
    cluster: shown.Cluster,
    form: SaveClusterForm,
    status: int = 200,
) -> HttpResponse:
    found = services.cars_of(analysis, cluster.number, user=request.user)
    rows = found.select_related("vehicle", "store")
    page = page_of(found, key=("pk",), after=request.GET.get("after", ""), shown=rows)
    search.with_owners(request.user, [segment.vehicle for segment in page.rows])
    context = {
        "analysis": analysis,
        "cluster": cluster,
        "page": page,
        "form": form,
        "may_save": _may_save(request, analysis),
        "listed": bool(page.rows) or analysis.cars.exists(),
        "many_stores": len(analysis.stores.all()) > 1,
    }
    name = "_cars" if wants_fragment(request) and status == 200 else "cars"
    return render(request, f"segmentation/clusters/{name}.html", context, status=status)


@require_POST
@requires("segment.view")
def save(request: StaffRequest, pk: int, number: int) -> HttpResponse:
    analysis, cluster = _cluster(request, pk, number)
    _require_save(request, analysis)
    form = SaveClusterForm(request.POST)
    if not form.is_valid():
        return _cars(request, analysis, cluster, form, status=422)
    if not analysis.cars.exists():
        messages.error(request, _("The list of these cars is no longer kept"))
        return redirect("segmentation:cluster_cars", pk=pk, number=number)
    segment = services.save_cluster(analysis=analysis, number=number, by=request.user, **form.cleaned_data)
    count = segment.frozen_count or 0
    told = ngettext("Saved: “%(name)s” with %(count)s car.", "Saved: “%(name)s” with %(count)s cars.", count)
    messages.success(request, told % {"name": segment.name, "count": number_of(count)})
    return redirect("segmentation:saved", pk=segment.pk)
