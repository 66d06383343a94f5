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


def start_site(
    stack: ExitStack, folder: Path, port: int, environment: dict[str, str] | None = None, workers: int = 2
) -> Started:
    """The web server as script/server starts it, of this process's site or of the one `environment` names."""
    command = dies_with_us(sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}")
    command += f"--workers {workers} --worker-class gthread --threads 4 --reuse-port --no-control-socket".split()
    site = Started([*command, "--log-level", "warning"], folder / "site.log", environment)
    stack.callback(site.stop)
    return site.wait_until(lambda: listens(port))


class Redis:
    """A private Redis that can be stopped and started again, empty. `FileNotFoundError` when there is none."""

    def __init__(self, folder: Path) -> None:
        if not shutil.which("redis-server"):
            raise FileNotFoundError("redis-server")
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> "Redis":
        words = f"redis-server --port {self.port} --bind 127.0.0.1 --dir {self.folder} --save".split()
        self.server = Started(dies_with_us(*words, ""), self.folder / "redis.log")
        self.server.wait_until(self.listens)
        return self

    def stop(self) -> None:
        self.server.stop()

    def listens(self) -> bool:
        return listens(self.port)


def start_redis(stack: ExitStack, folder: Path) -> str:
    """A private Redis and its URL; empty when it is not installed."""
    try:
        redis = Redis(folder).start()
    except FileNotFoundError:
        return ""
    stack.callback(redis.stop)
    return redis.url


def start_worker(stack: ExitStack, folder: Path, broker: str, processes: int = 2) -> Started:
    """A Celery worker with two processes, as script/server starts it beside a Redis; or with another number."""
    command = dies_with_us(sys.executable, *f"-W ignore -m celery --quiet -A config worker -c {processes}".split())
    command += "--without-mingle --without-gossip --without-heartbeat --loglevel warning".split()
    worker = Started(command, folder / "worker.log", {"REDIS_URL": broker} if broker else {})
    stack.callback(worker.stop)
    return worker.wait_until(lambda: len(worker.children()) >= processes)


class Postgres:
    """A private PostgreSQL that can be stopped and started again. `FileNotFoundError` when there is none.

    `settings` are its own, as `name=value`. In a folder that holds one already it is that one, with what is in it.
    """

    def __init__(self, folder: Path, *settings: str) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
        if not found:
            raise FileNotFoundError("initdb")
        self.bin, self.folder, self.port = found[-1].parent, folder / "postgres", free_port()
        self.folder.mkdir(exist_ok=True)
        self.drop = drop = list[str]()  # what lets a command run as a user that PostgreSQL likes
        if os.geteuid() == 0:
            folder.chmod(0o711)  # the postgres user has to pass through
            shutil.chown(self.folder, "postgres")
            self.drop = drop = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups", "--"]
        data = str(self.folder / "data")
        if not (self.folder / "data").exists():
            make = [*drop, str(self.bin / "initdb"), "-D", data, "-U", "postgres", "-A", "trust"]
            subprocess.run([*make, "-E", "UTF8", "--locale", "C.UTF-8"], cwd="/", check=True, capture_output=True)
        server = dies_with_us(str(self.bin / "postgres"), "-D", data, "-p", str(self.port), sign="INT")
        here = ["listen_addresses=127.0.0.1", f"unix_socket_directories={self.folder}", *settings]
        self.command = [*drop, *server, *(word for setting in here for word in ("-c", setting))]

    def start(self) -> "Postgres":
        self.server = Started(self.command, self.folder.with_name("postgres.log"))
        self.server.wait_until(lambda: self.ask("SELECT 1"))
        return self

    def stop(self, sign: int = signal.SIGINT) -> None:
        """SIGINT ends the sessions and stops; SIGQUIT stops at once, as a crash does."""
        self.server.stop(sign)

    def ask(self, sql: str) -> bool:
        psql = [str(self.bin / "psql"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres"]
        return subprocess.run([*psql, "-d", "postgres", "-c", sql], capture_output=True).returncode == 0

    def make_database(self, name: str, template: str = "") -> str:
        """The URL of a new database, a copy of another when it is named."""
        self.ask(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return f"postgres://postgres@127.0.0.1:{self.port}/{name}"


def start_postgres(stack: ExitStack, folder: Path) -> bool:
    """A private PostgreSQL with both databases, in the environment of all that follows; False when there is none."""
    try:
        postgres = Postgres(folder)
    except FileNotFoundError:
        return False
    stack.callback(postgres.start().stop)
    for name, variable in (("passport", "DATABASE_URL"), ("keys", "KEYS_DATABASE_URL")):
        os.environ[variable] = postgres.make_database(name)
    return True
