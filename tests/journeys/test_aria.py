"""What a screen reader gets of the five main screens, kept in aria/*.yaml and read by a person when it changes.

`UPDATE_ARIA=1 script/test tests/journeys/test_aria.py` writes them anew; the diff is what a reviewer reads.
"""

import os
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import LAPTOP, PHONE, Person

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
KEPT = Path(__file__).parent / "aria"
# What differs per run, and says nothing about the structure.
CHANGING = [
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
    (r"\d{1,2}:\d{2}", "<time>"),
    (r"\b\d{1,2} (januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december)( \d{4})?",
     "<day>"),
    (r"#voorlezen-\d+", "<place>"),
]  # fmt: skip


def start(person: Any) -> Person:
    visitor: Person = person(PHONE)
    visitor.page.goto("/")
    return visitor


def question(person: Any) -> Person:
    student: Person = person(PHONE).log_in("student.adult")
    student.page.goto("/paspoort/vraag/me.words/")
    return student


def overview(person: Any) -> Person:
    student: Person = person(PHONE).log_in("student.adult")
    student.page.goto("/paspoort/")
    return student


def preview(person: Any) -> Person:
    student: Person = person(PHONE).log_in("student.adult")
    student.page.goto("/delen/nieuw/?q=tech2")
    student.page.locator("button[name=to][value^=programme]").first.click()
    student.page.get_by_label("Waar ben je goed in?").check()
    student.page.get_by_label("Welke woorden passen bij jou?").first.check()
    student.tap("Verder")
    student.page.locator("input[name=until]").first.check()
    return student.tap("Verder")


def brief(person: Any) -> Person:
    intaker: Person = person(LAPTOP).log_in("intaker.care")
    intaker.page.goto("/intake/")
    return intaker.link("Sam V.")


def as_heard(somebody: Person) -> str:
    text: str = somebody.page.locator("body").aria_snapshot()
    for pattern, name in CHANGING:
        text = re.sub(pattern, name, text)
    return text + "\n"


SCREENS = [start, question, overview, preview, brief]
# What is pressed, chosen or typed in, and has no name in the snapshot: a name stands in quotes right behind the role.
NAMELESS = re.compile(
    r"^ *- (?:button|link|checkbox|radio|textbox|searchbox|combobox|listbox|option|spinbutton|slider|switch|tab)"
    r"(?: \[[^\]]*\])*(?::.*)?$", re.MULTILINE
)  # fmt: skip


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.__name__)
def test_a_screen_reader_gets_what_was_reviewed(person: Any, screen: Callable[[Any], Person]) -> None:
    heard, kept = as_heard(screen(person)), KEPT / f"{screen.__name__}.yaml"
    if os.environ.get("UPDATE_ARIA"):
        KEPT.mkdir(exist_ok=True)
        kept.write_text(heard, encoding="utf-8")
    assert heard == kept.read_text(encoding="utf-8")


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.__name__)
def test_headings_go_down_one_step_at_a_time(screen: Callable[[Any], Person]) -> None:
    """One h1, and no level is left out; one main."""
    text = (KEPT / f"{screen.__name__}.yaml").read_text(encoding="utf-8")
    levels = [int(level) for level in re.findall(r"heading .*\[level=(\d)\]", text)]
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels)), levels
    assert len(re.findall(r"^ *- main", text, re.MULTILINE)) == 1


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.__name__)
def test_nothing_that_is_pressed_is_without_a_name(person: Any, screen: Callable[[Any], Person]) -> None:
    """On the page as it is now, opened in full: what is folded away is heard later."""
    somebody = screen(person)
    somebody.page.locator("main details").evaluate_all("(all) => { for (const one of all) one.open = true }")
    heard = as_heard(somebody)
    assert re.search(r"^ *- (?:button|link) \"", heard, re.MULTILINE) and NAMELESS.findall(heard) == []


@pytest.mark.parametrize(
    "planted", ["<button><svg></svg></button>", "<a href='/x/'><svg></svg></a>", "<input>", "<select><option></select>"]
)
def test_the_guard_on_names_hears_who_has_none(person: Any, planted: str) -> None:
    visitor = start(person)
    visitor.page.locator("main").evaluate("(main, html) => main.insertAdjacentHTML('beforeend', html)", planted)
    assert NAMELESS.findall(as_heard(visitor))
