"""A mentor proposes, the student decides; and one small goal: both as their people walk it."""

import re
from typing import Any

import pytest

from tests.journeys.conftest import LAPTOP, PHONE, Person

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
QUESTION, LABEL = "/paspoort/vraag/me.proud/", "Waar ben je trots op?"
OWN, PROPOSED, CHANGED = "Ik bleef rustig", "Ik bleef rustig en hielp een ander", "Ik bleef rustig, ook toen"


def given_what_the_student_says(student: Person) -> None:
    student.page.goto(QUESTION)
    student.page.locator("#id_value").fill(OWN)
    student.tap("Verder")


def when_the_mentor_proposes(mentor: Person, text: str) -> None:
    mentor.page.goto("/gedeeld/")
    mentor.link("Sam").sees("Voorstellen").screen("dossier-to-suggest")
    with mentor.page.expect_navigation():
        mentor.page.get_by_role("link", name=f"Stel iets voor bij: {LABEL}").click()
    mentor.sees(OWN).screen("suggest").page.get_by_label("Uw voorstel").fill(text)
    mentor.tap("Stel dit voor").sees("Uw voorstel is verstuurd.").sees(text)


def then_it_waits_beside_the_answer(student: Person) -> None:
    student.page.goto("/vandaag/")
    student.sees("stelt iets voor.").sees_not(PROPOSED).screen("today-suggested")
    student.page.goto(QUESTION)
    student.sees(PROPOSED).screen("question-suggested")
    assert student.page.locator("#id_value").input_value() == OWN


def then_it_is_taken_over_with_a_tap_and_back(student: Person) -> None:
    student.tap("Neem over")
    assert student.page.locator("#id_value").input_value() == PROPOSED
    student.page.goto(f"{QUESTION}eerder/")
    student.sees("Jij nam het over.").screen("history-suggested")
    student.tap("Zet deze terug")
    assert student.page.locator("#id_value").input_value() == OWN


def then_it_is_changed(student: Person) -> None:
    student.page.goto(QUESTION)
    student.link("Verander het").sees("Schrijf hieronder wat jij wilt.").screen("question-beside")
    assert student.page.locator("#id_value").input_value() == OWN
    student.page.locator("#id_value").fill(CHANGED)
    student.tap("Verder")
    student.page.goto(QUESTION)
    student.sees_not(PROPOSED)
    assert student.page.locator("#id_value").input_value() == CHANGED


@pytest.mark.parametrize("scripts", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["script", "no script"])
def test_a_suggestion_from_the_dossier_to_the_answer(person: Any, scripts: bool) -> None:
    student = person(PHONE, java_script_enabled=scripts).log_in("student.full")
    mentor = person(LAPTOP, java_script_enabled=scripts).log_in("mentor.one")
    given_what_the_student_says(student)
    when_the_mentor_proposes(mentor, PROPOSED)
    then_it_waits_beside_the_answer(student)
    then_it_is_taken_over_with_a_tap_and_back(student)
    when_the_mentor_proposes(mentor, PROPOSED)
    then_it_is_changed(student)


def test_what_was_being_typed_is_kept_before_a_suggestion_comes_over_it(person: Any) -> None:
    student, mentor = person(PHONE).log_in("student.full"), person(LAPTOP).log_in("mentor.one")
    given_what_the_student_says(student)
    when_the_mentor_proposes(mentor, PROPOSED)
    student.page.goto(QUESTION)
    student.page.locator("#id_value").fill(CHANGED)
    student.tap("Neem over").tap("Maak ongedaan")
    assert student.page.locator("#id_value").input_value() == CHANGED


def test_one_small_goal(person: Any) -> None:
    student = person(PHONE).log_in("student.adult")
    student.page.goto("/paspoort/can/")
    student.link("Dat leer ik nog").screen("goals-none").link("Kies een doel").screen("goal")
    student.tick("Beginnen met een taak").page.get_by_label("Wat ga je doen?").fill("Eerst één som")
    day = student.page.evaluate("new Date(Date.now() + 7 * 864e5).toISOString().slice(0, 10)")
    student.page.get_by_label("Wanneer kijk je of het lukt?").fill(day)
    student.tap("Bewaar").sees("Je doel is bewaard.").sees("Eerst één som").screen("goals")
    student.tap("Dit lukt nu").sees("Dit leerde je al").screen("goals-reached")
    student.page.get_by_role("link", name=re.compile("^Haal weg")).click()
    student.sees("Haal je dit doel weg?").screen("goal-remove").tap("Ja, haal weg").sees_not("Eerst één som")


def test_people_are_cards_that_open(person: Any) -> None:
    student = person(PHONE).log_in("student.full")
    student.page.goto("/paspoort/vraag/home.people/")
    names = student.page.locator("summary h2")
    before = names.count()
    assert before > 1 and not student.page.get_by_label("Voornaam").first.is_visible()
    student.screen("people")
    names.first.click()
    student.page.get_by_label("Voornaam").first.fill("Marijke")
    student.screen("people-open").tap("Verder")
    student.page.goto("/paspoort/vraag/home.people/")
    assert names.count() == before and "Marijke" in names.first.inner_text()
