"""Reading a dossier through the door: the yes, the no and the no-longer, and the list beside it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accounts import vault
from accounts.models import Membership
from accounts.refusals import NotHere
from consent import access
from consent.ledger import Action, looks_at
from consent.models import Approval, Share, ShareGroupObjectPermission
from intake.services import sharing
from tests import factories
from tests.factories import key_of, share, share_with_programme, write


def read(share, by):
    return access.read(share_id=share.pk, by=by, action=Action.READ)


def units(share, by):
    return [said.unit.key for said in read(share, by).said]


def refused(share, by):
    """Both the door and the list say no."""
    with pytest.raises(NotHere):
        read(share, by)
    return not access.open_shares(by).filter(pk=share.pk).exists()


def test_the_recipient_reads_exactly_what_was_given(given, imke):
    dossier = read(given, imke)
    assert [(said.unit.key, said.value) for said in dossier.said] == [
        ("me.free_time", ["muziek", "koken"]),
        ("need.support.quiet", {"need": "quiet", "how_often": "vaak", "what_works": "Een hoek bij het raam"}),
    ]
    assert dossier.student == {"display_name": "Sam V."}
    assert list(access.open_shares(imke)) == [given]


def test_somebody_else_reads_nothing(given, otto, mentor, noor):
    assert all(refused(given, user) for user in (otto, mentor, noor.user, given.student.user))


def test_a_superuser_reads_nothing(given):
    assert refused(given, factories.make_user(is_superuser=True))


def test_an_unknown_share_is_refused_in_the_same_way(imke):
    with pytest.raises(NotHere):
        access.read(share_id=uuid4(), by=imke, action=Action.READ)


def test_after_withdrawing_nobody_reads(given, imke):
    sharing.withdraw(share=given, by=given.student.user)
    assert refused(given, imke)
    assert not ShareGroupObjectPermission.objects.filter(content_object=given).exists()


def test_after_the_last_day_nobody_reads(given, imke):
    Share.objects.filter(pk=given.pk).update(valid_until=timezone.localdate() - timedelta(days=1))
    assert refused(given, imke)


def test_on_the_last_day_it_still_reads(given, imke):
    Share.objects.filter(pk=given.pk).update(valid_until=timezone.localdate())
    assert units(given, imke)


@pytest.mark.parametrize(
    ("starts", "ends", "reads"),
    [(-30, None, True), (-30, 0, True), (0, None, True), (-30, -1, False), (1, None, False)],
)
def test_the_role_of_the_reader_is_dated(given, imke, starts, ends, reads):
    today = timezone.localdate()
    Membership.objects.filter(user=imke).update(
        starts_on=today + timedelta(days=starts),
        ends_on=None if ends is None else today + timedelta(days=ends),
    )
    assert bool(units(given, imke)) if reads else refused(given, imke)


def test_a_frozen_passport_is_read_by_nobody(given, imke):
    type(given.student).objects.filter(pk=given.student_id).update(frozen_at=timezone.now())
    assert refused(given, imke)


def test_without_the_door_row_nobody_reads(given, imke):
    ShareGroupObjectPermission.objects.filter(content_object=given).delete()
    assert refused(given, imke)


def test_with_another_purpose_nobody_reads(given, imke):
    Share.objects.filter(pk=given.pk).update(purpose="guidance")
    assert refused(given, imke)


def test_a_shredded_student_is_read_by_nobody(given, imke):
    vault.shred(given.student_id)
    with pytest.raises(NotHere):
        read(given, imke)


def test_a_later_edit_stays_with_the_student_until_released(given, imke, sam):
    write(sam, "me.free_time", ["nieuw"])
    assert read(given, imke).said[0].value == ["muziek", "koken"]
    sharing.release(share=given, key=key_of(sam), units=["me.free_time"], by=sam.user)
    assert read(given, imke).said[0].value == ["nieuw"]


@pytest.mark.parametrize("status", ["empty", "later", "private"])
def test_an_emptied_answer_leaves_at_once_and_comes_back_only_by_release(given, imke, sam, status):
    write(sam, "me.free_time", status=status)
    assert units(given, imke) == ["need.support.quiet"]
    write(sam, "me.free_time", ["muziek", "koken"])
    assert units(given, imke) == ["need.support.quiet"]
    sharing.release(share=given, key=key_of(sam), units=["me.free_time"], by=sam.user)
    assert units(given, imke) == ["me.free_time", "need.support.quiet"]


def test_a_need_that_is_taken_away_leaves_alone(given, imke, sam):
    write(sam, "need.support", [{"need": "time"}])
    assert units(given, imke) == ["me.free_time"]


def test_adding_another_need_changes_nothing_for_the_reader(given, imke, sam):
    quiet = {"need": "quiet", "how_often": "vaak", "what_works": "Een hoek bij het raam"}
    write(sam, "need.support", [quiet, {"need": "time"}])
    assert units(given, imke) == ["me.free_time", "need.support.quiet"]


def test_what_helps_and_why_are_two_units(sam, care, imke):
    one = share_with_programme(sam, care, "need.why.quiet")
    assert [said.value for said in read(one, imke).said] == ["Door mijn autisme"]


def test_the_school_team_reads_the_newest_text(sam, class_a, mentor):
    one = share(sam, "school_team", class_a.institution_id, "me.free_time")
    write(sam, "me.free_time", ["nieuw"])
    assert read(one, mentor).said[0].value == ["nieuw"]


def test_a_live_share_may_name_what_is_still_empty(sam, class_a, mentor):
    one = share(sam, "school_team", class_a.institution_id, "me.proud", "need.support.time")
    assert units(one, mentor) == []
    write(sam, "me.proud", "Ik kom op tijd.")
    assert units(one, mentor) == ["me.proud"]


def test_a_mentor_of_another_class_reads_nothing(sam, class_a):
    one = share(sam, "school_team", class_a.institution_id, "me.free_time")
    other = factories.make_class("B")
    assert refused(one, factories.make_staff("mentor", school_class=other))


def test_the_school_reads_nothing_after_the_student_left(sam, class_a, mentor):
    one = share(sam, "school_team", class_a.institution_id, "me.free_time")
    counsellor = factories.make_staff("counsellor", institution=class_a.institution)
    assert units(one, counsellor)
    Membership.objects.filter(user=sam.user).update(ends_on=timezone.localdate() - timedelta(days=1))
    assert refused(one, mentor) and refused(one, counsellor)


def test_a_guardian_reads_what_is_shared_at_home(sam):
    parent = factories.make_parent(sam, authority=False)
    one = share(sam, "guardian", parent.user_id, "me.free_time")
    assert units(one, parent.user) == ["me.free_time"]


def test_under_sixteen_nothing_flows_before_a_guardian_said_yes(care, imke):
    young = factories.make_pupil(age=15)
    write(young, "me.free_time", ["muziek"])
    one = share_with_programme(young, care, "me.free_time")
    assert one.state == "awaiting_guardian" and refused(one, imke)


@pytest.mark.parametrize(("answers", "reads"), [([], False), ([True], True), ([True, False], False), ([False], False)])
def test_an_approval_is_asked_of_every_reading(given, imke, answers, reads):
    Share.objects.filter(pk=given.pk).update(approval_required=True)
    for yes in answers:
        Approval.objects.create(share=given, person=factories.make_user(), yes=yes, release=1, at=timezone.now())
    assert bool(units(given, imke)) if reads else refused(given, imke)


def test_every_look_is_logged_with_exactly_the_units_seen(given, imke, sam):
    read(given, imke)
    entry = looks_at(sam.pk).get()
    key = key_of(sam)
    assert entry.actor_id == imke.pk and entry.detail["action"] == "read"
    assert set(entry.detail["slots"]) == {key.slot(u).hex() for u in ("me.free_time", "need.support.quiet")}


def test_a_refused_look_is_no_look(given, otto, sam):
    assert refused(given, otto)
    assert not looks_at(sam.pk).exists()


def test_when_the_look_cannot_be_logged_nobody_reads(given, imke, monkeypatch):
    def broken(*args, **kwargs):
        raise OSError

    monkeypatch.setattr(access.ledger, "record", broken)
    with pytest.raises(OSError):
        read(given, imke)


def test_the_preview_is_what_the_reader_gets(given, imke, sam):
    items = given.items.select_related("answer__newest", "revision")
    seen = access.preview(share=given, items=items, key=key_of(sam))
    got = read(given, imke)
    assert (seen.student, [(s.unit.key, s.value) for s in seen.said]) == (
        got.student,
        [(s.unit.key, s.value) for s in got.said],
    )


def test_reading_costs_the_same_few_statements_whatever_is_shared(sam, care, imke, django_assert_num_queries):
    small = share_with_programme(sam, care, "me.free_time")
    # whose, savepoint, facts, items, (PostgreSQL: the lock of the chain), tail, entry, release
    statements = 7 + (connection.vendor == "postgresql")
    with django_assert_num_queries(statements):
        read(small, imke)
    sharing.withdraw(share=small, by=sam.user)
    large = share_with_programme(
        sam,
        care,
        "me.free_time",
        "can.strengths",
        "need.support.quiet",
        "need.why.quiet",
        "identity.official_name",
    )
    with django_assert_num_queries(statements):
        read(large, imke)


@pytest.mark.parametrize("silent", ["withheld", "private", "later", "empty"])
def test_silence_tells_nothing(sam, care, imke, silent):
    """A reader gets the same dossier when a unit is withheld, private, later or never filled in (rule 4)."""
    one = share_with_programme(sam, care, "me.free_time", *([] if silent == "withheld" else ["can.strengths"]))
    if silent != "withheld":
        write(sam, "can.strengths", status=silent)
    dossier = read(one, imke)
    assert [said.unit.key for said in dossier.said] == ["me.free_time"]
    assert dossier.student == {"display_name": "Sam V."}


def test_the_list_of_many_shares_is_one_query(care, imke, django_assert_num_queries):
    for _ in range(4):
        student = factories.make_pupil()
        write(student, "me.free_time", ["muziek"])
        share_with_programme(student, care, "me.free_time")
    with django_assert_num_queries(1):
        assert len(access.open_shares(imke)) == 4
