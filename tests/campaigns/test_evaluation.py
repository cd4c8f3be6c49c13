"""Arrivals, to the day; and the published case."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from campaigns import evaluation
from campaigns.models import Campaign, CampaignStore, Outcome, Target
from customers.models import Customer, Vehicle, Visit
from staff.models import Store
from tests.campaigns.factories import LOW, LOYAL, car, opened
from tests.customers.factories import CustomerFactory, VisitFactory

CONTACT = date(2026, 6, 10)


@pytest.fixture
def target(store: Store) -> Target:
    vehicle = car(store)
    opened(store)
    Target.objects.update(
        first_called_on=CONTACT, last_called_on=CONTACT, first_contact_on=CONTACT, outcome=Outcome.CONSIDERING
    )
    return Target.objects.get(vehicle=vehicle)


@pytest.mark.parametrize(
    ("visited_on", "counts"),
    [
        (CONTACT, True),
        (CONTACT - timedelta(days=1), False),
        (date(2026, 7, 31), True),
        (date(2026, 8, 1), False),
    ],
)
@pytest.mark.parametrize("source", [Visit.Source.DESK, Visit.Source.DMS])
def test_arrival_counts_from_the_day_of_contact_to_the_last_day(
    target: Target, visited_on: date, counts: bool, source: str
) -> None:
    VisitFactory(vehicle=target.vehicle, visited_on=visited_on, source=source)
    success = evaluation.by_group(Target.objects.all())[LOYAL]
    assert (success.targets, success.invited, success.arrived) == (1, 1, int(counts))


def test_a_visit_before_the_first_day_or_voided_or_elsewhere_is_none(
    target: Target, other_store: Store
) -> None:
    Campaign.objects.update(starts_on=date(2026, 6, 15))
    VisitFactory(vehicle=target.vehicle, visited_on=date(2026, 6, 14))
    VisitFactory(vehicle=target.vehicle, visited_on=date(2026, 6, 15), voided=True)
    VisitFactory(vehicle=target.vehicle, visited_on=date(2026, 6, 16), store=other_store)
    assert evaluation.by_group(Target.objects.all())[LOYAL].arrived == 0
    VisitFactory(vehicle=target.vehicle, visited_on=date(2026, 6, 15))
    assert evaluation.by_group(Target.objects.all())[LOYAL].arrived == 1


def test_an_unanswered_call_invites_nobody(store: Store) -> None:
    vehicle = car(store)
    opened(store)
    Target.objects.update(first_called_on=CONTACT, last_called_on=CONTACT, outcome=Outcome.NO_ANSWER)
    VisitFactory(vehicle=vehicle, visited_on=CONTACT)
    success = evaluation.by_group(Target.objects.all())[LOYAL]
    assert (success.invited, success.arrived, success.rate) == (0, 0, None)


def test_revenue_is_of_the_visits_that_count(target: Target) -> None:
    VisitFactory(vehicle=target.vehicle, visited_on=date(2026, 6, 9), paid_fen=1)
    VisitFactory(vehicle=target.vehicle, visited_on=date(2026, 6, 11), paid_fen=100)
    VisitFactory(vehicle=target.vehicle, visited_on=date(2026, 7, 1), paid_fen=20)
    success = evaluation.by_group(Target.objects.all())[LOYAL]
    assert (success.arrived, success.revenue_fen, success.per_arrival_fen) == (1, 120, 120)
    newest = evaluation.newest_arrivals(Target.objects.all())
    assert [(row.pk, row.arrived_on) for row in newest] == [(target.pk, date(2026, 6, 11))]


def test_funnel(target: Target, store: Store, other_store: Store) -> None:
    VisitFactory(vehicle=target.vehicle, visited_on=CONTACT)
    steps = evaluation.funnel(campaign=target.campaign, stores=[store])
    assert [(step.key, step.count) for step in steps] == [
        ("targets", 1),
        ("called", 1),
        ("reached", 1),
        ("booked", 0),
        ("arrived", 1),
    ]
    assert [step.rate for step in steps] == [None, Decimal(1), Decimal(1), Decimal(0), Decimal(1)]
    assert evaluation.funnel(campaign=target.campaign, stores=[other_store])[0].count == 0


# invited@arrived by group, age band and model: Regal, LaCrosse, GL8, 陆尊
MODELS = ("新君威", "新君越", "GL8", "陆尊")
CASE = {
    (LOYAL, 1, "1-2"): ((47, 6), (183, 35), (45, 14), (36, 10)),
    (LOYAL, 2, "2-3"): ((63, 13), (151, 23), (55, 10), (28, 5)),
    (LOYAL, 4, "3-5"): ((67, 14), (135, 34), (41, 8), (44, 6)),
    (LOW, 0, "0-1"): ((70, 9), (169, 17), (28, 4), (42, 3)),
    (LOW, 1, "1-2"): ((30, 3), (30, 4), (2, 0), (6, 0)),
    (LOW, 2, "2-3"): ((28, 1), (31, 0), (2, 1), (3, 0)),
}
REVENUE_FEN = {LOYAL: 45_255_400, LOW: 7_078_800}


@pytest.fixture
def case(store: Store) -> Campaign:
    """The 1,336 invited of the published case and their 220 visits."""
    owner: Customer = CustomerFactory(home_store=store)
    campaign = Campaign.objects.create(
        name="空调养护季",
        starts_on=date(2026, 5, 1),
        ends_on=date(2026, 7, 31),
        status=Campaign.Status.OPEN,
        frozen_on=date(2026, 5, 1),
        frozen_at="2026-05-01T00:00:00Z",
    )
    CampaignStore.objects.create(campaign=campaign, store=store)
    rows = [
        (group, age, model, number < arrived)
        for (group, age, _band), cells in CASE.items()
        for model, (invited, arrived) in zip(MODELS, cells, strict=True)
        for number in range(invited)
    ]
    vehicles = Vehicle.objects.bulk_create(
        [Vehicle(home_store=store, owner=owner, plate=f"粤B{number:05d}") for number in range(len(rows))]
    )
    day = date(2026, 5, 10)
    Target.objects.bulk_create(
        Target(
            campaign=campaign,
            vehicle=vehicle,
            customer=owner,
            store=store,
            c3=group,
            care_status="active",
            age_years=age,
            model=model,
            outcome=Outcome.BOOKED,
            first_called_on=day,
            last_called_on=day,
            first_contact_on=day,
        )
        for vehicle, (group, age, model, _came) in zip(vehicles, rows, strict=True)
    )
    came = [(vehicle, row[0]) for vehicle, row in zip(vehicles, rows, strict=True) if row[3]]
    rest = dict(REVENUE_FEN)
    visits = []
    for number, (vehicle, group) in enumerate(came):
        last = group not in [later for _, later in came[number + 1 :]]
        paid = rest[group] if last else REVENUE_FEN[group] // 250
        rest[group] -= paid
        visits.append(
            Visit(
                store=store,
                vehicle=vehicle,
                order_no=f"WX{number}",
                visited_on=day,
                kind="maintenance",
                paid_fen=paid,
            )
        )
    Visit.objects.bulk_create(visits)
    return campaign


def test_the_published_case(case: Campaign) -> None:
    groups = evaluation.by_group(Target.objects.filter(campaign=case))
    loyal, low = groups[LOYAL], groups[LOW]
    assert (loyal.invited, loyal.arrived, loyal.revenue_fen) == (895, 178, 45_255_400)
    assert (low.invited, low.arrived, low.revenue_fen) == (441, 42, 7_078_800)
    assert [round(success.rate * 100, 1) for success in (loyal, low) if success.rate] == [
        Decimal("19.9"),
        Decimal("9.5"),
    ]
    assert [success.per_arrival_fen // 100 for success in (loyal, low) if success.per_arrival_fen] == [
        2542,
        1685,
    ]
    both = evaluation.total(groups.values())
    assert (both.invited, both.arrived, both.revenue_fen) == (1336, 220, 52_334_200)
    assert both.rate is not None
    assert round(both.rate * 100, 1) == Decimal("16.5")
    assert both.per_arrival_fen is not None
    assert round(both.per_arrival_fen / 100) == 2379


def test_the_published_case_cell_by_cell(case: Campaign) -> None:
    cells = evaluation.by_age_and_model(Target.objects.filter(campaign=case))
    found = {cell: (success.invited, success.arrived) for cell, success in cells.items()}
    assert found == {
        (group, band, model): numbers
        for (group, _age, band), row in CASE.items()
        for model, numbers in zip(MODELS, row, strict=True)
    }
