"""The report of an import, the workbook of its rejected rows, taking it back, and the row behind a visit."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import openpyxl
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from customers.models import Customer, Import, Visit
from jobs.engine import run_all
from jobs.models import Job
from staff.models import AuditEntry, User
from staff.vocabulary import C3_GROUPS
from tests.customers.import_pages.conftest import HEADER, ROW, SAMPLES, address, text_of

BAD = "WX3,粤B99999,王伟,13800138000,2026-02-30,保养,1000,=1+1"


@pytest.mark.parametrize(
    ("name", "code"),
    [("15a_炸弹.xlsx", "zip_bomb"), ("15b_截断.xlsx", "broken_file"), ("15c_其实是PDF.xls", "not_a_table")],
)
def test_a_refused_file_says_why(desk: Client, sample: Callable[[str], Import], name: str, code: str) -> None:
    imported = sample(name)

    assert (imported.status, imported.refusal) == ("refused", code)
    assert desk.get(address("import_progress", imported)).headers["Location"] == address(
        "import_result", imported
    )
    page = desk.get(address("import_result", imported))
    assert imported.refusal_text in page.content.decode()
    assert page.context["problem_chips"] == []
    assert Customer.objects.count() == 0


def test_report_of_a_written_file(desk: Client, written: Callable[..., Import]) -> None:
    name = "01_工单明细.csv"
    imported = written((SAMPLES / name).read_bytes(), name)

    context = desk.get(address("import_result", imported)).context

    assert (context["new_visits"], context["rejected"], imported.report["accepted_rows"]) == (114, 4, 114)
    assert [(problem.row, problem.cells[0] != "") for problem in context["problems"]] == [
        (35, True),
        (46, True),
        (47, True),
        (48, True),
    ]
    chips = {str(chip["label"]): chip["n"] for chip in context["problem_chips"]}
    assert sorted(chips.values()) == [1, 1, 1, 2, 2, 3, 4]


def test_rejected_rows_in_the_original_columns(desk: Client, written: Callable[..., Import]) -> None:
    imported = written(text_of(ROW, BAD))

    response = desk.post(address("import_rejected", imported))

    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["Cache-Control"] == "no-store"
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    head, row = book.active.iter_rows()
    assert [cell.value for cell in head][:-1] == HEADER.split(",")
    assert [str(cell.value) for cell in row][:-1] == BAD.split(",")
    assert row[-1].value
    assert row[-2].data_type == "s"
    assert AuditEntry.objects.filter(action="import.rejected", detail={"rows": 1}).count() == 1


def test_the_report_says_how_each_column_was_read(desk: Client, written: Callable[..., Import]) -> None:
    imported = written(text_of(ROW, header=HEADER.replace("行驶里程", "码表")))

    columns = desk.get(address("import_result", imported)).context["columns"]

    assert [header for header, _field, _policy in columns] == HEADER.replace("行驶里程", "码表").split(",")
    read = {header: (bool(field), bool(policy)) for header, field, policy in columns}
    assert (read["工单号"], read["车牌号"], read["码表"]) == ((True, False), (True, True), (False, False))


def test_steps_that_took_no_time_are_not_listed(english: Client, written: Callable[..., Import]) -> None:
    imported = written()
    took = {"check": 0.31, "stage": 0.049, "write": 0.05, "commit": 0.0}
    for seconds, said in (
        (took, [("Reading and checking", 0.31), ("Writing", 0.05)]),
        ({"check": 0.02, "stage": 0.02}, []),
    ):
        Import.objects.filter(pk=imported.pk).update(seconds=seconds)
        page = english.get(address("import_result", imported))
        assert page.context["steps_taken"] == said
        assert "0.0 s" not in page.content.decode()


def test_kinds_begin_with_a_capital(english: Client, written: Callable[..., Import]) -> None:
    imported = written(text_of(ROW, ROW.replace("WX1", "WX2").replace("保养", "事故")))

    page = english.get(address("import_result", imported))

    assert page.context["kinds"] == [("Maintenance", 1, "500.00"), ("Accident repair", 1, "500.00")]
    assert '<td class="b">Total</td>' in page.content.decode()


def test_corrected_rows_are_read_as_their_file_was(desk: Client, checked: Callable[..., Import]) -> None:
    """The column with the reasons neither asks for anything nor makes another shape of it."""
    header = HEADER.replace("行驶里程", "码表")
    imported = checked(text_of(BAD, header=header))
    url = address("import_mapping", imported)
    form = desk.get(url).context["form"]
    chosen = {name: str(form[name].value() or "") for name in form.fields} | {"column_6": "odometer"}
    desk.post(url, chosen)
    run_all()
    workbook = b"".join(desk.post(address("import_rejected", imported)).streaming_content)

    again = checked(workbook, "corrected.xlsx")

    imported.refresh_from_db()
    assert (again.fingerprint, again.status) == (imported.fingerprint, "ready")
    columns = again.mapping["columns"]
    assert [column[2] for column in columns[:-1]] == [column[2] for column in imported.mapping["columns"]]
    assert columns[6][2:] == ["odometer", "chosen"]
    assert columns[-1][2:] == ["", "ignored"]
    rows = desk.get(address("import_mapping", again)).context["rows"]
    assert [row["column"].header for row in rows if row["is_open"]] == []


def test_rejected_rows_before_writing(desk: Client, checked: Callable[..., Import]) -> None:
    imported = checked(text_of(ROW, BAD))

    response = desk.post(address("import_rejected", imported))

    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    assert [next(str(cell.value) for cell in row) for row in book.active.iter_rows()] == ["工单号", "WX3"]


def test_rejected_rows_are_not_another_stores(
    client: Client, written: Callable[..., Import], stranger: User
) -> None:
    imported = written(text_of(ROW, BAD))
    client.force_login(stranger)

    assert client.post(address("import_rejected", imported)).status_code == 404
    assert client.post(address("import_undo", imported), {"number": imported.pk}).status_code == 404
    imported.refresh_from_db()
    assert imported.status == "done"


@pytest.mark.parametrize("typed", ["", "0", "x"])
def test_undo_asks_for_the_number(desk: Client, written: Callable[..., Import], typed: str) -> None:
    imported = written()

    page = desk.post(address("import_undo", imported), {"number": typed})

    assert page.status_code == 422
    assert Visit.objects.count() == 1


def test_later_imports_of_the_same_rows_are_named_before_an_undo(
    desk: Client, written: Callable[..., Import]
) -> None:
    first = written(text_of(ROW))
    second = written(text_of(ROW.replace("保养", "事故")))

    assert desk.get(address("import_result", first)).context["built_on"] == [f"#{second.pk}"]
    assert desk.get(address("import_result", second)).context["built_on"] == []


def test_undo_takes_it_back_and_reports(desk: Client, written: Callable[..., Import]) -> None:
    imported = written()
    url = address("import_undo", imported)

    answer = desk.post(url, {"number": f"#{imported.pk}"})
    assert answer.headers["Location"] == address("import_progress", imported)
    run_all()

    page = desk.get(address("import_result", imported))
    assert Visit.objects.count() == 0
    assert page.context["imported"].status == "undone"
    counts = {
        count.label: (count.removed, count.restored, count.kept) for count in page.context["undone_counts"]
    }
    assert (1, 0, 0) in counts.values()
    assert all(kept == 0 for _, _, kept in counts.values())
    assert desk.post(url, {"number": imported.pk}).headers["Location"] == address("import_result", imported)


def test_what_stays_after_an_undo_is_listed(desk: Client, written: Callable[..., Import]) -> None:
    imported = written()
    visit = Visit.objects.get()
    Visit.objects.filter(pk=visit.pk).update(
        customer_words="空调不凉", updated_at=visit.updated_at + timedelta(hours=1)
    )

    desk.post(address("import_undo", imported), {"number": imported.pk})
    run_all()

    left = desk.get(address("import_result", imported)).context["left"]
    assert [(row.name, row.url) for row in left if row.name == "WX1"] == [
        ("WX1", reverse("customers:visit", args=[visit.pk]))
    ]


def test_undo_ends_after_seven_days(desk: Client, written: Callable[..., Import]) -> None:
    imported = written()
    assert imported.committed_at is not None
    Import.objects.filter(pk=imported.pk).update(committed_at=imported.committed_at - timedelta(days=7))

    desk.post(address("import_undo", imported), {"number": imported.pk})
    run_all()

    page = desk.get(address("import_result", imported))
    assert page.context["may_undo"] is False
    assert address("import_undo", imported) not in page.content.decode()
    assert Visit.objects.count() == 1


def test_row_behind_a_visit(
    client: Client, desk: Client, written: Callable[..., Import], stranger: User, advisor: User
) -> None:
    written(text_of("坏", ROW))
    visit = Visit.objects.get()
    url = reverse("customers:import_row", args=[visit.pk])

    assert url in desk.get(reverse("customers:visit", args=[visit.pk])).content.decode()
    page = desk.get(url)

    [source] = page.context["sources"]
    assert source["row_no"] == 3
    assert ("联系电话", "138 **** 1234") in [
        (header, value) for header, _field, value, _typed in source["values"]
    ]
    assert "13807551234" not in page.content.decode()

    client.force_login(advisor)
    assert client.get(url).status_code == 403
    assert url not in client.get(reverse("customers:visit", args=[visit.pk])).content.decode()
    client.force_login(stranger)
    assert client.get(url).status_code == 404


def test_a_job_that_failed_can_be_tried_again(desk: Client, checked: Callable[..., Import]) -> None:
    imported = checked()
    desk.post(address("import_preview", imported))
    imported.refresh_from_db()
    Job.objects.filter(pk=imported.job_id).update(status="failed", failure="crashed", attempts=3)

    page = desk.get(address("import_progress", imported))

    assert page.context["may_retry"] is True
    assert "every 1s" not in page.content.decode()
    desk.post(reverse("jobs:retry", args=[imported.job_id]))
    run_all()
    assert Visit.objects.count() == 1


def test_pace(checked: Callable[..., Import], desk: Client, upload: Callable[..., object]) -> None:
    upload()
    imported = Import.objects.get()
    assert imported.job is not None
    began = imported.job.created_at - timedelta(seconds=10)
    Job.objects.filter(pk=imported.job_id).update(
        status="running",
        lease=imported.uid,
        leased_until=began + timedelta(days=1),
        started_at=began,
        progress_done=1000,
        progress_total=5000,
    )

    pace = desk.get(address("import_progress", imported)).context["pace"]

    assert 10 <= pace.seconds <= 15
    assert 60 < pace.rate <= 100
    assert 40 <= pace.left < 70


def test_where_the_cars_went_is_told_once_it_is_worked_out(
    desk: Client, checked: Callable[..., Import], monkeypatch: pytest.MonkeyPatch
) -> None:
    imported = checked()
    desk.post(address("import_preview", imported))
    run_all(limit=1)
    url = address("import_result", imported)
    waiting = desk.get(url)
    assert (waiting.context["aftermath"], waiting.context["waits_for_groups"]) == (None, True)
    assert "正在重新计算客户分群" in waiting.content.decode()

    run_all()

    told = desk.get(url)
    assert told.context["aftermath"]["new"] == 1
    [(before, now, cars)] = told.context["aftermath"]["moves"]
    assert (before, cars) == ("", 1)
    assert str(C3_GROUPS[now].label) in told.content.decode()
    assert desk.get(told.context["aftermath"]["url"]).status_code == 200


def test_an_import_that_wrote_nothing_says_nothing_of_groups(
    desk: Client, written: Callable[..., Import]
) -> None:
    written()
    again = written()

    assert "aftermath" not in desk.get(address("import_result", again)).context


@pytest.mark.parametrize(
    ("total_rows", "said"),
    [
        (
            1,
            "Not data: 1 title row, 1 header row, 1 total row, 1 footer row (rows 1, 2, 4, 5)",
        ),
        (
            21,
            "Not data: 1 title row, 1 header row, 21 total rows, 1 footer row"
            " (rows 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21 and 4 more)",
        ),
    ],
)
def test_what_was_taken_as_no_data_is_said_with_its_rows(
    desk: Client, checked: Callable[..., Import], total_rows: int, said: str
) -> None:
    desk.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    rows = [HEADER, ROW, *["合计,,,,,,,1"] * total_rows, "制表：系统管理员"]
    imported = checked(text_of(*rows, header="维修工单明细表"))

    assert said in desk.get(address("import_preview", imported)).content.decode()
    desk.post(address("import_preview", imported))
    run_all()
    assert said in desk.get(address("import_result", imported)).content.decode()
