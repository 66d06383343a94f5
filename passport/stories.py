"""Short stories of students who told something, and what it gave: ours (stories.yaml), or those of a region."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from accounts.refusals import NotHere

FILE = Path(__file__).with_name("stories.yaml")
MOST_WORDS = 150


class WrongStories(Exception):
    """The file cannot be used: the message names the story and what is wrong."""


@dataclass(frozen=True, slots=True)
class Story:
    """One story. `parts` are headings with their text; `name` is never the name of somebody who is here."""

    place: int
    title: str
    name: str
    section: str
    made_up: bool
    parts: tuple[tuple[str, str], ...]

    @property
    def words(self) -> int:
        return sum(len(text.split()) for _heading, text in self.parts)


def all_stories() -> tuple[Story, ...]:
    """The stories of this site: those of the setting STORIES, else ours. Raises WrongStories."""
    return _parsed(settings.STORIES or FILE.read_text(encoding="utf-8"))


def story_or_404(place: int) -> Story:
    """The story at a place, counted from one. Raises NotHere."""
    if not 0 < place <= len(all_stories()):
        raise NotHere()
    return all_stories()[place - 1]


@cache
def _parsed(raw: str) -> tuple[Story, ...]:
    try:
        rows = yaml.safe_load(raw)
    except yaml.YAMLError as error:
        raise WrongStories("this is no YAML") from error
    if not isinstance(rows, list) or not rows:
        raise WrongStories("this is no list of stories")
    return tuple(_story(place, row) for place, row in enumerate(rows, 1))


def _story(place: int, row: Any) -> Story:
    try:
        parts = tuple((str(part["heading"]), str(part["text"])) for part in row["parts"])
        told = {name: str(row[name]) for name in ("title", "name", "section")}
        story = Story(place=place, made_up=row["made_up"] is not False, parts=parts, **told)
    except (KeyError, TypeError) as error:
        raise WrongStories(f"story {place}: {error} is missing or has another shape") from None
    if story.words > MOST_WORDS:
        raise WrongStories(f"story {place}: {story.words} words, at most {MOST_WORDS}")
    return story
