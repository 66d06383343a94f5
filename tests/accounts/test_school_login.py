"""Coming in with the log-in of a school: tied by oneself, by (issuer, sub), and nothing else is taken over."""

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken

from accounts.models import User
from accounts.school_login import uid_of
from config.env import WrongSetting, oidc_providers
from tests.accounts.coming_in import (
    FakeSchool,
    back_from_school,
    card_of,
    come_in,
    is_in,
    leave_for_school,
    use_schools,
)

LEAVE = "/inloggen/school/entree/"


@pytest.fixture
def school(settings, monkeypatch):
    school = FakeSchool()
    use_schools(settings, monkeypatch, ("entree", school))
    return school


def tie(client, school):
    asked = leave_for_school(client, school)
    return back_from_school(client, asked["state"])


@pytest.fixture
def tied(client, sam, mentor, school):
    """Sam tied the school's log-in and went home."""
    come_in(client, card_of(sam, mentor))
    tie(client, school)
    client.post("/uitloggen/")
    return school


def test_without_configuration_there_is_no_such_door(client, settings):
    assert client.get(LEAVE).status_code == 404 and client.post(LEAVE).status_code == 404
    assert client.get(f"{LEAVE}terug/", {"code": "x", "state": "y"}).status_code == 404
    assert "school/" not in client.get("/inloggen/").content.decode().split("<main")[1]


def test_a_student_ties_it_and_comes_in_with_it(client, sam, tied):
    assert not is_in(client)
    tie(client, tied)
    assert is_in(client) and client.session["_auth_user_id"] == str(sam.user.pk)
    assert client.session["kind"] == "shared"


def test_what_is_asked_and_what_is_kept(client, sam, mentor, school):
    come_in(client, card_of(sam, mentor))
    asked = leave_for_school(client, school)
    assert asked["scope"] == "openid" and asked["code_challenge_method"] == "S256" and len(asked["nonce"]) > 20
    back_from_school(client, asked["state"])
    assert school.verifier
    row = SocialAccount.objects.get()
    assert (row.user, row.provider, row.uid, row.extra_data) == (sam.user, "entree", uid_of(school.issuer, "s-1"), {})
    assert not SocialToken.objects.exists()
    sam.user.refresh_from_db()
    assert sam.user.email == "" and not sam.user.staff_name


def test_who_is_not_tied_stays_out_and_nobody_is_made(client, sam, school):
    before = User.objects.count()
    page = tie(client, school).content.decode()
    assert "We kennen je school hier nog niet" in page
    assert not is_in(client) and User.objects.count() == before and not SocialAccount.objects.exists()


def test_no_longer_after_untying(client, sam, tied):
    tie(client, tied)
    client.post("/instellingen/inloggen/school/entree/weg/")
    client.post("/uitloggen/")
    tie(client, tied)
    assert not is_in(client)


def test_one_log_in_of_a_school_is_of_one_person(client, noor, mentor, tied, class_a):
    noor.user.memberships.create(role="student", school_class=class_a)
    come_in(client, card_of(noor, mentor))
    response = tie(client, tied)
    assert "Iemand anders gebruikt dit al" in client.get(response.url).content.decode()
    assert SocialAccount.objects.count() == 1 and not SocialAccount.objects.filter(user=noor.user).exists()


def test_a_visit_alone_goes_nowhere(client, school):
    page = client.get(LEAVE)
    assert page.status_code == 200 and "Ga verder" in page.content.decode()


def test_the_log_in_page_names_the_school(client, school):
    assert "Met je school: Entree" in client.get("/inloggen/").content.decode()


def test_staff_still_need_their_second_step(client, settings, imke, school):
    client.post("/inloggen/", {"login": imke.username, "password": "a long enough password"})
    tie(client, school)
    client.post("/uitloggen/")
    settings.DEMO = False
    tie(client, school)
    assert client.get("/intake/").url == "/tweede-stap/"


@pytest.mark.parametrize(
    "value",
    [
        "{", "{}", "[1]", '[{"id": "a"}]',
        '[{"id": "A b", "name": "x", "issuer": "https://x", "client_id": "x", "client_secret": "x"}]',
        '[{"id": "a", "name": "x", "issuer": "http://x", "client_id": "x", "client_secret": "x"}]',
        '[{"id": "a", "name": "x", "issuer": "https://x", "client_id": "x", "client_secret": ""}]',
    ],
)  # fmt: skip
def test_a_wrong_setting_stops_the_start_without_its_value(monkeypatch, value):
    monkeypatch.setenv("OIDC_PROVIDERS", value)
    with pytest.raises(WrongSetting) as error:
        oidc_providers("OIDC_PROVIDERS")
    assert str(error.value).startswith("OIDC_PROVIDERS: ") and value not in str(error.value)


def test_a_right_setting_is_read(monkeypatch):
    value = '[{"id": "a", "name": "x", "issuer": "https://x", "client_id": "x", "client_secret": "x"}]'
    monkeypatch.setenv("OIDC_PROVIDERS", value)
    assert oidc_providers("OIDC_PROVIDERS")[0]["id"] == "a" and oidc_providers("NOT_SET") == []
