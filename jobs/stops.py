"""Asking a worker to stop while it holds the only lock by which one could write that down.

On SQLite a long transaction keeps everybody else from writing, the one who wants to cancel it too. So the wish stands
in a file until the row is free; the row alone decides what becomes of the job. A worker that finds the wish rolls back.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

# Whoever wished it has had the lock or given up by then: a wish left behind by a killed process stops nothing.
SECONDS = 60


@contextmanager
def asked(job_ids: Iterable[int]) -> Iterator[None]:
    """While the block runs, the jobs' workers are asked to stop."""
    paths = [_path(job_id) for job_id in job_ids]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    try:
        yield
    finally:
        for path in paths:
            path.unlink(missing_ok=True)


def is_asked(job_id: int) -> bool:
    try:
        return time.time() - _path(job_id).stat().st_mtime < SECONDS
    except FileNotFoundError:
        return False


def _path(job_id: int) -> Path:
    return Path(settings.VAR_DIR) / "stops" / str(job_id)
