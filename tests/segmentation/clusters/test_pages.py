"""The pages: asking, looking, saving; who may, and what must not be seen."""

import uuid
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from customers.models import Vehicle
from jobs import engine
from jobs.models import Job
from segmentation.clusters import services
from segmentation.clusters.variables import USUAL
from segmentation.models import ClusterAnalysis, ClusterCar, RuleSet, SavedSegment, SegmentMember
from segmentation.services import segment
from staff.models import Role
from tests.customers.factories import CustomerFactory, VehicleFactory, add_phone
from tests.jobs.factories import JobFactory
from tests.segmentation.clusters.factories import analysed, planted, result
from tests.staff.factories import MembershipFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules")]


@pytest.fixture
def english(client, manager):
    client.force_login(manager)
    client.cookies["django_language"] = "en"
    return client


def car(store, **more):
    vehicle = VehicleFactory(owner=CustomerFactory(home_store=store), **more)
    add_phone(vehicle.owner, f"138{vehicle.pk:04d}2217")
    return vehicle


def start(client, **more):
    return client.post(reverse("segmentation:clusters"), {"variables": USUAL, **more})


def url(name, *args):
    return reverse(f"segmentation:{name}", args=args)


def test_from_asking_to_the_saved_segment(english, manager, store, groups):
    response = start(english)
    analysis = ClusterAnalysis.objects.get()
    assert response.headers["Location"] == url("cluster_result", analysis.pk)
    waiting = english.get(url("cluster_result", analysis.pk)).content.decode()
    assert "Waiting for a free worker" in waiting
    engine.run_all()

    page = english.get(url("cluster_result", analysis.pk))
    assert page.status_code == 200
    assert [cluster.cars for cluster in page.context["clusters"]] == [20, 20, 20]
    assert "3 groups in 60 cars" in page.content.decode()
    cars = english.get(url("cluster_cars", analysis.pk, 1))
    assert {row.vehicle_id for row in cars.context["page"].rows} == {car.pk for car in groups[1]}

    form = {"name": "大修车", "note": "", "form_key": str(uuid.uuid4())}
    clicks = [english.post(url("cluster_save", analysis.pk, 1), form) for _click in range(2)]
    (saved,) = SavedSegment.objects.all()
    assert [click.headers["Location"] for click in clicks] == [url("saved", saved.pk)] * 2
    members = set(SegmentMember.objects.filter(segment=saved).values_list("vehicle", flat=True))
    assert members == {car.pk for car in groups[1]}
    assert (saved.name, saved.frozen_on, saved.frozen_count, saved.created_by) == (
        "大修车", analysis.as_of, 20, manager,
    )  # fmt: skip
    assert [one.pk for one in saved.stores.all()] == [store.pk]


def test_a_number_and_the_cars_lately_seen_can_be_asked_for(english, groups):
    start(english, fixed_k="4", variables=["visits", "spend"])

    (analysis,) = ClusterAnalysis.objects.all()
    assert (analysis.fixed_k, analysis.variables, analysis.only_seen) == (4, ["visits", "spend"], False)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"variables": []}, "Choose at least two figures."),
        ({"variables": ["visits"]}, "Choose at least two figures."),
        ({"variables": ["visits", "nonsense"]}, "nonsense"),
        ({"fixed_k": "11"}, "11"),
        ({"fixed_k": "1"}, "1"),
        ({"only_seen": "on"}, "Fewer than 50 cars"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_was_chosen(english, groups, data, error):
    response = start(english, **data)

    assert response.status_code == 422
    with override("en"):
        assert error in str(response.context["form"].errors)
    assert ClusterAnalysis.objects.count() == 0


def test_too_few_cars_in_plain_words(english, store, today):
    planted(store, on=today, each=16)
    segment(as_of=today)

    response = start(english)

    assert response.status_code == 422
    assert "too few to find groups" in response.content.decode()
    assert Job.objects.count() == 0


def test_nothing_to_start_before_the_first_calculation(english, store):
    assert "have not been calculated yet" in english.get(url("clusters")).content.decode()
    assert start(english).status_code == 422


@pytest.fixture
def shared(store, other_store, today):
    """An analysis of two stores together."""
    analysis = analysed(
        store, [car(store, plate="粤B11111"), car(other_store, plate="琼Z7Q7Q7")], as_of=today
    )
    analysis.store_links.create(store=other_store, rule_set=RuleSet.objects.get())
    return analysis


def pages(analysis):
    return [
        ("get", url("cluster_result", analysis.pk)),
        ("get", url("cluster_progress", analysis.pk)),
        ("get", url("cluster_cars", analysis.pk, 1)),
        ("post", url("cluster_again", analysis.pk)),
        ("post", url("cluster_stop", analysis.pk)),
        ("post", url("cluster_save", analysis.pk, 1)),
    ]


def test_an_analysis_of_stores_not_all_mine_does_not_exist(english, shared):
    assert [getattr(english, method)(page).status_code for method, page in pages(shared)] == [404] * 6
    assert list(english.get(url("clusters")).context["page"].rows) == []


def test_who_is_no_manager_in_one_of_the_stores_may_not_look(english, manager, store, other_store, shared):
    MembershipFactory(user=manager, store=other_store, role=Role.ADVISOR)
    english.post(reverse("staff:switch_store"), {"store": store.pk})

    assert [getattr(english, method)(page).status_code for method, page in pages(shared)] == [403] * 6


def test_a_manager_of_both_sees_the_whole(english, manager, other_store, shared):
    MembershipFactory(user=manager, store=other_store, role=Role.MANAGER)

    assert english.get(url("cluster_result", shared.pk)).status_code == 200


def test_a_car_that_went_to_another_store_is_not_shown_nor_saved(english, store, other_store, today):
    stays, went = car(store, plate="粤B11111"), car(store, plate="琼Z7Q7Q7")
    segment(as_of=today)
    analysis = analysed(store, [stays, went], as_of=today)
    stranger = CustomerFactory(home_store=other_store)
    Vehicle.objects.filter(pk=went.pk).update(home_store=other_store, owner=stranger)
    segment(as_of=today)

    page = english.get(url("cluster_cars", analysis.pk, 1))
    english.post(url("cluster_save", analysis.pk, 1), {"name": "x", "form_key": str(uuid.uuid4())})

    assert [row.vehicle_id for row in page.context["page"].rows] == [stays.pk]
    assert "7Q7Q7" not in page.content.decode()
    assert list(SegmentMember.objects.values_list("vehicle", flat=True)) == [stays.pk]


def test_phones_are_masked_and_owners_lead_to_their_card(english, store, today):
    shown = car(store)
    segment(as_of=today)
    analysis = analysed(store, [shown], as_of=today)

    text = english.get(url("cluster_cars", analysis.pk, 1)).content.decode()

    assert f'href="{reverse("customers:card", args=[shown.owner_id])}"' in text
    assert "**** 2217" in text
    assert shown.owner.phones.get().number not in text


@pytest.mark.parametrize("number", [0, 3])
def test_only_clusters_that_were_found_have_a_page(english, store, today, number):
    analysis = analysed(store, [], as_of=today)

    assert english.get(url("cluster_cars", analysis.pk, number)).status_code == 404


def test_a_name_is_asked_for_and_what_was_typed_stays(english, store, today):
    analysis = analysed(store, [car(store)], as_of=today)

    response = english.post(
        url("cluster_save", analysis.pk, 1), {"name": "", "note": "给活动用", "form_key": str(uuid.uuid4())}
    )

    assert response.status_code == 422
    assert "给活动用" in response.content.decode()
    assert SavedSegment.objects.count() == 0


def test_a_list_no_longer_kept_says_so_and_is_not_saved(english, store, today):
    analysis = analysed(store, [car(store)], as_of=today)
    ClusterCar.objects.all().delete()

    text = english.get(url("cluster_cars", analysis.pk, 1)).content.decode()
    posted = english.post(url("cluster_save", analysis.pk, 1), {"name": "x", "form_key": str(uuid.uuid4())})

    assert "no longer kept" in text
    assert 'id="save"' not in text
    assert posted.status_code == 302
    assert SavedSegment.objects.count() == 0


def test_progress_asks_for_itself_until_the_job_has_ended(english, store, today):
    job = JobFactory(store=store, status="queued", kind=services.FIND)
    analysis = analysed(store, [], as_of=today, result={}, done_at=None, job=job)
    ask = {"headers": {"HX-Request": "true"}}

    first = english.get(url("cluster_progress", analysis.pk), **ask)
    ClusterAnalysis.objects.update(result=result(), done_at=analysis.created_at)
    last = english.get(url("cluster_progress", analysis.pk), **ask)

    assert 'hx-trigger="every 1s"' in first.content.decode()
    assert last.headers["HX-Redirect"] == url("cluster_result", analysis.pk)


def test_a_refused_analysis_says_why_and_can_be_tried_again(english, groups):
    start(english)
    analysis = ClusterAnalysis.objects.get()
    text = "There are fewer than 50 cars with a visit: too few to find groups."
    Job.objects.update(status="failed", failure="refused", error=text)

    shown = english.get(url("cluster_result", analysis.pk)).content.decode()
    again = english.post(url("cluster_again", analysis.pk), {"fixed_k": ""})

    assert text in shown
    assert again.headers["Location"] == url("cluster_result", analysis.pk)
    engine.run_all()
    analysis.refresh_from_db()
    assert analysis.is_done


def test_an_analysis_can_be_stopped_and_asked_for_again(english, groups):
    start(english)
    analysis = ClusterAnalysis.objects.get()

    stopped = english.post(url("cluster_stop", analysis.pk), follow=True)

    assert "Somebody stopped it" in stopped.content.decode()
    assert Job.objects.get().status == Job.Status.CANCELLED
    engine.run_all()
    analysis.refresh_from_db()
    assert (analysis.is_done, ClusterCar.objects.count()) == (False, 0)
    english.post(url("cluster_again", analysis.pk))
    engine.run_all()
    analysis.refresh_from_db()
    assert analysis.is_done


def test_what_has_ended_cannot_be_stopped(english, groups):
    start(english)
    analysis = ClusterAnalysis.objects.get()
    engine.run_all()

    answer = english.post(url("cluster_stop", analysis.pk), follow=True)

    assert "It had ended already." in answer.content.decode()
    assert Job.objects.get().status == Job.Status.DONE
    assert ClusterCar.objects.count() == 60


def test_another_number_is_another_analysis_of_the_same_cars(english, groups):
    start(english)
    first = ClusterAnalysis.objects.get()
    engine.run_all()

    response = english.post(url("cluster_again", first.pk), {"fixed_k": "4"})

    second = ClusterAnalysis.objects.exclude(pk=first.pk).get()
    assert response.headers["Location"] == url("cluster_result", second.pk)
    assert (second.fixed_k, second.variables, second.scope) == (4, first.variables, first.scope)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_speak_the_language_chosen(english, store, today, language):
    english.cookies["django_language"] = language
    analysis = analysed(store, [car(store)], as_of=today)

    text = english.get(url("cluster_result", analysis.pk)).content.decode()

    assert ("Comes often" in text, "来得勤" in text) == (language == "en", language != "en")


def test_an_analysis_without_factors_has_a_page(english, store, today):
    analysis = analysed(store, [], as_of=today, result=result(factors=None))

    assert "KMO" not in english.get(url("cluster_result", analysis.pk)).content.decode()


def test_as_many_queries_for_many_as_for_one(english, store, today):
    counts = []
    for more in (1, 4):
        fresh = [car(store) for _number in range(more)]
        segment(as_of=today, full=True)
        analysis = analysed(store, fresh, as_of=today)
        with CaptureQueriesContext(connection) as captured:
            for page in (
                url("clusters"),
                url("cluster_result", analysis.pk),
                url("cluster_cars", analysis.pk, 1),
            ):
                english.get(page)
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_figures_of_before_are_listed_newest_first(english, store, today):
    first, second = (analysed(store, [], as_of=date(2026, 6, day)) for day in (1, 2))

    assert [row.pk for row in english.get(url("clusters")).context["page"].rows] == [second.pk, first.pk]
