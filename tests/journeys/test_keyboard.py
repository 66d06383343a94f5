"""The main road with a keyboard alone: Tab, Shift+Tab, Space, Enter, arrows, and letters in a field. No mouse.

At every stop one sees where one is (WCAG 2.4.7, 2.4.11), and nothing one does throws one back to the top of the page.
"""

from typing import Any

import pytest

from tests.journeys.conftest import LAPTOP, PHONE, Person

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
MOST = 200
# What has the focus: its words, and what is wrong with it. A ticked row is drawn by its label.
WHERE = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return { words: "", kind: "", wrong: "nothing has the focus" };
  const drawn = [one, ...(one.labels ?? []), ...one.querySelectorAll("*")];
  const ring = drawn.some((part) => ["", "::after"].some((pseudo) => {
    const style = getComputedStyle(part, pseudo);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 3;
  }));
  const box = (one.closest(".choice") ?? one).getBoundingClientRect();
  const middle = Math.min(box.top + 24, box.bottom - 1);
  const seen = box.width > 1 && middle >= 0 && middle < innerHeight;
  const named = one.getAttribute("aria-labelledby");
  const text = one.labels?.[0] ?? (named && document.getElementById(named)) ?? one;
  const words = one.getAttribute("aria-label") || text.textContent || one.value || "";
  return {
    words: words.replace(/\\s+/g, " ").trim(),
    kind: one.type || one.tagName.toLowerCase(),
    wrong: !ring ? "no ring" : !seen ? "out of sight" : "",
  };
}"""


class Keys:
    """Somebody who only has keys. Every stop is checked."""

    def __init__(self, person: Person) -> None:
        self.person, self.page = person, person.page

    def press(self, key: str) -> dict[str, str]:
        self.page.keyboard.press(key)
        return self.where()

    def where(self) -> dict[str, str]:
        found: dict[str, str] = self.page.evaluate(WHERE)
        assert not found["wrong"], f"{self.page.url}: {found}"
        return found

    def go(self, path: str) -> "Keys":
        """An address is typed, too."""
        self.page.goto(path)
        return self

    def to(self, words: str, key: str = "Tab", kind: str = "") -> "Keys":
        """Steps on until what has the focus has these words."""
        for _ in range(MOST):
            now = self.press(key)
            if words in now["words"] and kind in now["kind"]:
                return self
        pytest.fail(f"«{words}» is not to be reached with {key} on {self.page.url}")

    def into(self, words: str, text: str) -> "Keys":
        """Writes in the field with this label, over what was in it."""
        self.to(words)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)
        return self

    def follow(self, words: str, kind: str = "") -> "Keys":
        """Steps to it and presses Enter; another page comes."""
        self.to(words, kind=kind)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        return self

    def tick(self, words: str) -> "Keys":
        self.to(words, kind="checkbox")
        if not self.page.evaluate("document.activeElement.checked"):
            self.press("Space")
        assert self.page.evaluate("document.activeElement.checked"), words
        self.where()
        return self

    def choose(self, words: str) -> "Keys":
        """One of a group: Tab to the group, an arrow to the option, Space when it was not chosen by the arrow."""
        group = f"[...document.querySelectorAll('input[type=radio]')].find((one) => {_labelled(words)}).name"
        name = self.page.evaluate(group)
        for _ in range(MOST):
            self.press("Tab")
            if self.page.evaluate("document.activeElement.name") == name:
                break
        for _ in range(12):
            if words in self.where()["words"]:
                break
            self.press("ArrowDown")
        self.page.keyboard.press("Space")
        assert self.page.evaluate(f"[document.activeElement].some((one) => one.checked && {_labelled(words)})"), words
        return self

    def sees(self, text: str) -> "Keys":
        self.person.sees(text)
        return self


def _labelled(words: str) -> str:
    return f"one.labels[0]?.textContent.includes('{words}')"


def logged_in(person: Any, size: dict[str, int], username: str) -> Keys:
    keys = Keys(person(size, service_workers="block", reduced_motion="reduce")).go("/inloggen/")
    keys.into("Je inlognaam", username).into("Je wachtwoord", "paspoort-demo")
    with keys.page.expect_navigation():
        keys.page.keyboard.press("Enter")
    return keys


def when_one_question_of_each_type_is_answered(keys: Keys) -> None:
    keys.go("/paspoort/vraag/me.name/").into("Hoe mogen mensen", "Filmon").follow("Verder")
    keys.go("/paspoort/vraag/me.proud/").into("trots", "Ik typ dit met toetsen.").follow("Verder")
    keys.go("/paspoort/vraag/me.free_time/").tick("muziek").tick("Anders, namelijk")
    keys.into("Jouw woorden", "schaken").follow("Verder")
    keys.go("/paspoort/vraag/can.digital/").choose("Met hulp lukt het").follow("Verder")
    keys.go("/paspoort/vraag/can.skills/").choose("Met hulp lukt het").follow("Verder")
    keys.go("/paspoort/vraag/home.people/").follow("Nog iemand erbij")
    keys.into("Voornaam", "Ria").into("Wie is dat van jou?", "mijn tante").follow("Verder")
    keys.go("/paspoort/vraag/want.programmes/")
    while keys.page.get_by_text("Haal weg", exact=True).count():
        keys.follow("Haal weg")
    keys.into("Zoek een opleiding", "tech2").follow("Zoek", kind="submit").follow("mechatronica")
    keys.follow("Verder")
    keys.go("/paspoort/vraag/need.support/").tick("Een rustige plek om te werken").follow("Verder")


def then_it_is_read_back(keys: Keys) -> None:
    keys.go("/vandaag/").follow("Mijn paspoort").follow("Wie ben ik")
    keys.sees("Ik typ dit met toetsen.").sees("schaken")


def when_it_is_shared_with_a_programme(keys: Keys) -> None:
    keys.go("/delen/").follow("Deel met iemand").into("Zoek een opleiding of school", "tech2")
    keys.follow("Zoek", kind="submit").follow("mechatronica")
    keys.follow("Verder")
    then_the_errors_have_the_focus(keys)
    keys.go(keys.page.url).tick("trots").follow("Verder")
    keys.choose("een maand").follow("Verder").sees("Ik typ dit met toetsen.")
    keys.follow("Dit is goed").follow("Ja, deel dit").sees("Gedeeld met")


def then_the_errors_have_the_focus(keys: Keys) -> None:
    keys.sees("Er mist nog iets")
    assert keys.page.evaluate("document.activeElement.id") == "fouten"
    keys.to("", kind="a").page.keyboard.press("Enter")
    assert keys.where()["kind"] == "checkbox"


def when_the_intaker_replies(keys: Keys) -> None:
    keys.go("/intake/").follow("Filmon").to("", kind="textarea")
    keys.page.keyboard.type("Gelezen met toetsen.")
    keys.follow("Gelezen", kind="submit").sees("Gelezen met toetsen.")


def then_the_student_reads_it_and_stops(keys: Keys) -> None:
    keys.go("/delen/").sees("Gelezen met toetsen.").follow("Stop met delen").follow("Ja, stop").sees("Gestopt")


def test_the_main_road_with_keys_alone(person: Any) -> None:
    student = logged_in(person, PHONE, "student.left")
    when_one_question_of_each_type_is_answered(student)
    then_it_is_read_back(student)
    when_it_is_shared_with_a_programme(student)
    when_the_intaker_replies(logged_in(person, LAPTOP, "intaker.tech"))
    then_the_student_reads_it_and_stops(student)


def test_the_skip_link_leads_past_the_top(person: Any) -> None:
    keys = Keys(person(PHONE)).go("/")
    assert keys.press("Tab")["words"] == "Naar de inhoud"
    keys.page.keyboard.press("Enter")
    assert keys.page.evaluate("document.activeElement.id") == "main"
    keys.press("Tab")
    assert keys.page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("username", "paths"),
    [
        ("student.full", ["/vandaag/", "/paspoort/", "/paspoort/need/", "/delen/", "/delen/nieuw/", "/wie-keek/"]),
        ("guardian.full", ["/thuis/", "/gedeeld/"]),
        ("mentor.one", ["/klas/", "/gedeeld/", "/gesprek/"]),
        ("intaker.care", ["/intake/", "/gedeeld/"]),
    ],
)  # fmt: skip
def test_there_and_back_without_a_trap(person: Any, username: str, paths: list[str], scheme: str) -> None:
    """Every stop of a page is to be seen; the last one leads out, and Shift+Tab goes the same way back."""
    somebody = person(PHONE, color_scheme=scheme, reduced_motion="reduce").log_in(username)
    keys = Keys(somebody)
    for path in paths:
        keys.go(path)
        there = [keys.press("Tab")["words"]]
        while True:
            somebody.page.keyboard.press("Tab")
            if somebody.page.evaluate("document.activeElement === document.body"):
                break
            there.append(keys.where()["words"])
            assert len(there) < MOST, f"{path}: there is no end"
        back = []
        while len(back) < len(there):
            back.append(keys.press("Shift+Tab")["words"])
        assert back == there[::-1], path
