"""What the benchmarks start: the site, a worker, Redis, PostgreSQL. Each is stopped by its id, also after an error."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 30.0
# A developer's own settings must not decide what is measured (script/test forgets the same ones).
FORGOTTEN = (
    "DATABASE_URL KEYS_DATABASE_URL REDIS_URL SECRET_KEY FIELD_KEYS LEDGER_KEY RECEIPT_KEY ALLOWED_HOSTS BASE_URL"
    " EMAIL_URL STORAGE_URL STATIC_ROOT DEMO DEBUG TRUSTED_PROXY_COUNT FROM_EMAIL"
).split()


class DidNotStart(Exception):
    """A process of the benchmarks did not come up; the message has the end of its log."""


def dies_with_us(*command: str, sign: str = "TERM") -> list[str]:
    """The kernel passes the signal on when this process is killed the hard way (script/_common.sh does the same)."""
    return ["setpriv", "--pdeathsig", sign, "--", *command] if shutil.which("setpriv") else list(command)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def own_environment(folder: Path, port: int) -> None:
    """Points this process and all it starts at a folder of its own, before any setting is read."""
    for name in FORGOTTEN:
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    os.environ |= {
        "VAR_DIR": str(folder / "var"),
        "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        "BASE_URL": f"http://127.0.0.1:{port}",
        "DEMO": "1",
    }


class Started:
    """A child with its log. `stop` asks first and ends the whole group if it must."""

    def __init__(self, command: list[str], log: Path, environment: dict[str, str] | None = None) -> None:
        self.log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                command,
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=ROOT,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait_until(self, is_up: Callable[[], bool]) -> "Started":
        end = time.monotonic() + PATIENCE
        while not is_up():
            if self.process.poll() is not None or time.monotonic() > end:
                raise DidNotStart(f"{self.log.stem}: {self.log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)
        return self

    def stop(self, sign: int = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            self.process.send_signal(sign)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
                self.process.wait(5)

    def children(self) -> list[int]:
        """The processes it started itself: Celery's pool."""
        path = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [int(pid) for pid in path.read_text().split()]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def start_site(stack: ExitStack, folder: Path, port: int) -> Started:
    """The web server as script/server starts it, with the floor views beside the pages."""
    command = dies_with_us(sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}")
    command += "--workers 2 --worker-class gthread --threads 4 --reuse-port --no-control-socket".split()
    site = Started([*command, "--log-level", "warning"], folder / "site.log")
    stack.callback(site.stop)
    return site.wait_until(lambda: listens(port))


def start_redis(stack: ExitStack, folder: Path) -> str:
    """A private Redis and its URL; empty when it is not installed."""
    if not shutil.which("redis-server"):
        return ""
    port = free_port()
    command = dies_with_us(
        "redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)
    )
    redis = Started(command, folder / "redis.log")
    stack.callback(redis.stop)
    redis.wait_until(lambda: listens(port))
    return f"redis://127.0.0.1:{port}/0"


def start_worker(stack: ExitStack, folder: Path, broker: str) -> Started:
    """A Celery worker with two processes, as script/server starts it beside a Redis."""
    command = dies_with_us(
        sys.executable, "-W", "ignore", "-m", "celery", "--quiet", "-A", "config", "worker", "-c", "2"
    )
    command += "--without-mingle --without-gossip --without-heartbeat --loglevel warning".split()
    worker = Started(command, folder / "worker.log", {"REDIS_URL": broker} if broker else {})
    stack.callback(worker.stop)
    return worker.wait_until(lambda: len(worker.children()) >= 2)


def start_postgres(stack: ExitStack, folder: Path) -> bool:
    """A private PostgreSQL with both databases, in the environment of all that follows; False when there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if not found:
        return False
    bin_dir, data, port = found[-1].parent, folder / "postgres", free_port()
    data.mkdir()
    drop: list[str] = []
    if os.geteuid() == 0:
        folder.chmod(0o711)  # the postgres user has to pass through
        shutil.chown(data, "postgres")
        drop = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups", "--"]
    make = [*drop, str(bin_dir / "initdb"), "-D", str(data / "data"), "-U", "postgres", "-A", "trust"]
    subprocess.run([*make, "-E", "UTF8", "--locale", "C.UTF-8"], cwd="/", check=True, capture_output=True)
    command = [*drop, *dies_with_us(str(bin_dir / "postgres"), "-D", str(data / "data"), "-p", str(port), sign="INT")]
    command += ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={data}"]
    postgres = Started(command, folder / "postgres.log")
    stack.callback(postgres.stop, signal.SIGINT)  # INT: end the sessions, then stop
    psql = [str(bin_dir / "psql"), "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-d", "postgres"]
    ask = lambda sql: subprocess.run([*psql, "-c", sql], capture_output=True).returncode == 0  # noqa: E731
    postgres.wait_until(lambda: ask("SELECT 1"))
    for name, variable in (("passport", "DATABASE_URL"), ("keys", "KEYS_DATABASE_URL")):
        ask(f"CREATE DATABASE {name}")
        os.environ[variable] = f"postgres://postgres@127.0.0.1:{port}/{name}"
    return True
