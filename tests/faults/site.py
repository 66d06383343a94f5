"""A site that may be broken: its own VAR_DIR, databases and broker, and processes as script/server starts them."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.bench.load import CSRF
from tests.bench.server import FORGOTTEN, ROOT, Started, dies_with_us, free_port

LEASE = 5  # seconds: longer than a render on a busy machine
ALONE = "--without-mingle --without-gossip --without-heartbeat --loglevel warning".split()
ENDED = {"ready", "failed", "void"}


def until(happened: Callable[[], Any], seconds: float = 60, pause: float = 0.1) -> Any:
    """What `happened` says as soon as it is true. Fails when it does not come."""
    end = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(pause)
    return found


class Site:
    """Where it keeps its things, what it runs on, and who can be asked what became of it."""

    def __init__(self, stack: ExitStack, folder: Path, static: Path, services: dict[str, str]) -> None:
        self.stack, self.folder, self.var = stack, folder, folder / "var"
        self.port = free_port()
        own = {
            "VAR_DIR": str(self.var),
            "STATIC_ROOT": str(static),
            "DEMO": "1",
            "BASE_URL": f"http://127.0.0.1:{self.port}",
            "HANDOVER_LEASE_SECONDS": str(LEASE),
            **services,
        }
        hidden = [word for name in (*FORGOTTEN, "TEST_SERVICES") for word in ("-u", name)]
        self.as_site = ["env", *hidden, *(f"{name}={value}" for name, value in own.items())]
        self.databases = services
        self.started = 0
        self.sessions: dict[str, str] = {}
        self.hand = self._hand()

    def run(self, *command: str, **more: str) -> Started:
        """A process of this site, stopped at the end; `more` are settings of its own."""
        self.started += 1
        settings = [f"{name}={value}" for name, value in more.items()]
        process = Started(
            [*self.as_site, *settings, *dies_with_us(sys.executable, *command)], self.folder / f"{self.started}.log"
        )
        self.stack.callback(kill, process)
        return process

    def worker(self, *more: str) -> Started:
        """A Celery worker that is ready for work; with `-B` it is also the timer."""
        beat = ["--schedule", str(self.var / "beat-schedule")] if "-B" in more else []
        found = self.run(
            "-W", "ignore", "-m", "celery", "--quiet", "-A", "config", "worker", "-c", "1", *more, *beat, *ALONE
        )
        return found.wait_until(lambda: bool(found.children()))

    def web(self) -> Started:
        """The web server, ready to answer."""
        words = f"-m gunicorn config.wsgi:application --bind 127.0.0.1:{self.port} --workers 1 --worker-class gthread"
        found = self.run(*words.split(), *"--threads 4 --reuse-port --no-control-socket --log-level warning".split())
        return found.wait_until(self._is_up)

    def _is_up(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return self.call("GET", "/healthz")[0] == 200
        return False

    def call(self, method: str, path: str, session: str = "", **body: Any) -> tuple[int, Any]:
        """Status and JSON of a call of the API."""
        status, said = self._send(method, path, session, json.dumps(body) if body else None, "application/json")
        with suppress(ValueError):
            return status, json.loads(said)
        return status, said

    def page(self, path: str, session: str = "", **form: str) -> tuple[int, str]:
        """Status and text of a page; with fields it is sent as a form, as a browser without script does."""
        kind = "application/x-www-form-urlencoded"
        status, said = self._send("POST" if form else "GET", path, session, urlencode(form) or None, kind)
        return status, said.decode()

    def _send(self, method: str, path: str, session: str, body: str | None, kind: str) -> tuple[int, bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        cookies = f"csrf={CSRF}; session={session}" if session else f"csrf={CSRF}"
        try:
            line.request(method, path, body, {"Cookie": cookies, "X-CSRFToken": CSRF, "Content-Type": kind})
            answer = line.getresponse()
            return answer.status, answer.read()
        finally:
            line.close()

    def ask(self, name: str, *arguments: Any) -> Any:
        """What tests/faults/hand.py answers. Raises LookupError when the site could not answer."""
        assert self.hand.stdin and self.hand.stdout
        self.hand.stdin.write(json.dumps([name, *arguments]) + "\n")
        self.hand.stdin.flush()
        line = self.hand.stdout.readline()
        assert line, f"the hand is gone: {self.hand.poll()} {(self.folder / 'hand.log').read_text()[-2000:]}"
        said = json.loads(line)
        if "error" in said:
            raise LookupError(said["error"])
        return said["answer"]

    def _hand(self) -> "subprocess.Popen[str]":
        command = [*self.as_site, *dies_with_us(sys.executable, "-m", "tests.faults.hand")]
        log = self.stack.enter_context((self.folder / "hand.log").open("w"))
        made = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT)
        self.stack.callback(made.wait, 20)
        if made.stdin and made.stdout:
            self.stack.callback(made.stdout.close)
            self.stack.callback(made.stdin.close)
        return made

    # --- What must hold, whatever broke -----------------------------------------------------------------------

    def states(self) -> list[str]:
        return [job[0] for job in self.ask("jobs")]

    def finish(self, seconds: float = 90) -> None:
        """Sweeps as the timer does, until every job has ended."""

        def ended() -> bool:
            if set(self.states()) <= ENDED:
                return True
            self.ask("sweep")
            return False

        until(ended, seconds, pause=0.5)

    def each_ended_once(self, total: int) -> None:
        """One row per release, and per ready row one file, one code and one whole PDF; nothing else is stored."""
        jobs = self.ask("jobs")
        ready = [job for job in jobs if job[0] == "ready"]
        assert len(jobs) == total == len(ready), jobs
        assert all(1 <= attempts <= 3 for _, attempts, _, _ in jobs), jobs
        assert len({code for *_, code in ready}) == total
        assert self.left_after(LEASE) == sorted(file for _, _, file, _ in ready)
        assert self.ask("counts") == [total, total, 0, 0]
        assert self.ask("fetch") == total

    def left_after(self, lease: float) -> list[str]:
        """What the storage holds once nobody can be busy any more and the timer came by."""
        if set(self.ask("files")) != {job[2] for job in self.ask("jobs") if job[2]}:
            time.sleep(2 * lease + 1)
            self.ask("drop_lost_files")
        return self.ask("files")


def kill(process: Started) -> None:
    """SIGKILL for a process and all it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.process.wait(10)


def kill_children(process: Started) -> None:
    """SIGKILL for what a process started; whoever started them puts others in their place, or ends."""
    for pid in process.children():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
