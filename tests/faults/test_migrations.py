"""A new version is put in place while people type and read: `migrate` runs under the traffic.

The site stands on the code of now and a database of some migrations ago. Whoever comes meanwhile gets what was there,
or hears that the site is busy; never something else, and nothing that got a yes is lost.
"""

from collections.abc import Callable

import pytest

from tests.faults.people import Reading, Typing
from tests.faults.site import Site, kill, until

pytestmark = [pytest.mark.faults, pytest.mark.services]
MakeSite = Callable[..., Site]
LEAST = 3  # migrations that are undone and done again
# Seconds. Each migration is one transaction; on PostgreSQL one that meets a reader halfway may be refused (a deadlock),
# and whoever runs it runs it again.
TRIES = 90


@pytest.mark.slow
def test_migrations_under_traffic_give_nobody_a_wrong_answer(make_site: MakeSite) -> None:
    site = make_site(3)
    student, intaker = site.sessions["student-1"], site.sessions["intaker"]
    old = site.web()
    dossier = site.call("GET", "/api/v1/dossiers/", intaker)[1]["results"][0]
    calls = [
        ("/api/v1/passport/", student),
        ("/api/v1/shares/", student),
        ("/api/v1/dossiers/", intaker),
        (f"/api/v1/dossiers/{dossier['share']}/", intaker),
        ("/api/v1/intake/cases/", intaker),
    ]
    reading, typing = Reading(site, calls), Typing(site, 1)
    kill(old)
    undone = site.ask("migrate_back")
    assert len(undone) >= LEAST, undone
    site.web()
    assert until(lambda: site.call("GET", "/readyz")[0] == 503, seconds=20)
    with reading, typing:
        reading.rounds(2)
        until(lambda: site.run("manage.py", "migrate", "--verbosity", "0").process.wait(60) == 0, TRIES)
        typing.go_on(seconds=30)
        reading.rounds(2)
    assert set(reading.heard) <= {200, 503} and reading.heard[200]
    assert until(lambda: site.call("GET", "/readyz")[0] == 200, seconds=20)
    site.worker()
    site.ask("ask")
    site.finish()
    site.each_ended_once(3)
