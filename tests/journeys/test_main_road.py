"""The main road, as its people walk it: write, share, read, reply, hand over, look, stop."""

import json
import re

import pytest
from playwright.sync_api import Locator

from tests.journeys.conftest import LAPTOP, PHONE, Person

pytestmark = pytest.mark.journey
WORDS = "Ik vouw kraanvogels van oude kranten"


def given_a_student_who_writes(student: Person) -> None:
    student.screen("today")
    student.page.goto("/paspoort/")
    student.screen("overview").link("Wie ben ik")
    student.screen("section")
    student.page.goto("/paspoort/vraag/me.free_time/")
    student.tick("muziek").tick("vrienden zien").screen("question").tap("Verder")
    student.page.goto("/paspoort/vraag/me.proud/")
    student.page.locator("textarea").fill(WORDS)
    student.screen("question-text").tap("Verder")
    student.sees("Bewaard om")


def when_the_student_shares_with_care3(student: Person) -> None:
    student.page.goto("/delen/")
    student.screen("share-list").link("Deel met iemand")
    student.page.get_by_label("Zoek een opleiding of school").fill("care3")
    student.tap("Zoek")
    student.screen("share-who").tap("niveau 3")
    assert student.page.locator("input[type=checkbox]:checked").count() == 0
    student.page.get_by_label(re.compile("vrije tijd")).first.check()
    student.page.get_by_label(re.compile("trots")).first.check()
    student.screen("share-what").tap("Verder")
    assert student.page.locator("input:checked").count() == 0
    student.page.locator("input[type=radio]").first.check()
    student.screen("share-until").tap("Verder")
    student.sees(WORDS).screen("share-preview").tap("Dit is goed")
    student.screen("share-confirm").tap("Ja, deel dit")
    student.sees("Gedeeld").screen("share-done")


def then_the_intaker_reads_and_replies(intaker: Person) -> str:
    intaker.page.goto("/intake/")
    intaker.screen("inbox").page.get_by_role("link", name=re.compile("^Lotte|^[A-Z]")).first.wait_for()
    newest = intaker.page.locator("tbody tr", has_text="Nieuw").first.get_by_role("link")
    newest.click()
    intaker.screen("brief")
    case = intaker.page.url
    intaker.page.locator("#id_reply, textarea[name=reply], input[name=reply]").first.fill("Gelezen, we zien je graag.")
    intaker.tap("Gelezen")
    intaker.link("Lees alles").sees(WORDS).screen("dossier")
    intaker.page.goto(case)
    return case


def ask_until_ready(intaker: Person, ready: Locator) -> None:
    """Without scripts the page waits for a tap; the renderer gets a second between two of them."""
    for _ in range(60):
        if ready.count():
            return
        intaker.link("Kijk of het klaar is")
        intaker.page.wait_for_timeout(1_000)


def then_the_pdf_is_made(intaker: Person) -> str:
    intaker.tap("Maak PDF")
    ready = intaker.page.get_by_role("link", name="Download PDF")
    if intaker.scripts:  # the page comes again by itself; until then it may go at any moment
        ready.wait_for(timeout=60_000)
    else:
        ask_until_ready(intaker, ready)
    intaker.in_all_ways("handover")
    link = intaker.page.get_by_role("link", name="Download PDF").get_attribute("href")
    pdf = intaker.get(link)
    assert pdf.status == 200 and pdf.body().startswith(b"%PDF")
    assert "Sam" not in json.dumps(pdf.headers) and "overdracht.pdf" in pdf.headers["content-disposition"]
    return str(link)


def then_the_student_sees_the_look_and_the_reply(student: Person) -> None:
    student.page.goto("/wie-keek/")
    student.sees("las dit").screen("looks")
    student.page.goto("/delen/")
    student.sees("Gelezen, we zien je graag.").screen("share-reply")


def when_the_student_stops(student: Person) -> None:
    student.link("Stop met delen")
    student.screen("share-stop").tap("Ja, stop")
    student.sees("Gestopt").screen("share-stopped")


def then_the_intaker_gets_nothing(intaker: Person, case: str, pdf: str) -> None:
    assert intaker.page.goto(case).status == 404
    assert intaker.get(pdf).status == 410
    intaker.page.goto("/intake/")
    intaker.page.locator("tbody", has_text="Niet meer gedeeld").wait_for()
    intaker.screen("inbox-ended")


@pytest.mark.services
@pytest.mark.parametrize(
    ("account", "scripts"), [("student.empty", True), ("student.left", False)], ids=["with-scripts", "without-scripts"]
)
def test_the_main_road(person, site, account, scripts):
    student = person(PHONE, java_script_enabled=scripts, has_touch=True).log_in(account)
    intaker = person(LAPTOP, java_script_enabled=scripts).log_in("intaker.care")
    given_a_student_who_writes(student)
    when_the_student_shares_with_care3(student)
    case = then_the_intaker_reads_and_replies(intaker)
    pdf = then_the_pdf_is_made(intaker)
    then_the_student_sees_the_look_and_the_reply(student)
    when_the_student_stops(student)
    then_the_intaker_gets_nothing(intaker, case, pdf)
    then_nothing_that_was_written_lies_open(site)


def then_nothing_that_was_written_lies_open(site) -> None:
    """Neither in the databases, the files, the broker, nor in anything the site printed."""
    words = [WORDS.encode(), b"Gelezen, we zien", "kraanvogels".encode("utf-16-le")]
    for path in site.var.rglob("*"):
        if path.is_file():
            blob = path.read_bytes()
            assert not [word for word in words if word in blob], path.name


@pytest.mark.slow  # test_every_screen.py looks at one of each always; here at what one student has, in every way
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_every_screen_of_a_full_passport(person, scheme, viewport):
    student = person(viewport, color_scheme=scheme).log_in("student.full")
    width = f"{viewport['width']}-{scheme}"
    for name, path in {
        "today": "/vandaag/", "overview": "/paspoort/", "section": "/paspoort/need/",
        "chips": "/paspoort/vraag/me.free_time/", "scale": "/paspoort/vraag/can.skills/",
        "needs": "/paspoort/vraag/need.support/", "people": "/paspoort/vraag/home.people/",
        "programmes": "/paspoort/vraag/want.programmes/", "text": "/paspoort/vraag/me.proud/",
        "choice": "/paspoort/vraag/can.digital/", "short": "/paspoort/vraag/me.name/",
        "history": "/paspoort/vraag/me.name/eerder/", "example": "/paspoort/voorbeeld/", "start": "/paspoort/begin/",
        "route": "/paspoort/route/", "shares": "/delen/", "looks": "/wie-keek/", "who": "/delen/nieuw/",
        "settings": "/instellingen/", "help": "/hulp/", "privacy": "/privacy/", "device": "/eigen-telefoon/",
        "accessibility": "/toegankelijkheid/", "check": "/controle/", "given": "/gedeeld/",
    }.items():  # fmt: skip
        student.page.goto(path)
        student.screen(f"{name}-{width}")
        assert student.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} scrolls sideways"


def test_autosave_keeps_what_is_typed_and_a_second_device_conflicts(person):
    phone = person(PHONE).log_in("student.adult")
    phone.page.goto("/paspoort/vraag/me.others_say/")
    laptop = person(LAPTOP).log_in("student.adult")
    laptop.page.goto("/paspoort/vraag/me.others_say/")
    phone.page.locator("textarea").fill("Op mijn telefoon geschreven.")
    phone.page.locator("textarea").blur()
    phone.page.locator("[data-status]", has_text="Bewaard om").wait_for()
    laptop.page.locator("textarea").fill("Op de computer geschreven.")
    laptop.tap("Verder")
    laptop.sees("Op mijn telefoon geschreven.").sees("Op de computer geschreven.").screen("conflict")


def test_a_cut_network_loses_nothing(person):
    student = person(PHONE).log_in("student.young")
    student.page.goto("/paspoort/vraag/me.others_say/")
    student.context.set_offline(True)
    student.page.locator("textarea").fill("Getypt zonder internet.")
    student.page.locator("textarea").blur()
    student.page.locator("[data-status]", has_text="Nog niet bewaard").wait_for()
    student.context.set_offline(False)
    student.page.locator("[data-status]", has_text="Bewaard om").wait_for(timeout=30_000)
    student.page.reload()
    assert student.page.locator("textarea").input_value() == "Getypt zonder internet."


def test_after_klaar_nothing_personal_is_left(person):
    student = person(PHONE).log_in("student.full")
    student.page.goto("/paspoort/vraag/me.proud/")
    student.tap("Stop voor nu")
    student.sees("Alles is bewaard").in_all_ways("goodbye")
    student.page.go_back()
    student.page.wait_for_load_state()
    student.sees_not("Mevrouw op kamer")
    left = student.page.evaluate(
        "JSON.stringify([Object.keys(localStorage), Object.keys(sessionStorage), document.cookie])"
    )
    assert "me.proud" not in left and student.page.evaluate("indexedDB.databases().then(d => d.length)") == 0
