"""How fast an import is, beside a bare COPY and a plain django-import-export resource.

    python -m tests.bench.bench_import [--rows 200000] [--existing 300000]

Works in a database of its own on the server of DATABASE_URL, thrown away afterwards. Each step runs in a process of
its own, so that its processor time and its peak memory are its own; on PostgreSQL the server's time is added.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import dealer_crm  # noqa: F401  (chooses the SQLite library)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dealer_crm.settings")

TODAY = date(2026, 6, 12)
RESOURCE_ROWS = 2000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--existing", type=int, default=300_000)
    parser.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        run_step(*options.step)
        return
    with tempfile.TemporaryDirectory(prefix="bench-import-") as folder:
        compare(Path(folder), options.rows, options.existing)


def compare(folder: Path, rows: int, existing: int) -> None:
    from tests.bench import exports

    cars = existing // 5
    fleet, tenth = cars + cars // 10, rows // 10
    history = folder / "history.csv"
    exports.write_csv(history, exports.rows(existing, first=0, cars=cars, begins=date(2023, 1, 1)))
    files: dict[tuple[str, int], str] = {}
    for kind, write in (("CSV", exports.write_csv), ("xlsx", exports.write_xlsx)):
        for count in (tenth, rows):
            path = folder / f"{count}.{kind}"
            write(path, exports.rows(count, first=existing, cars=fleet, begins=date(2024, 9, 1)))
            files[kind, count] = str(path)
    environment = own_database(folder)
    is_postgresql = environment["DATABASE_URL"].startswith("postgres")
    ask = Asker(environment)
    ask("create")
    say(f"{rows:,} rows into {existing:,} visits, {environment['DATABASE_URL'].partition(':')[0]}")
    say(f"{'':34}{'rows/s':>9}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}")
    try:
        ask.show(f"history, {existing:,} rows", existing, "import", str(history))
        small = {}
        for kind in ("CSV", "xlsx"):
            small[kind] = ask.show(f"importer, {kind}, {tenth:,} rows", tenth, "import", files[kind, tenth])
            ask.show("  taken back", tenth, "undo")
        ask("settle")
        csv = ask.show("importer, CSV", rows, "import", files["CSV", rows])
        say_steps(csv)
        # Once before and once after the others: the machine is not the same at every moment.
        copies = [ask.show("bare COPY of these visits", rows, "copy")] if is_postgresql else []
        again = ask.show("importer, the same file again", rows, "import", files["CSV", rows])
        resource_ = ask.show(f"ModelResource, use_bulk, {RESOURCE_ROWS:,} rows", RESOURCE_ROWS, "resource")
        if is_postgresql:
            copies.append(ask.show("bare COPY of these visits", rows, "copy"))
        ask("undo")  # of the second, which wrote nothing
        ask.show("  the first taken back", rows, "undo")
        ask("settle")
        xlsx = ask.show("importer, xlsx", rows, "import", files["xlsx", rows])
        say_steps(xlsx)
    finally:
        ask("drop")
    say(f"{'':52}{'wall':>8}{'CPU':>8}")
    for kind, found in (("CSV", csv), ("xlsx", xlsx)):
        say_ratios(kind, found, copies, _of_all(resource_, rows / RESOURCE_ROWS))
        peaks = f"{small[kind]['peak_mb']:.0f}, {found['peak_mb']:.0f}"
        say(f"{kind}: peak MB at {tenth:,} and {rows:,} rows, asked 300 and flat: {peaks}")
    ratio(f"again / first, asked 0.5 and 0 rows; {again['written']} rows", again, csv)


def say_ratios(
    kind: str, found: dict[str, Any], copies: list[dict[str, Any]], resource_: dict[str, float]
) -> None:
    if copies:
        copy = {unit: sum(each[unit] for each in copies) / len(copies) for unit in ("wall", "cpu")}
        ratio(f"{kind}: writing / bare COPY, asked 1.3", found["write"], copy)
        ratio(f"{kind}: reading to commit / bare COPY, asked 2", found, copy)
    ratio(f"{kind}: ModelResource / reading to commit, asked 25", resource_, found)


def _of_all(found: dict[str, Any], times: float) -> dict[str, float]:
    return {unit: found[unit] * times for unit in ("wall", "cpu")}


def ratio(label: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    say(f"{label:52}{one['wall'] / other['wall']:8.2f}{one['cpu'] / other['cpu']:8.2f}")


def say_steps(found: dict[str, Any]) -> None:
    steps = ", ".join(f"{step} {seconds:.1f} s" for step, seconds in found["seconds"].items())
    say(
        f"  {steps}; written with {found['write']['cpu']:.1f} s CPU; vacuum afterwards {found['vacuum']:.1f} s"
    )


def own_database(folder: Path) -> dict[str, str]:
    """The environment of the steps."""
    url = os.environ.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        url = urlunsplit(urlsplit(url)._replace(path=f"/bench_import_{os.getpid()}"))
    else:
        url = f"sqlite:///{folder / 'bench.sqlite3'}"
    return {**os.environ, "DATABASE_URL": url, "VAR_DIR": str(folder / "var"), "LOG_LEVEL": "WARNING"}


class Asker:
    """Runs steps in processes."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment

    def __call__(self, *step: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "tests.bench.bench_import", "--step", *step]
        done = subprocess.run(command, env=self._environment, stdout=subprocess.PIPE, check=True)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def show(self, label: str, rows: int, *step: str) -> dict[str, Any]:
        found = self(*step)
        rate = rows / found["wall"]
        say(f"{label:34}{rate:9,.0f}{found['wall']:9.1f}{found['cpu']:9.1f}{found['peak_mb']:9.0f}")
        return found


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # the report


def run_step(name: str, *arguments: str) -> None:
    """One step, in its own process; a JSON object on standard output."""
    import django

    if name in ("create", "drop"):
        server_database(name)
        if name == "drop":
            say("{}")
            return
    django.setup()
    steps = {
        "create": create,
        "import": import_file,
        "undo": take_back,
        "settle": settle,
        "copy": bare_copy,
        "resource": plain_resource,
    }
    from django.db import connection

    connection.ensure_connection()
    with Meter() as whole:
        found = steps[name](*arguments) or {}
    found = {"wall": whole.wall, "cpu": whole.cpu, **found}
    own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    found["peak_mb"] = max(usage.ru_maxrss for usage in own) / 1024
    say(json.dumps(found))


def server_database(step: str) -> None:
    url = os.environ["DATABASE_URL"]
    if not url.startswith("postgres"):
        return
    import psycopg2

    server = psycopg2.connect(urlunsplit(urlsplit(url)._replace(path="/postgres")))
    server.autocommit = True
    name = urlsplit(url).path.removeprefix("/")
    with server.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        if step == "create":
            cursor.execute(f"CREATE DATABASE {name}")
    server.close()


class Meter:
    """Wall clock, and processor time of this process, its children and its server process."""

    def __enter__(self) -> Meter:
        self._began, self._cpu = time.monotonic(), _processor_seconds()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall, self.cpu = time.monotonic() - self._began, _processor_seconds() - self._cpu


def _processor_seconds() -> float:
    from django.db import connection

    own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = sum(usage.ru_utime + usage.ru_stime for usage in own)
    if connection.vendor != "postgresql":
        return seconds
    try:
        stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text("ascii")
    except OSError:  # the server runs elsewhere
        return seconds
    fields = stat.rpartition(")")[2].split()
    return seconds + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def create() -> None:
    from django.core.management import call_command

    from staff.models import Membership, Role, Store, User

    call_command("migrate", verbosity=0, interactive=False)
    store = Store.objects.create(code="GB", name="广邦店")
    for number in range(12):
        user = User.objects.create(username=f"a{number}", full_name=f"顾问{number}")
        Membership.objects.create(user=user, store=store, role=Role.ADVISOR)


def import_file(path: str) -> dict[str, Any]:
    from customers.services.imports import import_now, runs
    from staff.models import Store

    began: list[float] = []

    def progress(step: str, done: int, total: int) -> None:
        if step == "customers" and not began:
            began.append(_processor_seconds())

    # What comes behind the commit is told apart.
    tidy, runs.tidy = runs.tidy, lambda counts: None
    with Meter() as meter:
        imported, outcome = import_now(
            path=Path(path), store=Store.objects.get(), today=TODAY, progress=progress
        )
    written = _processor_seconds() - began[0]
    with Meter() as after:
        tidy(outcome.counts)
    seconds = imported.seconds
    return {
        "wall": meter.wall,
        "cpu": meter.cpu,
        "seconds": seconds,
        "write": {"wall": seconds["write"] + seconds["commit"], "cpu": written},
        "vacuum": after.wall,
        "written": outcome.counts.written,
    }


def take_back() -> None:
    from django.utils import timezone

    from customers.dms.undo import undo
    from customers.models import Import

    newest = Import.objects.finished().order_by("-pk").first()
    assert newest is not None
    undo(imported=newest, now=timezone.now())


def settle() -> None:
    """The tables as if nothing had been written and taken back, as those are that the bare COPY fills."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM (FULL, ANALYZE)")
            cursor.execute("CHECKPOINT")
        else:
            cursor.execute("VACUUM")


def bare_copy() -> dict[str, Any]:
    """The newest import's visits once more, straight into a copy of the table with its indexes and foreign keys."""
    from django.db import connection, transaction

    from customers.models import Visit

    with connection.cursor() as cursor, tempfile.TemporaryFile() as file:
        cursor.execute("SELECT MAX(id) FROM customers_import WHERE counts -> 'created' ? 'visits'")
        [newest] = cursor.fetchone()
        cursor.execute(
            "SELECT MIN(first_pk), MAX(last_pk) FROM customers_importchange"
            " WHERE imported_id = %s AND model = 'visit' AND created",
            [newest],
        )
        first, last = cursor.fetchone()
        columns = ", ".join(field.column for field in Visit._meta.concrete_fields)
        cursor.copy_expert(
            # In the file's order, as whoever had nothing but COPY would bring them.
            f"COPY (SELECT {columns} FROM customers_visit WHERE id BETWEEN {first} AND {last} ORDER BY order_no)"
            " TO STDOUT",
            file,
        )
        cursor.execute("CREATE TABLE bench_visit (LIKE customers_visit INCLUDING ALL)")
        cursor.execute(f"INSERT INTO bench_visit SELECT * FROM customers_visit WHERE id < {first}")
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = 'customers_visit'::regclass AND contype = 'f'"
        )
        for [definition] in cursor.fetchall():
            cursor.execute(f"ALTER TABLE bench_visit ADD {definition}")
        cursor.execute("VACUUM ANALYZE bench_visit")
        cursor.execute("CHECKPOINT")
        file.seek(0)
        with Meter() as meter, transaction.atomic():
            cursor.copy_expert(f"COPY bench_visit ({columns}) FROM STDIN", file)
        cursor.execute("DROP TABLE bench_visit")
    return {"wall": meter.wall, "cpu": meter.cpu}


def _index_vins() -> None:
    """A plain project has a plain one: SQLite uses ours only where a query repeats its condition."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX bench_vin ON customers_vehicle (vin)")


def plain_resource() -> dict[str, Any]:
    """What a project without an importer would write: a resource over visits, looked up by store and number."""
    import tablib
    from django.db import transaction
    from import_export import fields, resources, widgets

    from customers.models import Customer, Vehicle, Visit
    from staff.models import Store

    class VisitResource(resources.ModelResource):
        store = fields.Field("store", "store", widgets.ForeignKeyWidget(Store, "code"))
        vehicle = fields.Field("vehicle", "vehicle", widgets.ForeignKeyWidget(Vehicle, "vin"))
        customer = fields.Field("customer", "customer", widgets.ForeignKeyWidget(Customer, "id"))

        class Meta:
            model = Visit
            use_bulk = True
            batch_size = 1000
            skip_diff = True
            import_id_fields = ("store", "order_no")
            fields = (
                "store",
                "order_no",
                "vehicle",
                "customer",
                "visited_on",
                "kind",
                "paid_fen",
                "odometer_km",
            )

    visits = Visit.objects.order_by("-pk").select_related("vehicle", "store")[:RESOURCE_ROWS]
    data = tablib.Dataset(headers=VisitResource.Meta.fields)
    for visit in visits:
        number = f"{visit.order_no}-R"
        car, owner = visit.vehicle.vin, visit.customer_id
        day, kind, paid, km = visit.visited_on, visit.kind, visit.paid_fen, visit.odometer_km
        data.append([visit.store.code, number, car, owner, day, kind, paid, km])
    with transaction.atomic():
        _index_vins()
        with Meter() as meter:
            result = VisitResource().import_data(data, raise_errors=True)
        assert result.totals["new"] == RESOURCE_ROWS, result.totals
        transaction.set_rollback(True)
    return {"wall": meter.wall, "cpu": meter.cpu}


if __name__ == "__main__":
    main()
