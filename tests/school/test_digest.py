"""The daily mail: to who has news, at most one a day, without content, and one tap stops it."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail as sent
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import set_mail_on_look
from config.celery import app
from consent import access
from consent.ledger import Action
from consent.services import write_reply
from intake.models import MailDay
from intake.services import mail, mailday, notes, remarks
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


@pytest.mark.parametrize("what", ["reply", "note", "remark"])
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
    assert [digest._send_news(user) for user in (*found, *found)] == [True, False]


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


def test_it_runs_every_morning():
    assert app.conf.beat_schedule["send-digests"]["task"] == tasks.send_digests.name
