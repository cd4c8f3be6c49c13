"""The way in, the health check and the error pages."""

from __future__ import annotations

import sys

from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.views.decorators.http import require_GET, require_safe

from dealer_crm.navigation import home_url
from staff.permissions import StaffRequest

RETRY_AFTER_SECONDS = "30"


@require_GET
@login_required
def home(request: StaffRequest) -> HttpResponse:
    return redirect(home_url(request.active))


@require_GET
def health(request: HttpRequest) -> JsonResponse:
    """For the process manager: 200 while the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (OperationalError, InterfaceError):
        return JsonResponse({"status": "the database does not answer"}, status=503)
    return JsonResponse({"status": "ok"})


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for it by themselves where no page names an icon: for a file, an answer of the API."""
    return redirect(static("favicon.svg"))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig | TooManyFilesSent):
        return _bare(request, 413)
    return _bare(request, 400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _bare(request, 403, template="403_csrf.html")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _framed(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _framed(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """A database that does not answer is not a mistake of the program: that page says to try again."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        response = _bare(request, 503)
        response.headers["Retry-After"] = RETRY_AFTER_SECONDS
        return response
    return _bare(request, 500)


def _bare(request: HttpRequest, status: int, template: str = "") -> HttpResponse:
    """Rendered without the request: neither the database nor the session may be needed to say it."""
    if _is_htmx(request):
        return HttpResponse(status=status)
    return HttpResponse(render_to_string(template or f"{status}.html"), status=status)


def _framed(request: HttpRequest, status: int) -> HttpResponse:
    return (
        HttpResponse(status=status) if _is_htmx(request) else render(request, f"{status}.html", status=status)
    )


def _is_htmx(request: HttpRequest) -> bool:
    """Asked of the header: an error can precede the middleware. The browser side words it from the status alone."""
    return request.headers.get("HX-Request") == "true"
