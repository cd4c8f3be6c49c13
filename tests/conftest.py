"""Fixtures of the whole suite: people of every role, and a cleared process cache."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from staff.models import Role, Store, User
from tests import isolation
from tests.staff.factories import MembershipFactory, StoreFactory, UserFactory

# Playwright's event loop lives in the same thread as the tests that use it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

isolation.apply()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A file rather than memory: browser tests' server threads and worker processes open it too."""
    if connection.vendor == "sqlite":
        name = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
        connection.settings_dict["TEST"]["NAME"] = name


@pytest.fixture(scope="module")
def module_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A transaction around all tests of a module: what takes long to make is made once, in ``unblock()``.

    Each test still takes back what it did itself.
    """
    block = transaction.atomic()
    with django_db_blocker.unblock():
        block.__enter__()
    yield
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        block.__exit__(None, None, None)


@pytest.fixture
def program_environment(transactional_db: None) -> dict[str, str]:
    """The environment in which a child process works on this test's own database, folders and broker."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        url = f"sqlite:///{name}"
    else:
        url = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
    return {**os.environ, "DATABASE_URL": url}


@pytest.fixture
def today() -> date:
    return date(2026, 6, 12)


@pytest.fixture
def store(db: None) -> Store:
    return StoreFactory(code="GB", name="广邦店")


@pytest.fixture
def other_store(db: None) -> Store:
    """A sister store whose rows could leak."""
    return StoreFactory(code="NS", name="南山店")


def _member(store: Store, role: Role) -> User:
    return MembershipFactory(store=store, role=role, user=UserFactory()).user


@pytest.fixture
def advisor(store: Store) -> User:
    return _member(store, Role.ADVISOR)


@pytest.fixture
def agent(store: Store) -> User:
    return _member(store, Role.AGENT)


@pytest.fixture
def technician(store: Store) -> User:
    return _member(store, Role.TECHNICIAN)


@pytest.fixture
def manager(store: Store) -> User:
    return _member(store, Role.MANAGER)


@pytest.fixture
def admin_user(store: Store) -> User:
    return _member(store, Role.ADMIN)


@pytest.fixture
def stranger(other_store: Store) -> User:
    """A manager of the sister store."""
    return _member(other_store, Role.MANAGER)
