"""The attack table of the log-in: one test per line, from outside (docs/asvs.md points here)."""

import json
import logging
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from django.utils import timezone
from django.utils.formats import date_format

from accounts import badges, sessions, tasks
from accounts.badges import Outcome
from accounts.models import Badge, Student, User
from accounts.refusals import NotHere, Refusal
from config.logs import JsonFormatter
from tests import factories
from tests.accounts.coming_in import (
    PIN,
    FakeSchool,
    back_from_school,
    card_of,
    code_of,
    come_in,
    is_in,
    leave_for_school,
    show,
    use_schools,
)
from tests.factories import PASSWORD

LOGIN, PIN_PAGE, STEP = "/inloggen/", "/inloggen/pincode/", "/inloggen/tweede-stap/"
EMAIL = "ouder@example.nl"
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """Nobody tried before, and mails go at once."""
    cache.clear()

    def send_task(name, args):
        getattr(tasks, name.rpartition(".")[2])(*args)

    monkeypatch.setattr("accounts.mail_codes.current_app.send_task", send_task)


@pytest.fixture
def token(sam, mentor):
    return card_of(sam, mentor)


@pytest.fixture
def parent(sam):
    user = factories.make_parent(sam).user
    User.objects.filter(pk=user.pk).update(email=EMAIL)
    return user


def wrong_pins(skip: str = PIN) -> Iterator[str]:
    return (pin for pin in (f"{number:04}" for number in range(10_000)) if pin != skip)


# --- Guessing ----------------------------------------------------------------------------------------------


def test_guessing_the_pin_of_one_card_waits_longer_and_longer_and_then_stops(token):
    pins, now, waits = wrong_pins(), timezone.now(), []
    for _ in range(badges.MOST_TRIES):
        with time_machine.travel(now, tick=False):
            result = badges.check(token, next(pins))
        waits.append((result.until - now).total_seconds() if result.until else 0)
        now = (result.until or now) + timedelta(seconds=1)
    assert waits[:4] == [0] * 4 and waits[4:9] == [60, 300, 900, 3600, 86400] and set(waits[9:]) == {86400}
    with time_machine.travel(now + timedelta(days=400), tick=False):
        assert badges.check(token, PIN).outcome is Outcome.STOPPED


def test_while_a_card_waits_the_right_pin_opens_nothing(client, token):
    show(client, token)
    for pin in ("0001", "0002", "0003", "0004", "0005"):
        client.post(PIN_PAGE, {"pin": pin})
    page = client.post(PIN_PAGE, {"pin": PIN}).content.decode()
    assert "Wacht 1 minuut." in page and not is_in(client)
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        client.post(PIN_PAGE, {"pin": PIN})
        assert is_in(client)


def test_a_lock_is_of_the_card_and_never_of_the_account(client, sam, mentor, token):
    for pin, _ in zip(wrong_pins(), range(30), strict=False):
        badges.check(token, pin)
    client.post(LOGIN, {"login": sam.user.username, "password": PASSWORD})
    assert is_in(client)
    badges.reset_pin(sam, by=mentor)
    badges.choose_pin(token, "7304")
    assert badges.check(token, "7304").outcome is Outcome.IN


def test_new_cards_give_no_new_tries(sam, mentor, token):
    pins, now = wrong_pins(), timezone.now()
    for _ in range(badges.MOST_TRIES):
        with time_machine.travel(now, tick=False):
            result = badges.check(token, next(pins))
            token = badges.replace_badge(sam, by=mentor)
        now = (result.until or now) + timedelta(seconds=1)
    with time_machine.travel(now + timedelta(days=400), tick=False):
        assert badges.check(token, PIN).outcome is Outcome.STOPPED
        badges.reset_pin(sam, by=mentor)
        badges.choose_pin(token, PIN)
        assert badges.check(token, PIN).outcome is Outcome.IN


def test_guessing_one_password_stops_after_five(client, sam):
    answers = [client.post(LOGIN, {"login": sam.user.username, "password": f"geraden {n}"}) for n in range(7)]
    assert "te vaak" in answers[-1].content.decode()
    client.post(LOGIN, {"login": sam.user.username, "password": PASSWORD})
    assert not is_in(client)


def test_spraying_one_password_over_many_names_stops(client):
    pupils = [factories.make_user() for _ in range(70)]
    answers = [client.post(LOGIN, {"login": one.username, "password": "welkom2026!!"}) for one in pupils]
    stopped = ["te vaak" in one.content.decode() for one in answers]
    assert not any(stopped[:55]) and all(stopped[-5:])


def test_spraying_one_pin_over_many_cards_needs_the_cards(client):
    for _ in range(50):
        client.post("/kaart/", {"code": badges._new_token()})
        assert client.post(PIN_PAGE, {"pin": "1357"}).url == "/kaart/"


@pytest.mark.parametrize("cards", [10, pytest.param(50, marks=pytest.mark.slow)])
def test_a_thousand_wrong_codes_from_one_address_let_nobody_in(class_a, mentor, cards):
    """Twenty on each card; the whole thousand in script/test --all."""
    pupils = [factories.make_pupil(school_class=class_a) for _ in range(cards + 1)]
    *tokens, neighbour = [card_of(one, mentor) for one in pupils]
    tries = 0
    for token in tokens:
        attacker = Client(REMOTE_ADDR="10.1.1.1")
        show(attacker, token)
        for number in range(20):
            attacker.post(PIN_PAGE, {"pin": f"{number:04}"})
            tries += 1
        assert not is_in(attacker)
    assert tries == 20 * cards and set(Badge.objects.values_list("wrong_pins", flat=True)) == {5, 0}
    somebody = Client(REMOTE_ADDR="10.1.1.1")  # at the same address, with another card
    come_in(somebody, neighbour)
    assert is_in(somebody)
    by_password = Client(REMOTE_ADDR="10.1.1.1")  # and whose card waits keeps their account
    by_password.post(LOGIN, {"login": pupils[0].user.username, "password": PASSWORD})
    assert is_in(by_password)


def test_a_class_of_sixty_behind_one_address_comes_in(class_a, mentor):
    tokens = [card_of(factories.make_pupil(school_class=class_a), mentor) for _ in range(60)]
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        inside = []
        for number, token in enumerate(tokens):
            client = Client(REMOTE_ADDR="10.1.1.1")
            if number % 3 == 0:
                come_in(client, token, "0001")
            come_in(client, token)
            inside.append(is_in(client))
    assert all(inside)


def test_a_made_up_forwarded_address_changes_nothing(settings, sam):
    for number in range(6):
        client = Client(headers={"X-Forwarded-For": f"10.0.0.{number}"})
        answer = client.post(LOGIN, {"login": sam.user.username, "password": "geraden"})
    assert "te vaak" in answer.content.decode()


@pytest.mark.parametrize(("proxies", "free"), [(0, False), (1, False)])
def test_spraying_with_made_up_addresses_stops_too(settings, proxies, free):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    pupils = [factories.make_user() for _ in range(70)]
    answers = []
    for number, one in enumerate(pupils):
        # What the client wrote comes first; what our own proxy adds comes last.
        said = f"10.0.0.{number}" + (", 192.0.2.7" if proxies else "")
        client = Client(headers={"X-Forwarded-For": said})
        answers.append(client.post(LOGIN, {"login": one.username, "password": "welkom2026!!"}))
    assert ("te vaak" not in answers[-1].content.decode()) is free


def test_guessing_a_mail_code_ends_after_three(client, parent):
    client.post("/inloggen/code/", {"email": EMAIL})
    good = re.search(r"\d{6}", mail.outbox[0].body).group()
    for _ in range(3):
        client.post("/inloggen/code/invullen/", {"code": f"{(int(good) + 1) % 10**6:06}"})
    client.post("/inloggen/code/invullen/", {"code": good})
    assert not is_in(client)


def test_nobody_is_flooded_with_mail(parent):
    for _ in range(10):
        Client().post("/inloggen/code/", {"email": EMAIL})
    assert len(mail.outbox) == 3


def test_guessing_the_second_step_stops_after_five(client, settings, imke):
    _with_app(client, imke)
    client.post(LOGIN, {"login": imke.username, "password": PASSWORD})
    pages = [client.post(STEP, {"code": f"{n:06}"}).content.decode() for n in range(7)]
    assert "te vaak" in pages[-1] and not is_in(client)


# --- By who makes the cards ---------------------------------------------------------------------------------


OWN_LOGIN, OWN_PIN, DATA = "/instellingen/inloggen/", "/instellingen/inloggen/pincode/", "/instellingen/mijn-gegevens/"
DAY = timedelta(days=1)


def later(by):
    return time_machine.travel(timezone.now() + by, tick=False)


def give_way(student, way):
    if way == "mail":
        student.user.emailaddress_set.create(email="sam@thuis.example", verified=True, primary=True)
        User.objects.filter(pk=student.user_id).update(email="sam@thuis.example")
    elif way == "passkey":
        Authenticator.objects.create(user=student.user, type=Authenticator.Type.WEBAUTHN, data={})
    elif way == "school":
        SocialAccount.objects.create(user=student.user, provider="entree", uid="x")
    student.user.refresh_from_db()


@pytest.mark.parametrize("way", ["mail", "passkey", "school", "password"])
@pytest.mark.parametrize("act", ["first card", "new pin"])
def test_a_mentor_takes_over_no_student_who_has_another_way_in(client, settings, sam, mentor, way, act):
    settings.DEMO = way != "password"
    give_way(sam, way)
    token = card_of(sam, mentor, pin="" if act == "first card" else PIN)
    if act == "new pin":
        badges.reset_pin(sam, by=mentor)
    page = show(client, token) and client.get(PIN_PAGE)
    assert page.status_code == 403 and "Deze kaart staat nog niet aan." in page.content.decode()
    client.post(f"{PIN_PAGE}kiezen/", {"pin": PIN, "again": PIN})
    assert not is_in(client) and not badges.has_pin(sam)
    assert badges.check(token, PIN).outcome is Outcome.OFF and not badges.state_of([sam])[sam.pk].may_choose
    with pytest.raises(Refusal, match="not_now"):
        badges.choose_pin(token, PIN)


def test_who_has_another_way_in_switches_the_card_on_from_inside(client, settings, sam, mentor):
    settings.DEMO = False
    token, own = badges.make_badge(sam, by=mentor), Client()
    own.post(LOGIN, {"login": sam.user.username, "password": PASSWORD})
    assert "Zet je kaart aan" in own.get(OWN_LOGIN).content.decode()
    assert "Zet je kaart aan" in own.get(OWN_PIN).content.decode()
    own.post(OWN_PIN, {"pin": PIN, "again": PIN})
    come_in(client, token)
    assert is_in(client) and is_in(own)


def test_without_another_way_in_a_session_that_is_left_open_chooses_no_pin(client, sam, mentor, token):
    come_in(client, token)
    badges.reset_pin(sam, by=mentor)
    assert client.get(OWN_PIN).status_code == 404
    with pytest.raises(NotHere):
        badges.change_pin(sam, "7304", by=sam.user)


def test_an_address_nobody_proved_keeps_no_card_shut(sam, mentor):
    sam.user.emailaddress_set.create(email="sam@thuis.example", verified=False)
    assert badges.check(badges.make_badge(sam, by=mentor), PIN).outcome is Outcome.CHOOSE


@pytest.mark.parametrize("act", ["make", "make for a class", "replace", "reset", "choose"])
def test_every_act_on_a_card_is_told_by_mail(sam, mentor, token, act):
    if act.startswith("make"):
        Badge.objects.all().delete()
    if act == "choose":
        badges.reset_pin(sam, by=mentor)
    User.objects.filter(pk=sam.user_id).update(email="sam@thuis.example")
    sam.user.refresh_from_db()
    mail.outbox.clear()
    {
        "make": lambda: badges.make_badge(sam, by=mentor),
        "make for a class": lambda: badges.make_badges([sam], by=mentor),
        "replace": lambda: badges.replace_badge(sam, by=mentor),
        "reset": lambda: badges.reset_pin(sam, by=mentor),
        "choose": lambda: badges.choose_pin(token, PIN),
    }[act]()
    assert [one.to for one in mail.outbox] == [["sam@thuis.example"]]
    assert mentor.staff_name not in mail.outbox[0].body


def test_the_student_reads_who_made_the_card_and_when_the_pin_was_chosen(browser_of, sam, mentor):
    made, chosen = timezone.localtime(), timezone.localtime() + timedelta(days=2, minutes=7)
    token = badges.make_badge(sam, by=mentor)
    with time_machine.travel(chosen, tick=False):
        badges.choose_pin(token, PIN)
    page = browser_of(sam).get(OWN_LOGIN).content.decode()
    assert f"Op {date_format(made, 'j F')} maakte meneer Kaya deze kaart." in page
    assert f"De pincode is gekozen op {date_format(chosen, 'j F, H:i')}." in page


@pytest.fixture(params=["first card", "new card", "new pin"])
def by_staff(request, sam, mentor):
    """The school just acted on Sam's card, and whoever has it chose the PIN."""
    token = card_of(sam, mentor, pin="" if request.param == "first card" else PIN)
    if request.param == "new card":
        token = badges.replace_badge(sam, by=mentor)
    elif request.param == "new pin":
        badges.reset_pin(sam, by=mentor)
    if request.param != "new card":
        badges.choose_pin(token, PIN)
    return token


def test_a_substitute_for_a_day_gets_no_long_log_in(client, sam, by_staff):
    for days, kind in ((0, "shared"), (6, "shared"), (8, "own")):
        with later(days * DAY):
            come_in(client, by_staff)
            answer = client.post("/eigen-telefoon/", {"kind": "own"}, follow=True)
            assert client.session["kind"] == kind
            assert ("vaker in" in answer.content.decode()) is (kind == "shared")
            client.post("/uitloggen/")


def test_a_substitute_for_a_day_adds_no_way_in_takes_nothing_out_and_erases_nothing(
    client, settings, monkeypatch, sam, by_staff
):
    use_schools(settings, monkeypatch, ("entree", FakeSchool()))
    ways = [
        lambda: client.post(f"{OWN_LOGIN}mail/", {"email": "dief@example.nl"}),
        lambda: client.get(f"{OWN_LOGIN}passkey/"),
        lambda: client.post("/inloggen/school/entree/"),
        lambda: client.get(f"{DATA}paspoort.json"),
        lambda: client.get(f"{DATA}paspoort.html"),
        lambda: client.get("/api/v1/passport/export/"),
        lambda: client.post(f"{DATA}wissen/", {"sure": "on", "password": PASSWORD}),
        lambda: client.post(f"{DATA}wissen/", {"sure": "on", "password": PASSWORD, "at_once": "on"}),
    ]
    come_in(client, by_staff)
    for act in ways:
        answer = act()
        assert "Wacht 24 uur." in answer.content.decode(), answer
    sam.refresh_from_db()
    assert mail.outbox == [] and sam.erase_after is None
    with later(DAY + timedelta(hours=1)):
        come_in(client, by_staff)
        assert not any("Wacht 24 uur." in act().content.decode() for act in ways[:6])


def test_who_has_another_way_in_waits_for_nothing_after_a_new_card(client, sam, mentor, token):
    give_way(sam, "mail")
    come_in(client, badges.replace_badge(sam, by=mentor))
    client.post("/eigen-telefoon/", {"kind": "own"})
    assert client.session["kind"] == "own" and client.get(f"{DATA}paspoort.json").status_code == 200


def test_while_an_erasure_waits_the_school_makes_no_way_in(sam, mentor, token):
    Student.objects.filter(pk=sam.pk).update(erase_after=timezone.now() + DAY)
    for act in (badges.reset_pin, badges.replace_badge):
        with pytest.raises(Refusal, match="not_now"):
            act(sam, by=mentor)
    assert badges.check(token, PIN).outcome is Outcome.IN
    Badge.objects.all().delete()
    with pytest.raises(Refusal, match="not_now"):
        badges.make_badge(sam, by=mentor)
    assert badges.make_badges([sam], by=mentor) == {}


def test_a_frozen_passport_keeps_its_card_and_may_get_a_new_one(sam, mentor, token):
    Student.objects.filter(pk=sam.pk).update(frozen_at=timezone.now())
    assert badges.check(badges.replace_badge(sam, by=mentor), PIN).outcome is Outcome.IN


def test_a_session_left_open_becomes_no_long_one(client, sam, token):
    come_in(client, token)
    with later(timedelta(minutes=6)):
        asked = client.post("/eigen-telefoon/", {"kind": "own"})
        assert asked.url.startswith("/nog-even/?next=/eigen-telefoon/") and client.session["kind"] == "shared"
        client.post("/eigen-telefoon/", {"kind": "shared"})
        assert client.post(asked.url, {"pin": PIN}).url.startswith("/eigen-telefoon/")
        client.post("/eigen-telefoon/", {"kind": "own"})
        assert client.session["kind"] == "own"


# --- Twice, and at once ------------------------------------------------------------------------------------


def _with_app(client: Client, user: User) -> str:
    client.post(LOGIN, {"login": user.username, "password": PASSWORD})
    page = client.get("/instellingen/inloggen/app/").content.decode()
    secret = re.search(r'aria-labelledby="sleutel">(\w+)<', page).group(1)
    client.post("/instellingen/inloggen/app/", {"code": code_of(secret)})
    client.post("/uitloggen/")
    return secret


def test_a_code_of_an_app_works_once(client, imke):
    secret = _with_app(client, imke)
    other = Client()
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        for one in (client, other):
            one.post(LOGIN, {"login": imke.username, "password": PASSWORD})
            one.post(STEP, {"code": code_of(secret, time.time())})
    assert is_in(client) and not is_in(other)


def test_an_old_code_of_an_app_opens_nothing(client, imke):
    secret = _with_app(client, imke)
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        client.post(LOGIN, {"login": imke.username, "password": PASSWORD})
        client.post(STEP, {"code": code_of(secret, time.time() - 60)})
        assert not is_in(client)


def test_a_mail_code_works_once(client, parent):
    other = Client()
    client.post("/inloggen/code/", {"email": EMAIL})
    code, ticket = re.search(r"\d{6}", mail.outbox[0].body).group(), client.session["mail_code"]
    client.post("/inloggen/code/invullen/", {"code": code})
    other.get(LOGIN)
    session = other.session
    session["mail_code"] = ticket
    session.save()
    other.post("/inloggen/code/invullen/", {"code": code})
    assert is_in(client) and not is_in(other)


RACE = """
import django, threading
django.setup()
from django.core.management import call_command
from django.db import connections
for alias in ("default", "keys"):
    call_command("migrate", database=alias, verbosity=0)
from accounts import badges
from accounts.identity import Identity
from accounts.models import Badge, Role, User
from accounts.services import make_student
from tests import factories
here = factories.make_class()
mentor = factories.make_staff(Role.MENTOR, school_class=here)
student = make_student(user=factories.make_user(), identity=Identity("Sam", "Vos"))
student.user.memberships.create(role="student", school_class=here)
token = badges.make_badge(student, by=mentor)
badges.choose_pin(token, "5829")
start, found = threading.Barrier(20), []
def one_try(pin):
    start.wait()
    found.append(badges.check(token, pin).outcome.value)
    connections.close_all()
threads = [threading.Thread(target=one_try, args=(f"{n:04}",)) for n in range(20)]
[one.start() for one in threads], [one.join() for one in threads]
print(len(found), Badge.objects.get().wrong_pins, found.count("wrong"), found.count("wait"))
"""


def test_many_tries_at_the_same_moment_are_counted_one_by_one(tmp_path):
    """Twenty threads with a wrong PIN each: no more than five are looked at, in whatever order they come."""
    env = {**os.environ, "VAR_DIR": str(tmp_path), "DEMO": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
    for name in ("DATABASE_URL", "KEYS_DATABASE_URL", "REDIS_URL"):
        env.pop(name, None)
    run = subprocess.run([sys.executable, "-c", RACE], env=env, capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert run.stdout.split() == ["20", "5", "4", "16"], run.stderr


# --- Sessions ----------------------------------------------------------------------------------------------


def test_a_session_from_before_is_not_the_one_after(client, token):
    client.get(LOGIN)
    show(client, token)
    before = client.session.session_key
    client.post(PIN_PAGE, {"pin": PIN})
    assert is_in(client) and client.session.session_key != before
    thief = Client()
    thief.cookies["session"] = before
    assert not is_in(thief)


def test_after_logging_out_the_cookie_opens_nothing(client, token):
    come_in(client, token)
    stolen = client.session.session_key
    client.post("/uitloggen/")
    thief = Client()
    thief.cookies["session"] = stolen
    assert not is_in(thief)


def test_after_another_pin_no_other_session_goes_on(client, sam, token):
    other = Client()
    come_in(other, token)
    come_in(client, token)
    client.post("/instellingen/inloggen/pincode/", {"pin": "7304", "again": "7304"})
    assert is_in(client) and not is_in(other)


def test_after_another_password_no_other_session_goes_on(client, imke):
    client.post(LOGIN, {"login": imke.username, "password": PASSWORD})
    imke.set_password("vier-paarden-op-een-dak")
    imke.save()
    assert not is_in(client)


def test_who_is_stopped_is_out_at_once(client, sam, token):
    come_in(client, token)
    User.objects.filter(pk=sam.user.pk).update(is_active=False)
    assert not is_in(client)


@pytest.mark.parametrize("door", ["badge", "password", "mail code", "demo", "school"])
def test_every_door_writes_the_session_down_so_it_can_be_ended(client, settings, monkeypatch, sam, parent, token, door):
    who = parent if door == "mail code" else sam.user
    if door == "badge":
        come_in(client, token)
    elif door == "password":
        client.post(LOGIN, {"login": sam.user.username, "password": PASSWORD})
    elif door == "mail code":
        client.post("/inloggen/code/", {"email": EMAIL})
        code = re.search(r"\d{6}", mail.outbox[0].body).group()
        client.post("/inloggen/code/invullen/", {"code": code})
    elif door == "demo":
        User.objects.filter(pk=sam.user.pk).update(username="student.full")
        client.post("/demo/", {"username": "student.full"})
    else:
        school = FakeSchool()
        use_schools(settings, monkeypatch, ("entree", school))
        come_in(client, token)
        back_from_school(client, leave_for_school(client, school)["state"])
        client.post("/uitloggen/")
        back_from_school(client, leave_for_school(client, school)["state"])
    assert is_in(client)
    assert sessions.end_all_of(who) == 1 and not is_in(client)


# --- What can be heard -------------------------------------------------------------------------------------


def _work(client: Client, path: str, body: dict[str, str]) -> tuple[int, list[str]]:
    with CaptureQueriesContext(connection) as queries:
        status = client.post(path, body).status_code
    return status, [re.split(r" WHERE | VALUES | [\"']s\d", one["sql"])[0] for one in queries]


def test_an_unknown_name_costs_the_same_as_a_wrong_password(sam, monkeypatch):
    hashed: list[str] = []
    hasher = "django.contrib.auth.hashers.MD5PasswordHasher.encode"
    monkeypatch.setattr(hasher, lambda self, password, salt: hashed.append(password) or f"md5${salt}$x")
    known = Client().post(LOGIN, {"login": sam.user.username, "password": "iets anders"})
    count = len(hashed)
    unknown = Client().post(LOGIN, {"login": "niemand", "password": "iets anders"})
    assert len(hashed) == 2 * count and count > 0
    assert _page(known, sam.user.username) == _page(unknown, "niemand")


def _page(answer: Any, name: str) -> str:
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return text.replace(name, "")


def test_a_known_address_is_not_told_from_an_unknown_one_at_wachtwoord_vergeten(imke):
    User.objects.filter(pk=imke.pk).update(email="imke@college.example")
    woken: list[tuple[str, int]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "accounts.staff_links.current_app.send_task", lambda name, args: woken.append((name, len(args[0])))
        )
        known = _work(Client(), "/wachtwoord/vergeten/", {"email": "imke@college.example"})
        unknown = _work(Client(), "/wachtwoord/vergeten/", {"email": "niemand@college.example"})
    assert known == unknown and woken[0] == woken[1]


def test_every_token_gets_the_same_page_before_the_button(client, token):
    first = client.get(f"/kaart/{token}/")
    other = client.get(f"/kaart/{badges._new_token()}/")
    assert _page(first, "") == _page(other, "")


def test_opening_the_link_of_a_card_changes_nothing(client, token):
    with CaptureQueriesContext(connection) as queries:
        for _ in range(3):
            client.get(f"/kaart/{token}/")
            client.head(f"/kaart/{token}/")
    assert not [one["sql"] for one in queries if "badge" in one["sql"].lower() or "INSERT" in one["sql"]]
    assert client.get(PIN_PAGE).url == "/kaart/"


def test_the_token_of_a_card_is_in_no_referer_and_no_later_address(client, token):
    page, on = client.get(f"/kaart/{token}/"), client.post(f"/kaart/{token}/")
    assert page["Referrer-Policy"] == on["Referrer-Policy"] == "strict-origin"
    assert token not in page.content.decode() and token not in on.url
    assert page["Cache-Control"] and "no-store" in page["Cache-Control"]


def test_the_token_of_a_card_is_in_no_log_and_no_session(client, sam, token, caplog):
    with caplog.at_level(logging.DEBUG):
        come_in(client, token, "0001")
        client.get(f"/kaart/{token}/")
        come_in(client, token)
    lines = " ".join(JsonFormatter().format(one) for one in caplog.records)
    assert '"badge"' in lines and token not in lines and PIN not in lines
    assert token not in json.dumps(dict(client.session.items()))


def test_the_database_alone_tells_no_token_and_no_pin(token):
    row = str(Badge.objects.values_list().get())
    assert token not in row and PIN not in row
    assert "argon2" in row or "md5" in row  # the tests hash quickly; the product's hasher is argon2id


def test_a_stolen_table_does_not_fall_to_ten_thousand_guesses(sam, token):
    """Without the student's key, in the other database, no PIN fits the hash."""
    from django.contrib.auth.hashers import check_password

    stored = Badge.objects.get().pin_hash
    assert not any(check_password(f"{number:04}", stored) for number in range(10_000))


# --- Elsewhere ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
@pytest.mark.parametrize("door", [LOGIN, "/inloggen/pincode/", "/nog-even/"])
def test_a_log_in_leads_nowhere_else(client, sam, token, door, there):
    if door == LOGIN:
        answer = client.post(LOGIN, {"login": sam.user.username, "password": PASSWORD, "next": there})
    else:
        come_in(client, token) if door == "/nog-even/" else show(client, token)
        answer = client.post(door, {"pin": PIN, "next": there})
    assert answer.status_code == 302 and answer.url == "/vandaag/"


@pytest.mark.parametrize(
    "path",
    ["/inloggen/", "/kaart/", "/kaart/X/", "/inloggen/pincode/", "/inloggen/mail/", "/inloggen/code/",
     "/inloggen/passkey/", "/inloggen/tweede-stap/", "/wachtwoord/vergeten/", "/uitloggen/"],
)  # fmt: skip
def test_no_door_opens_from_another_site(path):
    assert Client(enforce_csrf_checks=True).post(path, {"pin": PIN}).status_code == 403


def test_of_the_library_only_the_listed_pages_exist():
    """No sign-up, no e-mail page, no social account page came along."""
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    theirs = {
        name for name in names if name.startswith(("account_", "mfa_", "socialaccount", "openid", "usersessions"))
    }
    assert theirs == {
        "account_login", "account_request_login_code", "account_confirm_login_code", "account_reset_password",
        "account_reset_password_from_key", "account_reauthenticate", "mfa_login_webauthn", "mfa_authenticate",
        "mfa_reauthenticate_webauthn", "mfa_add_webauthn", "mfa_remove_webauthn", "mfa_activate_totp",
        "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "openid_connect_login",
        "openid_connect_callback",
    }  # fmt: skip


@pytest.mark.parametrize("credential", ["", "{}", "[]", "null", '{"id": "x"}', '{"response": {"userHandle": "AAAA"}}'])
def test_a_made_up_passkey_opens_nothing(client, sam, credential):
    client.get("/inloggen/passkey/", headers={"X-Requested-With": "XMLHttpRequest", "Accept": "application/json"})
    answer = client.post("/inloggen/passkey/", {"credential": credential})
    assert answer.status_code == 302 and answer.url == LOGIN and not is_in(client)


@pytest.mark.parametrize("credential", ["", "{}", "[]", "1", '{"id": "x"}', '{"id": 1, "rawId": 2, "response": 3}'])
def test_a_made_up_passkey_is_not_kept(client, token, credential):
    come_in(client, token)
    client.get("/instellingen/inloggen/passkey/")
    page = client.post("/instellingen/inloggen/passkey/", {"credential": credential})
    assert page.status_code == 200 and not Authenticator.objects.exists()


# --- The log-in of a school --------------------------------------------------------------------------------


@pytest.fixture
def school(settings, monkeypatch):
    school = FakeSchool()
    use_schools(settings, monkeypatch, ("entree", school))
    return school


@pytest.fixture
def tied(client, school, token):
    """Sam tied it and went home."""
    come_in(client, token)
    back_from_school(client, leave_for_school(client, school)["state"])
    client.post("/uitloggen/")
    return school


def test_the_right_token_does_let_in(client, tied):
    back_from_school(client, leave_for_school(client, tied)["state"])
    assert is_in(client)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "somebody-else"}, {"aud": ["paspoort", "somebody-else"]}, {"aud": None}, {"azp": "somebody-else"},
        {"nonce": "another"}, {"nonce": None}, {"nonce": ""}, {"exp": 1}, {"exp": None}, {"iat": None},
        {"iss": "https://evil.example"}, {"iss": None}, {"discovered": "https://evil.example"}, {"sub": None},
        {"sub": ["s-1"]}, {"nbf": 4102444800},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_with_one_wrong_claim_opens_nothing(client, tied, claims):
    asked = leave_for_school(client, tied)
    tied.says = claims
    answer = back_from_school(client, asked["state"])
    assert answer.status_code == 403 and not is_in(client)
    assert SocialAccount.objects.count() == 1


@pytest.mark.parametrize("how", ["other key", "no signature", "symmetric", "no key id", "unknown key id"])
def test_a_token_with_a_wrong_signature_opens_nothing(client, tied, how):
    asked = leave_for_school(client, tied)
    if how == "other key":
        tied.signs_with = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    tied.alg = {"no signature": "none", "symmetric": "HS256"}.get(how, "RS256")
    tied.kid = {"no key id": None, "unknown key id": "k2"}.get(how, "k1")
    assert back_from_school(client, asked["state"]).status_code == 403 and not is_in(client)


@pytest.mark.parametrize("state", ["", "another"])
def test_a_way_back_that_nobody_left_for_opens_nothing(client, tied, state):
    leave_for_school(client, tied)
    assert back_from_school(client, state).status_code == 403 and not is_in(client)


def test_the_way_back_works_once_and_in_one_browser(client, tied):
    asked = leave_for_school(client, tied)
    thief = Client()
    assert back_from_school(thief, asked["state"]).status_code == 403
    back_from_school(client, asked["state"])
    client.post("/uitloggen/")
    assert back_from_school(client, asked["state"]).status_code == 403 and not is_in(client)


def test_the_way_back_is_over_after_ten_minutes(client, tied):
    asked = leave_for_school(client, tied)
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        tied.says = {"exp": int(time.time()) + 300}
        assert back_from_school(client, asked["state"]).status_code == 403 and not is_in(client)


def test_a_token_of_another_log_in_opens_nothing(client, tied):
    """The nonce of one journey in the token of the next: a replayed token."""
    leave_for_school(client, tied)
    old = tied.nonce
    asked = leave_for_school(client, tied)
    tied.nonce = old
    assert back_from_school(client, asked["state"]).status_code == 403 and not is_in(client)


def test_the_same_subject_and_address_of_another_school_is_somebody_else(client, settings, monkeypatch, tied, sam):
    User.objects.filter(pk=sam.user.pk).update(email="sam@example.nl")
    other = FakeSchool("https://anders.example")
    use_schools(settings, monkeypatch, ("entree", tied), ("surf", other))
    answer = back_from_school(client, leave_for_school(client, other, "surf")["state"], "surf")
    assert "We kennen je school hier nog niet" in answer.content.decode() and not is_in(client)
    assert SocialAccount.objects.count() == 1


def test_another_issuer_under_the_same_name_is_somebody_else(client, settings, monkeypatch, tied):
    """A school that moves to another provider keeps nobody's log-in by accident."""
    moved = FakeSchool("https://anders.example")
    use_schools(settings, monkeypatch, ("entree", moved))
    back_from_school(client, leave_for_school(client, moved)["state"])
    assert not is_in(client)


def test_a_state_of_one_school_does_not_open_another(client, settings, monkeypatch, tied):
    other = FakeSchool("https://anders.example")
    use_schools(settings, monkeypatch, ("entree", tied), ("surf", other))
    asked = leave_for_school(client, other, "surf")
    assert back_from_school(client, asked["state"], "entree").status_code == 403 and not is_in(client)


def test_nothing_is_tied_by_an_e_mail_address(client, sam, school):
    User.objects.filter(pk=sam.user.pk).update(email="sam@example.nl")
    sam.user.emailaddress_set.create(email="sam@example.nl", verified=True, primary=True)
    back_from_school(client, leave_for_school(client, school)["state"])
    assert not is_in(client) and not SocialAccount.objects.exists()


def test_a_school_gives_nobody_a_role(client, sam, tied):
    tied.says = {"eduPersonAffiliation": ["employee", "staff"], "roles": ["mentor"], "is_superuser": True}
    back_from_school(client, leave_for_school(client, tied)["state"])
    assert client.get("/api/v1/me/").json()["roles"] == ["student"]
    assert not User.objects.get(pk=sam.user.pk).is_superuser
