"""Starting, keeping and stopping the demo's programs."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Each program notes its process id and the one of a child of its own, which would be the orphan.
PROGRAM = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with open(sys.argv[1], "a") as notes:
    notes.write(f"{os.getpid()} {child.pid}\\n")
time.sleep(600)
"""

DEMO = """
import os, sys
from dealer_crm.demo import processes
programs = {
    "web": f"exec {sys.executable} -m http.server {sys.argv[2]} --bind 127.0.0.1",
    "worker": f"exec {sys.executable} {sys.argv[3]} {sys.argv[1]}",
}
sys.exit(processes.run(programs, port=int(sys.argv[2]), environment=dict(os.environ), when_up=lambda: None))
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # the second where it ends between opening and reading
        return False


def _eventually(holds: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.05)


class Running:
    def __init__(self, folder: Path) -> None:
        self.notes = folder / "notes"
        self.port = _free_port()
        program, demo = folder / "program.py", folder / "demo.py"
        program.write_text(textwrap.dedent(PROGRAM))
        demo.write_text(textwrap.dedent(DEMO))
        self.process = subprocess.Popen(
            [sys.executable, str(demo), str(self.notes), str(self.port), str(program)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        _eventually(lambda: len(self.pids()) >= 2)

    def pids(self) -> list[int]:
        if not self.notes.exists():
            return []
        return [int(word) for word in self.notes.read_text().split()]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    demo = Running(tmp_path)
    yield demo
    if demo.process.poll() is None:
        demo.process.terminate()
    demo.process.communicate(timeout=10)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything(running: Running, number: signal.Signals) -> None:
    pids = running.pids()

    running.process.send_signal(number)

    assert running.process.wait(timeout=15) == 0
    _eventually(lambda: not any(_alive(pid) for pid in pids))


def test_ctrl_c_at_the_terminal_reaches_the_whole_group(running: Running) -> None:
    pids = running.pids()

    os.killpg(running.process.pid, signal.SIGINT)

    assert running.process.wait(timeout=15) == 0
    _eventually(lambda: not any(_alive(pid) for pid in pids))


def test_a_killed_program_is_started_again_without_its_old_children(running: Running) -> None:
    first, orphan = running.pids()

    os.kill(first, signal.SIGKILL)

    _eventually(lambda: len(running.pids()) == 4)
    assert not _alive(orphan)
    assert running.process.poll() is None
    assert all(_alive(pid) for pid in running.pids()[2:])


def test_nothing_outlives_a_killed_demo(running: Running) -> None:
    pids = running.pids()

    running.process.kill()

    _eventually(lambda: not any(_alive(pid) for pid in pids))


def test_a_program_that_cannot_start_ends_the_demo(tmp_path: Path) -> None:
    code = textwrap.dedent(
        """
        import os, sys
        from dealer_crm.demo import processes
        processes.MOST_STARTS = 2
        programs = {"web": "echo no such thing; exit 3"}
        sys.exit(processes.run(programs, port=1, environment=dict(os.environ), when_up=lambda: None))
        """
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )

    assert ended.returncode == 3
    assert ended.stdout.count("no such thing") == 2
    assert "starting it again" in ended.stdout
