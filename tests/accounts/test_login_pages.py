"""Coming in, where one lands, how long it lasts, and going out."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.demo import ACCOUNTS
from accounts.entrance import home_of, needs_second_factor
from accounts.models import Institution, Role, Tie
from tests import factories
from tests.factories import PASSWORD

LOGIN, DEMO, DEVICE = "/inloggen/", "/demo/", "/eigen-telefoon/"


@pytest.fixture(autouse=True)
def nobody_tried_before():
    cache.clear()


@pytest.fixture
def coordinator():
    college = Institution.objects.create(name="College", kind=Institution.Kind.MBO)
    return factories.make_staff(Role.COORDINATOR, institution=college)


def log_in(client, who, password=PASSWORD, **more):
    username = getattr(who, "user", who).username
    return client.post(LOGIN, {"login": username, "password": password, **more})


def is_in(client):
    return client.get("/instellingen/").status_code == 200


# --- Name and password -------------------------------------------------------------------------------------


def test_a_password_manager_can_fill_the_form(client):
    page = client.get(LOGIN).content.decode()
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert "onpaste" not in page
    assert "placeholder" not in page


def test_a_wrong_password_says_so_and_keeps_the_name(client, sam):
    page = log_in(client, sam, "iets anders").content.decode()
    assert "Deze naam en dit wachtwoord horen niet bij elkaar." in page
    assert "<title>Fout:" in page
    assert sam.user.username in page
    assert "iets anders" not in page
    assert not is_in(client)


def test_an_unknown_name_says_the_same_as_a_wrong_password(client, sam):
    known = log_in(client, sam, "iets anders").content.decode()
    unknown = client.post(LOGIN, {"login": "niemand", "password": "iets anders"}).content.decode()
    sentence = "Deze naam en dit wachtwoord horen niet bij elkaar."
    assert sentence in known
    assert sentence in unknown


def test_an_empty_form_points_at_both_fields(client):
    page = client.post(LOGIN, {}).content.decode()
    assert 'href="#id_login"' in page
    assert 'href="#id_password"' in page


def test_guessing_stops_after_five_tries(client, sam):
    for _ in range(5):
        log_in(client, sam, "geraden")
    assert "te vaak" in log_in(client, sam).content.decode()
    assert not is_in(client)


def test_a_stopped_account_stays_out(client, sam):
    sam.user.is_active = False
    sam.user.save()
    assert log_in(client, sam).status_code == 403
    assert not is_in(client)


def test_logging_in_gives_a_new_session(client, sam):
    client.get(LOGIN)
    client.session["x"] = 1
    client.session.save()
    before = client.session.session_key
    log_in(client, sam)
    assert client.session.session_key != before
    assert client.session["kind"] == "shared"


def test_no_message_names_who_came_in(client, sam):
    response = log_in(client, sam)
    assert "messages" not in response.cookies
    assert sam.user.username not in client.get("/instellingen/").content.decode()


# --- Where one lands ---------------------------------------------------------------------------------------


def test_everybody_lands_on_a_page_of_their_own(sam, imke, mentor, coordinator):
    parent = factories.make_parent(sam).user
    admin = factories.make_user(is_superuser=True)
    people = (sam.user, imke, mentor, parent, coordinator, admin)
    homes = [home_of(person) for person in people]
    assert homes == ["/vandaag/", "/intake/", "/klas/", "/thuis/", "/beheer/", "/welkom/"]


def test_an_intaker_whose_role_is_over_has_no_inbox(care):
    yesterday = timezone.localdate() - timedelta(days=1)
    user = factories.make_staff(Role.INTAKER, programme=care, ends_on=yesterday)
    assert home_of(user) == "/welkom/"


def test_next_is_followed_on_this_site(client, sam):
    assert log_in(client, sam, next="/delen/")["Location"] == "/delen/"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)", "http://testserver/x/"],
)
def test_next_never_leads_away(client, sam, elsewhere):
    assert log_in(client, sam, next=elsewhere)["Location"] == "/vandaag/"


def test_home_sends_whoever_is_in_to_their_page(client, imke):
    assert "Inloggen" in client.get("/").content.decode()
    client.force_login(imke)
    assert client.get("/")["Location"] == "/intake/"


def test_welcome_says_that_nobody_reads_passports_here(client, coordinator):
    client.force_login(coordinator)
    page = client.get("/welkom/").content.decode()
    assert "U leest hier geen paspoorten." in page
    assert "Coördinator" in page


# --- The demo ----------------------------------------------------------------------------------------------


def test_one_tap_logs_in(client):
    student = factories.make_pupil("student.full")
    assert "student.full" in client.get(DEMO).content.decode()
    assert client.post(DEMO, {"username": "student.full"})["Location"] == "/vandaag/"
    assert client.session["kind"] == "shared"
    assert client.session["_auth_user_id"] == str(student.user.pk)


def test_one_tap_works_for_staff_in_the_demo(client, care):
    factories.make_staff(Role.INTAKER, "intaker.care", programme=care)
    assert client.post(DEMO, {"username": "intaker.care"})["Location"] == "/intake/"
    assert client.session["kind"] == "staff"


def test_one_tap_leaves_nothing_of_who_was_in_before(client, care):
    factories.make_pupil("student.full")
    factories.make_staff(Role.INTAKER, "intaker.care", programme=care)
    client.post(DEMO, {"username": "student.full"})
    client.post("/lezen/", {"theme": "dark"})
    client.post(DEMO, {"username": "intaker.care"})
    assert "look" not in client.session
    assert "data-theme" not in client.get("/instellingen/").content.decode()


def test_one_tap_is_only_for_listed_accounts(client, sam):
    assert client.post(DEMO, {"username": sam.user.username}).status_code == 404
    assert not is_in(client)


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_demo_there_is_no_demo_page(client, settings, method):
    settings.DEMO = False
    factories.make_pupil("student.full")
    assert getattr(client, method)(DEMO, {"username": "student.full"}).status_code == 404
    assert not is_in(client)


def test_every_demo_account_is_listed_once():
    names = [account.username for account in ACCOUNTS]
    assert len(names) == len(set(names)) == 22


# --- Without the demo staff need more than a password ------------------------------------------------------


def test_without_demo_a_password_is_not_enough_for_staff(client, settings, imke):
    settings.DEMO = False
    log_in(client, imke)
    assert not is_in(client)
    assert client.get("/intake/").url == "/tweede-stap/"
    assert "tweede stap" in client.get("/tweede-stap/").content.decode()


def test_without_demo_a_student_comes_in(client, settings, sam):
    settings.DEMO = False
    log_in(client, sam)
    assert is_in(client)


def test_a_teacher_who_is_also_a_parent_still_needs_the_second_factor(sam, class_a):
    parent = factories.make_parent(sam).user
    assert not needs_second_factor(parent)
    parent.memberships.create(role=Role.MENTOR, school_class=class_a)
    assert needs_second_factor(parent)


def test_an_admin_and_a_coach_need_the_second_factor(sam):
    coach = factories.make_user()
    factories.make_tie(sam, coach, Tie.Kind.COACH)
    assert needs_second_factor(coach)
    assert needs_second_factor(factories.make_user(is_superuser=True))


# --- How long it lasts -------------------------------------------------------------------------------------


def stays(client, start, *minutes):
    """Whether somebody who touches the site at these minutes after logging in is still in at the last one."""
    for minute in minutes:
        with time_machine.travel(start + timedelta(minutes=minute), tick=False):
            inside = is_in(client)
    return inside


@pytest.mark.parametrize(
    ("who", "minutes", "inside"),
    [
        ("sam", [19], True),
        ("sam", [22], False),
        ("sam", [15, 30, 45], True),
        ("sam", [*range(15, 120, 15), 119], True),
        ("sam", [*range(15, 120, 15), 121], False),
        ("imke", [29], True),
        ("imke", [32], False),
        ("imke", [*range(25, 480, 25), 479], True),
        ("imke", [*range(25, 480, 25), 481], False),
    ],
)
def test_a_session_ends_when_idle_or_old(client, request, who, minutes, inside):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        log_in(client, request.getfixturevalue(who))
    assert stays(client, start, *minutes) is inside


def test_on_an_own_phone_a_student_stays_for_days(client, sam):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        log_in(client, sam)
        client.post(DEVICE, {"kind": "own"})
    days = [hour * 60 for hour in range(10, 14 * 24, 10)]
    assert stays(client, start, *days)
    assert not stays(client, start, 14 * 24 * 60 + 1)


def test_an_ended_session_asks_to_log_in_and_comes_back(client, sam):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        log_in(client, sam)
    with time_machine.travel(start + timedelta(hours=1), tick=False):
        response = client.get("/instellingen/")
        assert response["Location"] == "/inloggen/?next=/instellingen/"
        assert "Wat je hebt bewaard, is er nog." in client.get(response["Location"]).content.decode()


# --- «Is dit jouw eigen telefoon?» -------------------------------------------------------------------------


def test_the_question_comes_once_per_browser(client, settings, sam):
    settings.DEMO = False
    assert log_in(client, sam)["Location"] == f"{DEVICE}?next=%2Fvandaag%2F"
    assert client.post(DEVICE, {"kind": "own", "next": "/vandaag/"})["Location"] == "/vandaag/"
    client.session.flush()
    client.cookies.pop("session")
    assert log_in(client, sam)["Location"] == "/vandaag/"
    assert client.session["kind"] == "own"


def test_the_answer_of_one_student_is_not_that_of_another(client, settings, sam, noor):
    settings.DEMO = False
    log_in(client, sam)
    client.post(DEVICE, {"kind": "own"})
    assert str(sam.user.pk) not in client.cookies["device"].value
    client.cookies.pop("session")
    assert log_in(client, noor)["Location"].startswith(DEVICE)
    assert client.session["kind"] == "shared"


def test_an_invented_answer_changes_nothing(client, sam):
    log_in(client, sam)
    assert client.post(DEVICE, {"kind": "staff"}).status_code == 200
    assert client.session["kind"] == "shared"


def test_the_question_is_for_students_only(client, imke):
    client.force_login(imke)
    assert client.get(DEVICE).status_code == 404


def test_the_next_page_after_the_question_stays_on_this_site(client, sam):
    log_in(client, sam)
    assert client.post(DEVICE, {"kind": "own", "next": "//example.org"})["Location"] == "/vandaag/"


# --- Going out ---------------------------------------------------------------------------------------------


def test_log_out_wipes_the_browser_and_ends_calmly(client, sam):
    log_in(client, sam)
    response = client.post("/uitloggen/")
    assert response["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    page = client.get(response["Location"]).content.decode()
    assert "Klaar voor nu" in page
    assert "Alles is bewaard." in page
    assert not is_in(client)


def test_a_get_of_log_out_only_asks(client, sam):
    log_in(client, sam)
    response = client.get("/uitloggen/")
    assert response.status_code == 200
    assert "Clear-Site-Data" not in response
    assert is_in(client)


# --- Settings and public pages -----------------------------------------------------------------------------


def test_help_names_the_people_of_the_own_class(client, sam, mentor):
    log_in(client, sam)
    assert mentor.staff_name in client.get("/hulp/").content.decode()


def test_help_names_nobody_to_a_stranger(client, sam, mentor):
    assert mentor.staff_name not in client.get("/hulp/").content.decode()


@pytest.mark.parametrize("name", ["home", "privacy", "accessibility", "help", "goodbye", "account_login", "demo"])
def test_public_pages_answer_without_a_log_in(client, name):
    response = client.get(reverse(name))
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("<h1") == 1
    assert "session" not in response.cookies


@pytest.mark.parametrize("path", ["/privacy/", "/toegankelijkheid/", "/woorden/", "/lezen/", "/hulp/", "/nergens/"])
def test_a_student_can_stop_on_a_public_page_too(client, sam, imke, path):
    stop = 'action="/uitloggen/"'
    assert stop not in client.get(path).content.decode()
    log_in(client, sam)
    page = client.get(path).content.decode()
    assert page.count(stop) == page.count("data-stop") == 1 and "Stop voor nu" in page
    if path != "/lezen/":  # that page is staff's own too, with their «Uitloggen»
        reader = Client()
        reader.force_login(imke)
        assert "Stop voor nu</button>" not in reader.get(path).content.decode()


def test_privacy_names_who_runs_the_server(client, settings):
    assert "Dit is een demo." in client.get("/privacy/").content.decode()
    settings.CONTROLLER = "Stichting Voorbeeld"
    assert "Stichting Voorbeeld" in client.get("/privacy/").content.decode()


def test_a_page_that_stood_open_too_long_answers_in_dutch(sam):
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/uitloggen/")
    assert response.status_code == 403
    assert "stond te lang open" in response.content.decode()
