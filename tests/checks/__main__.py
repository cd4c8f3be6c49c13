"""make check: every check, even after one has failed; a line for each, and the output of those that failed."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from json import dumps
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


class Check(NamedTuple):
    title: str
    command: list[str]
    environment: dict[str, str] = {}


def checks(folder: Path) -> list[Check]:
    development = {
        "DJANGO_ENV": "development",
        "DATABASE_URL": f"sqlite:///{folder}/check.sqlite3",
        "REDIS_URL": "",
        "VAR_DIR": str(folder),
    }
    python = sys.executable
    manage = [python, "manage.py"]
    found = [
        Check("style", [str(BIN / "ruff"), "check", "--quiet", "."]),
        Check("format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
        Check("types", [str(BIN / "mypy"), "."], development),
        Check("import direction", [str(BIN / "lint-imports")], {**development, "PYTHONPATH": str(ROOT)}),
        Check("system checks", [*manage, "check", "--fail-level", "WARNING"], development),
        Check("migrations complete", [*manage, "makemigrations", "--check", "--dry-run"], development),
        Check("templates valid", [python, "-m", "tests.checks.templates"], development),
        Check("translations complete", [python, "-m", "tests.checks.translations"]),
        Check("shell scripts", ["bash", "-n", ".ci/run"]),
        Check("deployment", [*manage, "check", "--deploy", "--fail-level", "WARNING"], production(folder)),
    ]
    if has_compose():
        found.append(
            Check("docker compose", ["docker", "compose", "config", "--quiet"], compose_environment())
        )
    return found


def production(folder: Path) -> dict[str, str]:
    """A production environment as it should be, with fresh secrets."""
    key, index = (b64encode(secrets.token_bytes(32)).decode() for _ in range(2))
    return {
        "DJANGO_ENV": "production",
        "DEBUG": "off",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "crm.example.com",
        "FIELD_KEYS": dumps({"current": "k1", "keys": {"k1": key}, "index": index}),
        "DATABASE_URL": f"sqlite:///{folder}/check.sqlite3",
        "REDIS_URL": "",
        "VAR_DIR": str(folder),
    }


def compose_environment() -> dict[str, str]:
    return dict.fromkeys(
        ("SECRET_KEY", "FIELD_KEYS", "ALLOWED_HOSTS", "POSTGRES_PASSWORD", "DATABASE_PASSWORD"),
        "for-the-check-only",
    )


def has_compose() -> bool:
    """True where docker knows compose; neither needs its engine to judge the file."""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0


def main() -> int:
    failed = []
    with tempfile.TemporaryDirectory(prefix="dealer-crm-check-") as name:
        for check in checks(Path(name)):
            began = time.monotonic()
            done = subprocess.run(
                check.command,
                cwd=ROOT,
                env={**os.environ, **check.environment},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            good = done.returncode == 0
            print(
                f"{'ok    ' if good else 'FAILED'}  {check.title} ({time.monotonic() - began:.0f} s)",
                flush=True,
            )
            if not good:
                failed.append(check.title)
                print(done.stdout, flush=True)
    if not has_compose():
        print("        docker compose: not run, docker has no compose here")
    if failed:
        print(f"Failed: {', '.join(failed)}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
