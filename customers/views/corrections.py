"""A visit's amounts put right by a manager."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from customers import services
from customers.doors import open_store_row
from customers.forms.correction import CorrectionForm
from customers.models import Visit
from customers.services.corrections import correct_amounts, may_correct
from customers.views.conflict import differences
from staff.permissions import StaffRequest, requires


@require_http_methods(["GET", "POST"])
@requires("visit.correct")
def visit_correct(request: StaffRequest, pk: int) -> HttpResponse:
    rows = Visit.objects.visible_to(request.user).select_related("store", "vehicle__home_store", "customer")
    visit = get_object_or_404(rows, pk=pk)
    open_store_row(request, visit.store_id, "visit.correct")
    if not may_correct(visit):
        messages.warning(
            request, _("The amounts of this visit come from the DMS, or were taken back: not here.")
        )
        return redirect("customers:visit", pk=visit.pk)
    form = CorrectionForm(request.POST or None, visit=visit)
    context = {"form": form, "visit": visit}
    if form.is_bound and form.is_valid():
        try:
            changed = correct_amounts(
                visit=visit,
                seen_at=form.cleaned_data["seen_at"],
                amounts=form.amounts,
                reason=form.cleaned_data["reason"],
                by=request.user,
            )
        except services.Stale as stale:
            # What was typed stays, now as an answer to what is saved.
            context["differences"] = differences(form, stale.current)
            form.seen(stale.current)
            return render(request, "customers/visit_correct.html", context, status=409)
        if changed:
            messages.success(request, _("The amounts have been corrected."))
        return redirect("customers:visit", pk=visit.pk)
    return render(request, "customers/visit_correct.html", context, status=422 if form.errors else 200)
