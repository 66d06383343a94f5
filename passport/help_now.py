"""Whom a student can call now: the numbers for their age and region (help.yaml) and the mentors of their class.

Which numbers were shown or tapped is written down nowhere.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from accounts import vault
from accounts.identity import age_on, identity_of
from accounts.models import Student, User
from accounts.services import class_mentors, class_of

FILE = Path(__file__).with_name("help.yaml")


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


@cache
def all_numbers() -> tuple[Number, ...]:
    return parse_numbers(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def parse_numbers(content: Any) -> tuple[Number, ...]:
    """The lines of a file. Raises TypeError for a line that lacks something or has something unknown."""
    return tuple(_number(**row) for row in content["numbers"])


def _number(ages: list[int] | None = None, regions: Collection[str] = (), **said: str) -> Number:
    return Number(ages=(ages[0], ages[1]) if ages else None, regions=frozenset(regions), **said)
