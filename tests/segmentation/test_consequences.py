"""What a dry run says of the groups: only what the import itself would move."""

from datetime import date, datetime

import pytest
from django.utils import timezone

from segmentation.consequences import of_import
from segmentation.models import C3
from segmentation.services import segment
from staff.vocabulary import C3_GROUPS
from tests.customers.factories import CustomerFactory, VehicleFactory, VisitFactory

TODAY = date(2026, 6, 12)
NOW = timezone.make_aware(datetime(2026, 6, 12, 9, 0))


@pytest.mark.django_db
def test_names_the_groups_that_new_visits_change(store, other_store):
    quiet = VehicleFactory(owner=CustomerFactory(home_store=store))
    VehicleFactory(owner=CustomerFactory(home_store=other_store))
    segment(as_of=date(2026, 6, 1))
    for day in (3, 4):
        VisitFactory(vehicle=quiet, visited_on=date(2026, 6, day), paid_fen=0)

    lines = of_import(store=store, today=TODAY, stamp=NOW)

    mystery, dig = C3_GROUPS[C3.MYSTERY_OPPORTUNITY].label, C3_GROUPS[C3.DEVELOPMENT].label
    assert [line["value"] for line in lines] == [1, 1]
    assert lines[1]["label"] == f"{mystery} → {dig}"


@pytest.mark.django_db
def test_says_nothing_where_nothing_moves(store):
    VehicleFactory(owner=CustomerFactory(home_store=store))
    segment(as_of=TODAY)

    assert of_import(store=store, today=TODAY, stamp=NOW) == []
