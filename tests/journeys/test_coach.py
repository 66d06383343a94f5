"""A coach from tie to letting go: a code and a yes, a moment and promises, four weeks before, and then nothing."""

import os
import re
import subprocess
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.journeys.calls import call
from tests.journeys.conftest import LAPTOP, PHONE, ROOT, Person, Site

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
WHO, UNIT, SAID = "student.adult", "can.strengths", "We keken naar de bus"
# Nobody moves the clock of a running site, so the days of the tie are moved.
TIE = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import Tie
from intake.services import coach_ties
today, ties = timezone.localdate(), Tie.objects.filter(student__user__username="{who}", kind="coach")
"""
BEGINS = "assert ties.update(starts_on=today)"
NEARLY = "assert ties.update(ends_on=today + timedelta(days=10))"
OVER = "assert ties.update(ends_on=today - timedelta(days=1)); assert coach_ties.let_go() == 1"
AS_IT_WAS = "ties.delete()"


def moved(site: Site, to: str) -> None:
    command = [".venv/bin/python", "manage.py", "shell", "-v", "0", "-c", TIE.format(who=WHO) + to]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **site.settings}, check=True, capture_output=True)


def given_a_code_of_the_coach(coach: Person) -> str:
    coach.page.goto("/coach/")
    coach.in_all_ways("coach_students").page.get_by_label("Doorstroomcoach").check()
    coach.tap("Maak een code").screen("coach-code")
    return re.sub(r"\D", "", coach.page.locator(".code [aria-hidden]").inner_text())


def when_the_student_says_yes(student: Person, code: str) -> None:
    student.page.goto("/delen/mensen/")
    student.link("Jouw coach").sees("Je hebt nu geen coach").link("Ik heb een code").screen("own-coach-code")
    student.page.get_by_label("De code van je coach").fill(code)
    student.tap("Verder").sees("Aydemirci").in_all_ways("own_coach_yes")
    student.tap("Ja, dit is mijn coach").sees("Dit is nu je coach.")


def when_the_student_shares(student: Person) -> str:
    student.page.goto("/vandaag/")
    [found] = [one for one in call(student, "GET", "recipients/")["results"] if one["kind"] == "coach"]
    wish = {"recipient": {"kind": "coach", "id": found["id"]}, "purpose": "coaching", "units": [UNIT]}
    until = (timezone.localdate() + timedelta(days=20)).isoformat()
    return str(call(student, "POST", "shares/", wish | {"valid_until": until})["id"])


def when_they_meet(coach: Person, student: Person) -> str:
    coach.page.goto("/coach/")
    coach.link(call(student, "GET", "me/")["display_name"]).in_all_ways("coach_student")
    coach.link("Schrijf een gesprek op").in_all_ways("coach_moment_new")
    coach.page.get_by_label("Wat wilt u samen onthouden?").fill(SAID)
    coach.page.get_by_label("Wat doet u?").fill("Ik bel het mbo")
    coach.page.get_by_label("Wat doet de student?").fill("Je zoekt de bus op")
    coach.tap("Bewaar").sees("De student leest dit ook.").tap("Dit is gedaan").sees("De student ziet het ook.")
    return str(coach.page.url)


def then_the_student_reads_and_ticks(student: Person) -> None:
    student.page.goto("/jouw-coach/")
    student.sees(SAID).sees("Je coach doet").in_all_ways("own_coach")
    student.tap("Dit is gedaan").sees("Toch niet")


def then_letting_go_comes_near(coach: Person, student: Person) -> None:
    coach.page.goto("/coach/")
    coach.sees("Tijd om los te laten").screen("coach-soon")
    student.page.goto("/vandaag/")
    student.link("Praat samen over wie jou daarna helpt").sees(SAID)


def then_the_coach_reads_nothing(coach: Person, student: Person, page: str, share: str, name: str) -> None:
    for path in (page, f"{page}gesprek/", f"/gedeeld/{share}/"):
        assert coach.get(path).status == 404
    coach.page.goto("/coach/")
    coach.sees_not(name).sees_not(SAID)
    student.page.goto("/jouw-coach/")
    student.sees("was je coach").sees(SAID).screen("own-coach-over")


def test_a_coach_from_tie_to_letting_go(person: Any, site: Site) -> None:
    coach, student = person(LAPTOP).log_in("coach.one"), person(PHONE).log_in(WHO)
    try:
        when_the_student_says_yes(student, given_a_code_of_the_coach(coach))
        moved(site, BEGINS)
        share = when_the_student_shares(student)
        name = call(student, "GET", "me/")["display_name"]
        page = when_they_meet(coach, student)
        then_the_student_reads_and_ticks(student)
        moved(site, NEARLY)
        then_letting_go_comes_near(coach, student)
        moved(site, OVER)
        then_the_coach_reads_nothing(coach, student, page, share, name)
    finally:  # as it was: the site is shared with the other journeys
        moved(site, AS_IT_WAS)


def test_growth_then_and_now(person: Any) -> None:
    student = person(PHONE).log_in("student.full")
    student.page.goto("/paspoort/can/")
    student.link("Zo groei ik").sees("Gaat nu beter").sees("Nu lastiger").in_all_ways("growth")
    with student.page.expect_download() as file:
        student.page.get_by_role("link", name="Bewaar het plaatje").click()
    assert file.value.suggested_filename == "zo-groei-ik.svg"
