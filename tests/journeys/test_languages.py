"""Languages, as people meet them: a student and a parent in English, and the parents' pages from right to left."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.journeys.conftest import LAPTOP, PHONE, Person, Site

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
MOST_PAGES = 40

# What stands on a page where: nothing beside the screen, nothing over each other, text and arrows from the right.
LAYOUT = """() => {
  const wrong = [];
  const name = (one) => `${one.tagName.toLowerCase()} «${(one.innerText || "").trim().slice(0, 40)}»`;
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) wrong.push(`scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}`);
  const visible = { visibilityProperty: true, opacityProperty: true };
  const seen = (one) => one.checkVisibility(visible) && !one.closest(".vh,.skip,[hidden]");
  for (const one of document.querySelectorAll("main *")) {
    if (!seen(one)) continue;
    const lines = [...one.childNodes].filter((node) => node.nodeType === 3 && node.data.trim()).flatMap((node) => {
      const range = document.createRange();
      range.selectNodeContents(node);
      return [...range.getClientRects()];
    });
    if (lines.some(({ left, right }) => left < -1 || right > root.clientWidth + 1))
      wrong.push(`beside the screen: ${name(one)}`);
  }
  const parts = [...document.querySelectorAll("a,button,summary,label,select,textarea")].filter(seen);
  parts.forEach((one, place) => {
    const a = one.getBoundingClientRect();
    for (const other of parts.slice(place + 1)) {
      if (one.contains(other) || other.contains(one)) continue;
      const b = other.getBoundingClientRect();
      const w = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (w > 2 && h > 2) wrong.push(`over each other: ${name(one)} and ${name(other)}`);
    }
  });
  const rtl = root.dir === "rtl";
  for (const one of document.querySelectorAll("main h1,main h2,main p")) {
    const style = getComputedStyle(one);
    if (!seen(one) || style.textAlign === "center" || style.display !== "block") continue;
    if (one.closest("[dir]") !== root) continue;
    const words = [...one.childNodes].find((node) => node.nodeType === 3 && node.data.trim());
    if (!words || one.firstElementChild) continue;
    const range = document.createRange();
    range.selectNodeContents(words);
    // A full stop after Dutch words stands apart from them here, so a line has several pieces.
    const pieces = [...range.getClientRects()], box = one.getBoundingClientRect();
    const line = pieces.filter(({ top }) => Math.abs(top - pieces[0].top) < 4);
    const pad = parseFloat(style.paddingInlineStart);
    const from = rtl ? Math.max(...line.map(({ right }) => right)) : Math.min(...line.map(({ left }) => left));
    const gap = (rtl ? box.right - from : from - box.left) - pad;
    if (Math.abs(gap) > 3) wrong.push(`text does not start where one reads (${Math.round(gap)}): ${name(one)}`);
  }
  for (const use of document.querySelectorAll("use[href*='#chevron'],use[href$='#undo'],use[href$='#out']"))
    if (getComputedStyle(use.parentElement).scale !== (rtl ? "-1 1" : "none"))
      wrong.push(`points the wrong way: ${use.getAttribute("href")}`);
  return wrong;
}"""


@pytest.fixture
def in_english(person: Any) -> Iterator[Callable[[Person], Person]]:
    """Chooses it where everybody chooses how to read; afterwards Dutch again, for the other journeys of this site."""
    chosen: list[Person] = []

    def choose(somebody: Person) -> Person:
        somebody.page.goto("/lezen/")
        chosen.append(somebody.tick("English").tap("Bewaar"))
        assert somebody.page.locator("html").get_attribute("lang") == "en"
        return somebody

    yield choose
    for somebody in chosen:
        somebody.page.goto("/lezen/")
        somebody.tick("Nederlands").tap("Save")


def from_right_to_left(somebody: Person) -> Person:
    """As in a language that is written so: the site turns its pages (tests/languages), the browser lays them out."""

    def turn(route: Any) -> Any:
        if route.request.resource_type != "document":
            return route.fallback()
        answer = route.fetch(max_redirects=0, max_retries=2)
        page = re.sub(r'<html lang="\w+" dir="ltr"', '<html lang="ar" dir="rtl"', answer.text(), count=1)
        return route.fulfill(response=answer, body=page)

    somebody.page.route("**/*", turn)
    return somebody


FILES = ("/bestand/", ".ics", ".csv")  # no page to look at


def every_page_from(somebody: Person, start: str, visit: Callable[[str], None]) -> set[str]:
    """Follows every link of the pages from here on, each page once."""
    waiting, met = [start], set()
    while waiting and len(met) < MOST_PAGES:
        path = waiting.pop(0)
        if path in met:
            continue
        met.add(path)
        visit(path)
        links = somebody.page.eval_on_selector_all(
            "a[href^='/']:not([download])", "all => all.map(a => a.getAttribute('href'))"
        )
        pages = [link.split("#")[0] for link in links if not link.startswith(("/static/", "/uitloggen", "/demo"))]
        waiting += [page for page in pages if not page.endswith(FILES)]
    return met


def laid_out(somebody: Person, name: str) -> None:
    assert somebody.page.locator("html").get_attribute("dir") == "rtl", name
    assert somebody.page.evaluate(LAYOUT) == [], name


def test_a_student_and_a_parent_in_english(person, in_english):
    student = in_english(person(PHONE).log_in("student.young"))
    student.page.goto("/paspoort/vraag/need.talk_with_me/")
    student.sees("How do people best talk with you?").sees_not("Hoe praten")
    student.tick("short sentences").tick("talking calmly").screen("en-question").tap("Next")
    student.sees("Saved at")
    student.page.goto("/delen/")
    student.screen("en-share-list").link("Share with somebody")
    student.page.get_by_label("Search for a programme or school").fill("care3")
    student.tap("Search")
    student.screen("en-share-who").page.get_by_role("button", name=re.compile("niveau 3")).first.click()
    student.sees("Everything is off.")
    student.page.get_by_label(re.compile("How do people best talk")).first.check()
    student.screen("en-share-what").tap("Next")
    student.page.locator("input[type=radio]").first.check()
    student.screen("en-share-until").tap("Next")
    student.sees("short sentences").screen("en-share-preview").tap("This is good")
    student.page.get_by_text("The agreements about this sharing").click()
    student.sees("They read it for the talk with you.").screen("en-share-confirm").tap("Yes, share this")
    student.sees("We are waiting for your parent.").screen("en-share-waits")

    parent = in_english(person(PHONE).log_in("guardian.young"))
    parent.page.goto("/thuis/")
    parent.sees("We ask you this").screen("en-home")
    parent.page.get_by_role("link", name=re.compile("View and choose.*niveau 3")).first.click()
    parent.sees("Here you see exactly what they will see.")
    parent.sees("short sentences").screen("en-approval").tap("Yes, that is allowed")
    parent.sees("Thank you. This may be shared now.").screen("en-approved")

    intaker = person(LAPTOP).log_in("intaker.care")
    intaker.page.goto("/intake/")
    intaker.page.locator("tbody tr", has_text="Dilara").first.get_by_role("link").click()
    intaker.sees("korte zinnen").sees("rustig praten").sees_not("short sentences").screen("en-brief-stays-dutch")


def test_the_pages_of_parents_from_right_to_left(person):
    parent = from_right_to_left(person(PHONE, service_workers="block").log_in("guardian.young"))

    def visit(path: str) -> None:
        parent.page.goto(path)
        parent.page.goto(parent.page.url)  # what a redirect leads to comes past the turning
        laid_out(parent, path)
        parent.screen(f"rtl{path.rstrip('/').replace('/', '-')[:40]}")

    met = every_page_from(parent, "/thuis/", visit)
    assert len(met) > 8 and {"/thuis/", "/gedeeld/", "/lezen/", "/privacy/"} <= met


def test_the_way_in_of_a_parent_from_right_to_left(person, site: Site):
    student = person(PHONE).log_in("student.full")
    student.page.goto("/delen/")
    student.link("Iemand van thuis uitnodigen")
    student.page.get_by_label("Wie is het?").fill("tante")
    student.page.get_by_label("Wat is het mailadres?").fill("tante@example.org")
    student.tap("Stuur de mail")
    parent = from_right_to_left(person(PHONE, service_workers="block"))
    parent.page.goto(mailed(parent, site, r"/uitnodiging/[\w-]+/"))
    laid_out(parent, "invitation")
    parent.screen("rtl-invitation").tap("Mail mij een code")
    parent.page.goto(parent.page.url)  # what a redirect leads to comes past the turning
    laid_out(parent, "code")
    parent.page.get_by_label("Wat is de code?").fill(mailed(parent, site, r"(?<=code is )\d{6}"))
    parent.screen("rtl-invitation-code").tap("Verder")
    parent.page.goto(parent.page.url)
    laid_out(parent, "answer")
    parent.screen("rtl-invitation-answer")
    for path in ("/inloggen/", "/inloggen/code/", "/inzage/nothing-is-here/", "/woorden/"):
        parent.page.goto(path)
        laid_out(parent, path)


def mailed(somebody: Person, site: Site, pattern: str) -> str:
    """What the newest mail to the invited says; mail is on the console here (contract, Settings)."""
    for _ in range(100):
        said = site.output.read_text(errors="replace").replace("=\n", "")
        own = [one for one in said.split("Subject: ") if "To: tante@example.org" in one and re.search(pattern, one)]
        if own:
            return re.findall(pattern, own[-1])[0]
        somebody.page.wait_for_timeout(200)
    raise AssertionError("no mail came")


def test_the_check_of_the_layout_can_fail(person):
    """The same page with what must not be: it finds each."""
    somebody = from_right_to_left(person(PHONE, service_workers="block"))
    somebody.page.goto("/lezen/")
    laid_out(somebody, "as it is")
    for rule, finds in (
        ("main h1{text-align:left}", "does not start"),
        ("main p{width:900px}", "scrolls sideways"),
        ("footer a{position:absolute;top:0}", "over each other"),
        ("svg{scale:none!important}", "points the wrong way"),
    ):
        page = somebody.page
        page.goto("/lezen/")
        page.evaluate(
            "css => { const one = new CSSStyleSheet(); one.replaceSync(css); document.adoptedStyleSheets = [one]; }",
            rule,
        )
        found = page.evaluate(LAYOUT)
        assert any(finds in one for one in found), rule
