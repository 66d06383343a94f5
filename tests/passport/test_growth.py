"""«Zo groei ik»: a skill then and now, for its student alone, in words that judge nobody."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from passport.growth import Way, growth_of
from passport.models import AnswerRevision
from tests import factories
from tests.factories import key_of

THEN = {"on_time": "not_yet", "plan": "help", "start": "alone", "instruct": "help"}
NOW = {"on_time": "alone", "plan": "help", "start": "help", "finish": "alone"}


def rate(student, value, days_ago=0, question="can.skills", status="answered") -> None:
    factories.write(student, question, value, status)
    rows = AnswerRevision.objects.filter(answer__student=student).order_by("-created_at")
    AnswerRevision.objects.filter(pk=rows.first().pk).update(created_at=timezone.now() - timedelta(days=days_ago))


@pytest.fixture
def grown(noor):
    """Noor rated her skills half a year ago, and again today."""
    rate(noor, THEN, days_ago=180)
    rate(noor, NOW)
    return noor


def growth(student):
    return growth_of(student.passport, key_of(student))


def test_per_skill_then_and_now(grown):
    [found] = growth(grown)
    assert [(one.label, one.before, one.now, one.way) for one in found.skills] == [
        ("Op tijd komen", "Dat leer ik nog", "Dat kan ik zelf", Way.EASIER),
        ("Mijn werk plannen", "Met hulp lukt het", "Met hulp lukt het", Way.SAME),
        ("Beginnen met een taak", "Dat kan ik zelf", "Met hulp lukt het", Way.HARDER),
    ]
    today = timezone.localdate()
    assert (found.first_on, found.last_on) == (today - timedelta(days=180), today)


def test_rated_once_there_is_nothing_to_compare(noor, browser_of):
    rate(noor, THEN)
    assert growth(noor) == []
    at = browser_of(noor)
    assert "Je kunt nog niets vergelijken" in at.get(reverse("growth")).content.decode()
    assert at.get(reverse("growth_picture")).status_code == 404


def test_one_sitting_is_one_moment(noor):
    rate(noor, THEN)
    rate(noor, NOW)
    assert growth(noor) == []


def test_an_answer_that_was_taken_back_draws_nothing(grown):
    rate(grown, None, status="private")
    assert growth(grown) == []


def test_then_is_the_first_time_whatever_came_between(noor):
    for days, level in ((300, "not_yet"), (200, "alone"), (0, "help")):
        rate(noor, {"on_time": level}, days_ago=days)
    [skill] = growth(noor)[0].skills
    assert (skill.before_at, skill.now_at, skill.way) == (0, 1, Way.EASIER)


def test_a_level_or_statement_of_before_that_is_gone_has_no_line(noor):
    rate(noor, {"on_time": "alone", "plan": "alone"}, days_ago=90)
    rate(noor, {"on_time": "help"})
    assert [one.label for one in growth(noor)[0].skills] == ["Op tijd komen"]


def test_the_page_says_it_in_words_and_without_red_or_score(grown, browser_of):
    page = browser_of(grown).get(reverse("growth")).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    for words in (
        "Gaat nu beter",
        "Is hetzelfde",
        "Nu lastiger",
        "Dat leer ik nog",
        "Dan ziet de ander alleen hoe het nu gaat",
    ):
        assert words in main
    assert main.count("<svg viewBox") == 3
    assert not [word for word in ("%", "score", "danger", "warn", "style=", "punten") if word in main]


def test_the_picture_is_a_file_that_names_nobody(grown, browser_of):
    answer = browser_of(grown).get(reverse("growth_picture"))
    assert answer["Content-Type"] == "image/svg+xml" and "zo-groei-ik.svg" in answer["Content-Disposition"]
    drawing = ElementTree.fromstring(answer.content)
    said = " ".join(drawing.itertext())
    assert "Op tijd komen" in said and "Gaat nu beter" in said and "Nu lastiger" in said
    assert "Noor" not in said and b"style=" not in answer.content and b"<script" not in answer.content


def test_only_the_student_has_it(grown, mentor, imke, browser_of, sam):
    for name in ("growth", "growth_picture"):
        for by in (mentor, imke, factories.make_parent(grown).user):
            assert browser_of(by).get(reverse(name)).status_code == 404
    assert "Je kunt nog niets vergelijken" in browser_of(sam).get(reverse("growth")).content.decode()


def test_who_reads_the_answer_sees_now_and_never_then(grown, browser_of, class_a):
    coach = factories.make_user(staff_name="Anna Smit")
    factories.make_tie(grown, coach, "coach")
    share = factories.share(grown, "coach", coach.pk, "can.skills")
    page = browser_of(coach).get(reverse("dossier", args=[share.pk])).content.decode()
    assert "Op tijd komen: Dat kan ik zelf" in page.replace("\n", " ") or "Dat kan ik zelf" in page
    assert "Dat leer ik nog" not in page and reverse("growth") not in page


def test_it_asks_the_database_once(grown):
    key = key_of(grown)
    rate(grown, {"cooperate": "help"}, days_ago=100, question="can.together")
    rate(grown, {"cooperate": "alone"}, question="can.together")
    passport = grown.passport
    with CaptureQueriesContext(connection) as asked:
        assert len(growth_of(passport, key)) == 2
    assert len(asked) <= 2
