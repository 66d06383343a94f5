"""What a student can tick for one recipient: rows per section; identity and what is sensitive stand apart."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from accounts import vault
from accounts.identity import identity_of
from consent.purposes import MAY_BE_EMPTY, allows_unit
from consent.services import identity_text
from consent.texts import IDENTITY_UNITS
from passport.questionnaire import Question, QuestionType, Unit
from passport.services import Sheet
from passport.wording import first_words, one_line, programme_names

FIRST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One unit to tick. `says` is false while nothing is in it; `shut` when it cannot be ticked then.

    `suggested` puts «Voorstel» beside it (consent/suggestions.py) and ticks nothing.
    """

    unit: str
    id: str
    title: str
    words: str = field(default="", repr=False)
    says: bool = True
    shut: bool = False
    suggested: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one section: those with an answer, and those that are still empty."""

    key: str
    title: str
    rows: tuple[Row, ...]
    blanks: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Choices:
    plain: tuple[Group, ...]
    sensitive: tuple[Group, ...]
    identity: tuple[Row, ...]

    def keys(self, *parts: str) -> list[str]:
        """What can be ticked in these parts: plain, sensitive, identity."""
        rows: list[Row] = []
        for part in parts:
            for one in getattr(self, part):
                rows += [one] if isinstance(one, Row) else [*one.rows, *one.blanks]
        return [row.unit for row in rows if not row.shut]

    def answered(self) -> list[Row]:
        """Every row that says something, who the student is first."""
        groups = (*self.plain, *self.sensitive)
        return [row for row in (*self.identity, *(row for group in groups for row in group.rows)) if row.says]


def choices_for(sheet: Sheet, key: vault.Key, purpose: str, *, started: bool = False) -> Choices:
    """Everything this purpose allows of what is asked on the student's route or was answered.

    A need shows only when it is chosen; its reason, and all that is as delicate, stands apart. `lob` and `home`
    may name what is still empty; elsewhere such a row is shut. `started`: of a workplace also what it may know once
    the placement has begun.
    """
    said, ids = sheet.said, count()
    words = _Words(sheet, said)
    plain: list[Group] = []
    sensitive: list[Group] = []
    for section in sheet.questions.sections:
        for wanted, groups in ((False, plain), (True, sensitive)):
            found = _units(section.questions, sheet, purpose, started)
            units = [unit for unit in found if _is_delicate(unit) is wanted]
            rows = tuple(words.row(unit, ids) for unit in units if unit.key in said)
            blank = tuple(_blank(unit, ids, purpose) for unit in units if unit.key not in said and unit.part != "why")
            if rows or (blank and not wanted):
                groups.append(Group(section.key, section.title, rows, () if wanted else blank))
    return Choices(tuple(plain), tuple(sensitive), _identity(sheet, key, purpose, ids))


def _is_delicate(unit: Unit) -> bool:
    return unit.sensitive or unit.part == "why"


def _units(questions: Iterable[Question], sheet: Sheet, purpose: str, started: bool) -> Iterator[Unit]:
    said = sheet.said
    of: dict[str, list[Unit]] = {}
    for unit in sheet.questions.units.values():
        of.setdefault(unit.question.key, []).append(unit)
    for question in questions:
        units = of[question.key]
        if question.type is QuestionType.NEEDS:
            chosen = [unit for unit in units if unit.key in said]
            # Nothing chosen yet: one row that says so, for the whole question.
            units = chosen or [Unit(question.key, question, question.label, False, part="none")]
        for unit in units:
            asked = question.asked_on(sheet.route) or unit.key in said
            if asked and allows_unit(purpose, unit.key, sensitive=unit.sensitive, started=started):
                yield unit


@dataclass(frozen=True)
class _Words:
    sheet: Sheet
    said: dict[str, Any]

    def row(self, unit: Unit, ids: Iterator[int]) -> Row:
        value = self.said[unit.key]
        names = programme_names(value) if unit.question.type is QuestionType.PROGRAMMES else {}
        line = one_line(unit, value, names)
        if unit.part == "support":
            line = ": ".join(part for part in (value["how_often"], value["what_works"]) if part)
        text, was_cut = first_words(line, FIRST_WORDS)
        words = type(line)(f"{text}…" if was_cut else text)
        return Row(unit.key, f"id_units_{next(ids)}", unit.label, words)


def _blank(unit: Unit, ids: Iterator[int], purpose: str) -> Row:
    shut = purpose not in MAY_BE_EMPTY or unit.part == "none"
    return Row(unit.key, f"id_units_{next(ids)}", unit.label, says=False, shut=shut)


def _identity(sheet: Sheet, key: vault.Key, purpose: str, ids: Iterator[int]) -> tuple[Row, ...]:
    student = sheet.passport.student
    identity = identity_of(student, key)
    rows = []
    for unit in IDENTITY_UNITS.values():
        if not allows_unit(purpose, unit.key, sensitive=False):
            continue
        text = identity_text(unit.key, identity, student)
        rows.append(Row(unit.key, f"id_units_{next(ids)}", unit.label, text, says=bool(text), shut=not text))
    return tuple(rows)
