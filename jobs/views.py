"""What runs, what ran, and why it failed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from jobs import services
from jobs.models import Job, JobQuerySet, may_retry
from jobs.resources import JobResource
from staff import exports
from staff.pages import safe_next, wants_fragment
from staff.permissions import StaffRequest, requires
from staff.services import record


@require_GET
@requires("job.view")
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def job_list(request: StaffRequest) -> HttpResponse:
    jobs, rows, status = _jobs(request)
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "chips": _chips(jobs, status),
        "polling": any(job.is_open for job in page),
    }
    template = "_job_table" if wants_fragment(request) else "job_list"
    return render(request, f"jobs/{template}.html", context)


@require_POST
@requires("job.view", "export.run")
def job_list_export(request: StaffRequest) -> HttpResponseBase:
    _all, rows, _status = _jobs(request)
    return exports.respond(request, JobResource, rows)


def _jobs(request: StaffRequest) -> tuple[JobQuerySet, JobQuerySet, str]:
    """All jobs in view, those in the chosen state as the list shows them, and that state."""
    jobs = Job.objects.visible_to(request.user).in_view(request.active, request.user)
    status = request.GET.get("status", "")
    shown = jobs.filter(status=status) if status in Job.Status else jobs
    return jobs, shown.select_related("store", "created_by").order_by("-created_at", "-pk"), status


def _chips(jobs: JobQuerySet, current: str) -> list[dict[str, Any]]:
    counts = dict(jobs.order_by().values_list("status").annotate(Count("pk")))
    url = reverse("jobs:list")
    every = {"url": url, "label": _("All"), "n": sum(counts.values()), "on": current not in Job.Status}
    return [every] + [
        {"url": f"{url}?status={value}", "label": label, "n": counts.get(value, 0), "on": value == current}
        for value, label in Job.Status.choices
    ]


@require_GET
@login_required
def job_detail(request: StaffRequest, pk: int) -> HttpResponse:
    job = _job(request, pk)
    again = job.status == Job.Status.FAILED and may_retry(request.user, job)
    return render(request, "jobs/job_detail.html", {"job": job, "may_retry": again})


@require_GET
@login_required
def job_progress(request: StaffRequest, pk: int) -> HttpResponse:
    """The progress bar that pages embed; when the job has ended, the page it stands on is loaded anew."""
    job = _job(request, pk)
    page = safe_next(request, default=reverse("jobs:detail", args=[job.pk]))
    if not job.is_open and wants_fragment(request):
        return HttpResponseClientRedirect(page)
    return render(request, "jobs/_progress.html", {"job": job, "next": page})


@require_POST
@login_required
def job_retry(request: StaffRequest, pk: int) -> HttpResponse:
    job = _job(request, pk)
    if not may_retry(request.user, job):
        raise PermissionDenied
    if services.retry(job):
        record(user=request.user, action="job.retry", store=job.store, subject=job)
        messages.success(request, _("The job is back in the queue."))
    else:
        messages.error(
            request, _("Only a failed job can be tried again, and only while the same work is not open.")
        )
    return redirect("jobs:detail", pk=job.pk)


def _job(request: StaffRequest, pk: int) -> Job:
    """One of the jobs of the user's stores; 403 where their role does not see jobs and they did not start it."""
    visible = Job.objects.visible_to(request.user)
    job = get_object_or_404(visible.select_related("store", "created_by"), pk=pk)
    if not Job.objects.followable_by(request.user).filter(pk=pk).exists():
        raise PermissionDenied
    return job
