"""Stopping an import on its page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from customers.models import Import, Visit
from jobs.engine import run_all
from staff.models import User
from tests.customers.import_pages.conftest import Upload, address


def test_stopped_while_it_waits_for_a_worker(desk: Client, upload: Upload, manager: User) -> None:
    upload()
    imported = Import.objects.get()
    url = address("import_cancel", imported)
    assert url in desk.get(address("import_progress", imported)).content.decode()

    answer = desk.post(url)

    assert answer.headers["Location"] == address("import_result", imported)
    page = desk.get(answer.headers["Location"]).content.decode()
    assert manager.full_name in page
    assert url not in page
    assert run_all() == 0
    waiting = desk.get(address("import_progress", imported), headers={"HX-Request": "true"})
    assert waiting.headers["HX-Redirect"] == address("import_result", imported)


@pytest.mark.parametrize("page", ["import_mapping", "import_preview"])
def test_stopped_instead_of_decided(desk: Client, checked: Callable[..., Import], page: str) -> None:
    imported = checked()
    assert address("import_cancel", imported) in desk.get(address(page, imported)).content.decode()

    desk.post(address("import_cancel", imported))

    assert desk.get(address(page, imported)).headers["Location"] == address("import_result", imported)
    assert desk.post(address("import_preview", imported)).headers["Location"] == address(
        "import_result", imported
    )
    run_all()
    assert Visit.objects.count() == 0


def test_pressed_twice(desk: Client, checked: Callable[..., Import]) -> None:
    imported = checked()
    first, second = (desk.post(address("import_cancel", imported)) for _ in range(2))

    assert first.headers["Location"] == second.headers["Location"] == address("import_result", imported)


def test_too_late_leads_to_the_undo(desk: Client, written: Callable[..., Import]) -> None:
    imported = written()

    page = desk.post(address("import_cancel", imported), follow=True)

    assert page.context["may_undo"] is True
    [message] = page.context["messages"]
    assert message.level_tag == "warning"
    assert Visit.objects.count() == 1


def test_an_undo_is_not_stopped(desk: Client, written: Callable[..., Import]) -> None:
    imported = written()
    desk.post(address("import_undo", imported), {"number": imported.pk})

    assert (
        address("import_cancel", imported)
        not in desk.get(address("import_progress", imported)).content.decode()
    )
    desk.post(address("import_cancel", imported))
    run_all()

    assert Visit.objects.count() == 0


@pytest.mark.parametrize(("who", "status"), [("advisor", 403), ("agent", 403), ("stranger", 404)])
def test_not_for_others(
    client: Client, checked: Callable[..., Import], request: pytest.FixtureRequest, who: str, status: int
) -> None:
    imported = checked()
    client.force_login(request.getfixturevalue(who))

    assert client.post(address("import_cancel", imported)).status_code == status

    imported.refresh_from_db()
    assert imported.status == "ready"
