"""Servers beside the site that are restarted, slow or away: PostgreSQL, Redis, the database of the keys.

Nobody starts the site again: web server and worker find by themselves that what was away is back.
"""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.faults.conftest import WITH_SERVICES, Services
from tests.faults.people import ANSWER, Reading, Typing
from tests.faults.site import Site, until

only_services = pytest.mark.skipif(not WITH_SERVICES, reason="breaks a server: on the run with services")
pytestmark = [pytest.mark.faults, pytest.mark.services, only_services]
slow = pytest.mark.slow
MakeSite = Callable[..., Site]
BUSY_PAGE, OUR_FAULT = "We zijn even bezig…", "Er ging iets mis"
LOG_IN = {"login": "intaker", "password": "a long enough password"}  # as tests/factories.py makes them


# --- PostgreSQL --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sign", "times"),
    [pytest.param(signal.SIGINT, 1, marks=slow), (signal.SIGQUIT, 1), pytest.param(signal.SIGQUIT, 6, marks=slow)],
    ids=["fast", "immediate", "often"],
)
def test_a_database_that_is_restarted_under_saves_and_handovers(
    make_site: MakeSite, services: Services, sign: int, times: int
) -> None:
    """SIGINT ends every session, SIGQUIT stops as a crash does: no yes is lost, each handover is made once."""
    site = make_site(4)
    site.web()
    site.worker()
    with Typing(site, 3) as typing:
        typing.go_on()
        site.ask("ask")
        for _ in range(times):
            until(lambda: set(site.states()) & {"rendering", "ready"}, pause=0.01)
            services.postgres.stop(sign)
            try:
                assert site.page("/paspoort/", site.sessions["student-3"])[0] == 503
                time.sleep(0.3)
            finally:
                services.postgres.start()
            typing.go_on()
    assert typing.heard[503]
    assert until(lambda: site.call("GET", "/readyz")[0] == 200, seconds=20)
    site.finish()
    site.each_ended_once(4)


# --- Redis: the broker, and the counters of the log-in -----------------------------------------------------------


@contextmanager
def redis_that(what: str, services: Services) -> Iterator[None]:
    """`away` stopped; `slow` answers nobody for a while; `hangs` takes connections and answers nobody."""
    redis = services.redis
    if what == "away":
        redis.stop()
    elif what == "slow":
        subprocess.run(
            ["redis-cli", "-p", str(redis.port), "CLIENT", "PAUSE", "3000", "ALL"], check=True, capture_output=True
        )
    else:
        redis.server.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        if what == "hangs":
            redis.server.process.send_signal(signal.SIGCONT)
        if not redis.listens():
            redis.start()


@pytest.mark.parametrize("what", ["away", pytest.param("slow", marks=slow), pytest.param("hangs", marks=slow)])
def test_students_type_on_whatever_redis_does(make_site: MakeSite, services: Services, what: str) -> None:
    """Saving asks nothing of Redis. Asking for a class waits once, and the sweep finds what nobody was told of."""
    site = make_site(3)
    site.web()
    with Typing(site, 2) as typing, Reading(site, [("/api/v1/dossiers/", site.sessions["intaker"])]):
        typing.go_on()
        with redis_that(what, services):
            started = time.monotonic()
            status, said = site.call("POST", "/api/v1/handovers/batch/", site.sessions["intaker"], programme="faults")
            assert (status, said["total"]) == (202, 3) and time.monotonic() - started < 15
            typing.go_on(seconds=10)
    site.worker()
    site.finish()
    site.each_ended_once(3)


@pytest.mark.parametrize("what", [pytest.param("away", marks=slow), "hangs"])
def test_without_its_counters_nobody_logs_in_and_with_them_one_does(
    make_site: MakeSite, services: Services, what: str
) -> None:
    """Who cannot count wrong passwords lets nobody try one; and says so soon, in words for people."""
    site = make_site(1)
    site.web()
    with redis_that(what, services):
        started = time.monotonic()
        status, html = site.page("/inloggen/", **LOG_IN)
        assert status == 503 and BUSY_PAGE in html and OUR_FAULT not in html
        assert time.monotonic() - started < 15
    assert until(lambda: site.page("/inloggen/", **LOG_IN)[0] == 302, seconds=20)


def test_an_emptied_redis_between_commit_and_message_loses_nothing(make_site: MakeSite, services: Services) -> None:
    """Emptied twenty times a second while jobs are asked for and made."""
    site = make_site(4)
    worker = site.worker()
    flush = ["redis-cli", "-p", str(services.redis.port), "-r", "100", "-i", "0.05", "FLUSHALL"]
    flushing = subprocess.Popen(flush, stdout=subprocess.DEVNULL)
    try:
        for place in range(4):
            site.ask("request", f"student-{place}")
            time.sleep(0.3)
    finally:
        flushing.kill()
        flushing.wait()
    site.finish()
    assert worker.process.poll() is None
    site.ask("ask")
    site.each_ended_once(4)


# --- The database of the keys ------------------------------------------------------------------------------------


@contextmanager
def without_keys(site: Site, services: Services) -> Iterator[None]:
    """The database of the keys takes nobody in and ends who was in it."""
    name = site.databases["KEYS_DATABASE_URL"].rsplit("/", 1)[1]
    ask = services.postgres.ask
    assert ask(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    try:
        yield
    finally:
        assert ask(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


STUDENT_PAGES = (
    "/paspoort/ /paspoort/vraag/want.dream/ /paspoort/me/ /vandaag/ /delen/ /wie-keek/"
    " /instellingen/mijn-gegevens/paspoort.html"
).split()
STUDENT_CALLS = "/api/v1/passport/ /api/v1/passport/export/ /api/v1/shares/".split()
INTAKER_PAGES, INTAKER_CALLS = ["/intake/"], ["/api/v1/dossiers/", "/api/v1/intake/cases/"]


def test_while_the_keys_are_away_every_personal_page_says_so(make_site: MakeSite, services: Services) -> None:
    """Never an empty passport, never a name that is guessed; and all is there again without anybody starting it."""
    site = make_site(2)
    student, intaker = site.sessions["student-1"], site.sessions["intaker"]
    pages = [*((path, student) for path in STUDENT_PAGES), *((path, intaker) for path in INTAKER_PAGES)]
    calls = [*((path, student) for path in STUDENT_CALLS), *((path, intaker) for path in INTAKER_CALLS)]
    site.web()
    site.worker()
    words = "Ik word bakker."
    shown = {path: status for path, session in pages if (status := site.page(path, session)[0]) != 200}
    assert shown == {}
    same = [(path, session) for path, session in calls if "export" not in path]  # that one tells when it was made
    with Reading(site, same) as reading, Typing(site, 1) as typing:
        typing.go_on()
        with without_keys(site, services):
            said = {path: site.page(path, session) for path, session in pages}
            assert {path for path, (status, html) in said.items() if status != 503 or BUSY_PAGE not in html} == set()
            refused = site.page("/paspoort/vraag/want.why/", student, value=words, revision="0", before="0")
            assert refused[0] == 503 and words in refused[1] and "Nog niet bewaard" in refused[1]
            assert {site.call("GET", path, session)[0] for path, session in calls} == {503}
            assert site.call("GET", "/readyz")[1]["checks"]["keys"] is False
            site.ask("request_all")
            for _ in range(4):
                site.ask("sweep")
                time.sleep(0.5)
            assert [job[:2] for job in site.ask("jobs")] == [["queued", 0]] * 2
        typing.go_on(seconds=20)
    assert reading.heard[200] and reading.heard[503]
    assert {path for path, session in pages if site.page(path, session)[0] != 200} == set()
    site.finish()
    site.ask("ask")
    site.each_ended_once(2)


def test_a_site_that_starts_without_its_keys_opens_by_itself(make_site: MakeSite, services: Services) -> None:
    """A log-in that needs no key may go on; what is behind it stays closed until the keys are there."""
    site = make_site(1)
    student, intaker = site.sessions["student-0"], site.sessions["intaker"]
    site.ask("close")
    with without_keys(site, services):
        site.web()
        for path, session in (("/paspoort/", student), ("/vandaag/", student), ("/intake/", intaker)):
            status, html = site.page(path, session)
            assert status == 503 and BUSY_PAGE in html
        assert site.page("/inloggen/")[0] in {200, 503} and site.page("/inloggen/", **LOG_IN)[0] in {302, 503}
        text = {"status": "answered", "value": "Iets.", "revision": 0}
        busy = {"code": "busy", "detail": "We zijn even bezig. Probeer het later nog eens."}
        assert site.call("PUT", ANSWER, student, **text) == (503, busy)
    assert until(lambda: site.page("/paspoort/", student)[0] == 200, seconds=20)
    assert site.call("PUT", ANSWER, student, **text)[0] == 200
