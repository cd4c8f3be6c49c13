"""One query says of every car what plain Python says, however the conditions are combined."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmentation.families import FAMILIES
from segmentation.models import C3, CareStatus, CustomerValue, RuleSet
from segmentation.saved.cars import matching
from segmentation.saved.catalogue import FIELDS
from segmentation.saved.fields import Field
from segmentation.saved.operators import Needs, Operator
from segmentation.saved.scope import Scope
from segmentation.saved.tree import Condition, Group, Mode, from_row
from tests.segmentation.saved import plain, world
from tests.segmentation.saved.plain import Car, Owner
from tests.segmentation.saved.world import AS_OF, GROUPS_RULES, OWN_RULES

# At the edges that the conditions below name, and on both sides of them.
OFFSETS = st.one_of(
    st.sampled_from([-366, -365, -31, -30, -1, 0, 1, 29, 30, 31, 364, 365, 366, 730, 1096, 1826]),
    st.integers(-400, 3000),
)
DAYS = OFFSETS.map(lambda ago: AS_OF - timedelta(days=ago))
MAYBE_DAY = st.one_of(st.none(), DAYS)
COUNTS = st.integers(0, 4)
TEXTS = st.sampled_from(["", "GL8", "gl8 豪华", "君越", "O'Neil%_"])
TAGS = st.frozensets(st.sampled_from(["集团", "怕等", "老客户", "别店"]), max_size=3)
BIRTHDAYS = st.one_of(
    st.none(),
    st.sampled_from([date(1988, 2, 29), date(1990, 6, 12), date(1990, 6, 11), date(1991, 7, 12), date(1970, 12, 31)]),
    st.dates(date(1950, 1, 1), date(2005, 12, 31)),
)  # fmt: skip


def keys(choices):
    return st.sampled_from(["", *choices.values])


OWNERS = st.builds(
    Owner,
    kind=st.sampled_from(["person", "company"]),
    gender=st.sampled_from(["", "female", "male"]),
    usage=st.sampled_from(["", "private", "taxi"]),
    intention=st.sampled_from(["", "bought"]),
    channel=st.sampled_from(["", "web", "dms"]),
    region=TEXTS,
    distance_m=st.one_of(st.none(), st.sampled_from([0, 2999, 3000, 4999, 5000, 14_999, 15_000, 40_000])),
    birthday=BIRTHDAYS,
    price_sensitive=st.booleans(),
    may_call=st.booleans(),
    may_message=st.booleans(),
    do_not_call=st.booleans(),
    tags=TAGS,
)
CARS = st.builds(
    Car,
    store=st.sampled_from(["GB", "GB", "NS"]),
    c3=st.sampled_from(C3.values[:3]),
    c3_before=keys(C3),
    c3_since=DAYS,
    care_status=st.sampled_from(CareStatus.values[:3]),
    care_before=keys(CareStatus),
    care_since=DAYS,
    value=st.sampled_from(CustomerValue.values),
    visits_in_window=COUNTS,
    maintenance_count=COUNTS,
    repair_like_count=COUNTS,
    spend_fen=st.sampled_from([-100, 0, 99_999, 100_000, 100_001, 500_000]),
    last_visit_on=MAYBE_DAY,
    first_seen_on=MAYBE_DAY,
    brand=TEXTS,
    series=TEXTS,
    model=TEXTS,
    plate=st.sampled_from(["", "粤B12345", "粤BD12345", "粤A12345"]),
    purchased_on=MAYBE_DAY,
    warranty_until=MAYBE_DAY,
    three_guarantees_until=MAYBE_DAY,
    insurance_until=MAYBE_DAY,
    inspection_until=MAYBE_DAY,
    odometer_km=st.one_of(st.none(), st.sampled_from([0, 20_000, 20_001, 50_000, 60_001, 100_001])),
    complaint=st.booleans(),
    owner=st.one_of(st.none(), OWNERS, OWNERS, OWNERS),
)
WORDS = {
    "c3": C3.values, "c3_before": ["", *C3.values], "care_status": CareStatus.values,
    "care_before": ["", *CareStatus.values], "value": CustomerValue.values,
    "kind": ["person", "company", ""], "gender": ["", "female"], "usage": ["", "private"],
    "intention": ["", "bought"], "channel": ["", "web"], "region": ["GL8", "君越", "没有"],
    "model": ["GL8", "君越", "没有"], "series": ["GL8"], "brand": ["gl8 豪华", "O'Neil%_"],
    "plate": ["粤B", "粤BD", "粤A1"], "age_band": ["", "0-1", "0-2", "1-2", "5+"],
    "stage": ["", "three_guarantees", "warranty", "after"], "radius": ["", "0-5", "0-3", "3+"],
    "reach": ["", "in", "out"], "store": ["GB", "NS", "LG"],
    "tags": ["集团", "怕等", "老客户", "别店", "没有"],
}  # fmt: skip
NUMBERS = {
    "age": [0, 1, 2, 3, 5], "distance": [0, 3, 5, 15], "odometer": [0, 20_001, 60_001],
    "spend": [0, 100_000, 500_000],
}  # fmt: skip


@st.composite
def conditions(draw) -> Condition:
    field = FIELDS[draw(st.sampled_from(sorted(FIELDS)))]
    operator = draw(st.sampled_from(field.operators))
    return draw(_filled(field, operator))


def _filled(field: Field, operator: Operator):
    def bounds(values):
        return st.tuples(values, values).map(sorted)

    def made(words=(), low=None, high=None):
        return Condition(field.key, operator.key, tuple(words), low, high)

    if operator.needs == Needs.NOTHING:
        return st.just(made())
    if operator.needs == Needs.WORDS:
        words = st.lists(st.sampled_from(WORDS[field.key]), min_size=1, max_size=3, unique=True)
        return words.map(lambda chosen: made(chosen))
    if operator.needs == Needs.TEXT:
        return st.sampled_from(["gl8", "越", "%", "'", "\\"]).map(lambda word: made([word]))
    if operator.needs == Needs.DAYS:
        return st.sampled_from([0, 1, 29, 30, 31, 363, 364, 365, 366]).map(lambda low: made(low=low))
    if operator.needs == Needs.DATE:
        return DAYS.map(lambda low: made(low=low))
    if operator.needs == Needs.DATES:
        return bounds(DAYS).map(lambda pair: made(low=pair[0], high=pair[1]))
    numbers = st.sampled_from(NUMBERS.get(field.key, [0, 1, 2, 3]))
    if operator.needs == Needs.NUMBER:
        return numbers.map(lambda low: made(low=low))
    under = operator.key == "from_to_under"
    pairs = bounds(numbers).filter(lambda pair: not under or pair[0] < pair[1])
    return pairs.map(lambda pair: made(low=pair[0], high=pair[1]))


def groups(items):
    return st.builds(Group, st.sampled_from(list(Mode)), st.lists(items, max_size=3).map(tuple))


TREES = groups(st.one_of(conditions(), groups(st.one_of(conditions(), groups(conditions())))))


def in_database(node, tags, stores):
    """The same with the database's ids instead of names of tags and stores."""
    if isinstance(node, Group):
        return replace(node, items=tuple(in_database(item, tags, stores) for item in node.items))
    if node.field == "tags":
        return replace(node, words=tuple(str(tags[word].pk) if word in tags else "0" for word in node.words))
    if node.field == "store":
        return replace(node, words=tuple(str(stores[word].pk) for word in node.words))
    return node


def without_foreign_tags(car: Car) -> Car:
    if car.owner is None:
        return car
    return replace(car, owner=replace(car.owner, tags=car.owner.tags - {"别店"}))


@pytest.mark.django_db
@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(cars=st.lists(CARS, min_size=1, max_size=6), trees=st.lists(TREES, min_size=1, max_size=4))
def test_one_query_equals_plain_python(cars, trees):
    world.clear()
    RuleSet.objects.all().delete()
    stores, tags = world.stores(), world.tags()
    world.publish(GROUPS_RULES)
    world.publish(OWN_RULES, store=stores["NS"])
    ids = world.put(cars)
    scope = Scope((stores["GB"], stores["NS"]), AS_OF)

    for tree in trees:
        asked = in_database(tree, tags, stores)
        found = set(matching(asked, scope).values_list("pk", flat=True))
        expected = {
            pk
            for pk, car in zip(ids, map(without_foreign_tags, cars), strict=True)
            if plain.holds(tree, car, AS_OF, OWN_RULES if car.store == "NS" else GROUPS_RULES)
        }
        assert found == expected, tree


@given(TREES)
def test_what_is_kept_reads_back_as_it_was(tree):
    assert from_row(tree.as_row()) == tree


@given(conditions())
def test_every_condition_of_the_catalogue_passes_its_own_check(condition):
    try:
        FIELDS[condition.field].check(condition)
    except ValidationError as error:
        pytest.fail(f"{condition}: {error}")


def test_the_catalogue_has_every_family_and_no_key_twice():
    asked = {"age": "age_band"}
    assert {asked.get(key, key) for key in FAMILIES} <= set(FIELDS)
