"""The questions and the other content in another language: whole, hanging on the Dutch text, never what is stored."""

import pytest
from django.utils import translation

from passport import translations
from passport.questionnaire import of_version, published
from passport.services import open_sheet
from tests.factories import key_of, make_parent, share, write
from tests.languages import content


@pytest.fixture
def english():
    with translation.override("en"):
        yield


def in_english(browser):
    browser.post("/lezen/", {"language": "en"})
    return browser


@pytest.mark.parametrize("part", ["questionnaire", "words", "help", "practice", "stories", "no_card"])
def test_every_text_is_there_in_english(part):
    known = translations.content_in("en")
    assert [text for text in content.texts()[part] if not known.get(text, "").strip()] == []


def test_the_published_version_is_wholly_in_english(english):
    """Also when a region published a version of its own: its file goes beside ours (docs/languages.md)."""
    questions = of_version(published().pk)
    said = [translations.translated(text) for text in content.of_questionnaire(questions) if text]
    assert [text for text in said if not isinstance(text, translations.Phrase)] == []


def test_no_two_options_of_a_question_become_one(english):
    for question in of_version(published().pk).questions.values():
        said = [translations.option(option) for option in question.options]
        assert len(set(said)) == len(said), question.key


def test_a_student_reads_english_and_the_dutch_text_is_kept(browser_of, sam):
    browser = in_english(browser_of(sam))
    page = browser.get("/paspoort/vraag/need.talk_with_me/").content.decode()
    assert "How do people best talk with you?" in page and ">short sentences<" in page
    assert 'value="korte zinnen"' in page and 'value="short sentences"' not in page
    browser.post("/paspoort/vraag/need.talk_with_me/", {"value": ["korte zinnen"], "own": "laat mij lopen"})
    assert open_sheet(sam.passport, key_of(sam)).text("need.talk_with_me").value == ["korte zinnen", "laat mij lopen"]


def test_own_words_stay_and_say_that_they_are_dutch(browser_of, sam):
    write(sam, "need.talk_with_me", ["korte zinnen", "Print"])
    write(sam, "me.proud", "Ik kom elke dag op tijd.")
    page = in_english(browser_of(sam)).get("/paspoort/me/").content.decode()
    assert '<dd translate="no" lang="nl" dir="auto">Ik kom elke dag op tijd.</dd>' in page
    parent = make_parent(sam)
    mine = share(sam, "guardian", parent.user.pk, "need.talk_with_me")
    seen = in_english(browser_of(parent)).get(f"/gedeeld/{mine.pk}/").content.decode()
    assert 'short sentences · <span lang="nl" dir="auto">Print</span>' in seen


def test_on_a_dutch_page_nothing_is_marked(browser_of, sam):
    write(sam, "me.proud", "Ik kom elke dag op tijd.")
    page = browser_of(sam).get("/paspoort/me/").content.decode()
    assert '<dd translate="no">Ik kom elke dag op tijd.</dd>' in page and '<html lang="nl" dir="ltr"' in page


def test_a_reader_still_gets_the_dutch_option(browser_of, sam, mentor, class_a):
    write(sam, "need.talk_with_me", ["korte zinnen"])
    in_english(browser_of(sam))
    mine = share(sam, "school_team", class_a.institution_id, "need.talk_with_me")
    page = browser_of(mentor).get(f"/gedeeld/{mine.pk}/").content.decode()
    assert "korte zinnen" in page and "Hoe praten mensen het best met jou?" in page and "short sentences" not in page


def test_a_text_without_a_translation_falls_back_to_dutch_and_says_so(english):
    assert translations.on_page("Wat wil je <b>drinken</b>?") == (
        '<span lang="nl" dir="auto">Wat wil je &lt;b&gt;drinken&lt;/b&gt;?</span>'
    )
    assert translations.on_page("Wie ben ik") == "Who I am"


def test_an_own_word_that_is_also_a_button_of_ours_is_not_translated(english):
    assert translations.translated("Bewaar") == "Save" and translations.option("Bewaar") == "Bewaar"


def test_nothing_is_translated_outside_a_page_in_another_language():
    assert translations.translated("Wie ben ik") == "Wie ben ik" and translations.option("muziek") == "muziek"


def test_a_dropped_option_of_an_old_version_is_still_said(english):
    """A translation hangs on the text, so it needs no version (contract, Answers)."""
    assert translations.option("muziek") == "music"


def test_staff_read_dutch_whatever_they_keep(browser_of, mentor):
    mentor.reading = {"language": "en"}
    mentor.save()
    assert '<html lang="nl"' in browser_of(mentor).get("/gedeeld/").content.decode()
