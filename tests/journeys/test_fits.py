"""Three needs and their answers: the intaker taps, two people look at a no, the student reads it and says something."""

from typing import Any

import pytest

from tests.journeys.conftest import LAPTOP, PHONE, Person

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
NAME = "Filmon"
WHY, INSTEAD = "De lokalen zijn klein en vol", "In de bibliotheek is het stil"
FIXED = "Dit gaat over één soort hulp. Het is geen nee tegen jou. Je mag je gewoon aanmelden."
NEEDS = ["need.support.time", "need.support.language", "need.support.home"]


def given_three_needs(student: Person) -> str:
    """student.left shares three needs with tech2; returns the share."""
    student.page.goto("/vandaag/")
    return str(
        student.page.evaluate(
            """async (units) => {
              const token = document.querySelector('[name=csrfmiddlewaretoken]').value;
              const found = await (await fetch('/api/v1/recipients/?q=tech2')).json();
              const valid_until = new Date(Date.now() + 30 * 86400000).toISOString().slice(0, 10);
              const recipient = {kind: 'programme', id: found.results[0].id};
              const wish = {recipient, purpose: 'intake', units, valid_until};
              const answer = await fetch('/api/v1/shares/', {method: 'POST', body: JSON.stringify(wish),
                headers: {'Content-Type': 'application/json', 'X-CSRFToken': token}});
              return (await answer.json()).id;
            }""",
            NEEDS,
        )
    )


def when_the_intaker_answers(intaker: Person, name: str) -> None:
    intaker.page.goto("/intake/")
    intaker.link(name)
    yes = intaker.page.get_by_role("button", name="Ja, dit doen wij", exact=True)
    with intaker.page.expect_navigation():
        yes.first.click()
    intaker.sees("Uw antwoord is verstuurd.")
    box = intaker.page.locator("#antwoord-2")
    box.locator("summary").first.click()
    intaker.screen("brief-answering")
    box.locator("summary").nth(1).click()
    box.get_by_label("Waarom kan dit niet?").fill(WHY)
    box.get_by_label("Wat kan er dan wel?").fill(INSTEAD)
    with intaker.page.expect_navigation():
        box.get_by_role("button", name="Vraag een collega").click()
    intaker.sees("Wacht op een collega").screen("brief-waits")


def when_a_colleague_looks_along(second: Person) -> None:
    second.page.goto("/met-zijn-tweeen/")
    second.screen("second-looks")
    with second.page.expect_navigation():
        second.page.get_by_role("link", name="vraagt of u meekijkt").first.click()
    second.sees(WHY).sees(INSTEAD).in_all_ways("second_look")
    second.tap("Akkoord").sees("Het antwoord is verstuurd.")


def then_the_student_reads_it_and_says_something(student: Person, share: str) -> None:
    student.page.goto("/vandaag/")
    student.sees("gaf antwoord op wat jou helpt.")
    student.page.goto(f"/delen/{share}/antwoorden/")
    student.sees("Ja, dit kan.").sees(FIXED).sees(INSTEAD).in_all_ways("share_fits")
    card = student.page.locator("section.card").filter(has_text=WHY)
    card.get_by_text("Wat betekent dit voor jou?").click()
    student.sees("Wat zijn jouw rechten?").screen("no-card")
    card.get_by_text("Schrijf er iets bij").click()
    card.get_by_label("Wil je er iets bij schrijven?").fill("Mag ik daar altijd heen?")
    with student.page.expect_navigation():
        card.get_by_role("button", name="Ik wil hierover praten").click()
    student.sees("Jij zei:").screen("fits-reacted")


@pytest.mark.parametrize("scripts", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["script", "no script"])
def test_three_needs_one_no_two_people_and_a_word_back(person: Any, scripts: bool) -> None:
    student = person(PHONE).log_in("student.left")
    share = given_three_needs(student)
    intaker = person(LAPTOP, java_script_enabled=scripts).log_in("intaker.tech")
    when_the_intaker_answers(intaker, NAME)
    student.page.goto(f"/delen/{share}/")
    student.sees_not(WHY)
    when_a_colleague_looks_along(person(LAPTOP, java_script_enabled=scripts).log_in("intaker.care"))
    then_the_student_reads_it_and_says_something(student, share)
    intaker.page.goto("/intake/")
    intaker.link(NAME).sees("Mag ik daar altijd heen?").screen("brief-reaction")
    student.page.goto(f"/delen/{share}/stoppen/")
    student.tap("Ja, stop")
