"""A frozen segment made of cars that somebody else chose."""

import uuid
from datetime import date

import pytest
from django.db import IntegrityError

from customers.models import Vehicle
from segmentation import services
from segmentation.models import SavedSegment, SegmentMember
from segmentation.saved.services import save_list
from staff.models import AuditEntry
from tests.customers.factories import CustomerFactory, VehicleFactory


def cars(store, count):
    return VehicleFactory.create_batch(count, owner=CustomerFactory(home_store=store))


def members(segment):
    return set(SegmentMember.objects.filter(segment=segment).values_list("vehicle_id", flat=True))


def saved(manager, store, ids, **more):
    values = {"name": "聚类一", "note": "", "stores": [store], "by": manager, "on": date(2026, 6, 12), **more}
    return save_list(vehicle_ids=ids, **values)


def test_list_keeps_its_cars_its_day_and_the_rules_they_stood_under(manager, store, today):
    mine = cars(store, 3)
    services.segment(as_of=today)

    segment = saved(manager, store, [mine[0].pk, mine[2].pk, mine[0].pk])

    assert members(segment) == {mine[0].pk, mine[2].pk}
    assert (segment.kind, segment.frozen_on, segment.frozen_rules, segment.frozen_count, segment.conditions) == (
        "frozen", today, "v1", 2, {},
    )  # fmt: skip
    assert list(segment.stores.all()) == [store]
    assert AuditEntry.objects.get(action="segment.save").subject_id == segment.pk


def test_cars_of_other_stores_and_unknown_ids_are_left_out(manager, store, other_store):
    mine, theirs = cars(store, 1)[0], cars(other_store, 1)[0]

    segment = saved(manager, store, [mine.pk, theirs.pk, 987_654_321])

    assert members(segment) == {mine.pk}


@pytest.mark.parametrize("sliced", [False, True])
def test_cars_may_be_a_queryset(manager, store, other_store, sliced):
    mine = cars(store, 2)
    cars(other_store, 1)
    chosen = Vehicle.objects.order_by("pk")

    segment = saved(manager, store, chosen[:1] if sliced else chosen)

    assert members(segment) == {car.pk for car in mine[: 1 if sliced else 2]}


def test_second_click_finds_the_first_ones_segment(manager, store):
    key = uuid.uuid4()
    first = saved(manager, store, [car.pk for car in cars(store, 2)], form_key=key)

    second = saved(manager, store, [], form_key=key, name="又一次")

    assert (second.pk, second.name, second.frozen_count) == (first.pk, "聚类一", 2)
    assert SavedSegment.objects.count() == 1


def test_key_of_someone_elses_form_is_not_answered_with_their_segment(manager, advisor, store):
    key = uuid.uuid4()
    saved(advisor, store, [], form_key=key)

    with pytest.raises(IntegrityError):
        saved(manager, store, [], form_key=key)


def test_list_longer_than_a_statement_is_written_whole(manager, store, monkeypatch):
    monkeypatch.setattr("segmentation.saved.lists.BATCH", 2)
    mine = cars(store, 5)

    segment = saved(manager, store, (car.pk for car in mine))

    assert members(segment) == {car.pk for car in mine}


def test_deleted_car_leaves_the_list_and_the_count_remembers_it(manager, store):
    gone, stays = cars(store, 2)
    segment = saved(manager, store, [gone.pk, stays.pk])
    gone.ownerships.all().delete()

    gone.delete()

    segment.refresh_from_db()
    assert (members(segment), segment.frozen_count) == ({stays.pk}, 2)
