"""Saving, freezing, copying and putting away: by whoever saw it last, once, and never under someone's work."""

import uuid
from datetime import date

import pytest

from segmentation import services as segmentation
from segmentation.models import SavedSegment, SegmentMember, VehicleSegment
from segmentation.saved import services, uses
from segmentation.saved.cars import cars_of
from segmentation.saved.scope import scope_of
from segmentation.saved.tree import Condition, Group, Mode
from staff.models import AuditEntry
from tests.customers.factories import CustomerFactory, VehicleFactory

TREE = Group(Mode.ALL, (Condition("c3", "in", ("mystery_opportunity",)),))
OTHER = Group(Mode.ANY, (Condition("last_visit", "never"),))


def make(store, manager, **changes):
    values = {
        "name": "沉睡",
        "note": "",
        "stores": [store],
        "tree": TREE,
        "by": manager,
        "form_key": uuid.uuid4(),
    }
    return services.create_segment(**{**values, **changes})


def cars(store, count, today):
    made = VehicleFactory.create_batch(count, owner=CustomerFactory(home_store=store))
    segmentation.segment(as_of=today)
    return made


def members(segment):
    return set(SegmentMember.objects.filter(segment=segment).values_list("vehicle_id", flat=True))


def test_second_post_of_the_form_finds_the_first_segment(store, manager):
    key = uuid.uuid4()
    first, second = make(store, manager, form_key=key), make(store, manager, form_key=key, name="again")

    assert (second.pk, second.name, SavedSegment.objects.count()) == (first.pk, "沉睡", 1)


def test_only_who_saw_the_last_version_saves(store, other_store, manager):
    segment = make(store, manager)

    saved = services.save_segment(
        segment=segment, version=1, by=manager, name="新名", note="n", tree=OTHER, stores=[store, other_store]
    )

    assert (saved.name, saved.version, saved.conditions) == ("新名", 2, OTHER.as_row())
    assert set(saved.stores.all()) == {store, other_store}
    with pytest.raises(services.StaleSegment):
        services.save_segment(segment=segment, version=1, by=manager, name="旧名", note="", tree=TREE)
    assert SavedSegment.objects.get().name == "新名"


def test_freezing_keeps_the_cars_of_that_moment(store, other_store, manager, today):
    mine = cars(store, 2, today)
    cars(other_store, 1, today)
    segment = make(store, manager)

    frozen = services.freeze(segment=segment, version=1, by=manager, today=date(2027, 1, 1))
    again = services.freeze(segment=segment, version=1, by=manager, today=date(2027, 1, 1))

    assert members(frozen) == {car.pk for car in mine}
    assert (frozen.kind, frozen.frozen_on, frozen.frozen_rules, frozen.frozen_count) == (
        "frozen",
        today,
        "v1",
        2,
    )
    assert (again.version, frozen.conditions) == (frozen.version, TREE.as_row())
    assert AuditEntry.objects.filter(action="segment.freeze").count() == 1

    late = cars(store, 1, today)[0]
    VehicleSegment.objects.filter(pk=mine[0].pk).delete()  # sold away, say
    scope = scope_of([store], today=today)
    assert set(cars_of(frozen, scope).values_list("pk", flat=True)) == {mine[1].pk}
    assert late.pk not in members(frozen)


def test_conditions_changed_meanwhile_are_not_frozen_unseen(store, manager, today):
    segment = make(store, manager)
    services.save_segment(segment=segment, version=1, by=manager, name="新", note="", tree=OTHER)

    with pytest.raises(services.StaleSegment):
        services.freeze(segment=segment, version=1, by=manager, today=today)

    assert not SavedSegment.objects.get().is_frozen


def test_a_frozen_segment_takes_a_name_but_no_conditions(store, manager, today):
    segment = services.freeze(segment=make(store, manager), version=1, by=manager, today=today)

    with pytest.raises(services.StaleSegment):
        services.save_segment(segment=segment, version=2, by=manager, name="x", note="", tree=OTHER)
    saved = services.save_segment(segment=segment, version=2, by=manager, name="名单", note="六月")

    assert (saved.name, saved.note, saved.is_frozen, saved.conditions) == (
        "名单",
        "六月",
        True,
        TREE.as_row(),
    )


def test_what_cannot_be_read_is_not_frozen(store, manager, today):
    segment = make(store, manager)
    SavedSegment.objects.update(conditions={"mode": "all", "items": [{"field": "moon"}]})

    with pytest.raises(services.NotUnderstood):
        services.freeze(segment=segment, version=1, by=manager, today=today)

    assert not SavedSegment.objects.get().is_frozen


def test_a_copy_of_conditions_is_dynamic_and_of_a_bare_list_its_cars(store, other_store, manager, today):
    mine, theirs = cars(store, 1, today)[0], cars(other_store, 1, today)[0]
    frozen = services.freeze(segment=make(store, manager), version=1, by=manager, today=today)
    bare = services.save_list(
        name="聚类",
        note="n",
        stores=[store, other_store],
        vehicle_ids=[mine.pk, theirs.pk],
        by=manager,
        on=today,
    )

    of_conditions, of_list = (
        services.copy_segment(segment=one, name="副本", stores=[store], by=manager, form_key=uuid.uuid4())
        for one in (frozen, bare)
    )

    assert (of_conditions.is_frozen, of_conditions.conditions) == (False, TREE.as_row())
    assert (of_list.frozen_on, of_list.note, members(of_list)) == (today, "n", {mine.pk})


def test_archived_is_out_of_every_choice_until_it_is_brought_back(store, manager, today):
    segment = make(store, manager)

    for _ in range(2):
        services.archive(segment=segment, by=manager, today=today)
    with pytest.raises(services.StaleSegment):
        services.save_segment(segment=segment, version=1, by=manager, name="x", note="", tree=OTHER)
    assert not SavedSegment.objects.current().exists()
    for _ in range(2):
        services.restore(segment=segment, by=manager)

    assert SavedSegment.objects.current().get() == segment
    deeds = AuditEntry.objects.filter(action__in=["segment.archive", "segment.restore"])
    assert sorted(deeds.values_list("action", flat=True)) == ["segment.archive", "segment.restore"]


def test_what_somebody_counts_on_is_not_archived(store, manager, today, monkeypatch):
    segment = make(store, manager)
    over = uses.Use("去年", "/c/1/", "closed", is_unfinished=False, store_ids=frozenset({store.pk}))
    draft = uses.Use("空调季", "/c/2/", "draft", is_unfinished=True, store_ids=frozenset({store.pk}))
    monkeypatch.setattr(uses, "_sources", lambda: (lambda *, segment, today: [over, draft],))

    with pytest.raises(services.SegmentInUse) as refused:
        services.archive(segment=segment, by=manager, today=today)

    assert refused.value.uses == [draft]
    assert SavedSegment.objects.current().exists()


def test_covering_means_every_store(store, other_store, manager):
    both, one = make(store, manager, stores=[store, other_store]), make(store, manager)

    assert set(SavedSegment.objects.covering([store])) == {both, one}
    assert set(SavedSegment.objects.covering([store, other_store])) == {both}
