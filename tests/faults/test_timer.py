"""The timer inside the embedded worker is killed: it is started again, and goes when its worker goes."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.bench.server import Started
from tests.faults.conftest import WITH_SERVICES
from tests.faults.site import Site, kill, until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.services,
    pytest.mark.skipif(WITH_SERVICES, reason="there the timer is a process of its own: on the embedded run"),
]
MakeSite = Callable[..., Site]
FENCE = str(64 << 20)  # config/celery.py:fence_in, the longest file


def timers(worker: Started) -> set[int]:
    """The children of a worker that do not render: those that do have a fence."""
    found = set()
    for pid in worker.children():
        with suppress(OSError):
            if is_there(pid) and FENCE not in Path(f"/proc/{pid}/limits").read_text():
                found.add(pid)
    return found


def is_there(pid: int) -> bool:
    """Whether a process lives; one that ended and that nobody asked about does not."""
    with suppress(OSError):
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return False


def the_timer(worker: Started) -> int:
    """The one child that does not render, once the other has its fence."""
    until(lambda: len(worker.children()) == 2 and len(timers(worker)) == 1)
    return timers(worker).pop()


def test_a_killed_timer_is_started_again(make_site: MakeSite) -> None:
    site = make_site(1)
    worker = site.worker("-B")
    first = the_timer(worker)
    os.kill(first, signal.SIGKILL)
    second = until(lambda: timers(worker) - {first}, seconds=20).pop()
    assert worker.process.poll() is None
    worker.stop()
    assert until(lambda: not is_there(second), seconds=10)


@pytest.mark.slow
def test_after_a_killed_timer_the_next_one_finds_what_waits(make_site: MakeSite) -> None:
    """Rows that nobody was woken for, and nothing but the timer to find them."""
    site = make_site(2)
    worker = site.worker("-B")
    os.kill(the_timer(worker), signal.SIGKILL)
    site.ask("request_all")
    until(lambda: site.states() == ["ready", "ready"], seconds=150)
    site.ask("ask")
    site.each_ended_once(2)


@pytest.mark.slow
def test_a_killed_worker_leaves_no_timer_behind(make_site: MakeSite) -> None:
    """Left alone it would go on sending messages, and hold the lock of the folder: script/server never starts again."""
    site = make_site(1)
    worker = site.worker("-B")
    timer = the_timer(worker)
    os.kill(worker.pid, signal.SIGKILL)
    worker.process.wait(10)
    try:
        assert until(lambda: not is_there(timer), seconds=10)
    finally:
        kill(worker)
