"""docs/oidc.md runs as it stands there: its settings exist, its examples give the role it says, its noes are noes."""

import json
import re
from typing import Any

import pytest
from django.conf import settings as site

from accounts.models import Membership, Role
from config import env
from tests.accounts.coming_in import (
    FakeSchool,
    back_from_school,
    card_of,
    come_in,
    is_in,
    leave_for_school,
    use_schools,
)
from tests.test_docs import ROOT

PAPER = (ROOT / "docs" / "oidc.md").read_text(encoding="utf-8")
PROVIDERS, STAFF, STUDENT = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAPER, re.S))
ROLES = re.findall(r"met rol: `(\w+)`", PAPER)
REFUSED = [json.loads(row) for row in re.findall(r"^\| `(\{.*?\})` \|", PAPER, re.M)]
ISSUERS = {one["issuer"]: one["id"] for one in PROVIDERS}


@pytest.fixture
def schools(settings, monkeypatch) -> dict[str, FakeSchool]:
    """The federations of the paper, without their network."""
    found = {id_: FakeSchool(issuer) for issuer, id_ in ISSUERS.items()}
    use_schools(settings, monkeypatch, *found.items())
    return found


def through(client, schools, claims: dict[str, Any]) -> Any:
    """Goes to the federation of these claims and comes back with them."""
    id_ = ISSUERS[claims["iss"]]
    asked = leave_for_school(client, schools[id_], id_)
    schools[id_].says = claims
    return back_from_school(client, asked["state"], id_)


def roles_of(client) -> list[str]:
    return client.get("/api/v1/me/").json()["roles"]


@pytest.fixture
def staff_tied(client, imke, schools):
    client.post("/inloggen/", {"login": imke.username, "password": "a long enough password"})
    through(client, schools, STAFF)
    client.post("/uitloggen/")
    assert not is_in(client)


def test_the_settings_of_the_paper_are_read_as_they_stand_there(monkeypatch):
    monkeypatch.setenv("OIDC_PROVIDERS", json.dumps(PROVIDERS))
    assert env.oidc_providers("OIDC_PROVIDERS") == PROVIDERS
    assert {STAFF["iss"], STUDENT["iss"]} == set(ISSUERS)


def test_every_setting_that_is_named_exists():
    named = {name for name in re.findall(r"`([A-Z][A-Z_]+)", PAPER) if "_" in name}
    assert named == {"OIDC_PROVIDERS", "OIDC_PROVIDERS_FILE", "BASE_URL"}
    assert all(hasattr(site, name.removesuffix("_FILE")) for name in named)


def test_every_address_to_come_back_to_exists(client, schools):
    for path in re.findall(r"BASE_URL(/[\w/-]+/)`", PAPER):
        assert client.get(path, {"code": "x", "state": "y"}).status_code == 403  # known, and nobody left for it


def test_every_role_of_the_product_stands_in_the_paper():
    table = PAPER.split("## Instellen")[0]
    assert {name for name in re.findall(r"`(\w+)`", table) if name in Role.values} >= set(Role.values)


def test_the_example_of_staff_gives_the_role_it_says(client, imke, schools, staff_tied):
    through(client, schools, STAFF)
    assert roles_of(client) == [ROLES[0]]


def test_the_same_claims_give_no_role_once_the_place_is_over(client, imke, schools, staff_tied):
    Membership.objects.filter(user=imke).delete()
    through(client, schools, STAFF)
    assert roles_of(client) == []


def test_the_example_of_a_student_gives_the_role_it_says(client, sam, mentor, schools):
    come_in(client, card_of(sam, mentor))
    through(client, schools, STUDENT)
    client.post("/uitloggen/")
    through(client, schools, STUDENT)
    assert roles_of(client) == [ROLES[1]]


@pytest.mark.parametrize("wrong", REFUSED, ids=str)
def test_what_it_says_is_refused_is_refused(client, imke, schools, staff_tied, wrong):
    asked = leave_for_school(client, schools["surfconext"], "surfconext")
    schools["surfconext"].says = {**STAFF, **wrong}
    assert back_from_school(client, asked["state"], "surfconext").status_code == 403 and not is_in(client)


def test_the_paper_refuses_enough_to_be_worth_reading():
    assert {"iss", "aud", "azp", "nonce", "exp", "sub"} <= {name for row in REFUSED for name in row}


def test_a_subject_nobody_tied_makes_nobody(client, imke, schools):
    page = through(client, schools, STAFF)
    assert "We kennen je school hier nog niet" in page.content.decode() and not is_in(client)
