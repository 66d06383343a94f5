"""Coming in on a phone: a card for the first time, a wrong PIN, a lost one, and a passkey of the phone itself."""

import os
import subprocess

import pytest

from tests.journeys.conftest import PHONE, ROOT, Person, Site

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
AT_SCHOOL = "from accounts import badges; from accounts.models import User; of = User.objects.get; "
MENTOR = "by=of(username='mentor.one')"
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def at_school(site: Site, line: str) -> str:
    """What the mentor does on another screen; returns what it says."""
    command = [".venv/bin/python", "manage.py", "shell", "-v", "0", "-c", AT_SCHOOL + line]
    env = {**os.environ, **site.settings}
    return subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def token(site: Site) -> str:
    """The card of student.young."""
    student = "of(username='student.young').student"
    new = f"badges.replace_badge({student}, {MENTOR}) if badges.card_of({student}) else"
    return at_school(site, f"print({new} badges.make_badge({student}, {MENTOR}))").splitlines()[-1]


def choose(somebody: Person, pin: str, again: str = "") -> Person:
    somebody.page.get_by_label("Je nieuwe pincode").fill(pin)
    somebody.page.get_by_label("Nog een keer").fill(again or pin)
    return somebody.tap("Bewaar")


def type_pin(somebody: Person, pin: str) -> Person:
    somebody.page.get_by_label("Je pincode").fill(pin)
    return somebody.tap("Inloggen")


def reset(site: Site) -> None:
    at_school(site, f"badges.reset_pin(of(username='student.young').student, {MENTOR})")


def a_day_later(site: Site) -> None:
    """The first day after the school acted on a card no other way in is added."""
    ago = "from datetime import timedelta; card = badges.card_of(of(username='student.young').student); "
    at_school(site, ago + "card.made_at -= timedelta(2); card.pin_reset_at -= timedelta(2); card.save()")


@pytest.mark.parametrize(
    "scripts", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["with-scripts", "without-scripts"]
)
def test_a_card_a_pin_of_ones_own_and_a_lost_one(person, site, token, scripts):
    reset(site)
    student = person(PHONE, java_script_enabled=scripts)
    student.page.goto(f"/kaart/{token}/")
    student.sees("Is dit jouw kaart?").in_all_ways("badge").tap("Ga verder")
    student.sees("Kies je pincode").screen("login-2-choose")
    choose(student, "1234").sees("te makkelijk").screen("login-3-easy")
    choose(student, "5829").page.wait_for_url("**/vandaag/")
    student.tap("Stop voor nu")

    student.page.goto(f"/kaart/{token}/")
    student.tap("Ga verder").sees("Vul je pincode in").screen("login-4-pin")
    type_pin(student, "1111").sees("Deze pincode klopt niet.").screen("login-5-wrong")
    type_pin(student, "5829").page.wait_for_url("**/vandaag/")
    student.tap("Stop voor nu")

    reset(site)
    student.page.goto(f"/kaart/{token}/")
    student.tap("Ga verder").sees("Kies je pincode")
    choose(student, "7304").page.wait_for_url("**/vandaag/")
    student.page.goto("/instellingen/inloggen/")
    student.sees("Zo houd jij je paspoort").screen("login-6-own-ways")
    student.tap("Stop voor nu")


def test_a_passkey_of_ones_own_phone(person, site, token):
    reset(site)
    student = person(PHONE)
    device = student.context.new_cdp_session(student.page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    student.page.goto(f"/kaart/{token}/")
    choose(student.tap("Ga verder"), "5829").page.wait_for_url("**/vandaag/")
    a_day_later(site)
    student.page.goto("/instellingen/inloggen/")
    student.link("Maak een passkey").sees("Doe dit alleen op je eigen telefoon").screen("login-7-passkey")
    student.tap("Maak een passkey").sees("Inloggen kan nu ook met een passkey").screen("login-8-passkey-there")
    student.tap("Stop voor nu")

    student.page.goto("/inloggen/")
    student.screen("login-9-doors").tap("Met een passkey").page.wait_for_url("**/vandaag/")
    student.page.goto("/instellingen/inloggen/")
    student.link("Haal weg").screen("login-10-passkey-away").tap("Ja, haal weg").sees("Maak een passkey")


@pytest.mark.parametrize("path", ["/kaart/", "/inloggen/mail/", "/wachtwoord/vergeten/"])
def test_the_other_doors_are_right_on_a_phone(person, path):
    visitor = person(PHONE)
    visitor.page.goto(path)
    visitor.screen(f"login-{path.strip('/').replace('/', '-')}")
