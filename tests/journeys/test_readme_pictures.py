"""The pictures of the README are screens of the running site: UPDATE_PICTURES=1 takes them anew."""

import os
from pathlib import Path

import pytest

from tests.journeys.conftest import Person

pytestmark = pytest.mark.journey
PICTURES = Path(__file__).parent.parent.parent / "docs" / "images"
PHONE = {"width": 360, "height": 740}
LAPTOP = {"width": 1280, "height": 860}


def question(person) -> Person:
    student = person(PHONE, device_scale_factor=2).log_in("student.full")
    student.page.goto("/paspoort/vraag/me.words/")
    return student


def share(person) -> Person:
    student = person(PHONE, device_scale_factor=2).log_in("student.full")
    student.page.goto("/delen/nieuw/?q=tech2")
    student.page.locator("button[name=to][value^=programme]").first.click()
    student.page.get_by_label("Waar ben je goed in?").first.wait_for()
    return student


def brief(person) -> Person:
    intaker = person(LAPTOP).log_in("intaker.care")
    intaker.page.goto("/intake/")
    intaker.link("Sam V.")
    return intaker


@pytest.mark.parametrize("screen", [question, share, brief], ids=lambda screen: screen.__name__)
def test_the_readme_shows_this_screen(person, screen):
    shown = screen(person).screen(f"readme-{screen.__name__}")
    picture = PICTURES / f"{screen.__name__}.png"
    if os.environ.get("UPDATE_PICTURES"):
        picture.parent.mkdir(exist_ok=True)
        shown.page.screenshot(path=picture)
    width = int.from_bytes(picture.read_bytes()[16:20], "big")
    assert width in (720, 1280), "the committed picture was taken by this test"
