"""From upload to the written import by jobs, as the pages do it."""

from __future__ import annotations

import io
import json
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from customers.dms.history import freshness
from customers.dms.raw import raw_row, rejected_workbook, rows_behind
from customers.dms.refused import FileRefused
from customers.models import Customer, Import, ImportRow, KindWord, RawRows, Visit
from customers.services import imports
from jobs.engine import run_all
from staff.models import AuditEntry, Store, User
from tests.customers.imports.conftest import Run, Write, order

Status = Import.Status


def upload(path: Path, store: Store, by: User, form_key: uuid.UUID | None = None) -> Import:
    with path.open("rb") as file:
        return imports.receive_upload(file=file, file_name=path.name, store=store, by=by, form_key=form_key)[
            0
        ]


def checked(path: Path, store: Store, by: User) -> Import:
    imported = upload(path, store, by)
    imports.start_check(imported=imported, by=by)
    run_all()
    imported.refresh_from_db()
    return imported


def written(path: Path, store: Store, by: User) -> Import:
    imported = checked(path, store, by)
    imports.start_commit(imported=imported, by=by)
    run_all()
    imported.refresh_from_db()
    return imported


def test_jobs_that_write_and_take_back_do_not_read_the_report(
    export: Write, store: Store, manager: User
) -> None:
    """It names every row that was refused."""
    imported = checked(export(order(), order(工单号="WX2", 车牌号="乱写", VIN="")), store, manager)
    imports.start_commit(imported=imported, by=manager)
    with CaptureQueriesContext(connection) as queries:
        run_all()
        imported.refresh_from_db(fields=["status", "committed_at"])
        imports.start_undo(imported=imported, by=manager, now=timezone.now())
        run_all()

    imported.refresh_from_db()
    assert (imported.status, imported.report["rejected"]) == (
        Status.UNDONE,
        [{"row": 3, "reason": "no_identity"}],
    )
    read = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
    assert any('"customers_import"."status"' in each for each in read)
    assert [each for each in read if '"customers_import"."report"' in each] == []


def test_upload_check_commit(export: Write, store: Store, manager: User) -> None:
    path = export(
        order(), order(工单号="WX2", 车牌号="乱写", VIN=""), order(工单号="WX3", 业务类型="神秘业务")
    )

    imported = checked(path, store, manager)

    assert imported.status == Status.READY
    assert (Visit.objects.count(), Customer.objects.count(), RawRows.objects.count()) == (0, 0, 0)
    assert imported.counts["created"]["visits"] == 2
    assert imported.report["rejected"] == [{"row": 3, "reason": "no_identity"}]
    assert imported.report["unknown_kinds"] == {"神秘业务": 1}
    samples = imported.remembered_samples
    assert [row[0] for row in samples["head"]] == [2, 3, 4]
    assert [row["order_no"] for row in samples["new"]] == ["WX1", "WX3"]

    job = imports.start_commit(imported=imported, by=manager)
    run_all()

    imported.refresh_from_db()
    job.refresh_from_db()
    assert (imported.status, job.status, Visit.objects.count()) == (Status.DONE, "done", 2)
    assert job.result == {"import": imported.pk, "rows": 3, "created": 2, "changed": 0, "rejected": 1}
    assert job.summary
    assert set(imported.seconds) >= {"check", "stage", "write"}
    actions = (
        AuditEntry.objects.filter(subject_id=imported.pk).order_by("pk").values_list("action", flat=True)
    )
    assert list(actions) == ["import.upload", "commit_import"]
    with pytest.raises(imports.ImportRefused):
        imports.start_commit(imported=imported, by=manager)


def test_the_file_lies_under_a_name_that_says_nothing(export: Write, store: Store, manager: User) -> None:
    imported = upload(export(order(), name="../客户 电话.csv".replace("../", "")), store, manager)

    assert imported.file_name == "客户 电话.csv"
    name = Path(imported.file.name)
    assert (name.parent.name, name.suffix, len(name.name)) == ("imports", "", 32)
    assert len(imported.sha256) == 64


def test_a_form_posted_twice_is_one_import(export: Write, store: Store, manager: User) -> None:
    key, path = uuid.uuid4(), export(order())

    first, second = upload(path, store, manager, key), upload(path, store, manager, key)

    assert first == second
    assert Import.objects.count() == 1


@pytest.mark.parametrize(("size", "reason"), [(0, "empty_file"), (101, "too_big")])
def test_size_is_bounded(size: int, reason: str, store: Store, manager: User, settings: object) -> None:
    settings.IMPORT_MAX_BYTES = 100  # type: ignore[attr-defined]  # pytest-django's wrapper
    with pytest.raises(FileRefused) as refused:
        imports.receive_upload(file=io.BytesIO(b"x" * size), file_name="a.csv", store=store, by=manager)
    assert refused.value.reason_code == reason
    assert Import.objects.count() == 0


def test_a_refused_file_says_why_and_leaves_nothing(tmp_path: Path, store: Store, manager: User) -> None:
    path = tmp_path / "report.xlsx"
    path.write_bytes(b"%PDF-1.7 not a table")

    imported = checked(path, store, manager)

    assert (imported.status, imported.refusal) == (Status.REFUSED, "not_a_table")
    assert imported.refusal_text
    assert imported.job is not None
    assert imported.job.error == imported.refusal_text


def test_a_missing_column_waits_for_the_user_and_is_remembered(
    export: Write, store: Store, manager: User
) -> None:
    row = order()
    row["神秘列"] = row.pop("实收金额")
    imported = checked(export(row), store, manager)
    assert imported.status == Status.MAPPED
    index = list(row).index("神秘列")

    imports.set_mapping(
        imported=imported, fields={index: "paid"}, kinds={"保养": "repair"}, policy={"paid": "overwrite"}
    )
    imports.start_check(imported=imported, by=manager)
    run_all()

    imported.refresh_from_db()
    assert imported.status == Status.READY
    assert imported.remembered_samples["new"][0]["kind"] == "repair"
    assert KindWord.objects.get().word == "保养"
    again = checked(export({**row, "工单号": "WX2"}, name="next.csv"), store, manager)
    assert (again.status, again.policy) == (Status.READY, {"paid": "overwrite"})
    assert again.counts["created"]["visits"] == 1


def test_nonsense_is_no_mapping(export: Write, store: Store, manager: User) -> None:
    imported = checked(export(order()), store, manager)

    for wrong in (
        {"fields": {0: "nonsense"}},
        {"policy": {"paid": "always"}},
        {"kinds": {"保养": "cleaning"}},
    ):
        with pytest.raises(ValueError, match="no such"):
            imports.set_mapping(**{"imported": imported, "fields": {}, **wrong})  # type: ignore[arg-type]  # wrong on purpose


def test_amounts_follow_the_file_where_the_user_says_so(export: Write, store: Store, manager: User) -> None:
    written(export(order()), store, manager)
    imported = checked(export(order(实收金额="450.00"), name="next.csv"), store, manager)
    assert imported.report["rejected"] == [{"row": 2, "reason": "order_no_conflict"}]

    imports.set_mapping(imported=imported, fields={}, policy={"paid": "overwrite"})
    imports.start_check(imported=imported, by=manager)
    run_all()

    imported.refresh_from_db()
    assert imported.report["rejected"] == []
    [sample] = imported.remembered_samples["changed"]
    assert (sample["order_no"], ["paid_fen", 50000, 45000] in sample["columns"]) == ("WX1", True)
    assert Visit.objects.get().paid_fen == 50000


def test_names_nearly_alike_at_one_car_are_shown(export: Write, store: Store, manager: User) -> None:
    written(export(order()), store, manager)

    imported = checked(
        export(order(工单号="WX2", 客户名称="李海艳", 联系电话="13900002222", 开单日期="2026-06-01")),
        store,
        manager,
    )

    [pair] = imported.remembered_samples["alike"]
    assert (pair["new"], pair["known"], pair["car"]) == ("李海艳", "李海燕", "粤B12345")


def test_rejected_rows_come_back_as_a_workbook_that_imports(
    export: Write, run: Run, store: Store, manager: User, tmp_path: Path
) -> None:
    wrong = order(工单号="WX2", 开单日期="2062-05-05", 客户名称="=1+1", 备注="-5")
    before = checked(export(order(), wrong), store, manager)
    imported = written(export(order(), wrong), store, manager)

    book = load_workbook(io.BytesIO(rejected_workbook(imported)))
    preview = load_workbook(io.BytesIO(rejected_workbook(before)))

    head, row = book.active.iter_rows()
    assert [cell.value for cell in head][: len(wrong)] == list(wrong)
    assert [cell.value for cell in row][:-1] == list(wrong.values())
    assert {cell.data_type for cell in row} == {"s"}
    assert [[cell.value for cell in line] for line in preview.active] == [
        [cell.value for cell in line] for line in book.active
    ]
    row[list(wrong).index("开单日期")].value = "2026-05-05"
    corrected = tmp_path / "corrected.xlsx"
    book.save(corrected)
    assert run(corrected)["created"]["visits"] == 1
    assert Visit.objects.get(order_no="WX2").customer_words == "-5"


def test_the_row_behind_a_visit_can_be_opened(
    export: Write, store: Store, manager: User, stranger: User
) -> None:
    first = written(export(order(), name="a.csv"), store, manager)
    second = written(export(order(业务类型="事故"), name="b.csv"), store, manager)
    visit = Visit.objects.get()

    found = rows_behind(visit=visit, user=manager)

    assert [(row.imported, row.row_no) for row in found] == [(second, 2), (first, 2)]
    assert ("业务类型", "保养") in found[1].cells
    assert rows_behind(visit=visit, user=stranger) == []
    assert raw_row(imported=first, row_no=99) is None
    assert "13807551234" not in json.dumps(
        [bytes(row.__dict__["body"]).decode("latin-1") for row in RawRows.objects.all()]
    )


def test_only_the_stores_people_see_an_import(
    export: Write, store: Store, manager: User, stranger: User
) -> None:
    written(export(order(), order(工单号="X", 车牌号="", VIN="")), store, manager)

    assert Import.objects.visible_to(manager).count() == ImportRow.objects.visible_to(manager).count() == 1
    assert not Import.objects.visible_to(stranger).exists()
    assert not ImportRow.objects.visible_to(stranger).exists()


def test_freshness_is_one_query(
    export: Write,
    store: Store,
    other_store: Store,
    manager: User,
    stranger: User,
    django_assert_num_queries: object,
) -> None:
    imported = written(export(order()), store, manager)
    when = timezone.localtime(imported.committed_at)

    with django_assert_num_queries(1):  # type: ignore[operator]  # pytest-django's fixture
        lines = freshness(user=manager, stores=[store])

    assert [line for line in lines if f"{when:%m-%d %H:%M}" in line]
    assert [line for line in lines if f"#{imported.pk}" in line]
    assert freshness(user=stranger, stores=[other_store]) == []


def test_files_are_forgotten_after_a_month_and_rows_are_not(
    export: Write, store: Store, manager: User
) -> None:
    imported = written(export(order()), store, manager)
    path = Path(imported.file.path)
    Import.objects.update(created_at=timezone.now() - imports.KEEP_FILES - timedelta(seconds=1))

    assert (imports.forget_files(now=timezone.now()), path.exists()) == (1, False)
    assert imports.forget_files(now=timezone.now()) == 0
    imported.refresh_from_db()
    assert raw_row(imported=imported, row_no=2) is not None


def test_decisions_made_during_a_check_are_not_lost(export: Write, store: Store, manager: User) -> None:
    imported = checked(export(order()), store, manager)
    imports.start_check(imported=imported, by=manager)
    stale = Import.objects.get(pk=imported.pk)
    imports.set_mapping(imported=imported, fields={}, policy={"team": "keep"})

    imports.try_out(imported=stale, today=timezone.localdate())

    imported.refresh_from_db()
    assert (imported.policy, imported.status) == ({"team": "keep"}, Status.CHECKING)
