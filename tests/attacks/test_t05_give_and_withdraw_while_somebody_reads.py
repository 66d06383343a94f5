"""T5: on a real server one student gives and stops again and again, while a reader polls in another thread.

No reading that began after a «stop» was answered, and was over before the next yes was asked, may show a text.
"""

import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.faults.conftest import blank, make_site, services  # noqa: F401
from tests.faults.site import Site, until

pytestmark = [pytest.mark.faults, pytest.mark.services]
SHARES, DOSSIERS = "/api/v1/shares/", "/api/v1/dossiers/"


class Reader(threading.Thread):
    """Polls the list and the newest dossier; keeps when each answer began and ended, and whether it held a text."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.site, self.done, self.share = site, threading.Event(), ""
        self.seen: list[tuple[float, float, bool, int]] = []

    def run(self) -> None:
        while not self.done.is_set():
            for path in (DOSSIERS, f"{DOSSIERS}{self.share}/"):
                began = time.monotonic()
                status, said = self.site.call("GET", path, self.site.sessions["intaker"])
                shown = status == 200 and bool(said["results"] if path == DOSSIERS else said["fields"])
                self.seen.append((began, time.monotonic(), shown, status))


def give(site: Site, programme: str) -> str:
    wish = {"recipient": {"kind": "programme", "id": programme}, "purpose": "intake", "units": ["me.free_time"]}
    until = (date.today() + timedelta(days=9)).isoformat()  # noqa: TID251, DTZ011  (a day well inside the longest)
    status, said = site.call("POST", SHARES, site.sessions["student-0"], **wish, valid_until=until)
    assert status == 201, said
    return str(said["id"])


def stop(site: Site, share: str) -> None:
    status, said = site.call("POST", f"{SHARES}{share}/withdraw/", site.sessions["student-0"])
    assert (status, said["status"]) == (200, "withdrawn"), said


@pytest.mark.parametrize("rounds", [10, pytest.param(200, marks=pytest.mark.slow)])
def test_nothing_is_read_after_a_stop(make_site: Callable[..., Site], rounds: int) -> None:  # noqa: F811
    site = make_site(1)
    site.web()
    first: Any = site.call("GET", SHARES, site.sessions["student-0"])[1]["results"][0]
    programme, share, closed = first["recipient"]["id"], first["id"], []
    reader = Reader(site)
    reader.share = share
    reader.start()
    try:
        for _ in range(rounds):
            time.sleep(0.05)
            stop(site, share)
            since = time.monotonic()
            until(lambda: [one for one in reader.seen[-4:] if one[0] >= since], pause=0.01)  # noqa: B023
            closed.append((since, time.monotonic()))
            share = reader.share = give(site, programme)
    finally:
        reader.done.set()
        reader.join()
    inside = [one for one in reader.seen for since, end in closed if since <= one[0] and one[1] <= end]
    assert len(inside) >= rounds and not [one for one in inside if one[2]], "read after a stop"
    assert any(one[2] for one in reader.seen), "the reader never saw anything"
    assert {one[3] for one in reader.seen} <= {200, 404}
    assert site.ask("ledger"), "the chain is broken"
    stop(site, share)  # make_site looks whether a share of before is wider
