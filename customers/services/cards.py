"""Writing customers: the row, the grams its name is found by, its phones, the stores that see it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from customers import contacts
from customers.grams import write_grams
from customers.models import Customer, Memo, Phone, StoreCustomer
from customers.services.versions import Stale, take_version
from customers.values.names import company_key
from jobs.services import announce
from staff.models import Store, User
from staff.services import record

__all__ = [
    "CardTaken",
    "Stale",
    "create_customer",
    "link_store",
    "mark_customer",
    "save_customer",
    "write_memo",
]

# What a form may set. Stores, versions and index columns follow from these.
# fmt: off
DETAILS = frozenset({
    "name", "kind", "gender", "birthday", "id_number", "address", "region", "distance_m", "usage",
    "channel", "referred_by", "intention", "preferred_time", "preferred_channel", "may_call", "may_message",
    "do_not_call", "price_sensitive",
})
# fmt: on
# A change of these can move the owner's cars to another care status.
MOVES_CARE_STATUS = frozenset({"price_sensitive"})


class CardTaken(Exception):
    """The ID number stands on another card already; which one is not said: it may be another store's."""


@transaction.atomic
def create_customer(
    *,
    store: Store,
    by: User,
    details: Mapping[str, Any],
    phones: Sequence[str] = (),
    form_key: uuid.UUID | None = None,
) -> tuple[Customer, bool]:
    """The new card, and whether this call made it. The first of ``phones`` is the primary one.

    ``form_key`` becomes the row's ``uid``: a second post of one form finds the first one's card.
    """
    if form_key is not None:
        first = Customer.objects.visible_to(by).filter(uid=form_key).first()
        if first is not None:
            return first, False
    customer = Customer(uid=form_key or uuid.uuid4(), home_store=store)
    _fill(customer, details)
    try:
        with transaction.atomic():
            customer.save()
    except IntegrityError as error:
        raise CardTaken from error
    write_grams([customer])
    link_store(customer=customer, store=store)
    numbers = list(dict.fromkeys(phones))
    Phone.objects.bulk_create(
        contacts.new_phone(customer=customer, number=number, is_primary=at == 0)
        for at, number in enumerate(numbers)
    )
    record(user=by, action="customer.create", store=store, subject=customer)
    return customer, True


@transaction.atomic
def save_customer(
    *,
    customer: Customer,
    version: int,
    by: User,
    store: Store,
    details: Mapping[str, Any],
    add_phones: Sequence[str] = (),
    drop_phones: Collection[int] = (),
    primary_phone: int | None = None,
) -> Customer:
    """Save the named details and phones; details not named stay as they are.

    ``primary_phone`` None makes the first added number the primary one, if none is left.
    Raises Stale when the card is newer than ``version``, CardTaken for another card's ID number.
    """
    fresh = take_version(customer, version)
    before = {name: getattr(fresh, name) for name in details}
    _fill(fresh, details)
    changed = [name for name in details if before[name] != getattr(fresh, name)]
    if changed:
        try:
            with transaction.atomic():
                fresh.save(update_fields=[*changed, "name_key", "id_number_index"])
        except IntegrityError as error:
            raise CardTaken from error
    if {"name", "kind"} & set(changed):
        write_grams([fresh])
    _save_phones(fresh, add_phones, drop_phones, primary_phone)
    if MOVES_CARE_STATUS & set(changed):
        announce_card(customer=fresh)
    record(user=by, action="customer.edit", store=store, subject=fresh, changed=sorted(changed))
    return fresh


def mark_customer(*, customer: Customer, by: User, store: Store, **marks: bool) -> Customer:
    """Set ``price_sensitive``, ``do_not_call``, ``may_call`` or ``may_message`` whatever the card's version is.

    For what an owner says on the phone: it must not wait for whoever has the card open.
    """
    unknown = set(marks) - {"price_sensitive", "do_not_call", "may_call", "may_message"}
    if unknown:
        raise TypeError(f"not a mark: {', '.join(sorted(unknown))}")
    with transaction.atomic():
        version = Customer.objects.select_for_update().values_list("version", flat=True).get(pk=customer.pk)
        return save_customer(customer=customer, version=version, by=by, store=store, details=marks)


def link_store(*, customer: Customer, store: Store) -> bool:
    """Let the store see the card; whether it is new to it."""
    _, created = StoreCustomer.objects.get_or_create(customer=customer, store=store)
    return created


def write_memo(
    *, customer: Customer, store: Store, by: User, text: str, form_key: uuid.UUID | None = None
) -> tuple[Memo, bool]:
    """A memo for the next colleague; the second post of one form finds the first one's."""
    values = {"customer": customer, "store": store, "author": by, "text": text}
    if form_key is None:
        return Memo.objects.create(**values), True
    return Memo.objects.get_or_create(form_key=form_key, author=by, defaults=values)


def announce_card(*, customer: Customer) -> None:
    """Something on the card that care statuses read has changed, in every store that counts one of its cars."""
    for store in Store.objects.filter(home_vehicles__owner=customer).distinct():
        announce("card_changed", store=store)


def _fill(customer: Customer, details: Mapping[str, Any]) -> None:
    unknown = set(details) - DETAILS
    if unknown:
        raise TypeError(f"not a detail of a customer: {', '.join(sorted(unknown))}")
    for name, value in details.items():
        setattr(customer, name, value)
    customer.name_key = company_key(customer.name) if customer.kind == Customer.Kind.COMPANY else ""
    if "id_number" in details:
        customer.id_number = details["id_number"].upper()
        customer.id_number_index = contacts.id_number_index(details["id_number"])


def _save_phones(customer: Customer, add: Sequence[str], drop: Collection[int], primary: int | None) -> None:
    if not (add or drop or primary):
        return
    customer.phones.filter(pk__in=drop).delete()
    known = {phone.number_index: phone for phone in customer.phones.all()}
    for number in dict.fromkeys(add):
        phone = contacts.new_phone(customer=customer, number=number, is_primary=False)
        if phone.number_index not in known:
            phone.save()
            known[phone.number_index] = phone
    chosen = next((phone for phone in known.values() if phone.pk == primary), None)
    chosen = chosen or next((phone for phone in known.values() if phone.is_primary), None)
    chosen = chosen or next(iter(known.values()), None)
    if chosen is not None and not chosen.is_primary:
        # Two statements: at no moment are there two primary phones.
        customer.phones.filter(is_primary=True).update(is_primary=False)
        customer.phones.filter(pk=chosen.pk).update(is_primary=True)
