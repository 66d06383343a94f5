"""The receipt: every act leaves a signed record, anyone can check it, and only who it is for can read it."""

import copy
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import vault
from accounts.identity import identity_of
from accounts.models import Tie
from consent import drafts, ledger, notices, proofs, receipts, services, signing
from consent.ledger import Event
from consent.models import ConsentRecord, LedgerEntry, Purpose, PurposeSetting, Share
from consent.services.proof import prove
from intake.services import sharing
from tests import factories
from tests.factories import change_identity, key_of, share, share_with_programme, write

ROOT = Path(__file__).parent.parent.parent
TODAY = timezone.localdate

# The fields that ISO/IEC TS 27560 (M) and the GDPR profile (G) want filled, as research/security.md §5 lists them.
FILLED = {
    "header": "schema_version record_id receipt_id pii_principal_id seq previous_ledger_mac ledger_mac",
    "event": "event_type event_state event_time valid_until entity_id entity_role expression_method auth_strength"
    " age_policy_version",
    "notice": "notice_id version sha256 language format",
    "processing": "purpose lawful_basis art9_basis units storage_location retention jurisdiction withdrawal_method"
    " rights_notice authority dpia_ref code_of_conduct",
}
# Filled where there is something: what takes the place of what, who acts for whom, how old, which text.
ASKED = {"header": "supersedes", "event": "on_behalf_of gezag_evidence_id age_band"}
OF_UNIT = "unit label pii_type pii_optional special_category"
ASKED_OF_UNIT = "content_version content_digest"
OF_PARTY = "party_id name address contact type role"


def newest(one: Share) -> dict:
    return proofs.newest_proof_or_404(one, key_of(one.student)).record


def events_of(one: Share) -> list[str]:
    """The acts, oldest first; what each took the place of is told apart."""
    return [row.event for row in one.records.exclude(event="superseded").order_by("at")]


def is_filled(record: dict) -> bool:
    """Whether every field is there, and what must hold something does."""
    rows = {"unit": record["processing"]["units"], "party": record["parties"]}
    missing = [
        f"{part}.{name}"
        for part, fields in FILLED.items()
        for name in fields.split()
        if record[part].get(name) in (None, "", [])
    ]
    asked = [(part, name) for part, fields in ASKED.items() for name in fields.split()]
    missing += [f"{part}.{name}" for part, name in asked if name not in record[part]]
    for kind, fields in (("unit", OF_UNIT), ("party", OF_PARTY)):
        missing += [f"{kind}.{name}" for row in rows[kind] for name in fields.split() if row.get(name) in (None, "")]
    missing += [f"unit.{name}" for row in rows["unit"] for name in ASKED_OF_UNIT.split() if name not in row]
    assert missing == []
    return True


def as_bytes(record: dict) -> bytes:
    return json.dumps(record, ensure_ascii=False, indent=2).encode()


@pytest.fixture
def record(given) -> dict:
    return newest(given)


# --- Every act leaves one ------------------------------------------------------------------------------------


def test_giving_changing_releasing_and_stopping_each_leave_a_record_that_verifies(given, sam):
    key = key_of(sam)
    write(sam, "me.free_time", ["nieuw"])
    sharing.release(share=given, key=key, units=["me.free_time"], by=sam.user)
    sharing.change(share=given, key=key, units=["me.free_time"], by=sam.user)
    sharing.withdraw(share=given, by=sam.user)
    assert events_of(given) == ["given", "released", "changed", "withdrawn"]
    for proof in proofs.proofs_of(given, key):
        checked = signing.verify(proof.as_file.encode(), signing.public_key_of(settings.RECEIPT_KEY))
        header = checked.record["header"]
        entry = LedgerEntry.objects.get(seq=header["seq"])
        assert entry.at == proof.at and proof.event in (entry.event, "superseded")
        assert header["ledger_mac"] == bytes(entry.mac).hex()
        before = LedgerEntry.objects.filter(seq=entry.seq - 1).first()
        assert header["previous_ledger_mac"] == (bytes(before.mac) if before else ledger.GENESIS).hex()
    assert ledger.verify() is None


def test_a_share_that_is_over_leaves_a_record_of_nobody(given):
    Share.objects.filter(pk=given.pk).update(valid_until=TODAY() - timedelta(days=1))
    sharing.expire_ended()
    event = newest(given)["event"]
    assert (event["event_state"], event["entity_role"]) == ("expired", "system")


def test_under_sixteen_the_yes_of_the_student_is_an_assent(care):
    student = factories.make_pupil(age=15)
    write(student, "me.name", "Sam")
    one = share_with_programme(student, care, "me.name")
    assert events_of(one) == ["assented"]
    assert newest(one)["processing"]["units"][0]["content_digest"]


@pytest.mark.parametrize("event", receipts.STATES)
@pytest.mark.parametrize("who", ["student", "guardian"])
def test_every_act_has_its_state_and_who_did_it(given, sam, event, who):
    if event not in list(Event):
        pytest.skip(f"{event} does not exist yet")
    actor = sam.user if who == "student" else factories.make_parent(sam).user
    prove(Event(event), share=given, actor=actor, key=key_of(sam))
    record = newest(given)
    assert record["event"]["event_state"] == receipts.STATES[event]
    assert record["event"]["entity_role"] == {"student": "self", "guardian": "legal_rep"}[who]
    assert signing.verify(as_bytes(record)).key_id == record["signature"]["key_id"]


def test_every_event_of_the_ledger_but_looks_and_replies_leaves_a_record():
    # A switch of the student is no share; its yes and no stand in the ledger (docs/rules.md, rule 1).
    quiet = {"look", "replied", "law_request", "suggested", "hearing_given", "hearing_ended"}
    assert {str(event) for event in Event} - quiet <= set(receipts.STATES)


def test_a_later_record_names_the_one_it_takes_the_place_of(given, sam):
    first = newest(given)["header"]
    sharing.withdraw(share=given, by=sam.user)
    assert first["supersedes"] is None and newest(given)["header"]["supersedes"] == first["record_id"]


def test_what_takes_the_place_of_an_agreement_leaves_a_record_that_the_old_one_is_over(given, sam):
    key, first = key_of(sam), newest(given)
    write(sam, "me.free_time", ["nieuw"])
    sharing.release(share=given, key=key, units=["me.free_time"], by=sam.user)
    sharing.change(share=given, key=key, units=["me.free_time"], by=sam.user)
    sharing.withdraw(share=given, by=sam.user)
    found = proofs.proofs_of(given, key)
    assert [one.event for one in found] == ["withdrawn", "changed", "superseded", "released", "superseded", "given"]
    old, new = found[4].record, found[3].record
    assert signing.verify(found[4].as_file.encode()) and old["event"]["event_state"] == "superseded"
    assert old["header"]["supersedes"] == first["header"]["record_id"]
    assert old["header"]["superseded_by"] == new["header"]["record_id"]
    assert old["processing"] == first["processing"] != new["processing"]
    assert old["event"]["entity_role"] == "self" and old["header"]["seq"] == new["header"]["seq"]


@pytest.mark.parametrize("event", ["withdrawn", "expired", "refused", "reconfirmed", "assented"])
def test_an_end_or_a_word_that_it_stays_takes_the_place_of_nothing(given, sam, event):
    prove(Event(event), share=given, actor=sam.user, key=key_of(sam))
    assert not given.records.filter(event="superseded").exists()


@pytest.mark.parametrize("event", ["given", "assented", "approved", "refused", "withdrawn", "expired", "changed",
                                   "reconfirmed", "superseded"])  # fmt: skip
def test_every_record_of_every_event_has_all_fields(given, sam, event):
    """A guardian and the calendar too: `given` is there already, a change makes it superseded."""
    act = Event.CHANGED if event == "superseded" else Event(event)
    guardian = factories.make_parent(sam).user
    for actor in (sam.user, guardian, None):
        prove(act, share=given, actor=actor, key=key_of(sam))
    found = [one.record for one in proofs.proofs_of(given, key_of(sam)) if one.event == event]
    assert len(found) >= 3 and all(is_filled(record) for record in found)
    by_parent = [record["event"] for record in found if record["event"]["entity_role"] == "legal_rep"]
    assert {one["on_behalf_of"] for one in by_parent} == {str(sam.pk)}
    assert {one["gezag_evidence_id"] for one in by_parent} == {str(Tie.objects.get(person=guardian).pk)}


def test_an_act_that_fails_leaves_neither_entry_nor_record(sam, care, monkeypatch):
    monkeypatch.setattr(signing, "sign", lambda *a: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        share_with_programme(sam, care, "me.free_time")
    assert not ConsentRecord.objects.exists() and not LedgerEntry.objects.exists() and not Share.objects.exists()


def test_stopping_opens_no_text_so_a_broken_seal_does_not_hold_it_up(given, sam):
    for answer in sam.answers.all():
        answer.revisions.update(sealed=b"\x01" + bytes(80))
    assert sharing.withdraw(share=given, by=sam.user).state == "withdrawn"
    assert [unit["content_digest"] for unit in newest(given)["processing"]["units"]] == [None, None]


def test_without_a_setting_nobody_gives_and_everybody_can_stop(given, sam, care):
    PurposeSetting.objects.all().delete()
    with pytest.raises(notices.WrongPurposes, match="load_purposes"):
        share(sam, "programme", factories.make_programme().pk, "me.free_time")
    assert sharing.withdraw(share=given, by=sam.user).state == "withdrawn"
    assert events_of(given) == ["given"]


@pytest.mark.parametrize("units", [1, 3])
def test_a_record_costs_the_same_queries_for_one_unit_and_for_three(sam, care, units):
    wanted = ["me.free_time", "can.strengths", "need.support.quiet"][:units]
    one, key = share_with_programme(sam, care, *wanted), key_of(sam)
    with transaction.atomic(), CaptureQueriesContext(connection) as bare:
        ledger.record(Event.CHANGED, share=one, actor=sam.user)
    with transaction.atomic(), CaptureQueriesContext(connection) as proved:
        prove(Event.CHANGED, share=one, actor=sam.user, key=key)
    # The setting, the record before, the items, the agreement this takes the place of, and the two records.
    assert len(proved) - len(bare) == 6


# --- What it says --------------------------------------------------------------------------------------------


def test_every_field_that_must_be_filled_is_filled(record):
    assert is_filled(record) and len(record["processing"]["units"]) == len(record["parties"]) == 2
    assert record["event"]["age_band"] == "from_16"
    assert [unit["content_version"] for unit in record["processing"]["units"]] == [1, 1]


@pytest.mark.parametrize("kind", ["school_team", "guardian", "coach", "buddy"])
def test_every_kind_of_recipient_has_its_record_without_the_name_of_a_person(sam, class_a, mentor, kind):
    place = {"school_team": class_a.institution_id}
    if kind == "guardian":
        place[kind] = factories.make_parent(sam).user_id
    elif kind != "school_team":
        person = factories.make_staff("coach", institution=class_a.institution, name="Wieke Zomer")
        factories.make_tie(sam, person, kind)
        place[kind] = person.pk
    one = share(sam, kind, place[kind], "me.free_time")
    text = signing.canonical(newest(one)).decode()
    assert newest(one)["parties"][1]["party_id"] == str(place[kind])
    assert not [name for name in ("Wieke", "Zomer", "Noor", "Kaya", "Sam V", "Samuel") if name in text]


def test_a_unit_that_is_still_empty_stands_in_it_by_its_label(sam, class_a, mentor):
    one = share(sam, "school_team", class_a.institution_id, "me.proud")
    [unit] = newest(one)["processing"]["units"]
    assert unit["unit"] == "me.proud" and unit["label"] and unit["content_digest"] is None


def test_a_need_is_special_data_and_a_hobby_is_not(record):
    assert {unit["unit"]: unit["special_category"] for unit in record["processing"]["units"]} == {
        "me.free_time": False,
        "need.support.quiet": True,
    }


def test_another_text_has_another_digest_and_the_same_text_the_same(given, sam):
    def digest():
        return newest(given)["processing"]["units"][0]["content_digest"]

    key, first = key_of(sam), digest()
    sharing.change(share=given, key=key, valid_until=TODAY(), by=sam.user)
    assert digest() == first
    write(sam, "me.free_time", ["nieuw"])
    sharing.release(share=given, key=key, units=["me.free_time"], by=sam.user)
    assert digest() != first


def test_the_notice_rendered_again_has_the_hash_of_the_record(record):
    setting = PurposeSetting.objects.get(pk=record["notice"]["notice_id"])
    assert hashlib.sha256(setting.notice_text.encode()).hexdigest() == record["notice"]["sha256"]
    assert record["notice"]["version"] == setting.notice_version


def test_the_notice_stands_on_the_screen_that_asks_for_the_yes(sam, care, browser_of):
    draft = drafts.make_draft(
        student=sam,
        key=key_of(sam),
        kind="programme",
        recipient_id=care.pk,
        units=["me.free_time"],
        valid_until=TODAY(),
    )
    page = browser_of(sam)
    seen = page.get(reverse("share_preview", args=[draft.id])).context["seen"]
    page.post(reverse("share_preview", args=[draft.id]), {"seen": seen})
    text = page.get(reverse("share_confirm", args=[draft.id]), follow=True).content.decode()
    assert notices.setting_on("intake", TODAY()).notice_text.splitlines()[0] in text


# --- It cannot be forged -------------------------------------------------------------------------------------


def leaves(value, path=()):
    """Every place in a record that holds a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [leaf for name, part in pairs for leaf in leaves(part, (*path, name))]
    return found or [path]


def test_any_value_that_is_changed_makes_it_invalid(record):
    assert len(leaves(record)) > 50
    for path in leaves(record):
        other = copy.deepcopy(record)
        place = other
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = {str: f"{place[path[-1]]}x", bool: not place[path[-1]]}.get(type(place[path[-1]]), 7)
        with pytest.raises(signing.Invalid):
            signing.verify(as_bytes(other))


def test_any_byte_of_the_record_that_is_changed_makes_it_invalid(record):
    text = signing.canonical(record)
    for place in range(0, len(text), 7):
        other = text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :]
        with pytest.raises(signing.Invalid):
            signing.verify(other)


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{}", b"\xff", b'{"signature": {}}', b'{"signature": 1}', b'{"a": NaN}', b'{"a": 1.5}',
     b'{"a": 1, "a": 1}', b"[" * 5000, b'{"a": "\\ud800", "signature": {}}', b" " * 2_000_000],
)  # fmt: skip
def test_what_is_no_record_is_invalid(text):
    with pytest.raises(signing.Invalid):
        signing.verify(text)


def test_a_part_that_is_added_or_missing_makes_it_invalid(record):
    for other in ({**record, "extra": 1}, {name: part for name, part in record.items() if name != "notice"}):
        with pytest.raises(signing.Invalid):
            signing.verify(as_bytes(other))


def test_a_forger_with_a_key_of_their_own_is_seen_when_the_key_is_pinned(record):
    own = signing.public_key_of(settings.RECEIPT_KEY)
    forged = signing.sign({name: part for name, part in record.items() if name != "signature"}, bytes(32))
    assert signing.verify(as_bytes(forged)).public_key != own
    for pin in (own, signing.key_id_of(own)):
        assert signing.verify(as_bytes(record), pin)
        with pytest.raises(signing.Invalid, match="another key"):
            signing.verify(as_bytes(forged), pin)


# --- verify_receipt ------------------------------------------------------------------------------------------


def run_verify(*args: str, tmp_path: Path) -> subprocess.CompletedProcess:
    """The command as a stranger runs it: another key, and databases that do not exist."""
    env = {name: value for name, value in os.environ.items() if name not in ("VAR_DIR", "RECEIPT_KEY")}
    nowhere = "postgres://nobody@127.0.0.1:1/nothing"
    env |= {"VAR_DIR": str(tmp_path / "var"), "DEMO": "1", "DATABASE_URL": nowhere, "KEYS_DATABASE_URL": nowhere}
    command = [sys.executable, "manage.py", "verify_receipt", *args]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)


def test_the_command_needs_no_database(record, tmp_path):
    file = tmp_path / "bewijs.json"
    file.write_bytes(as_bytes(record))
    run = run_verify(str(file), tmp_path=tmp_path)
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    assert lines[0] == "valid" and len(lines) == 4
    assert "given by self" in lines[1] and "Intake bij een opleiding" in lines[2] and lines[3].startswith("2 units")
    assert record["signature"]["key_id"] in run.stderr and "NOT the key of this site" in run.stderr
    pinned = run_verify(str(file), "--key", record["signature"]["public_key"], tmp_path=tmp_path)
    assert pinned.returncode == 0 and pinned.stderr == ""
    file.write_bytes(as_bytes(record).replace(b"intake", b"intakf", 1))
    run = run_verify(str(file), tmp_path=tmp_path)
    assert run.returncode == 1 and "invalid" in run.stderr and run.stdout == ""


def test_the_command_knows_the_key_of_its_own_site(record, tmp_path, capsys):
    file = tmp_path / "bewijs.json"
    file.write_bytes(as_bytes(record))
    call_command("verify_receipt", str(file))
    assert "the key of this site" in (said := capsys.readouterr().err) and "NOT" not in said
    with pytest.raises(CommandError, match="another key"):
        call_command("verify_receipt", str(file), "--key", signing.public_key_of(bytes(32)))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("verify_receipt", str(tmp_path / "nowhere.json"))


# --- Who may have it -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["api_share_receipt", "share_receipt", "share_receipt_file"])
@pytest.mark.parametrize("who", ["imke", "mentor", "noor", "admin", "parent"])
def test_nobody_else_gets_the_receipt(request, given, sam, api, name, who):
    if who == "admin":
        user = factories.make_user(is_superuser=True)
    elif who == "parent":
        user = factories.make_parent(sam).user
    else:
        user = request.getfixturevalue(who)
    args = [given.pk, given.records.get().pk] if name == "share_receipt_file" else [given.pk]
    assert api(user).get(reverse(name, args=args)).status_code == 404
    assert api(sam).get(reverse(name, args=args)).status_code == 200


def test_the_api_gives_the_newest_record_as_it_was_signed(given, sam, api):
    sharing.withdraw(share=given, by=sam.user)
    answer = api(sam).get(reverse("api_share_receipt", args=[given.pk]))
    assert answer.json()["event"]["event_state"] == "withdrawn"
    assert signing.verify(answer.content) and answer["Cache-Control"] == "no-store, private"


@pytest.fixture
def young_share(care) -> Share:
    student = factories.make_pupil(age=15)
    write(student, "me.name", "Sam")
    return share_with_programme(student, care, "me.name")


def say(one: Share, guardian, yes: bool) -> None:
    act = services.approve_share if yes else services.decline_share
    act(share_id=one.pk, by=guardian.user)


@pytest.mark.parametrize(("yes", "status"), [(True, 200), (False, 404), (None, 404)])
def test_under_sixteen_a_guardian_who_said_yes_gets_it(young_share, api, yes, status):
    guardian = factories.make_parent(young_share.student)
    if yes is not None:
        say(young_share, guardian, yes)
    assert api(guardian).get(reverse("api_share_receipt", args=[young_share.pk])).status_code == status


def test_who_approved_and_took_it_back_gets_the_proof_of_that(young_share, api):
    guardian = factories.make_parent(young_share.student)
    say(young_share, guardian, yes=True)
    services.withdraw_with_say(share_id=young_share.pk, by=guardian.user)
    answer = api(guardian).get(reverse("api_share_receipt", args=[young_share.pk])).json()
    assert answer["event"]["event_state"] == "withdrawn" and answer["event"]["entity_role"] == "legal_rep"
    assert events_of(young_share) == ["assented", "approved", "withdrawn"]


@pytest.mark.parametrize("change", ["sixteen", "no_authority", "tie_over", "frozen"])
def test_what_ends_the_say_of_a_guardian_ends_this_too(young_share, api, change):
    student, guardian = young_share.student, factories.make_parent(young_share.student)
    say(young_share, guardian, yes=True)
    if change == "sixteen":
        key = key_of(student)
        older = replace(identity_of(student, key), birth_date=factories.born(16))
        change_identity(student=student, key=key, identity=older)
    elif change == "no_authority":
        Tie.objects.update(authority_checked_at=None)
    elif change == "tie_over":
        Tie.objects.update(ends_on=TODAY() - timedelta(days=1))
    else:
        student.frozen_at = timezone.now()
        student.save()
    assert api(guardian).get(reverse("api_share_receipt", args=[young_share.pk])).status_code == 404


def test_a_record_of_another_share_is_not_there(given, sam, api):
    other = share(sam, "programme", factories.make_programme().pk, "me.free_time")
    url = reverse("share_receipt_file", args=[given.pk, other.records.get().pk])
    assert api(sam).get(url).status_code == 404


def test_a_share_of_before_there_were_records_says_so(given, sam, api):
    ConsentRecord.objects.all().delete()
    assert api(sam).get(reverse("api_share_receipt", args=[given.pk])).status_code == 404
    assert "geen bewijs bewaard" in api(sam).get(reverse("share_receipt", args=[given.pk])).content.decode()


def test_the_file_has_a_name_that_says_nothing_and_verifies(given, sam, browser_of):
    answer = browser_of(sam).get(reverse("share_receipt_file", args=[given.pk, given.records.get().pk]))
    assert answer["Content-Disposition"] == 'attachment; filename="bewijs.json"'
    assert signing.verify(answer.content)
    assert b"Samuel" not in answer.content and b"Sam V" not in answer.content and b"muziek" not in answer.content


def test_the_page_says_it_in_words(given, sam, browser_of):
    sharing.change(share=given, key=key_of(sam), valid_until=TODAY(), by=sam.user)
    text = browser_of(sam).get(reverse("share_receipt", args=[given.pk])).content.decode()
    wanted = "Een rustige plek|Intake bij een opleiding|AVG artikel 6|Stop met delen|Bewaar dit bewijs"
    wanted += "|Je zei ja. Je deelde dit.|Je veranderde wat je deelt."
    assert [words for words in wanted.split("|") if words not in text] == []
    assert (
        reverse("share_receipt", args=[given.pk])
        in browser_of(sam).get(reverse("share", args=[given.pk])).content.decode()
    )


def test_nothing_of_the_record_is_readable_in_its_row(given):
    row = ConsentRecord.objects.get()
    sealed = bytes(row.sealed_record)
    assert not [word for word in (b"me.free_time", b"rustige", b"intake", b"Ed25519", b"AVG") if word in sealed]
    assert len(sealed) % receipts.BLOCK == 31


def test_with_the_key_gone_no_record_opens(given, sam):
    key = key_of(sam)
    assert proofs.proofs_of(given, key)
    vault.shred(sam.pk)
    with pytest.raises(vault.Shredded):
        proofs.get_share_for_proof_or_404(given.pk, sam.user)


def test_a_record_moved_to_another_row_does_not_open(given, sam):
    other = share(sam, "programme", factories.make_programme().pk, "me.free_time").records.get()
    other.sealed_record = given.records.get().sealed_record
    other.save()
    with pytest.raises(vault.Tampered):
        proofs.proofs_of(other.share, key_of(sam))


# --- What a purpose means in law -----------------------------------------------------------------------------


def settings_file(tmp_path: Path, **changed: object) -> Path:
    """The settings of the house, with one changed for intake (JSON is YAML)."""
    content = yaml.safe_load((ROOT / "consent" / "purposes.yaml").read_text(encoding="utf-8"))
    intake = next(row for row in content["settings"] if row["purpose"] == "intake")
    if "valid_from" in changed:
        intake = {**intake}
        content["settings"].append(intake)
    intake.update(changed)
    file = tmp_path / "purposes.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return file


def test_loading_again_changes_nothing_and_every_purpose_has_a_setting():
    assert notices.load_purposes(ROOT / "consent" / "purposes.yaml") == 0
    assert {row.purpose for row in PurposeSetting.objects.all()} == set(Purpose.values)


@pytest.mark.parametrize("name", notices.FIELDS)
def test_a_setting_in_force_never_changes(tmp_path, name):
    with pytest.raises(notices.WrongPurposes, match="in force"):
        notices.load_purposes(settings_file(tmp_path, **{name: "anders"}))


@pytest.mark.parametrize("days", [-400, -1, 0])
def test_a_new_setting_begins_tomorrow_at_the_earliest(tmp_path, days):
    file = settings_file(tmp_path, valid_from=TODAY() + timedelta(days=days), legal_basis="iets anders")
    with pytest.raises(notices.WrongPurposes, match="tomorrow"):
        notices.load_purposes(file)


def test_a_basis_is_never_swapped_afterwards(given, sam, tmp_path, monkeypatch):
    before = newest(given)["processing"]["lawful_basis"]
    later = TODAY() + timedelta(days=1)
    assert notices.load_purposes(settings_file(tmp_path, valid_from=later, legal_basis="iets anders")) == 1
    assert notices.load_purposes(settings_file(tmp_path, valid_from=later, legal_basis="toch anders")) == 1
    assert notices.setting_on("intake", TODAY()).legal_basis == before
    assert notices.setting_on("intake", later).legal_basis == "toch anders"
    in_three_days = timezone.now() + timedelta(days=3)
    monkeypatch.setattr("django.utils.timezone.now", lambda: in_three_days)
    sharing.change(share=given, key=key_of(sam), units=["me.free_time"], by=sam.user)
    assert newest(given)["processing"]["lawful_basis"] == before
    other = share(sam, "programme", factories.make_programme().pk, "me.free_time")
    assert newest(other)["processing"]["lawful_basis"] == "toch anders"


def test_a_newer_version_of_the_software_brings_its_settings_tomorrow_and_changes_none_in_force(given, sam, tmp_path):
    """A site that runs already: its own settings stand, the new ones wait a day, and a restart changes nothing."""
    before = list(PurposeSetting.objects.values())
    file = settings_file(tmp_path, legal_basis="iets anders", notice_version="intake-2026-9")
    assert [notices.load_purposes(file, from_tomorrow=True) for _ in range(2)] == [1, 0]
    assert list(PurposeSetting.objects.filter(valid_from__lte=TODAY()).values()) == before
    assert notices.setting_on("intake", TODAY() + timedelta(days=1)).notice_version == "intake-2026-9"
    with time_machine.travel(timezone.now() + timedelta(days=40)):
        assert notices.load_purposes(file, from_tomorrow=True) == 0
        assert notices.setting_of(given).legal_basis != "iets anders"
        newer = settings_file(tmp_path, legal_basis="nog iets", notice_version="intake-2026-10")
        assert notices.load_purposes(newer, from_tomorrow=True) == 1
        assert notices.load_purposes(newer, from_tomorrow=True) == 0


def test_another_text_under_the_same_version_is_refused_then_too(tmp_path):
    with pytest.raises(notices.WrongPurposes, match="in force"):
        notices.load_purposes(settings_file(tmp_path, legal_basis="iets anders"), from_tomorrow=True)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"legal_basis": ""}, "legal_basis is empty"),
        ({"controller": "x" * 161}, "controller is longer"),
        ({"colour": "blue"}, "unknown colour"),
        ({"purpose": "party"}, "missing or unknown"),
        ({"notice_text": None}, "notice_text is empty"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, changed, said):
    with pytest.raises(CommandError, match=said):
        call_command("load_purposes", settings_file(tmp_path, **changed))


@pytest.mark.parametrize(
    "text", ["", "settings: []", "settings: [1]", "a: [", "settings: [{purpose: lob, valid_from: x}]"]
)
def test_a_file_that_is_no_list_of_settings_is_refused(tmp_path, text):
    file = tmp_path / "x.yaml"
    file.write_text(text)
    with pytest.raises(notices.WrongPurposes):
        notices.load_purposes(file)
