"""Help per programme: the college writes it, a visitor lays three side by side, a student sees it beside the own needs.

What a visitor looks for stays in the page: whatever is ticked, no request goes out and nothing is kept.
"""

import re
from typing import Any

import pytest
import yaml

from passport.questionnaire import newest_file
from tests.journeys.conftest import LAPTOP, PHONE, Person

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
NEEDS = [one["key"] for one in yaml.safe_load(newest_file().read_text())["needs"]]
CARRIED = re.compile(rf"(?:[=/#]|hulp-)(?:{'|'.join(NEEDS)})(?![\w-])")
THREE = ["Medewerker ICT", "Monteur mechatronica", "Verzorgende IG"]
OWN = "Ben je er niet? Dan belt mevrouw Wiersma je voor 10 uur."
KEPT = """() => [localStorage.length, sessionStorage.length, document.cookie,
  JSON.stringify(history.state), location.search, location.hash]"""


class Sent:
    """Every request a browser sends to a page, with its address, where it came from and its body."""

    def __init__(self, somebody: Person) -> None:
        self.all: list[str] = []
        somebody.page.on("request", self._note)

    def _note(self, request: Any) -> None:
        if "/static/" not in request.url:
            self.all.append(" ".join([request.url, request.headers.get("referer", ""), request.post_data or ""]))

    @property
    def with_a_need(self) -> list[str]:
        """Those that carry a need: by its code as a value, a step or a fragment."""
        return [one for one in self.all if CARRIED.search(one)]


def test_the_guard_on_requests_sees_a_need() -> None:
    assert CARRIED.search("/hulp-per-opleiding/?hulp=quiet") and CARRIED.search("/x/#hulp-care ")
    assert not CARRIED.search("/hulp-per-opleiding/?opleiding=care3&opleiding=tech2")


def when_the_college_writes(coordinator: Person) -> None:
    coordinator.link("Opleidingen").link(THREE[0]).link("Welke hulp de opleiding geeft")
    coordinator.in_all_ways("office_offers")
    coordinator.page.get_by_label("Waar begint u mee?").select_option(label="Onze voorbeelden")
    coordinator.tap("Begin").sees("Niemand ziet dit, tot u het bewaart.").in_all_ways("office_offer")
    coordinator.page.goto(
        coordinator.page.url.replace(coordinator.page.url.split("/hulp/")[1], "absence/?begin=voorbeeld")
    )
    field = coordinator.page.get_by_label("Voor iedereen")
    assert "[wie?]" in field.input_value()
    coordinator.tap("Bewaar en verder").sees("Vul in wat tussen [ ] staat.").screen("office_offer-unfilled")
    coordinator.page.get_by_label("Voor iedereen").fill(OWN)
    coordinator.tap("Bewaar en verder").sees("Bewaard: Iemand die belt als je er niet bent.")
    assert "/hulp/home/?begin=voorbeeld" in coordinator.page.url


def when_a_visitor_chooses_three(visitor: Person) -> None:
    visitor.page.goto("/")
    visitor.link("Hulp per opleiding").screen("offers_compare-empty")
    for name in THREE:
        if visitor.page.get_by_text("Nog een opleiding erbij").count():
            visitor.page.get_by_text("Nog een opleiding erbij").click()
        visitor.page.get_by_label("Zoek een opleiding").fill(name)
        visitor.tap("Zoek").link(name)
    for name in THREE:
        visitor.sees(name)


def rows_in_view(visitor: Person) -> list[str]:
    shown: list[str] = visitor.page.eval_on_selector_all(
        "tr[data-need]", "(all) => all.filter((one) => one.checkVisibility()).map((one) => one.dataset.need)"
    )
    return shown


def test_from_the_college_to_a_visitor_and_a_student(person: Any) -> None:
    when_the_college_writes(person(LAPTOP).log_in("college.coordinator"))

    visitor = person(PHONE, service_workers="block")
    sent = Sent(visitor)
    when_a_visitor_chooses_three(visitor)
    assert rows_in_view(visitor) == NEEDS
    before, address = len(sent.all), visitor.page.url
    kept = visitor.page.evaluate(KEPT)
    visitor.page.get_by_text("Kies welke hulp je wilt zien").click()
    for need in ("absence", "quiet", "time"):
        visitor.page.locator(f"#need_{need}").check()
    assert rows_in_view(visitor) == ["quiet", "time", "absence"]
    visitor.sees("Je ziet nu alleen wat je koos.").sees(OWN).in_all_ways("offers_compare")
    visitor.page.locator("#need_time").uncheck()
    assert rows_in_view(visitor) == ["quiet", "absence"]
    assert sent.all[before:] == [] and visitor.page.url == address
    assert visitor.page.evaluate(KEPT) == kept and sent.with_a_need == []
    visitor.page.reload()
    assert rows_in_view(visitor) == NEEDS and visitor.page.locator("input:checked").count() == 0

    student = person(PHONE).log_in("student.adult")
    student.page.goto("/paspoort/vraag/want.programmes/")
    student.link("Welke hulp is er?").sees("Dit heeft de opleiding").sees("Praat hierover")
    student.sees("Dit staat er nog niet bij")
    mine = student.page.locator("section", has=student.page.get_by_role("heading", name=THREE[0]))
    mine.get_by_text("Iemand die belt als je er niet bent").click()
    student.sees(OWN).in_all_ways("offers_own")


def test_without_a_script_all_needs_are_there_and_none_is_sent(person: Any) -> None:
    visitor = person(LAPTOP, java_script_enabled=False)
    sent = Sent(visitor)
    when_a_visitor_chooses_three(visitor)
    assert not visitor.page.get_by_text("Kies welke hulp je wilt zien").is_visible()
    assert visitor.page.locator("tr[data-need]:visible").count() == len(NEEDS)
    visitor.page.get_by_text("Ga naar één soort hulp").click()
    before = len(sent.all)
    visitor.page.get_by_role("link", name="Een rustige plek om te werken").click()
    assert visitor.page.locator("#hulp-quiet").is_visible() and sent.all[before:] == []
    assert sent.with_a_need == []
    visitor.screen("offers_compare-no-script")


def test_on_paper_what_was_chosen_stands_side_by_side(person: Any) -> None:
    visitor = person(PHONE)
    visitor.page.goto("/hulp-per-opleiding/?opleiding=care3&opleiding=tech2")
    visitor.page.get_by_text("Kies welke hulp je wilt zien").click()
    visitor.page.locator("#need_quiet").check()
    visitor.page.emulate_media(media="print")
    assert rows_in_view(visitor) == ["quiet"]
    assert visitor.page.locator(".compare").first.evaluate("(one) => getComputedStyle(one).display") == "table"
    assert not visitor.page.get_by_role("button", name="Print dit").is_visible()


def test_the_region_says_when_something_stops(person: Any) -> None:
    keeper = person(LAPTOP).log_in("region.one")
    keeper.link("Schrijf wie er helpt in uw regio").sees("Gestopt").link("Voeg hulp toe")
    for label, text in {
        "Naam": "Maatjes Lindestreek", "Voor wie is het?": "Je zoekt iemand die met je meegaat.",
        "Hoe komt iemand erbij?": "Bel op dinsdag.", "Telefoon": "099-555 02 50",
        "Tot wanneer is er geld voor?": "2020-01-31",
    }.items():  # fmt: skip
        keeper.page.get_by_label(label, exact=True).fill(text)
    keeper.page.get_by_label("Soort hulp").select_option("coach")
    keeper.tap("Bewaar").sees("Bewaard. Iedereen ziet dit nu.")
    visitor = person(PHONE)
    visitor.page.goto("/hulp-in-de-regio/?regio=linde")
    stopped = visitor.page.locator("section", has=visitor.page.get_by_role("heading", name="Dit is gestopt"))
    stopped.get_by_text("Maatjes Lindestreek").wait_for()
    assert "Bel op dinsdag." not in stopped.inner_text()
    visitor.sees("31 januari 2020").in_all_ways("region_help")
    with keeper.page.expect_navigation():
        keeper.page.locator("li", has_text="Maatjes Lindestreek").get_by_role("link", name="Verander").click()
    keeper.in_all_ways("region_help_edit").tap("Haal deze hulp weg").sees_not("Maatjes Lindestreek")
