"""A promise kept, whole: three needs, their answers, an agreement, a start, a change, a year later, and nothing left.

Once at 17, alone and with a coach; once at 15, with somebody at home who says yes and signs too. Each has an account of
its own, made for it and erased at the end: what stays is what the college signed, and that is what is looked at.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.journeys.calls import call, shares
from tests.journeys.conftest import LAPTOP, PHONE, Person, Site
from tests.journeys.test_log_in import at_school

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
PASSWORD = "een lang wachtwoord voor het paspoort"
NEEDS = ["quiet", "steps", "planning"]
UNITS = [f"need.support.{need}" for need in NEEDS]
WHY, INSTEAD = "De machines hebben geen kaart met stappen", "Een maatje doet het voor"
AGREED = "Een stil lokaal bij elke toets"
CHANGED = "Nu met een koptelefoon"
MADE = """
from accounts.models import User; from tests import factories; of = User.objects.get;
pupil = factories.make_pupil({name!r}, age={age}, calling_name={calls!r}, surname="Zwart", official_name={full!r});
pupil.user.set_password({password!r}); pupil.user.save();
said = dict(how_often="vaak", what_works="Even apart", why="");
factories.write(pupil, "need.support", [dict(need=one, **said) for one in {needs}]);
"""
COACH = "factories.make_tie(pupil, of(username='coach.one'), 'coach');"
AT_HOME = """
parent = factories.make_parent(pupil).user; parent.username = {name!r} + ".thuis";
parent.set_password({password!r}); parent.save();
"""
KIND = "from accounts.models import Programme; Programme.objects.filter(code='care3').update(kind={kind!r})"
ERASE = (
    "from accounts.models import User; from intake.services import leaving;"
    " [leaving.erase_student(one.student.pk) for one in User.objects.filter(username={name!r})]"
)


@dataclass
class Somebody:
    """The student of one journey, as the demo's class list would have brought them."""

    name: str
    calls: str
    age: int

    def exists(self, site: Site) -> None:
        known = {"name": self.name, "calls": self.calls, "full": f"{self.calls} Zwart", "password": PASSWORD}
        lines = MADE + (COACH if self.age > 15 else AT_HOME)
        at_school(site, lines.format(**known, age=self.age, needs=NEEDS).replace("\n", " "))

    def comes_in(self, person: Person, ends: str = "") -> Person:
        person.page.goto("/inloggen/")
        person.page.get_by_label(re.compile("inlognaam|gebruikersnaam", re.I)).first.fill(self.name + ends)
        person.page.get_by_label("Je wachtwoord").first.fill(PASSWORD)
        return person.tap("Inloggen")


# --- Need, answer, reaction --------------------------------------------------------------------------------


def given_three_needs(student: Person, parent: Person | None, calls: str) -> str:
    """The student shares three needs with care3; at 15 somebody at home says yes. Returns the share."""
    student.page.goto("/vandaag/")
    share = shares(student, "programme", "intake", UNITS)
    if parent:
        parent.page.goto("/thuis/")
        parent.page.locator("#asked ~ ul li", has_text=calls).get_by_role("link").first.click()
        parent.tap("Ja, dat mag").sees("Dit mag nu gedeeld worden.")
    return share


def when_the_intaker_answers(intaker: Person, calls: str) -> str:
    """Yes, a no with its reason, and yes. Returns the case."""
    intaker.page.goto("/intake/")
    intaker.link(f"{calls} Z.")
    case = re.search(r"/intake/([0-9a-f-]{36})/", intaker.page.url)[1]
    yes = intaker.page.get_by_role("button", name="Ja, dit doen wij", exact=True)
    with intaker.page.expect_navigation():
        yes.first.click()
    box = intaker.page.locator("#antwoord-2")
    box.locator("summary").first.click()
    box.locator("summary").nth(1).click()
    box.get_by_label("Waarom kan dit niet?").fill(WHY)
    box.get_by_label("Wat kan er dan wel?").fill(INSTEAD)
    with intaker.page.expect_navigation():
        box.get_by_role("button", name="Vraag een collega").click()
    with intaker.page.expect_navigation():
        yes.last.click()
    intaker.sees("Wacht op een collega").screen("promise-answered")
    return case


def and_a_colleague_looks_along(second: Person) -> None:
    second.page.goto("/met-zijn-tweeen/")
    second.link("vraagt of u meekijkt").sees(WHY).tap("Akkoord").sees("Het antwoord is verstuurd.")


def then_the_student_reads_and_reacts(student: Person, share: str) -> None:
    student.page.goto("/vandaag/")
    student.sees("gaf antwoord op wat jou helpt.").page.goto(f"/delen/{share}/antwoorden/")
    assert student.page.get_by_text("Ja, dit kan.").count() == 2
    student.sees(INSTEAD).screen("promise-answers")
    card = student.page.locator("section.card").filter(has_text=WHY)
    with student.page.expect_navigation():
        card.get_by_role("button", name="Ik wil hierover praten").click()
    student.sees("Jij zei:")


# --- Agreement ---------------------------------------------------------------------------------------------


def when_an_agreement_is_offered(intaker: Person, case: str) -> None:
    """Built from the fits: a row for each yes, none for the no, and the internship."""
    page, day = intaker.page, timezone.localdate()
    page.goto(f"/intake/{case}/afspraken/")
    intaker.link("Maak afspraken")
    text = page.locator("main").inner_html()
    assert INSTEAD not in text and WHY not in text
    last = int(page.locator("[name=count]").input_value())
    for place, what in ((0, AGREED), (1, "Elke maandag een plan"), (last, "Samen een plek zoeken")):
        page.fill(f"[name=what-{place}]", what)
        page.fill(f"[name=who-{place}]", "mevrouw Bos")
        page.fill(f"[name=starts_on-{place}]", (day + timedelta(days=20)).isoformat())
        page.fill(f"[name=works-{place}]", "Elke maand even vragen")
    page.fill("[name=review_date]", (day + timedelta(days=10)).isoformat())
    page.locator("[name=signer][value=intaker]").check(force=True)
    intaker.tap("Bewaar en bekijk").tap("Bied dit aan").sees("Aangeboden")


def then_everybody_signs(student: Person, parent: Person | None, intaker: Person, case: str) -> None:
    student.page.goto("/vandaag/")
    student.page.locator("section", has_text="Onze afspraken").get_by_role("link").first.click()
    student.sees("Wil je dit tekenen?").tap("Ja, ik teken")
    intaker.page.goto(f"/intake/{case}/afspraken/")
    intaker.tap("Teken voor het mbo")
    if parent:
        intaker.sees("Aangeboden")
        parent.page.goto("/thuis/")
        parent.page.locator("#agreed ~ ul a").first.click()
        parent.tap("Ja, ik teken").sees("Getekend")
        intaker.page.reload()
    intaker.sees("Getekend")
    student.page.reload()
    student.sees("Getekend").sees_not("We wachten nog op iemand anders").screen("promise-signed")


# --- After the start ---------------------------------------------------------------------------------------


def given_a_place(intaker: Person, case: str) -> None:
    for step in ("invited", "done", "placed"):
        assert call(intaker, "PATCH", f"intake/cases/{case}/", {"status": step})["status"] == step


def the_first_day_was(writer: Person, case: str, days_ago: int) -> None:
    """The day counts from what the college writes, so a later check comes with an earlier first day."""
    writer.page.goto(f"/mbo/{case}/eerste-dag/")
    writer.page.get_by_label("Welke dag?").fill((timezone.localdate() - timedelta(days=days_ago)).isoformat())
    where = writer.page.get_by_label("Waar?")
    assert where.input_value()  # the programme said it once, for every first day
    writer.page.locator("form.read button.btn-main").click()
    writer.sees("De student ziet dit meteen.")


def and_of_an_entree_the_talks_go_in_a_calendar(site: Site, student: Person) -> None:
    """care3 is an entree for as long as it takes to look."""
    at_school(site, KIND.format(kind="entree"))
    try:
        student.page.goto("/na-de-start/")
        student.sees("om de vijf weken").in_all_ways("after_start-entree")
        file = student.get("/na-de-start/gesprekken.ics").text()
    finally:
        at_school(site, KIND.format(kind="mbo"))
    assert "SUMMARY:Gesprek" in file and "INTERVAL=5" in file and "Zwart" not in file


def when_something_changed(student: Person, *, coach: bool) -> None:
    student.page.goto("/vandaag/")
    student.sees("Drie keer tikken").link("Ik vertel het")
    student.page.get_by_label("Nee, dit is veranderd").check()
    student.page.locator("input[name=talk][value=yes]").check()
    assert student.page.locator("input[name=coach]").count() == int(coach)
    if coach:
        student.page.locator("input[name=coach]").check()
    student.tap("Klaar").screen("promise-changed")
    if coach:
        student.sees("Je coach kreeg een seintje.")


def and_the_new_text_is_released(student: Person, mentor: Person, calls: str) -> None:
    """What changed is the student's until they release it."""
    now = call(student, "GET", "passport/")["answers"]["need.support"]
    value = [one | {"what_works": CHANGED} if one["need"] == "quiet" else one for one in now["value"]]
    answer = {"status": "answered", "value": value, "revision": now["revision"]}
    call(student, "PUT", "passport/answers/need.support/", answer)
    mentor.page.goto("/mbo/")
    mentor.link(f"{calls} Z.").sees_not(CHANGED)
    student.page.goto("/vandaag/")
    student.link("Je hebt iets veranderd").sees(CHANGED).tap("Deel het nieuwe")
    mentor.page.reload()
    mentor.sees(CHANGED).sees(AGREED).screen("promise-mentor")


def then_the_coach_hears_a_sign(coach: Person, calls: str) -> None:
    """That somebody wants to talk, and nothing of what was told."""
    coach.page.goto("/gedeeld/")
    sign = coach.page.locator("li", has_text=f"{calls} Z.").filter(has_text="wil praten")
    assert sign.count() == 1 and "veranderd" not in sign.inner_text()
    with coach.page.expect_navigation():
        sign.get_by_role("button").click()
    coach.sees_not(f"{calls} Z.")


def then_they_look_back_after_a_year(student: Person, intaker: Person, case: str) -> None:
    student.page.goto("/na-de-start/hoe-gaat-het/y1/")
    student.page.get_by_label("Goed", exact=True).check()
    student.tap("Klaar").sees("Bewaard. Dank je wel.")
    student.page.goto(f"/onze-afspraken/{case}/")
    student.link("Kijk terug")
    for place in range(3):
        student.page.locator(f"[name=verdict-{place}][value=works]").check(force=True)
    student.tap("Bewaar").sees("Bewaard.")
    intaker.page.goto(f"/intake/{case}/afspraken/")
    intaker.link("Kijk terug")
    for place in range(3):
        intaker.page.locator(f"[name=verdict-{place}][value=works]").check(force=True)
    intaker.page.get_by_label("Blijft het zo?").fill((timezone.localdate() + timedelta(days=300)).isoformat())
    intaker.tap("Het blijft zo").sees("Bewaard.").screen("promise-reviewed")


# --- And nothing else --------------------------------------------------------------------------------------


def when_the_student_erases_it_all(student: Person) -> None:
    student.page.goto("/instellingen/mijn-gegevens/wissen/")
    student.tick("Ja, wis alles wat over mij gaat").tick("Ik wil geen 7 dagen wachten. Wis het nu meteen.")
    student.page.get_by_label("Je wachtwoord").fill(PASSWORD)
    student.tap("Wis alles").sees("komt het uit geen back-up meer terug")


def then_the_college_keeps_what_was_signed_and_nothing_else(
    intaker: Person, case: str, calls: str, shared: str
) -> None:
    intaker.page.goto(f"/intake/{case}/afspraken/")
    intaker.sees("Deze student is hier niet meer.").sees(AGREED).sees("Getekend").screen("promise-kept")
    for gone in (f"/intake/{case}/", f"/intake/{case}/alles/", f"/mbo/{case}/eerste-dag/", f"/gedeeld/{shared}/"):
        assert intaker.get(gone).status == 404, gone
    row = call(intaker, "GET", f"intake/cases/{case}/")
    assert (row["student"], row["share"], row["status"]) == (None, None, "ended")
    intaker.page.goto("/intake/")
    intaker.sees_not(f"{calls} Z.")


def and_nobody_else_reads_it(others: list[Person], case: str, calls: str) -> None:
    for other in others:
        assert other.get(f"/intake/{case}/").status == 404
        for path in ("/gedeeld/", "/mbo/", "/thuis/"):
            assert calls not in other.get(path).text(), path


@pytest.fixture
def made(site: Site) -> Callable[[Somebody], Somebody]:
    """Makes the student of a journey, and takes care that nothing of them stays for the next one."""
    names: list[str] = []

    def one(somebody: Somebody) -> Somebody:
        names.append(somebody.name)
        somebody.exists(site)
        return somebody

    yield one
    for name in names:
        at_school(site, ERASE.format(name=name))


def test_at_seventeen_from_three_needs_to_a_year_later_and_gone(
    person: Callable[..., Person], site: Site, made
) -> None:
    bilal = made(Somebody("belofte.17", "Bilal", 17))
    student = bilal.comes_in(person(PHONE))
    intaker, mentor = person(LAPTOP).log_in("intaker.care"), person(LAPTOP).log_in("mentor.college")
    coach = person(LAPTOP).log_in("coach.one")
    share = given_three_needs(student, None, bilal.calls)
    case = when_the_intaker_answers(intaker, bilal.calls)
    and_a_colleague_looks_along(person(LAPTOP).log_in("intaker.tech"))
    then_the_student_reads_and_reacts(student, share)
    when_an_agreement_is_offered(intaker, case)
    then_everybody_signs(student, None, intaker, case)
    given_a_place(intaker, case)
    student.page.goto("/vandaag/")
    student.tap("Ja, ik kies wat")
    guided = shares(student, "college_team", "guidance", UNITS)
    the_first_day_was(mentor, case, 16)
    and_of_an_entree_the_talks_go_in_a_calendar(site, student)
    when_something_changed(student, coach=True)
    then_the_coach_hears_a_sign(coach, bilal.calls)
    and_the_new_text_is_released(student, mentor, bilal.calls)
    the_first_day_was(mentor, case, 366)
    then_they_look_back_after_a_year(student, intaker, case)
    when_the_student_erases_it_all(student)
    then_the_college_keeps_what_was_signed_and_nothing_else(intaker, case, bilal.calls, share)
    assert mentor.get(f"/mbo/{guided}/").status == 404
    mentor.page.goto(f"/intake/{case}/afspraken/")
    mentor.sees(AGREED)  # who works at the programme reads what the college signed
    and_nobody_else_reads_it([coach, person(LAPTOP).log_in("intaker.other")], case, bilal.calls)


def test_at_fifteen_with_somebody_at_home(person: Callable[..., Person], site: Site, made) -> None:
    ylva = made(Somebody("belofte.15", "Ylva", 15))
    student, parent = ylva.comes_in(person(PHONE)), ylva.comes_in(person(PHONE), ".thuis")
    intaker = person(LAPTOP).log_in("intaker.care")
    share = given_three_needs(student, parent, ylva.calls)
    case = when_the_intaker_answers(intaker, ylva.calls)
    and_a_colleague_looks_along(person(LAPTOP).log_in("intaker.tech"))
    then_the_student_reads_and_reacts(student, share)
    when_an_agreement_is_offered(intaker, case)
    then_everybody_signs(student, parent, intaker, case)
    given_a_place(intaker, case)
    the_first_day_was(intaker, case, 16)
    when_something_changed(student, coach=False)
    the_first_day_was(intaker, case, 366)
    then_they_look_back_after_a_year(student, intaker, case)
    when_the_student_erases_it_all(student)
    then_the_college_keeps_what_was_signed_and_nothing_else(intaker, case, ylva.calls, share)
    parent.page.goto("/thuis/")  # who was here for this student alone is out
    parent.sees_not(ylva.calls)
