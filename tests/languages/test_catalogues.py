"""The catalogues of locale/: nothing is missing, nothing is left over, and what runs is what is written."""

import ast
from pathlib import Path

import polib
import pytest

from accounts.languages import all_languages
from accounts.own_ways import NOT_YET
from tests.languages import collect
from tests.languages.collect import faults_in, said

ENGLISH = collect.ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po"


def of(path: Path) -> str:
    return path.parents[1].name


@pytest.mark.parametrize("path", collect.catalogues(), ids=of)
def test_a_fresh_look_finds_nothing_new(path):
    there = {(entry.msgid, entry.msgid_plural or "") for entry in polib.pofile(str(path))}
    now = collect.wanted(path)
    assert (now - there, there - now) == (set(), set()), "run: python -m tests.languages.collect"


@pytest.mark.parametrize("path", collect.catalogues(), ids=of)
def test_the_site_runs_what_is_written(path):
    written = [entry for entry in polib.pofile(str(path)) if all(said(entry)) and not entry.fuzzy]
    run = polib.mofile(str(path.with_suffix(".mo")))
    assert {(one.msgid, *said(one)) for one in run} == {(one.msgid, *said(one)) for one in written}


def test_every_text_has_an_english_one_with_the_same_holes():
    assert faults_in(polib.pofile(str(ENGLISH))) == []


def test_a_missing_text_and_a_lost_hole_are_found():
    file = polib.POFile()
    file.append(polib.POEntry(msgid="Kies", msgstr=""))
    file.append(polib.POEntry(msgid="%(who)s ziet dit.", msgstr="Somebody sees this."))
    file.append(polib.POEntry(msgid="Eén", msgid_plural="Meer", msgstr_plural={0: "One", 1: ""}))
    file.append(polib.POEntry(msgid="Ja", msgstr="Yes", flags=["fuzzy"]))
    assert [fault.split(":")[0] for fault in faults_in(file)] == [
        "not translated",
        "not translated",
        "a draft",
        "not the same holes",
    ]


def test_every_language_has_a_catalogue_and_every_catalogue_a_language():
    assert {of(path) for path in collect.catalogues()} == {one.code for one in all_languages()} - {"nl"}


@pytest.mark.parametrize("path", collect.catalogues(), ids=of)
def test_what_is_offered_is_whole(path):
    """A language that a person reviewed may be chosen, so it has every text; one that nobody did may have none."""
    language = next(one for one in all_languages() if one.code == of(path))
    assert not language.is_offered or faults_in(polib.pofile(str(path))) == []


def test_a_refusal_is_found_by_the_name_of_its_sentence_too():
    """As it stands there, by a name of the same module or of another room, and one of two; a code is none."""
    code = """
from accounts.own_ways import NOT_YET
HERE = "Dit kan nu niet."
raise Refusal("a", HERE)
raise Refusal("b", NOT_YET)
raise Refusal("c", "Wacht even." if late else HERE)
raise Refusal("d", "not for people")
"""
    found = {one for one, _ in collect._in_tree(ast.parse(code))}
    assert found == {"Dit kan nu niet.", "Wacht even.", NOT_YET}
