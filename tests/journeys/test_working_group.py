"""A working group changes a question, looks at it as a student, publishes; a student gets it; then it is put back."""

from typing import Any

import pytest

from tests.journeys.conftest import LAPTOP, PHONE

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]


def test_from_a_word_to_what_a_student_reads_and_back(person: Any) -> None:
    group, student = person(LAPTOP).log_in("region.one"), person(PHONE).log_in("student.work")
    asked = "Waar ben je trots op?"
    other = "Wat ging goed dit jaar?"
    group.link("Verander de vragen van het paspoort").sees("U veranderde nog niets.").in_all_ways("questionnaire")
    group.link(asked).in_all_ways("questionnaire_question")
    group.page.get_by_label("De vraag").fill(other)
    group.tap("Bewaar").sees("Niemand ziet dit, tot u het publiceert.").sees("Nog niet vertaald: English")
    group.link("Bekijk zoals een student").sees(other).sees("Er wordt niets bewaard.")
    group.in_all_ways("questionnaire_preview")
    student.page.goto("/paspoort/vraag/me.proud/")
    student.sees(asked)
    publish(group, asked, other)
    student.page.reload()
    student.sees(other)

    group.link(other)
    group.page.get_by_label("De vraag").fill(asked)
    group.tap("Bewaar")
    publish(group, other, asked)
    student.page.reload()
    student.sees(asked)
    group.page.get_by_role("link", name="Versie").nth(1).click()
    group.sees(other).in_all_ways("questionnaire_version")


def test_a_reader_says_what_a_question_was_worth(person: Any) -> None:
    reader = person(LAPTOP).log_in("intaker.care")
    reader.page.goto("/intake/?status=read")
    reader.page.locator("tbody a[href^='/intake/']").first.click()
    reader.page.locator("a[href$='/alles/']").first.click()
    reader.tap("hielp mij").sees("De student ziet dit niet.").in_all_ways("case_dossier")


def publish(group: Any, old: str, new: str) -> None:
    """Reads what changes, and makes it the next version."""
    group.page.goto("/vragenlijst/")
    group.link("Kijk na en publiceer").sees(old).sees(new).in_all_ways("questionnaire_publish")
    group.tap("Publiceer").sees("is gepubliceerd. Elke student krijgt nu deze vragen.")
