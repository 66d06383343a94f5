"""Pages that no link leads to at first: a mail, a yes or a form of somebody else comes before them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from tests.journeys.conftest import LAPTOP, PHONE, Person, Site
from tests.journeys.test_log_in import at_school

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
WARM = """async () => {
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    const all = (await (await fetch("/api/v1/shares/?page_size=200")).json()).results;
    const one = all.find((row) => row.purpose === "intake" && row.status === "active");
    const headers = { "X-CSRFToken": token, "Content-Type": "application/json" };
    const body = JSON.stringify({ warm_transfer: true });
    const told = await fetch(`/api/v1/shares/${one.id}/`, { method: "PATCH", headers, body });
    return told.ok ? one.id : "";
}"""


def share(student: Person, code: str, *labels: str) -> Person:
    """The steps of giving, with a programme; the yes too."""
    student.page.goto(f"/delen/nieuw/?q={code}")
    student.page.locator("button[name=to][value^=programme]").first.click()
    for label in labels:
        student.page.get_by_label(re.compile(label)).first.check()
    student.tap("Verder").page.locator("input[name=until]").first.check()
    return student.tap("Verder").tap("Dit is goed").tap("Ja, deel dit")


def test_a_parent_says_yes_and_stops(person: Callable[..., Person]) -> None:
    student, parent = person(PHONE).log_in("student.young"), person(PHONE).log_in("guardian.young")
    share(student, "cook2", "woorden passen").sees("ouder")
    parent.page.goto("/thuis/")
    asked = parent.page.locator("#asked ~ ul li", has_text="Kok")
    asked.get_by_role("link").click()
    parent.tap("Ja, dat mag").sees("Dit mag nu gedeeld worden.")
    parent.page.locator("#approved ~ ul li", has_text="Kok").get_by_role("link").click()
    parent.sees("Stoppen met delen?").in_all_ways("approval_stop").tap("Ja, stop").sees("Gestopt.")
    parent.page.locator("#with-you").wait_for()
    assert parent.page.locator("#approved ~ ul li", has_text="Kok").count() == 0
    student.page.goto("/delen/")
    student.sees("Kok").screen("share-list-parent-stopped")


def test_a_talk_that_is_planned_is_on_the_student_s_own_page(person: Callable[..., Person]) -> None:
    student, mentor = person(PHONE).log_in("student.full"), person(LAPTOP).log_in("mentor.one")
    student.page.goto("/delen/")
    warm = student.page.evaluate(WARM)
    mentor.page.goto(reverse("dossier", args=[warm]))
    mentor.page.locator("summary", has_text=re.compile("Plan het gesprek|Verander het gesprek")).click()
    mentor.page.get_by_label("Waar?").fill("Lokaal 7")
    mentor.tap("Bewaar het gesprek").sees("Het gesprek is bewaard.").screen("dossier-talk")
    student.page.goto(reverse("share", args=[warm]))
    student.link("Bekijk het gesprek").sees("Lokaal 7").in_all_ways("share_talk")


def test_safety_at_a_workplace_is_a_step_of_its_own(person: Callable[..., Person]) -> None:
    student = person(PHONE).log_in("student.work")
    student.page.goto("/delen/")
    student.page.locator("li.card", has_text="De Wilg").get_by_role("link", name="Bekijk of verander").click()
    student.link("Iets voor jouw veiligheid").sees("Dit hoeft niet.").in_all_ways("share_safety")
    student.link("Nee, nu niet").sees("De Wilg")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_passport_for_somebody_without_a_school(person: Callable[..., Person], site: Site, scripts: bool) -> None:
    address = f"nieuw-{scripts}@example.nl".lower()
    coach = person(LAPTOP, java_script_enabled=scripts).log_in("coach.one")
    coach.page.goto(reverse("invite_passport"))
    coach.page.get_by_label("Mailadres van wie u uitnodigt").fill(address)
    coach.tap("Stuur de mail").sees("De mail is onderweg.").screen("invite-passport-sent")
    guest = person(PHONE, java_script_enabled=scripts)
    guest.page.goto(site.mail_to(address, r"/paspoort-voor-jou/[\w-]{20,}/"))
    guest.in_all_ways("passport_invitation").tap("Stuur mij een code")
    guest.in_all_ways("passport_invitation_code").page.get_by_label("Wat is de code?").fill(
        site.mail_to(address, r"(?<=Je code is )\d{6}")
    )
    guest.tap("Verder").in_all_ways("passport_invitation_answer")
    guest.page.get_by_label("Hoe noemen mensen jou?").fill("Wout")
    guest.page.get_by_label("Wat is je achternaam?").fill("Verweij")
    guest.page.get_by_label("Wanneer ben je geboren?").fill("2005-04-03")
    guest.tap("Ja, maak mijn paspoort")
    guest.page.goto("/vandaag/")
    guest.screen("today-without-school")
    coach.page.goto(reverse("invite_passport"))
    coach.sees_not("Wout").sees_not(address)


def test_staff_choose_a_password_by_a_link_in_the_mail(person: Callable[..., Person], site: Site) -> None:
    address = "intaker.tech@example.nl"
    at_school(site, f"User.objects.filter(username='intaker.tech').update(email='{address}')")
    worker: Any = person(LAPTOP)
    worker.page.goto(reverse("account_reset_password"))
    worker.page.get_by_label("Uw mailadres").fill(address)
    worker.tap("Mail mij een link").sees("Kennen we dit adres?").screen("forgot-password-sent")
    worker.page.goto(site.mail_to(address, r"/wachtwoord/[\w-]+/"))
    worker.sees("Kies een wachtwoord").in_all_ways("account_reset_password_from_key")


def test_a_college_changes_a_sentence_about_a_day(person: Callable[..., Person]) -> None:
    writer = person(PHONE).log_in("college.coordinator")
    writer.page.goto("/een-dag-bij/")
    writer.page.get_by_role("link", name=re.compile("Verzorgende IG")).first.click()
    writer.page.get_by_role("link", name=re.compile("^Verander")).first.click()
    writer.in_all_ways("programme_sentence").page.get_by_label("Wat vraagt een dag?").fill("")
    writer.tap("Bewaar").sees("Dit is nog leeg").screen("programme-sentence-wrong")
