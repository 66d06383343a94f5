"""The proof of «Wie hoort hoe het gaat?»: who, when and what text; for the student, signed, and gone with them."""

import hashlib
import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone, translation

from accounts import vault
from accounts.models import Membership, Role
from consent import anchor, signing
from consent.models import LedgerEntry
from intake.models import Case, FollowUpGrant, HearingRecord
from intake.services import cases, export, hearing, hearing_proof, leaving
from intake.services.hearing_proof import NOTICE_VERSION, WHO, notice_for
from tests import factories
from tests.factories import key_of
from tests.intake.after import make_coach, start

Kind = FollowUpGrant.Kind
# Another word in the text is another version: a record of before names the text that was read then.
TEXTS = {
    "hoe-gaat-het-2026-1": {
        Kind.COLLEGE: "ae852012fcb6653d5bc427ad5250f4ff7d0b0296662d4735c24926a06c0fc108",
        Kind.COACH: "1371fefa8a4fa9f3eec83d2b3ab7a74270b62590a8c21881f87f89bf50269f2e",
        Kind.SCHOOL: "20dc8d44cb7fc09dbdd2a48af1b675680434ee65e1ae46da645ad671c1d85c4c",
    }
}


@pytest.fixture
def started(sam, care, given) -> Case:
    return start(sam, care, days_ago=20)


def turn(student, kind=Kind.COLLEGE, listener=None, *, on=True):
    act = hearing.let_hear if on else hearing.stop_hearing
    act(student=student, key=key_of(student), kind=kind, listener=listener, by=student.user)


def records(student) -> list[dict]:
    return [proof.record for _grant, proof in hearing_proof.proofs_of(student, key_of(student))]


def test_a_yes_and_its_end_leave_a_signed_record_of_who_when_and_what_text(sam, started):
    turn(sam)
    turn(sam, on=False)
    ended, given = records(sam)
    for record, state in ((given, "given"), (ended, "withdrawn")):
        assert signing.verify(json.dumps(record).encode()).record["event"]["event_state"] == state
        assert record["event"]["entity_id"] == str(sam.user_id) and record["event"]["entity_role"] == "self"
        assert record["notice"]["text"] == notice_for(Kind.COLLEGE) and record["notice"]["version"] == NOTICE_VERSION
        assert record["parties"][1]["name"].startswith(started.programme.institution.name)
    assert ended["header"]["supersedes"] == given["header"]["record_id"]


def test_it_stands_beside_the_ledger(sam, started):
    turn(sam)
    [record] = records(sam)
    entry = LedgerEntry.objects.get(event="hearing_given")
    assert record["header"]["seq"] == entry.seq and record["header"]["ledger_mac"] == bytes(entry.mac).hex()


def test_it_names_no_person_and_nothing_of_what_was_told(sam, started):
    coach = make_coach(sam)
    turn(sam, Kind.COACH, coach.pk)
    row = HearingRecord.objects.get()
    text = json.dumps(records(sam), ensure_ascii=False)
    assert not [word for word in ("Sam", "Vos", "coach Bo", "bond") if word in text] and "Mijn coach" in text
    assert b"coach" not in bytes(row.sealed_record)


@pytest.mark.parametrize("kind", list(WHO))
def test_another_text_is_another_version(kind):
    assert hashlib.sha256(notice_for(kind).encode()).hexdigest() == TEXTS[NOTICE_VERSION][kind]


def test_the_page_of_the_switch_shows_the_very_text_that_is_proved(browser_of, sam, started):
    make_coach(sam)
    page = browser_of(sam).get(reverse("follow_up_hears")).content.decode()
    for kind in WHO:
        assert all(line in page for line in notice_for(kind).splitlines())


def test_in_another_language_the_record_holds_what_was_read(sam, started):
    with translation.override("en"):
        turn(sam)
        shown = notice_for(Kind.COLLEGE)
    [record] = records(sam)
    assert record["notice"]["language"] == "en" and record["notice"]["text"] == shown
    assert record["processing"]["purpose_label"] == "Horen hoe het gaat na de start"


def test_when_the_college_takes_the_start_back_the_end_is_proved_too(
    sam, started, imke, django_capture_on_commit_callbacks
):
    turn(sam)
    with django_capture_on_commit_callbacks(execute=True):
        cases.change_case(case=started, by=imke, status=Case.Status.DONE, fields=["status"])
    ended, _given = records(sam)
    assert ended["event"]["entity_role"] == "recipient" and ended["event"]["entity_id"] == str(imke.pk)
    assert signing.verify(json.dumps(ended).encode())
    assert LedgerEntry.objects.filter(event="hearing_ended").count() == 1


def test_every_yes_has_its_own_and_stopping_twice_has_one_end(sam, started):
    for on in (True, True, False, False, True):
        turn(sam, on=on)
    assert [one["event"]["event_name"] for one in records(sam)] == ["hearing_given", "hearing_ended", "hearing_given"]


# --- Who reads it ------------------------------------------------------------------------------------------


def test_the_student_finds_it_and_takes_it_along(browser_of, sam, started, tmp_path):
    mine = browser_of(sam)
    assert reverse("follow_up_proofs") not in mine.get(reverse("follow_up_hears")).content.decode()
    assert "Je zette nog niets aan." in mine.get(reverse("follow_up_proofs")).content.decode()
    turn(sam)
    assert reverse("follow_up_proofs") in mine.get(reverse("follow_up_hears")).content.decode()
    row = HearingRecord.objects.get()
    address = reverse("follow_up_proof_file", args=[row.pk])
    page = mine.get(reverse("follow_up_proofs")).content.decode()
    assert "Je zei ja." in page and started.programme.institution.name in page and address in page
    answer = mine.get(address)
    assert (
        answer["Content-Disposition"] == 'attachment; filename="bewijs.json"' and "no-store" in answer["Cache-Control"]
    )
    file = tmp_path / "bewijs.json"
    file.write_bytes(answer.content)
    said = io.StringIO()
    call_command("verify_receipt", str(file), stdout=said, stderr=io.StringIO())
    assert said.getvalue().startswith("valid\nhearing_given by self")
    file.write_bytes(answer.content.replace(b"hearing_given", b"hearing_taken"))
    with pytest.raises(CommandError):
        call_command("verify_receipt", str(file), stdout=said, stderr=io.StringIO())


def test_it_is_in_the_export(sam, started):
    turn(sam)
    [start_of] = [one for one in export.export_of(sam, key_of(sam))["after_start"] if "heard_by" in one]
    [heard] = start_of["heard_by"]
    assert heard["receipts"] == records(sam)


@pytest.mark.parametrize("who", ["noor", "imke", "mentor"])
def test_nobody_else_has_it(browser_of, request, sam, started, who):
    turn(sam)
    row = HearingRecord.objects.get()
    other = browser_of(request.getfixturevalue(who))
    assert other.get(reverse("follow_up_proof_file", args=[row.pk])).status_code == 404
    assert other.get(reverse("follow_up_proofs")).status_code == 404


def test_it_goes_with_the_student(sam, started):
    turn(sam)
    sealed, row = bytes(HearingRecord.objects.get().sealed_record), HearingRecord.objects.get().pk
    leaving.erase_student(sam.pk)
    assert not HearingRecord.objects.exists()
    with pytest.raises(vault.Shredded):
        vault.open_key(sam.pk).open(sealed, field=hearing_proof.RECORD_FIELD, row=row)


def test_a_school_of_before_is_named_by_its_name(browser_of, sam, started, class_a):
    Membership.objects.filter(user=sam.user, role=Role.STUDENT).update(ends_on=timezone.localdate() - timedelta(days=1))
    turn(sam, Kind.SCHOOL, class_a.institution_id)
    assert class_a.institution.name in browser_of(sam).get(reverse("follow_up_proofs")).content.decode()


def test_the_page_costs_the_same_for_one_as_for_four(browser_of, sam, started, django_assert_num_queries):
    turn(sam)
    key = key_of(sam)
    with django_assert_num_queries(1):
        hearing_proof.proofs_of(sam, key)
    for on in (False, True, False):
        turn(sam, on=on)
    with django_assert_num_queries(1):
        assert len(hearing_proof.proofs_of(sam, key)) == 4


def test_a_coach_of_an_erased_tie_is_still_named_while_they_are_here(sam, started):
    coach = make_coach(sam)
    turn(sam, Kind.COACH, coach.pk)
    factories.Tie.objects.filter(person=coach).delete()
    [(grant, _proof)] = hearing_proof.proofs_of(sam, key_of(sam))
    assert grant.person == coach


def test_a_backup_that_comes_back_lets_nobody_hear_who_was_stopped_since(
    sam, started, django_capture_on_commit_callbacks
):
    """Ended by the site, not by the student: the record says so. A yes that nobody ended since stays."""
    coach = make_coach(sam)
    turn(sam)
    turn(sam, Kind.COACH, coach.pk)
    head = LedgerEntry.objects.latest("seq").seq
    with django_capture_on_commit_callbacks(execute=True):
        turn(sam, on=False)
    assert hearing.end_again() == 0, "nothing was put back"
    anchor.note_restore(head=head, taken=timezone.now())
    FollowUpGrant.objects.filter(kind=Kind.COLLEGE).update(ended_at=None)  # as the backup has it
    HearingRecord.objects.filter(event="hearing_ended").delete()
    assert hearing.is_heard_by_college(started)
    assert hearing.end_again() >= 1 and hearing.end_again() == 0
    assert not hearing.is_heard_by_college(started)
    newest = records(sam)[0]["event"]
    assert newest["event_state"] == "withdrawn" and newest["entity_role"] != "self"
    assert LedgerEntry.objects.filter(event="hearing_ended").latest("seq").actor_id is None
