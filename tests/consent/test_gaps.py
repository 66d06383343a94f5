"""A backup that was put back shows in the ledger as what it is: no cut tail, and not nothing."""

from datetime import UTC, datetime
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from consent import anchor, ledger
from consent.ledger import Action, Event
from consent.models import LedgerEntry
from intake.services import sharing
from tests.consent.test_ledger import chain, without_triggers

__all__ = ["chain"]
TAKEN = datetime(2026, 11, 22, 3, tzinfo=UTC)


def write(entries, ended: str = "") -> None:
    with anchor.path().open("a") as file:
        file.writelines(f"{entry.seq} {bytes(entry.mac).hex()}{ended}\n" for entry in entries)


@pytest.fixture
def cut(chain):
    """Entries 3 and 4 are gone, as in a backup from before them; the anchor knows them."""
    write(chain)
    without_triggers("DELETE FROM consent_ledgerentry WHERE seq >= %s", [3])
    return chain


def grow(given, imke, times: int) -> None:
    for _ in range(times):
        with transaction.atomic():
            write([ledger.record(Event.LOOK, share=given, actor=imke, action=Action.READ)])


def delete_from(seq: int) -> None:
    """The triggers are off already: `cut` did that."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM consent_ledgerentry WHERE seq >= %s", [seq])


def verify() -> str:
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    return out.getvalue()


def test_without_a_word_it_is_a_cut_tail(cut):
    with pytest.raises(CommandError, match="entry 3: the tail was cut"):
        verify()
    assert ledger.stands() is False


def test_a_restore_that_was_noted_is_explained_also_when_the_chain_goes_on(cut, given, imke):
    anchor.note_restore(head=2, taken=TAKEN)
    assert ledger.verify() is None and ledger.stands()
    grow(given, imke, 5)
    said = verify()
    assert "the ledger holds: 7 entries" in said
    assert "a backup of 2026-11-22T03:00:00+00:00 was put back, up to entry 2" in said
    assert "entries 3 to 4 of before are gone" in said


def test_a_second_restore_from_before_the_first(cut, given, imke):
    anchor.note_restore(head=2, taken=TAKEN)
    grow(given, imke, 4)
    delete_from(2)
    anchor.note_restore(head=1, taken=TAKEN)
    grow(given, imke, 2)
    assert ledger.verify() is None
    assert [(gap.head, gap.lost) for gap in ledger.gaps()] == [(2, 4), (1, 6)]


def test_a_tail_that_is_cut_after_a_restore_still_shows(cut, given, imke):
    anchor.note_restore(head=2, taken=TAKEN)
    grow(given, imke, 3)
    delete_from(4)
    assert ledger.verify() == ledger.Broken(4, "the tail was cut") and not ledger.stands()
    grow(given, imke, 1)
    assert ledger.verify() == ledger.Broken(4, "the tail was cut and grew again")


@pytest.mark.parametrize("change", [("restored 2", "restored 1"), ("restored 2 4", "restored 2 9")])
def test_who_does_not_hold_the_key_cannot_explain_a_cut_away(cut, change):
    anchor.note_restore(head=2, taken=TAKEN)
    anchor.path().write_text(anchor.path().read_text().replace(*change))
    broken = ledger.verify()
    assert broken is not None and broken.reason == anchor.NOT_OURS


def test_a_restore_nobody_knows_entries_after_says_so(chain):
    write(chain)
    anchor.note_restore(head=4, taken=TAKEN)
    assert "which does not prove that there was none" in verify()


def test_a_line_that_a_crash_cut_short_hides_no_restore(cut):
    with anchor.path().open("a") as file:
        file.write("5 abc")
    anchor.note_restore(head=2, taken=TAKEN)
    assert len(ledger.gaps()) == 1 and ledger.verify() is None


# --- What was shared no more -----------------------------------------------------------------------------------


def test_what_ends_a_share_stands_in_the_anchor_by_its_random_id(given, sam, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        sharing.withdraw(share=given, by=sam.user)
    entry = LedgerEntry.objects.latest("seq")
    assert anchor.path().read_text().splitlines()[-1] == f"{entry.seq} {bytes(entry.mac).hex()} {given.pk}"


def test_a_share_that_ended_after_the_backup_ends_again(given, imke, api):
    other = uuid4()
    lines = [f"1 {'a' * 64}", f"2 {'b' * 64} {other}", f"3 {'c' * 64} {given.pk}", f"4 {'d' * 64} {given.pk}"]
    anchor.path().write_text("\n".join(lines) + "\n")
    assert anchor.ended_since_backup() == [] and sharing.end_again() == 0, "nothing was put back"
    anchor.note_restore(head=2, taken=TAKEN)
    with anchor.path().open("a") as file:
        file.write(f"3 {'e' * 64} {other}\n")  # since the restore: that is in the database
    assert anchor.ended_since_backup() == [given.pk]
    assert api(imke).get(f"/api/v1/dossiers/{given.pk}/").status_code == 200
    assert sharing.end_again() == 1 and sharing.end_again() == 0
    assert api(imke).get(f"/api/v1/dossiers/{given.pk}/").status_code == 404
    given.refresh_from_db()
    assert given.state == "expired"


def test_a_share_that_ended_before_the_backup_is_left_alone(given):
    anchor.path().write_text(f"1 {'a' * 64} {given.pk}\n")
    anchor.note_restore(head=1, taken=TAKEN)
    assert sharing.end_again() == 0


def test_a_newer_backup_after_an_older_one_opens_nothing_that_ended_in_between(given, imke, api):
    """The older of two was put back first and used for a while: what stopped then is no later entry of the newer."""
    anchor.path().write_text("".join(f"{seq} {mac * 64}\n" for seq, mac in enumerate("abcd", 1)))
    anchor.note_restore(head=2, mac="b" * 64, taken=TAKEN)
    with anchor.path().open("a") as file:
        file.write(f"3 {'e' * 64} {given.pk}\n")
    anchor.note_restore(head=4, mac="d" * 64, taken=TAKEN)
    assert anchor.ended_since_backup() == [given.pk]
    assert anchor.read().known == {1: "a" * 64, 2: "b" * 64}, "of the third and the fourth there are two of each"
    assert sharing.end_again() == 1
    assert api(imke).get(f"/api/v1/dossiers/{given.pk}/").status_code == 404


def test_the_same_backup_twice_is_one_gap_more(cut):
    mac = bytes(cut[1].mac).hex()
    for _ in range(2):
        anchor.note_restore(head=2, mac=mac, taken=TAKEN)
    assert [(gap.head, gap.lost) for gap in ledger.gaps()] == [(2, 4), (2, 2)] and ledger.verify() is None
