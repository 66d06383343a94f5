"""Whom a student can call now: the numbers for their age and region and the mentors of their class.

The numbers are in help.yaml, or in the file a region puts in its place (setting HELP_NUMBERS).

Which numbers were shown or tapped is written down nowhere.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from accounts import vault
from accounts.identity import age_on, identity_of
from accounts.models import Student, User
from accounts.services import class_mentors, class_of

FILE = Path(__file__).with_name("help.yaml")


AGES = range(8, 121)


class WrongNumbers(Exception):
    """The file cannot be used: the message names the line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Number:
    """One line of help.yaml."""

    call: str
    telephone: str
    when: str
    about: str
    hours: str
    ages: tuple[int, int] | None = None
    regions: frozenset[str] = frozenset()

    def fits(self, age: int | None, region: str) -> bool:
        """Whether it is for somebody of this age (None: not known) in this region ("" for none)."""
        by_age = self.ages is None or age is None or self.ages[0] <= age <= self.ages[1]
        return by_age and (not self.regions or region in self.regions)


@dataclass(frozen=True, slots=True)
class HelpNow:
    """What one student gets to see."""

    numbers: tuple[Number, ...]
    mentors: tuple[User, ...]

    @property
    def first(self) -> Number:
        """The one on a question."""
        return self.numbers[0]


def help_now_for(student: Student, key: vault.Key) -> HelpNow:
    """The numbers for a student's age and region today, and the mentors of their class: two queries."""
    school_class = class_of(student)
    region = school_class.institution.region if school_class else None
    numbers = numbers_for(age_on(identity_of(student, key).born), region.code if region else "")
    return HelpNow(tuple(numbers), tuple(class_mentors(school_class)) if school_class else ())


def numbers_for(age: int | None, region: str = "", among: Collection[Number] | None = None) -> list[Number]:
    """The numbers for an age (None: not known) and the code of a region, in the order of the file."""
    return [number for number in (all_numbers() if among is None else among) if number.fits(age, region)]


def all_numbers() -> tuple[Number, ...]:
    """The numbers of this site: those of the setting HELP_NUMBERS, else ours. Raises WrongNumbers."""
    return _checked(settings.HELP_NUMBERS) if settings.HELP_NUMBERS else _ours()


@cache
def _ours() -> tuple[Number, ...]:
    return parse_numbers(yaml.safe_load(FILE.read_text(encoding="utf-8")))


@cache
def _checked(raw: str) -> tuple[Number, ...]:
    """A region's file. Nobody may find an empty page: every age has a number, wherever somebody lives."""
    try:
        numbers = parse_numbers(yaml.safe_load(raw))
    except yaml.YAMLError:
        raise WrongNumbers("this is no YAML") from None
    except (KeyError, TypeError, IndexError):
        raise WrongNumbers("a line lacks something or has something unknown; see passport/help.yaml") from None
    for place, one in enumerate(numbers, 1):
        if not all(isinstance(said, str) and said for said in (one.call, one.when, one.about, one.hours)):
            raise WrongNumbers(f"number {place}: call, when, about and hours must be a text")
        if not isinstance(one.telephone, str) or not re.fullmatch(r"\d{3,5}|0[\d -]{8,12}", one.telephone):
            raise WrongNumbers(f'number {place}: telephone is a number in quotes, as "0800-0432"')
    alone = next((age for age in AGES if not numbers_for(age, among=numbers)), None)
    if alone is not None:
        raise WrongNumbers(f"nobody to call for somebody of {alone} in every region")
    return numbers


def parse_numbers(content: Any) -> tuple[Number, ...]:
    """The lines of a file. Raises TypeError for a line that lacks something or has something unknown."""
    return tuple(_number(**row) for row in content["numbers"])


def _number(ages: list[int] | None = None, regions: Collection[str] = (), **said: str) -> Number:
    return Number(ages=(ages[0], ages[1]) if ages else None, regions=frozenset(regions), **said)
