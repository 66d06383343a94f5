"""Every answer carries every header: pages, calls, files, refusals, crashes and what is static (ASVS 3.4)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from tests.test_access_matrix import ANYBODY, address, client_of, writer
from tests.test_house_rules import named_urls

SAME_ORIGIN = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = {
    **dict.fromkeys(("default-src", "frame-ancestors", "base-uri", "object-src"), "'none'"),
    **dict.fromkeys(
        ("script-src", "style-src", "img-src", "font-src", "connect-src", "manifest-src", "form-action"), "'self'"
    ),
}
YEAR = 31_536_000
# The description of the API is for other sites too; two files of the app that hold nobody are kept by the browser.
FOR_OTHERS, KEPT = {"api_openapi"}, {"service_worker"}
REFERRERS = {"same-origin", "no-referrer", "strict-origin"}


@pytest.fixture(autouse=True)
def over_https(settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = YEAR
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True


def missing(answer: Any, name: str = "") -> list[str]:
    """The headers that are not there, or that say too much."""
    expected = dict(SAME_ORIGIN)
    if name in FOR_OTHERS and answer.status_code == 200:
        expected["Cross-Origin-Resource-Policy"] = "cross-origin"
    found = [key for key, value in expected.items() if answer.get(key) != value]
    rules = dict(part.strip().split(" ", 1) for part in answer.get("Content-Security-Policy", "x y").split(";"))
    found += [] if rules == POLICY else ["Content-Security-Policy"]
    found += [] if answer.get("Referrer-Policy") in REFERRERS else ["Referrer-Policy"]
    hsts = re.match(r"max-age=(\d+); includeSubDomains", answer.get("Strict-Transport-Security", ""))
    found += [] if hsts and int(hsts[1]) >= YEAR else ["Strict-Transport-Security"]
    found += [] if "camera=()" in answer.get("Permissions-Policy", "") else ["Permissions-Policy"]
    if name not in KEPT and not {"no-store", "private"} <= set(re.split(r"[, ]+", answer.get("Cache-Control", ""))):
        found.append("Cache-Control")
    return found + [key for key in ("Server", "X-Powered-By") if key in answer.headers]


@pytest.mark.parametrize(
    "username",
    [ANYBODY, "student.full", *(pytest.param(who, marks=pytest.mark.slow) for who in ("intaker.care", "mentor.one"))],
)
def test_every_url_carries_every_header(world, username):
    client, wrong = client_of(username), {}
    for name, pattern in named_urls():
        where = address(name, pattern, world.kwargs)
        for call in (client.get, writer(client, name), client.options):
            if name == "logout" and call != client.get:
                continue
            answer = call(where, secure=True)
            if found := missing(answer, name):
                wrong[f"{name} {answer.status_code}"] = found
    assert wrong == {}


def refusals() -> Iterator[tuple[str, Any]]:
    """One answer of each kind that no view of ours makes."""
    client, strict = Client(raise_request_exception=False), Client(enforce_csrf_checks=True)
    yield "404", client.get("/nergens/", secure=True)
    yield "404 api", client.get("/api/v1/nergens/", secure=True)
    yield "301", client.get("/inloggen", secure=True)
    yield "405", client.post("/healthz", secure=True)
    yield "host", client.get("/inloggen/", secure=True, headers={"host": "evil.example"})
    yield "nul", client.get("/inloggen/?a=%00", secure=True)
    yield "csrf", strict.post("/inloggen/", {"login": "x"}, secure=True)
    yield "robots", client.get("/robots.txt", secure=True)


def test_what_no_view_answers_carries_them_too():
    found = {kind: missing(answer) for kind, answer in refusals()}
    assert len(found) == 8 and {kind: one for kind, one in found.items() if one} == {}


@pytest.mark.parametrize(
    ("path", "breaks"),
    [("/privacy/", "accounts.context.reading_of"), ("/api/v1/me/", "rest_framework.views.APIView.initial")],
)
def test_a_crash_carries_them_too(world, monkeypatch, path, breaks):
    client = client_of("student.full")
    monkeypatch.setattr(breaks, lambda *a, **k: 1 / 0)
    answer = client.get(path, secure=True)
    assert answer.status_code == 500 and missing(answer) == []


def test_a_static_file_carries_them_too(settings):
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    answer = Client().get("/static/css/paspoort.css", secure=True)
    assert b"".join(answer.streaming_content)  # to its end: to close it here would close the database of the world too
    assert answer.status_code == 200 and missing(answer) == ["Permissions-Policy", "Cache-Control"]  # of a page, both
    assert "no-store" not in answer.get("Cache-Control", "")


def test_a_pdf_carries_them_too(world):
    answer = client_of("student.full").get(f"/api/v1/handovers/{world.kwargs['handover_id']}/file/", secure=True)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    assert missing(answer) == [] and answer["Content-Disposition"].startswith("attachment")
