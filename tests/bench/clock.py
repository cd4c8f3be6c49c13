"""How long and at what cost: the wall, and the processor time of whoever does the work."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds. ``server``: of the database's process; on SQLite that is this one."""

    wall: float
    server: float
    client: float

    @property
    def cpu(self) -> float:
        return self.server if connection.vendor == "sqlite" else self.server + self.client

    def times(self, factor: float) -> Cost:
        return Cost(self.wall * factor, self.server * factor, self.client * factor)


def measure(work: Callable[[], object]) -> Cost:
    wall, server, client = time.perf_counter(), _server(), time.process_time()
    work()
    return Cost(time.perf_counter() - wall, _server() - server, time.process_time() - client)


def median_of(times: int, work: Callable[[], object], *, before: Callable[[], object] = lambda: None) -> Cost:
    """The run of the median server time; ``before`` prepares each and is not counted."""
    costs = []
    for _ in range(times):
        before()
        _write_out()
        costs.append(measure(work))
    return sorted(costs, key=lambda cost: cost.server)[len(costs) // 2]


def _write_out() -> None:
    """Pages that earlier work left to write are that work's: else whoever needs their place writes them."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")


def _server() -> float:
    if connection.vendor == "sqlite":
        return time.process_time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
