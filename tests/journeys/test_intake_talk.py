"""The talk of an intake, from plan to answer, and a calendar file that says nothing; tips and the inbox beside it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.journeys.calls import call, shares
from tests.journeys.conftest import LAPTOP, PHONE, Person

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
NOT_IN_A_CALENDAR = re.compile(r"Sam|Sewdinath|intake|hulp|Verzorgende|care3|DESCRIPTION|ATTENDEE|ORGANIZER", re.I)


def file_of(person: Person, link: str) -> str:
    """What the link downloads."""
    with person.page.expect_download() as found:
        person.page.get_by_role("link", name=link).click()
    assert found.value.suggested_filename == "gesprek.ics"
    return found.value.path().read_text(encoding="utf-8")


def test_a_talk_is_planned_seen_and_asked_otherwise(person: Callable[..., Person]) -> None:
    intaker, student = person(LAPTOP).log_in("intaker.care"), person(PHONE).log_in("student.full")
    intaker.page.goto("/intake/")
    intaker.screen("inbox-tabs").page.locator("tbody th a").first.click()
    intaker.page.locator("#tips-title ~ details summary").first.click()
    intaker.screen("brief-tips").link("Kies een dag").in_all_ways("case_plan")
    page = intaker.page
    day = timezone.localdate() + timedelta(days=12)
    page.get_by_label("Dag van het gesprek").fill(day.isoformat())
    page.get_by_label("Tijd").fill("10:30")
    page.get_by_label("Waar?").fill("Lokaal 12")
    intaker.tap("Bewaar het gesprek").sees("Het gesprek is bewaard.").screen("brief-planned")
    said = [file_of(intaker, "Zet in uw agenda")]

    student.page.goto("/delen/mijn-gesprek/")
    student.sees("Lokaal 12").in_all_ways("share_intake_talk")
    said.append(file_of(student, "Zet het in mijn agenda"))
    student.page.get_by_label("Ik wil een andere tijd").check()
    student.page.get_by_label("Ik wil iemand meenemen").fill("mijn oma")
    student.tap("Bewaar").sees("Bewaard.").screen("share-intake-talk-answered")
    page.reload()
    intaker.sees("Ik wil een andere tijd").sees("mijn oma").screen("brief-answered")

    for file in said:
        assert "SUMMARY:Gesprek" in file and day.strftime("%Y%m%dT") in file
        assert not NOT_IN_A_CALENDAR.search(re.sub(r"(?m)^(UID|PRODID):.*$", "", file))


def test_the_arrows_go_from_row_to_row(person: Callable[..., Person]) -> None:
    student, intaker = person(PHONE).log_in("student.adult"), person(LAPTOP).log_in("intaker.care")
    student.page.goto("/vandaag/")
    share = shares(student, "programme", "intake", ["me.name"])
    try:
        intaker.page.goto("/intake/")
        links = intaker.page.locator("tbody th a")
        assert links.count() > 1
        links.first.focus()
        intaker.page.keyboard.press("ArrowDown")
        assert links.nth(1).evaluate("one => one === document.activeElement")
        intaker.page.keyboard.press("Home")
        assert links.first.evaluate("one => one === document.activeElement")
    finally:
        call(student, "POST", f"shares/{share}/withdraw/")


def test_the_region_keeps_its_tips(person: Callable[..., Person]) -> None:
    region = person(LAPTOP).log_in("region.one")
    region.page.goto("/regio/tips/")
    region.in_all_ways("region_tips").link("Uitleg in kleine stappen").in_all_ways("region_tip")
    region.page.get_by_label("Op de werkplek").fill("Doe het eerst voor.\nLaat het daarna zelf doen.")
    region.tap("Bewaar de tips").sees("leest nu deze tips").page.goto("/tips/")
    region.sees("Laat het daarna zelf doen.").in_all_ways("tips")
    region.page.goto("/regio/tips/steps/")
    region.page.get_by_label("Op de werkplek").fill("")
    region.tap("Bewaar de tips").sees("leest nu deze tips")
