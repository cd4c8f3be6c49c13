"""Many customers leave the house as a file when two people want it; the database refuses to let one be both."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callcenter.resources import BookingResource
from jobs.engine import run_all
from jobs.models import Job
from staff.exports import approval
from staff.exports.columns import LISTS
from staff.models import AuditEntry, ExportRequest, Role, Store, User
from staff.services import record
from tests.customers.factories import VisitFactory
from tests.exports.reading import FORMATS, cells, content, table
from tests.staff.factories import ExportRequestFactory, MembershipFactory, UserFactory

MOST = 3
State = ExportRequest.State


@pytest.fixture(autouse=True)
def _few(settings: Any, db: None) -> None:
    settings.EXPORT_ALONE_ROWS = MOST


@pytest.fixture
def other(store: Store) -> User:
    """A second manager of the store."""
    return MembershipFactory(store=store, role=Role.MANAGER, user=UserFactory(full_name="赵二")).user


def visits(store: Store, count: int) -> None:
    VisitFactory.create_batch(count, vehicle__owner__home_store=store)


def desk(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client


URL = "customers:visits_export"


def ask(
    user: User, reason: str = "Mailing", key: uuid.UUID | None = None, form: str = "csv", **query: str
) -> Any:
    data = {"format": form, "reason": reason, "form_key": key or uuid.uuid4()}
    return desk(user).post(reverse(URL), data, query_params=query)


def press(user: User, name: str, request: ExportRequest) -> Any:
    return desk(user).post(reverse(f"staff:export_{name}", args=[request.pk]))


def granted(user: User, by: User, **query: str) -> ExportRequest:
    """Asked, approved and made."""
    ask(user, **query)
    request = ExportRequest.objects.latest("pk")
    press(by, "approve", request)
    run_all()
    request.refresh_from_db()
    return request


@pytest.mark.parametrize(("rows", "alone"), [(MOST, True), (MOST + 1, False)])
def test_a_short_list_goes_at_once_and_a_longer_one_asks(
    manager: User, other: User, store: Store, rows: int, alone: bool
) -> None:
    visits(store, rows)

    response = desk(manager).post(reverse(URL), {"format": "csv"})

    assert response.headers.get("Content-Disposition", "").startswith("attachment") is alone
    if not alone:
        assert "赵二" in response.content.decode()
        assert (response.context["rows"], response.context["people"]) == (rows, [other])
        assert not AuditEntry.objects.filter(action="export").exists()


def test_a_list_in_portions_is_a_long_list(manager: User, other: User, store: Store) -> None:
    """Two files of two rows are four rows."""
    visits(store, 2)
    first = desk(manager).post(reverse(URL), {"format": "csv"})
    second = desk(manager).post(reverse(URL), {"format": "csv"})

    assert len(cells(content(first), "csv")) == 3
    assert "Content-Disposition" not in second.headers
    assert desk(other).post(reverse(URL), {"format": "csv"}).headers["Content-Disposition"]
    AuditEntry.objects.update(at=timezone.now() - timedelta(days=1))
    assert desk(manager).post(reverse(URL), {"format": "csv"}).headers["Content-Disposition"]


def test_lists_without_customers_need_nobody(admin_user: User, store: Store) -> None:
    for number in range(MOST + 1):
        record(user=admin_user, action="customer.edit", store=store, number=number)

    response = desk(admin_user).post(reverse("staff:audit_export"), {"format": "csv"})

    assert len(cells(content(response), "csv")) == MOST + 2
    assert sorted(name for name, each in LISTS.items() if not each.about_people) == [
        "audit", "imports", "jobs", "people", "segment_runs",
    ]  # fmt: skip
    assert BookingResource.about_people


def test_asked_approved_made_and_fetched(manager: User, other: User, store: Store) -> None:
    visits(store, MOST + 1)
    VisitFactory()  # another store's, which could leak

    answer = ask(manager, reason="Letters of thanks", kind="maintenance")

    assert answer.headers["Location"] == reverse("staff:export_requests")
    request = ExportRequest.objects.get()
    assert (request.requested_by, request.rows, request.reason, request.state) == (
        manager, MOST + 1, "Letters of thanks", State.ASKED,
    )  # fmt: skip
    assert (list(request.stores.all()), request.query) == ([store], "kind=maintenance")
    assert request.page == reverse("customers:visits") + "?kind=maintenance"
    assert press(manager, "fetch", request).status_code == 302

    press(other, "approve", request)
    assert run_all() == 1
    response = press(manager, "fetch", request)

    rows = table(response)
    assert len(rows) == MOST + 1
    assert {row["Export"] for row in rows} == {f"#{request.pk} {manager.username}"}
    trail = AuditEntry.objects.filter(store=store).order_by("pk")
    facts = {"list": "visits", "rows": MOST + 1}
    assert [(entry.user, entry.action, entry.subject_id, entry.detail) for entry in trail] == [
        (manager, "export.ask", request.pk, facts),
        (other, "export.approve", request.pk, facts),
        (manager, "export", request.pk, {**facts, "format": "csv"}),
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_made_in_the_language_of_who_asked(
    manager: User, other: User, store: Store, form: str
) -> None:
    visits(store, MOST + 1)
    request = granted(manager, other, form=form)

    head, *rows = cells(content(press(manager, "fetch", request)), form)

    assert (head[0], head[-1], len(rows)) == ("Date", "Export", MOST + 1)


def test_what_was_approved_does_not_use_up_the_day(manager: User, other: User, store: Store) -> None:
    visits(store, MOST + 1)
    press(manager, "fetch", granted(manager, other))

    response = desk(manager).post(reverse(URL), {"format": "csv"}, query_params={"kind": "accident"})

    assert len(cells(content(response), "csv")) == 1


def test_nobody_approves_their_own(manager: User, other: User, store: Store) -> None:
    request = ExportRequestFactory(stores=[store], requested_by=manager)

    assert press(manager, "approve", request).status_code == 403
    assert press(manager, "refuse", request).status_code == 403
    with pytest.raises(approval.AlreadyDecided):
        approval.approve(request=request, by=manager, now=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportRequest.objects.update(state=State.APPROVED, decided_by=manager)
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportRequest.objects.update(state=State.APPROVED)
    request.refresh_from_db()
    assert (request.state, request.decided_by) == (State.ASKED, None)


def test_only_who_may_export_in_every_store_of_it_decides(
    manager: User, advisor: User, stranger: User, store: Store, other_store: Store
) -> None:
    both = UserFactory()
    for place in (store, other_store):
        MembershipFactory(user=both, store=place, role=Role.ADMIN)
    half = MembershipFactory(user=UserFactory(), store=store, role=Role.MANAGER).user
    MembershipFactory(user=half, store=other_store, role=Role.ADVISOR)
    request = ExportRequestFactory(stores=[store, other_store])

    assert [press(person, "approve", request).status_code for person in (manager, stranger, advisor, half)] == [
        404, 404, 403, 403,
    ]  # fmt: skip
    assert approval.deciders(stores=[store, other_store], but=manager) == [both]
    assert press(both, "approve", request).status_code == 302
    request.refresh_from_db()
    assert (request.state, request.decided_by) == (State.APPROVED, both)


def test_deciders_are_active_others_with_the_role(manager: User, admin_user: User, store: Store) -> None:
    boss = UserFactory(is_superuser=True, full_name="总部")
    MembershipFactory(store=store, role=Role.MANAGER, user=UserFactory(is_active=False))
    MembershipFactory(store=store, role=Role.ADVISOR)

    assert set(approval.deciders(stores=[store], but=manager)) == {admin_user, boss}


def test_without_a_second_person_it_says_what_to_do(manager: User, store: Store) -> None:
    visits(store, MOST + 1)

    page = desk(manager).post(reverse(URL), {"format": "csv"}).content.decode()
    ask(manager)

    assert "Nobody else may decide about this list." in page
    assert not ExportRequest.objects.exists()


def test_a_reason_is_needed_and_what_was_chosen_is_kept(manager: User, other: User, store: Store) -> None:
    visits(store, MOST + 1)

    page = ask(manager, reason=" ", form="gb18030")

    assert (page.status_code, list(page.context["form"].errors)) == (422, ["reason"])
    assert 'name="format" value="gb18030"' in page.content.decode()
    assert not ExportRequest.objects.exists()


def test_the_form_sent_twice_is_one_request(manager: User, other: User, store: Store) -> None:
    visits(store, MOST + 1)
    key = uuid.uuid4()

    first, second = ask(manager, key=key), ask(manager, key=key)

    assert first.headers["Location"] == second.headers["Location"]
    assert ExportRequest.objects.count() == AuditEntry.objects.count() == 1


def test_approved_twice_is_made_once_and_a_late_refusal_is_too_late(
    manager: User, other: User, admin_user: User, store: Store
) -> None:
    visits(store, MOST + 1)
    request = granted(manager, other)
    name = request.file.name

    press(admin_user, "approve", request)
    press(admin_user, "refuse", request)
    Job.objects.filter(kind="jobs.make_export").update(status="queued")
    run_all()

    request.refresh_from_db()
    assert (request.state, request.decided_by, request.file.name) == (State.APPROVED, other, name)
    assert Job.objects.filter(kind="jobs.make_export").count() == 1


@pytest.mark.django_db(transaction=True)
def test_yes_and_no_at_the_same_moment_is_one_of_them(
    manager: User, other: User, admin_user: User, store: Store
) -> None:
    request = ExportRequestFactory(stores=[store], requested_by=manager)
    start, said = threading.Barrier(2), []

    def decide(verdict: Any, person: User) -> None:
        try:
            start.wait(30)
            verdict(request=ExportRequest.objects.get(pk=request.pk), by=person, now=timezone.now())
            said.append(person)
        except approval.AlreadyDecided:
            pass
        finally:
            connection.close()

    threads = [
        threading.Thread(target=decide, args=pair)
        for pair in ((approval.approve, other), (approval.refuse, admin_user))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    request.refresh_from_db()
    assert said == [request.decided_by]
    assert AuditEntry.objects.count() == 1


def test_refused_is_said_and_no_file_is_made(manager: User, other: User, store: Store) -> None:
    visits(store, MOST + 1)
    ask(manager)
    request = ExportRequest.objects.get()

    press(other, "refuse", request)

    assert run_all() == 0
    assert press(manager, "fetch", request).status_code == 302
    page = desk(manager).get(reverse("staff:export_requests")).content.decode()
    assert "Refused" in page
    assert AuditEntry.objects.get(action="export.refuse").user == other


def test_the_file_is_for_who_asked_and_only_for_a_day(
    manager: User, other: User, stranger: User, store: Store, settings: Any
) -> None:
    visits(store, MOST + 1)
    request = granted(manager, other)

    assert press(other, "fetch", request).status_code == 403
    assert press(stranger, "fetch", request).status_code == 404
    assert request.expires_at is not None
    assert request.decided_at is not None
    assert request.expires_at - request.decided_at == settings.EXPORT_KEEP == timedelta(days=1)
    path = request.file.path
    assert approval.forget_files(now=request.expires_at - timedelta(seconds=1)) == 0

    ExportRequest.objects.update(expires_at=timezone.now())

    assert press(manager, "fetch", request).status_code == 302
    assert (approval.forget_files(now=timezone.now()), approval.forget_files(now=timezone.now())) == (1, 0)
    with pytest.raises(FileNotFoundError):
        open(path, "rb")  # noqa: SIM115


def test_who_lost_the_right_meanwhile_gets_no_file(manager: User, other: User, store: Store) -> None:
    visits(store, MOST + 1)
    ask(manager)
    request = ExportRequest.objects.get()
    press(other, "approve", request)
    manager.memberships.update(role=Role.ADVISOR)

    run_all()

    job = Job.objects.get(kind="jobs.make_export")
    request.refresh_from_db()
    assert (job.status, job.failure, request.made_rows) == ("failed", "refused", None)
    assert press(manager, "fetch", request).status_code == 403


def test_what_a_killed_worker_left_is_written_anew_and_forgotten_like_any_file(
    manager: User, other: User, store: Store
) -> None:
    visits(store, MOST + 1)
    ask(manager)
    request = ExportRequest.objects.get()
    press(other, "approve", request)
    request.refresh_from_db()
    assert press(manager, "fetch", request).status_code == 302
    half = Path(request.file.path)
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_text("half of")

    run_all()

    assert len(table(press(manager, "fetch", request))) == MOST + 1
    ExportRequest.objects.update(made_rows=None, expires_at=timezone.now())
    assert (approval.forget_files(now=timezone.now()), half.exists()) == (1, False)


def test_nobody_decides_after_a_week(manager: User, other: User, store: Store) -> None:
    request = ExportRequestFactory(stores=[store], requested_by=manager)
    ExportRequest.objects.update(requested_at=timezone.now() - timedelta(days=7))

    press(other, "approve", request)

    request.refresh_from_db()
    assert request.state == State.ASKED
    [row] = desk(other).get(reverse("staff:export_requests")).context["rows"]
    assert (row.state, row.may_decide) == ("Lapsed", False)


def test_all_my_stores_in_one_file(other_store: Store, store: Store) -> None:
    boss, second = UserFactory(), UserFactory()
    for person in (boss, second):
        for place in (store, other_store):
            MembershipFactory(user=person, store=place, role=Role.MANAGER)
    visits(store, 2)
    visits(other_store, 2)
    VisitFactory()  # a third store's, which could leak
    client = desk(boss)
    client.post(reverse("staff:switch_store"), {"store": "all"})
    client.post(reverse(URL), {"format": "csv", "reason": "x", "form_key": uuid.uuid4()})
    request = ExportRequest.objects.get()
    press(second, "approve", request)
    run_all()

    assert len(table(press(boss, "fetch", request))) == 4
    assert set(AuditEntry.objects.filter(action="export").values_list("store", flat=True)) == {
        store.pk, other_store.pk,
    }  # fmt: skip


def test_the_menu_says_that_something_waits(manager: User, other: User, stranger: User, store: Store) -> None:
    def number(user: User) -> Any:
        page = desk(user).get(reverse("staff:export_requests"))
        items = [item for section in page.context["chrome"]["nav"] for item in section["items"]]
        return next(item["badge"] for item in items if item["url"] == reverse("staff:export_requests"))

    visits(store, MOST + 1)
    ask(manager)
    request = ExportRequest.objects.get()
    assert [number(person) for person in (manager, other, stranger)] == [0, 1, 0]
    press(other, "approve", request)
    run_all()
    assert [number(person) for person in (manager, other, stranger)] == [1, 0, 0]
    press(manager, "fetch", request)
    assert [number(person) for person in (manager, other, stranger)] == [0, 0, 0]


@pytest.mark.parametrize("count", [1, 5])
def test_queries_of_the_page(
    manager: User, other: User, store: Store, django_assert_num_queries: Any, count: int
) -> None:
    ExportRequestFactory.create_batch(count, stores=[store], requested_by=other)
    client = desk(manager)
    client.get(reverse("staff:export_requests"))

    # Session, user, roles and their stores; count, page, its stores; menu counts, age of the data.
    with django_assert_num_queries(12):
        page = client.get(reverse("staff:export_requests"))

    assert [row.may_decide for row in page.context["rows"]] == [True] * count
