"""A birth date that turns out to be another: what was given alone under 16 closes until a guardian says yes."""

import io
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.identity import identity_of
from accounts.models import Role, Student, User
from accounts.refusals import NotHere, Refusal
from consent import access, anchor, ledger
from consent.asked import asked_of
from consent.ledger import Action, Event
from consent.models import ConsentRecord, LedgerEntry, Release, Share
from consent.services import giving
from intake.models import Case, CoachSignal, FollowUpGrant, Handover
from intake.services import handovers, hearing, sharing, signals
from intake.services.birth_dates import correct_birth_date
from tests import factories
from tests.factories import key_of
from tests.intake.after import start

YOUNG, OLD = factories.born(14), factories.born(17)


@pytest.fixture
def boss(class_a) -> User:
    return factories.make_staff(Role.COORDINATOR, institution=class_a.institution, name="mevrouw Oseikan")


@pytest.fixture
def parent(sam) -> User:
    return factories.make_parent(sam).user


def correct(student, by, born=YOUNG):
    return correct_birth_date(student=student, key=key_of(student), born=date.fromisoformat(born), by=by)


def reads(share: Share, by: User) -> dict | None:
    try:
        dossier = access.read(share_id=share.pk, by=by, action=Action.READ)
    except NotHere:
        return None
    return {one.unit.key: one.value for one in dossier.said}


def test_it_closes_and_opens_by_a_guardians_yes(sam, given, imke, parent, boss):
    assert reads(given, imke)
    assert [share.pk for share in correct(sam, boss)] == [given.pk]
    given.refresh_from_db()
    assert (given.state, given.approval_required) == ("awaiting_guardian", True)
    assert reads(given, imke) is None and not access.open_shares(imke).exists()
    assert [one.share for one in asked_of(parent)] == [given]
    sharing.approve(share_id=given.pk, by=parent)
    assert set(reads(given, imke)) == {"me.free_time", "need.support.quiet"}
    sharing.withdraw(share=given, by=parent)
    assert reads(given, imke) is None and ledger.verify() is None


def test_a_guardians_no_ends_it(sam, given, imke, parent, boss):
    correct(sam, boss)
    assert sharing.decline(share_id=given.pk, by=parent).state == "declined"
    assert reads(given, imke) is None


def test_what_stays_open(sam, given, imke, mentor, parent, boss, class_a):
    """School and home are not outside school; and who is 16 or older by the right date keeps everything."""
    lob = factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
    home = factories.share(sam, "guardian", parent.pk, "me.free_time")
    assert correct(sam, boss, factories.born(16)) == [] and reads(given, imke)
    correct(sam, boss)
    assert reads(lob, mentor) and reads(home, parent) and reads(given, imke) is None


def test_what_a_guardian_approved_runs_on(care, imke, class_a, boss):
    young = factories.make_pupil(age=15, school_class=class_a)
    factories.write(young, "me.free_time", ["muziek"])
    parent = factories.make_parent(young).user
    share = factories.share_with_programme(young, care, "me.free_time")
    sharing.approve(share_id=share.pk, by=parent)
    assert correct(young, boss) == [] and reads(share, imke)


def test_what_was_added_alone_to_what_a_guardian_approved_waits_too(care, imke, class_a, boss):
    """At «16» nobody asked a guardian for more; by the right date somebody should have been asked."""
    young = factories.make_pupil(age=15, school_class=class_a)
    factories.write(young, "me.free_time", ["muziek"])
    factories.write(young, "want.dream", "Een winkel")
    parent = factories.make_parent(young).user
    share = factories.share_with_programme(young, care, "me.free_time")
    sharing.approve(share_id=share.pk, by=parent)
    assert correct(young, boss, OLD) == []
    young.refresh_from_db()
    share.refresh_from_db()
    sharing.change(share=share, key=key_of(young), by=young.user, units=["me.free_time", "want.dream"])
    assert set(reads(share, imke)) == {"me.free_time", "want.dream"}
    assert [one.pk for one in correct(young, boss)] == [share.pk] and reads(share, imke) is None
    assert correct(young, boss) == []
    sharing.approve(share_id=share.pk, by=parent)
    assert set(reads(share, imke)) == {"me.free_time", "want.dream"}
    assert correct(young, boss, OLD) == [] == correct(young, boss), "the guardian saw it all"
    assert reads(share, imke)


def test_who_turns_out_younger_while_giving_gives_nothing_alone(sam, care, imke, parent, boss, monkeypatch):
    """The school corrects the date between what was planned and what is saved."""
    factories.write(sam, "me.free_time", ["muziek"])
    real = giving.digest_of

    def meanwhile(*about):
        correct(sam, boss)
        return real(*about)

    monkeypatch.setattr(giving, "digest_of", meanwhile)
    with pytest.raises(Refusal, match="changed"):
        factories.share_with_programme(sam, care, "me.free_time")
    assert not Share.objects.exists() and not access.open_shares(imke).exists()


def test_who_turns_out_younger_while_a_switch_is_turned_lets_nobody_hear(sam, care, given, boss):
    start(sam, care, days_ago=20)
    correct(Student.objects.get(pk=sam.pk), boss)
    with pytest.raises(Refusal, match="not_alone"):  # with the student as a request of before holds them
        hearing.let_hear(student=sam, key=key_of(sam), kind=FollowUpGrant.Kind.COLLEGE, listener=None, by=sam.user)
    assert not FollowUpGrant.objects.exists()


def test_a_backup_from_before_the_correction_opens_it_not(sam, given, imke, boss, django_capture_on_commit_callbacks):
    """What waits for a guardian was open in that backup, with the wrong date beside it."""
    was = Share.objects.filter(pk=given.pk).values("state", "approval_required").get()
    head = LedgerEntry.objects.latest("seq").seq
    with django_capture_on_commit_callbacks(execute=True):
        correct(sam, boss)
    anchor.note_restore(head=head, taken=timezone.now())
    Share.objects.filter(pk=given.pk).update(**was)  # as the backup has it
    given.refresh_from_db()
    access.open_door(given)
    assert reads(given, imke)
    assert sharing.end_again() == 1 and reads(given, imke) is None


def test_what_was_live_is_from_then_on_what_the_guardian_saw(sam, parent, boss):
    coach = factories.make_user(staff_name="Anna")
    factories.make_tie(sam, coach, "coach")
    share = factories.share(sam, "coach", coach.pk, "me.free_time")
    signals.send(student=sam, coaches=[coach.pk], by=sam.user)
    correct(sam, boss)
    assert reads(share, coach) is None and not CoachSignal.objects.exists()
    sharing.approve(share_id=share.pk, by=parent)
    factories.write(sam, "me.free_time", ["voetbal"])
    assert reads(share, coach) == {"me.free_time": ["muziek", "koken"]}


def test_files_are_void_the_case_says_ended_and_the_link_is_shut(sam, given, parent, boss, imke, api):
    handover, _ = handovers.request_handover(share_id=given.pk, by=sam.user)
    link = factories.share_by_link(sam, "can.strengths")
    case = Case.objects.get(share=given)
    correct(sam, boss)
    handover = Handover.objects.get(pk=handover.pk)
    assert handover.status == "void"
    link.refresh_from_db()
    assert link.state == "awaiting_guardian"
    assert api(imke).get(f"/api/v1/intake/cases/{case.pk}/").json()["status"] == "ended"
    assert not FollowUpGrant.objects.open().exists()


def test_it_leaves_its_proof(sam, given, boss):
    correct(sam, boss)
    [record] = ConsentRecord.objects.filter(share=given, event=Event.REQUESTED)
    assert record and Release.objects.filter(share=given).count() == 2
    assert correct(sam, boss) == []  # twice is no error


def test_only_the_school_of_the_student(sam, imke, mentor, noor, class_a):
    elsewhere = factories.make_staff(Role.COORDINATOR, institution=factories.make_class("B").institution)
    for by in (imke, mentor, noor.user, sam.user, elsewhere):
        with pytest.raises(Refusal, match="not_the_school"):
            correct(sam, by)
    assert identity_of(sam, key_of(sam)).birth_date == OLD


def test_the_command_reads_the_day_from_standard_input(sam, given, boss, monkeypatch):
    names = (sam.user.username, "--by", boss.username)
    monkeypatch.setattr("sys.stdin", io.StringIO("gisteren\n"))
    with pytest.raises(CommandError):
        call_command("correct_birth_date", *names)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{YOUNG}\n"))
    out = io.StringIO()
    call_command("correct_birth_date", *names, stdout=out)
    assert "1 shares wait" in out.getvalue() and YOUNG not in out.getvalue()
    sam.refresh_from_db()
    assert identity_of(sam, key_of(sam)).birth_date == YOUNG
