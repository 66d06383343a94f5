"""The schema of a dossier for other systems: it is what the code says, and what the API really answers fits it."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from accounts import vault
from accounts.models import Student, User
from intake.dossier_schema import NAME, make_schema
from passport.questionnaire import QuestionType, of_version, published
from passport.services import open_sheet
from passport.values import units_in
from tests.test_access_matrix import ACCOUNTS, ANYBODY
from tests.test_access_matrix import world as world  # the demo, once for this file
from tests.test_docs import ROOT

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
V1 = "/api/v1"
SCHEMA = make_schema()
FORMATS = Draft202012Validator.FORMAT_CHECKER
DOSSIER = Draft202012Validator(SCHEMA, format_checker=FORMATS)
FIELD, BRIEF = (
    Draft202012Validator({**SCHEMA, "$ref": f"#/$defs/{name}"}, format_checker=FORMATS) for name in ("field", "brief")
)


def faults(validator: Draft202012Validator, answer: Any) -> list[str]:
    return [f"{one.json_path}: {one.validator}" for one in validator.iter_errors(answer)]


def pages(client: APIClient, where: str) -> list[dict[str, Any]]:
    return client.get(f"{V1}/{where}?page_size=200").json().get("results", [])


def every(world: Any) -> Iterator[tuple[Draft202012Validator, dict[str, Any]]]:
    """Every dossier and every brief that somebody of the demo may open."""
    for username in ACCOUNTS:
        if username == ANYBODY:
            continue
        client = APIClient()
        client.force_login(User.objects.get(username=username))
        for one in pages(client, "dossiers/"):
            yield DOSSIER, client.get(f"{V1}/dossiers/{one['share']}/").json()
        for one in pages(client, "intake/cases/"):
            answer = client.get(f"{V1}/intake/cases/{one['id']}/brief/")
            if answer.status_code == 200:
                yield BRIEF, answer.json()


def objects_in(value: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield place, value
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in rows:
        yield from objects_in(part, f"{place}.{name}")


def test_the_file_is_what_the_code_says():
    """`manage.py make_schema` writes it. A narrower shape, or a field more, is a new version: never this file."""
    written = json.loads((ROOT / "docs" / "schema" / NAME).read_text(encoding="utf-8"))
    assert written == SCHEMA and written["$id"] == NAME
    Draft202012Validator.check_schema(SCHEMA)


def test_every_dossier_and_brief_of_the_demo_fits(world):
    seen = {"dossier": 0, "brief": 0}
    for validator, answer in every(world):
        assert faults(validator, answer) == []
        seen["brief" if validator is BRIEF else "dossier"] += 1
    assert seen["dossier"] >= 5 and seen["brief"] >= 2


def test_a_field_more_is_refused_wherever_it_stands(world):
    tried = set()
    for validator, answer in every(world):
        for place, _ in list(objects_in(answer)):
            changed = copy.deepcopy(answer)
            found = dict(objects_in(changed))[place]
            if "statements" in place or _is_scale(changed, place):
                continue  # its names are the statements of the question
            found["onderwijsnummer"] = "1"
            assert faults(validator, changed), place
            tried.add(".".join(part for part in place.split(".") if not part.isdigit()))
    assert {"", ".student", ".fields", ".fields.value", ".needs", ".needs.offers"} <= tried


def _is_scale(answer: dict[str, Any], place: str) -> bool:
    parts = place.split(".")
    return parts[1:2] == ["fields"] and parts[-1] == "value" and answer["fields"][int(parts[2])].get("type") == "scale"


def test_every_type_of_answer_fits_as_a_unit_that_is_shared(world):
    """Of every student of the demo, also what they share with nobody."""
    types = set()
    for student in Student.objects.filter(user__username__startswith="student.").select_related("passport"):
        sheet = open_sheet(student.passport, vault.open_key(student.pk))
        for question in of_version(published().pk).questions.values():
            for unit, value in units_in(question, sheet.text(question.key).value).items():
                kind = "long_text" if ".why." in unit else str(question.type)
                said = {"unit": unit, "label": "x", "section": "x", "type": kind, "value": value}
                assert faults(FIELD, said) == [], unit
                types.add(kind)
    assert types == {str(one) for one in QuestionType}


@given(
    st.sampled_from(QuestionType),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.just(""), lambda part: st.lists(part, max_size=2), max_leaves=3
    ),
)
def test_what_is_no_answer_never_fits(kind, value):
    assert faults(FIELD, {"unit": "me.name", "label": "x", "section": "x", "type": kind.value, "value": value})


@pytest.mark.parametrize(
    "wrong",
    [
        {"purpose": "marketing"},
        {"valid_until": "morgen"},
        {"share": "1"},
        {"fields": [{}]},
        {"student": {}},
    ],
)
def test_what_does_not_fit_is_found(world, wrong):
    answer = next(answer for validator, answer in every(world) if validator is DOSSIER)
    assert faults(DOSSIER, answer) == [] and faults(DOSSIER, answer | wrong)


def test_the_command_writes_the_file(settings, tmp_path, capsys):
    (tmp_path / "docs").mkdir()
    settings.BASE_DIR = tmp_path
    call_command("make_schema")
    assert json.loads((tmp_path / "docs" / "schema" / NAME).read_text(encoding="utf-8")) == SCHEMA
