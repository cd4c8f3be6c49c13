"""Small exports written by the tests, and the command that imports them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from staff.models import Store

ORDER = {
    "工单号": "WX1",
    "车牌号": "粤B12345",
    "VIN": "LSGUD8C71HA126648",
    "客户名称": "李海燕",
    "联系电话": "13807551234",
    "开单日期": "2026-05-02",
    "业务类型": "保养",
    "行驶里程": "41260",
    "工时费": "200.00",
    "材料费": "300.00",
    "优惠金额": "0",
    "实收金额": "500.00",
    "服务顾问": "王芳",
}
Write = Callable[..., Path]
Run = Callable[..., dict[str, Any]]


def order(**changes: str) -> dict[str, str]:
    """The usual order with these cells."""
    return {**ORDER, **changes}


@pytest.fixture
def export(tmp_path: Path) -> Write:
    """Write rows as a CSV export; cells that a row does not name are blank."""

    def write(*rows: dict[str, str], name: str = "orders.csv") -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(
                file, fieldnames=list(dict.fromkeys(name for row in rows for name in row))
            )
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


@pytest.fixture
def run(store: Store, monkeypatch: pytest.MonkeyPatch, today: date) -> Run:
    """Import through the command; the report it prints."""
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: today)

    def command(*paths: Path, **options: Any) -> dict[str, Any]:
        out = io.StringIO()
        options = {"store": store.code, "json": True, **options}
        call_command("import_dms", *map(str, paths), stdout=out, **options)
        report: dict[str, Any] = json.loads(out.getvalue())
        return report

    return command
