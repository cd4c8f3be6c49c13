"""The page that says that a list needs a second person, and takes the reason."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from staff.exports.approval import Wanted, ask, deciders
from staff.exports.columns import ListResource
from staff.exports.files import Format
from staff.middleware import ALL_STORES
from staff.models import Store
from staff.permissions import StaffRequest


class ReasonForm(forms.Form):
    form_key = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("What the file is for"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "in", "autocomplete": "off", "autofocus": True}),
        error_messages={"required": gettext_lazy("Say in a few words what the file is for.")},
    )


def list_page(request: StaffRequest) -> str:
    """The page whose list is asked for, with its filters."""
    query, page = request.GET.urlencode(), request.path.removesuffix("export/")
    return f"{page}?{query}" if query else page


def ask_another(
    request: StaffRequest,
    resource: type[ListResource],
    *,
    rows: int,
    stores: Sequence[Store],
    form: Format,
) -> HttpResponse:
    """The form, or, when it was sent with a reason, the request noted."""
    asked = "form_key" in request.POST
    reason = ReasonForm(request.POST if asked else None, initial={"form_key": uuid.uuid4()})
    people = deciders(stores=stores, but=request.user)
    if asked and people and reason.is_valid():
        ask(
            wanted=Wanted(
                resource=resource,
                stores=stores,
                address=request.path,
                query=request.GET.urlencode(),
                scope=request.active.store.code if request.active.store else ALL_STORES,
                format=form.key,
                language=get_language() or settings.LANGUAGE_CODE,
                rows=rows,
            ),
            reason=reason.cleaned_data["reason"],
            form_key=reason.cleaned_data["form_key"],
            by=request.user,
        )
        messages.success(request, _("Asked. You see here when the file is ready."))
        return redirect("staff:export_requests")
    context = {
        "form": reason,
        "title": resource.title,
        "rows": rows,
        "stores": stores,
        "format": form,
        "people": people,
        "most": settings.EXPORT_ALONE_ROWS,
        "page": list_page(request),
    }
    return render(request, "staff/export_ask.html", context, status=422 if reason.errors else 200)
