"""Wires the apps together; no app imports it."""

from dealer_crm import spreadsheets as _spreadsheets
from dealer_crm import sqlite as _sqlite

_sqlite.prefer_bundled()
_spreadsheets.load_alone()

from dealer_crm.celery import app as celery_app  # noqa: E402  (the SQLite library must be chosen before Django loads one)

__all__ = ["celery_app"]
