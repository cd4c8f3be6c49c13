"""From the question to the written clusters: what is read, the job run twice, the rows that could leak."""

from datetime import date, timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Visit
from jobs import engine
from jobs.models import Job
from segmentation.clusters import services, work
from segmentation.clusters.figures import read
from segmentation.clusters.services import NotGrouped, TooFewCars, start
from segmentation.clusters.variables import USUAL, VARIABLES
from segmentation.models import C3, CareStatus, ClusterAnalysis, ClusterCar, RuleSet
from segmentation.services import segment
from staff.models import AuditEntry
from tests.customers.factories import CustomerFactory, VehicleFactory, VisitFactory
from tests.segmentation import worlds
from tests.segmentation.clusters.factories import analysed, planted
from tests.segmentation.reference import Rules

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules")]


def rows(analysis):
    return dict(ClusterCar.objects.filter(analysis=analysis).values_list("vehicle", "number"))


def asked(store, manager, **more):
    return start(**{"stores": [store], "variables": USUAL, "by": manager, **more})


def told(analysis):
    """The figures of the one car of the analysis, those not known as None."""
    behaviour = read(analysis)
    (place,) = range(len(behaviour))
    return {
        key: None if np.isnan(values[place]) else round(float(values[place]), 4)
        for key, values in behaviour.figures.items()
    }


def test_figures_of_a_car(store, other_store, manager, today):
    owner = CustomerFactory(home_store=store, distance_m=12_300)
    car = VehicleFactory(
        owner=owner,
        purchased_on=today - timedelta(days=1461),
        odometer_km=40_000,
        odometer_on=today - timedelta(days=461),
    )
    kinds = Visit.Kind
    for day, kind, yuan, more in (
        (today, kinds.MAINTENANCE, 500, {}),  # a Friday
        (date(2025, 6, 13), kinds.REPAIR, 1500, {}),  # a Friday, the first day of the year
        (date(2025, 6, 12), kinds.ACCIDENT, 2000, {"store": other_store}),  # a day too early for the year
        (date(2026, 3, 7), kinds.WARRANTY, 900, {}),  # a Saturday, paid by the maker
        (date(2026, 3, 8), kinds.OTHER, 100, {}),  # a Sunday
        (date(2026, 3, 9), kinds.REPAIR, 700, {"voided": True}),
        (today + timedelta(days=1), kinds.REPAIR, 700, {}),
    ):
        VisitFactory(vehicle=car, visited_on=day, kind=kind, paid_fen=yuan * 100, **more)
    VisitFactory(vehicle=VehicleFactory(owner=CustomerFactory(home_store=other_store)))
    segment(as_of=today)

    assert told(analysed(store, [], as_of=today)) == {
        "days_since_visit": 0,
        "visits": 4,
        "maintenance": 1,
        "repairs": 1,
        "repair_share": 0.6667,
        "spend": 2100,
        "spend_per_visit": 1025,
        "age": 4,
        "known_for": round(365 / 365.25, 4),
        "km_per_day": 40,
        "distance": 12.3,
        "weekends": 0.4,
    }


def test_what_a_card_does_not_say_is_not_known(store, today):
    car = VehicleFactory(owner=CustomerFactory(home_store=store), purchased_on=None)
    VisitFactory(vehicle=car, visited_on=today, kind=Visit.Kind.WARRANTY)
    segment(as_of=today)

    found = told(analysed(store, [], as_of=today))

    unknown = {key for key, value in found.items() if value is None}
    assert unknown == {"repair_share", "spend_per_visit", "age", "km_per_day", "distance"}


@pytest.mark.parametrize(("days", "known"), [(29, None), (30, 100.0)])
def test_an_odometer_speaks_after_thirty_days(store, today, days, known):
    bought = today - timedelta(days=60)
    car = VehicleFactory(
        owner=CustomerFactory(home_store=store),
        purchased_on=bought,
        odometer_km=100 * days,
        odometer_on=bought + timedelta(days=days),
    )
    VisitFactory(vehicle=car, visited_on=today)
    segment(as_of=today)

    assert told(analysed(store, [], as_of=today))["km_per_day"] == known


def test_cars_that_never_came_and_foreign_ones_are_left_aside(store, other_store, today):
    came = VehicleFactory(owner=CustomerFactory(home_store=store))
    VisitFactory(vehicle=came, visited_on=date(2024, 1, 1))
    VehicleFactory(owner=CustomerFactory(home_store=store))
    gone = VehicleFactory(owner=CustomerFactory(home_store=store), state="sold_away")
    foreign = VehicleFactory(owner=CustomerFactory(home_store=other_store))
    for car in (gone, foreign):
        VisitFactory(vehicle=car, visited_on=today)
    segment(as_of=today)

    everyone = read(analysed(store, [], as_of=today))
    lately = read(analysed(store, [], as_of=today, only_seen=True))

    assert (everyone.ids.tolist(), everyone.left_aside) == ([came.pk], 1)
    assert (lately.ids.tolist(), lately.left_aside) == ([], 2)


def test_groups_and_statuses_are_those_of_the_day_asked_for(store, today):
    car = VehicleFactory(owner=CustomerFactory(home_store=store), purchased_on=date(2024, 1, 1))
    VisitFactory(vehicle=car, visited_on=date(2025, 1, 1), paid_fen=60_000)
    earlier = date(2025, 6, 1)
    segment(as_of=earlier)
    segment(as_of=today)

    then, now = (read(analysed(store, [], as_of=day)) for day in (earlier, today))

    assert [C3.values[place] for place in (*then.groups, *now.groups)] == [
        C3.HIGH_OPPORTUNITY, C3.MYSTERY_OPPORTUNITY,
    ]  # fmt: skip
    assert [CareStatus.values[place] for place in (*then.statuses, *now.statuses)] == ["active", "lost"]


def test_stores_under_different_rules_are_read_by_their_own(store, other_store, today):
    worlds.publish(Rules(repair_kinds={"repair"}), store=other_store)
    for home in (store, other_store):
        car = VehicleFactory(owner=CustomerFactory(home_store=home))
        VisitFactory(vehicle=car, visited_on=today, kind=Visit.Kind.ACCIDENT)
        VisitFactory(vehicle=car, visited_on=today, kind=Visit.Kind.REPAIR)
    segment(as_of=today)
    analysis = analysed(store, [], as_of=today)
    own = RuleSet.objects.get(store=other_store)
    analysis.store_links.create(store=other_store, rule_set=own)

    assert read(analysis).figures["repairs"].tolist() == [2, 1]


def test_planted_groups_are_written_car_by_car(store, manager, groups, today):
    analysis = asked(store, manager)
    engine.run_all()

    analysis.refresh_from_db()
    assert (analysis.job.status, analysis.job.result) == (Job.Status.DONE, {"cars": 60, "groups": 3})
    services_, repairs, lost = ([car.pk for car in cars] for cars in groups)
    # By spend: the repairers first, those who come for services, the lost.
    assert rows(analysis) == {
        **dict.fromkeys(repairs, 1), **dict.fromkeys(services_, 2), **dict.fromkeys(lost, 3),
    }  # fmt: skip
    found = analysis.result["clusters"]
    assert [cluster["cars"] for cluster in found] == [20, 20, 20]
    assert found[2]["care_status"]["lost"] == found[2]["c3"]["mystery_opportunity"] == 20
    year = today - timedelta(days=365)
    paid = Visit.objects.filter(vehicle__in=repairs, visited_on__gt=year).values_list("paid_fen", flat=True)
    assert found[0]["revenue_fen"] == sum(paid)
    # These habits leave little to choose from: most figures follow from the others.
    assert analysis.result["keys"] == ["days_since_visit", "visits", "repair_share"]
    assert analysis.result["factors"]["bartlett"]["df"] == 3


def test_job_run_twice_gives_the_same(store, manager, groups):
    analysis = asked(store, manager)
    engine.run_all()
    analysis.refresh_from_db()
    before = (analysis.result, rows(analysis), analysis.done_at)

    done = work.analyse(analysis=analysis, tell=lambda *step: None, finish=lambda result: result)
    analysis.refresh_from_db()
    assert (analysis.result, rows(analysis), analysis.done_at) == before
    ClusterCar.objects.all().delete()
    again = work.analyse(analysis=analysis, tell=lambda *step: None, finish=lambda result: result)
    analysis.refresh_from_db()

    assert done == again == {"cars": 60, "groups": 3}
    assert (analysis.result, rows(analysis)) == before[:2]


def test_a_worker_that_lost_its_lease_leaves_nothing(store, manager, groups):
    analysis = asked(store, manager)

    def lost(result):
        raise engine.LeaseLost

    with pytest.raises(engine.LeaseLost):
        work.analyse(analysis=analysis, tell=lambda *step: None, finish=lost)

    analysis.refresh_from_db()
    assert (analysis.result, analysis.done_at, rows(analysis)) == ({}, None, {})


def test_stopped_in_the_midst_it_leaves_nothing(store, manager, groups, monkeypatch):
    analysis = asked(store, manager)
    found = work.find

    def stopped_meanwhile(*arguments, **options):
        assert services.stop(analysis)
        return found(*arguments, **options)

    monkeypatch.setattr(work, "find", stopped_meanwhile)
    engine.run_all()

    analysis.refresh_from_db()
    assert analysis.job.status == Job.Status.CANCELLED
    assert (analysis.result, analysis.done_at, rows(analysis)) == ({}, None, {})


def test_two_clicks_are_one_analysis_and_one_job(store, manager, groups):
    first, second = asked(store, manager), asked(store, manager)

    assert first.pk == second.pk
    assert Job.objects.filter(kind=services.FIND).count() == 1
    assert AuditEntry.objects.filter(action="segment.clusters", subject_id=first.pk).count() == 1
    engine.run_all()
    assert asked(store, manager).pk == first.pk
    assert Job.objects.filter(kind=services.FIND).count() == 1


def test_another_question_or_another_state_is_another_analysis(store, manager, groups, today):
    first = asked(store, manager)
    others = [
        asked(store, manager, fixed_k=4),
        asked(store, manager, only_seen=False, variables=USUAL[:3]),
        asked(store, manager, variables=list(VARIABLES)),
    ]
    segment(as_of=today + timedelta(days=1))
    others.append(asked(store, manager))

    assert len({first.pk, *(analysis.pk for analysis in others)}) == 5
    assert others[-1].as_of == today + timedelta(days=1)


def test_the_order_of_the_figures_is_no_other_question(store, manager, groups):
    assert asked(store, manager).pk == asked(store, manager, variables=USUAL[::-1]).pk


def test_too_few_cars_are_refused_at_once(store, manager, today):
    planted(store, on=today, each=16)
    with pytest.raises(NotGrouped):
        asked(store, manager)
    segment(as_of=today)

    with pytest.raises(TooFewCars):
        asked(store, manager)

    assert ClusterAnalysis.objects.count() == 0


def test_cars_seen_lately_must_be_enough_too(store, manager, groups):
    with pytest.raises(TooFewCars):
        asked(store, manager, only_seen=True)  # 40 of the 60


def test_cars_that_went_meanwhile_make_the_job_say_so(store, manager, groups):
    analysis = asked(store, manager)
    Visit.objects.filter(vehicle__in=groups[0]).update(voided=True)
    engine.run_all()

    analysis.refresh_from_db()
    assert (analysis.job.status, analysis.job.failure) == (Job.Status.FAILED, Job.Failure.REFUSED)
    assert analysis.job.error.startswith("There are fewer than 50 cars with a visit")
    assert rows(analysis) == {}


def test_only_the_newest_analyses_of_the_same_stores_keep_their_cars(store, other_store, manager, groups):
    old = [analysed(store, groups[0], as_of=date(2026, 1, n), scope="kept") for n in range(1, 7)]
    elsewhere = analysed(other_store, groups[0], as_of=date(2026, 1, 1), scope="other")
    analysis = asked(store, manager)
    ClusterAnalysis.objects.filter(pk=analysis.pk).update(scope="kept")
    engine.run_all()

    assert [bool(rows(one)) for one in (*old, elsewhere)] == [False, False, True, True, True, True, True]
    assert len(rows(analysis)) == 60


def test_asked_again_an_analysis_without_its_cars_gets_them_back(store, manager, groups):
    analysis = asked(store, manager)
    engine.run_all()
    before = rows(analysis)
    ClusterCar.objects.all().delete()

    asked(store, manager)
    engine.run_all()

    assert rows(analysis) == before


def test_as_many_queries_for_many_cars_as_for_few(store, manager, today):
    counts = []
    for each in (20, 40):
        planted(store, on=today, each=each)
        segment(as_of=today, full=True)
        analysis = asked(store, manager)
        with CaptureQueriesContext(connection) as captured:
            work.analyse(analysis=analysis, tell=lambda *step: None, finish=lambda result: result)
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_web_processes_do_without_scikit_learn(program_environment):
    import subprocess
    import sys

    code = (
        "import sys, django; django.setup(); import dealer_crm.urls, segmentation.tasks;"
        " print(sorted({'numpy', 'scipy', 'sklearn'} & set(sys.modules)))"
    )
    environment = {**program_environment, "DJANGO_SETTINGS_MODULE": "dealer_crm.settings"}
    found = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )

    assert found.stdout.strip() == "[]"
