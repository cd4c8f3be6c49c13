"""One's own profile, the store switcher, who works here, and what they did."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from staff import exports
from staff import people as service
from staff.middleware import ALL_STORES, SESSION_KEY, may_see_all
from staff.models import AuditEntry, AuditQuerySet, Membership, User
from staff.pages import safe_next
from staff.people_forms import AuditFilterForm, NewPersonForm, RolesForm
from staff.permissions import StaffRequest, requires
from staff.resources import AuditResource, PersonResource

page_or_form = require_http_methods(["GET", "HEAD", "POST"])


@require_POST
@login_required
def switch_store(request: StaffRequest) -> HttpResponse:
    """Remember the chosen store; anything not among the user's own is ignored."""
    chosen = request.POST.get("store", "")
    mine = {store.code for store in request.active.mine}
    if chosen in mine or (chosen == ALL_STORES and may_see_all(request.active.roles)):
        request.session[SESSION_KEY] = chosen
    return redirect(safe_next(request, default="home"))


@page_or_form
@login_required
def profile(request: StaffRequest) -> HttpResponse:
    if request.method == "POST":
        request.user.keyboard_shortcuts = "keyboard_shortcuts" in request.POST
        request.user.save(update_fields=["keyboard_shortcuts"])
        messages.success(request, _("Your profile has been saved."))
        return redirect("staff:profile")
    memberships = request.user.memberships.filter(store__is_active=True).select_related("store")
    return render(request, "staff/profile.html", {"memberships": memberships})


def _posted(request: StaffRequest) -> QueryDict | None:
    """What was sent; an empty form was sent too, and must be told what it lacks."""
    return request.POST if request.method == "POST" else None


@require_GET
@requires("staff.manage")
def people(request: StaffRequest) -> HttpResponse:
    rows, words = _people(request)
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    return render(request, "staff/people.html", {"page": page, "words": words})


@require_POST
@requires("staff.manage", "export.run")
def people_export(request: StaffRequest) -> HttpResponseBase:
    rows, _words = _people(request)
    return exports.respond(request, PersonResource, rows)


def _people(request: StaffRequest) -> tuple[QuerySet[User], str]:
    """Who works in the stores in view and is called by the words sought, and those words."""
    stores = request.active.stores
    here = Membership.objects.filter(store__in=stores).select_related("store")
    rows = service.people_in(stores).prefetch_related(Prefetch("memberships", here, to_attr="roles_here"))
    words = request.GET.get("q", "").strip()
    if words:
        rows = rows.filter(Q(full_name__icontains=words) | Q(username__icontains=words))
    return rows.order_by("-is_active", "username"), words


@page_or_form
@requires("staff.manage")
def person_new(request: StaffRequest) -> HttpResponse:
    form = NewPersonForm(_posted(request), stores=service.managed_stores(request.active))
    if not form.is_bound or not form.is_valid():
        return render(request, "staff/person_new.html", {"form": form}, status=422 if form.is_bound else 200)
    person, password = service.hire(
        username=form.cleaned_data["username"],
        full_name=form.cleaned_data["full_name"],
        roles={store: role for store, role in form.roles.items() if role},
        by=request.user,
    )
    return render(request, "staff/first_password.html", {"person": person, "password": password})


@page_or_form
@requires("staff.manage")
def person_edit(request: StaffRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    stores = service.managed_stores(request.active)
    roles = {row.store_id: row.role for row in person.memberships.all()}
    form = RolesForm(_posted(request), stores=stores, roles=roles, initial={"full_name": person.full_name})
    if form.is_bound and form.is_valid():
        try:
            service.change(
                person=person, full_name=form.cleaned_data["full_name"], roles=form.roles, by=request.user
            )
        except service.LastRole:
            reason = _(
                "Everyone needs a role in some store. To end someone's work here, deactivate the account."
            )
            form.add_error(None, reason)
        else:
            messages.success(request, _("Saved."))
            return redirect("staff:person_edit", pk=person.pk)
    context = {"form": form, "person": person, "wholly_mine": _wholly_managed(request, person)}
    return render(request, "staff/person_edit.html", context, status=422 if form.errors else 200)


@require_POST
@requires("staff.manage")
def person_active(request: StaffRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    if not _wholly_managed(request, person):
        raise PermissionDenied
    active = request.POST.get("active") == "yes"
    service.set_active(person=person, active=active, by=request.user)
    if active:
        messages.success(request, _("%(name)s can sign in again.") % {"name": person})
    else:
        messages.success(request, _("%(name)s can no longer sign in.") % {"name": person})
    return redirect("staff:person_edit", pk=person.pk)


@require_POST
@requires("staff.manage")
def person_password(request: StaffRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    if not _wholly_managed(request, person):
        raise PermissionDenied
    password = service.renew_password(person=person, by=request.user)
    return render(request, "staff/first_password.html", {"person": person, "password": password})


def _person(request: StaffRequest, pk: int) -> User:
    """Someone who works in a store that the user manages. Nobody changes their own account or a superuser's here."""
    person = get_object_or_404(service.people_in(service.managed_stores(request.active)), pk=pk)
    if person == request.user or (person.is_superuser and not request.user.is_superuser):
        raise PermissionDenied
    return person


def _wholly_managed(request: StaffRequest, person: User) -> bool:
    """Whether every store of ``person`` is managed by the user: an account belongs to all of them."""
    return not person.stores.exclude(
        pk__in=[store.pk for store in service.managed_stores(request.active)]
    ).exists()


@require_GET
@requires("audit.view")
def audit(request: StaffRequest) -> HttpResponse:
    form, rows = _entries(request)
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    return render(request, "staff/audit.html", {"form": form, "page": page})


@require_POST
@requires("audit.view", "export.run")
def audit_export(request: StaffRequest) -> HttpResponseBase:
    _form, rows = _entries(request)
    return exports.respond(request, AuditResource, rows)


def _entries(request: StaffRequest) -> tuple[AuditFilterForm, AuditQuerySet]:
    stores = request.active.stores
    people = service.people_in(stores)
    if request.user.sees_all_stores:
        # Who runs the whole group may work in no store of it.
        people = people | User.objects.filter(is_superuser=True)
    form = AuditFilterForm(request.GET, people=people)
    entries = form.narrow(AuditEntry.objects.on_page_of(request.user, stores))
    return form, entries.select_related("user", "store").order_by("-at", "-pk")
