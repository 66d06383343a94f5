"""A backup comes back: on a site of its own, in processes of its own."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from django.conf import settings as site

WORLD = """
from django.core.management import call_command
from accounts import vault
from accounts.identity import Identity
from accounts.models import User
from accounts.services import make_student
from passport.questionnaire import newest_file, publish
from passport.services import make_passport, save_answer
call_command("migrate", verbosity=0)
call_command("migrate", verbosity=0, database="keys")
publish(newest_file())
for name in ("goes", "stays"):
    student = make_student(user=User.objects.create_user(name), identity=Identity("Kwetalina", "Vos"))
    save_answer(passport=make_passport(student=student), key=vault.open_key(student.pk), question_key="me.proud",
        status="answered", value="kanariepiet", revision=0, by=student.user)
"""
COMMAND = """
import io
from django.core.management import call_command
call_command({words}, stdout=io.StringIO())
"""
SEEN_BY_NEW_PROCESS = """
from django.conf import settings
from django.test import Client
from accounts import vault
from accounts.models import Student
from passport.services import open_answer
settings.ALLOWED_HOSTS = ["*"]
ready = Client().get("/readyz").json()["checks"]["erasures"]
opens = [student.user.username for student in Student.objects.order_by("user__username")
    if open_answer(student.passport, vault.open_key(student.pk), "me.proud").value == "kanariepiet"]
print(ready, Client().get("/api/v1/offers/").status_code, *opens)
"""


def wrapped_keys(folder: Path) -> list[bytes]:
    with closing(sqlite3.connect(folder / "keys.sqlite3")) as keys:
        return [row[0] for row in keys.execute("SELECT wrapped FROM accounts_datakey ORDER BY id")]


def copy(source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for old in target.glob("*.sqlite3*"):
        old.unlink()
    for one in source.glob("*.sqlite3*"):
        shutil.copy(one, target)


def process(var: Path, code: str) -> str:
    """A new process of a site with its own VAR_DIR: what it printed."""
    hidden = ("DATABASE_URL", "KEYS_DATABASE_URL", "REDIS_URL", "DEMO", "BASE_URL", "ERASURE_LIST")
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    started = f"import django\ndjango.setup()\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", started],
        cwd=site.BASE_DIR,
        env=env | {"VAR_DIR": str(var), "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_backup_that_comes_back_brings_nobody_back(tmp_path):
    """A real site: copy both databases, erase, put the copies back. It waits until the list is replayed."""
    var, backup = tmp_path / "site", tmp_path / "backup"
    process(var, WORLD)
    copy(var, backup)
    wrapped = wrapped_keys(var)
    erase = COMMAND.format(words='"erase_student", "goes", "--yes"')
    assert process(var, erase + SEEN_BY_NEW_PROCESS) == "True 200 stays"
    left = b"".join(one.read_bytes() for one in var.glob("keys.sqlite3*"))
    assert [key in left for key in wrapped] == [False, True], "the destroyed key left no bytes behind"
    copy(backup, var)
    assert process(var, SEEN_BY_NEW_PROCESS) == "False 503 goes stays"
    assert process(var, COMMAND.format(words='"replay_erasures"') + SEEN_BY_NEW_PROCESS) == "True 200 stays"
