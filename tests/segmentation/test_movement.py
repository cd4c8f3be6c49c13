"""Who went from where to where: the sums, the days at the edge, the cells' cars, the page and the command."""

import json
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.models import Vehicle, Visit
from segmentation import movement, services
from segmentation.models import C3, CareStatus, Family, RuleSet, SegmentRun, SegmentSpell, VehicleSegment
from segmentation.movement import Computed, NoHistory
from tests.customers.factories import (
    ComplaintFactory,
    CustomerFactory,
    VehicleFactory,
    VisitFactory,
    add_phone,
)
from tests.segmentation import worlds
from tests.segmentation.reference import Rules

pytestmark = pytest.mark.django_db
MAY, JUNE = date(2026, 5, 31), date(2026, 6, 12)


@pytest.fixture(autouse=True)
def rules(db):
    RuleSet.objects.all().delete()
    return worlds.publish(Rules(spend_mode="amount", spend_amount_fen=50_000))


def car(store, **more):
    return VehicleFactory(owner=CustomerFactory(home_store=store), **more)


def ran(rules, *stores, days=(MAY, JUNE)):
    for store in stores:
        for day in days:
            SegmentRun.objects.create(
                store=store,
                rule_set=rules,
                as_of=day,
                spend_threshold_fen=50_000,
                vehicles=0,
                changed=0,
                seconds=0,
            )


def spell(vehicle, value, since, until=None, family=Family.C3, store=None):
    SegmentSpell.objects.create(
        vehicle=vehicle, store=store or vehicle.home_store, family=family, value=value,
        since_on=since, until_on=until,
    )  # fmt: skip


def moved(*stores, family=Family.C3, from_on=MAY, to_on=JUNE):
    return movement.between(stores=stores, family=family, from_on=from_on, to_on=to_on)


def told(found):
    """Only what is not empty."""
    return {(was, became): n for was, row in found.matrix.items() for became, n in row.items() if n}


def test_stayed_moved_came_and_left(store, other_store, rules):
    ran(rules, store)
    first = date(2026, 1, 1)
    spell(car(store), C3.PROFITABLE_LOYAL, first)
    fell = car(store)
    spell(fell, C3.PROFITABLE_LOYAL, first, date(2026, 6, 5))
    spell(fell, C3.HIGH_RISK, date(2026, 6, 5))
    spell(car(store), C3.DEVELOPMENT, date(2026, 6, 1))
    spell(car(store), C3.LOW_COST, first, date(2026, 6, 2))
    away = car(store)  # left the group and came back
    spell(away, C3.HIGH_COST, first, date(2026, 6, 1))
    spell(away, C3.LOW_COST, date(2026, 6, 1), date(2026, 6, 3))
    spell(away, C3.HIGH_COST, date(2026, 6, 3))
    passing = car(store)  # came and left in between
    spell(passing, C3.LOW_COST, date(2026, 6, 2), date(2026, 6, 4))
    spell(car(other_store), C3.PROFITABLE_LOYAL, first)  # another store's, which could leak
    spell(car(store), CareStatus.LOST, first, family=Family.CARE_STATUS)

    found = moved(store)

    assert told(found) == {
        ("profitable_loyal", "profitable_loyal"): 1,
        ("profitable_loyal", "high_risk"): 1,
        ("new", "development"): 1,
        ("low_cost", "gone"): 1,
        ("high_cost", "high_cost"): 1,
    }
    assert (found.from_base, found.to_base, found.stayed, found.worse, found.better) == (4, 4, 2, 1, 0)


@pytest.mark.parametrize(
    ("change_on", "cell"),
    [
        (date(2026, 5, 31), ("high_risk", "high_risk")),
        (date(2026, 6, 1), ("profitable_loyal", "high_risk")),
        (date(2026, 6, 12), ("profitable_loyal", "high_risk")),
        (date(2026, 6, 13), ("profitable_loyal", "profitable_loyal")),
    ],
)
def test_a_change_counts_on_its_own_day(store, rules, change_on, cell):
    ran(rules, store)
    vehicle = car(store)
    spell(vehicle, C3.PROFITABLE_LOYAL, date(2026, 1, 1), change_on)
    spell(vehicle, C3.HIGH_RISK, change_on)

    assert told(moved(store)) == {cell: 1}


def test_another_home_store_is_gone_here_new_there_and_moved_in_both(store, other_store, rules):
    ran(rules, store, other_store)
    vehicle = car(store)
    spell(vehicle, C3.LOW_COST, date(2026, 1, 1), JUNE)
    spell(vehicle, C3.HIGH_COST, JUNE, store=other_store)

    assert told(moved(store)) == {("low_cost", "gone"): 1}
    assert told(moved(other_store)) == {("new", "high_cost"): 1}
    assert told(moved(store, other_store)) == {("low_cost", "high_cost"): 1}


def test_new_is_a_care_status_too_and_keeps_its_own_row(store, rules):
    ran(rules, store)
    spell(car(store), CareStatus.NEW, JUNE, family=Family.CARE_STATUS)
    spell(car(store), CareStatus.NEW, MAY, family=Family.CARE_STATUS)

    assert told(moved(store, family=Family.CARE_STATUS)) == {("new_in_base", "new"): 1, ("new", "new"): 1}


def forget():
    for model in (SegmentSpell, VehicleSegment, SegmentRun):
        model.objects.all().delete()


CUTS = st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["", *C3.values])), max_size=5)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(cars=st.lists(CUTS, min_size=1, max_size=8), days=st.tuples(st.integers(0, 20), st.integers(1, 20)))
def test_sums_are_the_base_on_both_days(store, rules, cars, days):
    forget()
    start = date(2026, 5, 1)
    from_on = start + timedelta(days=days[0])
    to_on = from_on + timedelta(days=days[1])
    ran(rules, store, days=(start, start + timedelta(days=60)))
    expected: dict = {}
    for cuts in cars:
        vehicle = car(store)
        steps = sorted(dict(cuts).items())
        for (since, value), (until, _next) in zip(steps, [*steps[1:], (None, "")], strict=False):
            if value:
                end = None if until is None else start + timedelta(days=until)
                spell(vehicle, value, start + timedelta(days=since), end)
        was, became = (
            next((value for since, value in reversed(steps) if start + timedelta(days=since) <= day), "")
            for day in (from_on, to_on)
        )
        if was or became:
            cell = (was or "new", became or "gone")
            expected[cell] = expected.get(cell, 0) + 1

    found = moved(store, from_on=from_on, to_on=to_on)

    assert told(found) == expected
    assert found.from_base == SegmentSpell.objects.filter(family="c3").on(from_on).count()
    assert found.to_base == SegmentSpell.objects.filter(family="c3").on(to_on).count()


def test_only_days_with_a_history(store, other_store, rules):
    assert movement.computed([store]) is None
    ran(rules, store)
    ran(rules, other_store, days=(date(2026, 6, 1), date(2026, 6, 10)))

    assert movement.computed([store]) == Computed(MAY, JUNE)
    assert movement.computed([store, other_store]) == Computed(date(2026, 6, 1), date(2026, 6, 10))
    for from_on, to_on in ((date(2026, 5, 30), JUNE), (MAY, date(2026, 6, 13))):
        with pytest.raises(NoHistory):
            moved(store, from_on=from_on, to_on=to_on)


def test_presets_are_days_with_a_history():
    assert movement.presets(Computed(date(2025, 1, 1), JUNE)) == {
        "month": MAY, "quarter": date(2026, 3, 31), "year": date(2025, 6, 12),
    }  # fmt: skip
    assert movement.presets(Computed(MAY, JUNE)) == {"month": MAY}
    assert movement.presets(Computed(date(2026, 6, 1), JUNE)) == {}


@pytest.fixture
def world(store, other_store, today):
    """One car that fell, one that came, one sold away, each with a reason; and a sister store's."""
    faller = car(store, purchased_on=date(2024, 1, 1))
    add_phone(faller.owner, "13812342217")
    VisitFactory(vehicle=faller, visited_on=date(2025, 6, 5), paid_fen=60_000)
    VisitFactory(vehicle=faller, visited_on=date(2025, 12, 5), paid_fen=60_000)
    riser = car(store, purchased_on=date(2024, 1, 1))
    newcomer = car(store, purchased_on=date(2026, 6, 3))
    leaver = car(store, purchased_on=date(2024, 1, 1))
    car(other_store, purchased_on=date(2024, 1, 1), plate="琼Z7Q7Q7")
    services.segment(as_of=MAY)
    VisitFactory(vehicle=riser, visited_on=date(2026, 6, 2), paid_fen=60_000)
    ComplaintFactory(vehicle=riser, opened_on=date(2026, 6, 3))
    Vehicle.objects.filter(pk=leaver.pk).update(state="sold_away")
    services.segment(as_of=JUNE)
    return {"faller": faller, "riser": riser, "newcomer": newcomer, "leaver": leaver}


def cell(client, was="", became="", family="c3", **more):
    query = {"family": family, "from": MAY, "to": JUNE, "was": was, "became": became, **more}
    return client.get(reverse("segmentation:movement_cars"), query)


@pytest.mark.parametrize(
    ("family", "was", "became", "who", "kind", "text"),
    [
        (
            "c3",
            "split_loyal",
            "high_opportunity",
            "faller",
            "window",
            "services 2 → 1: out of the window: 2025-06-05.",
        ),
        (
            "c3",
            "mystery_opportunity",
            "high_opportunity",
            "riser",
            "visit",
            "spend ¥0 → ¥600: came on 2026-06-02.",
        ),
        ("c3", "new", "mystery_opportunity", "newcomer", "arrived", "Bought on 2026-06-03."),
        ("c3", "mystery_opportunity", "gone", "leaver", "gone", "The car is sold away."),
        ("care_status", "lost", "complained", "riser", "complaint", "Complaint of 2026-06-03."),
        ("care_status", "active", "near_lost", "faller", "away", "No visit since 2025-12-05."),
    ],
)
def test_cell_opens_to_its_cars_and_what_moved_them(
    client, manager, world, family, was, became, who, kind, text
):
    client.force_login(manager)
    client.cookies["django_language"] = "en"

    response = cell(client, was, became, family)

    (row,) = response.context["moved"]
    assert (row.vehicle, row.reason.kind, row.reason.text) == (world[who], kind, text)
    assert "琼Z" not in response.content.decode()


def test_cell_count_is_the_matrix_and_phones_are_masked(client, manager, world, store):
    client.force_login(manager)
    found = moved(store)
    for was, row in found.matrix.items():
        for became, n in row.items():
            assert len(cell(client, was, became).context["moved"]) == n
    text = cell(client, "split_loyal", "high_opportunity").content.decode()
    assert "138 **** 2217" in text
    assert "13812342217" not in text


def test_all_that_came_to_a_group_or_moved_at_all(client, manager, world):
    client.force_login(manager)
    who = {name: vehicle.pk for name, vehicle in world.items()}

    to_opportunity = {row.spell.vehicle_id for row in cell(client, "", "high_opportunity").context["moved"]}
    anywhere = {row.spell.vehicle_id for row in cell(client).context["moved"]}

    assert to_opportunity == {who["faller"], who["riser"]}
    assert anywhere == {who["faller"], who["riser"], who["newcomer"]}


def test_figures_corrected_later_are_called_that(client, manager, world):
    Visit.objects.filter(vehicle=world["riser"]).update(voided=True)
    client.force_login(manager)

    (row,) = cell(client, "mystery_opportunity", "high_opportunity").context["moved"]

    assert row.reason.kind == "later"


def test_car_of_a_foreign_store_now_shows_no_plate(client, manager, world, other_store):
    leaver = world["faller"]
    stranger = CustomerFactory(home_store=other_store)
    Vehicle.objects.filter(pk=leaver.pk).update(home_store=other_store, owner=stranger)
    services.segment(as_of=JUNE)
    client.force_login(manager)

    response = cell(client, "split_loyal", "gone")

    (row,) = response.context["moved"]
    assert (row.vehicle, row.reason.kind) == (None, "store")
    assert leaver.plate not in response.content.decode()
    assert leaver.plate[2:] not in response.content.decode()


@pytest.mark.parametrize("more", [{"was": "nonsense"}, {"became": "new"}, {"was": "gone"}])
def test_unknown_cells_are_404(client, manager, world, more):
    client.force_login(manager)
    assert cell(client, **more).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-05-30"}, {"to": "2026-06-13"}, {"from": "x"}, {"family": "value_x"},
        {"from": JUNE, "to": JUNE}, {"from": JUNE, "to": MAY},
    ],
)  # fmt: skip
def test_days_without_history_are_refused_with_what_was_typed(client, manager, world, query):
    client.force_login(manager)

    response = client.get(reverse("segmentation:movement"), query)

    assert response.status_code == 422
    assert "movement" not in response.context
    assert all(str(value) in response.content.decode() for name, value in query.items() if name != "family")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("family", ["c3", "care_status"])
def test_flow_and_table_have_the_same_numbers(client, manager, world, family, language):
    client.force_login(manager)
    client.cookies["django_language"] = language

    response = client.get(reverse("segmentation:movement"), {"family": family, "from": MAY, "to": JUNE})

    found = response.context["movement"]
    bands = sorted(band.title for band in response.context["flow"].bands)
    labels = sorted(cell.label for row in response.context["rows"] for cell in row.cells if cell.count)
    assert bands == labels
    assert len(bands) == len(told(found))
    text = response.content.decode()
    assert 'role="img" aria-label="' in text
    assert sum(response.context["totals"]) == sum(row.total for row in response.context["rows"])
    assert sum(response.context["totals"][:-1]) == found.to_base


def test_highlights_say_who_fell(client, manager, store, rules):
    ran(rules, store)
    for _number in range(2):
        vehicle = car(store)
        spell(vehicle, C3.PROFITABLE_LOYAL, MAY, JUNE)
        spell(vehicle, C3.HIGH_RISK, JUNE)
    spell(vehicle, CareStatus.LOST, JUNE, family=Family.CARE_STATUS)
    client.force_login(manager)
    client.cookies["django_language"] = "en"

    found = client.get(reverse("segmentation:movement")).context["highlights"]

    assert [(told.text, told.is_bad) for told in found] == [
        ("2 cars fell from “Profitable-loyal” to “High-risk”.", True),
        ("1 car that was Profitable-loyal has the care status “Lost” now.", True),
    ]


def test_page_before_there_are_two_days(client, manager, store, rules):
    client.force_login(manager)
    assert client.get(reverse("segmentation:movement")).context["span"] is None
    ran(rules, store, days=(MAY,))
    assert client.get(reverse("segmentation:movement")).status_code == 200
    assert cell(client).status_code == 200


def test_as_many_queries_for_many_cars_as_for_one(client, manager, store):
    client.force_login(manager)
    counts = []
    for more in (2, 5):
        fresh = [car(store, purchased_on=date(2024, 1, 1)) for _ in range(more)]
        forget()
        services.segment(as_of=MAY, full=True)
        for vehicle in fresh:
            VisitFactory(vehicle=vehicle, visited_on=date(2026, 6, 2), paid_fen=60_000)
        services.segment(as_of=JUNE, full=True)
        for ask in (
            lambda: client.get(reverse("segmentation:movement")),
            lambda: cell(client, "mystery_opportunity", "high_opportunity"),
        ):
            ask()
            with CaptureQueriesContext(connection) as counted:
                ask()
            counts.append(len(counted))

    assert counts[:2] == counts[2:]


def command(*arguments):
    out = StringIO()
    call_command("segment", *arguments, stdout=out)
    return out.getvalue()


def test_command_prints_one_object(world, store):
    found = json.loads(command("--movement", "2026-05-31", "2026-06-12", "--json", "--store", "GB"))

    assert list(found) == ["from", "to", "family", "store", "matrix", "from_base", "to_base"]
    assert found["matrix"] == moved(store).matrix
    assert (found["store"], found["family"], found["from_base"], found["to_base"]) == ("GB", "c3", 3, 3)
    every = json.loads(command("--movement", "2026-05-31", "2026-06-12", "--json", "--family", "care_status"))
    assert (every["store"], every["from_base"]) == (None, 4)
    assert "high_opportunity" in command("--movement", "2026-05-31", "2026-06-12")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["2020-01-01", "2026-06-12"], 1),
        (["2026-06-12", "2026-05-31"], 2),
        (["2026-05-31", "2026-06-12", "--full"], 2),
    ],
)
def test_command_refuses_with_plain_words(world, arguments, code):
    with pytest.raises(CommandError) as refusal:
        command("--movement", *arguments)

    assert refusal.value.returncode == code
    assert SegmentRun.objects.count() == 4
