"""A no outside a view: JSON under /api/, a page elsewhere; nothing personal, no path, in the words of the contract."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.test import Client

from accounts import vault
from accounts.api_base import NOT_FOUND
from accounts.refusals import NotHere, Refusal

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
