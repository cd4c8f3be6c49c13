"""From an empty database to a group at work: the steps of the demo's first run."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management import call_command

from dealer_crm.demo import state
from dealer_crm.demo.calling import open_demo_campaign, opened_on, work_calls
from dealer_crm.demo.care import add_care
from dealer_crm.demo.generate import write_exports
from dealer_crm.demo.group import DemoGroup, ExportFile
from dealer_crm.demo.logins import PASSWORD
from dealer_crm.demo.segments import keep_segments
from jobs.engine import run_all
from segmentation.calendar import month_ends
from segmentation.services import backfill, segment
from staff.models import Role, Store, User
from staff.services import add_store, add_user

Tell = Callable[[str], None]


def prepare(*, folder: Path, today: date, tell: Tell) -> None:
    """Make everything and leave the mark that it is complete; an interrupted run leaves none."""
    began = time.monotonic()
    with _step(tell, "Preparing the database"):
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        state.mark_begun()
    folder.mkdir(parents=True, exist_ok=True)
    with _step(tell, "Writing the stores' DMS exports"):
        group = write_exports(folder, today=today)
    with _step(tell, "Adding stores and staff"):
        add_people(group)
    for export in group.files:
        with _step(tell, f"Importing {export.path.name}"):
            report = import_file(export)
            tell(
                f"    {report['data_rows']:,} rows, {report['visits']:,} visits, {len(report['rejected'])} rejected"
            )
    with _step(tell, "Complaints, marks and cars that left"):
        add_care(group)
    with _step(tell, "Customer groups of the last six months"):
        first = opened_on(today)
        ends = month_ends(today, 6)
        backfill(month_ends=[day for day in ends if day < first] + [first])
    with _step(tell, "A campaign and its calls of the last days"):
        campaign = open_demo_campaign(today=today)
        work_calls(campaign, today=today)
    with _step(tell, "Customer groups of today"):
        for day in (*(end for end in ends if end > first), today):
            segment(as_of=day)
        run_all()
    with _step(tell, "Tags and saved segments"):
        keep_segments(today=today)
    seconds = time.monotonic() - began
    state.mark_ready(seconds=seconds)
    tell(f"The demo group is ready after {seconds:.0f} s.")


@contextmanager
def _step(tell: Tell, title: str) -> Iterator[None]:
    began = time.monotonic()
    tell(f"{title} ...")
    yield
    took = time.monotonic() - began
    if took >= 1:
        tell(f"    {took:.0f} s")


def add_people(group: DemoGroup) -> None:
    """Everyone has the same public password, so it is hashed once."""
    stores = {
        spec.code: add_store(code=spec.code, name=spec.name, address=spec.address)[0] for spec in group.stores
    }
    encoded = make_password(PASSWORD)
    for person in group.staff:
        User.objects.get_or_create(
            username=person.username, defaults={"full_name": person.full_name, "password": encoded}
        )
        roles: dict[Store, Role] = {stores[code]: Role(person.role) for code in person.stores}
        add_user(username=person.username, full_name=person.full_name, password=PASSWORD, roles=roles)


def import_file(export: ExportFile) -> dict[str, Any]:
    """Through the importer's own command, as a dealer would; returns its report."""
    out = io.StringIO()
    call_command("import_dms", str(export.path), store=export.store, json=True, stdout=out)
    report: dict[str, Any] = json.loads(out.getvalue())
    return report
