"""Which methods an address answers: a page GET, HEAD and POST, a call of the API what openapi.json says; no other.

ASVS 4.1.4. Which of GET and POST a page takes stands per account in tests/access_matrix.csv (405).
"""

import pytest
from django.test import Client

from tests.attacks import fuzz
from tests.test_access_matrix import ANYBODY, address, client_of, table
from tests.test_house_rules import named_urls

ALL = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}
PAGE = {"GET", "HEAD", "POST"}
ROLES = [ANYBODY, "student.full", "intaker.care"]
OTHERS = ("mentor.one", "college.coordinator", "region.one")
MORE = [pytest.param(who, marks=pytest.mark.slow) for who in OTHERS]
NO_DESCRIPTION = {"api_openapi", "api_docs"}  # pages that stand under /api/


def allowed(name: str) -> set[str]:
    """What may be answered here."""
    documented = {method for method, route in fuzz.operations() if route == name}
    if documented:
        return documented | ({"HEAD"} if "GET" in documented else set())
    return PAGE


def is_api(name: str) -> bool:
    return name.startswith("api_") and name not in NO_DESCRIPTION


def test_every_call_of_the_api_is_described():
    described = {route for _, route in fuzz.operations()}
    there = {name for name, pattern in named_urls() if is_api(name)}
    assert there - described == {"api_nothing_here"}


@pytest.mark.parametrize("username", [*ROLES, *MORE])
def test_no_other_method_is_answered(world, username):
    client = client_of(username)
    closed = {302, 401, 403, 404, 405} if username == ANYBODY else {404, 405}
    wrong = []
    for name, pattern in named_urls():
        if name == "api_nothing_here":
            continue
        for method in sorted(ALL - allowed(name)):
            status = client.generic(method, address(name, pattern, world.kwargs)).status_code
            opened = table().get((name, "read"), {}).get(username) == 200
            if status not in ({405} if opened and not is_api(name) else closed):
                wrong.append((name, method, status))
    assert not wrong, wrong


@pytest.mark.parametrize("method", ["PROPFIND", "CONNECT", "GETS", "X" * 300])
@pytest.mark.parametrize("path", ["/", "/inloggen/", "/privacy/", "/nergens/", "/api/v1/offers/", "/api/v1/me/"])
def test_a_method_nobody_knows_does_nothing(method, path):
    client = Client(raise_request_exception=False)
    assert client.generic(method, path).status_code == (401 if path.startswith("/api/") else 405)


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_header_does_not_change_the_method(world, header):
    path = f"/api/v1/offers/{world.kwargs['offer_id']}/"
    client = client_of("college.coordinator")
    assert client.post(path, "{}", "application/json", headers={header: "DELETE"}).status_code == 405
    assert client.post(f"{path}?_method=DELETE", "{}", "application/json").status_code == 405
