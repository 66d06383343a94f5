"""Warm transfer: the school team of the student reads along, while the student allows it and is at that school."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from accounts.refusals import NotHere
from consent import access, services
from consent.ledger import Action, looks_at
from consent.models import Share
from intake.models import Case
from intake.services import sharing
from tests import factories
from tests.factories import key_of, share_with_programme


@pytest.fixture
def warm(sam, care):
    return share_with_programme(sam, care, "me.free_time", warm_transfer=True)


@pytest.fixture
def counsellor(class_a):
    return factories.make_staff("counsellor", institution=class_a.institution)


def reads(share, by):
    """The door and the list agree."""
    listed = access.open_shares(by).filter(pk=share.pk).exists()
    try:
        access.read(share_id=share.pk, by=by, action=Action.READ)
    except NotHere:
        assert not listed
        return False
    assert listed
    return True


def yesterday():
    return timezone.localdate() - timedelta(days=1)


def test_the_school_team_reads_along(warm, mentor, counsellor, imke):
    assert all(reads(warm, by) for by in (mentor, counsellor, imke))


def test_without_it_the_school_team_reads_nothing(given, mentor, counsellor):
    assert not reads(given, mentor) and not reads(given, counsellor)


def test_nobody_else_reads_along(warm, class_a, otto):
    others = [
        factories.make_staff("mentor", school_class=factories.make_class("B")),
        factories.make_staff("care", institution=class_a.institution),
        factories.make_staff("coordinator", institution=class_a.institution),
        factories.make_staff("counsellor", institution=factories.make_class("C").institution),
        factories.make_staff("mentor", programme=warm.programme),
        otto,
    ]
    assert [by for by in others if reads(warm, by)] == []


def test_it_ends_with_the_students_word(warm, sam, mentor, imke):
    sharing.change(share=warm, key=key_of(sam), warm_transfer=False, by=sam.user)
    assert not reads(warm, mentor) and reads(warm, imke)


def test_it_ends_with_the_share(warm, sam, mentor):
    sharing.withdraw(share=warm, by=sam.user)
    assert not reads(warm, mentor)


def test_it_ends_when_the_student_or_the_mentor_leaves(warm, sam, mentor, counsellor):
    Membership.objects.filter(user=mentor).update(ends_on=yesterday())
    assert not reads(warm, mentor) and reads(warm, counsellor)
    Membership.objects.filter(user=sam.user).update(ends_on=yesterday())
    assert not reads(warm, counsellor)


def test_it_is_for_an_intake_or_a_college_team_alone(sam, mentor):
    coach = factories.make_staff("coach", institution=factories.make_programme().institution)
    factories.make_tie(sam, coach, "coach")
    share = factories.share(sam, "coach", coach.pk, "me.free_time")
    Share.objects.filter(pk=share.pk).update(warm_transfer=True)
    assert not reads(share, mentor)


def test_the_college_team_may_be_read_along_with(sam, care, given, mentor):
    Case.objects.filter(share=given).update(status=Case.Status.PLACED)
    share = factories.share(sam, "college_team", care.pk, "me.free_time")
    assert not reads(share, mentor)
    Share.objects.filter(pk=share.pk).update(warm_transfer=True)
    assert reads(share, mentor)


def test_it_waits_for_a_guardian_like_everything(class_a, care, mentor):
    young = factories.make_pupil(age=15, school_class=class_a)
    factories.write(young, "me.free_time", ["muziek"])
    share = share_with_programme(young, care, "me.free_time", warm_transfer=True)
    assert not reads(share, mentor)
    sharing.approve(share_id=share.pk, by=factories.make_parent(young).user)
    assert reads(share, mentor)


def test_the_look_of_a_mentor_is_logged(warm, sam, mentor):
    reads(warm, mentor)
    assert looks_at(sam.pk).get().actor_id == mentor.pk


def test_the_mentor_finds_it_and_gets_no_case(warm, mentor, browser_of):
    client = browser_of(mentor)
    page = client.get(reverse("dossier_list")).content.decode()
    assert "Warme overdracht: dit deelt Sam V. met Zorg, niveau 3" in page
    opened = client.get(reverse("dossier", args=[warm.pk])).content.decode()
    assert "Warme overdracht" in opened and "muziek" in opened and "Uw antwoord" not in opened
    assert client.get(reverse("case_brief", args=[Case.objects.get(share=warm).pk])).status_code == 404


def test_without_it_the_mentor_finds_nothing(given, mentor, browser_of):
    client = browser_of(mentor)
    assert "Sam V." not in client.get(reverse("dossier_list")).content.decode()
    assert client.get(reverse("dossier", args=[given.pk])).status_code == 404


def test_the_intaker_sees_no_warm_line(warm, imke, browser_of):
    page = browser_of(imke).get(reverse("dossier", args=[warm.pk])).content.decode()
    assert "Warme overdracht" not in page and "Uw antwoord" in page


def test_who_reads_along_neither_answers_nor_reads_the_answers(warm, mentor, imke, browser_of):
    services.write_reply(share_id=warm.pk, text="Tot dinsdag, Sam!", by=imke)
    with pytest.raises(NotHere):
        services.write_reply(share_id=warm.pk, text="Gelezen.", by=mentor)
    assert "Tot dinsdag" not in browser_of(mentor).get(reverse("dossier", args=[warm.pk])).content.decode()


def test_the_list_of_many_students_is_one_query(class_a, care, mentor, django_assert_num_queries):
    for _ in range(3):
        student = factories.make_pupil(school_class=class_a)
        factories.write(student, "me.free_time", ["muziek"])
        share_with_programme(student, care, "me.free_time", warm_transfer=True)
    with django_assert_num_queries(1):
        assert len(access.open_shares(mentor)) == 3
