"""Two brokers, and workers that end with the test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from celery import current_app
from django.conf import settings

import tests.jobs.work  # noqa: F401  (registers the kinds)
from jobs import doorbell
from tests.jobs.fleet import LEASE_SECONDS, Fleet, FolderBroker, RedisBroker


@pytest.fixture(autouse=True)
def _listening() -> None:
    doorbell.listen_again()


def _redis_url() -> str:
    url = os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379"
    try:
        redis.Redis.from_url(url, socket_connect_timeout=1).ping()
    except redis.RedisError as error:
        if os.environ.get("REQUIRE_SERVICES") == "1":
            raise
        pytest.skip(f"no Redis at {url}: {error}")
    return url


@pytest.fixture(params=["folder", pytest.param("redis", marks=pytest.mark.services)])
def fleet(
    request: pytest.FixtureRequest, program_environment: dict[str, str], tmp_path: Path
) -> Iterator[Fleet]:
    broker = FolderBroker(tmp_path) if request.param == "folder" else RedisBroker(tmp_path, _redis_url())
    broker.empty()
    conf = current_app.conf
    before = {name: conf[name] for name in broker.conf}
    lease, sweep = settings.JOB_LEASE, settings.JOB_SWEEP
    fleet = Fleet(broker, program_environment, tmp_path)
    fleet.listen()
    settings.JOB_LEASE, settings.JOB_SWEEP = timedelta(seconds=LEASE_SECONDS), timedelta(seconds=1)
    yield fleet
    fleet.stop()
    broker.empty()
    settings.JOB_LEASE, settings.JOB_SWEEP = lease, sweep
    conf.update(before)
