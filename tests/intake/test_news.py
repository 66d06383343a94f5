"""What a college said that waits: one mail that day, to the student and to who signs at home, with nothing in it."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail as sent
from django.utils import timezone

from accounts.models import Role, User
from intake.models import Case
from intake.services import (
    after,
    agreement_drafting,
    agreement_signing,
    first_day,
    fits,
    follow_ups,
    leaving,
    mailday,
    news,
    second_look,
    sharing,
)
from intake.services.agreement_keeping import sweep
from intake.services.first_day import Page
from school.services import digest
from tests import factories
from tests.intake.after import start
from tests.intake.agreed import offered, sign

MORNING = datetime(2026, 11, 23, 8, 30, tzinfo=ZoneInfo("Europe/Amsterdam"))
CONTENT = re.compile(r"afspra|hulp|antwoord|nee|stil|quiet|Sam|Vos|mbo|College|teken|delen", re.I)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def case(given) -> Case:
    return Case.objects.get(share=given)


@pytest.fixture(autouse=True)
def address(request, clock):
    if "sam" in request.fixturenames:
        with_mail(request.getfixturevalue("sam").user, "sam@example.nl")


def with_mail(user: User, address: str) -> User:
    User.objects.filter(pk=user.pk).update(email=address)
    return user


@pytest.fixture
def young(care):
    """15, shares a need with `care`, and a parent said yes; the parent has a mail address."""
    student = factories.make_pupil(age=15)
    factories.write(student, "need.support", [{"need": "quiet", "how_often": "", "what_works": "", "why": ""}])
    parent = factories.make_parent(student).user
    share = factories.share_with_programme(student, care, "need.support.quiet")
    sharing.approve(share_id=share.pk, by=parent)
    with_mail(student.user, "kim@example.nl")
    with_mail(parent, "thuis@example.nl")
    User.objects.filter(pk=parent.pk).update(last_login=timezone.now())  # the yes itself is no news any more
    return student


def told() -> list[str]:
    """Who gets the mail of this morning."""
    del sent.outbox[:]
    digest.send_digests()
    return sorted(to for message in sent.outbox for to in message.to)


def put(case, imke, answer="yes"):
    return fits.put_fit(
        case_id=case.pk, by=imke, need="quiet", answer=answer, comment="Geen stil lokaal", alternative="De mediatheek"
    )


def test_an_answer_to_a_need_is_told_once_and_says_nothing(case, imke):
    put(case, imke)
    assert told() == ["sam@example.nl"]
    [message] = sent.outbox
    body = message.body.split("/mail/stoppen/")[0]
    assert message.subject == digest.TO_STUDENT and not CONTENT.search(message.subject + body)
    assert told() == []


def test_a_no_is_told_in_the_same_words_after_two_saw_it_and_not_before(case, imke, care):
    second = factories.make_staff(Role.MENTOR, programme=care)
    waiting = put(case, imke, "no")
    assert told() == []
    second_look.open_asked(waiting.pk, second)
    second_look.agree(waiting.pk, second)
    assert told() == ["sam@example.nl"]
    assert sent.outbox[0].subject == digest.TO_STUDENT and not CONTENT.search(sent.outbox[0].subject)


def test_an_agreement_that_waits_is_told(case, imke):
    offered(case, imke)
    assert told() == ["sam@example.nl"] and not CONTENT.search(sent.outbox[0].body.split("/mail/stoppen/")[0])


def test_a_draft_and_what_is_signed_wait_for_nobody(case, imke, sam):
    offered(case, imke)
    sign(case, sam)
    assert told() == []
    agreement_drafting.throw_away(case_id=case.pk, by=imke)
    assert told() == []


def signed_at_once(case, imke, sam):
    sign(case, sam)


def refused(case, imke, sam):
    agreement_signing.refuse(case_id=case.pk, by=sam.user)


def stopped(case, imke, sam):
    sharing.withdraw(share=case.share, by=sam.user)


def standing_still(case, imke, sam):
    leaving.freeze(student=sam, by=sam.user)


def emptied(case, imke, sam):
    factories.write(sam, "need.support", status="private")


@pytest.mark.parametrize("what", [signed_at_once, refused, stopped, standing_still, emptied])
def test_no_longer(case, imke, sam, what):
    offered(case, imke)
    what(Case.objects.select_related("share__student").get(pk=case.pk), imke, sam)
    assert told() == []


@pytest.mark.parametrize("what", [stopped, standing_still])
def test_an_answer_is_told_while_it_is_shared(case, imke, sam, what):
    put(case, imke)
    what(Case.objects.select_related("share__student").get(pk=case.pk), imke, sam)
    assert told() == []


def test_when_it_is_time_to_look_back_it_is_told_once(case, imke, sam, clock):
    offered(case, imke, review_date=timezone.localdate() + timedelta(days=30))
    sign(case, sam, imke)
    days = []
    for day in range(31):
        days += [day] if told() else []
        clock.shift(timedelta(days=1))
    assert days == [30 - 14]


def test_a_missed_morning_of_looking_back_is_caught_up_and_an_ended_one_is_not(case, imke, sam, clock):
    offered(case, imke, review_date=timezone.localdate() + timedelta(days=30))
    sign(case, sam, imke)
    clock.shift(timedelta(days=19))
    leaving.freeze(student=sam, by=sam.user)
    assert told() == []
    leaving.unfreeze(student=sam, by=sam.user)
    assert told() == ["sam@example.nl"]


def its_first_day(case, imke):
    page = Page(day=timezone.localdate() + timedelta(days=5), where="Lokaal 3", contact="Smit", **EMPTY)
    first_day.write_page(case_id=case.pk, by=imke, page=page)


def asked_whether_it_is_still_right(case, imke):
    after.ask_review(case_id=case.pk, by=imke)


EMPTY = dict.fromkeys(("time", "who", "bring", "telephone"), "")
AFTER = [its_first_day, asked_whether_it_is_still_right]


@pytest.mark.parametrize("what", AFTER)
def test_what_the_college_does_after_the_start_is_told(case, imke, sam, care, what):
    what(start(sam, care), imke)
    assert told() == ["sam@example.nl"]
    assert not re.search("dag klaar|Lokaal|klopt|Smit", sent.outbox[0].body, re.I)
    assert told() == []


@pytest.mark.parametrize("what", AFTER)
@pytest.mark.parametrize("how", ["taken back", "standing still", "answered"])
def test_and_no_longer(case, imke, sam, care, what, how):
    began = start(sam, care)
    what(began, imke)
    if how == "taken back":
        Case.objects.filter(pk=began.pk).update(status=Case.Status.DONE)
    if how == "standing still":
        leaving.freeze(student=sam, by=sam.user)
    if how == "answered":
        follow_ups.later(student=sam, case=began, about="review", by=sam.user)
    assert told() == (["sam@example.nl"] if how == "answered" and what is its_first_day else [])


def test_who_came_since_or_said_stop_hears_nothing(case, imke, sam, clock):
    put(case, imke)
    clock.shift(timedelta(minutes=5))
    User.objects.filter(pk=sam.user_id).update(last_login=timezone.now())
    assert told() == []
    User.objects.filter(pk=sam.user_id).update(last_login=None)
    mailday.set_wish(user=sam.user, on=False)
    assert told() == []


def test_a_week_later_it_is_no_news(case, imke, clock):
    put(case, imke)
    clock.shift(timedelta(days=8))
    assert told() == []


def test_home_hears_of_what_it_signs_too_and_of_no_answer(young, imke):
    case = young.shares.get().case
    put(case, imke)
    assert told() == ["kim@example.nl"]


def test_home_hears_of_an_agreement_until_it_signed(young, imke):
    case = young.shares.get().case
    offered(case, imke)
    parent = young.ties.get().person
    assert {user for user, _at in news.agreements_to_sign(MORNING - timedelta(days=1))} == {young.user_id, parent.pk}
    sign(case, parent)
    assert told() == ["kim@example.nl"]


@pytest.mark.parametrize("how", ["no authority", "tie is over", "sixteen"])
def test_at_home_only_who_signs(care, imke, young, how):
    tie = young.ties.get()
    if how == "no authority":
        tie.authority_checked_at = None
    if how == "tie is over":
        tie.ends_on = timezone.localdate() - timedelta(days=1)
    tie.save()
    if how == "sixteen":
        key = factories.key_of(young)
        identity = factories.Identity(calling_name="Kim", surname="X", birth_date=factories.born(16))
        factories.change_identity(student=young, key=key, identity=identity)
    offered(young.shares.get().case, imke)
    assert [user for user, _at in news.agreements_to_sign(MORNING - timedelta(days=1))] == [young.user_id]


def test_the_queries_do_not_grow(care, imke, django_assert_num_queries):
    for count in (1, 3):
        for _ in range(count):
            student = factories.make_pupil(age=15)
            factories.write(student, "need.support", [{"need": "quiet", "how_often": "", "what_works": "", "why": ""}])
            share = factories.share_with_programme(student, care, "need.support.quiet")
            sharing.approve(share_id=share.pk, by=factories.make_parent(student).user)
            put(share.case, imke)
            offered(share.case, imke)
        with django_assert_num_queries(9), django_assert_num_queries(1, using="keys"):
            found = news.newest_since(MORNING - timedelta(days=1))
    assert len(found) == 8 and sweep() == 0
