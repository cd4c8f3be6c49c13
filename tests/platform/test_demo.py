"""The demo's people, and how it tells its own data from anybody else's."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from dealer_crm.demo import state
from dealer_crm.demo.group import STORES, DemoGroup, staff
from dealer_crm.demo.logins import PASSWORD, one_per_role
from dealer_crm.demo.prepare import add_people
from dealer_crm.demo.state import State
from staff.models import Role, Store, User
from tests.staff.factories import StoreFactory

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def people(db: None) -> DemoGroup:
    group = DemoGroup(stores=list(STORES), staff=staff(), files=[], expected={})
    add_people(group)
    return group


def _logins() -> list[dict[str, str]]:
    out = StringIO()
    call_command("demo_logins", json=True, stdout=out)
    return json.loads(out.getvalue())


def test_demo_logins_prints_one_list_and_nothing_else(people: DemoGroup) -> None:
    logins = _logins()

    assert len(logins) == 20
    assert all(list(login) == ["username", "password", "role", "store"] for login in logins)
    assert {login["role"] for login in logins} == set(Role.values)
    assert logins[0] == {"username": "advisor1", "password": PASSWORD, "role": "advisor", "store": "GB"}
    assert [login["store"] for login in logins if login["role"] == "manager"] == [
        "GB",
        "NS",
        "LG",
        "GB,NS,LG",
    ]


def test_every_login_opens(people: DemoGroup) -> None:
    for login in _logins():
        user = User.objects.get(username=login["username"])
        assert user.check_password(login["password"])
        assert {role.value for role in user.roles.values()} == {login["role"]}
        assert (
            ",".join(code for code in ("GB", "NS", "LG") if Store.objects.get(code=code).pk in user.roles)
            == login["store"]
        )


def test_one_login_per_role_is_shown(people: DemoGroup) -> None:
    assert [login["username"] for login in one_per_role()] == [
        "advisor1",
        "agent1",
        "technician1",
        "manager2",
        "admin1",
    ]


def test_adding_the_people_twice_changes_nothing(people: DemoGroup) -> None:
    before = list(User.objects.values_list("pk", "password"))

    add_people(people)

    assert list(User.objects.values_list("pk", "password")) == before


def test_without_the_demo_there_are_no_logins(db: None) -> None:
    with pytest.raises(CommandError, match="make demo"):
        _logins()


def test_the_state_follows_the_marks(db: None) -> None:
    assert state.state() is State.EMPTY
    state.mark_begun()
    StoreFactory()
    assert state.state() is State.HALF
    state.mark_ready(seconds=1)
    assert state.state() is State.READY


def test_stores_without_a_mark_are_somebodys_own(db: None) -> None:
    StoreFactory()

    assert state.state() is State.FOREIGN


@pytest.mark.parametrize("reset", [False, True])
def test_the_demo_leaves_foreign_data_alone(db: None, reset: bool) -> None:
    store = StoreFactory()

    with pytest.raises(CommandError, match="did not make"):
        call_command("demo", reset=reset, prepare_only=True)

    assert list(Store.objects.all()) == [store]


def test_the_demo_refuses_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PRODUCTION", True)

    with pytest.raises(CommandError, match="production"):
        call_command("demo", prepare_only=True)


def test_a_port_in_use_is_said_before_anything_is_made(db: None) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} is in use"):
            call_command("demo", port=port)

    assert Store.objects.count() == 0


def test_a_second_demo_in_the_folder_is_refused(
    db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from dealer_crm.management.commands.demo import _sole_demo

    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
    lock = _sole_demo()
    with pytest.raises(CommandError, match="already running"):
        call_command("demo", prepare_only=True)
    lock.close()


def test_data_of_an_older_program_is_brought_up_to_date(tmp_path: Path) -> None:
    """Whoever pulls a newer version and runs the demo again finds pages, not an upgrade in progress."""
    database = f"sqlite:///{tmp_path / 'crm.sqlite3'}"
    environment = {**os.environ, "VAR_DIR": str(tmp_path), "DATABASE_URL": database, "REDIS_URL": ""}

    def manage(*arguments: str) -> int:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True).returncode

    made = "from dealer_crm.demo import state; state.mark_begun(); state.mark_ready(seconds=1)"
    assert manage("migrate", "campaigns", "0001") == 0
    assert manage("shell", "-c", made) == 0
    assert manage("migrate", "--check") == 1

    assert manage("demo", "--prepare-only") == 0

    assert manage("migrate", "--check") == 0
