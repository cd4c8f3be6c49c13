"""All eight groups and all seven statuses occur in believable shares, on any day the demo is made."""

from collections import Counter, defaultdict
from datetime import date

import pytest

from dealer_crm.demo.generate import World, build
from tests.demo.conftest import TODAY, Written
from tests.segmentation import reference

RULES = reference.Rules()


def vehicles(world: World) -> list[reference.Vehicle]:
    complaints = defaultdict(list)
    for spec in world.complaints:
        complaints[spec.plate].append(reference.Complaint(spec.opened_on, spec.closed_on))
    gone = {spec.plate: spec.state for spec in world.gone_cars}
    # The mark is the owner's: it counts for each of their cars.
    plates = set(world.price_sensitive_plates)
    marked = {id(car.owner) for car in world.cars if car.plate in plates}
    return [
        reference.Vehicle(
            id=car.plate,
            home_store=car.store,
            purchased_on=car.purchased_on,
            state=gone.get(car.plate, "in_use"),
            price_sensitive=id(car.owner) in marked,
            visits=tuple(reference.Visit(v.store, v.day, v.kind, v.paid_fen, v.voided) for v in car.visits),
            complaints=tuple(complaints[car.plate]),
        )
        for car in world.cars
    ]


def check_shares(world: World, today: date) -> None:
    groups: Counter[str] = Counter()
    for store in ("GB", "NS", "LG"):
        mine = [vehicle for vehicle in vehicles(world) if vehicle.home_store == store]
        found = Counter(result.key for result in reference.c3(mine, today, RULES).values())
        assert min(found[key] / found.total() for key in reference.C3_KEYS) >= 0.03
        groups += found
    base = [vehicle for vehicle in vehicles(world) if reference.is_grouped(vehicle, today)]
    assert groups.total() == len(base) == 5_975
    assert min(groups[key] / groups.total() for key in reference.C3_KEYS) >= 0.04
    assert groups["mystery_opportunity"] / groups.total() < 0.5

    statuses = Counter(reference.care_status(vehicle, today, RULES) for vehicle in base)
    assert min(statuses[key] / len(base) for key in reference.CARE_KEYS) >= 0.01
    assert {key for key, _ in statuses.most_common(2)} == {"active", "lost"}
    assert 0.2 <= statuses["lost"] / len(base) <= 0.35


def test_shares_of_the_written_group(written: Written) -> None:
    check_shares(written.world, TODAY)


@pytest.mark.parametrize("today", [date(2028, 2, 29), date(2027, 3, 1)])
def test_shares_on_other_days(today: date) -> None:
    check_shares(build(today=today), today)


def test_the_spend_threshold_splits_those_seen_sixty_to_forty(written: Written) -> None:
    for store in ("GB", "NS", "LG"):
        seen = [reference.figures(v, TODAY, RULES) for v in vehicles(written.world) if v.home_store == store]
        spends = [numbers.spend_fen for numbers in seen if numbers.visits]
        threshold = reference.spend_threshold(seen, RULES)
        assert 200_000 <= threshold <= 450_000
        assert 0.39 <= sum(fen >= threshold for fen in spends) / len(spends) <= 0.41
