"""The container's health checks."""

import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from dealer_crm import health


class Answer(BaseHTTPRequestHandler):
    status = 200
    asked: dict[str, str] = {}

    def do_GET(self) -> None:
        type(self).asked = {
            "path": self.path,
            "host": self.headers["Host"],
            "proto": self.headers["X-Forwarded-Proto"],
        }
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Answer]]:
    listening = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    monkeypatch.setenv("PORT", str(listening.server_port))
    monkeypatch.setenv("ALLOWED_HOSTS", "crm.example.com,other.example.com")
    yield Answer
    listening.shutdown()
    listening.server_close()


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (500, False), (404, False)])
def test_the_web_server_is_asked_as_the_proxy_asks(
    server: type[Answer], monkeypatch: pytest.MonkeyPatch, status: int, healthy: bool
) -> None:
    monkeypatch.setattr(server, "status", status)

    assert health.web() is healthy
    assert server.asked == {"path": "/health/", "host": "crm.example.com", "proto": "https"}


def test_a_web_server_that_is_away_is_unhealthy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9")

    assert health.web() is False


@pytest.mark.parametrize(("age", "healthy"), [(599, True), (601, False)])
def test_beat_is_healthy_while_it_writes_its_schedule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: int, healthy: bool
) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    schedule = tmp_path / "celerybeat-schedule.db"
    schedule.touch()
    os.utime(schedule, (time.time() - age, time.time() - age))

    assert health.beat() is healthy


def test_beat_without_a_schedule_is_unhealthy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))

    assert health.beat() is False


def test_wrong_usage_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert health.main(["disk"]) == 2
    assert "usage" in capsys.readouterr().err
