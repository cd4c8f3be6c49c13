"""Beat starts whatever state its file was left in."""

from pathlib import Path

import pytest

from dealer_crm.celery import app
from jobs.beat import Scheduler


def started(folder: Path) -> Scheduler:
    return Scheduler(app, schedule_filename=str(folder / "celerybeat-schedule"))


@pytest.mark.parametrize("left", [0, 1, 40])
def test_a_file_that_was_cut_off_begins_anew(tmp_path: Path, left: int) -> None:
    """As when the machine stopped while it was written."""
    first = started(tmp_path)
    names = set(first.schedule)
    first.close()
    for path in tmp_path.iterdir():
        if path.suffix in ("", ".dat", ".db"):
            path.write_bytes(path.read_bytes()[:left])

    again = started(tmp_path)

    assert set(again.schedule) == names
    assert {"ring again for due jobs", "plan the night"} <= names
    again.close()


def test_a_whole_file_is_gone_on_with(tmp_path: Path) -> None:
    first = started(tmp_path)
    first.schedule["plan the night"].total_run_count = 7
    first.close()

    again = started(tmp_path)

    assert again.schedule["plan the night"].total_run_count == 7
    again.close()
