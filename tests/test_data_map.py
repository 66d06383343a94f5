"""The data map says of every field what it holds, and cannot lag behind the code."""

import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import models
from django.test.utils import isolate_apps

from intake import data_map
from intake.data_map import FIELDS
from intake.data_map.lines import Kind, Line
from intake.models import Case

ROOT = Path(__file__).parent.parent
COMMITTED = ROOT / "docs" / "data-map.md"
LINE = Line(Kind.READABLE, "something", "student", "always")


def test_the_committed_map_is_what_the_code_makes():
    assert COMMITTED.read_text(encoding="utf-8") == data_map.render(), "run manage.py make_data_map"


def test_every_field_has_a_line_and_every_line_a_field():
    data_map.check(data_map.our_models())
    assert {name.split(".")[0] for name in FIELDS} == set(data_map.APPS)


@isolate_apps("intake")
def test_a_new_field_without_a_line_is_named():
    class Diary(models.Model):  # noqa: DJ008
        secret = models.TextField()

        class Meta:
            app_label = "intake"

    lines = {"intake.Diary.id": LINE}
    with pytest.raises(data_map.Unclassified, match=r"intake\.Diary\.secret"):
        data_map.check([Diary], lines)
    data_map.check([Diary], {**lines, "intake.Diary.secret": LINE})


def test_a_line_of_a_field_that_is_gone_is_named():
    lines = {name: line for name, line in FIELDS.items() if name.startswith("intake.Case.")}
    with pytest.raises(data_map.Unclassified, match=r"intake\.Case\.mood.*no longer"):
        data_map.check([Case], {**lines, "intake.Case.mood": LINE})


def test_a_missing_line_stops_the_command_and_the_map(monkeypatch):
    monkeypatch.delitem(data_map.FIELDS, "consent.Reply.sealed_text")
    before = COMMITTED.read_text(encoding="utf-8")
    with pytest.raises(CommandError, match=r"consent\.Reply\.sealed_text"):
        call_command("make_data_map")
    assert COMMITTED.read_text(encoding="utf-8") == before


def test_an_unknown_table_of_a_library_is_named(monkeypatch):
    monkeypatch.delitem(data_map.LIBRARY, "sessions.Session")
    with pytest.raises(data_map.Unclassified, match=r"sessions\.Session"):
        data_map.check_library()


def test_bytes_are_never_called_readable_and_a_seal_is_always_bytes():
    of_bytes = {
        f"{model._meta.label}.{field.name}"
        for model in data_map.our_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.BinaryField)
    }
    sealed_or_slot = {name for name, line in FIELDS.items() if line.kind in {Kind.SEALED, Kind.SLOT}}
    assert sealed_or_slot <= of_bytes
    assert {name for name in of_bytes if FIELDS[name].kind is Kind.READABLE} == set()


def test_what_the_code_seals_the_map_calls_sealed():
    """The place a value is bound to when it is sealed, `…_FIELD`, is the name of its field."""
    code = [path.read_text(encoding="utf-8") for app in data_map.APPS for path in (ROOT / app).rglob("*.py")]
    bound = {place for text in code for place in re.findall(r"^[A-Z_]*FIELD = \"(\w+\.\w+\.\w+)\"", text, re.M)}
    assert len(bound) >= 8
    # Of a handover the column holds the name of the file; what is sealed is the file.
    assert {FIELDS[place].kind for place in bound - {"intake.Handover.file"}} == {Kind.SEALED}


@pytest.mark.parametrize(
    "name",
    [
        "accounts.Student.sealed_identity",
        "passport.AnswerRevision.sealed",
        "consent.ShareItem.sealed_text",
        "consent.Reply.sealed_text",
        "consent.ShareDraft.sealed",
    ],
)
def test_what_a_person_says_or_is_called_is_sealed(name):
    """Contract, rule 6."""
    assert FIELDS[name].kind is Kind.SEALED
