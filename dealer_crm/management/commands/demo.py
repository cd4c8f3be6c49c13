from __future__ import annotations

import fcntl
import logging
import os
import socket
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils import timezone

from dealer_crm.demo import processes, state
from dealer_crm.demo.logins import one_per_role
from dealer_crm.demo.prepare import prepare


class Command(BaseCommand):
    help = "Prepare the demo group where it is missing, then run web server, worker and beat until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
        parser.add_argument("--reset", action="store_true", help="make the demo group anew")
        parser.add_argument(
            "--prepare-only", action="store_true", help="stop before the programs are started"
        )

    def handle(self, *, port: int, reset: bool, prepare_only: bool, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo does not run with DJANGO_ENV=production: its passwords are public.")
        logging.getLogger().setLevel(logging.WARNING)
        lock = _sole_demo()
        if not prepare_only:
            _require_free(port)
        try:
            self._bring_data(reset)
        except KeyboardInterrupt:
            self.stderr.write("\nInterrupted: the next make demo starts afresh.")
            sys.exit(130)
        if not prepare_only:
            self._run(port)
        lock.close()

    def _run(self, port: int) -> None:
        connections.close_all()
        status = processes.run(
            processes.commands(port=port),
            port=port,
            environment=_environment(),
            when_up=lambda: self._greet(port),
        )
        sys.exit(status)

    def _bring_data(self, reset: bool) -> None:
        folder = settings.VAR_DIR / "demo"
        found = state.state()
        if found is state.State.FOREIGN:
            raise CommandError(
                "This database holds stores that the demo did not make; the demo leaves it alone."
                " Choose another one with DATABASE_URL or VAR_DIR."
            )
        if found is state.State.HALF or (reset and found is state.State.READY):
            state.wipe(folder)
            found = state.State.EMPTY
        if found is state.State.EMPTY:
            prepare(folder=folder, today=timezone.localdate(), tell=self._tell)
        elif not _succeeds("migrate", check_unapplied=True):
            self._tell("The program is newer than its data; bringing the tables up to date ...")
            call_command("migrate", verbosity=0, interactive=False)
        self._mention_age()

    def _mention_age(self) -> None:
        made = state.ready_at()
        if made and timezone.localdate(made) < timezone.localdate():
            self._tell(
                f"The demo group was made on {timezone.localdate(made)}; make demo-reset makes it anew."
            )

    def _tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _greet(self, port: int) -> None:
        rows = [
            f"  {p['role']:<11} {p['username']:<13} {p['password']:<16} {p['store']}" for p in one_per_role()
        ]
        lines = ["", f"Dealer CRM runs on http://127.0.0.1:{port}/", "", *rows, "", "Ctrl-C stops it.", ""]
        self._tell("\n".join(lines))
        connections.close_all()


def _succeeds(command: str, **options: Any) -> bool:
    """Whether a command that answers by its exit status says yes."""
    try:
        call_command(command, verbosity=0, **options)
    except SystemExit:
        return False
    return True


def _environment() -> dict[str, str]:
    static = settings.VAR_DIR / "static"  # empty: files are served from where they are
    static.mkdir(parents=True, exist_ok=True)
    return {
        **os.environ,
        "HASHED_STATIC": "off",
        "STATIC_ROOT": str(static),
        "CHARTS_MODE": "local",
        "PYTHONUNBUFFERED": "1",
        # In a container everybody is root, and the demo listens on this machine only.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
    }


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(f"Port {port} is in use; choose another one: PORT=8100 make demo") from error


def _sole_demo() -> IO[str]:
    """A lock held as long as the demo lives: two of them would share one broker and one database."""
    path: Path = settings.VAR_DIR / "demo.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.open("w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise CommandError(f"A demo is already running in {settings.VAR_DIR}; stop it first.") from error
    return lock
