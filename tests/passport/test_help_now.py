"""On a sensitive question stands whom one can call now: by age, region and class of today; nobody notes who taps."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
import yaml
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Membership, Region, Student
from intake.services import leaving
from passport import help_now
from passport.help_now import Number, numbers_for, parse_numbers
from passport.questionnaire import of_version
from tests import factories
from tests.factories import write
from tests.words import lint
from tests.words.test_sources import faults, glossary  # noqa: F401

CALL, LINE = "/bellen/", "Niemand leest dit vanzelf. Wil je nu hulp?"
CHILD, ADULT = "0800-0432", "088-0767000"
ALWAYS = ["0800-0113", "0800-2000", "112"]


def ask(key: str) -> str:
    return f"/paspoort/vraag/{key}/"


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def shown(html: str) -> list[str]:
    """The numbers one can tap, in their order."""
    return re.findall(r'href="tel:([^"]+)"', html)


@pytest.fixture
def page(sam: Student, browser_of: Any) -> Client:
    return browser_of(sam)


# --- Which numbers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "first"),
    [(8, CHILD), (14, CHILD), (17, CHILD), (18, ADULT), (24, ADULT), (25, ADULT), (60, ADULT), (None, CHILD)],
)
def test_the_first_number_is_for_this_age_and_the_rest_for_everybody(age, first):
    found = [number.telephone for number in numbers_for(age)]
    assert found[0] == first and found[-3:] == ALWAYS
    assert (CHILD in found) is (age is None or age < 18)
    assert (ADULT in found) is (age is None or age >= 18)


@pytest.mark.parametrize("region", ["", "linde", "hoog"])
def test_a_number_of_a_region_is_shown_there_alone(region):
    here = Number("iemand", "0123-1", "Nu?", "Ja.", "Altijd.", regions=frozenset({"linde"}))
    everywhere = Number("iedereen", "0123-2", "Nu?", "Ja.", "Altijd.")
    found = [number.telephone for number in numbers_for(17, region, [here, everywhere])]
    assert found == (["0123-1"] if region == "linde" else []) + ["0123-2"]


def test_the_file_says_when_it_was_looked_up_and_where():
    raw = help_now.FILE.read_text(encoding="utf-8")
    content = yaml.safe_load(raw)
    assert isinstance(content["checked"], date) and content["checked"] <= timezone.localdate()
    assert all(re.fullmatch(r"112|0[\d-]{8,11}", number.telephone) for number in parse_numbers(content))
    assert raw.count(".nl") >= 4


@pytest.mark.parametrize(
    "row", [{"call": "iemand"}, {"call": "x", "telephone": "1", "when": "", "hour": "", "about": ""}]
)
def test_a_line_that_is_not_whole_is_refused(row):
    with pytest.raises(TypeError):
        parse_numbers({"numbers": [row]})


def test_every_word_is_easy(glossary):  # noqa: F811
    texts = [text for one in help_now.all_numbers() for text in (one.when, one.about, one.hours)]
    assert [fault for text in texts for fault in faults(text, lint.STUDENT, glossary)] == []


def test_on_the_eighteenth_birthday_the_number_changes(browser_of, class_a):
    student = factories.make_pupil(age=17, school_class=class_a)
    with time_machine.travel(timezone.now() + timedelta(days=365 - 45)):
        assert shown(text_of(browser_of(student).get(ask("home.worries"))))[0] == CHILD.replace("-", "")
    with time_machine.travel(timezone.now() + timedelta(days=366)):
        assert shown(text_of(browser_of(student).get(ask("home.worries"))))[0] == ADULT.replace("-", "")


# --- Where the line stands ---------------------------------------------------------------------------------


def test_it_stands_on_every_sensitive_question_and_on_no_other(page, sam):
    questions = of_version(sam.passport.questionnaire_id).questions
    found = {key for key in questions if LINE in text_of(page.get(ask(key)))}
    assert found == {key for key, question in questions.items() if question.sensitive} and len(found) >= 3


def test_it_stands_on_a_sensitive_need_and_not_on_another(page, sam):
    write(sam, "need.support", [{"need": "emotions"}, {"need": "quiet"}])
    assert LINE in text_of(page.get(f"{ask('need.support')}1/"))
    assert LINE not in text_of(page.get(f"{ask('need.support')}2/"))


def test_it_names_the_mentor_with_a_telephone_when_there_is_one(page, mentor):
    html = text_of(page.get(ask("need.diagnosis")))
    assert "meneer Kaya" in html and shown(html) == ["08000432"]
    mentor.staff_telephone = "099-555 01 21"
    mentor.save()
    for path in (ask("need.diagnosis"), CALL):
        html = text_of(page.get(path))
        assert "099-555 01 21" in html and "0995550121" in shown(html)


def test_who_is_mentor_no_longer_is_not_named(page, mentor):
    Membership.objects.filter(user=mentor).update(ends_on=timezone.localdate() - timedelta(days=1))
    for path in (ask("need.diagnosis"), CALL):
        assert "meneer Kaya" not in text_of(page.get(path))


def test_without_a_class_the_numbers_stay(browser_of):
    html = text_of(browser_of(factories.make_pupil(age=19)).get(CALL))
    assert shown(html)[0] == "0880767000" and "Je mentor" not in html


def test_the_region_is_that_of_the_school(page, class_a, monkeypatch):
    here = Number("het jongerenpunt", "0123-4567890", "Wil je praten?", "Ja.", "Altijd.", None, frozenset({"linde"}))
    known = help_now.all_numbers()
    monkeypatch.setattr(help_now, "all_numbers", lambda: (here, *known))
    assert "01234567890" not in shown(text_of(page.get(CALL)))
    class_a.institution.region = Region.objects.create(code="linde", name="Lindestreek")
    class_a.institution.save()
    assert shown(text_of(page.get(ask("need.diagnosis"))))[0] == "01234567890"


# --- The page ----------------------------------------------------------------------------------------------


def test_the_page_has_all_of_them_under_a_neutral_title(page):
    html = text_of(page.get(CALL))
    assert shown(html)[-3:] == ["08000113", "08002000", "112"]
    assert re.search("<title>(.*?)</title>", html)[1] == "Wie kun je bellen?"
    assert f'href="{CALL}"' in text_of(page.get(ask("need.diagnosis")))
    assert f'href="{CALL}"' in text_of(page.get("/hulp/"))


def test_nobody_notes_who_opens_it_and_a_tap_goes_nowhere_but_to_the_telephone(page, mentor):
    page.get(CALL)
    with CaptureQueriesContext(connections["default"]) as asked:
        html = text_of(page.get(CALL))
    assert not [query for query in asked.captured_queries if not query["sql"].startswith("SELECT")]
    main = html.split("<main")[1].split("</main>")[0]
    assert "<form" not in main and "ping=" not in main and "<script" not in main


def test_a_sensitive_question_costs_two_queries_more(page, sam, mentor, django_assert_num_queries):
    for key, queries in (("need.not_helpful", 7), ("need.diagnosis", 9)):
        page.get(ask(key))
        # session, user, passport, answer, proposals, who sees, lesson; class, mentors
        with django_assert_num_queries(queries):
            page.get(ask(key))


# --- Nobody else, and no longer ----------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["mentor", "imke"])
def test_staff_get_what_does_not_exist(request, browser_of, who):
    assert browser_of(request.getfixturevalue(who)).get(CALL).status_code == 404


def test_a_visitor_is_asked_to_log_in_and_finds_no_dead_link(client):
    assert client.get(CALL).status_code == 302
    assert f'href="{CALL}"' not in text_of(client.get("/hulp/"))


def test_standing_still_it_is_there_and_erased_there_is_nobody(settings, tmp_path, page, sam):
    settings.ERASURE_LIST = tmp_path / "erasures.list"
    leaving.freeze(student=sam, by=sam.user)
    assert LINE in text_of(page.get(ask("need.diagnosis"))) and page.get(CALL).status_code == 200
    leaving.erase_student(sam.pk, by=sam.user)
    assert page.get(CALL).status_code == 302
