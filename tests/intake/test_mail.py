"""Mail that says nothing: «Er is gekeken» to a student who wants it, and to readers that something changed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail as sent
from django.urls import reverse
from django.utils import timezone

from accounts.models import Student, User
from accounts.refusals import NotHere
from accounts.services import make_guardian, set_mail_on_look
from config.celery import app
from consent import access, links, services
from consent.facts import Code
from consent.ledger import Action
from consent.models import LedgerEntry, Share
from intake import tasks
from intake.services import handovers, leaving, mail, sharing
from tests import factories
from tests.factories import key_of

TEN = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Europe/Amsterdam"))
NEED = "need.support.quiet"


@pytest.fixture
def worker(monkeypatch: Any) -> list[tuple[str, list[Any]]]:
    """Runs what is sent to the broker at once, and keeps what the messages held."""
    held: list[tuple[str, list[Any]]] = []

    def send_task(name: str, args: list[Any]) -> None:
        held.append((name, args))
        app.tasks[name](*args)

    monkeypatch.setattr("intake.services.mail.current_app.send_task", send_task)
    return held


@pytest.fixture
def wants(sam: Student) -> Student:
    """Sam, who wants the mail."""
    User.objects.filter(pk=sam.user_id).update(email="sam@example.nl")
    return set_mail_on_look(student=sam, on=True, by=sam.user)


@pytest.fixture
def at_ten() -> Any:
    with time_machine.travel(TEN, tick=False) as traveller:
        yield traveller


def look(share: Share, by: User) -> None:
    access.read(share_id=share.pk, by=by, action=Action.READ)


# --- Er is gekeken -----------------------------------------------------------------------------------------


def test_after_a_look_one_mail_without_content(at_ten, wants, given, imke, worker):
    look(given, imke)
    assert sent.outbox == []
    assert mail.wake_looked_at() == 1
    [message] = sent.outbox
    assert (message.subject, message.to) == (mail.LOOKED, ["sam@example.nl"])
    words = ("Sam", "Vos", "Imke", "Bos", "College", "Zorg", "rustig", "vso", str(given.pk), str(wants.pk))
    assert not [word for word in words if word in message.subject + message.body]
    assert worker == [("intake.tasks.tell_of_look", [str(wants.pk)])]


def test_at_most_one_a_day_and_the_next_day_only_after_another_look(at_ten, wants, given, imke, worker):
    def after(**passed: int) -> int:
        at_ten.shift(timedelta(**passed))
        mail.wake_looked_at()
        return len(sent.outbox)

    look(given, imke)
    assert after() == 1
    at_ten.shift(timedelta(hours=1))
    look(given, imke)
    assert after(hours=1) == 1
    assert after(hours=22) == 2  # the second look of yesterday
    assert after(hours=24) == 2
    look(given, imke)
    assert after() == 3


def test_a_message_that_comes_twice_sends_one_mail(at_ten, wants, given, imke):
    look(given, imke)
    assert [mail.tell_of_look(wants.pk) for _ in range(2)] == [True, False]
    assert len(sent.outbox) == 1


def test_off_is_the_start_and_off_again_ends_it(at_ten, sam, wants, given, imke, worker):
    look(given, imke)
    assert factories.make_pupil().mail_on_look is False
    set_mail_on_look(student=sam, on=False, by=sam.user)
    assert mail.wake_looked_at() == 0
    assert mail.tell_of_look(sam.pk) is False and sent.outbox == []


def test_own_looks_old_looks_and_a_passport_that_stands_still_send_nothing(at_ten, wants, given, imke, worker):
    made, _ = handovers.request_handover(share_id=given.pk, by=wants.user)
    handovers.render_handover(made.pk)
    handovers.open_file(handover_id=made.pk, by=wants.user)
    LedgerEntry.objects.create(
        seq=10**9,
        at=timezone.now(),
        event="look",
        actor_id=wants.user_id,
        student_id=wants.pk,
        share_id=given.pk,
        detail={"slots": [], "action": "read"},
        mac=bytes(32),
    )
    assert mail.wake_looked_at() == 0
    look(given, imke)
    leaving.freeze(student=wants, by=wants.user)
    assert mail.wake_looked_at() == 0
    leaving.unfreeze(student=wants, by=wants.user)
    at_ten.shift(timedelta(days=2))
    assert mail.wake_looked_at() == 0


def test_a_look_by_link_counts_too(at_ten, wants, given):
    """Whoever holds a link has no account, so its look names nobody."""
    LedgerEntry.objects.create(
        seq=10**9,
        at=timezone.now(),
        event="look",
        actor_id=None,
        student_id=wants.pk,
        share_id=given.pk,
        detail={"slots": [], "action": "link"},
        mac=bytes(32),
    )
    assert mail.tell_of_look(wants.pk) is True


def test_without_an_address_there_is_no_mail(at_ten, wants, given, imke, worker):
    User.objects.filter(pk=wants.user_id).update(email="")
    look(given, imke)
    assert mail.wake_looked_at() == 0 and sent.outbox == []


def test_a_look_does_not_wait_for_mail(wants, given, imke, monkeypatch):
    def broken(*args: Any, **kwargs: Any) -> None:
        raise OSError

    monkeypatch.setattr("intake.services.mail.current_app.send_task", broken)
    monkeypatch.setattr("intake.services.mail.send_mail", broken)
    look(given, imke)
    assert mail.wake_looked_at() == 1 and mail.tell_of_look(wants.pk) is False


def test_the_timer_comes_by_day(wants):
    row = app.conf.beat_schedule["wake-looked-at"]
    assert row["task"] == tasks.wake_looked_at.name
    assert min(row["schedule"].hour) == 8 and max(row["schedule"].hour) == 19


def test_the_switch_stands_on_the_settings_page_and_is_the_students(sam, imke, browser_of):
    page = browser_of(sam)
    assert "We kennen je mailadres nog niet" in page.get(reverse("settings")).content.decode()
    User.objects.filter(pk=sam.user_id).update(email="sam@example.nl")
    assert "Dit staat uit." in page.get(reverse("settings")).content.decode()
    for answer, on in (("on", True), ("off", False)):
        assert page.post(reverse("settings_mail"), {"answer": answer}).url == reverse("settings")
        sam.refresh_from_db()
        assert sam.mail_on_look is on
    assert browser_of(imke).post(reverse("settings_mail"), {"answer": "on"}).status_code == 404
    assert "Een mail als er is gekeken" not in browser_of(imke).get(reverse("settings")).content.decode()
    with pytest.raises(NotHere):
        set_mail_on_look(student=sam, on=True, by=imke)


# --- Something changed -------------------------------------------------------------------------------------


def withdraw(share: Share, student: Student) -> None:
    sharing.withdraw(share=share, by=student.user)


def take_away(share: Share, student: Student) -> None:
    sharing.change(share=share, key=key_of(student), by=student.user, units=["me.free_time"])


def expire(share: Share, student: Student) -> None:
    Share.objects.filter(pk=share.pk).update(valid_until=timezone.localdate() - timedelta(days=1))
    sharing.expire_ended()


def lapse_by_a_new_share(share: Share, student: Student) -> None:
    """The day is over and the student shares anew before the night's work."""
    Share.objects.filter(pk=share.pk).update(valid_until=timezone.localdate() - timedelta(days=1))
    factories.share_with_programme(student, share.programme, "me.free_time")


def freeze(share: Share, student: Student) -> None:
    leaving.freeze(student=student, by=student.user)


def erase(share: Share, student: Student) -> None:
    leaving.erase_student(student.pk, by=student.user)


ENDS = [withdraw, expire, lapse_by_a_new_share, freeze, erase]


@pytest.mark.parametrize("act", ENDS)
def test_whoever_looked_gets_the_same_words_whatever_happened(
    sam, given, imke, otto, worker, django_capture_on_commit_callbacks, act: Callable[[Share, Student], None]
):
    User.objects.filter(pk=imke.pk).update(email="imke@example.nl")
    User.objects.filter(pk=otto.pk).update(email="otto@example.nl")
    look(given, imke)
    with django_capture_on_commit_callbacks(execute=True):
        act(given, sam)
    [message] = sent.outbox
    assert message.to == ["imke@example.nl"] and message.subject == mail.CHANGED
    assert message.body == mail.CHANGED_TEXT.format(address=mail.settings.BASE_URL)
    assert [args for name, args in worker if name == "intake.tasks.tell_recipients"] == [[str(given.pk)]]


def test_taking_a_unit_away_is_as_silent_as_emptying_it(sam, given, imke, worker, django_capture_on_commit_callbacks):
    User.objects.filter(pk=imke.pk).update(email="imke@example.nl")
    look(given, imke)
    with django_capture_on_commit_callbacks(execute=True):
        take_away(given, sam)
        factories.write(sam, "me.free_time", None, status="private")
    assert sent.outbox == []


def test_what_is_added_or_released_sends_nothing(sam, given, imke, worker, django_capture_on_commit_callbacks):
    User.objects.filter(pk=imke.pk).update(email="imke@example.nl")
    look(given, imke)
    factories.write(sam, "me.free_time", ["lezen"])
    with django_capture_on_commit_callbacks(execute=True):
        units = ["me.free_time", NEED, "can.strengths"]
        sharing.change(share=given, key=key_of(sam), by=sam.user, units=units)
        sharing.release(share=given, key=key_of(sam), by=sam.user, units=["me.free_time"])
    assert sent.outbox == []


@pytest.mark.parametrize("act", ["withdraw", "decline"])
def test_a_parent_who_ends_it_ends_it_in_the_same_words(
    care, imke, worker, django_capture_on_commit_callbacks, act: str
):
    young = factories.make_pupil(age=15)
    parent = factories.make_parent(young).user
    User.objects.filter(pk__in=[imke.pk, parent.pk]).update(email="imke@example.nl")
    factories.write(young, "me.free_time", ["muziek"])
    share = factories.share_with_programme(young, care, "me.free_time")
    services.preview_for_yes(share_id=share.pk, by=parent)
    sharing.approve(share_id=share.pk, by=parent)
    look(share, imke)
    with django_capture_on_commit_callbacks(execute=True):
        if act == "withdraw":
            sharing.withdraw(share=share, by=parent)
        else:
            sharing.decline(share_id=share.pk, by=parent)
    # One: the parent looked too, at what they were asked about, and is no reader (contract, rule 10).
    [message] = sent.outbox
    assert message.subject == mail.CHANGED


def test_an_intaker_who_is_somebodys_parent_is_told(sam, noor, given, imke):
    make_guardian(user=imke, name="Imke Bos")
    User.objects.filter(pk=imke.pk).update(email="imke@example.nl")
    look(given, imke)
    assert mail.tell_recipients(given.pk) == 1


def test_a_parent_who_reads_is_told(sam, worker, django_capture_on_commit_callbacks):
    parent = factories.make_parent(sam).user
    User.objects.filter(pk=parent.pk).update(email="noor@example.nl")
    share = factories.share(sam, "guardian", parent.pk, "me.free_time")
    look(share, parent)
    with django_capture_on_commit_callbacks(execute=True):
        sharing.withdraw(share=share, by=sam.user)
    assert [message.to for message in sent.outbox] == [["noor@example.nl"]]


# --- Who read with a link ----------------------------------------------------------------------------------


@pytest.fixture
def by_link(sam: Student) -> Share:
    """Sam's share by link, with nobody who looked yet."""
    return factories.share_by_link(sam, "can.strengths", "need.support.quiet")


def look_by_link(share: Share, student: Student) -> None:
    services.make_code(share=share, key=key_of(student), by=student.user)
    access.read(share_id=share.pk, by=None, action=Action.LINK, code=Code.SHOWN)


@pytest.mark.parametrize("act", [withdraw, expire, freeze])
def test_who_read_with_a_link_hears_that_something_changed(
    sam, by_link, worker, django_capture_on_commit_callbacks, act: Callable[[Share, Student], None]
):
    look_by_link(by_link, sam)
    with django_capture_on_commit_callbacks(execute=True):
        act(by_link, sam)
    [message] = sent.outbox
    assert message.to == ["baas@bakkerij.example"]
    assert (message.subject, message.body) == (mail.CHANGED_LINK, mail.CHANGED_LINK_TEXT)
    token = links.opened_of([by_link.pk])[by_link.pk].token
    words = ("Sam", "Vos", "Jansen", "vso", "speciaal", "Log in", "postvak", "paspoort", token, str(by_link.pk))
    assert not [word for word in words if word.lower() in f"{message.subject} {message.body}".lower()]


def test_who_never_opened_the_link_hears_nothing(sam, by_link, worker, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        withdraw(by_link, sam)
    assert sent.outbox == []


def test_a_look_at_another_link_is_not_this_one(sam, by_link, worker, django_capture_on_commit_callbacks):
    other = factories.share_by_link(sam, "can.strengths", email="chef@kas.example", label="De kas")
    look_by_link(other, sam)
    with django_capture_on_commit_callbacks(execute=True):
        withdraw(by_link, sam)
    assert sent.outbox == []


def test_after_erasing_nobody_knows_the_address(sam, by_link, worker, django_capture_on_commit_callbacks):
    look_by_link(by_link, sam)
    with django_capture_on_commit_callbacks(execute=True):
        erase(by_link, sam)
    assert sent.outbox == [] and [name for name, _ in worker if name == "intake.tasks.tell_recipients"]


def test_a_guardian_who_stops_a_link_ends_it_in_the_same_words(worker, django_capture_on_commit_callbacks):
    young = factories.make_pupil(age=15)
    factories.write(young, "can.strengths", ["netjes werken"])
    parent = factories.make_parent(young).user
    share = factories.share_by_link(young, "can.strengths")
    sharing.approve(share_id=share.pk, by=parent)
    look_by_link(Share.objects.get(pk=share.pk), young)
    with django_capture_on_commit_callbacks(execute=True):
        sharing.withdraw(share=Share.objects.get(pk=share.pk), by=parent)
    assert [message.subject for message in sent.outbox] == [mail.CHANGED_LINK]
