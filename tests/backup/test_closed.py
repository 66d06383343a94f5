"""From the first moment of a restore until the replay nobody gets an answer, also from a process that was open."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import erasure, vault
from accounts.erasure import Waits
from consent import anchor
from intake.services import leaving
from tests import factories


@pytest.fixture(autouse=True)
def open_process(settings, tmp_path, monkeypatch):
    settings.ERASURE_LIST = tmp_path / "outside" / "erasures.list"
    monkeypatch.setattr(erasure, "_open", True)
    monkeypatch.setattr(erasure, "_looked", float("-inf"))


def replay(*words: str) -> str:
    out = StringIO()
    call_command("replay_erasures", *words, stdout=out, stderr=out)
    return out.getvalue()


@pytest.mark.parametrize("waits", [Waits.RESTORE, Waits.REPLAY])
def test_an_open_process_closes_at_once_and_opens_by_itself(client, waits):
    assert client.get("/").status_code == 200
    erasure.close_site(waits)
    assert client.get("/").status_code == 503 and client.get("/api/v1/offers/").status_code == 503
    assert client.get("/readyz").json()["checks"]["erasures"] is False and client.get("/healthz").status_code == 200
    assert erasure.mark_path().stat().st_mode & 0o077 == 0
    erasure.open_site()
    assert client.get("/").status_code == 200


def test_a_restore_that_stopped_halfway_is_not_replayed(client):
    erasure.close_site(Waits.RESTORE)
    with pytest.raises(CommandError, match="stopped halfway"):
        replay()
    assert client.get("/").status_code == 503
    erasure.close_site(Waits.REPLAY)
    assert "ready: 0 on the list" in replay()
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("said", ["", "nonsense", "rest"])
def test_a_mark_that_cannot_be_read_stands_for_half_a_restore(said):
    erasure.close_site(Waits.REPLAY)
    erasure.mark_path().write_text(said)
    assert erasure.waits_for() is Waits.RESTORE


@pytest.mark.parametrize(
    "words",
    [
        ("who_read", "somebody"),
        ("answer_law_request", "somebody", "--kind", "access", "--reason-number", "1", "--to", "/nowhere/x"),
        ("publish_figures",),
        ("renew_key", "--everybody", "--pause", "0"),
    ],
)
def test_a_command_that_reads_waits_too(words):
    erasure.close_site(Waits.REPLAY)
    with pytest.raises(CommandError, match="replay_erasures first"):
        call_command(*words)


def test_whose_key_was_destroyed_is_erased_again_when_the_list_was_lost(sam, noor):
    """The key database remembers; a key that is merely not there is no erasing."""
    vault.shred(sam.pk)
    vault.add_version(noor.pk)
    vault.drop_old_versions(noor.pk)
    factories.make_parent(noor)
    leaving.replay_erasures()
    assert not type(sam).objects.filter(pk=sam.pk).exists() and type(noor).objects.filter(pk=noor.pk).exists()
    assert sam.pk in erasure.listed() and noor.pk not in erasure.listed()


def test_a_restore_by_something_else_is_noted_with_its_moment(given):
    anchor.path().write_text(f"999 {'a' * 64}\n")
    assert "the ledger is behind its anchor" in replay()
    said = replay("--restored-from", "2026-11-22T03:00")
    assert "behind" not in said and anchor.read().gaps[0].taken == "2026-11-22T02:00:00+00:00"
    with pytest.raises(CommandError, match="write 2026"):
        replay("--restored-from", "yesterday")
