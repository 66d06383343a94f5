"""Whoever writes to SQLite waits in a queue: all is written, nobody turned away, and nobody holds it up for long."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from django.db import transaction
from django.db.utils import OperationalError

from config.sqlite import base

WRITER = """
import sys, threading
from tests.test_sqlite_queue import connect
def write():
    one = connect(sys.argv[1])
    for _ in range(25):
        one.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        with one.cursor() as cursor:
            cursor.execute("UPDATE counter SET n = n + 1")
        one.commit()
        one.set_autocommit(True)
threads = [threading.Thread(target=write) for _ in range(4)]
[one.start() for one in threads]
[one.join() for one in threads]
"""
HOLDER = """
import sys
from tests.test_sqlite_queue import begin, connect
begin(connect(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def connect(path: str | Path, timeout: float = 20) -> base.DatabaseWrapper:
    settings = {
        "ENGINE": "config.sqlite", "NAME": str(path), "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": timeout},
        "AUTOCOMMIT": True, "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False, "TIME_ZONE": None,
    }  # fmt: skip
    return base.DatabaseWrapper(settings, alias="queue")


def begin(one: base.DatabaseWrapper) -> None:
    one.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    one = connect(tmp_path / "one.sqlite3")
    with one.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("CREATE TABLE counter AS SELECT 0 AS n")
    one.close()
    return tmp_path / "one.sqlite3"


@pytest.fixture
def another(path: Path) -> Iterator[Callable[[], base.DatabaseWrapper]]:
    made: list[base.DatabaseWrapper] = []

    def connection(timeout: float = 20) -> base.DatabaseWrapper:
        made.append(connect(path, timeout))
        return made[-1]

    yield connection
    for one in made:
        one.close()


def test_eight_writers_in_two_processes_lose_nothing(path, another):
    processes = [subprocess.Popen([sys.executable, "-c", WRITER, str(path)]) for _ in range(2)]
    assert [one.wait(timeout=60) for one in processes] == [0, 0]
    with another().cursor() as cursor:
        assert cursor.execute("SELECT n FROM counter").fetchone() == (200,)


def test_a_thread_waits_for_the_one_before_it_and_then_goes(path, another):
    first, order = another(), []
    begin(first)

    def second() -> None:
        one = connect(path)
        begin(one)
        order.append("second")
        one.rollback()
        one.close()

    thread = threading.Thread(target=second)
    thread.start()
    time.sleep(0.2)
    order.append("first")
    first.rollback()
    thread.join(5)
    assert order == ["first", "second"]


@pytest.mark.parametrize("ends", ["commit", "rollback", "close"])
def test_every_end_of_a_transaction_gives_the_turn_back(ends, another):
    one, other = another(), another()
    begin(one)
    getattr(one, ends)()
    began = time.monotonic()
    begin(other)
    other.rollback()
    assert time.monotonic() - began < 5


def test_an_error_in_atomic_gives_the_turn_back(db):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        _ = 1 / 0
    with transaction.atomic():
        pass


def test_a_process_that_is_killed_holds_nobody_up(path, another):
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout and holder.stdout.readline() == b"held\n"
        holder.kill()
    begin(another())


def test_a_turn_that_cannot_be_written_down_holds_nobody_up(another, monkeypatch):
    """No room for the file of the queue: whoever comes after it does not wait for a turn that nobody has."""
    with monkeypatch.context() as patch:
        patch.setattr(base.os, "open", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        one = another()
        begin(one)
        one.rollback()
    began = time.monotonic()
    begin(another())
    assert time.monotonic() - began < 5


def test_who_waits_too_long_hears_it_from_sqlite(another, monkeypatch):
    """Somebody who never lets go: after the patience it is SQLite that says no, as without a queue."""
    monkeypatch.setattr(base, "PATIENCE", 0.1)
    begin(another())
    with pytest.raises(OperationalError, match="locked"):
        begin(another(timeout=0.1))


def test_who_waits_too_long_for_another_process_hears_it_too(path, another, monkeypatch):
    """One that was stopped in the middle of a write holds nobody up for ever."""
    monkeypatch.setattr(base, "PATIENCE", 0.1)
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout and holder.stdout.readline() == b"held\n"
        with pytest.raises(OperationalError, match="locked"):
            begin(another(timeout=0.1))
        holder.kill()


@pytest.mark.parametrize(
    ("error", "goes_on"), [(OSError(37, "No locks available"), True), (KeyboardInterrupt(), False)]
)
def test_a_turn_that_could_not_be_had_is_not_kept(error, goes_on, another, monkeypatch):
    one, none = another(), lambda *_: (_ for _ in ()).throw(error)
    with monkeypatch.context() as patch, nullcontext() if goes_on else pytest.raises(KeyboardInterrupt):
        patch.setattr(base.fcntl, "flock", none)
        begin(one)
    if goes_on:
        one.rollback()
    began = time.monotonic()
    begin(another())
    assert time.monotonic() - began < 5
