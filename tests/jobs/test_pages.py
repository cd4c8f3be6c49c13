"""The job pages: what each person sees, polling, and trying again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jobs.models import Job
from staff.models import AuditEntry, Store, User
from tests.jobs.factories import JobFactory
from tests.staff.factories import UserFactory
from tests.world import in_english

HTMX = {"HX-Request": "true"}


@pytest.fixture
def manager_client(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


def shown(response: object) -> set[int]:
    return {job.pk for job in response.context["page"]}  # type: ignore[attr-defined]


def test_list_keeps_to_own_store(manager_client: Client, store: Store, other_store: Store) -> None:
    mine = JobFactory(store=store)
    JobFactory(store=other_store)
    JobFactory(store=None)

    assert shown(manager_client.get(reverse("jobs:list"))) == {mine.pk}


def test_jobs_without_a_store_are_for_who_sees_all_stores(
    client: Client, store: Store, other_store: Store
) -> None:
    client.force_login(UserFactory(is_superuser=True))
    rows = [JobFactory(store=store), JobFactory(store=other_store), JobFactory(store=None)]
    client.post(reverse("staff:switch_store"), {"store": "all"})

    response = client.get(reverse("jobs:list"))

    assert shown(response) == {job.pk for job in rows}
    assert client.get(reverse("jobs:detail", args=[rows[2].pk])).status_code == 200


def test_chips_count_each_state_and_filter(manager_client: Client, store: Store) -> None:
    JobFactory.create_batch(2, store=store, status="done")
    failed = JobFactory(store=store, status="failed")

    response = manager_client.get(reverse("jobs:list"), {"status": "failed"})

    assert [(chip["n"], chip["on"]) for chip in response.context["chips"]] == [
        (3, False),
        (0, False),
        (0, False),
        (2, False),
        (1, True),
        (0, False),
    ]
    assert shown(response) == {failed.pk}
    assert shown(manager_client.get(reverse("jobs:list"), {"status": "nonsense"})) >= {failed.pk}


def test_list_asks_again_only_while_something_is_open(manager_client: Client, store: Store) -> None:
    job = JobFactory(store=store)
    assert 'hx-trigger="every 2s"' in manager_client.get(reverse("jobs:list")).content.decode()

    Job.objects.filter(pk=job.pk).update(status="done")
    page = manager_client.get(reverse("jobs:list"), headers=HTMX).content.decode()
    assert "hx-trigger" not in page
    assert "<html" not in page


@pytest.mark.parametrize("count", [1, 12])
def test_list_costs_the_same_for_many(
    manager_client: Client, store: Store, manager: User, count: int, django_assert_max_num_queries: object
) -> None:
    JobFactory.create_batch(count, store=store, created_by=manager)

    with django_assert_max_num_queries(7):  # type: ignore[operator]
        # session, user, roles, stores, counts by state, count, page
        manager_client.get(reverse("jobs:list"), headers=HTMX)


def test_detail_says_in_plain_words_what_went_wrong(manager_client: Client, store: Store) -> None:
    job = JobFactory(
        store=store, status="failed", failure="crashed", error="ValueError · work.py:1", attempts=3
    )

    page = in_english(manager_client).get(reverse("jobs:detail", args=[job.pk])).content.decode()

    assert "The program made a mistake; the log has the details." in page
    assert "ValueError · work.py:1" in page
    assert "Test work" in page


def test_progress_of_an_open_job_asks_again(manager_client: Client, store: Store) -> None:
    job = JobFactory(store=store, progress_done=40, progress_total=200)

    page = manager_client.get(
        reverse("jobs:progress", args=[job.pk]), {"next": "/customers/?q=1"}, headers=HTMX
    ).content.decode()

    assert 'aria-valuenow="20.0"' in page
    assert f'hx-get="/jobs/{job.pk}/progress/?next=/customers/%3Fq%3D1"' in page


@pytest.mark.parametrize(
    ("target", "followed"), [("/customers/", "/customers/"), ("https://evil.example/", None), ("", None)]
)
def test_progress_of_an_ended_job_loads_the_page_anew(
    manager_client: Client, store: Store, target: str, followed: str | None
) -> None:
    job = JobFactory(store=store, status="done")

    response = manager_client.get(reverse("jobs:progress", args=[job.pk]), {"next": target}, headers=HTMX)

    assert response.headers["HX-Redirect"] == (followed or reverse("jobs:detail", args=[job.pk]))


def test_who_started_a_job_may_follow_it(client: Client, advisor: User, store: Store) -> None:
    own, others = JobFactory(store=store, created_by=advisor), JobFactory(store=store)
    client.force_login(advisor)

    assert client.get(reverse("jobs:progress", args=[own.pk])).status_code == 200
    assert client.get(reverse("jobs:progress", args=[others.pk])).status_code == 403
    assert client.post(reverse("jobs:retry", args=[own.pk])).status_code == 403


@pytest.mark.parametrize("page", ["detail", "progress", "retry"])
def test_other_stores_jobs_do_not_exist(client: Client, stranger: User, store: Store, page: str) -> None:
    job = JobFactory(store=store, status="failed")
    client.force_login(stranger)
    url = reverse(f"jobs:{page}", args=[job.pk])

    assert (client.post(url) if page == "retry" else client.get(url)).status_code == 404


def test_retry_puts_a_failed_job_back_and_leaves_a_trace(
    manager_client: Client, store: Store, manager: User
) -> None:
    job = JobFactory(store=store, status="failed", attempts=3, due_at=timezone.now() - timedelta(days=1))
    url = reverse("jobs:retry", args=[job.pk])

    for _again in range(2):
        assert manager_client.post(url).status_code == 302

    job.refresh_from_db()
    assert (job.status, job.attempts) == ("queued", 0)
    assert list(AuditEntry.objects.values_list("action", "user", "subject_id")) == [
        ("job.retry", manager.pk, job.pk)
    ]
