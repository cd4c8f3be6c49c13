"""What the groups say on a card: labels, advice, why; and the playbook's words."""

from datetime import date, timedelta

import pytest
from django.utils.translation import override

from customers.models import Visit
from segmentation import card, playbook, services
from segmentation.models import C3, CareStatus, RuleSet
from tests.customers.factories import ComplaintFactory, CustomerFactory, VehicleFactory, VisitFactory
from tests.segmentation import worlds
from tests.segmentation.reference import Rules


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


@pytest.fixture
def vehicle(store):
    RuleSet.objects.all().delete()
    worlds.publish(Rules(spend_mode="amount", spend_amount_fen=50_000))
    return VehicleFactory(owner=CustomerFactory(home_store=store), purchased_on=date(2024, 1, 1))


def test_labels_are_of_the_cars_asked_for(vehicle, store, today, django_assert_num_queries):
    VehicleFactory(owner=CustomerFactory(home_store=store))
    VisitFactory(vehicle=vehicle, visited_on=today, paid_fen=60_000)
    services.segment(as_of=today)

    with django_assert_num_queries(1):
        assert card.labels(vehicle_ids=[vehicle.pk]) == {
            vehicle.pk: {"c3": "high_opportunity", "care_status": "active"}
        }


def test_why_shows_figures_against_thresholds(vehicle, advisor, today, django_assert_num_queries):
    services.segment(as_of=today - timedelta(days=30))
    VisitFactory(vehicle=vehicle, visited_on=today, paid_fen=60_000)
    VisitFactory(vehicle=vehicle, visited_on=today, kind=Visit.Kind.REPAIR, paid_fen=15_000)
    services.segment(as_of=today)

    with django_assert_num_queries(3):  # segments, the stores' last runs, families
        found = card.contribute(user=advisor, customer=vehicle.owner, vehicles=[vehicle], today=today)

    (panel,) = found.panels
    rows = [(row["percent"], row["tick"], row["value"], row["threshold"]) for row in panel.context["why"]]
    assert rows == [
        (25, 50, "1 time", "< 2"),
        (pytest.approx(83.33, abs=0.01), 50, "50%", "≥ 30%"),
        (75, 50, "¥750", "≥ ¥500"),
    ]
    assert panel.context["since"] == "In this group since 2026-06-12, before that Mystery-opportunity."
    assert (
        panel.context["scope"] == "Window of 12 months up to 2026-06-12, rules v1. The line is the threshold."
    )
    assert panel.context["outlook"] == [
        "One more service makes it Profitable-loyal.",
        "Without a visit its care status is “Nearly lost” from 2026-12-13 at the latest.",
    ]
    assert found.labels == {vehicle.pk: {"c3": "high_risk", "care_status": "active"}}
    assert [(greeting.order, greeting.title) for greeting in found.greetings] == [(1, "High-risk")]


def test_the_foretold_day_is_the_day_it_happens(vehicle, advisor, today):
    VisitFactory(vehicle=vehicle, visited_on=today, paid_fen=60_000)
    for day, status in [(date(2026, 12, 12), "active"), (date(2026, 12, 13), "near_lost")]:
        services.segment(as_of=day)
        assert card.labels(vehicle_ids=[vehicle.pk])[vehicle.pk]["care_status"] == status


def test_complaint_is_to_be_apologised_for(vehicle, advisor, today):
    ComplaintFactory(vehicle=vehicle, opened_on=today)
    services.segment(as_of=today)

    found = card.contribute(user=advisor, customer=vehicle.owner, vehicles=[vehicle], today=today)

    assert [(greeting.order, greeting.tone, greeting.title) for greeting in found.greetings] == [
        (1, "", "Mystery-opportunity"),
        (2, "bad", "Complained"),
    ]


def test_a_car_not_yet_grouped_has_no_panel(vehicle, advisor, today):
    found = card.contribute(user=advisor, customer=vehicle.owner, vehicles=[vehicle], today=today)

    assert (found.labels, found.panels, found.greetings) == ({}, [], [])


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_three_cars_as_for_one(vehicle, advisor, today, count, django_assert_num_queries):
    cars = [vehicle, *VehicleFactory.create_batch(count - 1, owner=vehicle.owner)]
    services.segment(as_of=today)

    with django_assert_num_queries(3):
        found = card.contribute(user=advisor, customer=vehicle.owner, vehicles=cars, today=today)

    assert len(found.panels) == count


CONTEXT = {
    "customer": "李女士", "store": "广邦店", "agent": "陈晓雯", "car": "新君越 粤B·6K92D", "last_visit": "1 月 17 日",
    "odometer": "48,000", "km_per_month": "1,310", "offer": "100 元保养工时礼券", "until": "7 月 31 日",
}  # fmt: skip


@pytest.mark.parametrize("key", [*C3.values, ""])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(
    "missing", [(), ("odometer",), ("last_visit",), ("until",), ("offer", "until"), tuple(CONTEXT)]
)
def test_every_script_reads_well_with_what_is_known(key, language, missing):
    context = {name: "" if name in missing else value for name, value in CONTEXT.items()}
    with override(language):
        lines = playbook.script(key, context)

    assert len(lines) == (4 if "odometer" in missing else 5)
    assert all(line.label and line.text and "%(" not in line.text for line in lines)


def test_every_group_has_a_play_and_three_objections_have_answers():
    assert set(playbook.PLAYS) == set(C3.values)
    assert set(playbook.CARE_ADVICE) == set(CareStatus.values) - {"active"}
    assert len(playbook.objections()) == 3
