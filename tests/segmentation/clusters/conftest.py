"""Rules with an amount, so that each car's group is its own affair, and a store with planted groups."""

from __future__ import annotations

from datetime import date

import pytest

from customers.models import Vehicle
from segmentation.models import RuleSet
from segmentation.services import segment
from staff.models import Store
from tests.segmentation import worlds
from tests.segmentation.clusters.factories import planted
from tests.segmentation.reference import Rules


@pytest.fixture
def rules(db: None) -> RuleSet:
    RuleSet.objects.all().delete()
    return worlds.publish(Rules(spend_mode="amount", spend_amount_fen=50_000))


@pytest.fixture
def groups(rules: RuleSet, store: Store, today: date) -> list[list[Vehicle]]:
    """Three planted groups of 20 cars, computed."""
    found = planted(store, on=today)
    segment(as_of=today)
    return found
