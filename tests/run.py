"""The whole suite on SQLite, then on PostgreSQL with Redis where they answer. Arguments go to pytest.

REQUIRE_SERVICES=1 makes the absence of the services a failure.
"""

from __future__ import annotations

import compileall
import getpass
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import redis

from tests.checks.loc import APPS
from tests.e2e import browser

ROOT = Path(__file__).resolve().parents[1]
_CLOSING = re.compile(r"\d+ (passed|failed|errors?|deselected|skipped)\b.* in [\d.]+s|no tests ran")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def main(arguments: list[str]) -> int:
    required = os.environ.get("REQUIRE_SERVICES") == "1"
    # Tests start programs of ours by the thousand; where Python is told to keep no bytecode, each would compile them.
    for app in APPS:
        compileall.compile_dir(ROOT / app, quiet=1)
    closing, failed = [], False
    if browser.executable() is None:
        arguments = [*arguments, "-m", "not e2e"]
        closing.append("Browser tests: not run, no Chromium found (set CHROMIUM)")
        failed = required
    # Empty rather than absent: a developer's .env must not bring them back.
    sqlite = {**os.environ, "DATABASE_URL": "sqlite://:memory:", "REDIS_URL": ""}
    status, line = _pytest("SQLite", arguments, sqlite)
    closing.append(line)
    failed |= status != 0

    services, missing = _services()
    if missing:
        closing.append(f"PostgreSQL and Redis: not run, {missing}")
        failed |= required
    else:
        status, line = _pytest("PostgreSQL and Redis", arguments, {**os.environ, **services})
        closing.append(line)
        failed |= status != 0
    print("", *closing, sep="\n", flush=True)
    return int(failed)


def _pytest(title: str, arguments: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Run pytest, passing its output on; its exit status and its closing line under ``title``."""
    print(f"\n=== {title} ===", flush=True)
    colour = "--color=yes" if sys.stdout.isatty() else "--color=no"
    command = [sys.executable, "-m", "pytest", "-n", "auto", "--dist", "loadgroup", colour, *arguments]
    closing = "ended without a closing line"
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for text in process.stdout:
            sys.stdout.write(text)
            sys.stdout.flush()
            plain = _COLOURS.sub("", text).strip()
            if _CLOSING.search(plain):
                closing = plain.strip("= ")
    return process.returncode, f"{title}: {closing}"


def _services() -> tuple[dict[str, str], str]:
    """The environment of both servers, or which of them does not answer."""
    database = next((url for url in _database_urls() if _postgres_answers(url)), None)
    cache = os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/0"
    absent = []
    if database is None:
        absent.append("PostgreSQL does not answer (set DATABASE_URL)")
    if not _redis_answers(cache):
        absent.append("Redis does not answer (set REDIS_URL)")
    if absent or database is None:
        return {}, " and ".join(absent)
    return {"DATABASE_URL": database, "REDIS_URL": cache}, ""


def _database_urls() -> list[str]:
    """The one that is set, else the accounts a fresh local server usually has."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith(("postgres://", "postgresql://")):
        return [given]
    accounts = dict.fromkeys(("postgres", "postgres:postgres", getpass.getuser()))
    # The test database is made beside this one, under the name test_dealer_crm.
    return [f"postgres://{account}@127.0.0.1:5432/dealer_crm" for account in accounts]


def _postgres_answers(url: str) -> bool:
    """True where the account may sign in; the database itself need not exist, tests make their own."""
    for address in (url, urlunsplit(urlsplit(url)._replace(path="/postgres"))):
        try:
            psycopg2.connect(address, connect_timeout=3).close()
        except psycopg2.OperationalError:
            continue
        return True
    return False


def _redis_answers(url: str) -> bool:
    try:
        return bool(redis.from_url(url, socket_connect_timeout=3).ping())
    except redis.RedisError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
