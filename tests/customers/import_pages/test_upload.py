"""Receiving files and the history of imports."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.dms.undo import undo
from customers.models import Import, ImportRow
from jobs.engine import run_all
from staff.models import Role, Store, User
from tests.customers.import_pages.conftest import ROW, Upload, address, text_of
from tests.staff.factories import MembershipFactory


def test_upload_leads_to_the_progress_and_then_to_the_dry_run(desk: Client, upload: Upload) -> None:
    response = upload()

    imported = Import.objects.get()
    assert (imported.file_name, imported.size, imported.status) == ("工单.csv", len(text_of(ROW)), "checking")
    assert response.headers["Location"] == address("import_progress", imported)
    page = desk.get(response.headers["Location"])
    assert "hx-get" in page.content.decode()
    assert "<noscript>" in page.content.decode()

    run_all()

    assert desk.get(response.headers["Location"]).headers["Location"] == address("import_preview", imported)
    htmx = desk.get(response.headers["Location"], headers={"HX-Request": "true"})
    assert htmx.headers["HX-Redirect"] == address("import_preview", imported)


def test_one_form_sent_twice_is_one_import(upload: Upload) -> None:
    key = uuid.uuid4()
    first = upload(form_key=key)
    second = upload(form_key=key)

    assert Import.objects.count() == 1
    assert second.headers["Location"] == first.headers["Location"]


@pytest.mark.parametrize(("extra", "status"), [(0, 302), (1, 413)])
def test_limit(upload: Upload, settings: Any, extra: int, status: int) -> None:
    settings.IMPORT_MAX_BYTES = len(text_of(ROW))

    response = upload(text_of(ROW) + b"\n" * extra)

    assert response.status_code == status
    assert Import.objects.count() == (1 if status == 302 else 0)
    if status == 413:
        assert list(response.context["form"].errors) == ["file"]


def test_far_too_much_is_not_even_read(upload: Upload, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 1000

    assert upload(b"x" * 200_000).status_code == 413
    assert Import.objects.count() == 0


@pytest.mark.parametrize("content", [b"", None])
def test_nothing_chosen_or_an_empty_file(desk: Client, store: Store, content: bytes | None) -> None:
    data: dict[str, Any] = {"form_key": uuid.uuid4(), "store": store.pk}
    if content is not None:
        data["file"] = SimpleUploadedFile("a.csv", content)

    response = desk.post(reverse("customers:import_upload"), data)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["file"]


def test_only_to_a_store_where_one_runs_imports(upload: Upload, manager: User, other_store: Store) -> None:
    assert upload(store=other_store.pk).status_code == 422
    MembershipFactory(store=other_store, user=manager, role=Role.ADVISOR)
    assert upload(store=other_store.pk).status_code == 422

    assert Import.objects.count() == 0


def test_no_token_no_upload(manager: User, store: Store) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(manager)
    data = {"form_key": uuid.uuid4(), "store": store.pk, "file": SimpleUploadedFile("a.csv", text_of(ROW))}

    assert strict.post(reverse("customers:import_upload"), data).status_code == 403
    assert Import.objects.count() == 0


def test_same_bytes_again_say_who_was_first(
    desk: Client, written: Callable[..., Import], checked: Callable[..., Import], manager: User
) -> None:
    first = written()
    again = checked()

    page = desk.get(address("import_preview", again))

    assert again.repeats == first
    assert page.status_code == 200
    assert address("import_result", first) in page.content.decode()
    assert manager.full_name in page.content.decode()
    assert page.context["writes_nothing"] is True


def test_same_bytes_again_while_the_first_are_taken_back(
    desk: Client, written: Callable[..., Import], checked: Callable[..., Import]
) -> None:
    first = written()
    again = checked()
    here, gone = "再写入一次也不会有变化。", "那次导入后来已撤销。"
    page = desk.get(address("import_preview", again)).content.decode()
    assert (here in page, gone in page) == (True, False)

    undo(imported=first, now=timezone.now())

    page = desk.get(address("import_preview", again)).content.decode()
    assert (here in page, gone in page) == (False, True)

    desk.post(address("import_preview", again))
    run_all()
    page = desk.get(address("import_result", again)).content.decode()
    assert (here in page, gone in page) == (False, True)


def test_history_keeps_to_own_stores(
    desk: Client, written: Callable[..., Import], other_store: Store
) -> None:
    mine = written()
    Import.objects.filter(pk=mine.pk).update(seconds={"check": 0.03, "write": 0.02})
    Import.objects.create(store=other_store, file_name="乙.csv", sha256="0" * 64)

    page = desk.get(reverse("customers:imports"))

    assert [row["imported"] for row in page.context["rows"]] == [mine]
    assert "乙.csv" not in page.content.decode()
    [row] = page.context["rows"]
    assert (row["imported"].data_rows, row["visits"], row["customers"], row["rejected"]) == (1, 1, 1, 0)
    assert row["seconds"] == 0.05


@pytest.mark.parametrize("count", [1, 5])
def test_queries_of_the_history(
    desk: Client, store: Store, manager: User, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(count):
        imported = Import.objects.create(
            store=store,
            file_name=f"{number}.csv",
            sha256="0" * 64,
            created_by=manager,
            status="done",
            committed_at=timezone.now(),
        )
        ImportRow.objects.create(imported=imported, row_no=2, outcome="rejected")
    desk.get(reverse("customers:imports"))

    # Session, user, roles and their stores; count, page, rejected rows; stores to choose; who uploaded; two menu
    # counts, age of data.
    with django_assert_num_queries(13):
        page = desk.get(
            reverse("customers:imports"), {"state": "done", "name": ".csv", "since": "2020-01-01"}
        )

    assert [row["rejected"] for row in page.context["rows"]] == [1] * count


def test_history_in_pages_of_fifty(desk: Client, store: Store) -> None:
    Import.objects.bulk_create(
        Import(store=store, file_name=f"{number}.csv", sha256="0" * 64, status="refused")
        for number in range(51)
    )

    first = desk.get(reverse("customers:imports"), headers={"HX-Request": "true"})
    rest = desk.get(reverse("customers:imports"), {"after": first.context["page"].next_key})

    assert (len(first.context["rows"]), len(rest.context["rows"])) == (50, 1)
    assert "<h1>" not in first.content.decode()


def kept(store: Store, name: str, **values: Any) -> Import:
    return Import.objects.create(store=store, file_name=name, sha256="0" * 64, **values)


def names(page: Any) -> list[str]:
    return [row["imported"].file_name for row in page.context["rows"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["五月_100%.xlsx", "四月.csv", "May.CSV"]),
        ({"state": "done"}, ["四月.csv"]),
        ({"who": "manager"}, ["四月.csv"]),
        ({"name": "csv"}, ["四月.csv", "May.CSV"]),
        ({"name": " 五月_ "}, ["五月_100%.xlsx"]),
        ({"name": "%"}, ["五月_100%.xlsx"]),
        # Days are those of the reader's clock, not the database's: 2026-05-03 begins at 16:00 the day before.
        ({"since": "2026-05-03"}, ["五月_100%.xlsx"]),
        ({"until": "2026-05-02"}, ["四月.csv", "May.CSV"]),
        ({"since": "2026-05-02", "until": "2026-05-02"}, ["四月.csv"]),
        ({"state": "refused", "who": "manager"}, []),
        # Nonsense narrows nothing.
        (
            {"state": "x", "who": "0", "since": "2026-02-30", "until": "'"},
            ["五月_100%.xlsx", "四月.csv", "May.CSV"],
        ),
        ({"who": "-1 OR 1=1", "name": "\0"}, ["五月_100%.xlsx", "四月.csv", "May.CSV"]),
        ({"name": "x" * 201}, ["五月_100%.xlsx", "四月.csv", "May.CSV"]),
    ],
)
def test_history_is_narrowed(
    desk: Client, store: Store, other_store: Store, manager: User, query: dict[str, str], found: list[str]
) -> None:
    days = [datetime(2026, 5, day, hour, tzinfo=UTC) for day, hour in ((1, 3), (2, 15), (2, 16))]
    kept(store, "May.CSV", status="refused", created_at=days[0])
    kept(store, "四月.csv", status="done", committed_at=days[1], created_at=days[1], created_by=manager)
    kept(store, "五月_100%.xlsx", status="refused", created_at=days[2])
    kept(other_store, "乙.csv", status="done", created_at=days[1], created_by=manager)
    if query.get("who") == "manager":
        query = {**query, "who": str(manager.pk)}

    page = desk.get(reverse("customers:imports"), query)

    assert names(page) == found


def test_who_can_be_chosen_uploaded_one_of_these(
    desk: Client, store: Store, other_store: Store, manager: User, stranger: User
) -> None:
    kept(store, "甲.csv", created_by=manager)
    kept(other_store, "乙.csv", created_by=stranger)

    page = desk.get(reverse("customers:imports"), {"who": stranger.pk})

    assert list(page.context["filters"].fields["who"].queryset) == [manager]
    assert stranger.full_name not in page.content.decode()
    assert names(page) == ["甲.csv"]


def test_no_import_that_fits_is_said_otherwise_than_none_at_all(english: Client, store: Store) -> None:
    none, unfit = "Nothing has been imported yet", "No imports fit these filters"
    page = english.get(reverse("customers:imports")).content.decode()
    assert (none in page, unfit in page) == (True, False)

    kept(store, "甲.csv")
    page = english.get(reverse("customers:imports"), {"state": "done"}).content.decode()
    assert (none in page, unfit in page) == (False, True)


def test_pages_and_files_keep_the_filters(desk: Client, store: Store, manager: User) -> None:
    Import.objects.bulk_create(
        Import(
            store=store,
            file_name=f"{number}.csv",
            sha256="0" * 64,
            status="refused" if number % 2 else "done",
        )
        for number in range(120)
    )

    page = desk.get(reverse("customers:imports"), {"state": "refused"}, headers={"HX-Request": "true"})
    rest = desk.get(
        reverse("customers:imports"), {"state": "refused", "after": page.context["page"].next_key}
    )

    assert (len(names(page)), len(names(rest))) == (50, 10)
    assert f"?state=refused&amp;after={page.context['page'].next_key}" in page.content.decode()
    exported = desk.post(f"{reverse('customers:imports_export')}?state=refused", {"format": "csv"})
    assert len(b"".join(exported.streaming_content).decode("utf-8-sig").splitlines()) == 61
