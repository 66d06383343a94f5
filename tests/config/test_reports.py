"""An error is told elsewhere only when a setting says where, and then in the words of the log."""

import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from config import env, log_settings
from config.logs import JsonFormatter
from config.reports import ReportHandler

CANARY = "kanariepiet"


@pytest.fixture
def desk():
    """A server that takes reports: its address, and what it was told."""
    told: list[tuple[dict[str, str], bytes]] = []

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            came.release()
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    came = threading.Semaphore(0)
    server = HTTPServer(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", told, came
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def log():
    one = logging.getLogger("tests.reports")
    one.propagate = False
    yield one
    one.handlers.clear()


def reporting(log, url: str) -> None:
    handler = ReportHandler(url)
    handler.setFormatter(JsonFormatter())
    log.addHandler(handler)


def fail(log, message: str = "error %s") -> None:
    secret = CANARY
    try:
        raise RuntimeError(secret)
    except RuntimeError:
        log.error(message, secret, exc_info=True, extra={"route": "question", "body": secret})


def test_unset_nothing_is_told_and_nobody_listens_for_errors():
    assert log_settings.ERROR_REPORT_URL == ""
    assert not [one for one in logging.getLogger().handlers if isinstance(one, ReportHandler)]


def test_what_is_told_is_the_line_of_the_log_without_locals_body_or_text(desk, log):
    url, told, came = desk
    reporting(log, url)
    fail(log)
    assert came.acquire(timeout=10)
    headers, body = told[0]
    said = json.loads(body)
    assert set(said) == {"at", "level", "logger", "message", "route", "error", "where"}
    assert said["error"] == "RuntimeError" and CANARY not in body.decode() + str(headers)
    assert "Cookie" not in headers


def test_the_same_error_is_told_once_a_minute_and_another_at_once(desk, log):
    url, told, came = desk
    reporting(log, url)
    for _ in range(5):
        fail(log)
    fail(log, "another %s")
    assert came.acquire(timeout=10) and came.acquire(timeout=10) and not came.acquire(timeout=0.3)
    assert [json.loads(body)["message"] for _, body in told] == ["error %s", "another %s"]


def test_a_desk_that_does_not_answer_holds_nobody_up(log):
    reporting(log, "http://127.0.0.1:1/")
    fail(log)
    fail(log, "another %s")


@pytest.mark.parametrize(
    "value", ["http://example.nl/", "example.nl", "https://exa mple.nl/", "http://localhost:1@example.nl/"]
)
def test_only_a_closed_line_or_this_machine(monkeypatch, value):
    monkeypatch.setenv("ERROR_REPORT_URL", value)
    with pytest.raises(env.WrongSetting):
        env.address("ERROR_REPORT_URL")


@pytest.mark.parametrize("value", ["", "https://example.nl/x", "http://localhost:9/x", "http://127.0.0.1/"])
def test_that_is_fine(monkeypatch, value):
    monkeypatch.setenv("ERROR_REPORT_URL", value)
    assert env.address("ERROR_REPORT_URL") == value
