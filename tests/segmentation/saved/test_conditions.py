"""What is refused, what survives in the database, and the edges of days."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from customers.models import Tag
from segmentation import services
from segmentation.models import RuleSet, SavedSegment
from segmentation.saved.cars import cars_of, matching, understood
from segmentation.saved.catalogue import FIELDS
from segmentation.saved.scope import Scope, scope_of
from segmentation.saved.tree import DEEPEST, Condition, Group, Mode, Nonsense, from_row
from segmentation.saved.words import phrase
from tests.customers.factories import CustomerFactory, VehicleFactory, VisitFactory
from tests.segmentation.saved import world
from tests.segmentation.saved.plain import Car, Owner
from tests.segmentation.saved.world import AS_OF


@pytest.fixture
def scope(db):
    stores = world.stores()
    return Scope((stores["GB"], stores["NS"]), AS_OF)


def every(*conditions):
    return Group(Mode.ALL, conditions)


def found(scope, *conditions):
    return set(matching(every(*conditions), scope).values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("condition", "part"),
    [
        (Condition("c3", "at_least", low=1), "operator"),
        (Condition("c3", "in"), "words"),
        (Condition("c3", "in", tuple(map(str, range(61)))), "words"),
        (Condition("region", "in", ("x" * 81,)), "words"),
        (Condition("region", "contains"), "words"),
        (Condition("visits", "at_least"), "low"),
        (Condition("visits", "at_least", low=-1), "low"),
        (Condition("visits", "at_least", low=10_001), "low"),
        (Condition("visits", "at_least", low=date(2026, 1, 1)), "low"),
        (Condition("visits", "from_to", low=3, high=2), "high"),
        (Condition("visits", "from_to", low=3), "high"),
        (Condition("age", "from_to_under", low=3, high=3), "high"),
        (Condition("last_visit", "older", low=36_501), "low"),
        (Condition("last_visit", "between", low=date(2026, 1, 2), high=date(2026, 1, 1)), "high"),
        (Condition("last_visit", "before", low=5), "low"),
        (Condition("last_visit", "before", low=date(1949, 12, 31)), "low"),
    ],
)
def test_nonsense_is_refused_at_its_place(condition, part):
    with pytest.raises(ValidationError) as refused:
        FIELDS[condition.field].check(condition)

    assert refused.value.code == part


@pytest.mark.parametrize(
    "condition",
    [
        Condition("visits", "from_to", low=2, high=2),
        Condition("age", "from_to_under", low=0, high=1),
        Condition("last_visit", "between", low=date(2026, 1, 1), high=date(2026, 1, 1)),
        Condition("last_visit", "within", low=0),
    ],
)
def test_the_smallest_ranges_are_taken(condition):
    FIELDS[condition.field].check(condition)


@pytest.mark.parametrize(
    "stored",
    [
        None, [], "all", {}, {"mode": "all"}, {"mode": "most", "items": []}, {"mode": "all", "items": {}},
        {"mode": "all", "items": [7]}, {"mode": "all", "items": [{"field": "c3"}]},
        {"mode": "all", "items": [{"field": "moon", "operator": "in", "words": ["full"]}]},
        {"mode": "all", "items": [{"field": "c3", "operator": "like", "words": ["x"]}]},
        {"mode": "all", "items": [{"field": "c3", "operator": "in", "words": "x"}]},
        {"mode": "all", "items": [{"field": "c3", "operator": "in", "words": [1]}]},
        {"mode": "all", "items": [{"field": "visits", "operator": "at_least", "low": True}]},
        {"mode": "all", "items": [{"field": "visits", "operator": "at_least", "low": 1.5}]},
        {"mode": "all", "items": [{"field": "visits", "operator": "at_least", "low": "many"}]},
        {"mode": "all", "items": [{"field": "last_visit", "operator": "before", "low": "2026-02-30"}]},
    ],
)  # fmt: skip
def test_what_cannot_be_read_gives_no_car_and_breaks_nothing(scope, stored):
    world.put([Car()])
    segment = SavedSegment(conditions=stored)

    assert understood(stored) is None
    assert list(cars_of(segment, scope)) == []


def test_one_unknown_condition_in_a_group_of_none_still_gives_no_car(scope):
    """Leaving it out would call the very cars it was to keep out."""
    world.put([Car()])
    known = Condition("c3", "in", ("high_risk",)).as_row()
    stored = {"mode": "none", "items": [known, {"field": "moon", "operator": "in", "words": ["full"]}]}

    assert list(cars_of(SavedSegment(conditions=stored), scope)) == []


def test_groups_are_only_so_deep_and_conditions_so_many():
    row = {"mode": "all", "items": []}
    for _ in range(DEEPEST - 1):
        row = {"mode": "all", "items": [row]}
    assert from_row(row)
    with pytest.raises(Nonsense):
        from_row({"mode": "all", "items": [row]})

    condition = Condition("complaint", "yes")
    assert from_row(Group(Mode.ALL, (condition,) * 40).as_row())
    with pytest.raises(Nonsense):
        from_row(Group(Mode.ALL, (condition,) * 41).as_row())


@pytest.mark.parametrize(
    ("days", "within", "older"),
    [(0, True, False), (29, True, False), (30, True, False), (31, False, True), (-1, False, False)],
)
def test_in_the_last_days_and_more_than_days_ago_meet_without_overlap(scope, days, within, older):
    (pk,) = world.put([Car(last_visit_on=AS_OF - timedelta(days=days))])

    assert found(scope, Condition("last_visit", "within", low=30)) == ({pk} if within else set())
    assert found(scope, Condition("last_visit", "older", low=30)) == ({pk} if older else set())


def test_never_seen_is_not_long_ago(scope):
    (pk,) = world.put([Car(last_visit_on=None)])

    assert found(scope, Condition("last_visit", "older", low=0)) == set()
    assert found(scope, Condition("last_visit", "never")) == {pk}


def test_days_are_counted_from_the_stores_last_run(scope):
    store = scope.stores[0]
    car = VehicleFactory(owner=CustomerFactory(home_store=store))
    VisitFactory(vehicle=car, visited_on=date(2026, 5, 13))
    services.segment(as_of=AS_OF)
    asked = every(Condition("last_visit", "within", low=30))

    later = scope_of([store], today=date(2026, 12, 31))

    assert (later.as_of, [row.pk for row in matching(asked, later)]) == (AS_OF, [car.pk])


@pytest.mark.parametrize(
    ("born", "day", "days", "fits"),
    [
        (date(1990, 6, 12), AS_OF, 0, True),
        (date(1990, 6, 13), AS_OF, 0, False),
        (date(1990, 7, 12), AS_OF, 30, True),
        (date(1990, 7, 13), AS_OF, 30, False),
        (date(1990, 6, 11), AS_OF, 364, True),
        (date(1990, 1, 2), date(2026, 12, 20), 14, True),
        (date(1990, 1, 4), date(2026, 12, 20), 14, False),
        (date(1988, 2, 29), date(2026, 2, 28), 0, False),
        (date(1988, 2, 29), date(2026, 2, 28), 1, True),
        (date(1988, 2, 29), date(2026, 3, 1), 0, True),
        (date(1988, 2, 29), date(2028, 2, 29), 0, True),
        (date(1988, 2, 29), date(2028, 3, 1), 0, False),
    ],
)
def test_birthdays_to_come(scope, born, day, days, fits):
    (pk,) = world.put([Car(owner=Owner(birthday=born))])

    asked = every(Condition("birthday", "next", low=days))

    assert [row.pk for row in matching(asked, Scope(scope.stores, day))] == ([pk] if fits else [])


def test_a_tag_of_a_store_that_is_not_asked_tells_nothing(scope):
    tags = world.tags()
    world.put([Car(owner=Owner(tags=frozenset({"别店"}))), Car(owner=Owner(tags=frozenset({"怕等"})))])

    assert found(scope, Condition("tags", "has_any", (str(tags["别店"].pk),))) == set()
    with pytest.raises(ValidationError):
        FIELDS["tags"].refuse_strange_words(Condition("tags", "has_any", (str(tags["别店"].pk),)), scope)


def test_cars_of_other_stores_never_fit(scope):
    world.put([Car(store="LG"), Car(store="LG", owner=None)])

    assert list(matching(Group(Mode.NONE, (Condition("complaint", "yes"),)), scope)) == []


def test_a_word_of_two_stores_says_whose_it_is(scope):
    for store in scope.stores:
        Tag.objects.create(store=store, name="VIP")
    Tag.objects.create(name="集团词")

    assert sorted(scope.tags.values()) == ["VIP · 南山店", "VIP · 广邦店", "集团词"]


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (Condition("c3", "in", ("low_cost", "high_cost")), "is low-cost, high-cost"),
        (Condition("last_visit", "older", low=180), "more than 180 days ago"),
        (Condition("last_visit", "older", low=1), "more than a day ago"),
        (Condition("last_visit", "never"), "never"),
        (Condition("spend", "at_least", low=100_050), "at least ¥1,000.50"),
        (Condition("age", "from_to_under", low=3, high=5), "3 years to under 5 years"),
        (Condition("purchased", "before", low=date(2024, 1, 2)), "before 2024-01-02"),
        (Condition("region", "contains", ("南山",)), "contains 南山"),
        (Condition("tags", "has_any", ("987654",)), "one of (gone: 987654)"),
    ],
)
def test_conditions_in_words(scope, condition, said):
    with override("en"):
        assert phrase(condition, scope).lower() == said.lower()


def test_bands_of_stores_with_other_rules_are_all_offered(scope):
    RuleSet.objects.all().delete()
    world.publish(world.GROUPS_RULES)
    world.publish(world.OWN_RULES, store=scope.stores[1])

    offered = FIELDS["age_band"].choices(scope)

    assert set(offered) == {"0-1", "1-2", "2-3", "3-5", "5+", "0-2", "2-4", "4+", ""}
