"""The way in, the health check and the error pages."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from dealer_crm.navigation import home_url
from staff.permissions import StaffRequest


@require_GET
@login_required
def home(request: StaffRequest) -> HttpResponse:
    return redirect(home_url(request.active))


@require_GET
def health(request: HttpRequest) -> JsonResponse:
    """For the process manager: 200 while the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without a request: neither the database nor the session may be needed to say so."""
    return HttpResponse(render_to_string("500.html"), status=500)
