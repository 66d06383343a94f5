"""Staff outside the demo: a link to begin with, a password, a second step before anything else, emergency codes."""

import re
import time
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import second_factor, staff_links, tasks
from accounts.models import User
from accounts.refusals import NotHere
from tests import factories
from tests.accounts.coming_in import card_of, code_of, come_in, is_in
from tests.factories import PASSWORD

APP, STEP, CODES = "/instellingen/inloggen/app/", "/inloggen/tweede-stap/", "/instellingen/inloggen/noodcodes/"
NEW_PASSWORD = "vier-paarden-op-een-dak"


@pytest.fixture(autouse=True)
def real_site(settings):
    """No demo, and a worker that works at once."""
    cache.clear()
    settings.DEMO = False


@pytest.fixture(autouse=True)
def woken(monkeypatch):
    calls = []

    def send_task(name, args):
        calls.append((name, args))
        getattr(tasks, name.rpartition(".")[2])(*args)

    monkeypatch.setattr("accounts.staff_links.current_app.send_task", send_task)
    return calls


@pytest.fixture
def imke(imke):
    User.objects.filter(pk=imke.pk).update(email="imke@college.example")
    return User.objects.get(pk=imke.pk)


def log_in(client, who, password=PASSWORD):
    return client.post("/inloggen/", {"login": who.username, "password": password})


def set_app(client):
    """Sets the app; returns its key."""
    secret = re.search(r'aria-labelledby="sleutel">(\w+)<', client.get(APP).content.decode()).group(1)
    response = client.post(APP, {"code": code_of(secret)})
    assert response.url == CODES
    return secret


@pytest.fixture
def secret(client, imke):
    """Imke set an app, and logged out."""
    log_in(client, imke)
    secret = set_app(client)
    client.post("/uitloggen/")
    return secret


# --- Forced ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["/intake/", "/gedeeld/", "/instellingen/", "/instellingen/inloggen/"])
def test_every_page_leads_to_the_second_step_first(client, imke, page):
    log_in(client, imke)
    assert client.get(page).url == "/tweede-stap/"
    assert "Maak een passkey" in client.get("/tweede-stap/").content.decode()


def test_the_api_says_so_too(client, imke):
    log_in(client, imke)
    answer = client.get("/api/v1/dossiers/")
    assert answer.status_code == 403 and answer.json()["code"] == "second_factor"


def test_the_page_of_the_app_has_a_code_to_scan_and_nothing_from_elsewhere(client, imke):
    log_in(client, imke)
    page = client.get(APP).content.decode()
    assert '<path d="M' in page and "data:image" not in page and "otpauth" not in page


def test_with_an_app_set_the_pages_open(client, imke):
    log_in(client, imke)
    set_app(client)
    assert client.get("/intake/").status_code == 200
    assert len(re.findall(r"<code>\d{12}</code>", client.get(CODES).content.decode())) == 10


def test_in_the_demo_nothing_is_asked(client, settings, imke):
    settings.DEMO = True
    log_in(client, imke)
    assert client.get("/intake/").status_code == 200


def test_students_and_parents_are_never_asked(client, sam, mentor):
    come_in(client, card_of(sam, mentor))
    assert client.get("/vandaag/").status_code == 200
    assert [client.get(path).status_code for path in ("/tweede-stap/", APP, CODES)] == [404] * 3


def test_a_session_that_says_nothing_is_not_trusted(browser_of, imke):
    assert browser_of(imke).get("/intake/").url == "/tweede-stap/"


# --- Coming in ---------------------------------------------------------------------------------------------


def later(minutes=2):
    return time_machine.travel(timezone.now() + timezone.timedelta(minutes=minutes), tick=False)


def test_password_and_code_let_somebody_in(client, imke, secret):
    with later():
        assert log_in(client, imke).url == STEP and not is_in(client)
        assert client.post(STEP, {"code": code_of(secret, time.time())}).url == "/intake/"
        assert client.get("/intake/").status_code == 200


def test_a_wrong_code_lets_nobody_in(client, imke, secret):
    with later():
        log_in(client, imke)
        page = client.post(STEP, {"code": "000000"}).content.decode()
        assert "Deze code klopt niet." in page and not is_in(client)


def test_without_the_password_there_is_no_second_step(client, imke, secret):
    assert client.get(STEP).url.startswith("/inloggen/")
    assert client.post(STEP, {"code": code_of(secret)}).url.startswith("/inloggen/")


def test_an_emergency_code_works_once(client, imke):
    log_in(client, imke)
    set_app(client)
    one = re.search(r"<code>(\d{12})</code>", client.get(CODES).content.decode()).group(1)
    for works in (True, False):
        client.post("/uitloggen/")
        log_in(client, imke)
        client.post(STEP, {"code": one})
        assert is_in(client) is works


def test_the_last_second_step_stays(client, imke, secret):
    with later():
        log_in(client, imke)
        client.post(STEP, {"code": code_of(secret, time.time())})
        client.post("/instellingen/inloggen/app/weg/")
        assert second_factor.has_one(imke)


def test_what_makes_the_codes_is_sealed(imke, secret):
    row = Authenticator.objects.get(type="totp")
    assert secret not in str(row.data) and row.wrap().instance.data["secret"]
    assert second_factor.MFAAdapter().decrypt(row.data["secret"]) == secret


def test_who_lost_everything_begins_anew_and_is_out_meanwhile(client, imke):
    log_in(client, imke)
    set_app(client)
    said = StringIO()
    call_command("drop_second_factor", imke.username, stdout=said)
    assert said.getvalue() == "2 taken away, 1 sessions ended\n" and not is_in(client)
    assert "veranderd" in mail.outbox[-1].subject
    log_in(client, imke)
    assert client.get("/intake/").url == "/tweede-stap/"


def test_an_unknown_name_is_said(imke):
    with pytest.raises(CommandError, match="Nobody"):
        call_command("drop_second_factor", "niemand")


# --- The link ----------------------------------------------------------------------------------------------


def link_of(client, user):
    staff_links.invite(user)
    return re.search(r"http\S+", mail.outbox[-1].body).group().removeprefix("http://localhost:8000")


def test_from_the_invitation_to_the_first_page(client, imke):
    link = link_of(client, imke)
    assert mail.outbox[0].to == ["imke@college.example"] and "Imke" not in mail.outbox[0].body
    form = client.get(link).url
    assert form.endswith("set-password/") and link.split("-", 1)[1].strip("/") not in form
    client.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert client.get("/intake/").url == "/tweede-stap/"
    set_app(client)
    assert client.get("/intake/").status_code == 200


def test_the_link_works_once(client, imke):
    link = link_of(client, imke)
    client.post(client.get(link).url, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    client.post("/uitloggen/")
    assert "werkt niet meer" in client.get(link).content.decode()


def test_the_link_is_over_after_three_days(client, imke):
    link = link_of(client, imke)
    with time_machine.travel(timezone.now() + timezone.timedelta(days=3, hours=2), tick=False):
        assert "werkt niet meer" in client.get(link).content.decode()


@pytest.mark.parametrize("password", ["kort", "q1w2e3r4t5y6"])
def test_a_weak_password_is_refused(client, imke, password):
    form = client.get(link_of(client, imke)).url
    page = client.post(form, {"password1": password, "password2": password})
    assert page.status_code == 200 and "Dit lukte niet" in page.content.decode() and not is_in(client)


def test_a_new_password_asks_for_the_second_step_that_is_there(client, imke, secret):
    form = client.get(link_of(client, imke)).url
    assert client.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}).url == STEP
    assert not is_in(client)


def test_students_and_parents_get_no_link(sam, woken):
    with pytest.raises(NotHere):
        staff_links.start_link(sam.user)
    parent = factories.make_parent(sam).user
    User.objects.filter(pk=parent.pk).update(email="ouder@example.nl")
    staff_links.ask("ouder@example.nl")
    assert mail.outbox == [] and len(woken) == 1


def test_who_changed_how_they_log_in_hears_it_by_mail(client, imke, django_capture_on_commit_callbacks):
    log_in(client, imke)
    with django_capture_on_commit_callbacks(execute=True):
        set_app(client)
    (note,) = [one for one in mail.outbox if "veranderd" in one.subject]
    assert note.to == ["imke@college.example"] and "app" not in note.body and "127.0.0.1" not in note.body
