"""What the site really asks of its databases: recorded once per call, to hold the floor to it and to feed it."""

import pickle
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from django.test.utils import CaptureQueriesContext

TABLES = re.compile(r'(?:FROM|JOIN|INTO|UPDATE) "(\w+)"')
SILENT = {"BEGIN", "COMMIT", "ROLLBACK"}


@dataclass(frozen=True)
class Statement:
    """One statement as it went to the database; parameters are kept of what is only read."""

    alias: str
    sql: str
    params: tuple[Any, ...] = ()

    @property
    def shape(self) -> tuple[str, str, frozenset[str]]:
        """What it does to which tables, whatever its columns and conditions."""
        return self.alias, self.sql.split(None, 1)[0].upper(), frozenset(TABLES.findall(self.sql))

    @property
    def table(self) -> str:
        """The table of the outermost FROM; subqueries stand between brackets and are skipped."""
        depth = 0
        for place, sign in enumerate(self.sql):
            depth += (sign == "(") - (sign == ")")
            if depth == 0 and self.sql.startswith(' FROM "', place):
                return self.sql[place + 7 :].split('"', 1)[0]
        return ""


@dataclass(frozen=True)
class Recording:
    """The statements of one call and the size of what it answered."""

    statements: tuple[Statement, ...]
    size: int

    @property
    def count(self) -> int:
        return len(self.statements)


def record(call: Callable[[], Any]) -> Recording:
    """Runs a call twice in this process and keeps what the second one asked; the first fills what is kept."""
    call()
    found: list[Statement] = []
    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(_listening(alias, found))
        response = call()
    return Recording(tuple(found), len(response.content))


@contextmanager
def _listening(alias: str, found: list[Statement]) -> Iterator[None]:
    """The wrapper hears the parameters, the log has COMMIT too: together they miss nothing."""

    def hear(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        read = params if sql.startswith("SELECT") and params else ()
        plain = (bytes(value) if isinstance(value, memoryview) else value for value in read)
        found.append(Statement(alias, sql, tuple(plain)))
        return execute(sql, params, many, context)

    connection = connections[alias]
    with CaptureQueriesContext(connection) as captured, connection.execute_wrapper(hear):
        yield
    heard = sum(statement.alias == alias for statement in found)
    silent = [query["sql"] for query in captured if query["sql"] in SILENT]
    found += [Statement(alias, sql) for sql in silent]
    if heard + len(silent) != len(captured):
        raise RuntimeError(f"{alias}: {len(captured)} statements ran, {heard + len(silent)} were heard")


def differences(real: Recording, floor: Recording) -> list[str]:
    """What one of the two runs and the other does not, in words; empty when they are alike."""
    left = [statement.shape for statement in real.statements]
    extra = []
    for statement in floor.statements:
        if statement.shape in left:
            left.remove(statement.shape)
        else:
            extra.append(statement.shape)
    return [*(f"only the site: {_words(one)}" for one in left), *(f"only the floor: {_words(one)}" for one in extra)]


def _words(shape: tuple[str, str, frozenset[str]]) -> str:
    alias, verb, tables = shape
    return f"{verb} {' '.join(sorted(tables))} ({alias})"


# --- For the floor views, in the server's own processes -----------------------------------------------------


def leave(name: str, found: Recording) -> None:
    """Leaves a recording where the floor of the same name finds it."""
    _path(name).write_bytes(pickle.dumps(found))


@cache
def recording(name: str) -> Recording:
    found: Recording = pickle.loads(_path(name).read_bytes())
    return found


@cache
def statement(name: str, table: str, beside: str = "") -> Statement:
    """What the site itself asks of this table in a call, word for word; the last and longest, no count.

    `beside`: the one other table that the statement names, when a call asks this table more than once.
    """
    asked = [one for one in recording(name).statements if one.sql.startswith("SELECT") and one.table == table]
    if beside:
        asked = [one for one in asked if one.shape[2] == {table, beside}]
    return max((one for one in asked if "COUNT(" not in one.sql[:20]), key=lambda one: len(one.sql))


def _path(name: str) -> Path:
    return Path(settings.VAR_DIR) / f"bench-{name.replace(' ', '-')}"
