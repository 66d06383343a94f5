"""The drill: back up, erase a student, put the older backup back. The site waits; afterwards nothing of them opens."""

import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db.backends.sqlite3._functions import register

from tests.backup.hands import Backups
from tests.faults.site import Site, kill, until
from tests.test_privacy import CANARY, hits

pytestmark = [pytest.mark.services]

SAID = f"""
for name in ("student-0", "student-1", "student-2"):
    student = User.objects.get(username=name).student
    factories.write(student, "want.dream", f"{CANARY} van {{name}}")
"""
WRAPPED = """
row = DataKey.objects.get(owner_id=User.objects.get(username="student-0").student.pk)
print(row.owner_id, bytes(row.wrapped).hex())
"""
WITHDRAW = """
from intake.services import sharing
share = Share.objects.get(student__user__username="student-2")
sharing.withdraw(share=share, by=share.student.user)
"""
PDF = 'print(Handover.objects.get(share__student__user__username="student-1").pk)'
SHARES = """
for share in Share.objects.order_by("student__user__username"):
    print(share.student.user.username, share.state)
"""
OPENS = """
from intake.services.resealing import all_owners
print(*[owner for owner in all_owners() if owner in vault.open_keys([owner])])
print(*DataKey.objects.filter(destroyed_at=None).values_list("owner_id", flat=True))
"""


LOG_IN = """
from django.test import Client
client = Client(SERVER_NAME="127.0.0.1")
client.force_login(User.objects.get(username="intaker"))
print(client.cookies["session"].value)
"""


def with_a_pdf(site: Site) -> None:
    """The handover of student-1 is made by a worker."""
    worker = site.worker()
    site.ask("request", "student-1")
    until(lambda: site.states() == ["ready"])
    kill(worker)


def wait_a_moment(site: Site) -> None:
    """Every address but the two for machines says no: in plain Dutch, and in JSON for the API."""
    for address in ("/", "/inloggen/", "/paspoort/"):
        status, page = site.call("GET", address, site.sessions["student-1"])
        assert status == 503 and "We zijn even bezig…" in page.decode()
    status, said = site.call("GET", "/api/v1/passport/", site.sessions["student-1"])
    assert status == 503 and said["code"] == "busy"
    status, said = site.call("GET", "/readyz")
    assert status == 503 and said["checks"]["erasures"] is False
    assert site.call("GET", "/healthz")[0] == 200


def everything(backups: Backups) -> Iterator[tuple[str, bytes]]:
    """Every byte of the site and of its backups, after VACUUM; a dump of PostgreSQL unpacked."""
    site = backups.site
    for name in ("data.sqlite3", "keys.sqlite3"):
        if (site.var / name).exists():
            with closing(sqlite3.connect(site.var / name)) as here:
                register(here)  # a constraint asks for Django's own functions
                here.execute("VACUUM")
                here.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for folder in (site.var, backups.folder):
        for path in folder.rglob("*"):
            if path.suffix == ".dump":
                yield str(path), subprocess.run(["pg_restore", "-f", "-", path], capture_output=True, check=True).stdout
            elif path.is_file():
                yield str(path), path.read_bytes()
    for url in site.databases.values():
        if url.startswith("postgres"):
            yield url, subprocess.run(["pg_dump", url], capture_output=True, check=True).stdout


def test_the_drill(backups):
    at = backups(3)
    site = at.site
    web = site.web()
    at.code(SAID)
    with_a_pdf(site)
    texts = site.ask("texts", "student-1", "want.dream")
    pdf = f"/api/v1/handovers/{at.code(PDF)}/file/"
    owner, wrapped = at.code(WRAPPED).split()

    data, keys = at.take_one()  # while the site runs
    assert site.call("GET", "/api/v1/passport/", site.sessions["student-0"])[0] == 200
    assert "erased" in at.manage("erase_student", "student-0", "--yes").stdout
    at.code(WITHDRAW)
    kill(web)

    done = at.restore(data, keys=keys)
    assert done.returncode == 0 and "stays closed" in done.stdout, done.stderr
    web = site.web()
    wait_a_moment(site)
    refused = at.manage("who_read", "student-1")
    assert refused.returncode == 1 and "replay_erasures" in refused.stderr
    assert owner in at.code(OPENS), "the older backup does hold them: nothing else keeps them out"

    said = at.manage("replay_erasures")
    assert said.returncode == 0 and "1 erased again, 1 shares ended again" in said.stdout, said.stderr
    until(lambda: site.call("GET", "/")[0] == 200)  # by itself
    until(lambda: site.call("GET", "/readyz")[0] == 200)  # it keeps its answer for five seconds
    assert owner not in at.code(OPENS)
    assert at.code(SHARES).split("\n") == ["student-1 active", "student-2 expired"]

    assert site.ask("texts", "student-1", "want.dream") == texts
    session = at.code(LOG_IN)
    assert site.call("GET", "/api/v1/passport/", site.sessions["student-1"])[0] == 401, "who was in logs in again"
    status, file = site.call("GET", pdf, session)
    assert status == 200 and file.startswith(b"%PDF")
    ledger = at.manage("verify_ledger")
    assert ledger.returncode == 0 and re.search(r"restored on .* entries \d+ to \d+ of before are gone", ledger.stdout)

    kill(web)
    found = {name: hit for name, blob in everything(at) if (hit := hits(name.encode() + blob))}
    assert found == {}
    key = bytes.fromhex(wrapped)
    assert [path.name for path in Path(site.var).rglob("*") if path.is_file() and key in path.read_bytes()] == []


@pytest.mark.slow
def test_only_the_data_comes_back_and_the_keys_stay(backups):
    """Best when the keys are whole: who was erased has no key there, and who came since is gone with the data."""
    at = backups(2)
    data, _ = at.take_one()
    at.manage("erase_student", "student-0", "--yes")
    assert at.restore(data).returncode == 0
    (at.site.var / "erasures.list").unlink()  # and the list is lost as well: the key database remembers
    said = at.manage("replay_erasures")
    assert "1 erased again" in said.stdout, said.stderr
    assert at.code("print(*Student.objects.values_list('user__username', flat=True))") == "student-1"


@pytest.mark.slow
def test_a_worker_does_nothing_until_the_replay(backups):
    at = backups(1)
    data, keys = at.take_one()
    assert at.restore(data, "--nobody-erased-since", keys=keys).returncode == 0
    at.site.ask("request", "student-0")
    worker = at.site.worker()
    at.site.ask("sweep")
    log = until(lambda: "not_replayed" in worker.log.read_text() and worker.log.read_text())
    assert at.site.ask("jobs")[0][:2] == ["queued", 0] and "Traceback" not in log
    assert at.manage("replay_erasures").returncode == 0
    at.site.finish()
    assert at.site.states() == ["ready"]
