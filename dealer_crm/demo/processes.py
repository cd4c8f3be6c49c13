"""The demo's processes: web, worker and beat under one roof, stopped together, started again when killed."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from honcho import manager
from honcho.process import Popen, Process

# An idle Celery worker takes six seconds to end in order.
manager.KILL_WAIT = 12
# A program that cannot stay up is broken: started this often, it ends the demo with its message.
MOST_STARTS = 5


class Group(Popen):
    """A child with its descendants: none of them outlives it, nor the demo."""

    def __init__(self, *args: Any, stopping: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._stopping = stopping
        for watch in (self._end_with_child, self._end_with_demo, self._end_on_request):
            threading.Thread(target=watch, daemon=True).start()

    def _end_with_child(self) -> None:
        # Left-over grandchildren would hold the output pipe, and the end would go unnoticed.
        self.wait()
        self._kill_group()

    def _end_with_demo(self) -> None:
        demo = multiprocessing.parent_process()
        if demo is None:
            return
        demo.join()
        self.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(timeout=5)
        self._kill_group()
        os._exit(1)  # nobody is left to read the output or to ask for another start

    def _end_on_request(self) -> None:
        while self.poll() is None:
            if self._stopping.value:
                # Only the program itself is asked: it stops its own children in order.
                self.terminate()
                return
            time.sleep(0.1)

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


class Kept(Process):
    """Runs its command again when that dies of its own, until the demo stops."""

    def __init__(self, *args: Any, stopping: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._child_ctor = partial(Group, stopping=stopping)
        self._stopping = stopping
        self._starts = 0

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            # Handled rather than ignored: what is ignored stays so in the program.
            signal.signal(number, lambda *_: None)
        while self._starts < MOST_STARTS and not self._stopping.value and _demo_lives():
            self._starts += 1
            super().run(events, ignore_signals=False)

    def _send_message(self, data: Any, type: str = "line") -> None:  # noqa: A002  (honcho's own signature)
        if type == "stop" and not self._stopping.value and self._starts < MOST_STARTS:
            name, code = self.name, data["returncode"]
            data, type = f"{name} ended ({code}); starting it again.\n".encode(), "line"  # noqa: A001
            time.sleep(self._starts - 1)
        super()._send_message(data, type)


class Askers:
    """How the demo ends its programs: asking is done beside each program, which knows its latest process."""

    def terminate(self, pid: int) -> None:
        pass

    def kill(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


class Demo(manager.Manager):
    def __init__(self) -> None:
        super().__init__()
        self._procmgr = Askers()
        # A plain shared byte: whoever waits on an Event and is killed blocks the one who sets it.
        stopping = self._stopping = multiprocessing.RawValue("b", 0)
        self._process_ctor = lambda *args, **options: Kept(*args, stopping=stopping, **options)

    def terminate(self) -> None:
        self._stopping.value = 1
        super().terminate()

    def _system_print(self, data: str) -> None:
        """Only what a person at the terminal wants to know."""
        if data.endswith("received\n"):
            # In a signal's handler the buffered output may be half-way through a line.
            os.write(1, b"\nStopping; the worker takes some seconds.\n")
        elif "started" not in data and not data.startswith("sending"):
            super()._system_print(data)


def _demo_lives() -> bool:
    demo = multiprocessing.parent_process()
    return demo is None or demo.is_alive()


def commands(*, port: int) -> dict[str, str]:
    """The three programs. ``exec``: the shell must not stand between the demo and the program."""
    python = shlex.quote(sys.executable)
    celery = f"exec {python} -m celery --quiet -A dealer_crm"
    return {
        "web": (
            f"exec {python} -m gunicorn dealer_crm.wsgi --bind 127.0.0.1:{port} --worker-class gthread"
            " --workers 2 --threads 4 --graceful-timeout 3 --log-level warning --no-control-socket"
        ),
        "worker": f"{celery} worker --concurrency 2 --loglevel WARNING --without-gossip --without-mingle",
        "beat": f"{celery} beat --loglevel WARNING --pidfile=",
    }


def run(
    programs: Mapping[str, str], *, port: int, environment: Mapping[str, str], when_up: Callable[[], None]
) -> int:
    """Run until Ctrl-C or until one of the programs cannot be kept up; return the exit status."""
    demo = Demo()
    for name, command in programs.items():
        demo.add_process(name, command, env=dict(environment))
    threading.Thread(target=_tell_when_up, args=(port, when_up), daemon=True).start()
    demo.loop()
    return 0 if demo.returncode in (130, 143) else demo.returncode or 1


def _tell_when_up(port: int, when_up: Callable[[], None]) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/", timeout=5):
                return when_up()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return None
