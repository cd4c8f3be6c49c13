"""The command's answer and exit status; jobs that run twice."""

import json
import subprocess
import sys
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django.utils.translation import override

from jobs import engine
from jobs.models import Job
from jobs.services import announce
from segmentation import tasks
from segmentation.models import VehicleSegment
from tests.customers.factories import CustomerFactory, VehicleFactory, VisitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def vehicle(store):
    return VehicleFactory(owner=CustomerFactory(home_store=store))


def test_json_is_one_object_and_nothing_else(vehicle):
    out = StringIO()
    call_command("segment", "--json", "--store", "GB", "--full", stdout=out)

    found = json.loads(out.getvalue())
    assert list(found) == ["as_of", "rule_set", "vehicles", "c3", "care_status", "changed", "seconds"]
    assert (found["as_of"], found["vehicles"]) == (timezone.localdate().isoformat(), 1)


def test_table_names_groups_and_counts(vehicle):
    out = StringIO()
    call_command("segment", stdout=out)

    assert len(out.getvalue().splitlines()) == 1 + 1 + 8 + 1 + 7


def test_as_of_a_past_day(vehicle):
    out = StringIO()
    call_command("segment", "--json", "--as-of", "2024-01-01", stdout=out)

    assert json.loads(out.getvalue())["care_status"]["new"] == 1


@pytest.mark.parametrize(
    "arguments",
    [["--store", "NOWHERE"], ["--as-of", (timezone.localdate() + timedelta(days=2)).isoformat()]],
)
def test_refusals_say_why(vehicle, arguments):
    with pytest.raises(CommandError) as refusal:
        call_command("segment", *arguments)

    assert refusal.value.returncode == 1
    assert arguments[1] in str(refusal.value)


def test_wrong_usage_is_status_2():
    done = subprocess.run(
        [sys.executable, "manage.py", "segment", "--as-of", "2026-02-30"], capture_output=True, text=True
    )

    assert done.returncode == 2
    assert "2026-02-30" in done.stderr
    assert done.stdout == ""


def test_visits_changed_segments_the_store_once_and_again_changes_nothing(vehicle, store):
    announce("visits_changed", store=store)
    announce("visits_changed", store=store)

    engine.run_all()
    assert VehicleSegment.objects.get().vehicle == vehicle
    announce("visits_changed", store=store)
    engine.run_all()

    first, second = Job.objects.order_by("pk")
    assert (first.status, first.result["changed"]) == (Job.Status.DONE, 1)
    assert (second.status, second.result["changed"]) == (Job.Status.DONE, 0)


def test_a_visit_elsewhere_counts_in_the_home_store(vehicle, other_store):
    VisitFactory(vehicle=vehicle, store=other_store, visited_on=timezone.localdate(), paid_fen=99)

    announce("visits_changed", store=other_store)
    engine.run_all()

    assert VehicleSegment.objects.get().spend_fen == 99


def test_the_night_is_planned_once_for_all_stores(vehicle, other_store):
    VehicleFactory(owner=CustomerFactory(home_store=other_store))

    assert tasks.plan_nightly() == tasks.plan_nightly()
    engine.run_all()

    job = Job.objects.get()
    assert (job.status, job.result["vehicles"]) == (Job.Status.DONE, 2)


def test_a_refused_run_fails_its_job_in_plain_words(db):
    tasks.plan_nightly()
    with override("en"):
        engine.run_all()

    job = Job.objects.get()
    assert (job.status, job.error) == (Job.Status.FAILED, "There is no store yet.")
