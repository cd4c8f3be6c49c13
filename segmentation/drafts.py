"""Rules in the making: a draft per store (or for the group), saved by whoever saw it last, published once."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone

from jobs.services import enqueue_after
from segmentation.models import RuleSet
from staff.models import Store, User
from staff.services import record

# What a draft takes over and an editor may change.
NUMBERS = (
    "window_months", "maintenance_high", "spend_mode", "spend_percentile", "spend_amount_fen",
    "repair_ratio_high_percent", "repair_kinds", "cells", "lost_days", "near_lost_days",
    "interval_factor_percent", "interval_min_days", "complaint_months", "new_days", "value_high_points",
    "value_mid_points", "service_radius_km", "warranty_years", "warranty_km", "three_guarantees_years",
    "three_guarantees_km", "age_bands", "radius_bands",
)  # fmt: skip


class StaleDraft(Exception):
    """Somebody saved, published or discarded the draft after this page was made."""


class NoteMissing(Exception):
    """A version says why it was made."""


def numbers(rules: RuleSet) -> dict[str, Any]:
    return {name: getattr(rules, name) for name in NUMBERS}


def draft_of(store: Store | None) -> RuleSet | None:
    return RuleSet.objects.of(store).drafts().select_related("store", "created_by").first()


def in_force(store: Store | None) -> RuleSet | None:
    """The newest published version of the store, else the group's."""
    published = (
        RuleSet.objects.filter(published_at__isnull=False).select_related("store").order_by("-version")
    )
    own = published.of(store).first()
    return own or (published.of(None).first() if store else None)


def copy_of(rules: RuleSet | None, *, store: Store | None) -> RuleSet:
    """A new draft with the numbers of ``rules``, not yet saved; without rules those of the published cases."""
    return RuleSet(store=store, **(numbers(rules) if rules else {}))


def start(*, store: Store | None, by: User) -> RuleSet:
    """The draft of the store (None: of the group): the one there is, else one made from the rules in force."""
    existing = draft_of(store)
    if existing is not None:
        return existing
    draft = copy_of(in_force(store), store=store)
    draft.version, draft.created_by = _next_version(store), by
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError:
        other = draft_of(store)  # somebody's started between the two statements
        if other is None:
            raise
        return other
    return draft


def save(*, draft: RuleSet, values: dict[str, Any], revision: int) -> RuleSet:
    """Write ``values`` into the draft as it stood at ``revision``. Raises StaleDraft when it stands no more."""
    mine = RuleSet.objects.drafts().filter(pk=draft.pk, revision=revision)
    if not mine.update(**values, revision=F("revision") + 1):
        raise StaleDraft
    return RuleSet.objects.get(pk=draft.pk)


@transaction.atomic
def keep(*, store: Store | None, values: dict[str, Any], revision: int, by: User) -> RuleSet:
    """Save ``values`` as the store's draft; ``revision`` 0 says that none was there when the page was made."""
    draft = draft_of(store)
    if (draft.revision if draft else 0) != revision:
        raise StaleDraft
    draft = draft or start(store=store, by=by)
    return save(draft=draft, values=values, revision=revision or draft.revision)


@transaction.atomic
def publish(*, draft: RuleSet, revision: int, note: str, by: User) -> RuleSet:
    """Make the draft the next version and have every car of its stores judged by it."""
    if not note.strip():
        raise NoteMissing
    version = _next_version(draft.store, besides=draft)
    mine = RuleSet.objects.drafts().filter(pk=draft.pk, revision=revision)
    published = mine.update(
        version=version, note=note.strip(), published_by=by, published_at=timezone.now()
    )  # fmt: skip
    if not published:
        raise StaleDraft
    record(user=by, action="rules.publish", store=draft.store, subject=draft, version=version)
    where = draft.store_id or "all"
    enqueue_after(
        kind="segmentation.apply_rules",
        key=f"segmentation.apply_rules:{where}",
        arguments={"store": draft.store_id},
        store=draft.store,
        by=by,
    )
    return RuleSet.objects.select_related("store").get(pk=draft.pk)


@transaction.atomic
def discard(*, draft: RuleSet, revision: int, by: User) -> None:
    """Raises StaleDraft rather than throw away what somebody saved meanwhile."""
    deleted, _rows = RuleSet.objects.drafts().filter(pk=draft.pk, revision=revision).delete()
    if not deleted:
        raise StaleDraft
    record(user=by, action="rules.discard", store=draft.store, version=draft.version)


def _next_version(store: Store | None, *, besides: RuleSet | None = None) -> int:
    others = RuleSet.objects.of(store)
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    return (others.aggregate(newest=Max("version"))["newest"] or 0) + 1
