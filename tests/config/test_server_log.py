"""gunicorn and the worker write as the site does: what they say of an address or an argument is never filled in."""

import http.client
import json
import socket
import sys
from contextlib import closing

import pytest

from tests.bench.server import ROOT, Started, dies_with_us, free_port

CANARY = "kanariepiet"
APPLICATION = f"""
def application(environ, start):
    if environ["PATH_INFO"].endswith("kapot"):
        raise RuntimeError("{CANARY} in de fout")
    start("200 OK", [("X-Request-ID", "0" * 32), ("Content-Length", "2")])
    return [b"ok"]
"""


@pytest.fixture
def server(tmp_path, monkeypatch):
    """gunicorn as script/server starts it, before an application that breaks on purpose."""
    (tmp_path / "breaks.py").write_text(APPLICATION)
    port = free_port()
    words = f"-m gunicorn breaks:application --bind 127.0.0.1:{port} --no-control-socket --log-level warning"
    words += f" --chdir {tmp_path} --access-logfile - --logger-class config.server_log.ServerLog"
    command = dies_with_us(sys.executable, *words.split())
    found = Started(command, tmp_path / "server.log", {"PYTHONPATH": str(ROOT)})
    yield found.wait_until(lambda: _answers(port)), port
    found.stop()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def ask(port: int, address: str) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as line:
        line.request("GET", address, headers={"User-Agent": CANARY, "Referer": CANARY})
        return line.getresponse().status


def test_a_crash_and_a_request_that_is_none_leave_no_address(server):
    process, port = server
    assert ask(port, f"/{CANARY}/?q={CANARY}") == 200 and ask(port, f"/{CANARY}/kapot?q={CANARY}") == 500
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.sendall(f"GET /{CANARY} {CANARY}\r\nX{CANARY}\r\n\r\n".encode())
        wire.recv(1000)
    process.wait_until(lambda: "Invalid request" in process.log.read_text())
    said = [json.loads(one) for one in process.log.read_text().splitlines()]
    assert CANARY not in json.dumps(said) and "127.0.0.1" not in json.dumps(said)
    assert "Invalid request from ip" in [one["message"] for one in said]
    access = [one for one in said if one["message"] == "access"]
    assert access[0]["status"] == "200" and access[0]["method"] == "GET" and access[0]["request_id"] == "0" * 32
    [crash] = [one for one in said if one["message"].startswith("Error handling request")]
    assert crash["error"] == "RuntimeError" and any("breaks.py" in place for place in crash["where"])
