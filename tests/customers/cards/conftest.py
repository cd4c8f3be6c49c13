"""Pages of the customers app on their own: the frame and what other apps add have tests of their own."""

from __future__ import annotations

import pytest

from customers import card


@pytest.fixture(autouse=True)
def own_app_only(settings, monkeypatch):
    settings.CARD_SOURCES = ["customers.contribution.contribute"]
    settings.LABEL_SOURCES = []
    settings.EXPECTED_SOURCES = []
    settings.JOB_REACTIONS = {"visits_changed": ["test.segment"], "card_changed": ["test.segment"]}
    monkeypatch.setattr("dealer_crm.navigation._chrome", lambda request: {"home_url": "/"})
    caches = (card._sources, card._label_sources, card._expected_sources)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()
