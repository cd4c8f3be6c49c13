"""The demo group through importer and calculation: the same counts on every database, as the reference has them."""

from __future__ import annotations

from collections import Counter

import pytest

from dealer_crm.demo.care import add_care
from dealer_crm.demo.prepare import add_people, import_file
from segmentation.models import VehicleSegment
from segmentation.services import segment
from tests.demo.conftest import TODAY, Written
from tests.demo.test_shares import RULES, vehicles
from tests.segmentation import reference

# Counted once, the same on SQLite and PostgreSQL.
C3 = {
    "profitable_loyal": 465,
    "split_loyal": 448,
    "high_risk": 355,
    "high_opportunity": 308,
    "high_cost": 391,
    "development": 804,
    "low_cost": 500,
    "mystery_opportunity": 2704,
}
CARE_STATUS = {
    "complained": 74,
    "lost": 1755,
    "near_lost": 788,
    "repair_only": 167,
    "price_sensitive": 138,
    "new": 454,
    "active": 2599,
}


@pytest.mark.django_db
def test_counts_of_the_demo_group(written: Written) -> None:
    add_people(written.group)
    for export in written.group.files:
        import_file(export)
    add_care(written.group)

    found = segment(as_of=TODAY)

    assert found["c3"] == C3
    assert found["care_status"] == CARE_STATUS
    assert _by_store("c3") == _expected_groups(written)
    assert Counter(found["care_status"]) == Counter(
        reference.care_status(car, TODAY, RULES)
        for car in vehicles(written.world)
        if reference.is_grouped(car, TODAY)
    )


def _by_store(family: str) -> Counter[tuple[str, str]]:
    return Counter(VehicleSegment.objects.values_list("store__code", family))


def _expected_groups(written: Written) -> Counter[tuple[str, str]]:
    cars = vehicles(written.world)
    expected: Counter[tuple[str, str]] = Counter()
    for store in ("GB", "NS", "LG"):
        results = reference.c3([car for car in cars if car.home_store == store], TODAY, RULES).values()
        expected.update((store, result.key) for result in results)
    return expected
