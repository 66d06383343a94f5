"""The languages of the pages (languages.yaml): which there are, and which one may choose."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.http import HttpRequest

from accounts.models import User

FILE = Path(__file__).with_name("languages.yaml")
CATALOGUE = "catalogue"  # the review stands in the catalogue itself
NAME = "language"  # among the reading settings; empty is Dutch


class WrongLanguages(Exception):
    """languages.yaml cannot be used: the message names the language."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language. `reviewed_by` is empty until a person read every text of it."""

    code: str
    name: str
    for_students: bool
    reviewed_by: str

    @property
    def is_offered(self) -> bool:
        return bool(self.reviewed_by)


@cache
def all_languages() -> tuple[Language, ...]:
    """Every language of the file, also those that nobody may choose yet. Raises WrongLanguages."""
    return parse_languages(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def parse_languages(rows: Iterable[Any]) -> tuple[Language, ...]:
    """The rows of a file. A review has a name and a day, or there is none. Raises WrongLanguages."""
    return tuple(_language(row) for row in rows)


def offered(*, to_student: bool) -> tuple[Language, ...]:
    """What one can choose: reviewed languages; those for parents only where nobody logged in as a student."""
    return tuple(one for one in all_languages() if one.is_offered and (one.for_students or not to_student))


def chosen(kept: Any, *, to_student: bool) -> str:
    """The language somebody kept, while it is offered to them; else Dutch."""
    known = {one.code for one in offered(to_student=to_student)}
    return kept if isinstance(kept, str) and kept in known else settings.LANGUAGE_CODE


def language_of(user: User) -> str:
    """In which language to write to somebody: what they chose for their pages. To staff always Dutch."""
    if user.staff_name:
        return settings.LANGUAGE_CODE
    reading = user.reading if isinstance(user.reading, dict) else {}
    return chosen(reading.get(NAME), to_student=user.is_student)


def review_in(catalogue: Path) -> str:
    """Who reviewed a catalogue (its .mo) and when; empty while nobody did.

    The .mo says so only while no text of it is missing or a draft: tests/languages/collect.py makes it.
    """
    if not catalogue.exists():
        return ""
    with catalogue.open("rb") as file:
        said = GNUTranslations(file).info()
    by, day = said.get("x-reviewed-by", "").strip(), said.get("x-reviewed-on", "").strip()
    try:
        return f"{by} {date.fromisoformat(day)}" if by else ""
    except ValueError:
        return ""


def is_work(request: HttpRequest) -> bool:
    """Whether somebody is in for their work: the pages of staff are Dutch."""
    user = request.user
    return isinstance(user, User) and (bool(user.staff_name) or request.session.get("kind") == "staff")


def _language(row: Any) -> Language:
    try:
        code, review = row["code"], row["reviewed"]
        if review == CATALOGUE:
            by = review_in(settings.BASE_DIR / "locale" / code / "LC_MESSAGES" / "django.mo")
        else:
            by = f"{review['by']} {review['day']:%Y-%m-%d}" if review else ""
        if row["for"] not in {"everyone", "parents"}:
            raise WrongLanguages(f"{code}: for is everyone or parents")
        return Language(code, row["name"], row["for"] == "everyone", by)
    except (KeyError, TypeError, ValueError) as error:
        raise WrongLanguages(f"{row}: {error} is missing or has another shape") from None
