"""What this room knows from files: talk tips, days that matter, support points and headings. Nothing of a person.

A region can put its own file in the place of ours (region_files.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils import timezone

from intake.reading import ReadField, ReadSection
from passport import questionnaire
from passport.questionnaire import Questionnaire
from school import region_files

HERE = Path(__file__).parent / "known"


@dataclass(frozen=True, slots=True)
class Moment:
    """A day that matters, as it comes next."""

    on: date
    text: str
    remind: int
    parents: str = ""  # the same day in words for parents; without it /ouders/ does not show it

    @property
    def reminds_from(self) -> datetime:
        """From when on a mail tells of it."""
        return timezone.make_aware(datetime.combine(self.on - timedelta(days=self.remind), time.min))

    def reminds(self, today: date) -> bool:
        """Whether it is time to tell of it: until the day itself, so that a missed morning is caught up."""
        return timedelta() <= self.on - today <= timedelta(days=self.remind)


@dataclass(frozen=True, slots=True)
class Guide:
    """The talk questions of one section."""

    key: str
    title: str
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    title: str
    fields: tuple[ReadField, ...]

    @property
    def plain(self) -> str:
        return "\n\n".join(one.plain for one in self.fields)

    @property
    def rows(self) -> int:
        return min(12, sum(one.rows for one in self.fields))


def guides() -> list[Guide]:
    """The conversation guide, per section of the published questionnaire."""
    return [Guide(one.key, one.title, one.talk) for one in _questions().sections if one.talk]


def says_little() -> list[str]:
    """Tips for a student who says little."""
    return list(_file("talk")["says_little"])


def home_cards() -> list[tuple[str, str]]:
    """One question at a time to talk about at home: (section, question)."""
    left_out = set(_file("talk")["not_at_home"])
    return [(one.key, line) for one in guides() for line in one.questions if line not in left_out]


def moments(today: date | None = None) -> list[Moment]:
    """Every day that matters as it comes next, the soonest first."""
    today = today or timezone.localdate()
    found = [Moment(_next(row, today), row["text"], row["remind"], row.get("parents", "")) for row in _file("moments")]
    return sorted((one for one in found if one.on >= today), key=lambda one: one.on)


def support(region: str = "") -> dict[str, Any]:
    """The checked support points, those of a region (its code) apart, and the sources of what /ouders/ says."""
    known = _file("support")
    here = [one for one in known["points"] if region and region in one.get("regions", ())]
    return {**known, "here": here, "points": [one for one in known["points"] if one not in here]}


def seven(language: str) -> tuple[list[str], str]:
    """The seven sentences a region put in the place of ours, and in which language; empty when it did not."""
    known = region_files.own("seven") or {}
    code = language if language in known else "nl"
    return known.get(code, []), code


def under_headings(sections: Iterable[ReadSection], region: str = "") -> list[Heading]:
    """What a reader has open, under the headings of a region; a heading without text is not there."""
    known = _file("headings")
    chosen = known["regions"].get(region) or known["default"]
    titles: dict[str, list[ReadField]] = {row["title"]: [] for row in chosen["headings"]} | {chosen["rest"]: []}
    for section in sections:
        for one in section.fields:
            titles[_title(one.unit, chosen["headings"], chosen["rest"])].append(one)
    return [Heading(title, tuple(fields)) for title, fields in titles.items() if fields]


def _title(unit: str, headings: Sequence[dict[str, Any]], rest: str) -> str:
    return next((row["title"] for row in headings if any(unit.startswith(one) for one in row["units"])), rest)


def _next(row: dict[str, Any], today: date) -> date:
    if "on" in row:
        return date.fromisoformat(str(row["on"]))
    this_year = date(today.year, row["month"], row["day"])
    return this_year if this_year >= today else date(today.year + 1, row["month"], row["day"])


def _questions() -> Questionnaire:
    return questionnaire.of_version(questionnaire.published().pk)


def _file(name: str) -> Any:
    """The file of the region, else ours."""
    found = region_files.own(name)
    return _ours(name) if found is None else found


@cache
def _ours(name: str) -> Any:
    return yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
