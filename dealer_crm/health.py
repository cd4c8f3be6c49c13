"""``python -m dealer_crm.health web|beat``: what a container's health check asks, with nothing but Python at hand."""

from __future__ import annotations

import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

# Beat writes its schedule down every three minutes at the latest.
BEAT_SILENCE = 600


def web() -> bool:
    """The database answers through the web server; asked as the proxy would ask."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    request = urllib.request.Request(
        f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/health/",
        headers={"Host": host, "X-Forwarded-Proto": "https"},
    )
    try:
        with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310  # our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def beat() -> bool:
    folder = Path(os.environ.get("VAR_DIR", "var"))
    written = [path.stat().st_mtime for path in folder.glob("celerybeat-schedule*")]
    return bool(written) and time.time() - max(written) < BEAT_SILENCE


def main(arguments: list[str]) -> int:
    checks = {"web": web, "beat": beat}
    if len(arguments) != 1 or arguments[0] not in checks:
        print("usage: python -m dealer_crm.health web|beat", file=sys.stderr)  # noqa: T201
        return 2
    return 0 if checks[arguments[0]]() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
