"""The whole site on servers of its own: PostgreSQL, Redis, gunicorn, worker and timer, as script/server starts them.

What starts them is tests/bench/server.py; here is what a load needs on top: counters in PostgreSQL, its ordinary
durability, and on demand a pooler between the site and PostgreSQL.
"""

import json
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import server
from tests.bench.server import ROOT, DidNotStart, Postgres, Redis, Started, dies_with_us, free_port, listens
from tests.load.meter import Meter

# As a small server would be set; fsync and synchronous_commit stay on: an answer that was kept is on the disk.
POSTGRES = (
    "shared_preload_libraries=pg_stat_statements",
    "pg_stat_statements.track=top",
    "max_connections=200",
    "shared_buffers=512MB",
    "max_wal_size=2GB",
    "random_page_cost=1.1",
)
POOLER = """[databases]
passport = host=127.0.0.1 port={postgres} dbname=passport user=postgres
keys = host=127.0.0.1 port={postgres} dbname=keys user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 2000
"""


@dataclass(frozen=True)
class Shape:
    """What the site runs on."""

    web: int = 2
    worker: int = 2
    pooler: int = 0  # connections with each database behind a pgbouncer; 0 is without one


@dataclass(frozen=True)
class Running:
    """A site that is up: where it listens, who its people are, and what its servers spend."""

    port: int
    people: dict[str, Any]
    meter: Meter
    versions: str


def start(stack: ExitStack, folder: Path, shape: Shape, words: tuple[int, int, int]) -> Running:
    """Everything, in the order script/server has. `words`: seeded, typing and days, for tests/load/people.py.

    Raises DidNotStart, and FileNotFoundError for a server that is not installed.
    """
    port = free_port()
    server.own_environment(folder, port)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    postgres = Postgres(folder, *POSTGRES).start()
    stack.callback(postgres.stop)
    redis = Redis(folder).start()
    stack.callback(redis.stop)
    # Beat and the sweep run as in production, so nothing of the settings is changed for the measurement.
    os.environ["REDIS_URL"] = redis.url
    for name, variable in (("passport", "DATABASE_URL"), ("keys", "KEYS_DATABASE_URL")):
        os.environ[variable] = postgres.make_database(name)
    people = make_people(words)
    processes = {"postgres": postgres.server.pid, "redis": redis.server.pid}
    if shape.pooler:
        processes["pooler"] = _start_pooler(stack, folder, postgres, shape.pooler).pid
    processes["web"] = server.start_site(stack, folder, port, workers=shape.web).pid
    processes["worker"] = server.start_worker(stack, folder, redis.url, shape.worker).pid
    processes["timer"] = start_timer(stack, folder).pid
    meter = Meter(processes, f"postgres://postgres@127.0.0.1:{postgres.port}/postgres", redis.url)
    return Running(port, people, meter, _versions(postgres))


def make_people(words: tuple[int, int, int]) -> dict[str, Any]:
    """Migrates, collects the files, seeds, and logs everybody in."""
    command = [sys.executable, "-m", "tests.load.people", *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise DidNotStart(f"people: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def start_timer(stack: ExitStack, folder: Path) -> Started:
    """Celery's beat: in production the timer is a process of its own."""
    words = f"-W ignore -m celery --quiet -A config beat --schedule {folder / 'beat'} --pidfile= --loglevel warning"
    timer = Started(dies_with_us(sys.executable, *words.split()), folder / "timer.log")
    stack.callback(timer.stop)
    return timer


def _start_pooler(stack: ExitStack, folder: Path, postgres: Postgres, size: int) -> Started:
    """pgbouncer in transaction mode; from here on the site talks to it, without cursors on the server's side."""
    found = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if found is None:
        raise FileNotFoundError("pgbouncer")
    port, file = free_port(), folder / "pgbouncer.ini"
    file.write_text(POOLER.format(postgres=postgres.port, port=port, size=size))
    file.chmod(0o644)
    pooler = Started([*postgres.drop, *dies_with_us(found, str(file))], folder / "pooler.log").wait_until(
        lambda: listens(port)
    )
    stack.callback(pooler.stop)
    for name, variable in (("passport", "DATABASE_URL"), ("keys", "KEYS_DATABASE_URL")):
        os.environ[variable] = f"postgres://postgres@127.0.0.1:{port}/{name}?DISABLE_SERVER_SIDE_CURSORS=true"
    return pooler


def _versions(postgres: Postgres) -> str:
    def first(*command: str) -> str:
        return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()[0]

    redis = first("redis-server", "--version").split()[2].removeprefix("v=")
    return f"{first(str(postgres.bin / 'postgres'), '--version')}, Redis {redis}"
