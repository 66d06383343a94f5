"""After the start: guidance asked, the first day, a moment with «veranderd», a year later; and a sign to the coach."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.journeys.calls import call, shares
from tests.journeys.conftest import LAPTOP, PHONE, Person

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
NEED = "need.support.quiet"


def says(student: Person, what_works: str) -> None:
    now = call(student, "GET", "passport/")["answers"]["need.support"]
    value = [{"need": "quiet", "how_often": "vaak", "what_works": what_works, "why": ""}]
    call(
        student,
        "PUT",
        "passport/answers/need.support/",
        {"status": "answered", "value": value, "revision": now["revision"]},
    )


def needs_of(student: Person) -> Any:
    """What the student said about needs, to put it back after: the site is shared with the other journeys."""
    student.page.goto("/vandaag/")
    return call(student, "GET", "passport/")["answers"]["need.support"]


def puts_back(student: Person, before: Any) -> None:
    now = call(student, "GET", "passport/")["answers"]["need.support"]
    answer = {key: before[key] for key in ("status", "value")} | {"revision": now["revision"]}
    call(student, "PUT", "passport/answers/need.support/", answer)
    assert call(student, "GET", "passport/")["answers"]["need.support"]["value"] == before["value"]


def given_a_place(student: Person, intaker: Person) -> tuple[str, str]:
    """student.adult shares with care3 and is placed; returns the share and the case."""
    student.page.goto("/vandaag/")
    says(student, "Een hoek bij het raam")
    share = shares(student, "programme", "intake", [NEED])
    rows = call(intaker, "GET", "intake/cases/?ordering=-received_at")["results"]
    case = next(row["id"] for row in rows if row["share"] == share)
    call(intaker, "GET", f"intake/cases/{case}/brief/")
    for step in ("invited", "done", "placed"):
        assert call(intaker, "PATCH", f"intake/cases/{case}/", {"status": step})["status"] == step
    return share, case


def when_guidance_is_asked(student: Person) -> str:
    student.page.goto("/vandaag/")
    student.sees("Niets staat al aan").screen("today-guidance").tap("Ja, ik kies wat")
    assert student.page.locator("input[name=units]:checked").count() == 0
    return shares(student, "college_team", "guidance", [NEED])


def when_the_mentor_sets_the_first_day(mentor: Person, name: str, days_ago: int) -> None:
    mentor.page.goto("/mbo/")
    mentor.screen("college-students").link(name).screen("college-student").link("Eerste dag invullen")
    mentor.page.get_by_label("Welke dag?").fill((timezone.localdate() - timedelta(days=days_ago)).isoformat())
    mentor.page.get_by_label("Waar?").fill("Lokaal 0.14")
    mentor.tap("ewaar" if mentor.page.get_by_role("button", name="Bewaar de verandering").count() else "Zet klaar")
    mentor.sees("De student ziet dit meteen.").screen("first-day-write")


def then_something_has_changed(student: Person) -> None:
    student.page.goto("/na-de-start/eerste-dag/")
    student.sees("Lokaal 0.14").in_all_ways("first_day")
    student.page.goto("/vandaag/")
    student.sees("Drie keer tikken").link("Ik vertel het").in_all_ways("follow_up")
    student.page.get_by_label("Nee, dit is veranderd").check()
    student.tap("Klaar").sees("Is de hulp veranderd?").in_all_ways("follow_up_next")
    says(student, "Een eigen plek, met koptelefoon")
    student.page.goto("/vandaag/")
    student.link("Je hebt iets veranderd").sees("Een eigen plek, met koptelefoon")


def then_a_year_later_work_is_asked_once(student: Person) -> None:
    student.page.goto("/vandaag/")
    student.sees("Op weg naar werk?").screen("today-work")
    card = student.page.locator("section[aria-labelledby=after-work]")
    with student.page.expect_navigation():
        card.get_by_role("button", name="Nee").click()
    student.sees_not("Op weg naar werk?")


def test_from_placed_to_a_year_later(person: Any) -> None:
    student = person(PHONE).log_in("student.adult")
    intaker = person(LAPTOP).log_in("intaker.care")
    before = needs_of(student)
    share, case = given_a_place(student, intaker)
    name = call(intaker, "GET", f"intake/cases/{case}/")["student"]
    guided = ""
    try:
        guided = when_guidance_is_asked(student)
        mentor = person(LAPTOP, java_script_enabled=False).log_in("mentor.college")
        when_the_mentor_sets_the_first_day(mentor, name, days_ago=20)
        then_something_has_changed(student)
        when_the_mentor_sets_the_first_day(mentor, name, days_ago=366)
        then_a_year_later_work_is_asked_once(student)
    finally:  # as it was: the site is shared with the other journeys
        call(intaker, "PATCH", f"intake/cases/{case}/", {"status": "done"})
        for one in filter(None, (guided, share)):
            call(student, "POST", f"shares/{one}/withdraw/")
        puts_back(student, before)


def test_a_sign_to_the_coach_without_words(person: Any) -> None:
    student = person(PHONE).log_in("student.placed")
    student.page.goto("/na-de-start/hoe-gaat-het/w2/")
    assert not student.page.locator("input[name=coach]").is_checked()  # what was said is there, a sign is asked anew
    student.page.locator("input[name=talk][value=yes]").check()
    student.page.locator("input[name=coach]").check()
    more = student.page.get_by_label("Wil je nog iets vertellen?")
    if not more.is_visible():  # open already when something was told before
        student.page.get_by_text("Meer vertellen").click()
    more.fill("Ik slaap slecht")
    student.tap("Klaar").sees("Je coach kreeg een seintje.").screen("follow-up-next")
    coach = person(LAPTOP).log_in("coach.one")
    coach.page.goto("/gedeeld/")
    coach.sees("wil praten").sees_not("slaap").screen("coach-signal").tap("Ik pak dit op").sees_not("wil praten")
