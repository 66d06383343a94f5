"""Pictures beside options: only of options that are there, only icons that are there, and never one among words."""

import re
from pathlib import Path

import pytest

from passport.pictures import need_pictures, picture_of, pictures
from passport.questionnaire import of_version, published
from tests.factories import make_pupil

ICONS = Path(__file__).parents[2] / "static/icons"
SPRITE, SHEET = ((ICONS / name).read_text(encoding="utf-8") for name in ("sprite.svg", "needs.svg"))


def test_every_picture_belongs_to_an_option_and_is_in_the_sprite():
    questions = of_version(published().pk).questions.values()
    options = {option for question in questions for option in question.options}
    assert set(pictures()) <= options
    assert set(pictures().values()) <= set(re.findall(r'<symbol id="([^"]+)"', SPRITE))


def test_own_words_have_no_picture():
    assert picture_of("de duiven van mijn opa") == ""


@pytest.mark.parametrize(
    ("key", "drawn"), [("me.free_time", 12), ("home.travel", 6), ("can.certificates", 0), ("want.seen", 0)]
)
def test_a_question_is_drawn_when_most_of_its_options_are(browser_of, key, drawn):
    """«koken» alone among the certificates has no picture: it would look like the right answer."""
    html = browser_of(make_pupil()).get(f"/paspoort/vraag/{key}/").content.decode()
    assert html.count('class="pic"') == drawn


def test_a_picture_says_nothing_to_who_hears_the_page(browser_of):
    html = browser_of(make_pupil()).get("/paspoort/vraag/me.free_time/").content.decode()
    labels = re.findall(r'<label for="id_value_\d+" class="pic">(.*?)</label>', html)
    assert labels and all('aria-hidden="true"' in label for label in labels)


def test_every_need_has_its_own_picture_in_the_sheet_of_the_needs():
    keys = [need.key for need in of_version(published().pk).needs]
    drawn = re.findall(r'<symbol id="([^"]+)"', SHEET)
    assert sorted(need_pictures()) == sorted(keys)
    assert sorted(need_pictures().values()) == sorted(drawn)


def test_only_the_pages_about_needs_fetch_that_sheet(browser_of):
    browser = browser_of(make_pupil())
    assert browser.get("/paspoort/vraag/need.support/").content.decode().count("icons/needs") == 20
    assert "icons/needs" not in browser.get("/paspoort/vraag/me.free_time/").content.decode()
