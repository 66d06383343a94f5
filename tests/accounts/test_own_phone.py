"""What may wait on a phone, and whose it is: the server says so, and takes no answer for another."""

import gzip
import json

import pytest
from django.test import Client

from accounts import vault
from accounts.entrance import account_mark
from passport import services
from tests.factories import PASSWORD

DEVICE, PAGE = "/eigen-telefoon/", "/paspoort/vraag/me.others_say/"
ANSWER = "/api/v1/passport/answers/me.others_say/"


def log_in(client, who):
    return client.post("/inloggen/", {"login": who.user.username, "password": PASSWORD})


def outbox_of(client, path=PAGE):
    page = client.get(path).content.decode()
    return "data-outbox=" in page.split("<head>")[0], "outbox.js" in page


def put(client, text, **headers):
    body = json.dumps({"status": "answered", "value": text, "revision": 0})
    return client.put(ANSWER, body, content_type="application/json", headers=headers)


# --- Where an answer may wait ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("https", "kind", "may_wait"), [(True, "own", True), (True, "shared", False), (False, "own", False)]
)
def test_only_on_ones_own_phone_over_https(client, settings, sam, https, kind, may_wait):
    settings.HTTPS = https
    log_in(client, sam)
    client.post(DEVICE, {"kind": kind})
    assert outbox_of(client)[0] is may_wait


def test_before_the_question_was_answered_nothing_waits(client, settings, sam):
    settings.HTTPS = True
    log_in(client, sam)
    assert outbox_of(client) == (False, False)


def test_no_longer_after_one_says_it_is_of_others_too(client, settings, sam):
    settings.HTTPS = True
    log_in(client, sam)
    client.post(DEVICE, {"kind": "own"})
    assert client.post(DEVICE, {"kind": "shared"})["Clear-Site-Data"] == '"storage"'
    assert not outbox_of(client)[0]


def test_no_longer_after_the_log_out(client, settings, sam):
    settings.HTTPS = True
    log_in(client, sam)
    client.post(DEVICE, {"kind": "own"})
    assert "storage" in client.post("/uitloggen/")["Clear-Site-Data"]
    assert not outbox_of(client, "/inloggen/")[0]


def test_on_the_phone_of_another_nothing_waits_and_what_waited_goes(client, settings, sam, noor):
    """Sam's phone, Sam's session is over, Noor logs in."""
    settings.HTTPS = True
    log_in(client, sam)
    assert "Clear-Site-Data" not in client.post(DEVICE, {"kind": "own"})
    client.cookies.pop("session")
    assert log_in(client, noor)["Clear-Site-Data"] == '"storage"'
    assert not outbox_of(client)[0]


def test_it_goes_too_when_the_question_about_the_phone_comes_first(client, settings, sam, noor):
    settings.HTTPS = True
    log_in(client, sam)
    client.post(DEVICE, {"kind": "own"})
    client.cookies.pop("session")
    settings.DEMO = False
    response = log_in(client, noor)
    assert response["Location"].startswith(DEVICE) and response["Clear-Site-Data"] == '"storage"'


def test_ones_own_log_in_takes_nothing_away(client, settings, sam):
    settings.HTTPS = True
    log_in(client, sam)
    client.post(DEVICE, {"kind": "own"})
    client.cookies.pop("session")
    assert "Clear-Site-Data" not in log_in(client, sam)
    assert outbox_of(client)[0]


def test_the_mark_tells_nobody_who_it_is(client, settings, sam, noor):
    settings.HTTPS = True
    log_in(client, sam)
    client.post(DEVICE, {"kind": "own"})
    mark = account_mark(sam.user)
    page = client.get(PAGE).content.decode()
    assert f'data-outbox="{mark}"' in page and mark != account_mark(noor.user)
    assert str(sam.user.pk) not in page and sam.user.username not in page


# --- Whose answer it is ------------------------------------------------------------------------------------------


def test_a_page_of_oneself_is_kept(browser_of, sam):
    assert put(browser_of(sam), "Van mij.", **{"X-Account": account_mark(sam.user)}).status_code == 200


@pytest.mark.parametrize("mark", ["of somebody else", "zonder"])
def test_a_page_of_another_is_not(browser_of, sam, noor, mark):
    mark = account_mark(noor.user) if mark == "of somebody else" else mark
    response = put(browser_of(sam), "Niet van mij.", **{"X-Account": mark})
    assert response.status_code == 401 and response.json()["code"] == "logged_out"
    assert services.open_answer(sam.passport, vault.open_key(sam.pk), "me.others_say").revision == 0


def test_an_api_client_without_a_page_needs_no_mark(browser_of, sam):
    assert put(browser_of(sam), "Van mij.").status_code == 200


# --- Without internet ----------------------------------------------------------------------------------------------


def test_the_page_without_internet_is_the_same_for_everybody(client, settings, sam, browser_of):
    settings.HTTPS = True
    inside = Client()
    log_in(inside, sam)
    inside.post(DEVICE, {"kind": "own"})
    inside.post("/lezen/", {"theme": "dark", "size": "xl"})
    page = client.get("/geen-internet/").content
    assert b"Geen internet" in page and b"csrf" not in page
    assert inside.get("/geen-internet/").content == page


def test_the_service_worker_rules_over_the_whole_site(client):
    response = client.get("/sw.js")
    assert response["Content-Type"] == "text/javascript" and response["Service-Worker-Allowed"] == "/"
    assert response.content.decode().startswith('const RELEASE = "/static/css/paspoort')
    assert 'const PAGE = "/geen-internet/"' in response.content.decode()


# --- Over the air ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "is_packed"), [("/privacy/", True), (ANSWER + "history/", False), ("/sw.js", False), (PAGE, True)]
)
def test_pages_are_packed(browser_of, sam, path, is_packed):
    """What is short already, and what is no page, goes as it is."""
    plain, asked = browser_of(sam).get(path), browser_of(sam).get(path, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain
    assert ("Content-Encoding" in asked) is is_packed
    if is_packed:
        assert len(asked.content) < len(plain.content) / 2
        assert b"<!doctype html>" in gzip.decompress(asked.content)
