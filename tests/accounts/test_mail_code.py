"""A guardian logs in with a code in the mail: never staff, never a student, and nobody hears who is known here."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import mail_codes, tasks
from accounts.models import MailCode, User
from tests import factories

ASK, TYPE = "/inloggen/code/", "/inloggen/code/invullen/"
EMAIL = "ouder@example.nl"


@pytest.fixture(autouse=True)
def nobody_tried_before():
    cache.clear()


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """A mail is sent where a worker would: at the moment it is woken."""
    calls: list[tuple[str, list[str]]] = []

    def send_task(name: str, args: list[str]) -> None:
        calls.append((name, args))
        getattr(tasks, name.rpartition(".")[2])(*args)

    monkeypatch.setattr("accounts.mail_codes.current_app.send_task", send_task)
    return calls


@pytest.fixture
def parent(sam):
    user = factories.make_parent(sam).user
    User.objects.filter(pk=user.pk).update(email=EMAIL)
    return user


def code() -> str:
    return re.search(r"\b\d{6}\b", mail.outbox[-1].body).group()


def is_in(client):
    return client.get("/thuis/").status_code == 200


def test_the_code_lets_a_guardian_in(client, parent):
    assert client.post(ASK, {"email": EMAIL.upper()}).url == TYPE
    assert mail.outbox[0].to == [EMAIL] and not is_in(client)
    assert client.post(TYPE, {"code": code()}).url == "/thuis/"
    assert is_in(client)


def test_a_wrong_code_lets_nobody_in_and_three_end_it(client, parent):
    client.post(ASK, {"email": EMAIL})
    good = code()
    wrong = f"{(int(good) + 1) % 10**6:06}"
    shown = client.post(TYPE, {"code": wrong}).content.decode()
    assert "Deze code klopt niet." in shown
    for _ in range(2):
        client.post(TYPE, {"code": wrong})
    client.post(TYPE, {"code": good})
    assert not is_in(client)


@pytest.mark.parametrize("who", ["nobody", "staff", "student", "stopped", "parent who is staff"])
def test_everybody_else_gets_no_mail_and_the_same_page(client, parent, who, imke, sam):
    known = client.post(ASK, {"email": EMAIL})
    shown = client.get(TYPE).content.decode()
    other = {"staff": imke, "student": sam.user, "stopped": parent, "parent who is staff": parent}.get(who)
    if other:
        User.objects.filter(pk=other.pk).update(email="ander@example.nl", is_active=who != "stopped")
    if who == "parent who is staff":
        parent.memberships.create(role="intaker", programme=factories.make_programme())
    mail.outbox.clear()
    client.cookies.clear()
    answer = client.post(ASK, {"email": "ander@example.nl"})
    assert (answer.status_code, answer.url) == (known.status_code, known.url) and mail.outbox == []
    token = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
    assert token.sub("", client.get(TYPE).content.decode()) == token.sub("", shown)
    assert client.post(TYPE, {"code": "000000"}).status_code == 200 and not is_in(client)


def test_the_mail_says_nothing_but_the_code(client, parent, class_a):
    client.post(ASK, {"email": EMAIL})
    words = f"{mail.outbox[0].subject} {mail.outbox[0].body}"
    assert not [word for word in ("Sam", "Vos", "Noor", class_a.institution.name, "paspoort") if word in words]


def test_one_address_is_not_mailed_again_and_again(client, parent):
    answers = [client.post(ASK, {"email": EMAIL}).status_code for _ in range(5)]
    assert answers[:3] == [302, 302, 302] and 302 not in answers[3:] and len(mail.outbox) == 3


@pytest.mark.parametrize("email", ["", "geen adres", "a@b"])
def test_a_wrong_address_says_so(client, email):
    answer = client.post(ASK, {"email": email}).content.decode()
    assert "Dit is geen mailadres." in answer and "<title>Fout:" in answer


def test_who_asked_for_a_code_can_still_use_a_password(client, parent, sam):
    client.post(ASK, {"email": EMAIL})
    assert client.get("/inloggen/").status_code == 200 and client.get(ASK).status_code == 200
    client.post("/inloggen/", {"login": sam.user.username, "password": factories.PASSWORD})
    assert client.get("/instellingen/").status_code == 200 and not is_in(client)


def test_without_a_request_there_is_no_code_to_type(client):
    assert client.get(TYPE).url.startswith(ASK)
    assert reverse("account_request_login_code") in client.get("/inloggen/").content.decode()


# --- What is kept, and what can be heard -------------------------------------------------------------------


def kept() -> str:
    """Everything the sessions and the table of codes hold."""
    return json.dumps([one.get_decoded() for one in Session.objects.all()]) + str(list(MailCode.objects.values()))


def test_no_code_and_no_address_is_kept(client, parent):
    client.post(ASK, {"email": "Onbekend.Iemand@example.nl"})
    client.post(ASK, {"email": EMAIL})
    assert not [word for word in (code(), EMAIL, "nbekend", "example.nl") if word in kept()]
    assert str(MailCode.objects.get(guardian__isnull=False).pk) in kept()
    client.post(TYPE, {"code": code()})
    assert is_in(client) and EMAIL not in kept()


@pytest.mark.parametrize("who", ["nobody", "staff", "stopped"])
def test_a_known_address_takes_no_other_work_than_an_unknown_one(client, parent, woken, imke, who):
    """The mail leaves at the worker's; before that it is the same queries and the same message, with another id."""
    other = {"staff": imke, "stopped": factories.make_user(is_active=False)}.get(who)
    if other:
        User.objects.filter(pk=other.pk).update(email="ander@example.nl")
    woken.clear()

    def asked(email: str) -> list[str]:
        client.cookies.clear()
        with CaptureQueriesContext(connection) as queries, pytest.MonkeyPatch.context() as patch:
            patch.setattr("accounts.mail_codes.current_app.send_task", lambda name, args: woken.append((name, args)))
            client.post(ASK, {"email": email})
        return [re.split(r" WHERE | VALUES | [\"']s\d", one["sql"])[0] for one in queries]

    assert asked(EMAIL) == asked("ander@example.nl") and mail.outbox == []
    names, ids = zip(*woken, strict=True)
    assert len(set(names)) == 1 and len({UUID(one) for (one,) in ids}) == 2
    assert not {str(parent.pk), str(parent.guardian.pk)} & {one for (one,) in ids}


def test_a_broker_that_is_down_shows_nothing(client, parent, monkeypatch):
    def broken(*args: Any, **kwargs: Any) -> None:
        raise OSError

    monkeypatch.setattr("accounts.mail_codes.current_app.send_task", broken)
    assert client.post(ASK, {"email": EMAIL}).url == TYPE and mail.outbox == []


@pytest.mark.parametrize(("later", "works"), [(14, True), (16, False)])
def test_a_code_works_a_quarter_of_an_hour_and_once(client, parent, later, works):
    client.post(ASK, {"email": EMAIL})
    with time_machine.travel(timezone.now() + timedelta(minutes=later), tick=False):
        client.post(TYPE, {"code": f" {code()[:3]} {code()[3:]} "})
        left = MailCode.objects.filter(guardian=parent.guardian).exists()
        assert is_in(client) is works and left is not works


def test_the_code_of_one_browser_lets_no_other_in(client, parent):
    client.post(ASK, {"email": EMAIL})
    first = code()
    client.cookies.clear()
    client.post(ASK, {"email": EMAIL})
    assert code() != first
    client.post(TYPE, {"code": first})
    assert not is_in(client)


def test_three_tries_are_counted_where_no_cookie_brings_them_back(client, parent):
    client.post(ASK, {"email": EMAIL})
    row, good = MailCode.objects.get(), code()
    assert [mail_codes.try_code(code_id=row.pk, typed="x") for _ in range(3)] == [None, None, None]
    assert mail_codes.try_code(code_id=row.pk, typed=good) is None and not is_in(client)


def test_who_became_staff_meanwhile_does_not_come_in(client, parent):
    client.post(ASK, {"email": EMAIL})
    parent.memberships.create(role="intaker", programme=factories.make_programme())
    client.post(TYPE, {"code": code()})
    assert client.get("/intake/").status_code == 302


def test_a_log_in_gets_a_new_session(client, parent):
    client.post(ASK, {"email": EMAIL})
    before = client.session.session_key
    client.post(TYPE, {"code": code()})
    assert is_in(client) and client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_old_codes_go_with_the_next(client, parent):
    client.post(ASK, {"email": EMAIL})
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        client.post(ASK, {"email": "niemand@example.nl"})
        assert not MailCode.objects.filter(guardian__isnull=False).exists()
