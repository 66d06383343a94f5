"""What a hostile review came in by: a session from before, another address's code, too many codes, an old mailbox."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import tasks
from accounts.models import User
from config.celery import app
from tests import factories
from tests.accounts.coming_in import PIN, card_of, code_of, come_in, is_in
from tests.factories import PASSWORD

APP, CODES, PASSKEY = (f"/instellingen/inloggen/{name}/" for name in ("app", "noodcodes", "passkey"))
MAIL, MAIL_CODE, MAIL_GONE = (f"/instellingen/inloggen/mail/{name}" for name in ("", "code/", "weg/"))
ASK, TYPE = "/inloggen/code/", "/inloggen/code/invullen/"
ANOTHER = {"need.diagnosis": "Anders", "me.free_time": ["vissen"]}
OLD, NEW = "sam@example.nl", "nieuw@example.nl"


@pytest.fixture(autouse=True)
def worker(monkeypatch):
    """Nobody tried before, and a worker that works at once."""
    cache.clear()
    monkeypatch.setattr(
        "accounts.mail_codes.current_app.send_task", lambda name, args: getattr(tasks, name.rpartition(".")[2])(*args)
    )


@pytest.fixture
def inside(client, sam, mentor):
    come_in(client, card_of(sam, mentor))
    return client


def code() -> str:
    return re.search(r"\d{6}", mail.outbox[-1].body).group()


def add(client, email) -> None:
    client.post(MAIL, {"email": email})
    client.post(MAIL_CODE, {"code": code()})


# --- A session that showed only a password -----------------------------------------------------------------------


@pytest.fixture
def thief(client, settings, imke):
    """Somebody who knows the password of Imke came in before she set her second step."""
    settings.DEMO = False
    found = Client()
    for one in (found, client):
        one.post("/inloggen/", {"login": imke.username, "password": PASSWORD})
    return found


def set_app(client) -> None:
    secret = re.search(r'aria-labelledby="sleutel">(\w+)<', client.get(APP).content.decode()).group(1)
    client.post(APP, {"code": code_of(secret)})


@pytest.mark.parametrize("path", [CODES, PASSKEY, APP, "/tweede-stap/", "/intake/", "/instellingen/"])
def test_a_session_from_before_passes_no_second_step_set_later(client, thief, path):
    set_app(client)
    assert thief.get(path).url.startswith("/inloggen/") and "_auth_user_id" not in thief.session
    assert client.get("/intake/").status_code == 200 and client.get(CODES).status_code == 200


def test_it_is_over_too_when_nobody_wrote_it_down(client, settings, imke, browser_of):
    """A session without its row in the list cannot be ended from there."""
    settings.DEMO = False
    unknown = browser_of(imke)
    client.post("/inloggen/", {"login": imke.username, "password": PASSWORD})
    set_app(client)
    assert unknown.get("/api/v1/dossiers/").status_code == 403
    assert "_auth_user_id" not in unknown.session


def test_emergency_codes_are_not_there_before_a_second_step(client, thief):
    assert client.get(CODES).url == "/tweede-stap/"


# --- The code proves the address it went to ----------------------------------------------------------------------


def test_a_code_for_one_address_proves_no_other(inside, sam):
    """Two sessions: the first asks for an address of one's own, the second puts another in its place."""
    inside.post(MAIL, {"email": OLD})
    good, other = code(), Client()
    other.post("/inloggen/", {"login": sam.user.username, "password": PASSWORD})
    other.post(MAIL, {"email": "van.een.ander@example.nl"})
    inside.post(MAIL_CODE, {"code": good})
    assert not EmailAddress.objects.filter(verified=True).exists()
    other.post(MAIL_CODE, {"code": code()})
    assert EmailAddress.objects.get(verified=True).email == "van.een.ander@example.nl"


def test_a_code_that_cannot_be_made_is_no_code(client, sam):
    """Who became somebody who works here since they asked comes in with nothing at all."""
    parent = factories.make_parent(sam).user
    User.objects.filter(pk=parent.pk).update(email=OLD)
    client.post(ASK, {"email": OLD})
    factories.make_tie(sam, parent, "coach")
    User.objects.filter(pk=parent.pk).update(is_superuser=True)
    client.post(TYPE, {"code": "-"})
    assert "_auth_user_id" not in client.session


# --- The old mailbox hears it first ------------------------------------------------------------------------------


def test_an_address_that_goes_hears_that_something_changed(inside):
    add(inside, OLD)
    mail.outbox.clear()
    add(inside, NEW)
    told = [one for one in mail.outbox if one.to == [OLD]]
    assert len(told) == 1 and NEW not in told[0].body and OLD not in told[0].body
    mail.outbox.clear()
    inside.post(MAIL_GONE)
    assert [one.to for one in mail.outbox] == [[NEW]]


def test_the_first_address_and_a_wrong_code_tell_nobody(inside):
    add(inside, OLD)
    mail.outbox.clear()
    inside.post(MAIL, {"email": NEW})
    inside.post(MAIL_CODE, {"code": "-"})
    assert [one.to for one in mail.outbox] == [[NEW]]


# --- Not too many codes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [True, False])
def test_no_more_than_twenty_codes_a_day_for_one_address(sam, known):
    if known:
        User.objects.filter(pk=factories.make_parent(sam).user.pk).update(email=OLD)
    start, answers = timezone.now(), []
    for number in range(22):
        with time_machine.travel(start + timedelta(minutes=11 * number), tick=False):
            answers.append(Client().post(ASK, {"email": OLD}).status_code)
    assert answers == [302] * 20 + [200] * 2 and len(mail.outbox) == 20 * known
    with time_machine.travel(start + timedelta(days=2), tick=False):
        assert Client().post(ASK, {"email": OLD}).status_code == 302


# --- All of it at once, once more --------------------------------------------------------------------------------


def test_over_the_api_an_export_asks_who_it_is_too(inside):
    inside.post("/eigen-telefoon/", {"kind": "own"})
    assert inside.get("/api/v1/passport/export/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        answer = inside.get("/api/v1/passport/export/")
        assert (answer.status_code, answer.json()["code"]) == (403, "once_more")
        inside.post("/nog-even/", {"pin": PIN})
        assert inside.get("/api/v1/passport/export/").status_code == 200


@pytest.mark.parametrize(("unit", "asks"), [("need.diagnosis", True), ("me.free_time", False)])
def test_a_newer_text_of_something_sensitive_goes_out_after_showing_who_it_is(inside, sam, care, unit, asks):
    share = factories.share_with_programme(sam, care, unit)
    inside.post("/eigen-telefoon/", {"kind": "own"})
    factories.write(sam, unit, ANOTHER[unit])
    page = f"/delen/{share.pk}/nieuwe-tekst/"
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        over_api = inside.post(
            f"/api/v1/shares/{share.pk}/release/", {"units": [unit]}, content_type="application/json"
        )
        shown = inside.get(page)
        if asks:
            assert (over_api.status_code, over_api.json()["code"]) == (403, "once_more")
            assert shown.url == f"/nog-even/?next={page}"
            inside.post(shown.url, {"pin": PIN})
            assert inside.get(page).status_code == 200
        else:
            assert over_api.status_code == 200


# --- What is left ------------------------------------------------------------------------------------------------


def test_sessions_that_are_over_go_at_night(inside):
    assert app.conf.beat_schedule["drop-old-sessions"]["task"] == "accounts.tasks.drop_old_sessions"
    before = Session.objects.count()
    Session.objects.create(session_key="oud", session_data="", expire_date=timezone.now() - timedelta(days=1))
    tasks.drop_old_sessions()
    assert Session.objects.count() == before and is_in(inside)
