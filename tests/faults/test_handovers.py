"""A batch while workers are killed, put to sleep and race, and the broker is emptied or away.

Whatever breaks: one row per release, which ends once, with one file and one code; no file is left that nobody knows.
The embedded run breaks the broker of files and SQLite, the second run a Redis and a PostgreSQL.
"""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.bench.server import Started
from tests.faults.conftest import WITH_SERVICES, Services
from tests.faults.site import ENDED, LEASE, Site, kill, until

pytestmark = [pytest.mark.faults, pytest.mark.services]
MakeSite = Callable[..., Site]
only_embedded = pytest.mark.skipif(WITH_SERVICES, reason="breaks the broker of files: on the embedded run")
only_services = pytest.mark.skipif(not WITH_SERVICES, reason="breaks a server: on the run with services")


def is_busy(site: Site) -> bool:
    return "rendering" in site.states()


def goes_on(site: Site, seen: list[list[object]]) -> None:
    """Waits until a worker took or ended something more, with a sweep every second."""
    for _ in range(90):
        for _ in range(20):
            if site.ask("jobs") != seen:
                return
            time.sleep(0.05)
        site.ask("sweep")
    pytest.fail("nobody goes on with the batch")


def freeze(worker: Started, sign: int) -> None:
    """Sends a signal to the processes that render."""
    for pid in worker.children():
        with suppress(ProcessLookupError):
            os.kill(pid, sign)


# --- Workers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("students", "kills"), [(5, 2), pytest.param(40, 20, marks=pytest.mark.slow)])
def test_a_worker_killed_at_random_moments(make_site: MakeSite, students: int, kills: int) -> None:
    """The process that renders, or the whole worker, as a power cut or the memory guard does it."""
    site, chance = make_site(students), random.Random(students)
    worker = site.worker()
    assert site.ask("ask") == students
    for _ in range(kills):
        goes_on(site, site.ask("jobs"))
        if set(site.states()) <= ENDED:
            break
        time.sleep(chance.uniform(0, 0.4))
        if chance.random() < 0.3:
            kill(worker)
        else:
            freeze(worker, signal.SIGKILL)
        if worker.process.poll() is not None:  # Celery gives up too when its first child dies; a supervisor starts it
            worker = site.worker()
    site.finish(60 + 3 * students)
    assert any(attempts > 1 for _, attempts, *_ in site.ask("jobs")), "no kill hit a render"
    spent = [job for job in site.ask("jobs") if job[0] == "failed"]
    assert all(attempts == 3 for _, attempts, *_ in spent)  # killed three times: it says so, and can be asked again
    if spent:
        site.ask("ask")
        site.finish()
    site.each_ended_once(students)


def stopped_in_a_render(make_site: MakeSite, tmp_path: Path) -> tuple[Site, Started]:
    """A worker that stands still while it renders. One that was stopped in the moment of a commit holds every writer
    on SQLite, and one that was ready already says nothing: then once more.
    """
    for turn in range(4):
        folder = tmp_path / str(turn)
        folder.mkdir()
        site = make_site(1, folder)
        sleeper = site.worker()
        site.ask("ask")
        until(lambda: is_busy(site), pause=0.01)  # noqa: B023
        freeze(sleeper, signal.SIGSTOP)
        (before,) = site.ask("jobs")
        try:
            site.ask("sweep")
        except LookupError:
            before = []
        if before[:2] == ["rendering", 1]:
            return site, sleeper
        freeze(sleeper, signal.SIGCONT)
    raise AssertionError("four times it was not to be stopped in a render")


@pytest.mark.slow
def test_a_worker_that_sleeps_past_its_lease_publishes_nothing(make_site: MakeSite, tmp_path: Path) -> None:
    site, sleeper = stopped_in_a_render(make_site, tmp_path)
    site.worker()
    site.finish()
    (taken_over,) = site.ask("jobs")
    assert taken_over[:2] == ["ready", 2]
    freeze(sleeper, signal.SIGCONT)
    site.ask("sweep")
    time.sleep(3)  # the woken one renders to its end
    assert site.ask("jobs") == [taken_over]
    site.each_ended_once(1)


@pytest.mark.parametrize(("jobs", "workers"), [(5, 2), pytest.param(40, 4, marks=pytest.mark.slow)])
def test_workers_that_race_make_each_once(make_site: MakeSite, jobs: int, workers: int) -> None:
    """A broker that sends everything again and again, also while it is being made."""
    site = make_site(jobs)
    site.ask("ask")
    for _ in range(4):
        site.ask("sweep")  # five messages for every row
    for _ in range(workers):
        site.worker()
    for _ in range(10):
        site.ask("wake_all")
        time.sleep(0.2)
    site.finish(90 + 3 * jobs)
    assert [attempts for _, attempts, *_ in site.ask("jobs")] == [1] * jobs
    site.each_ended_once(jobs)


def test_who_stops_while_the_worker_is_dead_gets_no_file(make_site: MakeSite) -> None:
    site = make_site(2)
    worker = site.worker()
    site.ask("ask")
    until(lambda: is_busy(site), pause=0.01)
    kill(worker)
    site.ask("withdraw", "student-0")
    site.worker()
    site.finish()
    assert sorted(site.states()) == ["ready", "void"]
    assert site.left_after(LEASE) == [file for state, _, file, _ in site.ask("jobs") if state == "ready"]
    assert site.ask("counts") == [2, 1, 0, 1] and site.ask("fetch") == 1


# --- The broker --------------------------------------------------------------------------------------------------


def empty_broker(site: Site, services: Services | None) -> None:
    if services:
        subprocess.run(["redis-cli", "-p", str(services.redis.port), "FLUSHALL"], check=True, capture_output=True)
    else:
        shutil.rmtree(site.var / "broker")


def test_an_emptied_broker_loses_nothing(make_site: MakeSite, services: Services | None) -> None:
    """The messages of a batch are gone; and what runs already goes on without being started again."""
    site = make_site(3)
    site.ask("request", "student-0")
    site.worker()
    site.finish()
    empty_broker(site, services)
    site.ask("request", "student-1")  # by a process that knows the broker from before
    until(lambda: site.states().count("ready") == 2, seconds=30)
    site.ask("request", "student-2")
    empty_broker(site, services)
    site.finish()
    site.ask("ask")
    site.each_ended_once(3)


@pytest.fixture
def breaks_broker(services: Services | None) -> Iterator[Callable[[Site], Callable[[], None]]]:
    """Takes the broker away, and gives what brings it back."""
    if services and not services.redis.listens():
        services.redis.start()

    def break_it(site: Site) -> Callable[[], None]:
        if services:
            services.redis.stop()
            return lambda: services.redis.start() and None
        queue = site.var / "broker" / "queue"
        shutil.rmtree(queue)
        queue.write_text("no folder")

        def mend() -> None:
            queue.unlink()
            queue.mkdir()

        return mend

    yield break_it
    if services and not services.redis.listens():
        services.redis.start()


def test_a_broker_that_is_down_at_commit_costs_a_minute(
    make_site: MakeSite, breaks_broker: Callable[[Site], Callable[[], None]]
) -> None:
    site = make_site(3)
    site.web()
    mend = breaks_broker(site)
    status, said = site.call("POST", "/api/v1/handovers/batch/", site.sessions["intaker"], programme="faults")
    assert (status, said["total"]) == (202, 3)
    batch = f"/api/v1/handovers/batch/{said['id']}/"
    assert site.states() == ["queued"] * 3
    status, said = site.call("GET", "/readyz")
    assert status == 503 and said["checks"]["broker"] is False and said["checks"]["database"] is True
    mend()
    site.worker()
    site.finish()
    site.each_ended_once(3)
    assert site.call("GET", batch, site.sessions["intaker"]) == (200, {"total": 3, "ready": 3, "failed": 0, "void": 0})
    assert site.call("GET", batch, site.sessions["outsider"])[0] == 404


@only_services
def test_a_broker_that_hangs_holds_no_request_for_long(make_site: MakeSite, services: Services) -> None:
    """Somebody who asks for a class waits once for the broker, not once for every pupil."""
    site = make_site(6)
    site.web()
    os.kill(services.redis.server.pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        status, said = site.call("POST", "/api/v1/handovers/batch/", site.sessions["intaker"], programme="faults")
        assert (status, said["total"]) == (202, 6)
        assert time.monotonic() - started < 15
    finally:
        os.kill(services.redis.server.pid, signal.SIGCONT)
    site.worker()
    site.finish()
    site.each_ended_once(6)


@only_embedded
def test_half_a_message_ends_no_worker(make_site: MakeSite) -> None:
    """What a full disk or a kill leaves in the folder of the broker, there before the worker and while it works."""
    site = make_site(2)
    queue, control = site.var / "broker" / "queue", site.var / "broker" / "control"
    control.mkdir(exist_ok=True)
    for name in ("celery", "celery.pidbox"):
        (control / f"{name}.exchange").write_text('[["celery", ')
    site.ask("ask")
    half = sorted(queue.glob("*.msg"))[0]
    half.write_bytes(half.read_bytes()[:100])
    worker = site.worker()
    (queue / "0_0.celery.msg").write_bytes(b"")
    until(lambda: not list(queue.glob("*.msg")))
    site.finish()
    assert worker.process.poll() is None
    site.each_ended_once(2)
