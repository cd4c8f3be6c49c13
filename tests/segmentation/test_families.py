"""One value per car and family: at the edge of every band, and the same to count, to narrow and to show."""

from datetime import date, timedelta

import pytest
from django.utils.translation import override

from customers.models import Vehicle, Visit
from segmentation import card, families, services
from segmentation.families import FAMILIES
from segmentation.models import RuleSet, SegmentRun, VehicleSegment
from tests.customers.factories import CustomerFactory, VehicleFactory, VisitFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 12)


@pytest.fixture
def rules(db):
    return RuleSet.objects.get()


def of(car, family, rules, *, on=TODAY):
    return families.of_cars([car.pk], as_of=on, rules=rules)[car.pk][family]


@pytest.mark.parametrize(
    ("bought", "band"),
    [
        (date(2026, 6, 13), ""), (date(2026, 6, 12), "0-1"), (date(2025, 6, 13), "0-1"),
        (date(2025, 6, 12), "1-2"), (date(2024, 6, 13), "1-2"), (date(2024, 6, 12), "2-3"),
        (date(2023, 6, 12), "3-5"), (date(2021, 6, 13), "3-5"), (date(2021, 6, 12), "5+"), (None, ""),
    ],
)  # fmt: skip
def test_age_is_in_whole_years(store, rules, bought, band):
    car = VehicleFactory(owner=CustomerFactory(home_store=store), purchased_on=bought)

    assert of(car, "age", rules) == band


def test_a_car_bought_on_the_29th_of_february_is_a_year_old_on_the_1st_of_march(store, rules):
    car = VehicleFactory(owner=CustomerFactory(home_store=store), purchased_on=date(2024, 2, 29))

    assert of(car, "age", rules, on=date(2025, 2, 28)) == "0-1"
    assert of(car, "age", rules, on=date(2025, 3, 1)) == "1-2"


@pytest.mark.parametrize(
    ("fields", "stage"),
    [
        ({}, ""),
        ({"purchased_on": date(2024, 6, 13)}, "three_guarantees"),
        ({"purchased_on": date(2024, 6, 13), "odometer_km": 50_000}, "three_guarantees"),
        ({"purchased_on": date(2024, 6, 13), "odometer_km": 50_001}, "warranty"),
        ({"purchased_on": date(2024, 6, 12)}, "warranty"),
        ({"purchased_on": date(2023, 6, 13), "odometer_km": 60_000}, "warranty"),
        ({"purchased_on": date(2023, 6, 13), "odometer_km": 60_001}, "after"),
        ({"purchased_on": date(2023, 6, 12)}, "after"),
        ({"three_guarantees_until": TODAY}, "three_guarantees"),
        ({"three_guarantees_until": date(2026, 6, 11), "warranty_until": TODAY}, "warranty"),
        ({"warranty_until": date(2026, 6, 11)}, "after"),
        # What the card says outweighs the rules.
        ({"purchased_on": date(2024, 6, 13), "three_guarantees_until": date(2026, 6, 11)}, "warranty"),
        ({"purchased_on": date(2020, 1, 1), "odometer_km": 99_999, "warranty_until": TODAY}, "warranty"),
    ],
)
def test_stage_is_the_narrowest_promise_that_holds(store, rules, fields, stage):
    car = VehicleFactory(owner=CustomerFactory(home_store=store), **{"purchased_on": None, **fields})

    assert of(car, "stage", rules) == stage


@pytest.mark.parametrize(
    ("metres", "band", "reach"),
    [
        (None, "", ""), (0, "0-5", "in"), (4_999, "0-5", "in"), (5_000, "5-10", "in"), (9_999, "5-10", "in"),
        (10_000, "10-15", "in"), (14_999, "10-15", "in"), (15_000, "15+", "out"),
    ],
)  # fmt: skip
def test_radius_bands_hold_their_first_metre(store, rules, metres, band, reach):
    car = VehicleFactory(owner=CustomerFactory(home_store=store, distance_m=metres))

    assert (of(car, "radius", rules), of(car, "reach", rules)) == (band, reach)


def test_bands_are_data_of_the_rules(store, rules):
    rules.radius_bands = [[0, 3], [3, None]]
    rules.service_radius_km = 3
    car = VehicleFactory(owner=CustomerFactory(home_store=store, distance_m=3_000))

    assert (of(car, "radius", rules), of(car, "reach", rules)) == ("3+", "out")
    with override("en"):
        assert FAMILIES["radius"].values(rules) == {"0-3": "0–3 km", "3+": "3+ km"}


@pytest.fixture
def five(store, rules):
    """Five cars, each later, oftener and dearer than the one before; a sixth without a visit."""
    cars = [
        VehicleFactory(owner=CustomerFactory(home_store=store), purchased_on=date(2024, 1, 1))
        for _ in range(6)
    ]
    for place, car in enumerate(cars[:5], start=1):
        for back in range(place):
            on = TODAY - timedelta(days=60 - 10 * place + back)
            VisitFactory(vehicle=car, visited_on=on, kind=Visit.Kind.OTHER, paid_fen=10_000)
    return cars


def values():
    return list(VehicleSegment.objects.order_by("vehicle").values_list("value", flat=True))


def test_value_by_fifths_of_recency_frequency_and_money(five):
    services.segment(as_of=TODAY)

    run = SegmentRun.objects.get()
    assert run.value_cuts == [
        "2026-04-23", "2026-05-03", "2026-05-13", "2026-05-23", 1, 2, 3, 4, 10_000, 20_000, 30_000, 40_000
    ]  # fmt: skip
    # 3, 6, 9, 12 and 15 points: mid from 8 on, high from 12 on.
    assert values() == ["low", "low", "mid", "high", "high", "low"]


def test_points_of_the_rules_part_the_values(five, rules):
    RuleSet.objects.bulk_create(
        [RuleSet(version=2, value_mid_points=6, value_high_points=13, published_at="2026-01-01T00:00:00Z")]
    )

    services.segment(as_of=TODAY)

    assert values() == ["low", "mid", "mid", "mid", "high", "low"]


def test_equal_cars_have_equal_value(store):
    for _ in range(7):
        VisitFactory(vehicle=VehicleFactory(owner=CustomerFactory(home_store=store)), visited_on=TODAY)

    services.segment(as_of=TODAY)

    assert values() == ["low"] * 7


def test_a_store_measures_value_by_its_own_cars(five, other_store):
    rich = VehicleFactory(owner=CustomerFactory(home_store=other_store))
    VisitFactory(vehicle=rich, visited_on=TODAY, paid_fen=9_999_999)

    services.segment(as_of=TODAY)

    assert values() == ["low", "low", "mid", "high", "high", "low", "low"]


@pytest.mark.parametrize("family", FAMILIES)
def test_counting_and_narrowing_agree_on_cars_and_on_their_segments(five, rules, family, store):
    owner = five[0].owner
    type(owner).objects.filter(pk=owner.pk).update(
        region="南山", usage="taxi", gender="male", intention="bought", distance_m=7_000
    )
    services.segment(as_of=TODAY)
    how = {"family": family, "as_of": TODAY, "rules": rules}

    found = families.count(Vehicle.objects.all(), **how)

    assert found == families.count(VehicleSegment.objects.all(), **how)
    assert sum(found.values()) == 6
    for value, number in found.items():
        assert families.narrow(Vehicle.objects.all(), values=[value], **how).count() == number
        assert families.narrow(VehicleSegment.objects.all(), values=[value], **how).count() == number
    assert families.narrow(Vehicle.objects.all(), values=list(found), **how).count() == 6


def test_counts_stand_in_the_familys_own_order(five, rules):
    services.segment(as_of=TODAY)

    assert families.count(Vehicle.objects.all(), family="value", as_of=TODAY, rules=rules) == {
        "high": 2, "mid": 1, "low": 3
    }  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_value_has_a_name(rules, family, language):
    with override(language):
        assert str(FAMILIES[family].label)
        for value, label in (FAMILIES[family].values or (lambda rules: {}))(rules).items():
            assert FAMILIES[family].name_of(value, rules) == str(label) != ""
        assert FAMILIES[family].name_of("", rules)


def test_the_card_shows_each_cars_families(five, advisor):
    services.segment(as_of=TODAY)
    with override("en"):
        found = card.contribute(user=advisor, customer=five[4].owner, vehicles=[five[4]], today=TODAY)

    shown = [(family["label"], family["value"]) for family in found.panels[0].context["families"]]
    assert shown == [
        ("customer value", "high"),
        ("vehicle age", "2–3 years"),
        ("three guarantees", "within the repair warranty"),
        ("distance", "not known"),
        ("service radius", "not known"),
    ]


def test_a_night_rewrites_no_row_for_an_age(store):
    """Bought two years ago and never seen since: lost long ago, and nothing more falls due."""
    VehicleFactory(owner=CustomerFactory(home_store=store), purchased_on=TODAY - timedelta(days=729))
    services.segment(as_of=TODAY)
    before = list(VehicleSegment.objects.values())

    services.segment(as_of=TODAY + timedelta(days=400), full=True)

    assert list(VehicleSegment.objects.values()) == before
