"""The erasure list: on disk before the key goes, outside both databases, and the site waits for it."""

import os
from datetime import date
from uuid import uuid4

import pytest

from accounts import erasure, vault
from config import health
from intake.services import leaving
from tests import factories


@pytest.fixture(autouse=True)
def a_list_of_its_own(settings, tmp_path, monkeypatch):
    settings.ERASURE_LIST = tmp_path / "outside" / "erasures.list"
    restart(monkeypatch)


def restart(monkeypatch):
    """What a new process knows: nothing."""
    monkeypatch.setattr(erasure, "_open", False)
    monkeypatch.setattr(erasure, "_looked", float("-inf"))


def test_a_line_is_a_time_and_an_id(settings, sam):
    erasure.write_down([sam.pk])
    at, _, owner = settings.ERASURE_LIST.read_text().strip().partition(" ")
    assert at.startswith("20") and owner == str(sam.pk)
    assert settings.ERASURE_LIST.stat().st_mode & 0o077 == 0


def test_the_line_is_on_disk_when_it_returns(sam, monkeypatch):
    synced = []
    real = os.fsync
    monkeypatch.setattr(erasure.os, "fsync", lambda handle: (synced.append(handle), real(handle))[1])
    erasure.write_down([sam.pk])
    assert len(synced) == 2  # the file and the folder it is in


def test_nobody_stands_there_twice(sam, noor):
    for _ in range(3):
        erasure.write_down([sam.pk, noor.pk])
    assert erasure.listed() == [sam.pk, noor.pk]


def test_a_line_that_a_crash_cut_short_stands_alone(settings, sam, noor):
    erasure.write_down([sam.pk])
    with settings.ERASURE_LIST.open("a") as file:
        file.write("2026-11-22T10:00:00+00:00 1234-half")
    erasure.write_down([noor.pk])
    assert erasure.listed() == [sam.pk, noor.pk]


def test_no_list_is_nobody_and_costs_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert erasure.listed() == [] and erasure.are_replayed() and erasure.site_is_open()


def test_a_list_that_cannot_be_written_destroys_no_key(settings, tmp_path, sam):
    (tmp_path / "outside").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="outside"):
        leaving.erase_student(sam.pk)
    vault.open_key(sam.pk)


def test_who_still_has_a_key_or_a_row_is_left(sam):
    erasure.write_down([uuid4(), sam.pk])
    assert erasure.left_in("keys") == [sam.pk] == erasure.left_in("default")
    vault.shred(sam.pk)
    assert not erasure.is_behind("keys") and erasure.is_behind("default")


def test_a_guardian_counts_as_well(sam):
    guardian = factories.make_parent(sam)
    erasure.write_down([guardian.pk])
    assert erasure.is_behind("keys") and erasure.is_behind("default")


def test_the_last_key_backup_is_gone_after_seven_days():
    assert erasure.gone_from(date(2026, 2, 25)) == date(2026, 3, 4)


# --- The site waits ----------------------------------------------------------------------------------------


@pytest.fixture
def restored(sam, monkeypatch):
    """An older backup is back: on the list, and here."""
    erasure.write_down([sam.pk])
    restart(monkeypatch)


def test_not_ready_while_the_list_is_ahead(client, restored, sam):
    assert health.CHECKS["erasures"]() is False
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json()["checks"]["erasures"] is False
    leaving.replay_erasures()
    assert health.CHECKS["erasures"]() is True


@pytest.mark.parametrize("address", ["/", "/inloggen/", "/controle/0000/", "/nergens/"])
def test_every_page_says_we_are_busy(client, restored, address):
    answer = client.get(address)
    assert answer.status_code == 503 and "We zijn even bezig…" in answer.content.decode()
    assert answer["Retry-After"] and "no-store" in answer["Cache-Control"] and not answer.cookies


def test_the_api_says_so_with_a_code(api, restored, imke):
    answer = api(imke).get("/api/v1/dossiers/")
    assert answer.status_code == 503 and answer.json()["code"] == "busy"


def test_the_process_still_says_it_is_there(client, restored):
    assert client.get("/healthz").status_code == 200


def test_it_opens_by_itself_after_the_replay(client, restored, monkeypatch):
    assert client.get("/").status_code == 503
    leaving.replay_erasures()
    monkeypatch.setattr(erasure, "_looked", float("-inf"))  # two seconds later
    assert client.get("/").status_code == 200


def test_once_open_it_asks_no_more(client, django_assert_num_queries, sam):
    client.get("/")
    erasure.write_down([sam.pk])
    with django_assert_num_queries(0):
        assert erasure.site_is_open()


def test_a_database_that_does_not_answer_keeps_it_closed(client, restored, monkeypatch):
    monkeypatch.setattr(vault, "with_a_key", lambda owners: 1 / 0)
    assert client.get("/").status_code == 503
