"""import_dms as scripts call it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from customers.models import Customer, Import, Vehicle, Visit
from tests.customers.imports.conftest import Run, Write, order
from tests.customers.imports.dump import dump

SAMPLES = Path(__file__).parents[1] / "dms" / "samples"
KEYS = sorted(SAMPLES.glob("*.key.json"))
FIELDS = (
    *("data_rows", "accepted_rows", "rejected", "skipped", "duplicates", "reversals", "customers"),
    *("customers_by_type", "vehicles", "visits", "visits_by_kind", "paid_by_kind", "paid_total", "warnings"),
)


@pytest.mark.parametrize("path", KEYS, ids=lambda path: path.name.removesuffix(".key.json"))
def test_sample_meets_its_key(path: Path, run: Run) -> None:
    key = json.loads(path.read_text("utf-8"))
    sample = path.with_name(path.name.removesuffix(".key.json"))
    if key.get("refuse"):
        out = io.StringIO()
        with pytest.raises(CommandError) as caught:
            call_command("import_dms", str(sample), store="GB", json=True, stdout=out)
        assert caught.value.returncode == 1
        assert json.loads(out.getvalue()) == {"refused": True, "reason": key["reason"]}
        assert (Visit.objects.count(), Vehicle.objects.count()) == (0, 0)
        return

    report = run(sample)

    assert {name: report[name] for name in FIELDS if name in key} == {
        name: key[name] for name in FIELDS if name in key
    }
    assert report["created"].get("vehicles", 0) == key["vehicles"] == Vehicle.objects.count()
    standing = Visit.objects.standing()
    assert standing.count() == key.get("visits", 0)
    before = dump()

    again = run(sample)

    assert (again["created"], again["changed"]) == ({}, {})
    assert {name: again[name] for name in FIELDS} == {name: report[name] for name in FIELDS}
    assert dump() == before


def test_files_are_reported_in_order(run: Run, export: Write) -> None:
    first = export(order(), name="first.csv")
    second = export(order(工单号="WX2", 开单日期="2026-05-20"), name="second.csv")

    report = run(first, second)

    assert [file["created"]["visits"] for file in report["files"]] == [1, 1]


def test_trial_leaves_nothing(run: Run, export: Write) -> None:
    files = Path(settings.MEDIA_ROOT) / "imports"
    before = set(files.glob("*"))

    report = run(export(order()), dry_run=True)

    assert report["created"]["visits"] == 1
    assert (Visit.objects.count(), Customer.objects.count(), Import.objects.count()) == (0, 0, 0)
    assert set(files.glob("*")) == before


@pytest.mark.parametrize(
    ("code", "name", "reason"),
    [
        ("XX", "orders.csv", "unknown_store"),
        ("GB", "nowhere.csv", "no_such_file"),
        ("GB", "empty.csv", "empty_file"),
    ],
)
def test_refusals_say_why(code: str, name: str, reason: str, run: Run, export: Write, tmp_path: Path) -> None:
    export(order())
    (tmp_path / "empty.csv").touch()
    out = io.StringIO()

    with pytest.raises(CommandError) as caught:
        call_command("import_dms", str(tmp_path / name), store=code, json=True, stdout=out)

    assert caught.value.returncode == 1
    assert str(caught.value)
    assert json.loads(out.getvalue()) == {"refused": True, "reason": reason}


def test_a_file_without_a_needed_column_is_refused(run: Run, export: Write) -> None:
    row = order()
    del row["实收金额"]
    out = io.StringIO()

    with pytest.raises(CommandError):
        call_command("import_dms", str(export(row)), store="GB", json=True, stdout=out)

    assert json.loads(out.getvalue())["reason"] == "missing_column"
    assert Import.objects.get().status == Import.Status.REFUSED


def test_wrong_usage_is_status_2(program_environment: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "import_dms", "--json"]

    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=program_environment, capture_output=True, check=False
    )

    assert (done.returncode, done.stdout) == (2, b"")


def test_standard_output_is_one_json_object(
    program_environment: dict[str, str], store: object, export: Write
) -> None:
    command = [sys.executable, "manage.py", "import_dms", str(export(order())), "--store", "GB", "--json"]

    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=program_environment, capture_output=True, check=False
    )

    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["created"]["visits"] == 1
