"""Every cell and status in SQL, the day before, on and after its boundary, with the answer written down."""

from datetime import date, timedelta

import pytest

from customers.models import Vehicle as StoredVehicle
from customers.models import Visit as StoredVisit
from segmentation.models import RuleSet, SegmentRun, VehicleSegment
from tests.segmentation import worlds
from tests.segmentation.reference import Complaint, Rules, Vehicle, Visit

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 15)
OLD = date(2020, 1, 1)
AMOUNT = Rules(spend_mode="amount", spend_amount_fen=100_000)


@pytest.fixture(autouse=True)
def amount_rules():
    RuleSet.objects.all().delete()
    worlds.publish(AMOUNT)


def ago(days):
    return TODAY - timedelta(days=days)


def visit(day, kind="maintenance", paid_fen=0, store="GB", **more):
    return Visit(store, day, kind, paid_fen, **more)


def car(*visits, pk=1, purchased_on=OLD, **more):
    return Vehicle(id=pk, home_store="GB", purchased_on=purchased_on, visits=visits, **more)


def one(vehicle, as_of=TODAY):
    """The row of the only car; None where it gets none."""
    worlds.put([vehicle])
    worlds.run(as_of)
    return VehicleSegment.objects.first()


def kinds(maintenance, repair, total_fen):
    words = ["maintenance"] * maintenance + ["repair"] * repair
    return tuple(visit(ago(10 + n), word, 0 if n else total_fen) for n, word in enumerate(words))


@pytest.mark.parametrize(
    ("maintenance", "repair", "spend_fen", "key"),
    [
        (2, 1, 100_000, "profitable_loyal"),
        (7, 3, 100_000, "profitable_loyal"),  # exactly 30 %
        (5, 2, 100_000, "split_loyal"),  # 28.6 %
        (2, 0, 100_001, "split_loyal"),
        (1, 1, 100_000, "high_risk"),
        (1, 0, 100_000, "high_opportunity"),
        (2, 1, 99_999, "high_cost"),
        (5, 2, 99_999, "development"),
        (1, 1, 99_999, "low_cost"),
        (1, 0, 99_999, "mystery_opportunity"),
        (0, 0, 0, "mystery_opportunity"),
    ],
)
def test_cells(maintenance, repair, spend_fen, key):
    row = one(car(*kinds(maintenance, repair, spend_fen)))

    assert (row.c3, row.maintenance_count, row.repair_like_count, row.spend_fen) == (
        key,
        maintenance,
        repair,
        spend_fen,
    )


@pytest.mark.parametrize(
    ("as_of", "day", "counted"),
    [
        (TODAY, date(2025, 3, 15), 0),
        (TODAY, date(2025, 3, 16), 1),
        (TODAY, TODAY, 1),
        (TODAY, TODAY + timedelta(days=1), 0),
        (date(2024, 2, 29), date(2023, 2, 28), 0),
        (date(2024, 2, 29), date(2023, 3, 1), 1),
        (date(2025, 2, 28), date(2024, 2, 29), 1),
    ],
)
def test_window(as_of, day, counted):
    assert one(car(visit(day, paid_fen=500)), as_of).spend_fen == 500 * counted


@pytest.mark.parametrize(
    ("spends", "percentile", "threshold"),
    [
        ([10, 20, 30, 40, 50], 60, 30),
        ([10, 20, 30, 40, 50], 61, 40),
        ([10, 20], 50, 10),
        ([0, 0, 0], 60, 1),
        ([], 60, 1),
    ],
)
def test_threshold_is_the_nearest_rank_over_the_cars_seen(spends, percentile, threshold):
    worlds.publish(Rules(spend_percentile=percentile))
    seen = [car(visit(ago(9), paid_fen=fen), pk=pk) for pk, fen in enumerate(spends)]
    away = [car(visit(ago(700), paid_fen=9_000), pk=90)]
    gone = [car(visit(ago(9), paid_fen=9_000), pk=91, state="scrapped")]
    worlds.put([*seen, *away, *gone])

    worlds.run(TODAY)

    assert SegmentRun.objects.get(store__code="GB").spend_threshold_fen == threshold


@pytest.mark.parametrize(
    ("vehicle", "status"),
    [
        (car(visit(ago(183))), "active"),
        (car(visit(ago(184))), "near_lost"),
        (car(visit(ago(365))), "near_lost"),
        (car(visit(ago(366))), "lost"),
        (car(visit(ago(366)), visit(ago(1), voided=True)), "lost"),
        (car(purchased_on=ago(183)), "new"),
        (car(purchased_on=ago(184)), "near_lost"),
        (car(purchased_on=ago(366)), "lost"),
        (car(*(visit(ago(120 + gap)) for gap in (0, 80, 160))), "active"),
        (car(*(visit(ago(121 + gap)) for gap in (0, 80, 160))), "near_lost"),
        (car(*(visit(ago(90 + gap)) for gap in (0, 30, 60))), "active"),
        (car(*(visit(ago(91 + gap)) for gap in (0, 30, 60))), "near_lost"),
        (
            car(visit(ago(100)), visit(ago(110)), visit(ago(110), "repair")),
            "active",
        ),  # two days: no usual interval
        (car(visit(ago(90)), visit(ago(60), store="NS"), visit(ago(30), store="LG")), "near_lost"),
        (car(visit(ago(90), store="NS"), visit(ago(60)), visit(ago(30), store="NS")), "active"),
        (car(visit(ago(30), store="NS")), "active"),
        (car(visit(ago(60), store="NS"), visit(ago(30), store="NS"), visit(ago(30))), "active"),
        (car(visit(ago(20), "accident")), "repair_only"),
        (car(visit(ago(20), "other")), "active"),
        (car(visit(ago(184)), price_sensitive=True), "near_lost"),
        (car(visit(ago(2), "repair"), price_sensitive=True), "repair_only"),
        (car(visit(ago(2)), price_sensitive=True, purchased_on=ago(9)), "price_sensitive"),
        (car(visit(ago(183)), visit(ago(2)), purchased_on=None), "new"),
        (car(visit(ago(184)), visit(ago(2)), purchased_on=None), "active"),
        (car(visit(ago(900)), complaints=(Complaint(OLD),)), "complained"),
        (car(visit(ago(2)), complaints=(Complaint(OLD, ago(1)),)), "active"),
        (car(visit(date(2025, 9, 16)), complaints=(Complaint(date(2025, 9, 15), ago(1)),)), "active"),
        (car(visit(date(2025, 9, 16)), complaints=(Complaint(date(2025, 9, 16), ago(1)),)), "complained"),
        (car(visit(ago(39)), complaints=(Complaint(ago(40), ago(39)),)), "active"),
    ],
)
def test_statuses(vehicle, status):
    assert one(vehicle).care_status == status


@pytest.mark.parametrize(
    "vehicle",
    [
        car(purchased_on=TODAY + timedelta(days=1)),
        car(purchased_on=None),
        car(visit(TODAY, voided=True), purchased_on=None),
        car(visit(TODAY), state="sold_away"),
        car(visit(TODAY), state="scrapped"),
    ],
)
def test_who_is_not_of_the_base_gets_no_row(vehicle):
    assert one(vehicle) is None


def test_arrival_times_order_the_visits_of_one_day(today):
    """A sister store's visit of the morning, entered after the home store's of the afternoon."""
    worlds.put([car(visit(ago(60), store="NS"), visit(ago(30)), visit(ago(30), store="NS"))])
    home, sister = StoredVisit.objects.filter(visited_on=ago(30)).order_by("pk")
    home.arrived_at, sister.arrived_at = "2026-02-13T08:00Z", "2026-02-13T01:00Z"
    home.save()
    sister.save()

    worlds.run(TODAY)

    assert VehicleSegment.objects.get().care_status == "active"


def test_mapping_of_cells_is_data():
    swapped = dict(AMOUNT.cells)
    swapped[True, True, True], swapped[True, True, False] = "split_loyal", "profitable_loyal"
    worlds.publish(Rules(spend_mode="amount", spend_amount_fen=100_000, cells=swapped))

    assert one(car(*kinds(2, 1, 100_000))).c3 == "split_loyal"


def test_a_car_that_moves_house_counts_where_it_lives_now():
    row = one(car(visit(ago(9), paid_fen=5)))
    StoredVehicle.objects.update(home_store=worlds.stores()["NS"])

    worlds.run(TODAY)

    row.refresh_from_db()
    assert row.store.code == "NS"
