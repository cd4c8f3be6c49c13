"""The demo's saved segments are of all stores of the manager who leads the most, and one is a list."""

from datetime import date, timedelta

from customers.models import CustomerTag
from dealer_crm.demo.segments import keep_segments
from segmentation.models import C3, SavedSegment
from staff.models import Role
from tests.campaigns.factories import car
from tests.staff.factories import MembershipFactory


def test_segments_of_the_demo(store, other_store, manager):
    boss = MembershipFactory(store=store, role=Role.MANAGER).user
    MembershipFactory(user=boss, store=other_store, role=Role.MANAGER)
    today = date(2026, 6, 12)
    away = {"last_visit_on": today - timedelta(days=121)}
    for shop in (store, other_store):
        car(shop, c3=C3.SPLIT_LOYAL, segment=away)
        car(shop, c3=C3.SPLIT_LOYAL, segment=away, owner={"do_not_call": True})

    keep_segments(today=today)

    segments = list(SavedSegment.objects.prefetch_related("stores"))
    assert {segment.created_by for segment in segments} == {boss}
    assert all(set(segment.stores.all()) == {store, other_store} for segment in segments)
    assert sorted((segment.name, segment.frozen_count) for segment in segments if segment.is_frozen) == [
        ("四个月没来的忠诚客户 06月名单", 2)
    ]
    assert len(segments) == 4
    assert CustomerTag.objects.values("tag").distinct().count() == 3
