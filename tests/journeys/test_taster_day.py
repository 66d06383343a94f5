"""A day to look around: from putting up to the card of who was there; one who did not come, and a buddy for a week."""

import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.journeys.calls import call
from tests.journeys.conftest import LAPTOP, PHONE, ROOT, Person, Site

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
NAME = "Drukkerij Inkt"
SETUP = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import Membership, Tie, User
from intake.models import TasterDay, TasterSignUp
from passport.models import Experience
day = TasterDay.objects.filter(name='Drukkerij Inkt')
buddy = User.objects.get(username='student.placed')
"""
A_BUDDY = """
college = User.objects.get(username='college.coordinator').memberships.get().institution
Membership.objects.create(user=buddy, role='buddy', institution=college)
"""
IN_DAYS = """
starts = timezone.now() + timedelta(days={days})
day.update(starts_at=starts, ends_at=starts + timedelta(hours=3))
Tie.objects.filter(taster_sign_ups__day__in=day).update(ends_on=day.get().last_day_of_buddy)
"""
AS_BEFORE = """
Experience.objects.filter(pk__in=TasterSignUp.objects.filter(day__in=day).values('pk')).delete()
day.delete()
Membership.objects.filter(user=buddy, role='buddy').delete()
"""


def do(site: Site, lines: str) -> None:
    command = [".venv/bin/python", "manage.py", "shell", "-v", "0", "-c", SETUP + lines]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **site.settings}, check=True, capture_output=True)


@pytest.fixture
def buddies(site: Site) -> Iterator[None]:
    """student.placed is a buddy at the college, in this journey alone."""
    do(site, A_BUDDY)
    yield
    do(site, AS_BEFORE)


def a_day_is_put_up(counsellor: Person) -> None:
    counsellor.page.goto(reverse("taster_kept"))
    counsellor.in_all_ways("taster_kept").link("Zet een dag klaar").in_all_ways("taster_new")
    page = counsellor.page
    page.get_by_label("Bij een bedrijf").check()
    said = {
        "name": NAME, "town": "Linderhaven", "where": "Kade 1", "starts": "09:30", "ends": "12:00", "places": "5",
        "doing": "Je drukt een kaart.", "travel": "Bus 4.", "along": "De decaan",
        "day": (timezone.localdate() + timedelta(days=6)).isoformat(),
    }  # fmt: skip
    for name, value in said.items():
        page.locator(f"[name={name}]").fill(value)
    counsellor.tap("Zet klaar").sees("Studenten zien hem nu.")


def two_put_their_name_down(students: list[Person]) -> None:
    for student in students:
        student.page.goto(reverse("taster_days"))
        student.link(NAME).sees("Je decaan ziet dan jouw naam").screen("taster-day-open")
        student.tap("Zet mijn naam erop").sees("Je naam staat erop.")
    students[0].in_all_ways("taster_day").page.goto(reverse("taster_days"))
    students[0].in_all_ways("taster_days")


def opened(counsellor: Person) -> Person:
    """From the list to the day of this journey."""
    with counsellor.page.expect_navigation():
        counsellor.page.get_by_role("listitem").filter(has_text=NAME).get_by_role("link").first.click()
    return counsellor


def the_counsellor_says_yes_and_asks_a_buddy(counsellor: Person) -> None:
    counsellor.page.goto(reverse("taster_kept"))
    opened(counsellor.sees("2 studenten wachten op u.")).in_all_ways("taster_names")
    counsellor.tap("Ja, dat kan").tap("Ja, dat kan")
    mine = counsellor.page.get_by_role("listitem").filter(has_text="Sam")
    mine.get_by_role("combobox").select_option(index=mine.get_by_role("option").count() - 1)
    with counsellor.page.expect_navigation():
        mine.get_by_role("button", name="buddy").first.click()
    counsellor.sees("De student zei nog geen ja.").screen("taster-names-buddy")


def the_student_lets_the_buddy_read_one_thing(student: Person, buddy: Person) -> str:
    buddy.page.goto(reverse("buddy_days"))
    buddy.sees_not(NAME)
    student.page.goto(reverse("taster_days"))
    own_day(student).sees("Mag deze buddy mee?").in_all_ways("taster_day").tap("Ja, dat is goed").sees("Je buddy")
    buddy.page.reload()
    buddy.sees(NAME).sees_not("Sam")
    [found] = [one for one in call(student, "GET", "recipients/")["results"] if one["kind"] == "buddy"]
    until = (timezone.localdate() + timedelta(days=13)).isoformat()
    body = {"recipient": {"kind": "buddy", "id": found["id"]}, "purpose": "orientation", "units": ["me.name"]}
    share = call(student, "POST", "shares/", body | {"valid_until": until})
    assert share["status"] == "active"
    buddy.page.reload()
    buddy.in_all_ways("buddy_days").link("Lees wat").screen("dossier-buddy")
    fields = call(buddy, "GET", f"dossiers/{share['id']}/")["fields"]
    assert [one["unit"] for one in fields] == ["me.name"]
    return str(share["id"])


def own_day(student: Person) -> Person:
    with student.page.expect_navigation():
        student.page.get_by_role("listitem").filter(has_text=NAME).get_by_role("link").last.click()
    return student


def one_came_and_one_did_not(counsellor: Person) -> None:
    counsellor.page.goto(reverse("taster_kept"))
    opened(counsellor).sees("Kwam niet").screen("taster-names-over")
    for who, said in (("Sam", "Was erbij"), ("Milan", "Kwam niet")):
        line = counsellor.page.get_by_role("listitem").filter(has_text=who)
        with counsellor.page.expect_navigation():
            line.get_by_role("button", name=said).click()
    counsellor.page.goto(reverse("taster_kept"))
    card = counsellor.sees("Bel even").page.get_by_role("listitem").filter(has_text="Milan").first
    counsellor.in_all_ways("taster_kept-call")
    with counsellor.page.expect_navigation():
        card.get_by_role("button", name="Gesproken").click()
    counsellor.sees_not("Milan")


def who_was_there_fills_in_the_card(student: Person) -> None:
    student.page.goto(reverse("taster_days"))
    day = student.page.get_by_role("listitem").filter(has_text=NAME)
    with student.page.expect_navigation():
        day.get_by_role("link", name="Maak je kaartje").click()
    student.in_all_ways("taster_card")
    assert student.page.get_by_label("Een dag meedoen", exact=False).first.is_checked()
    student.page.get_by_label("Wat deed je?").fill("Ik drukte een kaart.")
    student.tap("Bewaar").sees("Je kaartje is bewaard.").sees("Ik drukte een kaart.")


def test_a_day_from_putting_up_to_the_card(person: Callable[..., Person], site: Site, buddies: None) -> None:
    counsellor, buddy = person(LAPTOP).log_in("counsellor.one"), person(LAPTOP).log_in("student.placed")
    sam, other = person(PHONE).log_in("student.full"), person(PHONE).log_in("student.empty")
    a_day_is_put_up(counsellor)
    two_put_their_name_down([sam, other])
    the_counsellor_says_yes_and_asks_a_buddy(counsellor)
    share = the_student_lets_the_buddy_read_one_thing(sam, buddy)
    try:
        do(site, IN_DAYS.format(days=-1))
        one_came_and_one_did_not(counsellor)
        who_was_there_fills_in_the_card(sam)
        do(site, IN_DAYS.format(days=-8))
        buddy.page.goto(reverse("buddy_days"))
        buddy.sees_not(NAME)
        assert buddy.get(reverse("dossier", args=[share])).status == 404
    finally:
        sam.page.goto(reverse("today"))
        call(sam, "POST", f"shares/{share}/withdraw/")
