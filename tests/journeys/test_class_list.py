"""A class list of thirty, thirty cards on paper, and the first log-in with one of them."""

import re
from io import BytesIO

import pikepdf
import pytest

from tests.journeys.conftest import LAPTOP, PHONE, Person, Site

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
LETTERS = "abcdefghij"


def thirty() -> bytes:
    """As Excel in Dutch saves it, with a title above; all invented."""
    rows = [f"{1000 + at};Kind{LETTERS[at // 10]}{LETTERS[at % 10]};van der;Berg;14-03-2010;Klas J" for at in range(30)]
    head = "Leerlingnr;Roepnaam;Tussenvoegsel;Achternaam;Geboortedatum;Klas"
    return "\r\n".join(["De Veerstoep;;;;;", head, *rows]).encode("cp1252")


def given_a_class_of_thirty(boss: Person) -> None:
    """Three steps; nothing is chosen for whoever uploads, and nothing happens before the last yes."""
    boss.log_in("school.coordinator").screen("office").link("Klassenlijst")
    boss.screen("class-list-upload")
    file = {"name": "klas.csv", "mimeType": "text/csv", "buffer": thirty()}
    boss.page.get_by_label("Het bestand").set_input_files(file)
    boss.tap("Verder").sees("Wat staat in welke kolom?").in_all_ways("class_list_columns").tap("Verder")
    boss.sees("Nieuw hier: 30").sees("Kindaa van der Berg").in_all_ways("class_list_check")
    boss.tap("Lees 30 studenten in").sees("30 studenten staan nu in hun klas").screen("classes")


def when_the_cards_are_made(boss: Person) -> str:
    """Returns what one card says, as a student types it over."""
    boss.link("Kaarten van Klas J").sees("30 studenten, 0 met een kaart").screen("cards-before")
    boss.tap("Maak 30 kaarten").screen("cards")
    assert boss.page.locator(".badge-card").count() == 30 and boss.page.locator(".card-sheet").count() == 3
    with pikepdf.open(BytesIO(boss.page.pdf(prefer_css_page_size=True))) as paper:
        sizes = [tuple(round(float(side)) for side in page.mediabox) for page in paper.pages]
    assert sizes == [(0, 0, 595, 842)] * 3  # three times A4
    typed = boss.page.locator(".badge-typed b").first.inner_text()
    assert re.sub(r"\s", "", typed) not in boss.page.url
    return typed


def then_their_owner_comes_in(student: Person, typed: str) -> None:
    """With the card alone the student chooses a PIN; the passport behind it is empty and theirs."""
    student.page.goto("/kaart/")
    student.page.get_by_role("textbox").first.fill(typed)
    student.tap("Ga verder")
    while student.page.get_by_label(re.compile("pincode", re.I)).count() == 0:
        student.tap("Ga verder")
    for field in student.page.get_by_role("main").locator("input:not([type=hidden])").all():
        field.fill("8352")
    student.screen("first-pin").tap("Bewaar en ga verder")
    assert "/inloggen/" not in student.page.url and "/kaart/" not in student.page.url
    student.page.goto("/paspoort/")
    student.sees_not("Klaar voor nu")


def test_from_a_class_list_to_the_first_log_in(chromium, site: Site):
    boss, student = Person(chromium, site, viewport=LAPTOP), Person(chromium, site, viewport=PHONE)
    given_a_class_of_thirty(boss)
    typed = when_the_cards_are_made(boss)
    then_their_owner_comes_in(student, typed)
    said = site.output.read_text(errors="replace")
    assert re.sub(r"\s", "", typed) not in said and "Kindaa" not in said
    for person in (boss, student):
        assert person.wrong == [] and person.foreign == []
        person.context.close()
