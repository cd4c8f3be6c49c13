"""A broker that is away, hangs or speaks nonsense neither fails nor delays a request."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from celery import current_app
from django.db import transaction

from jobs import doorbell, services
from jobs.models import Job


@pytest.fixture
def away(request: pytest.FixtureRequest) -> Iterator[None]:
    """Celery pointed at a Redis that refuses connections, or that accepts them and says nothing."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    if request.param == "refuses":
        listener.close()
    conf = current_app.conf
    names = ("broker_url", "broker_transport", "broker_transport_options")
    before = {name: conf[name] for name in names}
    conf.update(broker_url=f"redis://127.0.0.1:{port}/0", broker_transport=None, broker_transport_options={})
    yield
    conf.update(before)
    listener.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("away", ["refuses", "hangs"], indirect=True)
def test_absent_broker_costs_less_than_a_second_and_loses_nothing(away: None) -> None:
    begun = time.monotonic()
    with transaction.atomic():
        job = services.enqueue(kind="test.write", key="a")
    first = time.monotonic() - begun
    for number in range(20):
        services.enqueue(kind="test.write", key=f"b{number}")
    others = time.monotonic() - begun - first

    assert first < 1
    assert others < 1  # after one failure the process leaves the broker alone for a while
    assert Job.objects.get(pk=job.pk).status == "queued"
    assert Job.objects.count() == 21


@pytest.mark.django_db(transaction=True)
def test_unforeseen_failure_of_the_doorbell_does_not_fail_the_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(jobs: object) -> int:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(doorbell, "ring", broken)
    with transaction.atomic():
        job = services.enqueue(kind="test.write", key="a")

    assert Job.objects.get(pk=job.pk).status == "queued"


@pytest.mark.django_db(transaction=True)
def test_nobody_hears_of_a_job_that_was_rolled_back(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[object] = []
    monkeypatch.setattr(doorbell, "ring", rung.append)

    @transaction.atomic
    def fails_in_the_end() -> None:
        services.enqueue(kind="test.write", key="a")
        raise LookupError

    with pytest.raises(LookupError):
        fails_in_the_end()

    assert rung == []
    assert not Job.objects.exists()
