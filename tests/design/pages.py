"""A page that shows every component, and the few addresses the frame needs: a URLconf for the tests of the frame."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

from allauth.account import views as account
from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import include, path
from django.views.i18n import set_language

from staff.forms import StyledForm
from staff.models import Store
from staff.vocabulary import C3_GROUPS, CARE_STATUSES

PAGE = """{% extends "base.html" %}{% load ui %}
{% block title %}Parts{% endblock %}
{% block heading %}Parts{% endblock %}{% block scope %}Everything once{% endblock %}
{% block content %}
{% include "components/tabs.html" %}{% include "components/steps.html" %}{% include "components/chips.html" %}
{% include "components/kpi.html" with label="Visits" value="5,897" fill=78.6 tick=80 group="high_risk" note="behind" %}
{% for key in groups %}{% group_chip key %}{% endfor %}{% for key in statuses %}{% care_pill key %}{% endfor %}
{% plate "粤B6K92D" size="lg" %}{% plate "粤BD08816" %}
{% include "components/ladder.html" with fill=52 label="At 13%" sentence="15 more reach the next tier." %}
{% include "components/why.html" with rows=why group="profitable_loyal" %}
{% include "components/vehicle_card.html" %}{% include "components/timeline.html" %}
{% include "components/alert.html" with text="Apologise first." tone="bad" %}
{% include "components/empty.html" with title="No calls today" icon="phone-off" %}
{% include "components/progress.html" with label="Writing" value=65 text="3,120 / 4,776" %}
{% include "components/skeleton.html" %}{% include "components/chart.html" %}{% include "components/pager.html" %}
<div id="part">old</div><button class="btn" id="fail" hx-get="/fail/" hx-target="#part">Fail</button>
<button class="btn" hx-get="/part/" hx-target="#part" data-key="9">Load</button>
<table class="tb"><tbody data-rows>
<tr><td><a href="?row=1">1</a></td></tr><tr><td><a href="?row=2">2</a></td></tr></tbody></table>
{% include "components/form_errors.html" %}
<form method="post" id="visit" class="grid c2" data-draft="visit" novalidate>{% csrf_token %}
{% for field in form %}{% include "components/field.html" %}{% endfor %}
<button class="btn p" name="save" value="yes">Save</button>
<button class="btn d" name="delete" value="yes" data-confirm="Undo 4,776 rows?" data-confirm-typed="119">Undo</button>
</form>
{% endblock %}{% block scripts %}{% charts_script %}{% endblock %}"""


class VisitForm(StyledForm, forms.Form):
    plate = forms.CharField(help_text="7 or 8 characters")
    odometer = forms.IntegerField()
    kind = forms.ChoiceField(choices=[("m", "Maintenance"), ("r", "Repair")], widget=forms.RadioSelect)
    washed = forms.BooleanField(required=False)
    words = forms.CharField(widget=forms.Textarea, required=False)


def install(settings: Any) -> None:
    """Put these addresses and this frame in place of the project's."""
    settings.ROOT_URLCONF = __name__
    settings.CHARTS_MODE = "local"
    templates = deepcopy(settings.TEMPLATES)
    processors = templates[0]["OPTIONS"]["context_processors"]
    processors[processors.index("dealer_crm.navigation.chrome")] = f"{__name__}.chrome"
    settings.TEMPLATES = templates


def parts(request: HttpRequest) -> HttpResponse:
    form = VisitForm(request.POST or None)
    if request.method == "POST" and ("delete" in request.POST or form.is_valid()):
        buttons = sorted(set(request.POST) & {"save", "delete"})
        messages.success(request, f"Received {buttons}", extra_tags="undo:/parts/")
        return redirect("/parts/")
    page = engines["django"].from_string(PAGE).render({"form": form, **example()}, request)
    return HttpResponse(page, status=422 if form.errors else 200)


def example() -> dict[str, object]:
    return {
        "groups": C3_GROUPS,
        "statuses": CARE_STATUSES,
        "page": Paginator(range(1234), 50).get_page(3),
        "tabs": [
            {"url": "?a", "label": "Plan", "current": True},
            {"url": "?b", "label": "Targets", "n": 1336},
        ],
        "chips": [{"url": "?c", "label": "All", "n": 23, "on": True}, {"url": "?d", "label": "Visits"}],
        "steps": [{"label": "Upload", "state": "done", "url": "?e"}, {"label": "Match", "state": "on"}],
        "ticks": [{"at": 44, "top": "11%", "bottom": "¥6"}, {"at": 72, "top": "18%", "bottom": "¥10"}],
        "why": [{"label": "Visits", "percent": 83, "tick": 50, "value": "5", "threshold": "≥ 3"}],
        "vehicle": {
            "plate": "粤B6K92D",
            "name": "LaCrosse",
            "group": "high_risk",
            "care": "lost",
            "current": True,
        },
        "entries": [
            {"on": date(2026, 1, 17), "icon": "wrench", "tone": "ok", "title": "Service", "amount": 128600},
            {"when": "about 07-03", "icon": "calendar", "tone": "fut", "title": "Next service"},
        ],
        "chart": {
            "id": "c-visits",
            "label": "Visits by month",
            "config": {
                "type": "line",
                "data": {
                    "labels": ["May", "June"],
                    "datasets": [{"label": "Visits", "data": [3, 5], "borderColor": "--ink"}],
                },
            },
            "table": {"head": ["Month", "Visits"], "rows": [["May", 3], ["June", 5]]},
        },
    }


def search(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(
            '<h6>2</h6><a href="/parts/?found=1">first</a><a href="/parts/?found=2">second</a>'
        )
    return HttpResponse(f"all of {request.POST['q']}")


def say(text: str, status: int = 200) -> object:
    return lambda request: HttpResponse(text, status=status)


def chrome(request: HttpRequest) -> dict[str, object]:
    """Context processor in place of the project's: the frame, without the apps behind its entries."""
    stores = list(Store.objects.all())
    item = {"url": "/parts/", "label": "Parts", "icon": "users", "badge": 22, "current": True}
    return {
        "chrome": {
            "nav": [{"title": "Work", "items": [item]}],
            "tabbar": [item],
            "store": stores[0] if stores else None,
            "stores": stores,
            "may_see_all": True,
            "role_label": "Manager",
            "data_note": ["As of 06-12 07:40"],
            "home_url": "/",
        }
    }


account_urls = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("password/", account.password_change, name="account_change_password"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),
    path("devices/", include("allauth.usersessions.urls")),
]
urlpatterns = [
    path("", say("home"), name="home"),
    path("parts/", parts),
    path("part/", say("<p>new</p>")),
    path("fail/", say("no", 429)),
    path("language/", set_language, name="set_language"),
    path("account/", include(account_urls)),
    path("customers/", include(([path("search/", search, name="search")], "customers"))),
    path(
        "staff/",
        include(
            ([path("s/", say("ok"), name="switch_store"), path("p/", say("ok"), name="profile")], "staff")
        ),
    ),
]
