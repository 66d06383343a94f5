"""What is written down cannot be changed, dropped or cut without it showing."""

import pytest
from django.db import DatabaseError, connection, transaction

from consent import ledger
from consent.ledger import Action, Event
from consent.models import LedgerEntry
from intake.services import sharing


@pytest.fixture
def chain(given, imke):
    for _ in range(3):
        with transaction.atomic():
            ledger.record(Event.LOOK, share=given, actor=imke, action=Action.READ)
    return list(LedgerEntry.objects.order_by("seq"))


def without_triggers(sql, params=()):
    """As a superuser of the database could."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE consent_ledgerentry DISABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER consent_ledgerentry_no_update")
            cursor.execute("DROP TRIGGER consent_ledgerentry_no_delete")
        cursor.execute(sql, params)


def test_a_chain_is_gapless_and_holds(chain):
    assert [entry.seq for entry in chain] == [1, 2, 3, 4]
    assert ledger.verify() is None


@pytest.mark.services
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE consent_ledgerentry SET event='x'",
        "DELETE FROM consent_ledgerentry",
        "INSERT OR REPLACE INTO consent_ledgerentry SELECT * FROM consent_ledgerentry",
        "TRUNCATE consent_ledgerentry",
    ],
)
def test_the_database_itself_refuses_a_change(chain, sql):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_the_triggers_are_there_after_every_migration():
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'consent_ledgerentry_no_%%'")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='consent_ledgerentry'")
        assert len(cursor.fetchall()) == 2


@pytest.mark.services
def test_an_edited_entry_is_named(chain):
    without_triggers("UPDATE consent_ledgerentry SET event='given' WHERE seq=%s", [3])
    assert ledger.verify() == ledger.Broken(3, "changed")


@pytest.mark.services
def test_a_missing_entry_is_named(chain):
    without_triggers("DELETE FROM consent_ledgerentry WHERE seq=%s", [2])
    assert ledger.verify() == ledger.Broken(2, "missing")


@pytest.mark.services
def test_a_cut_tail_is_seen_by_the_anchor(chain):
    text = "".join(f"{entry.seq} {bytes(entry.mac).hex()}\n" for entry in chain)
    ledger.anchor_path().write_text(text)
    assert ledger.verify() is None
    without_triggers("DELETE FROM consent_ledgerentry WHERE seq=%s", [4])
    assert ledger.verify() == ledger.Broken(4, "the tail was cut")


@pytest.mark.services
def test_a_tail_that_was_cut_and_grew_again_is_seen(chain, given, imke):
    text = "".join(f"{entry.seq} {bytes(entry.mac).hex()}\n" for entry in chain)
    without_triggers("DELETE FROM consent_ledgerentry WHERE seq>=%s", [3])
    with transaction.atomic():
        for _ in range(3):
            again = ledger.record(Event.LOOK, share=given, actor=imke, action=Action.READ)
            text += f"{again.seq} {again.mac.hex()}\n"
    ledger.anchor_path().write_text(text)
    assert ledger.verify() == ledger.Broken(3, "the tail was cut and grew again")


def test_an_anchor_behind_the_database_is_no_error(chain):
    ledger.anchor_path().write_text(f"1 {bytes(chain[0].mac).hex()}\n2 abc")
    assert ledger.verify() is None


def test_after_commit_the_head_is_anchored(given, imke, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        entry = ledger.record(Event.LOOK, share=given, actor=imke, action=Action.READ)
    assert ledger.anchor_path().read_text().splitlines()[-1] == f"{entry.seq} {entry.mac.hex()}"


def test_an_entry_holds_no_text_no_name_and_no_unit(given, imke):
    with transaction.atomic():
        ledger.record(Event.LOOK, share=given, actor=imke, action=Action.READ)
    everything = " ".join(f"{e.event} {e.detail} {e.actor_id} {e.student_id}" for e in LedgerEntry.objects.all())
    assert not any(word in everything for word in ("Sam", "Vos", "quiet", "free_time", "muziek", "Imke"))


def test_every_act_of_a_share_is_in_the_ledger(given, sam):
    from tests.factories import key_of, write

    write(sam, "me.free_time", ["nieuw"])
    sharing.release(share=given, key=key_of(sam), units=["me.free_time"], by=sam.user)
    sharing.change(share=given, key=key_of(sam), by=sam.user, units=["me.free_time"])
    sharing.withdraw(share=given, by=sam.user)
    assert list(LedgerEntry.objects.order_by("seq").values_list("event", flat=True)) == [
        "given",
        "released",
        "changed",
        "withdrawn",
    ]


@pytest.mark.parametrize("left", [1, 6])
def test_a_line_that_a_full_disk_cut_short_runs_into_no_other(
    chain, given, imke, left, django_capture_on_commit_callbacks
):
    """«4» of entry 4 with the line of entry 5 behind it would tell of an entry 45, and of a tail that was cut."""
    newest = chain[-1]
    ledger.anchor_path().write_text(f"{newest.seq} {bytes(newest.mac).hex()}"[:left])
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        entry = ledger.record(Event.LOOK, share=given, actor=imke, action=Action.READ)
    assert ledger.anchor_path().read_text().splitlines()[-1] == f"{entry.seq} {entry.mac.hex()}"
    assert ledger.verify() is None
