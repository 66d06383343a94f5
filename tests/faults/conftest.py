"""Sites to break. On the second run of script/test they stand on a PostgreSQL and a Redis of their own."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest

from tests.bench.server import Postgres, Redis
from tests.faults.site import Site

WITH_SERVICES = bool(os.environ.get("TEST_SERVICES"))


@dataclass
class Services:
    """Servers that only these tests use, so that they may be emptied, stopped and started."""

    postgres: Postgres
    redis: Redis


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services | None]:
    """A PostgreSQL and a Redis; None on the embedded run."""
    if not WITH_SERVICES:
        yield None
        return
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("services")
        for place in [folder, *folder.parents]:
            if place == Path(gettempdir()):
                break
            place.chmod(0o711)  # the postgres user has to pass through; xdist makes one folder more
        # Without fsync it is up at once after a crash of its own; only the machine's would cost it something.
        running = Services(Postgres(folder, "fsync=off").start(), Redis(folder).start())
        stack.callback(running.postgres.stop)
        stack.callback(running.redis.stop)
        yield running


@dataclass
class Blank:
    """A site without people, to be copied: migrating one takes seconds."""

    var: Path
    static: Path
    databases: dict[str, str]


@pytest.fixture(scope="session")
def blank(services: Services | None, tmp_path_factory: pytest.TempPathFactory) -> Blank:
    folder = tmp_path_factory.mktemp("blank")
    databases = _own_databases(services, "blank")
    with ExitStack() as stack:
        Site(stack, folder, folder / "static", databases).ask("prepare")
    return Blank(folder / "var", folder / "static", databases)


@pytest.fixture
def make_site(services: Services | None, blank: Blank, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Makes a site with so many students who share: `make_site(8)`. Afterwards nothing is wider or unproven."""
    with ExitStack() as stack:
        made: list[tuple[Site, Any]] = []

        def one(number: int, folder: Path = tmp_path) -> Site:
            shutil.copytree(blank.var, folder / "var")
            databases = _own_databases(services, secrets.token_hex(4), blank)
            found = Site(stack, folder, blank.static, databases)
            found.sessions = found.ask("make", number)
            made.append((found, found.ask("wide")))
            return found

        yield one
        for found, wide in made:
            assert found.ask("ledger"), "the ledger is broken"
            assert all(share in wide for share in found.ask("wide")), "a share became wider"


def _own_databases(services: Services | None, name: str, like: Blank | None = None) -> dict[str, str]:
    if services is None:
        return {}
    made = {"REDIS_URL": services.redis.url}
    for setting in ("DATABASE_URL", "KEYS_DATABASE_URL"):
        template = like.databases[setting].rsplit("/", 1)[1] if like else ""
        made[setting] = services.postgres.make_database(f"{setting.lower()}_{name}", template)
    return made
