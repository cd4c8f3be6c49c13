"""The frame with a page of all components in place of the project's pages."""

from __future__ import annotations

import pytest

from tests.design import pages
from tests.staff.factories import UserFactory


@pytest.fixture
def frame(settings):
    pages.install(settings)


@pytest.fixture
def person(store):
    return UserFactory(full_name="周敏")
