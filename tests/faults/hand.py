"""The hand inside a site of the fault tests: a process with its settings that does what a line on stdin asks.

One line of JSON in, `["name", argument, …]`, one line of JSON out. Nothing here breaks anything: it makes people, asks,
and looks. It says `{"error": …}` when the site could not answer.
"""

import io
import json
import os
import sys
import zipfile
from collections.abc import Callable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.files.storage import default_storage  # noqa: E402
from django.core.management import CommandError, call_command  # noqa: E402
from django.db import close_old_connections, connection, connections  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.test import Client, override_settings  # noqa: E402

from accounts import vault  # noqa: E402
from accounts.hashers import SchoolArgon2Hasher  # noqa: E402
from accounts.models import Programme, Role, Student, User  # noqa: E402
from consent.models import Share  # noqa: E402
from intake.models import Batch, Handover  # noqa: E402
from intake.services import batches, handover_files, handovers, sharing  # noqa: E402
from intake.services import jobs as jobs_room  # noqa: E402
from passport.services import history  # noqa: E402
from tests import factories  # noqa: E402

PROGRAMME, INTAKER = "faults", "intaker"
UNITS = ("me.free_time", "can.strengths")


def prepare() -> None:
    """What script/server does before it starts."""
    call_command("migrate", verbosity=0)
    call_command("migrate", database="keys", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("load_questionnaire", stdout=io.StringIO())
    call_command("load_purposes", "consent/purposes.yaml", stdout=io.StringIO())
    connections.close_all()


def make(number: int) -> dict[str, Any]:
    """A programme with an intaker, so many students who share with it, and the log-in of each of them."""
    programme = factories.make_programme(PROGRAMME)
    intaker = factories.make_staff(Role.INTAKER, INTAKER, programme=programme)
    hasher = SchoolArgon2Hasher()  # who tries to log in needs the real one
    intaker.password = hasher.encode(factories.PASSWORD, hasher.salt())
    intaker.save(update_fields=["password"])
    outsider = factories.make_staff(Role.INTAKER, "outsider", programme=factories.make_programme("elsewhere"))
    students = [_student(f"student-{place}", programme) for place in range(number)]
    return {who.username: _session(who) for who in (intaker, outsider, *(one.user for one in students))}


def _student(username: str, programme: Programme) -> Any:
    student = factories.make_pupil(username)
    factories.write(student, "me.free_time", ["muziek", "koken"])
    factories.write(student, "can.strengths", ["netjes werken"])
    factories.write(student, "need.diagnosis", "Ik heb autisme.")
    factories.share_with_programme(student, programme, *UNITS)
    return student


def _session(user: User) -> str:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    return str(client.cookies["session"].value)


def ask() -> int:
    """The intaker asks for the whole programme; how many handovers that is."""
    return batches.size_of(batches.start_batch(by=User.objects.get(username=INTAKER), programme=PROGRAMME))


def request(username: str) -> None:
    """One student asks for the own handover."""
    user = User.objects.get(username=username)
    handovers.request_handover(share_id=Share.objects.get(student__user=user).pk, by=user)


def migrate_back(most: int = 4) -> list[str]:
    """Undoes the newest migrations of each of our apps, as far as they can be undone; their names."""
    undone: list[str] = []
    for app in ("school", "intake", "consent", "passport", "accounts"):
        executor = MigrationExecutor(connection)
        (name,) = (name for _, name in executor.loader.graph.leaf_nodes(app))
        steps = [node for node in executor.loader.graph.forwards_plan((app, name)) if node[0] == app]
        for target in steps[-most - 1 : -1]:
            plan = executor.migration_plan([target])
            if all(one.reversible for migration, _ in plan for one in migration.operations):
                call_command("migrate", *target, verbosity=0)
                undone += [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
                break
    return undone


def request_all() -> None:
    """Rows of jobs for every share, as they stand there when the keys went just after somebody asked."""
    Handover.objects.bulk_create(Handover(share=share, release=share.release) for share in Share.objects.all())


def people() -> list[int]:
    """How many students, and how many keys."""
    return [Student.objects.count(), sum(1 for _ in vault.every_version())]


def close() -> None:
    """Lets go of the databases."""
    connections.close_all()


def sweep() -> int:
    """What the timer does every minute."""
    return handovers.wake_waiting()


def wake_all() -> None:
    """A broker that sends every message once more, also of what is being made or was made."""
    jobs_room.wake(Handover, Handover.objects.values_list("pk", flat=True))


def drop_lost_files() -> int:
    """What the timer does every hour."""
    return handover_files.drop_lost_files()


def jobs() -> list[list[Any]]:
    """Each row: state, attempts, file, code."""
    return [list(row) for row in Handover.objects.values_list("status", "attempts", "file", "code_sha256")]


def files() -> list[str]:
    """What is in the storage."""
    return sorted(default_storage.listdir("")[1]) if default_storage.exists("") else []


def counts() -> list[int]:
    """Total, ready, failed, void of the newest batch, as its page shows them."""
    found = batches.counts_of(batches.lines_of(Batch.objects.latest("created_at")))
    return [found.total, found.ready, found.failed, found.void]


def fetch() -> int:
    """How many whole PDFs the intaker gets out of the ZIP of the newest batch."""
    with zipfile.ZipFile(io.BytesIO(batches.make_zip(batch=Batch.objects.latest("created_at")))) as found:
        pdfs = [found.read(name) for name in found.namelist() if name.endswith(".pdf")]
    return sum(pdf.startswith(b"%PDF") and b"%%EOF" in pdf[-32:] for pdf in pdfs)


def withdraw(username: str) -> None:
    """A student stops sharing."""
    user = User.objects.get(username=username)
    sharing.withdraw(share=Share.objects.get(student__user=user), by=user)


def texts(username: str, question: str) -> list[Any]:
    """Every text of a student on one question, the newest first."""
    student = User.objects.get(username=username).student
    return [[text.revision, text.value] for text in history(student.passport, factories.key_of(student), question)]


def wide() -> list[list[str]]:
    """What each live share shows: nothing that breaks may make this more."""
    live = [share for share in Share.objects.order_by("pk") if share.is_open]
    return [sorted(f"{one.pk} {item.slot.hex()} {item.revision_id}" for item in one.items.all()) for one in live]


def ledger() -> bool:
    """Whether `manage.py verify_ledger` finds the chain whole."""
    try:
        call_command("verify_ledger", stdout=io.StringIO())
    except CommandError:
        return False
    return True


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the site prints is not an answer
    asked_here: tuple[Callable[..., Any], ...] = (prepare, make, ask, request, request_all, close, sweep, wake_all)
    asked_here += (drop_lost_files, withdraw, migrate_back)
    seen_here = (jobs, files, counts, fetch, texts, wide, ledger, people)
    known: dict[str, Callable[..., Any]] = {one.__name__: one for one in (*asked_here, *seen_here)}
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        for line in sys.stdin:
            name, *arguments = json.loads(line)
            close_old_connections()
            try:
                said = {"answer": known[name](*arguments)}
            except Exception as error:
                said = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(said), file=answers, flush=True)


main()
