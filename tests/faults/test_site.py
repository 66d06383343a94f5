"""The site itself: a web server that is killed while somebody types, and keys that are not there."""

import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.conftest import Services
from tests.faults.people import ANSWER, Typing
from tests.faults.site import Site, kill, kill_children

pytestmark = [pytest.mark.faults, pytest.mark.services]
MakeSite = Callable[..., Site]


@pytest.mark.parametrize(("students", "kills"), [(3, 1), pytest.param(6, 12, marks=pytest.mark.slow)])
def test_a_killed_web_server_loses_no_answer_it_said_yes_to(make_site: MakeSite, students: int, kills: int) -> None:
    """The whole server, or one of the processes behind it, at random moments while a class types."""
    site, chance = make_site(students), random.Random(students)
    web = site.web()
    with Typing(site, students) as typing:
        for number in range(kills):
            typing.go_on()
            time.sleep(chance.uniform(0, 0.1))
            if number % 3 == 2:
                kill_children(web)
            else:
                kill(web)
                web = site.web()
        typing.go_on()


@pytest.fixture
def takes_keys_away(services: Services | None) -> Callable[[Site], Callable[[], None]]:
    """Takes the database of the keys away from a site, and gives what brings it back."""

    def take(site: Site) -> Callable[[], None]:
        if services is None:
            there, gone = site.var / "keys.sqlite3", site.var / "keys.elsewhere"
            there.rename(gone)

            def give() -> None:
                for more in ("-wal", "-shm"):
                    there.with_name(there.name + more).unlink(missing_ok=True)
                gone.rename(there)

            return give
        name = site.databases["KEYS_DATABASE_URL"].rsplit("/", 1)[1]
        ask = services.postgres.ask
        ask(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        return lambda: ask(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true") and None

    return take


def test_without_the_keys_the_site_says_so_and_guesses_nothing(
    make_site: MakeSite, takes_keys_away: Callable[[Site], Callable[[], None]]
) -> None:
    """Nobody gets an empty passport, nobody a new key, and no job is used up; with the keys all is as it was."""
    site = make_site(2)
    student, intaker = site.sessions["student-0"], site.sessions["intaker"]
    before = site.ask("texts", "student-0", "me.free_time")
    site.ask("close")
    give_back = takes_keys_away(site)
    web, worker = site.web(), site.worker()
    calls: list[tuple[str, str, str, dict[str, Any]]] = [
        ("GET", "/api/v1/passport/", student, {}),
        ("GET", "/api/v1/passport/export/", student, {}),
        ("PUT", ANSWER, student, {"status": "answered", "value": "Iets nieuws.", "revision": 0}),
        ("GET", "/api/v1/dossiers/", intaker, {}),
        ("GET", "/paspoort/", student, {}),
    ]
    answers = {path: site.call(method, path, session, **body)[0] for method, path, session, body in calls}
    assert all(status >= 500 for status in answers.values()), answers
    status, said = site.call("GET", "/readyz")
    assert status == 503 and said["checks"]["database"] is True and not said["ok"]
    site.ask("request_all")
    for _ in range(4):
        site.ask("sweep")
        time.sleep(0.5)
    assert [job[:2] for job in site.ask("jobs")] == [["queued", 0]] * 2
    kill(web)
    kill(worker)
    site.ask("close")
    give_back()
    assert site.ask("texts", "student-0", "me.free_time") == before
    site.web()
    site.worker()
    assert site.call("PUT", ANSWER, student, status="answered", value="Iets nieuws.", revision=0)[0] == 200
    site.finish()
    site.ask("ask")
    site.each_ended_once(2)
