"""Exports as a spreadsheet program reads them."""

import csv
import io
from typing import Any

from django.test import Client
from openpyxl import load_workbook

from staff.models import User

FORMATS = ("xlsx", "csv", "gb18030")

# List -> the address of its page, the object in it, and the roles that may take it along.
LISTS = {
    "customers": ("customers:list", "-", {"manager", "admin"}),
    "visits": ("customers:visits", "-", {"manager", "admin"}),
    "complaints": ("customers:complaints", "-", {"manager"}),
    "imports": ("customers:imports", "-", {"manager", "admin"}),
    "segments": ("segmentation:vehicles", "group", {"manager", "admin"}),
    "segment_runs": ("segmentation:runs", "-", {"manager", "admin"}),
    "targets": ("campaigns:targets", "campaign", {"manager", "admin"}),
    "calls": ("callcenter:today", "-", {"manager"}),
    "bookings": ("callcenter:bookings", "-", {"manager"}),
    "jobs": ("jobs:list", "-", {"manager", "admin"}),
    "people": ("staff:people", "-", {"admin"}),
    "audit": ("staff:audit", "-", {"admin"}),
}


def posted(user: User, url: str, form: str = "csv", **query: str) -> Any:
    client = Client(headers={"accept-language": "en"})
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client.post(url, {"format": form}, query_params=query)


def content(response: Any) -> bytes:
    assert response.status_code == 200, response.status_code
    return b"".join(response.streaming_content)


def cells(body: bytes, form: str) -> list[list[Any]]:
    """Every row of the file, the head first."""
    if form == "xlsx":
        sheet = load_workbook(io.BytesIO(body)).worksheets[0]
        return [[cell.value for cell in row] for row in sheet.iter_rows()]
    encoding = {"csv": "utf-8-sig", "gb18030": "gb18030"}[form]
    return list(csv.reader(io.StringIO(body.decode(encoding), newline="")))


def table(response: Any, form: str = "csv") -> list[dict[str, Any]]:
    head, *rows = cells(content(response), form)
    return [dict(zip(head, row, strict=True)) for row in rows]
