"""How a guardian comes in: asked by student or school, a link and a code by mail, and their own yes (rule 10)."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.db import connection, connections
from django.db.models import Q
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts import invitations, vault
from accounts.identity import guardian_name
from accounts.models import DataKey, Invitation, Tie, User
from accounts.refusals import NotHere, Refusal
from accounts.services import record_authority
from consent.asked import asked_of
from consent.models import Share
from consent.recipients import recipients_for
from intake import tasks
from intake.services import export, inviting, leaving, sharing
from intake.services.mail import CODE_TEXT, INVITED, INVITED_TEXT
from tests import factories
from tests.factories import key_of, share_with_programme, write

PARENT = "Ouder.Vos@example.nl"


@pytest.fixture(autouse=True)
def nobody_asked_before():
    cache.clear()


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> None:
    """A mail is sent where a worker would: at the moment it is woken."""
    monkeypatch.setattr("intake.services.mail._wake", lambda task, one: getattr(tasks, task.rpartition(".")[2])(one))
    monkeypatch.setattr("django.db.transaction.on_commit", lambda act, using=None, robust=False: act())


@pytest.fixture
def young(class_a):
    student = factories.make_pupil(age=15, school_class=class_a)
    write(student, "me.free_time", ["muziek"])
    return student


@pytest.fixture
def counsellor(class_a):
    return factories.make_staff("counsellor", institution=class_a.institution)


def ask(student, by=None, email=PARENT, label="moeder"):
    return inviting.invite(student=student, key=key_of(student), email=email, label=label, by=by or student.user)


def link_in(message) -> str:
    return re.search(r"/uitnodiging/\S+", message.body).group()


def code_in(message) -> str:
    return re.search(r"\b\d{6}\b", message.body).group()


def come_in(client: Client, **answer: str) -> Any:
    """The whole way in: link, button, code, answer."""
    client.post(link_in(mail.outbox[0]))
    client.post("/uitnodiging/code/", {"code": code_in(mail.outbox[-1])})
    return client.post("/uitnodiging/antwoord/", {"answer": "yes", "name": "Noor Vos", **answer})


def tie():
    return Tie.objects.get()


# --- The way in --------------------------------------------------------------------------------------------


def test_from_a_mail_to_a_tie_that_counts_after_the_schools_check(young, client, class_a, care):
    ask(young)
    assert not Tie.objects.exists() and not User.objects.filter(email__iexact=PARENT).exists()
    assert come_in(client).url == "/thuis/"
    person = tie().person
    assert tie().confirmed_at and tie().authority_checked_at is None and tie().label == "moeder"
    assert guardian_name(person.guardian) == "Noor Vos" and person.email == PARENT and not person.has_usable_password()
    share = share_with_programme(young, care, "me.free_time")
    assert asked_of(person) == []
    record_authority(student=young, person=person, by=factories.make_staff("care", institution=class_a.institution))
    assert [one.share for one in asked_of(person)] == [share]
    assert sharing.approve(share_id=share.pk, by=person).state == "active"
    assert client.get("/thuis/").status_code == 200


def test_before_the_code_nothing_is_said_of_anybody(young, client):
    ask(young, by=young.user)
    page = client.get(link_in(mail.outbox[0]))
    shown = page.content.decode()
    assert page.status_code == 200 and "Mail mij een code" in shown
    assert not [word for word in ("Sam", "Vos", "moeder", PARENT, "School") if word in shown]
    client.post(link_in(mail.outbox[0]))
    assert "Sam" not in client.get("/uitnodiging/code/").content.decode()
    assert client.get("/uitnodiging/antwoord/").url == "/uitnodiging/code/"


def test_looking_at_the_link_uses_nothing_up(young, client):
    ask(young)
    for _ in range(20):
        assert client.get(link_in(mail.outbox[0])).status_code == 200
    assert len(mail.outbox) == 1 and Invitation.objects.get().code_made_at is None


def test_the_mails_say_nothing(young, client, class_a):
    ask(young)
    client.post(link_in(mail.outbox[0]))
    assert [message.to for message in mail.outbox] == [[PARENT], [PARENT]]
    for message in mail.outbox:
        words = f"{message.subject} {message.body}"
        assert not [word for word in ("Sam", "Vos", "moeder", class_a.institution.name, "vso", "klas") if word in words]


def first_line(text: str, language: str) -> str:
    with translation.override(language):
        return gettext(text).split("{")[0].split("\n")[0].strip()


@pytest.mark.parametrize(("said", "in_languages"), [("", "nl en"), ("nl", "nl"), ("en", "en"), ("tr", "nl en")])
def test_the_mail_is_in_the_language_the_inviter_knows(young, client, said, in_languages):
    """Nobody knows it: both. A language nobody reviewed is no choice, so that is the same as not knowing."""
    inviting.invite(student=young, key=key_of(young), email=PARENT, label="moeder", by=young.user, language=said)
    client.post(link_in(mail.outbox[0]))
    for message, text in zip(mail.outbox, (INVITED_TEXT, CODE_TEXT), strict=True):
        told = [language for language in ("nl", "en") if first_line(text, language) in message.body]
        assert told == in_languages.split()
    assert mail.outbox[0].subject == first_line(INVITED, "en" if said == "en" else "nl")


def test_who_is_known_here_gets_it_in_their_own_language(young, noor):
    known = factories.make_parent(noor).user
    User.objects.filter(pk=known.pk).update(email=PARENT, reading={"language": "en"})
    inviting.invite(student=young, key=key_of(young), email=PARENT, label="moeder", by=young.user, language="nl")
    assert mail.outbox[0].subject == first_line(INVITED, "en") != INVITED


def test_the_pages_after_the_mail_are_in_its_language_and_so_is_the_account(young, client, browser_of):
    browser_of(young).post(reverse("invite_home"), {"email": PARENT, "label": "moeder", "language": "en"})
    where = link_in(mail.outbox[0])
    page = client.get(where)
    assert page.headers["Content-Language"] == "en" and '<html lang="en"' in page.content.decode()
    client.post(where)
    client.post("/uitnodiging/code/", {"code": code_in(mail.outbox[1])})
    assert '<html lang="en"' in client.get("/uitnodiging/antwoord/").content.decode()
    client.post("/uitnodiging/antwoord/", {"answer": "yes", "name": "Noor Vos"})
    assert Tie.objects.get().person.reading == {"language": "en"}


def test_the_form_offers_reviewed_languages_and_chooses_none(young, browser_of):
    page = browser_of(young).get(reverse("invite_home")).content.decode()
    choices = re.findall(r'<option value="(\w*)"( selected)?', page)
    assert choices == [("", " selected"), ("nl", ""), ("en", "")]
    browser_of(young).post(reverse("invite_home"), {"email": PARENT, "label": "moeder", "language": "tr"})
    assert not mail.outbox


def test_the_link_alone_brings_nobody_in(young, client):
    ask(young)
    client.post(link_in(mail.outbox[0]))
    answer = client.post("/uitnodiging/antwoord/", {"answer": "yes", "name": "Iemand Anders"})
    assert answer.url == "/uitnodiging/code/" and not Tie.objects.exists()


def test_a_no_leaves_nothing(young, client):
    ask(young)
    page = come_in(client, answer="no").content.decode()
    assert "De uitnodiging is weg." in page
    assert not Invitation.objects.exists() and not Tie.objects.exists() and User.objects.count() == 1


def test_a_yes_asks_for_a_name_and_keeps_the_invitation(young, client):
    ask(young)
    answer = come_in(client, name="")
    assert answer.status_code == 400 and "Schrijf op hoe u heet." in answer.content.decode()
    assert Invitation.objects.exists() and not Tie.objects.exists()
    assert client.post("/uitnodiging/antwoord/", {"answer": "yes", "name": "Noor Vos"}).url == "/thuis/"


@pytest.mark.parametrize("body", [{}, {"answer": "misschien"}, {"name": "Noor"}])
def test_nothing_is_chosen_already(young, client, body):
    ask(young)
    client.post(link_in(mail.outbox[0]))
    client.post("/uitnodiging/code/", {"code": code_in(mail.outbox[-1])})
    page = client.get("/uitnodiging/antwoord/").content.decode()
    assert page.count('class="btn btn-even" name="answer"') == 2 and "checked" not in page
    assert client.post("/uitnodiging/antwoord/", body).status_code in (200, 400)
    assert not Tie.objects.exists()


def test_who_has_a_log_in_keeps_it_for_a_second_child(young, noor, client):
    known = factories.make_parent(noor).user
    User.objects.filter(pk=known.pk).update(email=PARENT.lower())
    ask(young)
    client.post(link_in(mail.outbox[0]))
    client.post("/uitnodiging/code/", {"code": code_in(mail.outbox[-1])})
    assert "Hoe heet u?" not in client.get("/uitnodiging/antwoord/").content.decode()
    client.post("/uitnodiging/antwoord/", {"answer": "yes"})
    assert {one.student for one in Tie.objects.filter(person=known)} == {young, noor}


def test_the_address_of_staff_gives_no_staff_log_in(young, imke, client):
    User.objects.filter(pk=imke.pk).update(email=PARENT)
    ask(young)
    come_in(client)
    assert tie().person != imke and client.get("/intake/").status_code == 404


def test_the_student_and_the_person_see_each_other(young, client, browser_of):
    ask(young)
    come_in(client)
    assert "Noor Vos (moeder)" in [one.label for one in recipients_for(young)]
    page = browser_of(young).get(reverse("invite_home")).content.decode()
    assert "Noor Vos, moeder" in page and PARENT not in page


def test_coming_back_after_a_tie_ended_gives_no_old_authority(young, client):
    parent = factories.make_parent(young).user
    User.objects.filter(pk=parent.pk).update(email=PARENT)
    Tie.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    ask(young)
    come_in(client)
    back = Tie.objects.current().get()
    assert back.person == parent and back.authority_checked_at is None and Tie.objects.count() == 2


# --- Codes -------------------------------------------------------------------------------------------------


def test_five_wrong_codes_and_it_is_over_for_the_right_one_too(young, client):
    ask(young)
    where = link_in(mail.outbox[0])
    client.post(where)
    good = code_in(mail.outbox[-1])
    wrong = f"{(int(good) + 1) % 10**6:06}"
    answers = [client.post("/uitnodiging/code/", {"code": wrong}).status_code for _ in range(5)]
    assert answers == [400, 400, 400, 400, 404]
    assert client.post("/uitnodiging/code/", {"code": good}).status_code == 404
    assert client.get(where).status_code == 404


def test_a_new_code_does_not_give_new_tries(young, client):
    ask(young)
    for _ in range(5):
        with time_machine.travel(timezone.now() + timedelta(minutes=2 * _), tick=False):
            client.post(link_in(mail.outbox[0]))
            client.post("/uitnodiging/code/", {"code": "x"})
    with pytest.raises(NotHere):
        invitations.find_invitation(link_in(mail.outbox[0]).split("/")[2])


@pytest.mark.parametrize(("later", "works"), [(14, True), (16, False)])
def test_a_code_works_a_quarter_of_an_hour(young, client, later, works):
    row = ask(young)
    client.post(link_in(mail.outbox[0]))
    code = code_in(mail.outbox[-1])
    with time_machine.travel(timezone.now() + timedelta(minutes=later), tick=False):
        assert invitations.try_code(invitation_id=row.pk, typed=code) is works


def test_a_code_works_once(young, client):
    row = ask(young)
    client.post(link_in(mail.outbox[0]))
    code = code_in(mail.outbox[-1])
    assert invitations.try_code(invitation_id=row.pk, typed=f" {code[:3]} {code[3:]} ")
    assert not invitations.try_code(invitation_id=row.pk, typed=code)


def test_an_old_code_stops_when_a_new_one_is_made(young, client):
    row = ask(young)
    client.post(link_in(mail.outbox[0]))
    old = code_in(mail.outbox[-1])
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        client.post("/uitnodiging/code/", {"again": "1"})
        assert code_in(mail.outbox[-1]) != old
        assert not invitations.try_code(invitation_id=row.pk, typed=old)


def test_at_most_one_code_a_minute(young, client):
    ask(young)
    for _ in range(4):
        client.post(link_in(mail.outbox[0]))
    assert len(mail.outbox) == 2


def test_without_a_code_made_no_code_is_right(young):
    row = ask(young)
    for typed in ("", "000000", "  "):
        assert not invitations.try_code(invitation_id=row.pk, typed=typed)


def test_the_database_holds_no_address_token_or_code(young, client):
    row = ask(young)
    client.post(link_in(mail.outbox[0]))
    stored = str(Invitation.objects.values_list().get(pk=row.pk)) + repr(bytes(Invitation.objects.get().sealed_to))
    token = link_in(mail.outbox[0]).split("/")[2]
    assert not [word for word in (PARENT, "moeder", token, code_in(mail.outbox[-1])) if word in stored]


# --- No longer ---------------------------------------------------------------------------------------------


def closed(client, where):
    page = client.get(where)
    return page.status_code == 404 and "Deze uitnodiging werkt niet (meer)" in page.content.decode()


def test_every_no_is_the_same_page(young, client):
    row = ask(young)
    where = link_in(mail.outbox[0])
    never = client.get(f"/uitnodiging/{'x' * 22}/").content
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        assert client.get(where).content == never
    Invitation.objects.filter(pk=row.pk).update(wrong_codes=5)
    assert client.get(where).content == never and closed(client, where)
    assert closed(client, "/uitnodiging/code/") and closed(client, "/uitnodiging/antwoord/")


def test_who_is_taken_back_has_nothing_any_more(young, client, browser_of):
    row = ask(young)
    client.post(link_in(mail.outbox[0]))
    client.post("/uitnodiging/code/", {"code": code_in(mail.outbox[-1])})
    browser_of(young).post(reverse("invite_home"), {"back": str(row.pk)})
    assert client.post("/uitnodiging/antwoord/", {"answer": "yes", "name": "Noor Vos"}).status_code == 404
    assert not Tie.objects.exists() and closed(client, link_in(mail.outbox[0]))


def test_a_proof_lasts_half_an_hour(young, client):
    ask(young)
    client.post(link_in(mail.outbox[0]))
    client.post("/uitnodiging/code/", {"code": code_in(mail.outbox[-1])})
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        answer = client.post("/uitnodiging/antwoord/", {"answer": "yes", "name": "Noor Vos"})
        assert answer.url == "/uitnodiging/code/" and not Tie.objects.exists()


def test_a_second_yes_finds_nothing(young):
    row = ask(young)
    inviting.accept(invitation_id=row.pk, name="Noor Vos")
    with pytest.raises(NotHere):
        inviting.accept(invitation_id=row.pk, name="Iemand Anders")
    assert Tie.objects.count() == 1


def test_what_nobody_answers_goes_after_two_weeks(young):
    ask(young)
    assert invitations.drop_old_invitations() == 0
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        assert invitations.drop_old_invitations() == 1


def test_it_goes_with_the_student(young, client):
    ask(young)
    leaving.erase_student(young.pk)
    assert not Invitation.objects.exists() and closed(client, link_in(mail.outbox[0]))
    assert vault.open_keys([young.pk]) == {}


def test_the_export_says_who_was_asked_and_no_address(young, mentor):
    ask(young)
    ask(young, by=mentor, email="vader@example.nl", label="vader")
    found = export.export_of(young, key_of(young))
    assert [(one["label"], one["by"]) for one in found["invited"]] == [("moeder", "jij"), ("vader", "meneer Kaya")]
    assert "example.nl" not in str(found)


def test_a_mail_that_comes_too_late_is_not_sent(young):
    gone = str(ask(young).pk)
    Invitation.objects.all().delete()
    tasks.send_invitation(gone)
    tasks.send_invitation_code(gone)
    assert len(mail.outbox) == 1


# --- Who may ask -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["mentor", "counsellor"])
def test_the_school_team_asks_under_sixteen(request, young, who):
    row = ask(young, by=request.getfixturevalue(who))
    assert row.kind == "guardian" and len(mail.outbox) == 1


def test_nobody_else_asks(young, imke, noor, class_a):
    others = [
        imke, noor.user, factories.make_user(is_superuser=True), factories.make_parent(young).user,
        factories.make_staff("mentor", school_class=factories.make_class("B")),
        factories.make_staff("counsellor", institution=factories.make_class("C").institution),
        factories.make_staff("care", institution=class_a.institution),
        factories.make_staff("coordinator", institution=class_a.institution),
        factories.make_staff("mentor", programme=factories.make_programme()),
    ]  # fmt: skip
    for by in others:
        with pytest.raises(NotHere):
            ask(young, by=by)
    assert not Invitation.objects.exists() and not mail.outbox


def test_from_sixteen_the_student_alone_asks(sam, mentor):
    with pytest.raises(Refusal, match="decides_alone"):
        ask(sam, by=mentor)
    assert ask(sam).kind == "guardian"


def test_of_an_adult_the_school_asks_the_representative(class_a, mentor, client, care):
    adult = factories.make_pupil(age=18, school_class=class_a)
    write(adult, "me.free_time", ["muziek"])
    assert ask(adult, by=mentor).kind == "representative"
    come_in(client)
    record_authority(
        student=adult, person=tie().person, by=factories.make_staff("care", institution=class_a.institution)
    )
    share = share_with_programme(adult, care, "me.free_time")
    assert share.state == "awaiting_guardian" and [one.share for one in asked_of(tie().person)] == [share]


@pytest.mark.parametrize(
    ("email", "label", "field", "code"),
    [
        (PARENT, "", "label", "no_label"),
        (PARENT, "x" * 41, "label", "too_long"),
        (PARENT, "BSN 111222333", "label", "bsn"),
        ("sam@example.nl", "moeder", "email", "own_email"),
        ("Asked@example.nl", "moeder", "email", "already_invited"),
    ],
)
def test_what_does_not_fit_is_refused_and_nobody_is_mailed(young, email, label, field, code):
    User.objects.filter(pk=young.user_id).update(email="Sam@example.nl")
    young.user.refresh_from_db()
    ask(young, email="asked@example.nl")
    with pytest.raises(Refusal, match=code) as refusal:
        ask(young, email=email, label=label)
    assert refusal.value.field == field and len(mail.outbox) == 1


def test_nobody_asks_their_own_address(young, mentor):
    User.objects.filter(pk=mentor.pk).update(email="kaya@school.example")
    mentor.refresh_from_db()
    with pytest.raises(Refusal, match="own_email"):
        ask(young, by=mentor, email="Kaya@School.example")
    assert not Invitation.objects.exists() and not mail.outbox


def test_whoever_asked_does_not_check_the_authority_too(young, mentor, class_a, client):
    """One person alone makes nobody who has a say: who asked is another than who checks."""
    mentor.memberships.create(role="care", institution=class_a.institution)
    ask(young, by=mentor)
    come_in(client)
    with pytest.raises(Refusal, match="asked_them"):
        record_authority(student=young, person=tie().person, by=mentor)
    assert tie().invited_by == mentor and tie().authority_checked_at is None
    other = factories.make_staff("care", institution=class_a.institution)
    assert record_authority(student=young, person=tie().person, by=other).authority_checked_at


def test_a_second_yes_to_the_same_student_leaves_the_check_alone(young, mentor, class_a):
    ask(young)
    ask(young, by=mentor)
    user = inviting.accept(invitation_id=Invitation.objects.get(invited_by=young.user).pk, name="Noor Vos")
    assert not Invitation.objects.exists()
    record_authority(student=young, person=user, by=factories.make_staff("care", institution=class_a.institution))
    again = ask(young, by=mentor)
    assert inviting.accept(invitation_id=again.pk, name="") == user
    assert tie().authority_checked_at and tie().invited_by == young.user


def test_the_yes_ends_the_other_invitations_of_that_address_alone(young, noor, mentor):
    mine = ask(young)
    ask(young, by=mentor, email=PARENT.lower())
    stay = {ask(young, email="vader@example.nl").pk, ask(noor).pk}
    inviting.accept(invitation_id=mine.pk, name="Noor Vos")
    assert set(Invitation.objects.values_list("pk", flat=True)) == stay


def test_the_school_does_not_hear_who_is_at_home(young, mentor, client):
    ask(young)
    come_in(client)
    mail.outbox.clear()
    assert ask(young, by=mentor).kind == "guardian" and len(mail.outbox) == 1


@pytest.mark.parametrize("by_school", [True, False])
def test_what_the_school_asked_ends_on_the_sixteenth_birthday(class_a, mentor, client, monkeypatch, by_school):
    day = timezone.localdate() + timedelta(days=3)
    monkeypatch.setattr(factories, "born", lambda age: day.replace(year=day.year - 16).isoformat())
    student = factories.make_pupil(age=15, school_class=class_a)
    row = ask(student, by=mentor if by_school else None)
    with time_machine.travel(timezone.now() + timedelta(days=4), tick=False):
        if not by_school:
            assert inviting.accept(invitation_id=row.pk, name="Noor Vos")
            return
        assert closed(client, link_in(mail.outbox[0]))
        with pytest.raises(NotHere):
            inviting.accept(invitation_id=row.pk, name="Noor Vos")
        invitations.take_back(invitation_id=row.pk, by=mentor)
    assert not Tie.objects.exists() and not Invitation.objects.exists()


@pytest.mark.services
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite writes one by one; PostgreSQL does not")
def test_two_who_say_yes_at_once_are_one_person(monkeypatch):
    """The same new address for two students, at the same moment: one log-in, two ties, and no key too many."""
    address, together, real = f"{uuid4().hex}@example.nl", Barrier(2), invitations.person_at_home

    def committed(act: Any, *args: Any) -> Any:
        try:
            return act(*args)
        finally:
            connections.close_all()

    def asked() -> Invitation:
        student = factories.make_pupil(age=15)
        return invitations.invite(student=student, key=key_of(student), email=address, label="moeder", by=student.user)

    def looked(email: str) -> User | None:
        found = real(email)
        if not connection.in_atomic_block:
            together.wait(timeout=10)  # both saw that nobody is there, and nobody wrote
        return found

    def say_yes(row: Invitation) -> User:
        return invitations.accept(invitation_id=row.pk, name="Noor Vos")

    def counted() -> int:
        return DataKey.objects.filter(destroyed_at=None).count()

    def cleared() -> None:
        gone = User.objects.filter(Q(email=address) | Q(student__in=[row.student_id for row in rows]))
        owners = [pk for pair in gone.values_list("student", "guardian") for pk in pair if pk]
        gone.delete()
        DataKey.objects.filter(Q(owner_id__in=owners) | Q(wrapped=None)).delete()

    with ThreadPoolExecutor(2) as people:
        rows = [people.submit(committed, asked).result() for _ in range(2)]
        before = people.submit(committed, counted).result()
        monkeypatch.setattr(invitations, "person_at_home", looked)
        first, second = people.map(partial(committed, say_yes), rows)
        ties = set(Tie.objects.filter(person=first).values_list("student", flat=True))
        after = people.submit(committed, counted).result()
        people.submit(committed, cleared).result()
    assert first == second and ties == {row.student_id for row in rows}
    assert after == before + 1


def test_a_yes_that_fails_leaves_nobody_behind(young, monkeypatch):
    row = ask(young)

    def broken(*args: Any) -> None:
        raise OSError

    monkeypatch.setattr(invitations, "_tie", broken)
    with pytest.raises(OSError):
        inviting.accept(invitation_id=row.pk, name="Noor Vos")
    assert Invitation.objects.exists() and not User.objects.filter(email=PARENT).exists()
    assert DataKey.objects.filter(destroyed_at=None).count() == 1


def test_who_is_there_already_is_not_asked_again(young, client):
    ask(young)
    come_in(client)
    with pytest.raises(Refusal, match="already_home"):
        ask(young, email=PARENT.upper())


def test_nobody_can_mail_the_whole_town(young):
    for n in range(4):
        ask(young, email=f"ouder{n}@example.nl")
    with pytest.raises(Refusal, match="too_many"):
        ask(young)
    for _ in range(6):
        Invitation.objects.all().delete()
        try:
            ask(young)
        except Refusal as refusal:
            assert refusal.code == "too_often"
            return
    raise AssertionError("no end to it")


# --- The pages ---------------------------------------------------------------------------------------------


def test_the_student_asks_on_a_page_and_sees_what_the_school_asked(young, mentor, browser_of):
    client, where = browser_of(young), reverse("invite_home")
    ask(young, by=mentor, email="vader@example.nl", label="vader")
    client.post(where, {"label": "moeder", "email": PARENT})
    page = client.get(where).content.decode()
    assert PARENT in page and "Je school vroeg dit." in page and "vader@example.nl" not in page
    assert client.post(where, {"label": "", "email": "geen adres"}).status_code == 400


def test_the_school_asks_on_a_page(young, sam, mentor, counsellor, browser_of):
    client, where = browser_of(mentor), reverse("invite_parent")
    body = {"student": str(young.pk), "label": "moeder", "email": PARENT}
    assert client.post(where, body).url == where
    page = browser_of(counsellor).get(where).content.decode()
    assert "Gevraagd op" in page and PARENT not in page and "meneer Kaya" in page
    answer = client.post(where, {**body, "student": str(sam.pk)})
    assert answer.status_code == 400 and "16 of 17" in answer.content.decode()
    client.post(where, {"back": str(Invitation.objects.get().pk)})
    assert not Invitation.objects.exists()


def test_a_mentor_sees_and_asks_for_the_own_class_alone(young, mentor, browser_of):
    other = factories.make_pupil(age=15, school_class=factories.make_class("B"), calling_name="Robin", surname="Stil")
    theirs = ask(other)
    client, where = browser_of(mentor), reverse("invite_parent")
    assert "Robin" not in client.get(where).content.decode()
    body = {"student": str(other.pk), "label": "moeder", "email": PARENT}
    assert client.post(where, body).status_code == 400
    assert client.post(where, {"back": str(theirs.pk)}).status_code == 404
    assert Invitation.objects.filter(student=other).count() == 1


@pytest.mark.parametrize("back", ["x", str(uuid4()), ""], ids=["no id", "unknown", "empty"])
def test_what_is_not_there_cannot_be_taken_back(young, browser_of, back):
    ask(young)
    assert browser_of(young).post(reverse("invite_home"), {"back": back}).status_code == 404
    assert Invitation.objects.count() == 1


def test_the_school_does_not_hear_whom_a_student_asks(young, mentor, browser_of):
    row = ask(young)
    client, where = browser_of(mentor), reverse("invite_parent")
    assert "Gevraagd op" not in client.get(where).content.decode()
    assert client.post(where, {"back": str(row.pk)}).status_code == 404
    with pytest.raises(NotHere):
        invitations.take_back(invitation_id=row.pk, by=mentor)
    ask(young, by=mentor)
    assert Invitation.objects.count() == 2


def test_nobody_takes_back_what_is_not_theirs(young, noor, imke, mentor, browser_of):
    row = ask(young, by=mentor)
    for by, where in ((noor, "invite_home"), (imke, "invite_parent")):
        assert browser_of(by).post(reverse(where), {"back": str(row.pk)}).status_code == 404
    with pytest.raises(NotHere):
        invitations.take_back(invitation_id=row.pk, by=imke)
    invitations.take_back(invitation_id=row.pk, by=mentor)
    assert not Invitation.objects.exists()


def test_the_pages_are_for_students_and_for_the_school_team(young, mentor, imke, browser_of, class_a):
    care = factories.make_staff("care", institution=class_a.institution)
    for by in (mentor, imke, care):
        assert browser_of(by).get(reverse("invite_home")).status_code == 404
    for by in (young, imke, care):
        assert browser_of(by).get(reverse("invite_parent")).status_code == 404


def test_the_schools_list_reads_as_little_for_many_pupils(class_a, mentor, django_assert_num_queries):
    for _ in range(4):
        factories.make_pupil(school_class=class_a)
    with django_assert_num_queries(1):  # and one for all keys
        assert len(invitations.pupils_of(mentor)) == 4


def test_an_invitation_gives_and_shows_nothing(young, mentor, client):
    """Abuse: staff cannot make a reader or widen a share by asking somebody (contract, rule 11)."""
    before = list(Share.objects.values())
    ask(young, by=mentor)
    come_in(client)
    assert list(Share.objects.values()) == before
    page = client.get("/thuis/").content.decode()
    assert "Er is nu niets met u gedeeld." in page and "muziek" not in page
