"""Tags on the customer's card."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from customers import services
from customers.doors import open_customer
from customers.forms import TagForm
from customers.models import Tag
from staff.permissions import StaffRequest, requires


@require_POST
@requires("customer.view")
def tag_add(request: StaffRequest, pk: int) -> HttpResponse:
    customer, door = open_customer(request, pk, "customer.edit")
    form = TagForm(request.POST)
    if not form.is_valid():
        return render(request, "customers/tag_form.html", {"form": form, "customer": customer}, status=422)
    services.add_tag(customer=customer, store=door.store, by=request.user, name=form.cleaned_data["name"])
    return redirect("customers:card", pk=customer.pk)


@require_POST
@requires("customer.view")
def tag_remove(request: StaffRequest, pk: int, tag: int) -> HttpResponse:
    """The tag of a store goes by the hand of that store; the group's by that of any who knows the customer."""
    customer, door = open_customer(request, pk, "customer.edit")
    word = get_object_or_404(Tag.objects.visible_to(request.user), pk=tag)
    if word.store_id is not None:
        request.active.require("customer.edit", word.store_id)
    services.remove_tag(customer=customer, store=door.store, by=request.user, tag=word)
    return redirect("customers:card", pk=customer.pk)
