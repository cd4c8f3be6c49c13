"""Real worker processes, killed and confused: nothing is lost, nothing happens twice."""

from __future__ import annotations

import logging
import os
import signal
import time
from pathlib import Path

import pytest
from celery import current_app
from django.utils import timezone

from jobs import doorbell, services
from jobs.models import Job
from staff.models import AuditEntry
from tests.jobs.fleet import LEASE_SECONDS, Fleet, wait_until

logger = logging.getLogger(__name__)


def effects(name: str) -> int:
    return AuditEntry.objects.filter(action="test.effect", detail__name=name).count()


def ended(job: Job) -> Job | None:
    job.refresh_from_db()
    return None if job.is_open else job


def swept(job: Job) -> Job | None:
    """As beat does, only more often."""
    services.sweep(now=timezone.now())
    return ended(job)


def put(kind: str = "test.write", key: str = "", **arguments: object) -> Job:
    return services.enqueue(kind=kind, key=key or f"{kind}:{arguments}", arguments=arguments)


def test_worker_killed_in_the_middle_is_taken_over(fleet: Fleet, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    first, second = fleet.start(2)
    job = put("test.once", name="killed", gate=str(gate))
    [[_, _, parent]] = wait_until(lambda: fleet.starts(job.pk), what="the job began")
    victim = first if first.pid == parent else second
    fleet.kill(victim)
    killed_at = time.monotonic()
    gate.touch()

    wait_until(lambda: swept(job), what="the other worker finished it")

    logger.info("taken over %.1f s after the kill, lease %d s", time.monotonic() - killed_at, LEASE_SECONDS)
    assert (job.status, job.attempts, effects("killed"), len(fleet.starts(job.pk))) == ("done", 2, 1, 2)


def test_killed_pool_child_is_taken_over(fleet: Fleet, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    fleet.start(1)
    job = put("test.once", name="child", gate=str(gate))
    [[_, child, _]] = wait_until(lambda: fleet.starts(job.pk), what="the job began")
    os.kill(child, signal.SIGKILL)
    gate.touch()

    wait_until(lambda: swept(job), what="a new child finished it")

    assert (job.status, job.attempts, effects("child")) == ("done", 2, 1)


def test_emptied_broker_loses_nothing(fleet: Fleet) -> None:
    jobs = [put(name=f"row{number}") for number in range(6)]
    assert fleet.broker.waiting() == 6
    fleet.broker.empty()
    fleet.start(1)

    for job in jobs:
        wait_until(lambda job=job: swept(job), what=f"{job} done")

    assert [effects(f"row{number}") for number in range(6)] == [1] * 6


def test_three_deliveries_make_one_effect(fleet: Fleet) -> None:
    job = put(name="thrice", seconds=0.3)
    doorbell.ring([job, job])
    assert fleet.broker.waiting() == 3
    fleet.start(2)

    wait_until(lambda: ended(job), what="done")
    wait_until(lambda: fleet.broker.waiting() == 0, what="every message read")
    last = put(name="behind the copies")
    wait_until(lambda: ended(last), what="done")

    assert (effects("thrice"), job.attempts, len(fleet.starts(job.pk))) == (1, 1, 1)


def test_poison_fails_after_its_attempts_while_others_go_on(fleet: Fleet) -> None:
    fleet.start(1)
    poison = services.enqueue(kind="test.poison", key="poison", max_attempts=2)
    wait_until(lambda: fleet.starts(poison.pk), what="the poison was taken")
    others = [put(name=f"healthy{number}") for number in range(3)]
    put_at = time.monotonic()
    for job in others:
        wait_until(lambda job=job: swept(job), what=f"{job} done")
    delay = time.monotonic() - put_at

    wait_until(lambda: swept(poison), what="the poison was given up")

    logger.info("others done %.1f s after they were put down", delay)
    assert delay < 15  # seconds at rest; the machine may be busy
    assert (poison.status, poison.attempts, poison.failure) == ("failed", 2, "lost")
    assert len(fleet.starts(poison.pk)) == 2
    assert [job.status for job in others] == ["done"] * 3


def test_message_for_a_kind_nobody_knows_harms_nothing(fleet: Fleet) -> None:
    current_app.send_task("test.unheard_of", args=[1], connection=doorbell._connection())
    fleet.start(1)
    job = put(name="after the unknown")

    wait_until(lambda: ended(job), what="done")

    assert effects("after the unknown") == 1


@pytest.mark.parametrize("fleet", ["folder"], indirect=True)
def test_half_a_message_does_not_end_the_worker(fleet: Fleet) -> None:
    [worker] = fleet.start(1)
    messages = fleet.root / "broker" / "messages"
    (messages / "1_torn.default.msg").write_bytes(b'{"body": "W1')
    wait_until(lambda: fleet.broker.waiting() == 0, what="the torn message was read")
    job = put(name="after the torn one")

    wait_until(lambda: ended(job), what="done")

    assert worker.poll() is None
