"""Generated calls as every role: no crash, no undocumented answer, every body as docs/openapi.json says (T1, T10)."""

from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from schemathesis import Case, GenerationMode, Response

from accounts import tokens
from accounts.models import Programme, User
from tests.attacks import fuzz
from tests.test_access_matrix import ANYBODY, ASKED, client_of, table

ROLES = [
    ANYBODY,
    "student.full",
    "student.young",
    "guardian.young",
    "mentor.one",
    "college.coordinator",
    "intaker.care",
    "mentor.college",
    "coach.one",
    "region.one",
]
SOME = {ANYBODY, "student.full", "guardian.young", "mentor.one", "intaker.care"}  # the others in script/test --all
TOKENS = {"intaker.care": tokens.DOSSIERS, "college.coordinator": tokens.OFFERS}
CLOSED = {401, 403, 404}


def real_values(world: SimpleNamespace) -> dict[str, Any]:
    """Values of a body that mean something here."""
    care = Programme.objects.get(code="care3")
    until = timezone.localdate() + timedelta(days=3)
    return {
        "share": str(world.kwargs["share_id"]),
        "units": ["me.name"],
        "recipient": {"kind": "programme", "id": str(care.pk)},
        "purpose": "intake",
        "valid_until": until.isoformat(),
        "programme": str(care.pk),
        "class": str(world.kwargs["class_id"]),
        "unit": "me.words",
        "need": "quiet",
        "revision": 1,
        "status": "answered",
        "seen": "",
    }


def fill(world: SimpleNamespace, route: str, case: Case, chosen: int) -> None:
    path = {**world.kwargs, "share_id": world.kwargs["waiting_id"]} if route in ASKED else world.kwargs
    fuzz.with_real_values(case, path, real_values(world), chosen)


def gets_in(username: str, method: str, route: str) -> bool:
    """Whether the access matrix lets this account through here."""
    family = "read" if method == "GET" else "write"
    return table().get((route, family), {}).get(username) not in CLOSED


def opens(username: str, method: str, route: str) -> bool:
    """Whether the access matrix says that this account gets an answer here."""
    return method == "GET" and table().get((route, "read"), {}).get(username) == 200


def wrong(world: SimpleNamespace, username: str, examples: int, client: Client, **headers: str) -> str:
    """What went otherwise than described, the first of each call; and calls that never got in where this one may."""
    found, seen = {}, set[int]()

    def ask(case: Case) -> Response:
        answer = fuzz.send(client, case, **headers)
        seen.add(answer.status_code)
        return answer

    for (method, route), operation in fuzz.operations().items():
        cache.clear()  # else a key is soon used too often
        seen.clear()
        inside = gets_in(username, method, route)
        many = examples if inside else max(1, examples // 6)
        for mode in GenerationMode:
            if mode.is_negative and not (inside and (operation.body or operation.query)):
                continue
            answers = fuzz.wrong_answers(
                operation,
                ask,
                examples=many,
                fill=partial(fill, world, route),
                mode=mode,
            )
            if answers:
                found[f"{method} {route}"] = answers[0]
        if not headers and opens(username, method, route) and not operation.query and 200 not in seen:
            found[f"{method} {route} is never reached"] = str(sorted(seen))
    return "\n\n".join(f"{call}: {first}" for call, first in found.items())


@pytest.mark.parametrize(
    "username", [pytest.param(one, marks=() if one in SOME else pytest.mark.slow) for one in ROLES]
)
def test_every_role_gets_what_the_description_says(world, username):
    assert not (found := wrong(world, username, 5, client_of(username))), found


@pytest.mark.parametrize("username", TOKENS)
def test_a_token_gets_what_the_description_says(world, username):
    client = Client(raise_request_exception=False)
    assert not (found := wrong(world, username, 4, client, **bearer(username))), found


@pytest.mark.slow
@pytest.mark.parametrize("username", ROLES)
def test_every_role_gets_it_however_long_one_tries(world, username):
    assert not (found := wrong(world, username, 40, client_of(username))), found


def bearer(username: str) -> dict[str, str]:
    """The header of a token of this account, for what such an account makes one for."""
    until = timezone.localdate() + timedelta(days=9)
    by = User.objects.get(username=username)
    _, key = tokens.make_token(by=by, name="x", scopes=[TOKENS[username]], expires_on=until)
    return {"Authorization": f"Bearer {key}"}
