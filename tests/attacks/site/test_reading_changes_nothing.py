"""Opening a page changes nothing but who looked: every URL, as one of each role (ASVS 3.5.3; every change is a POST).

The database is compared before and after, and each statement that writes is caught with the URL that made it.
"""

import re
from collections import defaultdict
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import connections, transaction
from django.test import Client

from accounts.models import User
from tests.test_access_matrix import ANYBODY, address, client_of
from tests.test_house_rules import named_urls

ROLES = [
    ANYBODY,
    "student.full",
    "student.placed",
    "guardian.young",
    "mentor.one",
    "counsellor.one",
    "care.one",
    "intaker.care",
    "college.coordinator",
    "school.coordinator",
    "mentor.college",
    "coach.one",
    "region.one",
]
SOME = {ANYBODY, "student.full", "guardian.young", "mentor.one", "intaker.care", "school.coordinator", "coach.one"}
# What a look may leave, and why. Nothing else may change, on any page.
LOOKS = {
    "consent_ledgerentry": "the look itself: what somebody reads is written down (rule 5)",
    "django_session": "the session: when it was last used, and once a key against printing cards twice",
    "intake_case": "a new case is read at the first look (contract, cases)",
}
WRITES = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO|INSERT OR \w+ INTO)\s+"?(\w+)"?', re.I)
ALIASES = ("default", "keys")


class Watch:
    """Every table that a statement writes to, beside the URL that was open."""

    def __init__(self) -> None:
        self.url, self.seen = "", defaultdict(set)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if found := WRITES.match(sql):
            self.seen[found[1]].add(self.url)
        return execute(sql, params, many, context)


def state(alias: str) -> dict[str, tuple[int, str]]:
    """Per table how many rows it has, and one digest over all of them."""
    connection, found = connections[alias], {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows = sorted(
                repr([bytes(c) if isinstance(c, memoryview) else c for c in row]) for row in cursor.fetchall()
            )
            found[table] = (len(rows), sha256("\n".join(rows).encode()).hexdigest())
    return found


def files() -> set[Path]:
    """What is stored; the cache and the broker hold counts and ids, and tests of their own look there."""
    apart = {Path(settings.VAR_DIR) / name for name in ("cache", "broker")}
    return {path for path in Path(settings.VAR_DIR).rglob("*") if path.is_file() and not apart & set(path.parents)}


def open_everything(client: Client, world: SimpleNamespace, watch: Watch) -> int:
    """How many of them did open."""
    opened = 0
    for name, pattern in named_urls():
        watch.url = name
        opened += client.get(address(name, pattern, world.kwargs)).status_code == 200
    watch.url = ""
    return opened


@pytest.mark.parametrize(
    "username", [pytest.param(one, marks=() if one in SOME else pytest.mark.slow) for one in ROLES]
)
def test_opening_every_page_changes_nothing_but_looks(world, username):
    watch, client = Watch(), client_of(username)
    with ExitStack() as stack:
        for alias in ALIASES:
            stack.enter_context(transaction.atomic(using=alias))
            stack.enter_context(connections[alias].execute_wrapper(watch))
        before, stored = {alias: state(alias) for alias in ALIASES}, files()
        opened = open_everything(client, world, watch)
        after = {alias: state(alias) for alias in ALIASES}
        for alias in ALIASES:
            transaction.set_rollback(True, using=alias)
    changed = {table for alias in ALIASES for table in before[alias] if before[alias][table] != after[alias][table]}
    wrong = {table: sorted(watch.seen[table]) for table in (changed | watch.seen.keys()) - LOOKS.keys()}
    assert not wrong, wrong
    assert files() == stored
    assert opened > 20, "whoever is kept out of everything changes nothing either"


def test_the_watch_sees_a_write(world):
    watch = Watch()
    with connections["default"].execute_wrapper(watch), transaction.atomic():
        before = state("default")
        watch.url = "here"
        User.objects.filter(username="student.full").update(is_active=False)
        assert watch.seen == {"accounts_user": {"here"}} and state("default") != before
        transaction.set_rollback(True)
