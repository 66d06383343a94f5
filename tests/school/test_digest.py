"""The daily mail: to who has news, at most one a day, without content, and one tap stops it."""

import re
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail as sent
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts import mail_codes, new_address, staff_links
from accounts.models import User
from accounts.services import set_mail_on_look
from config.celery import app
from consent import access
from consent.ledger import Action
from consent.services import write_reply
from consent.services.suggesting import suggest
from intake.models import MailDay
from intake.services import coaching, mail, mailday, notes, remarks, sharing, signals
from school import tasks
from school.services import digest
from tests import factories

MORNING = datetime(2026, 11, 23, 8, 30, tzinfo=ZoneInfo("Europe/Amsterdam"))


@pytest.fixture
def clock():
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


def with_mail(user: User, address: str) -> User:
    User.objects.filter(pk=user.pk).update(email=address)
    user.email = address
    return user


@pytest.fixture
def lob(clock, sam, class_a, mentor):
    with_mail(mentor, "kaya@school.example")
    return factories.share(sam, "school_team", class_a.institution_id, "me.free_time")


def test_the_mentor_hears_once_that_there_is_something_new(lob, mentor, sam, clock):
    assert (digest.send_digests(), digest.send_digests()) == (1, 0)
    [message] = sent.outbox
    assert message.to == ["kaya@school.example"] and message.subject == digest.TO_OTHERS
    words = ("Sam", "Vos", "Kaya", "klas", "vso", "overstap", "paspoort", "muziek", str(lob.pk), str(mentor.pk))
    assert not [word for word in words if word in message.subject + message.body]
    clock.shift(timedelta(days=1, minutes=1))
    assert digest.send_digests() == 0


def test_who_came_since_hears_nothing(lob, mentor, clock):
    clock.shift(timedelta(minutes=5))
    User.objects.filter(pk=mentor.pk).update(last_login=timezone.now())
    assert digest.send_digests() == 0


def test_nobody_else_hears_of_it(lob, imke, otto, class_a):
    with_mail(imke, "imke@college.example")
    with_mail(otto, "otto@college.example")
    with_mail(factories.make_staff("mentor", school_class=factories.make_class("B")), "b@school.example")
    assert digest.send_digests() == 1 and sent.outbox[0].to == ["kaya@school.example"]


@pytest.mark.parametrize("what", ["reply", "note", "remark", "suggestion", "coach"])
def test_a_student_with_an_own_address_hears_of(what, clock, sam, class_a, mentor, given, imke):
    with_mail(sam.user, "sam@example.nl")
    if what == "reply":
        write_reply(share_id=given.pk, text="Gelezen", by=imke)
    if what == "note":
        lob = factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
        notes.write_note(share_id=lob.pk, by=mentor, held_on=timezone.localdate(), kind="mentor", text="Goed")
    if what == "remark":
        parent = factories.make_parent(sam).user
        home = factories.share(sam, "guardian", parent.pk, "me.free_time")
        remarks.write_remark(share_id=home.pk, by=parent, unit="me.free_time", text="Mooi")
    if what == "coach":
        factories.make_tie(sam, coach := factories.make_user(staff_name="Anna Smit"), "coach")
        coached = factories.share(sam, "coach", coach.pk, "me.free_time")
        coaching.plan_moment(share_id=coached.pk, by=coach, on=timezone.localdate(), text="Goed")
    if what == "suggestion":
        lob = factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
        suggest(share_id=lob.pk, by=mentor, unit="me.free_time", value=["Goed"])
    assert digest.send_digests() == 1
    [message] = sent.outbox
    assert message.to == ["sam@example.nl"] and message.subject == digest.TO_STUDENT
    assert not re.search("Sam|Gelezen|Goed|Mooi|muziek|thuis|school", message.subject + message.body)


def test_without_news_or_address_there_is_no_mail(clock, sam, given, imke):
    with_mail(sam.user, "sam@example.nl")
    assert digest.send_digests() == 0
    with_mail(sam.user, "")
    write_reply(share_id=given.pk, text="Gelezen", by=imke)
    assert digest.send_digests() == 0


def test_a_guardian_hears_that_something_waits_for_them(clock, care):
    young = factories.make_pupil(age=14)
    factories.write(young, "me.name", "Kim")
    with_mail(factories.make_parent(young).user, "thuis@example.nl")
    factories.share_with_programme(young, care, "me.name")
    assert digest.send_digests() == 1 and sent.outbox[0].to == ["thuis@example.nl"]


def test_a_guardian_hears_once_more_when_something_is_added(clock, care):
    """The share is old and approved; what waits on top of it is new."""
    young = factories.make_pupil(age=14)
    factories.write(young, "me.name", "Kim")
    factories.write(young, "me.free_time", ["muziek"])
    parent = with_mail(factories.make_parent(young).user, "thuis@example.nl")
    share = factories.share_with_programme(young, care, "me.name")
    sharing.approve(share_id=share.pk, by=parent)
    clock.shift(timedelta(days=8))
    assert digest.send_digests() == 0
    share.refresh_from_db()
    units = ["me.name", "me.free_time"]
    sharing.change(share=share, key=factories.key_of(young), by=young.user, units=units)
    assert (digest.send_digests(), digest.send_digests()) == (1, 0)


def test_the_mail_of_a_look_counts_for_the_day(clock, sam, given, imke, monkeypatch):
    monkeypatch.setattr("intake.services.mail.current_app.send_task", lambda name, args: mail.tell_of_look(*args))
    with_mail(sam.user, "sam@example.nl")
    set_mail_on_look(student=sam, on=True, by=sam.user)
    write_reply(share_id=given.pk, text="Gelezen", by=imke)
    access.read(share_id=given.pk, by=imke, action=Action.READ)
    assert digest.send_digests() == 1 and mail.wake_looked_at() == 0
    clock.shift(timedelta(hours=23))  # the next day: the look of yesterday is still told
    assert mail.wake_looked_at() == 1 and digest.send_digests() == 0
    assert len(sent.outbox) == 2


def test_two_workers_send_one_mail(lob, mentor, monkeypatch):
    found = list(digest._with_news())
    assert [digest.send_digest(user, is_news=True, days=()) for user in (*found, *found)] == [True, False]


def test_one_tap_stops_it(lob, mentor):
    digest.send_digests()
    [message] = sent.outbox
    stop = re.search(r"https?://\S+/mail/stoppen/\S+", message.body)[0]
    assert message.extra_headers["List-Unsubscribe"] == f"<{stop}>"
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "kaya" not in stop and str(mentor.pk) not in stop
    anybody, at = Client(enforce_csrf_checks=True), "/" + stop.split("/", 3)[3]
    assert "Wilt u deze mail niet meer?" in anybody.get(at).content.decode() and mailday.wants_mail(mentor)
    assert anybody.post(at, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not mailday.wants_mail(mentor)
    MailDay.objects.update(last_at=None)
    assert digest.send_digests() == 0


@pytest.mark.parametrize("token", ["x", "IjEi:1abc:def", "eyJ0Ijox"])
def test_another_token_stops_nothing(token):
    assert Client().post(reverse("mail_stop", args=[token])).status_code == 404


def test_stopping_stops_the_mail_of_a_look_too_and_settings_turn_it_on_again(sam, browser_of):
    set_mail_on_look(student=sam, on=True, by=sam.user)
    client = browser_of(sam)
    client.post(reverse("mail_wish"), {"answer": "off"})
    sam.refresh_from_db()
    assert not sam.mail_on_look and "Dit staat uit." in client.get(reverse("mail_wish")).content.decode()
    client.post(reverse("mail_wish"), {"answer": "on"})
    sam.refresh_from_db()
    assert mailday.wants_mail(sam.user) and not sam.mail_on_look


def test_a_day_that_matters_is_told_to_school_alone(mentor, imke, sam):
    for user, address in ((mentor, "kaya@school.example"), (imke, "imke@college.example"), (sam.user, "s@x.nl")):
        with_mail(user, address)
    with time_machine.travel(datetime(2027, 3, 18, 8, 30, tzinfo=ZoneInfo("Europe/Amsterdam")), tick=False):
        assert digest.send_digests() == 1
    [message] = sent.outbox
    assert message.to == ["kaya@school.example"] and "01-04-2027" in message.body and "Sam" not in message.body


# --- For many at once --------------------------------------------------------------------------------------


def many(count: int, care) -> list[User]:
    """So many readers of every kind, each with something new: mentors, counsellors, intakers, parents, coaches."""
    found = []
    for number in range(count):
        here = factories.make_class(f"{number}")
        pupil, young = factories.make_pupil(school_class=here), factories.make_pupil(age=14)
        for student in (pupil, young):
            factories.write(student, "me.free_time", ["muziek"])
        coach = factories.make_user(staff_name="Anna Smit")
        factories.make_tie(pupil, coach, "coach")
        factories.share(pupil, "school_team", here.institution_id, "me.free_time")
        factories.share(pupil, "coach", coach.pk, "me.free_time")
        signals.send(student=pupil, coaches=[coach.pk], by=pupil.user)
        factories.share_with_programme(pupil, care, "me.free_time")
        factories.share_with_programme(young, care, "me.free_time")
        found += [
            factories.make_staff("mentor", school_class=here),
            factories.make_staff("counsellor", institution=here.institution),
            factories.make_staff("intaker", programme=care),
            factories.make_parent(young).user,
            coach,
        ]
    return [with_mail(user, f"reader{number}@x.example") for number, user in enumerate(found)]


def test_whom_to_mail_costs_the_same_for_three_and_for_thirty(clock, care):
    costs = []
    for more in (3, 27):
        readers = many(more, care)
        with CaptureQueriesContext(connections["default"]) as data, CaptureQueriesContext(connections["keys"]) as keys:
            found = {user.pk for user in digest._to_whom_something_came()}
        assert {user.pk for user in readers} <= found
        costs.append((len(data), len(keys)))
    assert costs[0] == costs[1] and costs[0][0] <= 17 and costs[0][1] <= 1, costs


# --- A day that matters ------------------------------------------------------------------------------------

REMINDS = datetime(2027, 3, 18, 8, 30, tzinfo=ZoneInfo("Europe/Amsterdam"))


def test_news_and_a_day_are_in_one_mail(clock, mentor, sam, class_a):
    with_mail(mentor, "kaya@school.example")
    clock.move_to(REMINDS)
    factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
    assert (digest.send_digests(), digest.send_digests()) == (1, 0)
    [message] = sent.outbox
    assert message.subject == digest.TO_OTHERS and message.body.count("/mail/stoppen/") == 1
    assert message.body.index("01-04-2027: Uiterlijk vandaag aanmelden") < message.body.index("iets nieuws")
    clock.shift(timedelta(days=1))
    assert digest.send_digests() == 0


@pytest.mark.parametrize(("late", "told"), [(1, 1), (14, 1), (15, 0)])
def test_a_missed_morning_is_caught_up_until_the_day_itself(clock, mentor, late, told):
    with_mail(mentor, "kaya@school.example")
    clock.move_to(REMINDS + timedelta(days=late))
    assert (digest.send_digests(), digest.send_digests()) == (told, 0)
    clock.shift(timedelta(days=1))
    assert digest.send_digests() == 0
    assert ["01-04-2027" in one.body for one in sent.outbox] == [True] * told


def test_news_of_a_missed_morning_is_caught_up(lob, clock):
    clock.shift(timedelta(days=3))
    assert digest.send_digests() == 1


def test_what_could_not_be_sent_is_told_the_next_morning(lob, clock, mentor, monkeypatch):
    clock.move_to(REMINDS)
    factories.share(
        factories.make_pupil(school_class=lob.student.user.memberships.get().school_class),
        "school_team",
        lob.recipient_id,
        "me.free_time",
    )

    def down(*_):
        raise OSError

    with monkeypatch.context() as without:
        without.setattr("django.core.mail.EmailMessage.send", down)
        assert digest.send_digests() == 0
    clock.shift(timedelta(days=1))
    assert digest.send_digests() == 1 and "01-04-2027" in sent.outbox[0].body and "iets nieuws" in sent.outbox[0].body


# --- In whose language -------------------------------------------------------------------------------------


def reads(user, language):
    User.objects.filter(pk=user.pk).update(reading={"language": language})


@pytest.fixture
def tongues(monkeypatch):
    """Every text of the mail with the language it is asked in, whatever the catalogue holds."""
    monkeypatch.setattr(digest, "gettext", lambda text: f"[{translation.get_language()}] {text}")


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_parent_gets_the_mail_in_the_language_of_the_pages(clock, tongues, sam, language):
    parent = with_mail(factories.make_parent(sam).user, "thuis@example.nl")
    reads(parent, language)
    factories.share(sam, "guardian", parent.pk, "me.free_time")
    assert digest.send_digests() == 1
    assert sent.outbox[0].subject == f"[{language}] {digest.TO_OTHERS}"
    assert sent.outbox[0].body.startswith(f"[{language}] ")


def test_staff_get_it_in_dutch_whatever_they_keep(lob, tongues, mentor):
    reads(mentor, "en")
    assert digest.send_digests() == 1 and sent.outbox[0].subject.startswith("[nl] ")


def test_a_log_in_that_changed_is_told_in_that_language_too(sam):
    parent = with_mail(factories.make_parent(sam).user, "thuis@example.nl")
    reads(parent, "en")
    staff_links.send_changed(parent.pk)
    assert sent.outbox[0].subject == "Your log-in has changed" and "Er is iets" not in sent.outbox[0].body


def test_the_code_for_a_new_address_too(sam, monkeypatch):
    monkeypatch.setattr("accounts.mail_codes.current_app.send_task", lambda name, args: mail_codes.send(UUID(*args)))
    reads(sam.user, "en")
    sam.user.refresh_from_db()
    new_address.ask_for("sam@thuis.example", by=sam.user)
    assert sent.outbox[0].subject == "Your code"


def test_it_runs_every_morning():
    assert app.conf.beat_schedule["send-digests"]["task"] == tasks.send_digests.name
