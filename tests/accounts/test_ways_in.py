"""One's own ways in: an address that keeps working after school, sessions, and showing once more who one is."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import badges, own_mail, tasks
from accounts.models import User
from tests import factories
from tests.accounts.coming_in import PIN, card_of, come_in, is_in

PAGE, ADD, CONFIRM = "/instellingen/inloggen/", "/instellingen/inloggen/mail/", "/instellingen/inloggen/mail/code/"
EMAIL = "sam@thuis.example"


@pytest.fixture(autouse=True)
def worker(monkeypatch):
    cache.clear()

    def send_task(name, args):
        getattr(tasks, name.rpartition(".")[2])(*args)

    monkeypatch.setattr("accounts.mail_codes.current_app.send_task", send_task)


@pytest.fixture
def inside(client, sam, mentor):
    """Sam, in with the card."""
    come_in(client, card_of(sam, mentor))
    return client


def code():
    return re.search(r"\b\d{6}\b", mail.outbox[-1].body).group()


def add(client, email=EMAIL):
    client.post(ADD, {"email": email})
    return client.post(CONFIRM, {"code": code()})


# --- An address of one's own -------------------------------------------------------------------------------


def test_a_student_adds_an_address_and_comes_in_with_it(inside, sam):
    assert "Zo houd jij je paspoort" in inside.get(PAGE).content.decode()
    assert add(inside).url == PAGE
    assert "Zo houd jij je paspoort" not in inside.get(PAGE).content.decode()
    sam.user.refresh_from_db()
    assert (own_mail.address_of(sam.user), sam.user.email) == (EMAIL, EMAIL)
    home = Client()
    home.post("/inloggen/mail/", {"email": EMAIL.upper()})
    home.post("/inloggen/code/invullen/", {"code": code()})
    assert is_in(home) and home.session["_auth_user_id"] == str(sam.user.pk)


def test_it_works_when_school_is_over_and_the_card_does_not(client, sam, mentor):
    token, today = card_of(sam, mentor), timezone.localdate()
    come_in(client, token)
    add(client)
    sam.user.memberships.update(ends_on=today)
    home, late = Client(), Client()
    with time_machine.travel(timezone.now() + timedelta(days=365), tick=False):
        come_in(late, token)
        assert not is_in(late)
        home.post("/inloggen/mail/", {"email": EMAIL})
        home.post("/inloggen/code/invullen/", {"code": code()})
        assert is_in(home)


def test_not_before_it_is_proved(inside):
    inside.post(ADD, {"email": EMAIL})
    inside.post(CONFIRM, {"code": "000000"})
    mail.outbox.clear()
    Client().post("/inloggen/mail/", {"email": EMAIL})
    assert mail.outbox == []


def test_no_longer_after_it_was_taken_away(inside, sam):
    add(inside)
    inside.post("/instellingen/inloggen/mail/weg/")
    mail.outbox.clear()
    Client().post("/inloggen/mail/", {"email": EMAIL})
    assert mail.outbox == [] and not EmailAddress.objects.exists()
    assert User.objects.get(pk=sam.user.pk).email == ""


def test_a_new_address_takes_the_place_of_the_old(inside, sam):
    add(inside)
    add(inside, "anders@thuis.example")
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["anders@thuis.example"]


def test_an_address_of_somebody_else_is_refused_to_who_reads_its_mail(inside, sam):
    parent = factories.make_parent(sam).user
    User.objects.filter(pk=parent.pk).update(email=EMAIL)
    inside.post(ADD, {"email": EMAIL})
    assert "iemand anders" in inside.post(CONFIRM, {"code": code()}).content.decode()
    assert own_mail.address_of(sam.user) == ""


def test_the_code_for_a_new_address_lets_nobody_in(inside):
    inside.post(ADD, {"email": EMAIL})
    thief = Client()
    thief.post("/inloggen/mail/", {"email": EMAIL})
    thief.post("/inloggen/code/invullen/", {"code": code()})
    assert not is_in(thief)


def test_the_mail_says_nothing_but_the_code(inside, sam, class_a):
    inside.post(ADD, {"email": EMAIL})
    words = f"{mail.outbox[0].subject} {mail.outbox[0].body}"
    assert not [word for word in ("Sam", "Vos", "paspoort", "school", class_a.institution.name) if word in words]


def test_who_has_an_address_hears_that_the_pin_was_taken_away(inside, sam, mentor):
    add(inside)
    badges.reset_pin(sam, by=mentor)
    assert mail.outbox[-1].to == [EMAIL] and mail.outbox[-1].subject == "Inloggen is veranderd"
    assert mentor.staff_name not in mail.outbox[-1].body


def test_an_address_nobody_proved_goes_after_a_day(inside, sam):
    inside.post(ADD, {"email": EMAIL})
    assert own_mail.drop_unproved() == 0
    with time_machine.travel(timezone.now() + timedelta(days=1, hours=1), tick=False):
        assert own_mail.drop_unproved() == 1


@pytest.mark.parametrize("path", [ADD, CONFIRM, "/instellingen/inloggen/pincode/"])
def test_these_pages_are_for_students(browser_of, imke, path):
    assert browser_of(imke).get(path).status_code == 404


# --- Where one is logged in --------------------------------------------------------------------------------


def test_a_student_sees_where_and_ends_it_there(inside, sam):
    other = Client(headers={"User-Agent": "Mozilla/5.0 (Linux; Android 15; SM-A155F) Chrome/140.0"})
    other.post("/inloggen/", {"login": sam.user.username, "password": factories.PASSWORD})
    page = inside.get(PAGE).content.decode()
    assert "Android" in page and "SM-A155F" not in page and page.count("Log daar uit") == 1
    row = UserSession.objects.get(user_agent="Android")
    assert row.ip == "0.0.0.0"
    inside.post("/instellingen/inloggen/uit/", {"session": row.pk})
    assert is_in(inside) and not is_in(other)


def test_everywhere_but_here(inside, sam):
    others = [Client(), Client()]
    for one in others:
        one.post("/inloggen/", {"login": sam.user.username, "password": factories.PASSWORD})
    inside.post("/instellingen/inloggen/uit/", {"session": "all"})
    assert is_in(inside) and not any(is_in(one) for one in others)


@pytest.mark.parametrize("session", ["", "x", "0", "9" * 40])
def test_a_session_that_is_not_ones_own_is_not_there(inside, noor, session):
    other = Client()
    other.post("/inloggen/", {"login": noor.user.username, "password": factories.PASSWORD})
    theirs = UserSession.objects.get(user=noor.user).pk
    for chosen in (session, theirs):
        assert inside.post("/instellingen/inloggen/uit/", {"session": chosen}).status_code == 404
    assert is_in(other)


# --- «Ben jij het nog?» ------------------------------------------------------------------------------------


@pytest.fixture
def own_phone(inside):
    inside.post("/eigen-telefoon/", {"kind": "own"})
    return inside


@pytest.mark.parametrize("path", ["paspoort.json", "paspoort.html"])
def test_on_an_own_phone_a_lot_at_once_is_asked_once_more(own_phone, path):
    assert own_phone.get(f"/instellingen/mijn-gegevens/{path}").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        asked = own_phone.get(f"/instellingen/mijn-gegevens/{path}")
        assert asked.url == f"/nog-even/?next=/instellingen/mijn-gegevens/{path}"
        assert own_phone.post(asked.url, {"pin": PIN}).url == f"/instellingen/mijn-gegevens/{path}"
        assert own_phone.get(f"/instellingen/mijn-gegevens/{path}").status_code == 200


@pytest.mark.parametrize(("unit", "later", "status"), [
    ("need.diagnosis", 2, 403), ("need.diagnosis", 0, 201), ("me.free_time", 2, 201),
])  # fmt: skip
def test_on_an_own_phone_something_sensitive_is_shared_after_showing_it_is_still_you(
    own_phone, care, unit, later, status
):
    wish = {"recipient": {"kind": "programme", "id": str(care.pk)}, "purpose": "intake", "units": [unit],
            "valid_until": str(timezone.localdate() + timedelta(days=20)), "warm_transfer": False}  # fmt: skip
    with time_machine.travel(timezone.now() + timedelta(hours=later), tick=False):
        answer = own_phone.post("/api/v1/shares/", wish, content_type="application/json")
    assert answer.status_code == status
    assert status == 201 or answer.json()["code"] == "once_more"


def test_who_has_nothing_to_show_comes_in_anew(client, sam, class_a):
    client.force_login(sam.user)
    User.objects.filter(pk=sam.user.pk).update(password="!")
    client.force_login(User.objects.get(pk=sam.user.pk))
    page = client.get("/nog-even/").content.decode()
    assert "log opnieuw in" in page and "<input" not in page.split("<main")[1].replace('type="hidden"', "").replace(
        '<input  name="csrf', ""
    )


def test_where_it_leads_stays_here(inside):
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        answer = inside.post("/nog-even/?next=https://evil.example/", {"pin": PIN})
        assert answer.url == "/vandaag/"
