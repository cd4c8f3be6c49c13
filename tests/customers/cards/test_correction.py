"""Amounts of a visit put right: by a manager, of visits logged at the desk, with nobody's work lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Reversal, Visit
from jobs.models import Job
from staff.models import AuditEntry, Store, User
from tests.customers.factories import VisitFactory

AMOUNTS = {"labour_fen": 20_000, "parts_fen": 30_000, "discount_fen": 0, "paid_fen": 50_000}


@pytest.fixture
def visit(store: Store) -> Visit:
    made: Visit = VisitFactory(vehicle__owner__home_store=store, **AMOUNTS)
    return made


@pytest.fixture
def desk(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


def url(visit: Visit) -> str:
    return reverse("customers:visit_correct", args=[visit.pk])


def typed(page: Any, **changes: str) -> dict[str, str]:
    form = page.context["form"]
    return {name: str(form[name].value()) for name in form.fields if name != "reason"} | {
        "reason": "slip",
        **changes,
    }


def test_the_new_amounts_stand_and_the_trail_says_who_and_why(
    desk: Client, visit: Visit, manager: User
) -> None:
    assert url(visit) in desk.get(reverse("customers:visit", args=[visit.pk])).content.decode()

    desk.post(url(visit), typed(desk.get(url(visit)), paid_fen="480", discount_fen="20"))

    visit.refresh_from_db()
    assert (visit.paid_fen, visit.discount_fen, visit.labour_fen) == (48_000, 2_000, 20_000)
    entry = AuditEntry.objects.get(action="visit.correct")
    assert (entry.user, entry.store, entry.subject_id) == (manager, visit.store, visit.pk)
    assert entry.detail == {
        "reason": "slip",
        "before": AMOUNTS,
        "after": {**AMOUNTS, "paid_fen": 48_000, "discount_fen": 2_000},
    }
    assert [(job.kind, job.store_id) for job in Job.objects.all()] == [("test.segment", visit.store_id)]


def test_the_same_amounts_are_no_correction(desk: Client, visit: Visit) -> None:
    answer = desk.post(url(visit), typed(desk.get(url(visit))))

    assert answer.headers["Location"] == reverse("customers:visit", args=[visit.pk])
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"paid_fen": ""}, "paid_fen"),
        ({"paid_fen": "-1"}, "paid_fen"),
        ({"seen_at": "x"}, "seen_at"),
    ],
)
def test_what_does_not_fit_is_said_and_kept(
    desk: Client, visit: Visit, changes: dict[str, str], field: str
) -> None:
    page = desk.post(url(visit), typed(desk.get(url(visit)), **{"labour_fen": "123.45", **changes}))

    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
    assert page.context["form"]["labour_fen"].value() == "123.45"
    visit.refresh_from_db()
    assert visit.paid_fen == 50_000


def test_two_tabs(desk: Client, visit: Visit) -> None:
    """The later one is shown what the earlier one saved, and may save over it knowingly."""
    first, second = (typed(desk.get(url(visit))) for _ in range(2))
    desk.post(url(visit), {**first, "paid_fen": "480"})

    page = desk.post(url(visit), {**second, "paid_fen": "450"})

    assert page.status_code == 409
    assert [(row.saved, row.typed) for row in page.context["differences"]] == [("480.00", "450.00")]
    visit.refresh_from_db()
    assert visit.paid_fen == 48_000
    assert page.context["form"]["paid_fen"].value() == "450"
    desk.post(url(visit), typed(page))
    visit.refresh_from_db()
    assert visit.paid_fen == 45_000
    assert AuditEntry.objects.filter(action="visit.correct").count() == 2


def test_pressed_twice_is_one_correction(desk: Client, visit: Visit) -> None:
    form = typed(desk.get(url(visit)), paid_fen="480")

    answers = [desk.post(url(visit), form).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert AuditEntry.objects.filter(action="visit.correct").count() == 1


@pytest.mark.parametrize("why", ["dms", "voided", "reversed"])
def test_not_what_the_dms_says_nor_what_was_taken_back(desk: Client, visit: Visit, why: str) -> None:
    form = typed(desk.get(url(visit)), paid_fen="480")
    if why == "dms":
        Visit.objects.update(source=Visit.Source.DMS)
    elif why == "voided":
        Visit.objects.update(voided=True)
    else:
        Reversal.objects.create(visit=visit, order_no="HC1", reversed_on=visit.visited_on, amount_fen=1)

    answer = desk.post(url(visit), form)

    assert answer.headers["Location"] == reverse("customers:visit", args=[visit.pk])
    assert url(visit) not in desk.get(answer.headers["Location"]).content.decode()
    visit.refresh_from_db()
    assert visit.paid_fen == 50_000
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"), [("advisor", 403), ("agent", 403), ("admin_user", 403), ("stranger", 404)]
)
def test_for_managers_of_the_store_only(
    client: Client, visit: Visit, request: pytest.FixtureRequest, who: str, status: int
) -> None:
    client.force_login(request.getfixturevalue(who))

    assert client.get(url(visit)).status_code == status
    assert client.post(url(visit), {"paid_fen": "1"}).status_code == status
