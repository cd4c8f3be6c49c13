"""Imports at the same moment, and workers killed in the middle of one."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from customers.dms.write import lock
from customers.models import Customer, Import, ImportChange, Vehicle, Visit
from customers.services import imports
from jobs.models import Job
from staff.models import Store
from tests.customers.imports.conftest import Write, order
from tests.customers.imports.dump import dump

KILLS = 20
ROWS = 600


def rows(first: int, last: int) -> list[dict[str, str]]:
    return [
        order(
            工单号=f"WX{n}",
            车牌号=f"粤B{10000 + n % 400}",
            VIN="",
            客户名称=f"车主{n % 300}",
            联系电话=f"138{n % 300:08d}",
            开单日期=f"2026-0{1 + n % 5}-1{n % 9}",
            地址=f"深圳市{n % 300}号",
            实收金额=f"{100 + n}.50",
        )
        for n in range(first, last)
    ]


def command(path: Path) -> list[str]:
    return [sys.executable, "manage.py", "import_dms", str(path), "--store", "GB", "--json"]


@pytest.mark.django_db(transaction=True)
def test_uploads_at_the_same_moment_add_each_visit_once(
    program_environment: dict[str, str], store: Store, export: Write
) -> None:
    """The same file twice and one that overlaps it, with new owners and cars in all of them."""
    whole, part = export(*rows(0, 400), name="whole.csv"), export(*rows(200, 600), name="part.csv")

    running = [
        subprocess.Popen(
            command(path),
            cwd=settings.BASE_DIR,
            env=program_environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for path in (whole, part, whole)
    ]
    outputs = [process.communicate(timeout=120) for process in running]

    assert [process.returncode for process in running] == [0, 0, 0], [
        error.decode()[-2000:] for _, error in outputs
    ]
    reports = [json.loads(out) for out, _ in outputs]
    assert sum(report["created"].get("visits", 0) for report in reports) == Visit.objects.count() == 600
    assert (Customer.objects.count(), Vehicle.objects.count()) == (300, 400)
    assert [report["changed"].get("visits", 0) for report in reports] == [0, 0, 0]


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_all_or_nothing_and_the_job_goes_on(
    program_environment: dict[str, str], store: Store, export: Write
) -> None:
    dice = random.Random(7)
    imported, job = _ready_job(export(*rows(0, ROWS)), store)
    worker = _Worker({**program_environment, "JOB_LEASE_SECONDS": "2", "VAR_DIR": str(settings.VAR_DIR)})
    # The second time, when nothing is done for the first time: deaths are to come in the midst of the work.
    worker.run(job)
    _start_over(imported, job)
    whole = worker.run(job)
    full = dump()
    assert Visit.objects.count() == ROWS
    moments: list[str] = []
    for _ in range(KILLS):
        _start_over(imported, job)
        worker.run(job, kill_after=dice.uniform(0.02, whole))
        # PostgreSQL finishes the COMMIT of a client that died asking for it: what it holds says when.
        with transaction.atomic():
            lock()
        job.refresh_from_db()
        imported.refresh_from_db()
        moments.append(job.status)
        if job.status == Job.Status.DONE:
            assert (imported.status, dump() == full) == (Import.Status.DONE, True)
            continue
        assert (imported.status, Visit.objects.count(), Customer.objects.count()) == ("committing", 0, 0)
        assert not ImportChange.objects.exists()

        Job.objects.filter(pk=job.pk, status=Job.Status.RUNNING).update(
            leased_until=timezone.now() - timedelta(seconds=1)
        )
        worker.run(job)

        job.refresh_from_db()
        assert (job.status, dump() == full) == (Job.Status.DONE, True)
    worker.end()
    assert moments.count("running") > KILLS // 2, "most deaths were in the midst of the work"


class _Worker:
    """A process that gives every job a child of its own to die with."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.customers.imports.worker"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, job: Job, kill_after: float | None = None) -> float:
        """Run the job, killed with its children after so many seconds; how long it worked."""
        told, work = self._process.stdout, self._process.stdin
        assert told is not None
        assert work is not None
        work.write(f"{job.pk}\n")
        work.flush()
        begins, pid = told.readline().split()
        assert begins == "begins"
        began = time.monotonic()
        if kill_after is not None and not select.select([told], [], [], kill_after)[0]:
            os.killpg(int(pid), signal.SIGKILL)
        assert told.readline() == "ended\n"
        return time.monotonic() - began

    def end(self) -> None:
        self._process.communicate(timeout=30)
        assert self._process.returncode == 0


def _ready_job(path: Path, store: Store) -> tuple[Import, Job]:
    with path.open("rb") as file:
        imported, _ = imports.receive_upload(file=file, file_name=path.name, store=store, by=None)
    Import.objects.filter(pk=imported.pk).update(status=Import.Status.READY)
    imported.refresh_from_db()
    return imported, imports.start_commit(imported=imported, by=None)


def _start_over(imported: Import, job: Job) -> None:
    """The moment before the job began, with an empty database."""
    from customers.models import NameGram, Ownership, Phone, RawRows, StoreCustomer

    ImportChange.objects.all().delete()
    RawRows.objects.all().delete()
    imported.rows.all().delete()
    for model in (Visit, Ownership, Vehicle, Phone, NameGram, StoreCustomer, Customer):
        model._default_manager.all().delete()
    Import.objects.filter(pk=imported.pk).update(status=Import.Status.COMMITTING)
    Job.objects.exclude(pk=job.pk).delete()
    Job.objects.filter(pk=job.pk).update(
        status=Job.Status.QUEUED, attempts=0, lease=None, leased_until=None, finished_at=None
    )
