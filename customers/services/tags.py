"""Tags put on customers and taken off again. They do not count as an edit of the card: nobody's form becomes stale."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from customers.models import Customer, CustomerTag, Tag
from customers.models.tag import tag_key
from staff.models import Store, User
from staff.services import record


@transaction.atomic
def add_tag(*, customer: Customer, store: Store, by: User, name: str) -> tuple[Tag, bool]:
    """Put the tag called ``name`` on the customer; whether it is new there.

    The group's word is taken where there is one, else the store's, which is made when it is missing.
    """
    tag = _known(store, name) or _new(store, name)
    _link, added = CustomerTag.objects.get_or_create(customer=customer, tag=tag, defaults={"created_by": by})
    if added:
        record(user=by, action="customer.tag", store=store, subject=customer, tag=tag.pk)
    return tag, added


@transaction.atomic
def remove_tag(*, customer: Customer, store: Store, by: User, tag: Tag) -> bool:
    """Take it off; whether it was on. The word stays in the vocabulary."""
    removed, _rows = CustomerTag.objects.filter(customer=customer, tag=tag).delete()
    if removed:
        record(user=by, action="customer.untag", store=store, subject=customer, tag=tag.pk)
    return bool(removed)


def _known(store: Store, name: str) -> Tag | None:
    """A word of the group comes first (its store is null)."""
    named = Tag.objects.in_stores([store]).filter(name_key=tag_key(name))
    return min(named, key=lambda tag: tag.store_id is not None, default=None)


def _new(store: Store, name: str) -> Tag:
    try:
        with transaction.atomic():
            return Tag.objects.create(store=store, name=name)
    except IntegrityError:
        known = _known(store, name)  # somebody's came between the two statements
        if known is None:
            raise
        return known
