"""An import stopped before it is written: nothing of it is left, and the database says who was first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from customers import tasks
from customers.dms.refused import FileRefused
from customers.models import Import, ImportChange, ImportRow, RawRows, Visit
from customers.services import imports
from jobs import engine, stops
from jobs.models import Job
from segmentation.models import RuleSet
from staff.models import AuditEntry, Store, User
from tests.customers.imports.conftest import Write, order
from tests.customers.imports.dump import dump
from tests.jobs.fleet import wait_until
from tests.staff.factories import UserFactory

Status = Import.Status
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ready(export: Write, store: Store, manager: User) -> Import:
    """Checked, with one row that would be refused."""
    RuleSet.objects.get_or_create(store=None, version=1, defaults={"published_at": timezone.now()})
    path = export(order(), order(工单号="WX2", 开单日期="2062-01-01"))
    with path.open("rb") as file:
        imported, _ = imports.receive_upload(file=file, file_name=path.name, store=store, by=manager)
    imports.start_check(imported=imported, by=manager)
    engine.run_all()
    imported.refresh_from_db()
    return imported


def cancel(imported: Import, by: User) -> str:
    """What came of it: "cancelled", or the state that forbade it."""
    try:
        imports.cancel(imported=imported, by=by, now=timezone.now())
    except imports.ImportRefused as refused:
        return str(refused.args[0])
    return "cancelled"


def nothing_is_left(imported: Import) -> bool:
    imported.refresh_from_db()
    rows = [
        model._default_manager.filter(imported=imported).count()
        for model in (ImportRow, RawRows, ImportChange)
    ]
    return (imported.status, bool(imported.file), imported.remembered_samples, rows) == (
        Status.CANCELLED, False, {}, [0, 0, 0],
    )  # fmt: skip


def beside(work: Callable[[], Any]) -> threading.Thread:
    """``work`` in a thread with a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def at_step(monkeypatch: pytest.MonkeyPatch, step: str, act: Callable[[Job], None]) -> None:
    """Let the worker call ``act`` when it comes to ``step``, before it looks whether it is to stop."""
    original = tasks._progress

    def progress(running: engine.RunningJob) -> imports.Progress:
        tell = original(running)

        def told(name: str, done: int, total: int) -> None:
            if name == step:
                act(running.job)
            tell(name, done, total)

        return told

    monkeypatch.setattr(tasks, "_progress", progress)


@pytest.mark.parametrize("step", ["customers", "visits", "cars"])
def test_in_the_midst_of_writing(
    ready: Import, manager: User, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before, path = dump(), Path(ready.file.path)
    writing = threading.Event()

    def wait_for_the_wish(job: Job) -> None:
        writing.set()
        wait_until(lambda: stops.is_asked(job.pk) or _status(ready) == "cancelled", what="the wish to stop")

    at_step(monkeypatch, step, wait_for_the_wish)
    job = imports.start_commit(imported=ready, by=manager)
    worker = beside(lambda: engine.run(job.pk, heartbeat=True))
    assert writing.wait(30)

    assert cancel(ready, manager) == "cancelled"
    worker.join()

    job.refresh_from_db()
    assert (job.status, job.lease, job.is_open) == (Job.Status.CANCELLED, None, False)
    assert nothing_is_left(ready)
    assert (dump(), path.exists()) == (before, False)
    assert engine.run(job.pk) is None


def _status(imported: Import) -> str:
    return Import.objects.values_list("status", flat=True).get(pk=imported.pk)


def test_a_worker_that_hears_nothing_commits_or_finds_itself_cancelled(
    ready: Import, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL the row can be had before the commit; on SQLite only after it."""
    monkeypatch.setattr(engine.RunningJob, "progress", lambda *args: None)
    writing, outcome = threading.Event(), []
    at_step(monkeypatch, "cars", lambda job: writing.set())
    job = imports.start_commit(imported=ready, by=manager)
    asker = beside(lambda: (writing.wait(30), outcome.append(cancel(ready, manager))))
    engine.run(job.pk)
    asker.join()

    ready.refresh_from_db()
    job.refresh_from_db()
    assert [ready.status] == outcome
    assert job.status == ("done" if ready.status == "done" else "cancelled")
    assert Visit.objects.count() == (1 if ready.status == "done" else 0)


def test_as_it_commits_is_too_late(ready: Import, manager: User, monkeypatch: pytest.MonkeyPatch) -> None:
    finish = engine.RunningJob.finish
    committing = threading.Event()

    def finish_slowly(running: engine.RunningJob, result: dict[str, Any]) -> dict[str, Any]:
        told = finish(running, result)
        committing.set()
        wait_until(lambda: stops.is_asked(running.job.pk), what="the wish to stop")
        return told

    monkeypatch.setattr(engine.RunningJob, "finish", finish_slowly)
    job = imports.start_commit(imported=ready, by=manager)
    worker = beside(lambda: engine.run(job.pk))
    assert committing.wait(30)

    assert cancel(ready, manager) == "done"
    worker.join()

    ready.refresh_from_db()
    job.refresh_from_db()
    assert (ready.status, job.status, Visit.objects.count()) == ("done", "done", 1)
    assert not stops.is_asked(job.pk)
    assert not AuditEntry.objects.filter(action="import.cancel").exists()


def test_by_two_people_at_once_is_once(ready: Import, store: Store, manager: User) -> None:
    other = UserFactory()
    job = imports.start_commit(imported=ready, by=manager)
    start, outcomes = threading.Barrier(2), []

    def press(person: User) -> None:
        start.wait(30)
        outcomes.append(cancel(Import.objects.select_related("store").get(pk=ready.pk), person))

    threads = [beside(lambda person=person: press(person)) for person in (manager, other)]
    for thread in threads:
        thread.join()

    assert outcomes == ["cancelled", "cancelled"]  # of the second: it was so already
    assert AuditEntry.objects.filter(action="import.cancel").count() == 1
    assert nothing_is_left(ready)
    job.refresh_from_db()
    assert job.status == Job.Status.CANCELLED


@pytest.mark.parametrize(
    "state", [Status.RECEIVED, Status.CHECKING, Status.MAPPED, Status.READY, Status.COMMITTING]
)
def test_while_nothing_is_written(ready: Import, manager: User, state: str) -> None:
    Import.objects.filter(pk=ready.pk).update(status=state)

    assert cancel(ready, manager) == "cancelled"

    assert nothing_is_left(ready)
    assert (ready.cancelled_by, ready.file_name, len(ready.sha256)) == (manager, "orders.csv", 64)


@pytest.mark.parametrize("state", [Status.DONE, Status.REFUSED, Status.UNDOING, Status.UNDONE])
def test_what_ended_otherwise_stays(ready: Import, manager: User, state: str) -> None:
    Import.objects.filter(pk=ready.pk).update(status=state)

    assert cancel(ready, manager) == state

    ready.refresh_from_db()
    assert (ready.status, bool(ready.file)) == (state, True)


def test_a_check_that_was_put_down_does_not_begin(ready: Import, manager: User) -> None:
    job = imports.start_check(imported=ready, by=manager)
    cancel(ready, manager)

    assert engine.run_all() == 0

    job.refresh_from_db()
    assert job.status == Job.Status.CANCELLED
    assert nothing_is_left(ready)
    with pytest.raises(imports.ImportRefused):
        imports.start_commit(imported=ready, by=manager)


def test_a_refusal_that_comes_after_it_changes_nothing(ready: Import, manager: User) -> None:
    stale = Import.objects.get(pk=ready.pk)
    cancel(ready, manager)

    imports.mark_refused(imported=stale, refused=FileRefused("broken_file"))

    assert nothing_is_left(ready)
    assert ready.refusal == ""


def test_the_same_file_again_is_a_new_import(
    ready: Import, manager: User, store: Store, export: Write
) -> None:
    cancel(ready, manager)

    with export(order()).open("rb") as file:
        again, new = imports.receive_upload(file=file, file_name="orders.csv", store=store, by=manager)
    imports.start_check(imported=again, by=manager)
    engine.run_all()
    imports.start_commit(imported=again, by=manager)
    engine.run_all()

    assert (new, again.repeats, Visit.objects.count()) == (True, None, 1)
