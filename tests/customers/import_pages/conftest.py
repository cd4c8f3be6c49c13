"""Uploading through the page, as a person does, with jobs run in this process."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from customers.models import Import
from jobs.engine import run_all
from staff.models import Store, User

SAMPLES = Path(__file__).parent.parent / "dms" / "samples"
HEADER = "工单号,车牌号,客户名称,联系电话,开单日期,业务类型,行驶里程,实收金额"
ROW = "WX1,粤B12345,李海燕,13807551234,2026-05-02,保养,41260,500.00"
Upload = Callable[..., Any]


def text_of(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


@pytest.fixture
def desk(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


@pytest.fixture
def english(desk: Client) -> Client:
    """The same person, who reads English."""
    desk.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return desk


@pytest.fixture
def upload(desk: Client, store: Store) -> Upload:
    """Post the upload form; the response."""

    def post(content: bytes = text_of(ROW), name: str = "工单.csv", **fields: Any) -> Any:
        data = {
            "form_key": uuid.uuid4(),
            "store": store.pk,
            "file": SimpleUploadedFile(name, content),
            **fields,
        }
        return desk.post(reverse("customers:import_upload"), data)

    return post


@pytest.fixture
def checked(upload: Upload) -> Callable[..., Import]:
    """An import whose check has run."""

    def make(content: bytes = text_of(ROW), name: str = "工单.csv") -> Import:
        upload(content, name)
        run_all()
        return Import.objects.latest("pk")

    return make


@pytest.fixture
def sample(checked: Callable[..., Import]) -> Callable[[str], Import]:
    def make(name: str) -> Import:
        return checked((SAMPLES / name).read_bytes(), name)

    return make


@pytest.fixture
def written(desk: Client, checked: Callable[..., Import]) -> Callable[..., Import]:
    """An import that has been written through the preview page."""

    def make(*args: Any) -> Import:
        imported = checked(*args)
        desk.post(reverse("customers:import_preview", args=[imported.pk]))
        run_all()
        imported.refresh_from_db()
        return imported

    return make


def address(name: str, imported: Import) -> str:
    return reverse(f"customers:{name}", args=[imported.pk])
