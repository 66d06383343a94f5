"""The power goes while keys are wrapped or renewed: a site of its own, SIGKILL, and somebody who reads meanwhile."""

import base64
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings as site

pytestmark = pytest.mark.faults

OLD, NEW = (f"{name}:{base64.b64encode(name.encode() * 16).decode()}" for name in ("k1", "k2"))
PEOPLE, TEXTS = 1500, 300
LIVING = "WHERE wrapped NOT NULL"

MANY_KEYS = f"""
import uuid
from django.core.management import call_command
from accounts import vault
call_command("migrate", verbosity=0)
call_command("migrate", verbosity=0, database="keys")
owners = [uuid.UUID(int=number) for number in range({PEOPLE})]
keys = vault.create_keys(owners)
for owner in owners[::10]:
    print(owner, keys[owner].seal("kanariepiet", field="a.B.c", row=owner).hex())
vault.shred(owners[1])
"""
# Opens the values of a sample, over and over, until nobody wants to know any more; erases one person on the way.
READS = f"""
import os, sys, time, uuid
from accounts import vault
values = [line.split() for line in open(sys.argv[1])]
rounds = 0
while not os.path.exists(sys.argv[2]):
    for owner, value in values:
        owner = uuid.UUID(owner)
        assert vault.open_key(owner).open(bytes.fromhex(value), field="a.B.c", row=owner) == "kanariepiet"
    rounds += 1
    if rounds == 1:
        vault.shred(uuid.UUID(int={PEOPLE - 1}))
    print(rounds, flush=True)
    time.sleep(0.02)
"""
ONE_PERSON = f"""
from django.core.management import call_command
from django.utils import timezone
from accounts import vault
from accounts.identity import Identity
from accounts.models import User
from accounts.services import make_student
from passport.models import Answer, AnswerRevision
from passport.questionnaire import newest_file, publish
from passport.services import REVISION_FIELD, make_passport, save_answer
call_command("migrate", verbosity=0)
call_command("migrate", verbosity=0, database="keys")
publish(newest_file())
student = make_student(user=User.objects.create_user("one"), identity=Identity("Kwetalina", "Vos"))
passport, key = make_passport(student=student), vault.open_key(student.pk)
for number in range({TEXTS}):
    save_answer(passport=passport, key=key, question_key="me.proud", status="answered", value=f"kanariepiet {{number}}",
        revision=number, by=student.user)
"""
READS_TEXTS = f"""
import os, sys, time
from accounts import vault
from accounts.identity import identity_of
from accounts.models import Student
from passport.services import history
rounds = 0
while not os.path.exists(sys.argv[1]):
    student = Student.objects.get()
    key = vault.open_key(student.pk)
    texts = [text.value for text in history(student.passport, key, "me.proud")]
    assert texts == [f"kanariepiet {{number}}" for number in reversed(range({TEXTS}))], len(texts)
    assert identity_of(student, key).calling_name == "Kwetalina"
    rounds += 1
    print(rounds, flush=True)
    time.sleep(0.02)
"""


@pytest.fixture
def var(tmp_path) -> Path:
    return tmp_path / "site"


def start(var: Path, *command: str, keys: str = OLD) -> subprocess.Popen[str]:
    """A new process of a site with its own VAR_DIR: a management command, or Python code with its arguments."""
    hidden = ("DATABASE_URL", "KEYS_DATABASE_URL", "REDIS_URL", "DEMO", "BASE_URL", "ERASURE_LIST", "STORAGE_URL")
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    env |= {"VAR_DIR": str(var), "FIELD_KEYS": keys, "DJANGO_SETTINGS_MODULE": "config.settings"}
    is_code = "\n" in command[0]
    words = ["-c", f"import django\ndjango.setup()\n{command[0]}"] if is_code else ["manage.py", command[0]]
    return subprocess.Popen(
        [sys.executable, "-u", *words, *command[1:]],
        cwd=site.BASE_DIR,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(var: Path, *command: str, keys: str = OLD) -> str:
    process = start(var, *command, keys=keys)
    said, wrong = process.communicate(timeout=120)
    assert process.returncode == 0, wrong
    return said


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL, "it was ready before it could be killed"


def look(var: Path, database: str, query: str) -> list[tuple]:
    with closing(sqlite3.connect(f"file:{var / database}?mode=ro", uri=True, timeout=20)) as found:
        return found.execute(query).fetchall()


def hang_on(var: Path) -> dict[str, int]:
    """How many keys that live hang on each key-encryption key."""
    return dict(look(var, "keys.sqlite3", f"SELECT kek_id, COUNT(*) FROM accounts_datakey {LIVING} GROUP BY 1"))


def versions(var: Path) -> dict[int, int]:
    """How many texts hang on each version of the key."""
    query = "SELECT hex(substr(sealed, 2, 2)), COUNT(*) FROM passport_answerrevision GROUP BY 1"
    return {int(version, 16): count for version, count in look(var, "data.sqlite3", query)}


def wait_for(happened, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.002)


def has_read(reader: subprocess.Popen[str], stop: Path, least: int) -> None:
    """Ends a reader whose first round was seen: it never failed, and it read at least so many rounds."""
    stop.touch()
    said, wrong = reader.communicate(timeout=120)
    assert reader.returncode == 0, wrong
    assert int((said.split() or ["1"])[-1]) >= least


def test_rotate_keys_killed_halfway(var, tmp_path):
    sample, stop = tmp_path / "sample", tmp_path / "stop"
    sample.write_text(run(var, MANY_KEYS))
    both = f"{NEW},{OLD}"
    reader = start(var, READS, str(sample), str(stop), keys=both)
    reader.stdout.readline()  # one round was read before anything is wrapped anew
    rotating = start(var, "rotate_keys", keys=both)
    rotating.stdout.readline()  # the first 500
    kill(rotating)
    halfway = hang_on(var)
    assert halfway["k1"] and halfway["k2"] >= 500 and sum(halfway.values()) == PEOPLE - 2
    said = run(var, "rotate_keys", keys=both)
    assert f"ready: {halfway['k1']} keys wrapped, all hang on k2" in said
    has_read(reader, stop, least=2)
    assert hang_on(var) == {"k2": PEOPLE - 2}
    assert run(var, "rotate_keys", keys=both).startswith("ready: 0 keys")
    stop.unlink()
    alone = start(var, READS, str(sample), str(stop), keys=NEW)
    alone.stdout.readline()
    has_read(alone, stop, least=1)


@pytest.mark.slow
def test_renew_key_killed_halfway(var, tmp_path):
    stop = tmp_path / "stop"
    run(var, ONE_PERSON)
    reader = start(var, READS_TEXTS, str(stop))
    reader.stdout.readline()
    renewing = start(var, "renew_key", "one", "--pause", "2")
    wait_for(lambda: versions(var).get(2, 0) > 5)
    kill(renewing)
    halfway = versions(var)
    assert halfway[1] and halfway[2] and sum(halfway.values()) == TEXTS
    said = run(var, "renew_key", "one", "--pause", "2")
    assert "ready" in said and "Kwetalina" not in said
    has_read(reader, stop, least=2)
    assert versions(var) == {2: TEXTS}
    kept = look(var, "keys.sqlite3", f"SELECT version FROM accounts_datakey {LIVING} ORDER BY 1")
    assert kept == [(0,), (2,)]


@pytest.mark.slow
def test_the_old_key_leaves_no_bytes_behind(var):
    run(var, ONE_PERSON.replace(f"range({TEXTS})", "range(1)"))
    [(old,)] = look(var, "keys.sqlite3", "SELECT wrapped FROM accounts_datakey")
    run(var, "renew_key", "one", "--pause", "0")
    assert not [file for file in var.glob("keys.sqlite3*") if old in file.read_bytes()]
