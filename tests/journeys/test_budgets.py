"""What a page may cost on a cheap phone and bad wifi (ux.md §4), as Chromium itself counts it, and how far one reaches.

What is a time in §4 (largest paint, longest interaction) is measured by script/lighthouse, and no test: see there.

The service worker is off here: it answers from the phone, and the budget is about what goes over the air.
"""

from gzip import compress
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from passport.questionnaire import newest_file
from tests.journeys.conftest import LAPTOP, PHONE, ROOT, Person
from tests.journeys.test_large_text import open_screen

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
KB = 1024
# Whose page, which, and where they go next; after «>» the first link on it whose address begins so.
STAFF = {
    "desk": ("mentor.one", "/klas/", "/gedeeld/"), "dossier": ("mentor.one", "/gedeeld/ > /gedeeld/", "/gesprek/"),
    "inbox": ("intaker.care", "/intake/", "/instellingen/"),
    "brief": ("intaker.care", "/intake/ > /intake/", "/intake/"),
}  # fmt: skip
SMALL, NARROW = {"width": 360, "height": 640}, {"width": 320, "height": 640}
START, OVERVIEW, SHARE = "/", "/paspoort/", "/delen/nieuw/"
QUESTION = "/paspoort/vraag/me.free_time/"
PAGES = {"start": START, "question": QUESTION, "overview": OVERVIEW, "share": SHARE}
NEXT = {START: "/inloggen/", QUESTION: "/paspoort/vraag/me.words/", OVERVIEW: QUESTION, SHARE: "/delen/"}
QUESTIONS = [
    question["key"]
    for section in yaml.safe_load(newest_file().read_text())["sections"]
    for question in section["questions"]
]
BOTTOM = "(one) => Math.round(one.getBoundingClientRect().bottom + scrollY)"
# A row is pressed as a whole: the control lies over it. A link in running text is as high as its line (WCAG 2.5.8).
TOO_SMALL = """(least) =>
  [...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".vh, .skip"))
  .filter((one) => !(one.matches("p a:not(.link, .btn), li a:not([class])") && !one.closest(".list-links")))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => Math.min(Math.round(box.width), Math.round(box.height)) < (least ?? 48))
  .map(([one, box]) => `${one.tagName} ${one.textContent.trim()} ${Math.round(box.width)}x${Math.round(box.height)}`)"""


class Wire:
    """What Chromium fetched for one page: of each request its kind, and its bytes over the wire."""

    def __init__(self, somebody: Person) -> None:
        self.page = somebody.page
        self.events = somebody.context.new_cdp_session(self.page)
        self.events.send("Network.enable")
        self.events.on("Network.requestWillBeSent", self._sent)
        self.events.on("Network.requestServedFromCache", self._cached)
        self.events.on("Network.loadingFinished", self._finished)

    def visit(self, path: str) -> tuple[int, int]:
        """Requests and bytes over the wire of a visit to one page."""
        self.seen: dict[str, dict[str, Any]] = {}
        self.page.goto(path)
        self.page.wait_for_load_state("networkidle")
        sent = [one for one in self.seen.values() if one["bytes"]]
        return len(sent), sum(one["bytes"] for one in sent)

    def _sent(self, event: dict[str, Any]) -> None:
        self.seen[event["requestId"]] = {"kind": event["type"], "bytes": 0}

    def _cached(self, event: dict[str, Any]) -> None:
        self.seen.pop(event["requestId"], None)

    def _finished(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.seen:
            self.seen[event["requestId"]]["bytes"] = event["encodedDataLength"]


def log_in(person: Any, username: str, size: dict[str, int] = PHONE, **options: Any) -> Person:
    made: Person = person(size, service_workers="block", **options)
    return made.log_in(username)


def first_visit(person: Any, name: str) -> Person:
    """Somebody whose browser never saw this site, already logged in where the page asks for it."""
    cookies = None if name == "start" else log_in(person, "student.full").context.storage_state()
    made: Person = person(SMALL, service_workers="block", storage_state=cookies)
    return made


@pytest.mark.parametrize("name", PAGES)
def test_a_first_visit_and_the_next_page(person, name):
    visitor = first_visit(person, name)
    wire = Wire(visitor)
    requests, size = wire.visit(PAGES[name])
    assert requests <= 8 and size <= 60 * KB, f"{name}: {requests} requests, {size} bytes"
    requests, size = wire.visit(NEXT[PAGES[name]])
    assert requests <= 2 and size <= 10 * KB, f"after {name}: {requests} requests, {size} bytes"
    assert visitor.foreign == []


def first_visit_of_staff(person: Any, username: str, path: str) -> tuple[Person, str]:
    """Staff whose browser never saw this site, already logged in; and the address of what they came for."""
    there = log_in(person, username, LAPTOP)
    open_screen(there, path)
    made: Person = person(LAPTOP, service_workers="block", storage_state=there.context.storage_state())
    return made, urlsplit(there.page.url).path


@pytest.mark.parametrize("name", STAFF)
def test_a_first_visit_and_the_next_page_of_staff(person, name):
    username, path, following = STAFF[name]
    visitor, address = first_visit_of_staff(person, username, path)
    wire = Wire(visitor)
    requests, size = wire.visit(address)
    assert 0 < requests <= 12 and 0 < size <= 120 * KB, f"{name}: {requests} requests, {size} bytes"
    most = {"Document": 20, "Stylesheet": 12, "Script": 30, "Font": 26, "Other": 8}
    weights = {kind: sum(one["bytes"] for one in wire.seen.values() if one["kind"] == kind) for kind in most}
    assert {one["kind"] for one in wire.seen.values()} <= set(most)
    assert weights["Stylesheet"] and {kind: size for kind, size in weights.items() if size > most[kind] * KB} == {}
    requests, size = wire.visit(following)
    assert requests >= 1 and size <= 25 * KB, f"after {name}: {requests} requests, {size} bytes"
    assert visitor.foreign == []


@pytest.mark.parametrize("name", PAGES)
def test_each_kind_of_file_keeps_to_its_part(person, name):
    wire = Wire(first_visit(person, name))
    wire.visit(PAGES[name])
    most = {"Document": 8, "Stylesheet": 10, "Script": 10, "Font": 26, "Other": 6}
    weights = {kind: sum(one["bytes"] for one in wire.seen.values() if one["kind"] == kind) for kind in most}
    assert {one["kind"] for one in wire.seen.values()} <= set(most)
    assert weights["Stylesheet"] and {kind: size for kind, size in weights.items() if size > most[kind] * KB} == {}


def test_all_scripts_of_a_student_together_are_small():
    ours = [ROOT / "static/js" / f"{name}.js" for name in ("voice", "answer", "outbox", "sw")]
    assert sum(len(compress(path.read_bytes())) for path in ours) <= 10 * KB


def test_verder_is_near_on_every_question(person):
    """Within a screen and a half of a small phone, with nothing chosen yet."""
    student = log_in(person, "student.empty", SMALL)
    low = {}
    for key in QUESTIONS:
        student.page.goto(f"/paspoort/vraag/{key}/")
        bottom = student.page.locator(".btn-main").evaluate(BOTTOM)
        if bottom > 960:
            low[key] = bottom
    assert low == {}


@pytest.mark.parametrize("name", PAGES)
def test_what_one_taps_is_big_enough(person, name):
    student = log_in(person, "student.full", SMALL) if name != "start" else person(SMALL)
    student.page.goto(PAGES[name])
    assert student.page.evaluate(TOO_SMALL) == []


def test_what_one_taps_is_big_enough_on_every_question(person):
    student = log_in(person, "student.full", SMALL)
    wrong = {}
    for key in QUESTIONS:
        student.page.goto(f"/paspoort/vraag/{key}/")
        if found := student.page.evaluate(TOO_SMALL):
            wrong[key] = found
    assert wrong == {}


@pytest.mark.parametrize(
    ("username", "least"),
    [("guardian.full", 48), ("guardian.young", 48), ("mentor", 44), ("intaker", 44), ("coordinator", 44)],
)
def test_what_parents_and_staff_tap_is_big_enough(person, username, least):
    """Their first page and all it leads to, on a phone."""
    reader = log_in(person, username, PHONE)
    home, wrong = reader.page.url, {}
    ahead = reader.page.eval_on_selector_all("main a[href^='/']", "(all) => all.map((one) => one.pathname)")
    assert ahead
    for path in [home, *list(dict.fromkeys(ahead))[:12]]:
        reader.page.goto(path)
        if found := reader.page.evaluate(TOO_SMALL, least):
            wrong[path] = found
    assert wrong == {}


def test_the_guard_on_taps_sees_a_small_one(person):
    student = log_in(person, "student.full", SMALL)
    student.page.goto(QUESTION)
    student.page.locator(".btn-main").evaluate("(one) => { one.style.minHeight = 0; one.style.padding = 0 }")
    assert ["BUTTON Verder" in one for one in student.page.evaluate(TOO_SMALL)] == [True]


@pytest.mark.parametrize("size", [pytest.param("100%", marks=pytest.mark.slow), "200%"])
def test_no_page_scrolls_sideways(person, size):
    student = log_in(person, "student.full", NARROW)
    paths = [*PAGES.values(), *NEXT.values(), "/vandaag/", "/wie-keek/", "/lezen/", "/instellingen/"]
    paths += [f"/paspoort/vraag/{key}/" for key in QUESTIONS]
    wide = []
    for path in paths:
        student.page.goto(path)
        student.page.evaluate("(size) => { document.documentElement.style.fontSize = size }", size)
        if student.page.evaluate("document.documentElement.scrollWidth") > 320:
            wide.append(path)
    assert wide == []
