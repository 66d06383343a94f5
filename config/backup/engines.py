"""One database to a file and back, while nothing of it is half: SQLite by its online backup, PostgreSQL by pg_dump.

Neither shows what a database says: the lines of pg_restore can hold rows, so of an error only its first line is told,
without what it was about.
"""

import fcntl
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3._functions import register

from config.backup.places import Refused


class Engine(Protocol):
    """What a backup asks of a database."""

    kind: str
    file: str

    def dump(self, target: Path) -> None:
        """Writes the database of one moment to a new file."""

    def load(self, source: Path) -> None:
        """Puts a dump in the place of all there is, or leaves it all as it was."""

    def is_empty(self) -> bool:
        """Whether there is no table."""

    def bytes(self) -> int:
        """About how much a dump takes."""

    def others(self) -> int:
        """How many others are at work in it, as far as the database tells."""


def engine_of(alias: str) -> Engine:
    """The engine of `default` or `keys`."""
    connection = connections[alias]
    return Sqlite(alias) if connection.vendor == "sqlite" else Postgres(connection)


class Sqlite:
    kind = "sqlite"

    def __init__(self, alias: str) -> None:
        self.alias, self.path = alias, Path(settings.DATABASES[alias]["NAME"])
        self.file = f"{alias}.sqlite3"

    def dump(self, target: Path) -> None:
        """The online backup: one moment of it, and who writes does not wait."""
        try:
            source = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=30)
            with closing(source), closing(sqlite3.connect(target)) as copy:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
                _refuse_broken(copy, target)
        except sqlite3.Error as error:
            raise Refused(f"{self.file}: not copied ({error})") from None

    def load(self, source: Path) -> None:
        """Page by page in one transaction of the living file: whoever has it open sees the old or the new."""
        connections[self.alias].close()
        try:
            with closing(sqlite3.connect(f"file:{source}?mode=ro&immutable=1", uri=True)) as copy:
                _refuse_broken(copy, source)
                with closing(sqlite3.connect(self.path, timeout=30)) as target:
                    target.execute("PRAGMA journal_mode=WAL")
                    target.execute("PRAGMA secure_delete=ON")
                    copy.backup(target)
                    target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise Refused(f"{self.file}: not put back, it is as it was ({error})") from None
        self.path.chmod(0o600)

    def is_empty(self) -> bool:
        if not self.path.exists():
            return True
        with closing(sqlite3.connect(self.path, timeout=30)) as here:
            return not here.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]

    def bytes(self) -> int:
        return sum(one.stat().st_size for one in self.path.parent.glob(f"{self.path.name}*"))

    def others(self) -> int:
        return 0  # the lock of script/server tells


def _refuse_broken(copy: sqlite3.Connection, path: Path) -> None:
    register(copy)  # the checks of our tables use Django's functions
    if copy.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise Refused(f"{path}: this is no whole SQLite database")


class Postgres:
    kind = "postgresql"

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection, self.file = connection, f"{connection.alias}.dump"

    def dump(self, target: Path) -> None:
        """pg_dump reads all tables in one snapshot."""
        self._run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")

    def load(self, source: Path) -> None:
        """One transaction: it is all there, or all as it was."""
        name = f"--dbname={self.connection.settings_dict['NAME']}"
        whole = ("--single-transaction", "--exit-on-error", "--clean", "--if-exists", "--no-owner", "--no-privileges")
        self.connection.close()
        self._run("pg_restore", *whole, name, str(source))

    def is_empty(self) -> bool:
        with self.connection.cursor() as cursor:
            return not self.connection.introspection.table_names(cursor)

    def bytes(self) -> int:
        return int(self._ask("SELECT pg_database_size(current_database())"))

    def others(self) -> int:
        who = "datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        return int(self._ask(f"SELECT count(*) FROM pg_stat_activity WHERE {who}"))  # noqa: S608  # nosec B608  # no value in it

    def _ask(self, sql: str) -> str:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            return str(cursor.fetchone()[0])

    def _run(self, tool: str, *arguments: str) -> None:
        """The password goes through the environment: a command line is there for everybody to see."""
        done = subprocess.run(  # noqa: S603
            [_tool(tool), *arguments], env=os.environ | self._environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Refused(f"{tool} ended with {done.returncode}: {_told(done.stderr)}")

    def _environment(self) -> dict[str, str]:
        known = self.connection.settings_dict
        options = known.get("OPTIONS") or {}
        names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
        found = {name: str(known.get(field) or "") for name, field in names.items()}
        found |= {f"PG{name.upper()}": str(options[name]) for name in ("sslmode", "sslrootcert") if name in options}
        return {name: value for name, value in found.items() if value}


def _tool(name: str) -> str:
    if path := shutil.which(name):
        return path
    raise Refused(f"{name} is not on this machine: install postgresql-client, of the server's version or newer")


def _told(stderr: str) -> str:
    """The first error without what stands behind it: a line of COPY or a key can be somebody's."""
    first = next((line for line in stderr.splitlines() if "error:" in line), "no reason given")
    return re.split(r"DETAIL|CONTEXT|\bKey \(|COPY \w+, line", first)[0].strip()[:160]


@contextmanager
def nobody_else(engines: list[Engine]) -> Iterator[None]:
    """Holds the lock of script/server. Raises Refused while the site runs."""
    stop = "stop the site first: web, worker and beat"
    with ExitStack() as stack:
        Path(settings.VAR_DIR).mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = stack.enter_context((Path(settings.VAR_DIR) / "server.lock").open("a"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(f"script/server runs here; {stop}") from None
        if working := sum(engine.others() for engine in engines):
            raise Refused(f"{working} others are connected to the databases; {stop}")
        yield
