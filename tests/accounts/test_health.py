"""Is it up, and can it work: for machines, without a log-in and without telling anything."""

import shutil
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.template.loader import render_to_string
from django.utils import timezone

from accounts import vault
from accounts.models import DataKey
from accounts.tasks import ALIVE, say_alive
from config import health
from consent import anchor, ledger

NAMES = {"database", "keys", "broker", "storage", "migrations", "erasures", "ledger", "disk"}
WATCH = {"worker": True}


@pytest.fixture(autouse=True)
def a_worker_lives():
    say_alive()


@pytest.fixture(autouse=True)
def a_place_for_files(settings, tmp_path):
    location = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(tmp_path / "files")},
    }
    settings.STORAGES = {**settings.STORAGES, "default": location}


def test_healthz_asks_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert response.status_code == 200
    assert not response.cookies


def test_readyz_holds_when_everything_is_there(client):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"ok": True, "checks": dict.fromkeys(NAMES, True), "watch": WATCH}
    assert not response.cookies


def test_readyz_leaves_no_file_behind(client):
    client.get("/readyz")
    assert default_storage.listdir("") == ([], [])


def test_readyz_does_its_work_once_in_five_seconds(client, monkeypatch):
    done = []
    monkeypatch.setitem(health.CHECKS, "storage", lambda: not done.append(1))
    now = [100.0]
    monkeypatch.setattr(health, "monotonic", lambda: now[0])
    answers = [client.get("/readyz").json() for _ in range(3)]
    assert len(done) == 1 and answers[0] == answers[2]
    now[0] += health.KEPT_SECONDS
    client.get("/readyz")
    assert len(done) == 2


@pytest.mark.parametrize("name", sorted(NAMES))
def test_one_that_fails_makes_it_503_and_says_only_which(client, monkeypatch, name):
    def broken():
        raise RuntimeError("postgres://user:geheim@db/paspoort")

    monkeypatch.setitem(health.CHECKS, name, broken)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"ok": False, "checks": {**dict.fromkeys(NAMES, True), name: False}, "watch": WATCH}
    assert b"geheim" not in response.content


def test_a_missing_migration_is_not_ready(monkeypatch):
    monkeypatch.setattr("config.health.MigrationExecutor.migration_plan", lambda self, targets: [("x", False)])
    assert health._migrated() is False


def test_a_broker_folder_that_is_gone_is_not_ready(settings, tmp_path):
    folder = tmp_path / "queue"
    folder.mkdir()
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(folder)}
    assert health._broker() is True
    shutil.rmtree(folder)
    assert health._broker() is False


def test_a_disk_that_is_nearly_full_is_not_ready(client, monkeypatch):
    full = SimpleNamespace(free=health.LEAST_FREE - 1)
    monkeypatch.setattr("config.health.shutil.disk_usage", lambda path: full)
    assert client.get("/readyz").json()["checks"]["disk"] is False


def test_a_database_behind_the_anchor_of_its_ledger_is_not_ready(client, given):
    anchor.path().write_text(f"999 {'a' * 64}\n")
    assert client.get("/readyz").json()["checks"]["ledger"] is False
    anchor.note_restore(head=ledger.head()[0], taken=timezone.now())
    health.forget()
    assert client.get("/readyz").json()["checks"]["ledger"] is True


def test_a_worker_that_is_silent_shows_and_closes_nothing(client, monkeypatch):
    cache.delete(ALIVE)
    monkeypatch.setattr(health, "STARTED", float("-inf"))
    answer = client.get("/readyz")
    assert answer.status_code == 200 and answer.json()["watch"] == {"worker": False}
    say_alive()
    health.forget()
    assert client.get("/readyz").json()["watch"] == {"worker": True}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_stranger_hears_nothing_more_and_nothing_keeps_it(client, path):
    answer = client.get(path)
    assert "no-store" in answer["Cache-Control"] and not answer.cookies and len(answer.content) < 300


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_reading(client, path):
    assert client.post(path).status_code == 405


# --- The two commands of whoever runs it -------------------------------------------------------------------


def run(command):
    out = StringIO()
    call_command(command, stdout=out)
    return out.getvalue()


def test_rotating_wraps_every_key_with_the_newest_and_nothing_is_lost(settings, sam):
    newest = {"next-1": bytes(range(32))}
    settings.FIELD_KEYS = newest | settings.FIELD_KEYS
    assert "1 keys wrapped" in run("rotate_keys")
    assert DataKey.objects.get(owner_id=sam.pk).kek_id == "next-1"
    settings.FIELD_KEYS = newest
    vault.open_key(sam.pk)
    assert "ready: 0 keys" in run("rotate_keys")


def test_rotating_without_the_old_key_stops_and_says_so(settings, sam):
    settings.FIELD_KEYS = {"next-1": bytes(range(32))}
    with pytest.raises(CommandError, match="does not open"):
        run("rotate_keys")


def test_a_broken_ledger_names_its_first_broken_entry(monkeypatch):
    monkeypatch.setattr(ledger, "verify", lambda: ledger.Broken(7, "changed"))
    with pytest.raises(CommandError, match="entry 7: changed") as error:
        run("verify_ledger")
    assert error.value.returncode == 1


@pytest.mark.parametrize("template", ["429.html", "403_csrf.html", "refusal.html"])
def test_the_pages_of_a_no_can_be_shown_without_a_request(template):
    assert "<h1>" in render_to_string(template, {"sentence": "Dit kunnen we nu niet openen."})
