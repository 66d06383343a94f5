"""An agreement on support, on screens: offered, signed at 17 alone, at 15 with a parent; and looked back at."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.journeys.conftest import LAPTOP, PHONE, Person
from tests.journeys.test_behind_a_form import share

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
OTHER = "Software developer"
TODAY = timezone.localdate()
DAY = TODAY + timedelta(days=10)  # near enough to be asked about at once


def given_a_draft_that_the_intaker_offers(intaker: Person, username: str, name: str) -> str:
    """Offers what stands in the draft; gives the address of the case."""
    intaker.log_in(username)
    intaker.page.goto("/intake/")
    intaker.page.locator("tbody th a", has_text=name).last.click()
    case = re.search(r"/intake/([0-9a-f-]{36})/", intaker.page.url)[1]
    intaker.link("Naar de afspraken")
    return case


def and_fills_in(intaker: Person, what: str) -> None:
    page = intaker.page
    last = int(page.locator("[name=count]").input_value())
    for place, text in ((0, what), (last, "Samen een plek zoeken")):
        page.fill(f"[name=what-{place}]", text)
        page.fill(f"[name=who-{place}]", "mevrouw Bos")
        page.fill(f"[name=starts_on-{place}]", (TODAY + timedelta(days=20)).isoformat())
        page.fill(f"[name=works-{place}]", "Elke maand even vragen")
    page.fill("[name=review_date]", DAY.isoformat())
    page.locator("[name=signer][value=intaker]").check(force=True)


def then_the_student_signs(student: Person) -> None:
    student.page.goto("/vandaag/")
    student.screen("today-agreement").page.locator("section", has_text="Onze afspraken").get_by_role(
        "link"
    ).first.click()
    student.sees("Wil je dit tekenen?").in_all_ways("own_agreement").tap("Ja, ik teken").sees("Getekend")


def test_seventeen_signs_alone_and_home_is_not_asked(person):
    intaker, student = person(LAPTOP), person(PHONE)
    given_a_draft_that_the_intaker_offers(intaker, "intaker.care", "Sam")
    intaker.link("Verander de tekst").in_all_ways("case-agreement-draft").tap("Bewaar en bekijk")
    intaker.in_all_ways("case-agreement").tap("Bied dit aan").sees("Aangeboden")
    then_the_student_signs(student.log_in("student.full"))
    intaker.page.reload()
    intaker.tap("Teken voor het mbo").sees("Getekend").screen("case-agreement-signed")
    student.page.reload()
    student.sees("Getekend").screen("own-agreement-signed")
    intaker.link("Naar alle afspraken").in_all_ways("agreement-list")
    student.page.goto("/wie-keek/")
    student.sees("Onze afspraken")


def test_fifteen_signs_with_a_parent(person):
    parent, intaker, student = person(PHONE), person(LAPTOP), person(PHONE)
    share(student.log_in("student.young"), "other4", "woorden passen").sees("ouder")
    parent.log_in("guardian.young")
    parent.page.goto("/thuis/")
    parent.page.locator("#asked ~ ul li", has_text=OTHER).get_by_role("link").click()
    parent.tap("Ja, dat mag")
    given_a_draft_that_the_intaker_offers(intaker, "intaker.other", "Dilara")
    intaker.screen("agreement-none").link("Maak afspraken")
    and_fills_in(intaker, "Teksten worden voorgelezen")
    intaker.tap("Bewaar en bekijk").tap("Bied dit aan").tap("Teken voor het mbo")
    then_the_student_signs(student)
    student.sees("Jij hebt getekend. We wachten nog op iemand anders.")
    parent.page.goto("/thuis/")
    parent.sees("Het mbo vraagt ook uw handtekening.").page.locator("#agreed ~ ul a").first.click()
    parent.in_all_ways("home_agreement").tap("Ja, ik teken").sees("Getekend")
    student.page.reload()
    student.sees_not("We wachten nog op iemand anders").link("Kijk terug").in_all_ways("own_agreement_review")
    for place, answer in enumerate(["works", "changed"]):
        student.page.locator(f"[name=verdict-{place}][value={answer}]").check(force=True)
    student.tap("Bewaar").sees("Bewaard.")
    intaker.page.reload()
    intaker.link("Kijk terug").sees("Is veranderd").in_all_ways("case_agreement_review")
    intaker.link("Terug naar de afspraken")
    parent.page.goto("/thuis/")
    parent.page.locator("#approved ~ ul li", has_text=OTHER).get_by_role("link").click()
    parent.tap("Ja, stop").sees("Gestopt.")
    intaker.page.reload()
    intaker.sees("Getekend").sees("Teksten worden voorgelezen")  # the share is over, the agreement is not
