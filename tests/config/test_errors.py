"""A no outside a view: JSON under /api/, a page elsewhere; nothing personal, no path, in the words of the contract."""

import errno
import re

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import IntegrityError, InterfaceError, OperationalError, ProgrammingError
from django.http import Http404
from django.test import Client
from redis.exceptions import ConnectionError as RedisAway

from accounts import vault
from accounts.api_base import NOT_FOUND
from accounts.refusals import NotHere, Refusal

BUSY = {"code": "busy", "detail": "We zijn even bezig. Probeer het later nog eens."}
QUESTION = "/paspoort/vraag/want.dream/"
WORDS = "Ik word <later> bakker."
ERROR = {"code": "error", "detail": "Er ging iets mis. Probeer het later nog een keer."}
UNREADABLE = {"code": "unreadable", "detail": "Dit kunnen we nu niet openen."}
CSRF = "Deze pagina stond te lang open. Laad de pagina opnieuw."


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


def _raising(error):
    def fail(*args, **kwargs):
        raise error

    return fail


@pytest.fixture
def failing(monkeypatch, sam):
    """The answer of a call of the API whose view meets `error`."""

    def call(error):
        monkeypatch.setattr("passport.api.own_passport", _raising(error))
        client = Client(raise_request_exception=False)
        client.force_login(sam.user)
        return client.get("/api/v1/passport/")

    return call


@pytest.fixture
def failing_early(monkeypatch, visitor):
    """The answer when a middleware meets `error`, before any view."""

    def call(path, error):
        monkeypatch.setattr("django.middleware.common.CommonMiddleware.process_request", _raising(error))
        return visitor.get(path)

    return call


@pytest.mark.parametrize("error", [vault.Tampered("geheim"), vault.Shredded("geheim")])
def test_a_seal_that_does_not_open_is_503_over_the_api(failing, error):
    response = failing(error)
    assert (response.status_code, response.json()) == (503, UNREADABLE)


def test_anything_unexpected_is_500_in_json_over_the_api(failing):
    response = failing(RuntimeError("geheim"))
    assert (response.status_code, response.json()) == (500, ERROR)
    assert response["Content-Type"] == "application/json" and "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RuntimeError("geheim"), 500, "error"),
        (SuspiciousOperation("geheim"), 400, "bad_request"),
        (PermissionDenied("geheim"), 403, "forbidden"),
        (Http404("geheim"), 404, "not_found"),
    ],
)
def test_an_error_before_a_view_is_json_for_the_api_and_a_page_elsewhere(failing_early, error, status, code):
    answer = failing_early("/api/v1/me/", error)
    assert answer.status_code == status and answer.json()["code"] == code
    assert set(answer.json()) == {"code", "detail"} and b"geheim" not in answer.content
    page = failing_early("/paspoort/", error)
    assert page.status_code == status and b"<h1>" in page.content and b"geheim" not in page.content


@pytest.mark.parametrize("error", [vault.Tampered("x"), NotHere(), Refusal("busy", "Even niet.", status=409)])
def test_a_no_of_an_api_view_without_drf_is_json_too(visitor, monkeypatch, error):
    monkeypatch.setattr("config.openapi._text", _raising(error))
    response = visitor.get("/api/v1/openapi.json")
    assert response.status_code == getattr(error, "status", 503)
    assert response["Content-Type"] == "application/json" and response.json()["detail"]


@pytest.mark.parametrize("path", ["/api/", "/api/v2/me/", "/api/v1/nothing/", "/api/v1/dossiers/x/"])
def test_what_is_not_there_has_the_same_words_everywhere_in_the_api(visitor, path):
    response = visitor.get(path)
    assert response.json() == NOT_FOUND and response.status_code == 404


def test_what_is_not_there_is_a_page_elsewhere(visitor):
    response = visitor.get("/niets/")
    assert response.status_code == 404 and b"<h1>" in response.content and b"niets" not in response.content


def test_a_page_that_stood_open_too_long_says_so(sam):
    client = Client(enforce_csrf_checks=True)
    client.force_login(sam.user)
    page = client.post("/paspoort/vraag/me.proud/", {"value": "Mijn geheim"})
    assert page.status_code == 403 and b"<h1>" in page.content and b"geheim" not in page.content
    call = client.put("/api/v1/passport/answers/me.proud/", "{}", "application/json")
    assert (call.status_code, call.json()) == (403, {"code": "csrf", "detail": CSRF})


def test_who_may_not_keeps_the_words_of_a_no(failing):
    assert failing(PermissionDenied("x")).json() == {"detail": "Dat mag jij niet.", "code": "forbidden"}


# --- A part of the site that is away for a while ---------------------------------------------------------------

AWAY = [OperationalError("geheim"), InterfaceError("geheim"), ProgrammingError("geheim"), RedisAway("geheim")]
AWAY += [OSError(number, "geheim") for number in (errno.ENOSPC, errno.EROFS)]


@pytest.mark.parametrize("error", AWAY)
@pytest.mark.parametrize("where", ["early", "view"])
def test_what_is_away_is_503_in_json_and_a_page_that_says_so(failing, failing_early, error, where):
    call = failing(error) if where == "view" else failing_early("/api/v1/me/", error)
    assert (call.status_code, call.json(), call["Retry-After"]) == (503, BUSY, "60")
    page = failing_early("/inloggen/", error)
    assert page.status_code == 503 and "We zijn even bezig…" in page.content.decode()
    assert b"geheim" not in page.content and "no-store" in page["Cache-Control"]


def test_what_goes_wrong_before_a_view_is_written_down(failing_early, caplog):
    failing_early("/inloggen/", RuntimeError("geheim"))
    (line,) = (one for one in caplog.records if one.name == "paspoort.web" and one.levelname == "ERROR")
    assert line.exc_info[0] is RuntimeError and line.route == "unknown"


@pytest.mark.parametrize("error", [IntegrityError("x"), OSError(errno.ENOENT, "x"), ValueError("x")])
def test_a_mistake_of_ours_is_no_such_thing(failing, error):
    assert failing(error).status_code == 500


def _typed(client, **fields):
    return client.post(QUESTION, {"value": WORDS, "revision": "0", "before": "0", **fields})


@pytest.mark.parametrize("seam", ["passport.services.save_answer", "accounts.vault.open_keys"])
def test_what_could_not_be_kept_stays_on_the_page_and_a_tap_keeps_it(sam, monkeypatch, seam):
    """No script: the page holds the words and the whole form, and nobody's database is asked for it."""
    client = Client(raise_request_exception=False)
    client.force_login(sam.user)
    with monkeypatch.context() as patch:
        patch.setattr(seam, _raising(OperationalError("database or disk is full")))
        page = _typed(client)
    html = page.content.decode()
    assert page.status_code == 503 and "Nog niet bewaard" in html and "Ik word &lt;later&gt; bakker." in html
    sent = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', html))
    assert sent.pop("csrfmiddlewaretoken") and sent == {
        "value": "Ik word &lt;later&gt; bakker.", "revision": "0", "before": "0"
    }  # fmt: skip
    assert 'method="post" action="/paspoort/vraag/want.dream/"' in html
    assert client.get("/api/v1/passport/").json()["answers"]["want.dream"]["status"] == "empty"
    assert _typed(client).status_code == 302
    assert client.get("/api/v1/passport/").json()["answers"]["want.dream"]["value"] == WORDS


def test_words_come_back_while_nobody_knows_who_is_in(failing_early, monkeypatch, sam):
    """The data database is away: the session cannot be read, and the words still come back to who sent them."""
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", _raising(OperationalError("x")))
    client = Client(raise_request_exception=False)
    client.cookies["session"] = "x" * 32
    page = _typed(client)
    assert page.status_code == 503 and "Ik word &lt;later&gt; bakker." in page.content.decode()
    assert client.get("/paspoort/").status_code == 503


def test_a_choice_without_words_can_be_sent_again_too(sam, monkeypatch):
    client = Client(raise_request_exception=False)
    client.force_login(sam.user)
    monkeypatch.setattr("passport.services.save_answer", _raising(OperationalError("x")))
    html = _typed(client, value=":private").content.decode()
    assert "Nog niet bewaard" in html and 'value=":private"' in html and "<textarea" not in html


def test_a_page_of_another_site_lays_no_words_before_a_student(sam, monkeypatch):
    """Without our token the words are not shown, and there is no button of ours under them."""
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", _raising(OperationalError("x")))
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.cookies["session"] = "x" * 32
    page = _typed(client)
    assert page.status_code == 503 and b"bakker" not in page.content and b"<button" not in page.content
