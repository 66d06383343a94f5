"""No is as easy as yes (contract, rule 7): real taps in a real browser, both counted from «Delen»."""

from typing import Any

import pytest

from tests.journeys.conftest import PHONE, Person

pytestmark = pytest.mark.journey

MOST_TO_SHARE, MOST_TO_STOP = 12, 2
# Told by the browser itself, on every page and before any script of ours: what a finger really did.
COUNT = "addEventListener('pointerup', (event) => event.isTrusted && window.tapped(), true)"


class Taps:
    """How often the screen was touched, as the browser saw it."""

    def __init__(self, person: Person) -> None:
        self.seen = 0
        person.context.expose_function("tapped", self._one)
        person.context.add_init_script(COUNT)
        self.page = person.page

    def _one(self) -> None:
        self.seen += 1

    def since(self, before: int) -> int:
        # A round trip to the page, so that what it reported has arrived.
        self.page.evaluate("1")
        return self.seen - before


def when_three_units_are_shared(student: Person) -> None:
    page = student.page
    student.tap("Deel met iemand", "link")
    with page.expect_navigation():
        page.get_by_role("heading", name="Jouw opleidingen").locator("xpath=..").get_by_role("button").first.tap()
    for row in range(3):
        page.locator("input[name=units]:visible").nth(row).tap()
    assert page.locator("input[name=units]:checked").count() == 3
    student.tap("Verder")
    page.locator("input[name=until]").first.tap()
    student.tap("Verder").tap("Dit is goed").tap("Ja, deel dit")
    student.sees("Gedeeld met")


def when_it_is_stopped(student: Person) -> None:
    student.link("Stop met delen").tap("Ja, stop").sees("Gestopt")


def test_stopping_takes_no_more_taps_than_sharing(person: Any) -> None:
    student = person(PHONE, has_touch=True).log_in("student.adult")
    taps = Taps(student)
    student.page.goto("/delen/")
    start = taps.since(0)
    when_three_units_are_shared(student)
    to_share = taps.since(start)
    student.page.goto("/delen/")
    start = taps.since(0)
    when_it_is_stopped(student)
    to_stop = taps.since(start)
    assert 7 <= to_share <= MOST_TO_SHARE, to_share
    assert 1 <= to_stop <= MOST_TO_STOP, to_stop
    assert to_stop <= to_share
