"""Somebody who left school comes back a year later: in by a code in the mail, and on to a college in another region."""

import os
import subprocess

import pytest

from tests.journeys.conftest import LAPTOP, PHONE, ROOT, Person, Site
from tests.journeys.test_behind_a_form import share

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
ADDRESS, CODE = "filmon@example.nl", r"(?<!\d)\d{6}(?!\d)"
WORK = "Ik werk een jaar in de supermarkt."
# Nobody moves the clock of a running site, so what is kept of the last visit is moved back: it was a year ago.
A_YEAR_AGO = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import MailCode, User
who, then = User.objects.filter(username="student.left"), timezone.now() - timedelta(days=365)
assert who.update(last_login=then, date_joined=then) == 1
MailCode.objects.filter(student__user__in=who).update(made_at=then)
print(who.get().memberships.count())
"""


def given_an_address_of_their_own(student: Person, site: Site) -> None:
    """«Zo houd jij je paspoort»: typed and proved while they could still log in with the school."""
    student.log_in("student.left").page.goto("/instellingen/inloggen/mail/")
    student.page.get_by_label("Je eigen mailadres").fill(ADDRESS)
    student.screen("own-mail").tap("Mail mij een code").sees("Vul de code in")
    student.page.get_by_label("Wat is de code?").fill(site.mail_to(ADDRESS, CODE))
    student.screen("own-mail-code").tap("Bewaar dit adres").sees("Je kunt nu inloggen met een code in je mail.")
    student.tap("Stop voor nu").sees("Alles is bewaard")


def when_a_year_goes_by(site: Site) -> None:
    """No school any more, no card, no session; only the address."""
    command = [".venv/bin/python", "manage.py", "shell", "-v", "0", "-c", A_YEAR_AGO]
    env = {**os.environ, **site.settings}
    done = subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "0", "nobody at a school"


def then_a_code_in_the_mail_lets_them_in(student: Person, site: Site) -> None:
    before = site.mail_to(ADDRESS, CODE)
    student.page.goto("/inloggen/")
    student.link("Met een code in je mail").page.get_by_label("Je eigen mailadres").fill(ADDRESS)
    student.screen("mail-door").tap("Mail mij een code").sees("Vul de code in")
    for _ in range(50):  # until the worker mailed the new one
        if site.mail_to(ADDRESS, CODE) != before:
            break
        student.page.wait_for_timeout(200)
    student.page.get_by_label("Wat is de code?").fill(site.mail_to(ADDRESS, CODE))
    student.screen("mail-door-code").tap("Inloggen").page.wait_for_url("**/vandaag/")
    student.page.goto("/paspoort/vraag/can.learned_at_work/")
    assert WORK in student.page.locator("textarea").input_value()


def when_they_share_with_a_college_elsewhere(student: Person) -> None:
    share(student, "other4", "leerde jij", "goed in").sees("Gedeeld").screen("shared-elsewhere")


def then_that_college_reads_it_and_no_other(intaker: Person, other: Person) -> None:
    intaker.log_in("intaker.other").page.goto("/intake/")
    intaker.page.locator("tbody tr", has_text="Filmon").first.get_by_role("link").click()
    intaker.screen("brief-from-elsewhere").link("Lees alles").sees(WORK)
    intaker.sees_not("heftruck").sees_not("brommer")
    case = intaker.page.url
    assert other.log_in("intaker.tech").page.goto(case).status == 404


def and_the_student_sees_who_looked(student: Person) -> None:
    student.page.goto("/wie-keek/")
    student.sees("Hoogwolde College").sees("las dit").screen("looks-from-elsewhere")


@pytest.mark.services
def test_a_year_later_with_a_code_to_a_college_in_another_region(person, site):
    student = person(PHONE)
    given_an_address_of_their_own(student, site)
    when_a_year_goes_by(site)
    student.context.clear_cookies()
    then_a_code_in_the_mail_lets_them_in(student, site)
    when_they_share_with_a_college_elsewhere(student)
    then_that_college_reads_it_and_no_other(person(LAPTOP), person(LAPTOP))
    and_the_student_sees_who_looked(student)
    student.page.goto("/delen/")
    student.page.locator("li.card", has_text="Hoogwolde").get_by_role("link", name="Stop met delen").click()
    student.tap("Ja, stop").sees("Gestopt")
    student.page.goto("/instellingen/inloggen/")
    student.screen("own-login-with-mail").tap("Haal dit adres weg").sees("Je adres staat hier niet meer.")
