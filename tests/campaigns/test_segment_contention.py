"""Two people at one moment: nobody's plan is left counting on a segment that was just archived."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection

from campaigns import services
from campaigns.criteria import Criteria
from campaigns.models import Campaign
from segmentation.models import SavedSegment
from segmentation.saved import services as segments
from staff.models import Role, Store, User
from tests.campaigns.factories import car, plan
from tests.campaigns.test_segment import ALL, segment
from tests.staff.factories import MembershipFactory

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 6, 12)


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """What each deed returned or raised; all begin together, each on a connection of its own."""
    barrier = threading.Barrier(len(deeds))
    found: list[Any] = [None] * len(deeds)

    def work(number: int, deed: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            found[number] = deed()
        except (segments.SegmentInUse, services.SegmentArchived, segments.StaleSegment) as refusal:
            found[number] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.fixture
def boss(store: Store) -> User:
    return MembershipFactory(store=store, role=Role.MANAGER).user


def test_planning_with_a_segment_and_archiving_it(store: Store, boss: User) -> None:
    for _ in range(8):
        chosen = segment(boss, store)
        wanted = plan(criteria=Criteria(groups=ALL, segment=chosen))

        archived, planned = at_once(
            lambda chosen=chosen: segments.archive(segment=chosen, by=boss, today=TODAY),
            lambda wanted=wanted: services.create_campaign(
                plan=wanted, stores=[store], by=boss, form_key=uuid.uuid4()
            ),
        )

        chosen.refresh_from_db()
        refused = [isinstance(archived, segments.SegmentInUse), isinstance(planned, services.SegmentArchived)]
        assert sorted(refused) == [False, True]
        assert Campaign.objects.filter(segment=chosen).exists() is not chosen.is_archived


def test_both_clicks_of_freeze_and_of_save(store: Store, boss: User) -> None:
    vehicle, key = car(store), uuid.uuid4()
    chosen = segment(boss, store)

    at_once(
        *[lambda: segments.freeze(segment=chosen, version=1, by=boss, today=TODAY)] * 2,
        *[
            lambda: segments.save_list(
                name="清单",
                note="",
                stores=[store],
                vehicle_ids=[vehicle.pk],
                by=boss,
                on=TODAY,
                form_key=key,
            )
        ]
        * 2,
    )

    rows = SavedSegment.objects.order_by("pk").values_list("name", "kind", "frozen_count")
    assert list(rows) == [("高消费", "frozen", 1), ("清单", "frozen", 1)]
