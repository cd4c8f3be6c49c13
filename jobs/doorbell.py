"""Tells the broker which jobs there is work on. It may stay silent: the row is the record, the sweep rings again."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from amqp.exceptions import AMQPError
from celery import current_app
from django.db import transaction
from kombu import Connection
from kombu.exceptions import KombuError

if TYPE_CHECKING:
    from jobs.models import Job

logger = logging.getLogger(__name__)

# A page must not wait for a broker that is away or hangs.
PATIENCE = {
    "socket_connect_timeout": 0.3,
    "socket_timeout": 0.3,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "connect_retries_timeout": 0.5,
}
# After a failure this process leaves the broker alone for a while, else every save would pay for it again.
SULK_SECONDS = 10.0
_silent_until = 0.0


def ring_on_commit(job: Job) -> None:
    # robust: a doorbell that fails in an unforeseen way must not fail the request that has just committed.
    transaction.on_commit(lambda: ring([job]), robust=True)


def ring(jobs: Iterable[Job]) -> int:
    """Send each job's id; return how many were sent."""
    global _silent_until
    jobs = list(jobs)
    if not jobs or time.monotonic() < _silent_until:
        return 0
    rung = 0
    try:
        with _connection() as connection:
            for job in jobs:
                current_app.send_task(job.kind, args=[job.pk], connection=connection, retry=False)
                rung += 1
    except (KombuError, AMQPError, OSError) as error:
        _silent_until = time.monotonic() + SULK_SECONDS
        logger.warning("broker away, %d jobs wait for the sweep: %s", len(jobs) - rung, error)
    return rung


def listen_again() -> None:
    """Forget an earlier failure."""
    global _silent_until
    _silent_until = 0.0


def _connection() -> Connection:
    conf = current_app.conf
    options = {**conf.broker_transport_options, **PATIENCE}
    return Connection(
        conf.broker_write_url, transport=conf.broker_transport, transport_options=options, connect_timeout=0.3
    )
