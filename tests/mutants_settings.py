"""Settings of script/mutants alone: a test database in a file, so that a thousand runs need not each make one."""

from typing import Any

from config.settings import *  # noqa: F403
from config.settings import DATABASES, VAR_DIR


def _in_a_file(alias: str, database: dict[str, Any]) -> dict[str, Any]:
    return {**database, "TEST": {"NAME": str(VAR_DIR / f"test-{alias}.sqlite3")}}


DATABASES = {alias: _in_a_file(alias, database) for alias, database in DATABASES.items()}
