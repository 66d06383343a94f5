"""A language for parents can be chosen only while somebody reviewed every text of its catalogue."""

from datetime import date
from pathlib import Path

import polib
import pytest

from accounts import languages
from tests.languages import collect, parents, review

DAY = date(2026, 12, 1)
BY = "A. Yilmaz, tolk"
FOR_PARENTS = sorted(one.code for one in languages.all_languages() if not one.for_students)


@pytest.fixture
def site(tmp_path, settings, monkeypatch):
    """A site with one text for parents, and its Turkish catalogue, whole and not reviewed."""
    settings.BASE_DIR = tmp_path
    path = tmp_path / "locale" / "tr" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    monkeypatch.setattr(parents, "messages", lambda: {("Ja", "")})
    file = polib.POFile()
    file.append(polib.POEntry(msgid="Ja", msgstr="Evet"))
    file.save(str(path))
    make(path)
    return path


def make(path: Path) -> None:
    """What `python -m tests.languages.collect` does with one catalogue."""
    collect.keep(collect.written(path), path)


def is_offered() -> bool:
    (one,) = languages.parse_languages([{"code": "tr", "name": "Türkçe", "for": "parents", "reviewed": "catalogue"}])
    return one.is_offered


def change(path: Path, **fields: object) -> None:
    file = polib.pofile(str(path))
    for name, value in fields.items():
        setattr(file[0], name, value)
    file.save(str(path))
    make(path)


# --- The yes ----------------------------------------------------------------------------------------------------


def test_what_was_read_and_is_whole_is_offered(site):
    assert review.mark(site, BY, DAY) == [] and is_offered()
    assert languages.review_in(site.with_suffix(".mo")) == f"{BY} 2026-12-01"


def test_it_stays_when_the_texts_are_collected_again(site):
    review.mark(site, BY, DAY)
    make(site)
    assert is_offered()


# --- The no -----------------------------------------------------------------------------------------------------


def test_without_a_review_it_is_not(site):
    assert not is_offered()


def test_without_a_catalogue_it_is_not(site):
    review.mark(site, BY, DAY)
    site.with_suffix(".mo").unlink()
    assert not is_offered()


@pytest.mark.parametrize("half", [{"flags": ["fuzzy"]}, {"msgstr": ""}, {"msgstr": "«Evet»"}])
def test_a_draft_an_empty_text_or_a_lost_name_cannot_be_reviewed(site, half):
    change(site, **half)
    before = site.read_text(encoding="utf-8")
    assert len(review.mark(site, BY, DAY)) == 1
    assert site.read_text(encoding="utf-8") == before and not is_offered()


@pytest.mark.parametrize("said", [{collect.BY: BY}, {collect.ON: "2026-12-01"}, {collect.BY: BY, collect.ON: "soon"}])
def test_a_review_has_a_name_and_a_day(site, said):
    file = polib.pofile(str(site))
    file.metadata = {**file.metadata, **said}
    collect.keep(file, site)
    assert not is_offered()


def test_a_draft_is_shown_to_nobody(site):
    change(site, flags=["fuzzy"])
    assert list(polib.mofile(str(site.with_suffix(".mo")))) == []
    assert polib.pofile(str(site))[0].fuzzy


# --- The no longer ----------------------------------------------------------------------------------------------


def test_a_new_text_for_parents_asks_for_a_new_look(site, monkeypatch):
    review.mark(site, BY, DAY)
    monkeypatch.setattr(parents, "messages", lambda: {("Ja", ""), ("Nee", "")})
    make(site)
    assert not is_offered()


@pytest.mark.parametrize("half", [{"flags": ["fuzzy"]}, {"msgstr": ""}])
def test_a_text_that_became_a_draft_again_takes_it_away(site, half):
    review.mark(site, BY, DAY)
    change(site, **half)
    assert not is_offered()


def test_it_can_be_taken_away(site):
    review.mark(site, BY, DAY)
    assert review.mark(site, "", DAY) == [] and not is_offered()


# --- The catalogues that are there ------------------------------------------------------------------------------


@pytest.mark.parametrize("code", FOR_PARENTS)
def test_a_catalogue_says_of_itself_what_the_site_offers(code):
    path = collect.ROOT / "locale" / code / "LC_MESSAGES" / "django.po"
    file = polib.pofile(str(path))
    assert {collect.BY, collect.ON} <= set(file.metadata)
    language = next(one for one in languages.all_languages() if one.code == code)
    assert language.is_offered == (bool(file.metadata[collect.BY]) and collect.faults_in(file) == [])


@pytest.mark.parametrize("code", FOR_PARENTS)
def test_what_is_a_draft_keeps_every_name_tag_and_button(code):
    file = polib.pofile(str(collect.ROOT / "locale" / code / "LC_MESSAGES" / "django.po"))
    assert [fault for fault in collect.faults_in(file) if fault.startswith("not the same holes")] == []


def test_the_command_says_what_is_left_and_changes_nothing(site, monkeypatch, capsys):
    monkeypatch.setattr(collect, "ROOT", site.parents[3])
    change(site, msgstr="")
    assert review.main(["tr", "--by", BY]) == 1
    assert "not translated: Ja" in capsys.readouterr().out and not is_offered()
    change(site, msgstr="Evet")
    assert review.main(["tr", "--by", BY]) == 0 and is_offered()
    assert review.main(["tr", "--away"]) == 0 and not is_offered()
