"""Practising a talk keeps nothing, and short stories say that they are made up."""

import re
from typing import Any

import pytest
import yaml
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Student
from intake.services import leaving
from passport import practice, stories
from passport.services import open_sheet, questions_of
from passport.stories import WrongStories
from tests.factories import key_of, write
from tests.words import lint
from tests.words.test_sources import faults, glossary  # noqa: F401

START, FIRST, PAPER = "/oefenen/", "/oefenen/1/", "/oefenen/papier/"
LAST = len(practice.all_asked())
STORY = {"title": "Ik ging kijken", "name": "Bo", "section": "want", "made_up": False,
         "parts": [{"heading": "Zo was het", "text": "Ik vond het leuk."}]}  # fmt: skip


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def main_of(response: Any) -> str:
    return text_of(response).split("<main")[1].split("</main>")[0]


@pytest.fixture
def page(sam: Student, browser_of: Any) -> Client:
    return browser_of(sam)


# --- The questions of the talk -----------------------------------------------------------------------------


def test_eight_to_ten_questions_and_none_asks_for_a_sensitive_answer(sam):
    questions = questions_of(sam.passport).questions
    keys = {key for asked in practice.all_asked() for key in asked.help}
    assert 8 <= LAST <= 10 and keys <= set(questions)
    assert not [key for key in keys if questions[key].sensitive]


def test_every_question_and_tip_is_easy(glossary):  # noqa: F811
    texts = [text for asked in practice.all_asked() for text in (asked.ask, asked.tip)]
    assert [fault for text in texts for fault in faults(text, lint.STUDENT, glossary)] == []


def test_one_by_one_from_the_start_to_the_end(page):
    where, seen = FIRST, []
    assert f'href="{FIRST}"' in text_of(page.get(START))
    while where != "/oefenen/klaar/":
        html = text_of(page.get(where))
        seen.append(re.search(r"<h1>(.*?)</h1>", html)[1])
        where = re.search(r'class="btn btn-main" href="([^"]+)"', html)[1]
    assert seen == [asked.ask for asked in practice.all_asked()]
    assert "Goed gedaan." in text_of(page.get(where))


@pytest.mark.parametrize("place", ["0", str(LAST + 1), "99999"])
def test_there_is_no_other_question(page, place):
    assert page.get(f"/oefenen/{place}/").status_code == 404


# --- The student's own answers -----------------------------------------------------------------------------


def test_ones_own_answers_are_folded_beside_the_question(page, sam):
    write(sam, "me.words", ["rustig", "eerlijk"])
    folded = main_of(page.get(FIRST)).split("<details", 1)[1].split("</details>")[0]
    assert not folded.split(">")[0].strip().endswith("open")
    assert "rustig eerlijk" in folded and "muziek" in folded


def test_a_way_out_or_nothing_gives_no_card(page, sam):
    for key in practice.all_asked()[0].help:
        write(sam, key, None, "private")
    html = main_of(page.get(FIRST))
    assert "In je paspoort staat hier nog niets over." in html and "<details" not in html
    assert "Wil ik niet zeggen" not in html


def test_what_helps_is_there_and_why_it_helps_is_not(page):
    pages = [f"/oefenen/{place}/" for place in range(1, LAST + 1)] + [f"{PAPER}met-antwoorden/"]
    said = [text_of(page.get(path)) for path in pages]
    assert any("Een hoek bij het raam" in html for html in said)
    assert not [html for html in said if "autisme" in html]


def test_a_sensitive_answer_is_no_help_card_whatever_the_file_says(sam):
    asked = practice.Asked(1, "Wat wil je zeggen?", "", ("need.diagnosis", "me.free_time", "no.such_question"))
    cards = practice.help_cards(open_sheet(sam.passport, key_of(sam)), asked)
    assert [card.text for card in cards] == ["muziek\nkoken"]


def test_paper_has_every_question_and_answers_only_when_asked_for(page):
    plain, full = text_of(page.get(PAPER)), text_of(page.get(f"{PAPER}met-antwoorden/"))
    assert all(asked.ask in plain and asked.ask in full for asked in practice.all_asked())
    assert "muziek" not in plain and "muziek" in full and "Op papier kan iedereen het lezen." in full


# --- Nothing is kept, and nobody else ----------------------------------------------------------------------


def test_practising_writes_nothing(page, sam):
    page.get(START)
    session = dict(page.session)
    paths = [START, FIRST, f"/oefenen/{LAST}/", "/oefenen/klaar/", PAPER, f"{PAPER}met-antwoorden/", "/verhalen/"]
    with CaptureQueriesContext(connections["default"]) as asked, CaptureQueriesContext(connections["keys"]) as keys:
        assert {page.get(path).status_code for path in paths} == {200}
    said = [query["sql"] for query in (*asked.captured_queries, *keys.captured_queries)]
    assert said and not [sql for sql in said if not sql.startswith("SELECT")]
    assert dict(page.session) == session and {page.post(path).status_code for path in paths} == {405}


def test_a_question_costs_the_same_with_many_answers(page, sam, django_assert_num_queries):
    for key in ("me.words", "me.proud", "want.dream", "want.why"):
        write(sam, key, None, "later")
    page.get(FIRST)
    with django_assert_num_queries(4):  # session, user, passport, answers
        page.get(FIRST)


def everywhere() -> list[str]:
    return [START, FIRST, "/oefenen/klaar/", PAPER, f"{PAPER}met-antwoorden/", "/verhalen/", "/verhalen/1/"]


@pytest.mark.parametrize("who", ["mentor", "imke"])
def test_staff_get_what_does_not_exist(request, browser_of, who):
    client = browser_of(request.getfixturevalue(who))
    assert {client.get(path).status_code for path in everywhere()} == {404}


def test_without_a_log_in_there_is_no_page():
    assert {Client().get(path).status_code for path in everywhere()} == {302}


def test_another_student_gets_their_own_answers(browser_of, sam, noor):
    write(noor, "me.words", ["vrolijk"])
    html = text_of(browser_of(noor).get(FIRST))
    assert "vrolijk" in html and "muziek" not in html


def test_standing_still_one_can_practise_and_erased_not_any_more(settings, tmp_path, page, sam):
    settings.ERASURE_LIST = tmp_path / "erasures.list"
    leaving.freeze(student=sam, by=sam.user)
    assert "muziek" in text_of(page.get(FIRST))
    leaving.erase_student(sam.pk, by=sam.user)
    assert page.get(FIRST).status_code == 302


# --- Stories -----------------------------------------------------------------------------------------------


def test_three_stories_that_say_they_are_made_up(page):
    assert len(stories.all_stories()) == 3
    for story in stories.all_stories():
        html = main_of(page.get(f"/verhalen/{story.place}/"))
        assert "Dit verhaal is verzonnen." in html and story.title in html and story.words <= stories.MOST_WORDS
        assert html.count("<h1") == 1
    assert main_of(page.get("/verhalen/")).count("Verzonnen") == 3
    assert page.get("/verhalen/4/").status_code == 404


def test_every_story_is_easy(glossary):  # noqa: F811
    for story in stories.all_stories():
        texts = [story.title, *(text for part in story.parts for text in part)]
        assert [fault for text in texts for fault in faults(text, lint.STUDENT, glossary)] == []
        lines = [line for text in texts for line in lint.sentences(text)]
        assert lint.page_faults(lines, lint.STUDENT, glossary) == []


def test_a_region_puts_its_own_stories_in_their_place(page, settings):
    settings.STORIES = yaml.safe_dump([STORY], allow_unicode=True)
    html = main_of(page.get("/verhalen/1/"))
    assert "Ik vond het leuk." in html and "Dit is echt gebeurd." in html and "verzonnen" not in html
    assert "Echt gebeurd" in main_of(page.get("/verhalen/")) and page.get("/verhalen/2/").status_code == 404


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "no YAML"),
        ("text", "no list of stories"),
        ("[]", "no list of stories"),
        (["text"], "story 1"),
        ([STORY, {**STORY, "parts": None}], "story 2"),
        ([{name: STORY[name] for name in STORY if name != "made_up"}], "made_up"),
        ([{**STORY, "parts": [{"heading": "Lang", "text": "woord " * 151}]}], "story 1: 151 words, at most 150"),
    ],
)
def test_a_wrong_file_of_stories_is_refused_by_name(settings, content, says):
    settings.STORIES = content if isinstance(content, str) else yaml.safe_dump(content)
    with pytest.raises(WrongStories, match=says):
        stories.all_stories()
