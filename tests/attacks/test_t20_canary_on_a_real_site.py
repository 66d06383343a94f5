"""T20: a marker in every text of a real site with a web server and a worker, through errors and failed log-ins.

Afterwards: every log line of every process, every file in VAR_DIR, every temporary file and what the processes were
started with. tests/test_privacy.py does the databases and mails, test_t08 the broker, the journeys the browser.
"""

import http.client
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.bench.load import CSRF
from tests.faults.conftest import WITH_SERVICES, blank, make_site, services  # noqa: F401
from tests.faults.site import Site, until
from tests.test_privacy import CANARY, hits

pytestmark = [pytest.mark.faults, pytest.mark.services]
V1 = "/api/v1"


def form(site: Site, path: str, **fields: str) -> int:
    """Posts a form as a visitor."""
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    body = urlencode({**fields, "csrfmiddlewaretoken": CSRF})
    headers = {"Cookie": f"csrf={CSRF}", "Content-Type": "application/x-www-form-urlencoded", "User-Agent": CANARY}
    line.request("POST", path, body, headers)
    answer = line.getresponse()
    answer.read()
    line.close()
    return answer.status


def write(site: Site, question: str, value: object) -> int:
    session = site.sessions["student-0"]
    for revision in range(9):
        status, said = site.call(
            "PUT", f"{V1}/passport/answers/{question}/", session, status="answered", value=value, revision=revision
        )
        if status != 409:
            return status
    raise AssertionError(said)


def places(site: Site) -> Iterator[tuple[str, bytes]]:
    """Everything a site leaves: logs, files, and temporary files where the run has a folder for them."""
    for root in {site.folder, Path(os.environ.get("TMPDIR", site.folder))}:
        for path in root.rglob("*"):
            if path.is_file() and path.suffix != ".py" and path.stat().st_size < 64 << 20:
                yield str(path), str(path).encode() + path.read_bytes()


def test_a_marker_stands_nowhere_outside_a_seal(make_site: Callable[..., Site]) -> None:  # noqa: F811
    site = make_site(1)
    web, worker = site.web(), site.worker()
    student, reader = site.sessions["student-0"], site.sessions["intaker"]
    need = [{"need": "quiet", "how_often": "vaak", "what_works": f"{CANARY} a", "why": f"{CANARY} b"}]
    texts = {"want.dream": f"{CANARY} c", "me.free_time": [f"{CANARY} d"], "need.support": need}
    assert [write(site, question, value) for question, value in texts.items()] == [200] * 3
    assert write(site, "want.dream", CANARY * 200) == 400
    share = site.call("GET", f"{V1}/shares/", student)[1]["results"][0]["id"]
    assert site.call("POST", f"{V1}/shares/{share}/release/", student, units=["me.free_time"])[0] == 200
    assert CANARY in str(site.call("GET", f"{V1}/dossiers/{share}/", reader)[1])
    assert site.call("POST", f"{V1}/dossiers/{share}/acknowledge/", reader, reply=f"{CANARY} gelezen")[0] == 201
    handover = site.call("POST", f"{V1}/handovers/", reader, share=share)[1]["id"]
    until(lambda: site.call("GET", f"{V1}/handovers/{handover}/", reader)[1]["status"] == "ready")
    assert site.call("GET", f"{V1}/handovers/{handover}/file/", reader)[1].startswith(b"%PDF")
    for path in (
        f"/{CANARY}/",
        f"{V1}/passport/answers/{CANARY}/",
        f"{V1}/recipients/?q={CANARY}",
        f"/inloggen/?next=/{CANARY}/",
    ):
        assert site.call("GET", path, student)[0] in (200, 302, 404, 405)
    assert form(site, "/inloggen/", login=CANARY, password=CANARY) in (200, 400)
    assert form(site, "/inloggen/code/", email=f"{CANARY}@example.org") == 302
    broken(site, student)
    assert site.call("POST", f"{V1}/shares/{share}/withdraw/", student)[1]["status"] == "withdrawn"
    for process in (web, worker):
        assert CANARY.encode() not in Path(f"/proc/{process.pid}/cmdline").read_bytes()
    assert {name: found for name, blob in places(site) if (found := hits(blob))} == {}
    assert "request" in "".join(one.read_text() for one in site.folder.glob("*.log")), "no log line was looked at"


def broken(site: Site, session: str) -> None:
    """A crash in the middle of what somebody typed: the table of the texts is away."""
    if WITH_SERVICES:
        return
    with closing(sqlite3.connect(site.var / "data.sqlite3", timeout=30)) as data:
        data.execute("ALTER TABLE passport_answerrevision RENAME TO elsewhere")
        body = {"status": "answered", "value": f"{CANARY} weg", "revision": 1}
        assert site.call("PUT", f"{V1}/passport/answers/want.dream/", session, **body)[0] >= 500
        assert site.call("GET", f"{V1}/passport/", session)[0] >= 500
        data.execute("ALTER TABLE elsewhere RENAME TO passport_answerrevision")
