"""The job row decides: one job per key, leases, retries and the sweep."""

from __future__ import annotations

import os
import threading
from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from jobs import doorbell, engine, services, stops
from jobs.engine import LeaseLost, RunningJob, run_all
from jobs.kinds import KINDS
from jobs.models import Job
from staff.models import AuditEntry, Store
from staff.services import record
from tests.jobs.factories import JobFactory
from tests.staff.factories import StoreFactory

NOW = timezone.now()


@pytest.fixture(autouse=True)
def _silent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Rings are noted instead of sent."""
    rung: list[int] = []
    monkeypatch.setattr(doorbell, "ring", lambda jobs: len([rung.append(job.pk) for job in jobs]))
    return rung


@pytest.fixture
def rung(_silent: list[int]) -> list[int]:
    return _silent


def put(key: str = "k", **options: object) -> Job:
    return services.enqueue(kind="test.write", key=key, arguments={"name": key}, **options)  # type: ignore[arg-type]


def behind(key: str = "k") -> Job:
    return services.enqueue_after(kind="test.write", key=key, arguments={"name": key})


@pytest.mark.django_db
def test_equal_keys_are_one_job() -> None:
    first = put()
    assert put() == first
    assert put("other") != first

    running = services.claim(first.pk, now=timezone.now())
    assert put() == running

    run = RunningJob(running)  # type: ignore[arg-type]
    run.finish({})
    assert put() != first


@pytest.mark.django_db
def test_enqueue_after_puts_one_job_behind_the_running_one() -> None:
    running = services.claim(put().pk, now=timezone.now())
    assert running is not None

    followers = {behind().pk for _ in range(3)}

    assert len(followers) == 1
    assert running.pk not in followers
    [follower] = followers
    assert services.claim(follower, now=timezone.now()) is None  # the same work is in other hands
    services.finish(running, result={})
    assert services.claim(follower, now=timezone.now()) is not None


@pytest.mark.django_db
def test_enqueue_after_is_content_with_a_waiting_job() -> None:
    waiting = put()
    assert behind() == waiting
    assert Job.objects.count() == 1


@pytest.mark.django_db
def test_follower_hears_of_it_when_the_first_has_ended(rung: list[int]) -> None:
    first = put()
    follower: list[Job] = []

    def handler(running: RunningJob, **arguments: object) -> dict[str, object]:
        follower.append(behind())
        return {}

    kind = engine.KINDS["test.write"]
    engine.KINDS["test.write"] = type(kind)(kind.name, kind.label, handler)
    try:
        engine.run(first.pk)
    finally:
        engine.KINDS["test.write"] = kind

    assert follower[0].pk in rung
    assert Job.objects.get(pk=first.pk).status == "done"


@pytest.mark.django_db(transaction=True)
def test_waiting_job_does_not_start_before_the_caller_commits() -> None:
    """Else it could compute without the rows that were about to appear."""
    job = put()
    claims: list[Job | None] = []

    def worker() -> None:
        claims.append(services.claim(job.pk, now=timezone.now()))
        connection.close()

    thread = threading.Thread(target=worker)
    with transaction.atomic():
        assert behind() == job
        thread.start()
        thread.join(timeout=0.5)
        # PostgreSQL passes over the locked row; SQLite makes the worker wait for the end of the transaction.
        assert claims in ([None], [])
    thread.join()

    assert claims[0] or services.claim(job.pk, now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_ten_threads_put_down_one_job() -> None:
    barrier = threading.Barrier(10)
    found: list[int] = []

    def one() -> None:
        barrier.wait()
        found.append(put("race").pk)
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 10
    assert len(set(found)) == 1


@pytest.mark.django_db(transaction=True)
def test_ten_threads_claim_once() -> None:
    job = JobFactory()
    barrier = threading.Barrier(10)
    claims: list[Job | None] = []

    def one() -> None:
        barrier.wait()
        claims.append(services.claim(job.pk, now=timezone.now()))
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(claims) == 10
    assert sum(claim is not None for claim in claims) == 1
    job.refresh_from_db()
    assert job.attempts == 1


@pytest.mark.django_db(transaction=True)
def test_late_worker_is_refused_and_its_work_rolled_back() -> None:
    job = JobFactory()
    slow = services.claim(job.pk, now=timezone.now())
    assert slow is not None
    later = timezone.now() + timedelta(hours=1)
    quick = services.claim(job.pk, now=later)
    assert quick is not None

    def work(held: Job, name: str) -> None:
        with transaction.atomic():
            record(user=None, action="test.effect", name=name)
            RunningJob(held).finish({"written": 1})

    with pytest.raises(LeaseLost):
        work(slow, "late")
    work(quick, "in time")

    assert list(AuditEntry.objects.values_list("detail__name", flat=True)) == ["in time"]
    job.refresh_from_db()
    assert (job.status, job.result, job.attempts) == ("done", {"written": 1}, 2)


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "taken"), [(29, False), (31, True)])
@override_settings(JOB_LEASE=timedelta(seconds=30))
def test_lease_runs_out(seconds: int, taken: bool) -> None:
    job = JobFactory(due_at=NOW)
    services.claim(job.pk, now=NOW)

    assert (services.claim(job.pk, now=NOW + timedelta(seconds=seconds)) is not None) is taken


@pytest.mark.django_db
@override_settings(JOB_LEASE=timedelta(seconds=30))
def test_renewed_lease_holds_longer() -> None:
    job = JobFactory(due_at=NOW)
    held = services.claim(job.pk, now=NOW)
    assert held is not None
    assert services.renew(held, now=NOW + timedelta(seconds=20), progress_done=5)

    assert services.claim(job.pk, now=NOW + timedelta(seconds=49)) is None
    assert Job.objects.get(pk=job.pk).progress_done == 5
    assert services.claim(job.pk, now=NOW + timedelta(seconds=51)) is not None
    assert not services.renew(held, now=NOW + timedelta(seconds=52))


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "claimed"), [(-1, True), (0, True), (1, False)])
def test_job_is_not_claimed_before_it_is_due(seconds: int, claimed: bool) -> None:
    job = JobFactory(due_at=NOW + timedelta(seconds=seconds))

    assert (services.claim(job.pk, now=NOW) is not None) is claimed


@pytest.mark.django_db
def test_mistake_is_tried_again_later_and_then_given_up() -> None:
    job = services.enqueue(kind="test.broken", key="b", arguments={"phone": "13812345678"})
    waits = []
    for _attempt in range(3):
        engine.run(job.pk)
        job.refresh_from_db()
        waits.append(round((job.due_at - timezone.now()).total_seconds()) if job.is_open else None)
        Job.objects.filter(pk=job.pk).update(due_at=timezone.now())

    assert waits == [10, 60, None]
    assert (job.status, job.failure, job.attempts) == ("failed", "crashed", 3)
    assert job.error.startswith("ValueError · work.py:")
    assert "13812345678" not in job.error


@pytest.mark.django_db
def test_refusal_is_final_at_once() -> None:
    job = services.enqueue(kind="test.refused", key="r")
    run_all()
    job.refresh_from_db()

    assert (job.status, job.failure, job.attempts) == ("failed", "refused", 1)
    assert job.trouble == "The file has no column for the plate."


@pytest.mark.django_db
def test_failed_attempt_gives_way_to_the_job_behind_it() -> None:
    first = services.claim(put().pk, now=timezone.now())
    assert first is not None
    follower = behind()

    services.try_later(first, failure=Job.Failure.CRASHED, error="x")

    first.refresh_from_db()
    assert first.status == "failed"
    assert services.claim(follower.pk, now=timezone.now()) is not None


@pytest.mark.django_db
def test_sweep_rings_for_what_is_due_or_abandoned_only(rung: list[int]) -> None:
    long_ago = NOW - timedelta(hours=1)
    due = JobFactory(due_at=long_ago, rung_at=long_ago)
    JobFactory(due_at=NOW + timedelta(minutes=1), rung_at=long_ago)
    JobFactory(status="done", rung_at=long_ago)
    JobFactory(due_at=long_ago, rung_at=NOW)  # the broker has just heard of it
    abandoned = JobFactory(due_at=long_ago, rung_at=long_ago)
    held = JobFactory(due_at=long_ago, rung_at=long_ago)
    services.claim(abandoned.pk, now=long_ago)
    services.claim(held.pk, now=NOW)

    assert services.sweep(now=NOW) == 2
    assert rung == [due.pk, abandoned.pk]
    assert services.sweep(now=NOW) == 0


@pytest.mark.django_db
def test_sweep_buries_what_died_on_its_last_attempt() -> None:
    job = JobFactory(max_attempts=1, due_at=NOW - timedelta(hours=1))
    services.claim(job.pk, now=NOW - timedelta(hours=1))

    services.sweep(now=NOW)

    job.refresh_from_db()
    assert (job.status, job.failure, job.lease) == ("failed", "lost", None)


@pytest.mark.django_db
def test_retry_only_of_a_failed_job_whose_work_is_not_open() -> None:
    failed = JobFactory(status="failed", attempts=3, failure="lost", key="k")
    open_one = put("k")
    assert not services.retry(failed)

    Job.objects.filter(pk=open_one.pk).update(status="done")
    assert services.retry(failed)
    failed.refresh_from_db()
    assert (failed.status, failed.attempts, failed.failure) == ("queued", 0, "")
    assert not services.retry(failed)


@pytest.mark.django_db
def test_announcement_reaches_the_kinds_that_react(settings: object, store: Store) -> None:
    other = StoreFactory()
    with override_settings(JOB_REACTIONS={"visits_changed": ["test.once"]}):
        first = services.announce("visits_changed", store=store)
        again = services.announce("visits_changed", store=store)
        elsewhere = services.announce("visits_changed", store=other)
        nothing = services.announce("unheard_of", store=store)

    assert first == again
    assert [job.arguments for job in first + elsewhere] == [{"store": store.pk}, {"store": other.pk}]
    assert nothing == []


@pytest.mark.django_db
def test_progress_is_kept() -> None:
    job = services.enqueue(kind="test.progress", key="p", arguments={"total": 4})
    run_all()
    job.refresh_from_db()

    assert (job.status, job.percent, job.result) == ("done", 100, {"rows": 4})


@pytest.mark.django_db
def test_running_a_job_twice_has_one_effect() -> None:
    job = put("twice")
    assert engine.run(job.pk) is not None
    assert engine.run(job.pk) is None

    assert AuditEntry.objects.filter(action="test.effect").count() == 1


@pytest.mark.django_db
def test_run_all_tries_a_broken_job_once_and_does_the_others() -> None:
    services.enqueue(kind="test.broken", key="b")
    put("fine")

    assert run_all() == 2
    assert dict(Job.objects.values_list("key", "status")) == {"b": "queued", "fine": "done"}


@pytest.mark.django_db
def test_cancelling_ends_what_waits_and_what_runs_and_nothing_else() -> None:
    running = services.claim(put().pk, now=timezone.now())
    assert running is not None
    waiting, other, done = behind(), put("other"), JobFactory(key="k", status=Job.Status.DONE)

    assert services.cancel(keys=["k"]) == 2

    states = {job.pk: job.status for job in Job.objects.all()}
    assert states == {running.pk: "cancelled", waiting.pk: "cancelled", other.pk: "queued", done.pk: "done"}
    with pytest.raises(LeaseLost):
        RunningJob(running).finish({})
    assert (services.claim(waiting.pk, now=timezone.now()), services.retry(waiting)) == (None, False)
    assert services.sweep(now=timezone.now() + timedelta(hours=1)) == 1
    assert put() not in (running, waiting)


@pytest.mark.django_db
def test_a_wish_to_stop_is_heard_within_a_minute_only() -> None:
    running = RunningJob(put())
    with stops.asked([running.job.pk]):
        with transaction.atomic(), pytest.raises(LeaseLost):
            running.progress(1, 2)
        old = timezone.now().timestamp() - stops.SECONDS
        os.utime(stops._path(running.job.pk), (old, old))
        with transaction.atomic():
            running.progress(1, 2)

    assert not stops.is_asked(running.job.pk)


@pytest.mark.django_db(transaction=True)
def test_a_heartbeat_that_finds_the_lease_gone_stops_the_work() -> None:
    job = services.claim(put().pk, now=timezone.now())
    assert job is not None
    running = RunningJob(job)
    services.cancel(keys=["k"])

    with override_settings(JOB_LEASE=timedelta(milliseconds=40)):
        beat = engine.Heartbeat(running)
        beat.start()
        beat.join(30)

    with transaction.atomic(), pytest.raises(LeaseLost):
        running.progress(1, 2)


def test_every_task_that_is_no_job_has_its_hour() -> None:
    """A clean-up that nobody calls cleans nothing."""
    apps = ("staff.", "jobs.", "customers.", "segmentation.", "campaigns.", "callcenter.", "dashboards.")
    tasks = {name for name in current_app.tasks if name.startswith(apps)} - set(KINDS)

    assert tasks == {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}


@pytest.mark.django_db(transaction=True)
def test_a_long_statement_ends_too_where_its_lock_keeps_others_waiting() -> None:
    running = RunningJob(put())
    count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT COUNT(*) FROM n"

    def work() -> int:
        with engine.interruptible(running), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(count)
            return int(cursor.fetchone()[0])

    assert work() == 1_000_000
    with stops.asked([running.job.pk]):
        if connection.vendor == "sqlite":
            with pytest.raises(LeaseLost):
                work()
        else:
            assert work() == 1_000_000
    assert work() == 1_000_000
