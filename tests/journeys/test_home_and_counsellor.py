"""At home and at school: a parent reads and writes beside it, the student sees it, the counsellor fetches a class."""

import io
import re

import pytest
import pyzipper

from tests.journeys.conftest import LAPTOP, PHONE, Person

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
WORDS = "Thuis kookt hij voor ons allemaal"


def given_a_parent_who_reads(parent: Person) -> None:
    parent.page.goto("/ouders/")
    parent.screen("parents").link("Vragen voor thuis").screen("home-talk").link("Volgende").screen("home-talk-2")
    parent.page.goto("/ouders/ouderavond/")
    parent.screen("parents-evening")
    parent.log_in("guardian.full")
    parent.page.goto("/thuis/")
    parent.screen("home").page.locator("#with-you ~ ul a").first.click()
    parent.sees("vraagt u om mee te lezen").sees("U kunt niets veranderen.").screen("home-dossier")


def when_the_parent_writes_beside_a_text(parent: Person) -> None:
    last = parent.page.locator("details", has_text="Schrijf hier iets naast").last
    last.locator("summary").click()
    last.locator("textarea").fill(WORDS)
    parent.screen("home-remark")
    with parent.page.expect_navigation():
        last.get_by_role("button", name="Bewaar").click()
    parent.sees(WORDS).screen("home-remarked")


def then_the_student_sees_it_apart_and_hides_it(student: Person) -> None:
    student.log_in("student.full")
    student.page.goto("/vandaag/")
    student.screen("today-beside").link("Van thuis").sees(WORDS).screen("own-remarks")
    student.tap("Leg dit weg").sees_not(WORDS).screen("own-remarks-hidden")
    student.page.goto("/afgesproken/")
    student.screen("own-notes").tap("Dit is gedaan").sees("Gedaan").screen("own-notes-done")
    for path in ("/mijn-papier/opp/", "/mijn-papier/bewijs/", "/instellingen/mail/nieuws/"):
        student.page.goto(path)
        student.screen(path.strip("/").replace("/", "-"))


def and_lets_school_hand_it_over(student: Person) -> None:
    """The student turns on the warm transfer of what care3 reads, as the screen for that does it."""
    student.page.goto("/delen/")
    told = student.page.evaluate(
        """async () => {
            const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
            const all = (await (await fetch("/api/v1/shares/?page_size=200")).json()).results;
            const one = all.find((row) => row.purpose === "intake" && row.status === "active");
            const headers = { "X-CSRFToken": token, "Content-Type": "application/json" };
            const body = JSON.stringify({ warm_transfer: true });
            return (await fetch(`/api/v1/shares/${one.id}/`, { method: "PATCH", headers, body })).status;
        }"""
    )
    assert told == 200


def then_the_counsellor_fetches_the_class(counsellor: Person) -> None:
    counsellor.log_in("counsellor.one")
    counsellor.page.goto("/decaan/")
    counsellor.screen("counsellor").sees("1 april").link("Maak alle bestanden van een klas")
    counsellor.screen("batch-start").tap("Maak de bestanden van")
    counsellor.sees("Wie erin staat")
    counsellor.page.get_by_role("button", name="De namen kloppen").wait_for(timeout=120_000)
    counsellor.in_all_ways("batch").tap("De namen kloppen")
    counsellor.screen("batch-word")
    word = re.search(r"[a-z0-9]{4}(?:-[a-z0-9]{4}){3}", counsellor.page.inner_text("main"))[0]
    with counsellor.page.expect_download() as fetched:
        counsellor.page.get_by_role("button", name="Haal het bestand op").click()
    assert fetched.value.suggested_filename == "overdrachten.zip"
    with pyzipper.AESZipFile(io.BytesIO(fetched.value.path().read_bytes())) as found:
        assert found.read("overdracht-001.pdf", pwd=word.encode()).startswith(b"%PDF")
        with pytest.raises(RuntimeError):
            found.read("overdracht-001.pdf")


def and_the_mentor_has_a_guide_and_the_text(mentor: Person) -> None:
    mentor.log_in("mentor.one")
    mentor.page.goto("/gesprek/")
    mentor.screen("talk-guides").link("Wie ben ik").screen("talk-guide")
    mentor.page.goto("/gesprek/boekje/")
    mentor.screen("talk-booklet")
    mentor.page.goto("/gedeeld/")
    mentor.screen("dossier-list").page.locator("tbody th a").first.click()
    mentor.page.locator("summary", has_text="Schrijf op wat er is afgesproken").first.click()
    mentor.screen("lob-dossier").tap("Kopieer voor het doorstroomdossier").screen("transfer-text")


def test_parent_student_and_counsellor(person):
    parent, student, counsellor, mentor = person(PHONE), person(PHONE), person(LAPTOP), person(LAPTOP)
    given_a_parent_who_reads(parent)
    when_the_parent_writes_beside_a_text(parent)
    then_the_student_sees_it_apart_and_hides_it(student)
    and_lets_school_hand_it_over(student)
    then_the_counsellor_fetches_the_class(counsellor)
    and_the_mentor_has_a_guide_and_the_text(mentor)
    student.page.goto("/wie-keek/")
    student.screen("looks-after-batch")


def test_the_batch_page_works_without_javascript(person):
    counsellor = person(LAPTOP, java_script_enabled=False)
    counsellor.log_in("counsellor.one")
    counsellor.page.goto("/overdracht/samen/")
    counsellor.tap("Maak de bestanden van").sees("Overdrachten van")
