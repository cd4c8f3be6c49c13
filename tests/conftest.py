"""Fixtures of the whole suite: people of every role, and a cleared process cache."""

from __future__ import annotations

import os
from datetime import date

import pytest

from staff.models import Role, Store, User
from tests.staff.factories import MembershipFactory, StoreFactory, UserFactory

# Playwright's event loop lives in the same thread as the tests that use it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


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
