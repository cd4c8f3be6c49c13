"""Real worker processes beside the test, on a database and a broker they share with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
from celery import current_app
from django.conf import settings

LEASE_SECONDS = 2


def wait_until(condition: Callable[[], Any], *, what: str, seconds: float = 30, step: float = 0.05) -> Any:
    """The first true value of ``condition``; fails saying ``what`` was awaited."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(step)
    raise AssertionError(f"not within {seconds} s: {what}")


class FolderBroker:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = {"VAR_DIR": str(root), "REDIS_URL": ""}
        folders = {name: root / "broker" / name for name in ("messages", "processed", "control")}
        for folder in folders.values():
            folder.mkdir(parents=True, exist_ok=True)
        self.conf = {
            "broker_url": "filesystem://",
            "broker_transport": "dealer_crm.folders.Transport",
            "broker_transport_options": {
                "data_folder_in": str(folders["messages"]),
                "data_folder_out": str(folders["messages"]),
                "processed_folder": str(folders["processed"]),
                "control_folder": str(folders["control"]),
                "polling_interval": 0.1,
            },
        }

    def waiting(self) -> int:
        return len(list((self.root / "broker" / "messages").glob("*.default.msg")))

    def empty(self) -> None:
        for folder in ("messages", "processed", "control"):
            for file in (self.root / "broker" / folder).iterdir():
                file.unlink(missing_ok=True)


class RedisBroker:
    # Parallel test processes must not read each other's messages; tests/isolation.py counts down from the other end.
    DATABASE = 1 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 7

    def __init__(self, root: Path, url: str) -> None:
        self.url = f"{url.rstrip('/').rsplit('/', 1)[0] if url.count('/') > 2 else url}/{self.DATABASE}"
        self.client = redis.Redis.from_url(self.url)
        self.environment = {"VAR_DIR": str(root), "REDIS_URL": self.url}
        self.conf = {
            "broker_url": self.url,
            "broker_transport": None,
            "broker_transport_options": {"visibility_timeout": 1800, "socket_timeout": 30},
        }

    def waiting(self) -> int:
        return int(self.client.llen("default"))  # type: ignore[arg-type]  # the client is not asynchronous

    def empty(self) -> None:
        self.client.flushdb()


@dataclass
class Fleet:
    broker: FolderBroker | RedisBroker
    environment: dict[str, str]
    root: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def effects(self) -> Path:
        return self.root / "starts.txt"

    def start(self, count: int = 1) -> list[subprocess.Popen[bytes]]:
        """Workers that answer; each takes one job at a time."""
        started = [self._spawn() for _ in range(count)]
        self.workers += started
        for worker in started:
            wait_until(
                lambda worker=worker: self._ready(worker), what=f"worker ready, see {self._log(worker)}"
            )
        return started

    def _spawn(self) -> subprocess.Popen[bytes]:
        environment = self.environment | self.broker.environment
        environment |= {
            "JOB_LEASE_SECONDS": str(LEASE_SECONDS),
            "EFFECTS": str(self.effects),
        }
        number = len(list(self.root.glob("worker-*.log")))
        command = [sys.executable, "-m", "celery", "-A", "tests.jobs.work", "worker", "-c", "1", "-l", "INFO"]
        command += ["-n", f"w{number}@test", "--without-gossip", "--without-mingle", "--without-heartbeat"]
        with (self.root / f"worker-{number}.log").open("wb") as log:
            worker = subprocess.Popen(
                command,
                cwd=settings.BASE_DIR,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        worker.log = Path(log.name)  # type: ignore[attr-defined]  # where to look when it fails
        return worker

    def _ready(self, worker: subprocess.Popen[bytes]) -> bool:
        text = self._log(worker).read_text()
        assert worker.poll() is None, text
        return " ready." in text

    @staticmethod
    def _log(worker: subprocess.Popen[bytes]) -> Path:
        return worker.log  # type: ignore[attr-defined]  # set by _spawn

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """kill -9 of the worker and its children, together."""
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        self.workers.remove(worker)

    def stop(self) -> None:
        for worker in list(self.workers):
            self.kill(worker)

    def starts(self, pk: int) -> list[list[int]]:
        """[job, process, its worker] for each time a handler began on the job."""
        if not self.effects.exists():
            return []
        lines = [[int(part) for part in line.split()] for line in self.effects.read_text().splitlines()]
        return [line for line in lines if line[0] == pk]

    def listen(self) -> None:
        """Point this process's Celery at the fleet's broker."""
        current_app.conf.update(self.broker.conf)
