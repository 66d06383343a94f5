"""The demo of the contract: who is there, what they share, and that making it again changes nothing."""

import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import vault
from accounts.demo import ACCOUNTS
from accounts.identity import age_band, identity_of
from accounts.models import DataKey, Membership, Programme, Student, Tie, User
from consent import access, ledger
from consent.asked import asked_of
from consent.ledger import Action, looks_at
from consent.models import LedgerEntry, Release, Reply, Share, ShareGroupObjectPermission, ShareItem
from consent.services import digest_of
from intake.demo.content import load
from intake.demo.people import PASSWORD
from intake.models import Agreement, Case, Expectation, Offer, ProgrammeFacts, RegionHelp
from intake.services import cases, comparing, people, region_help, sentences, sharing
from passport.models import Answer, AnswerRevision, Experience
from passport.services import open_sheet
from passport.values import clean_answer
from tests import factories

EVERYTHING = (User, Student, Membership, Tie, Programme, Offer, Answer, AnswerRevision, Share, ShareItem, Case, Reply,
              LedgerEntry, DataKey, Expectation, Experience, Agreement,
              ProgrammeFacts, RegionHelp)  # fmt: skip


def seed(*arguments):
    out = StringIO()
    call_command("seed_demo", *arguments, stdout=out)
    return out.getvalue()


def counts():
    return {model.__name__: model.objects.count() for model in EVERYTHING}


def user(username):
    return User.objects.get(username=username)


def sheet_of(username):
    student = user(username).student
    return open_sheet(student.passport, vault.open_key(student.pk))


def live(username):
    return {(share.purpose, share.recipient_kind) for share in user(username).student.shares.live()}


@pytest.fixture
def demo():
    seed()


# --- The accounts ------------------------------------------------------------------------------------------


def test_every_account_of_the_contract_is_there_and_can_log_in(demo):
    assert {one.username for one in ACCOUNTS} == set(User.objects.values_list("username", flat=True))
    assert all(one.check_password(PASSWORD) for one in User.objects.all())


def test_one_agreement_is_signed_and_one_still_a_draft(demo):
    found = dict(Agreement.objects.values_list("case__share__student__user__username", "status"))
    assert found == {"student.placed": "signed", "student.full": "draft"}


def test_again_makes_nothing_new(demo):
    before = counts()
    seed()
    assert counts() == before


def test_what_was_lost_comes_back_and_what_was_written_stays(demo):
    Answer.objects.filter(student=user("student.work").student).delete()
    sam = user("student.full")
    share = sam.student.shares.get(purpose="home")
    sharing.withdraw(share=share, by=sam)
    seed()
    assert sheet_of("student.work").text("me.name").is_answered
    assert ("home", "guardian") not in live("student.full")


def test_what_a_college_wrote_reviewed_moved_or_took_away_on_a_screen_stays(demo):
    writer, care = user("intaker.care"), Programme.objects.get(code="care3")
    first, second, *_ = sentences.sentences_of(care)
    sentences.write_sentence(programme=care, text="Je tilt.", question="Zwaar?", by=writer, sentence_id=first.pk)
    sentences.remove_sentence(programme=care, sentence_id=second.pk, by=writer)
    sentences.move_sentence(programme=care, sentence_id=first.pk, up=False, by=writer)
    before = list(Expectation.objects.order_by("pk").values())
    seed()
    assert list(Expectation.objects.order_by("pk").values()) == before


def test_a_tie_that_was_ended_on_a_screen_stays_ended(demo):
    sam = user("student.full").student
    tie = Tie.objects.current().get(student=sam, kind="coach")
    people.end_tie(student=sam, key=vault.open_key(sam.pk), tie_id=tie.pk, by=sam.user)
    before = counts()
    seed()
    assert counts() == before and ("coaching", "coach") not in live("student.full")


def test_ages_hold_today_and_in_half_a_year(demo):
    for username, row in load("people")["students"].items():
        student = user(username).student
        born = identity_of(student, vault.open_key(student.pk)).born
        for day in (timezone.localdate(), timezone.localdate() + timedelta(days=180)):
            assert day.year - born.year - ((day.month, day.day) < (born.month, born.day)) == row["age"]


def test_the_names_on_the_demo_page_are_those_of_the_people():
    lines = {one.username: str(one.line) for one in ACCOUNTS}
    for username, row in load("people")["students"].items():
        assert lines[username].startswith(f"{row['calling_name']}, {row['age']}")


# --- What they wrote and share -----------------------------------------------------------------------------


def test_what_student_young_wants_to_share_waits_for_the_parent(demo):
    share = user("student.young").student.shares.get()
    assert (share.state, share.items.count()) == ("awaiting_guardian", 3)
    assert [one.share for one in asked_of(user("guardian.young"))] == [share]


def test_student_full_answered_every_question_of_the_route(demo):
    sheet = sheet_of("student.full")
    asked = [one.key for one in sheet.questions.questions.values() if one.asked_on(sheet.route)]
    assert sheet.route == "mbo"
    assert [key for key in asked if not sheet.text(key).is_answered] == []
    assert sheet.text("school.mentor_adds").by == "mentor"


def test_student_empty_has_a_passport_without_answers(demo):
    assert sheet_of("student.empty").texts == {}


def test_every_answer_fits_its_question(demo):
    for username in load("answers"):
        sheet = sheet_of(username)
        for key, text in sheet.texts.items():
            clean_answer(sheet.questions, sheet.questions.questions[key], text.status, text.value)


def test_the_shares_of_the_contract_are_live(demo):
    assert live("student.full") == {
        ("lob", "school_team"),
        ("home", "guardian"),
        ("coaching", "coach"),
        ("intake", "programme"),
    }
    assert live("student.placed") == {("guidance", "college_team")}


def test_who_reads_in_the_demo(demo):
    readers = {"mentor.one", "counsellor.one", "guardian.full", "coach.one", "intaker.care", "mentor.college"}
    open_to = {one.username: access.open_shares(user(one.username)).count() for one in ACCOUNTS}
    assert open_to == {one.username: int(one.username in readers) for one in ACCOUNTS}


def test_the_intake_holds_needs_without_their_reasons(demo):
    share = user("student.full").student.shares.get(purpose="intake")
    dossier = access.read(share_id=share.pk, by=user("intaker.care"), action=Action.READ)
    units = [said.unit.key for said in dossier.said]
    assert len([unit for unit in units if unit.startswith("need.support.")]) == 4
    assert not [unit for unit in units if unit.startswith("need.why.") or unit == "need.diagnosis"]
    assert "official_name" in dossier.student


def test_the_placed_student_has_a_closed_intake_behind_them(demo):
    share = user("student.placed").student.shares.get(purpose="intake")
    assert share.state == "expired"
    assert share.valid_until < timezone.localdate()
    assert share.case.status == Case.Status.PLACED
    rows = cases.list_cases(user("intaker.care"))
    assert sorted((row.status, row.display_name) for row in rows) == [("ended", None), ("read", "Sam V.")]


def test_somebody_looked_and_answered(demo):
    sam = user("student.full").student
    readers = [entry.actor_id for entry in looks_at(sam.pk)]
    assert readers.count(user("intaker.care").pk) == 5  # twice to read, twice to answer, once to draft the agreement
    assert Reply.objects.get(share__student=sam).by == user("intaker.care")


def test_the_ledger_of_the_demo_holds(demo):
    assert ledger.verify() is None
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert "the ledger holds" in out.getvalue()


def test_a_guardian_of_the_youngest_may_approve(demo):
    tie = Tie.objects.current().get(person=user("guardian.young"))
    assert tie.confirmed_at
    assert tie.authority_checked_at


# --- The options -------------------------------------------------------------------------------------------


def test_if_empty_leaves_a_site_with_people_alone(sam):
    before = counts()
    seed("--if-empty", "--students=5")
    assert counts() == before


def test_the_list_has_one_line_per_account_and_one_password():
    lines = seed("--list").splitlines()
    assert lines[0] == f"password: {PASSWORD}"
    assert [line.split()[0] for line in lines[1:]] == [one.username for one in ACCOUNTS]
    assert not User.objects.exists()


def test_only_in_a_demo(settings):
    settings.DEMO = False
    with pytest.raises(CommandError):
        seed()
    assert not User.objects.exists()


def test_less_than_no_students_is_refused():
    with pytest.raises(CommandError):
        seed("--students=-1")


# --- Many students -----------------------------------------------------------------------------------------


@pytest.fixture
def crowd(demo):
    seed("--students=60")
    return User.objects.filter(username__startswith="demo-")


def test_again_with_the_same_number_adds_none(crowd):
    before = counts()
    assert "0 more" in seed("--students=60")
    assert counts() == before


def test_more_students_can_be_added(crowd):
    assert "10 more" in seed("--students=70")


def test_nobody_can_log_in_as_them(crowd):
    assert len(crowd) == 60
    assert not any(one.has_usable_password() for one in crowd)


def test_they_sit_in_several_schools_and_regions(crowd):
    rows = Membership.objects.filter(user__in=crowd)
    assert rows.values("school_class").distinct().count() == 5
    assert rows.values("school_class__institution").distinct().count() == 5
    assert rows.values("school_class__institution__region").distinct().count() == 2


def test_their_answers_are_sealed_and_fit(crowd):
    for one in crowd[::7]:
        sheet = sheet_of(one.username)
        assert 11 <= len(sheet.texts) <= 16
        for key, text in sheet.texts.items():
            clean_answer(sheet.questions, sheet.questions.questions[key], text.status, text.value)


def test_a_tenth_shares_and_the_reader_sees_what_was_released(crowd):
    shares = Share.objects.filter(student__user__in=crowd)
    assert shares.count() == 6
    assert ShareGroupObjectPermission.objects.filter(content_object__in=shares).count() == 6
    for share in shares:
        reader = factories.make_staff("intaker", programme=share.programme)
        dossier = access.read(share_id=share.pk, by=reader, action=Action.READ)
        key = vault.open_key(share.student_id)
        assert dossier.said
        assert bytes(Release.objects.get(share=share).digest) == digest_of(dossier, key)
        assert LedgerEntry.objects.filter(share_id=share.pk, event="given").count() == 1
        assert share.case.programme_id == share.programme_id
    assert ledger.verify() is None


def test_who_shares_alone_is_sixteen_or_older(crowd):
    for share in Share.objects.filter(student__user__in=crowd).select_related("student"):
        assert age_band(identity_of(share.student, vault.open_key(share.student_id)).born) != "under_16"


@pytest.mark.slow
def test_four_hundred_students_take_less_than_ten_seconds(demo):
    started = time.monotonic()
    seed("--students=400")
    assert time.monotonic() - started < 10


def test_a_region_of_the_demo_has_help_that_runs_help_that_ends_soon_and_help_that_ended(demo):
    rows = list(RegionHelp.objects.filter(region__code="linde"))
    assert {one.kind for one in rows} == set(RegionHelp.Kind.values)
    assert [one.name for one in rows if one.has_ended()] == ["Zomerweek Linderhaven"]
    assert [one.name for one in rows if region_help.ends_soon(one)] == ["Coaches Lindestreek"]
    assert all(one.telephone.startswith("099-") or not one.telephone for one in rows)


def test_a_student_of_the_demo_meets_what_is_covered_to_discuss_and_not_described(demo):
    student = user("student.full").student
    own = comparing.own_cover(student, vault.open_key(student.pk))
    assert {need.cover for one in own.programmes for need in one.needs} == set(comparing.Cover)
