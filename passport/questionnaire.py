"""What is asked: the published questions, loaded from questionnaires/*.yaml, validated and versioned."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from accounts.prepared import prepared
from passport.models import QuestionnaireVersion


class WrongQuestionnaire(Exception):
    """It cannot be published: the message names the key and the line. `key` and `code` say the same to a screen."""

    def __init__(self, message: str, *, key: str = "", code: str = "") -> None:
        super().__init__(message)
        self.key, self.code = key, code


class QuestionType(StrEnum):
    SHORT_TEXT = "short_text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    CHIPS = "chips"
    SCALE = "scale"
    PEOPLE = "people"
    PROGRAMMES = "programmes"
    NEEDS = "needs"


@dataclass(frozen=True, slots=True)
class Option:
    """A need, level or statement: the key is stored, the label is read."""

    key: str
    label: str
    sensitive: bool = False


@dataclass(frozen=True)
class Question:
    """One question. Its key is stable: answers, shares, exports and tests hang on it."""

    key: str
    type: QuestionType
    section: str
    label: str
    why: str
    example: str = ""
    options: tuple[str, ...] = ()
    own: bool = True
    max: int | None = None
    exclusive: str = ""
    levels: tuple[Option, ...] = ()
    statements: tuple[Option, ...] = ()
    how_often: tuple[str, ...] = ()
    what_works_label: str = ""
    why_label: str = ""
    sensitive: bool = False
    brief: int | None = None
    short: str = ""
    routes: tuple[str, ...] = ()
    written_by: str = "student"
    # Switched off: asked of nobody any more. What was answered stays the student's, and in the shares that run.
    off: bool = False
    section_title: str = ""
    section_place: int = 0
    version: str = ""

    def asked_on(self, route: str | None) -> bool:
        """Whether this route asks it; without a route yet a student gets every question that is not switched off."""
        return not self.off and (not self.routes or route is None or route in self.routes)

    @property
    def is_written(self) -> bool:
        """Whether the student writes here: nobody else does, and it is still asked."""
        return self.written_by == "student" and not self.off


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    intro: str
    talk: tuple[str, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """What can be shared: a question, one need, or the reason for that need (contract, Answers)."""

    key: str
    question: Question
    label: str
    sensitive: bool
    need: str = ""
    part: str = ""


@dataclass(frozen=True)
class Questionnaire:
    """One version, ready for use. Immutable, so it may be kept in memory."""

    version: str
    title: str
    routes: tuple[Option, ...]
    needs: tuple[Option, ...]
    sections: tuple[Section, ...]
    glossary: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def questions(self) -> dict[str, Question]:
        return {question.key: question for section in self.sections for question in section.questions}

    @cached_property
    def need_labels(self) -> dict[str, str]:
        return {need.key: need.label for need in self.needs}

    @cached_property
    def units(self) -> dict[str, Unit]:
        """Every unit that can be shared, in reading order."""
        units = [unit for question in self.questions.values() for unit in self._units_of(question)]
        return {unit.key: unit for unit in units}

    def _units_of(self, question: Question) -> list[Unit]:
        if question.type is not QuestionType.NEEDS:
            return [Unit(question.key, question, question.label, question.sensitive)]
        units = []
        for need in self.needs:
            prefix = question.key.split(".", 1)[0]
            units.append(Unit(f"{question.key}.{need.key}", question, need.label, need.sensitive, need.key, "support"))
            units.append(Unit(f"{prefix}.why.{need.key}", question, f"Waarom: {need.label}", True, need.key, "why"))
        return units


# --- Reading and checking a file ---------------------------------------------------------------------------


def parse(content: Mapping[str, Any]) -> Questionnaire:
    """Turns the content of a file into questions. Raises WrongQuestionnaire with the key that is wrong."""
    try:
        return Questionnaire(
            version=str(content["version"]),
            title=content["title"],
            routes=_options(content["routes"]),
            needs=_options(content["needs"]),
            sections=tuple(_section(section, content) for section in content["sections"]),
            glossary=dict(content.get("glossary") or {}),
        )
    except KeyError as error:
        raise WrongQuestionnaire(f"{error.args[0]}: is missing") from None
    except (TypeError, AttributeError):
        raise WrongQuestionnaire("the file does not have the shape of a questionnaire") from None


def _options(rows: Any) -> tuple[Option, ...]:
    return tuple(Option(str(r["key"]), str(r["label"]), r.get("sensitive") == "special") for r in rows or ())


def _section(section: Mapping[str, Any], content: Mapping[str, Any]) -> Section:
    return Section(
        key=section["key"],
        title=section["title"],
        intro=section["intro"],
        talk=tuple(section.get("talk") or ()),
        questions=tuple(_question(question, section, content) for question in section["questions"]),
    )


def _question(raw: Mapping[str, Any], section: Mapping[str, Any], content: Mapping[str, Any]) -> Question:
    key = raw["key"]
    try:
        kind = QuestionType(raw["type"])
    except ValueError:
        raise WrongQuestionnaire(f"{key}: unknown type {raw['type']}", key=key, code="type") from None
    each = raw.get("each") or {}
    question = Question(
        key=key,
        type=kind,
        section=section["key"],
        label=raw["label"],
        why=raw["why"],
        example=raw.get("example", ""),
        options=tuple(str(option) for option in raw.get("options") or ()),
        own=raw.get("own", True),
        max=raw.get("max"),
        exclusive=(content.get("exclusive") or {}).get(key, ""),
        levels=_options(raw.get("levels")),
        statements=_options(raw.get("statements")),
        how_often=tuple(each.get("how_often") or ()),
        what_works_label=(each.get("what_works") or {}).get("label", ""),
        why_label=(each.get("why") or {}).get("label", ""),
        sensitive=raw.get("sensitive") == "special",
        brief=raw.get("brief"),
        short=(content.get("short") or {}).get(key, raw["label"]),
        routes=tuple(raw.get("routes") or ()),
        written_by=raw.get("written_by", "student"),
        off=raw.get("off", False) is True,
        section_title=section["title"],
        section_place=content["sections"].index(section),
        version=str(content["version"]),
    )
    _check(question)
    return question


def _check(question: Question) -> None:
    wrong = None
    if not question.key.startswith(f"{question.section}."):
        wrong = "section", "the key must start with its section"
    elif len(question.options) > 12 or len(set(question.options)) != len(question.options):
        wrong = "options", "at most 12 options, each once"
    elif question.type in {QuestionType.CHOICE, QuestionType.CHIPS} and not question.options:
        wrong = "no_options", "has no options"
    elif question.type is QuestionType.SCALE and not (question.levels and question.statements):
        wrong = "scale", "needs levels and statements"
    elif question.exclusive and question.exclusive not in question.options:
        wrong = "exclusive", "the exclusive option is not one of its options"
    elif question.type in {QuestionType.SHORT_TEXT, QuestionType.LONG_TEXT} and not question.example:
        wrong = "example", "a question in own words needs an example"
    elif question.off and question.type is QuestionType.NEEDS:
        wrong = "needs_off", "what colleges offer hangs on it, so it cannot be switched off"
    if wrong:
        raise WrongQuestionnaire(f"{question.key}: {wrong[1]}", key=question.key, code=wrong[0])


def _line_of(text: str, key: str) -> int:
    for number, line in enumerate(text.splitlines(), 1):
        if f"key: {key}" in line:
            return number
    return 0


def refuse_broken_keys(new: Questionnaire, old: Questionnaire | None, text: str = "") -> None:
    """Raises WrongQuestionnaire, naming the key, when `new` drops, doubles or changes one that `old` has.

    `text`: the file `new` was read from, to name the line too.
    """
    keys = [question.key for section in new.sections for question in section.questions]
    for key in keys:
        if keys.count(key) > 1:
            raise _broken(key, "stands twice", text)
    if old is None:
        return
    for key, question in old.questions.items():
        if key not in new.questions:
            raise _broken(key, f"was in {old.version} and is dropped; keys are stable")
        changed = new.questions[key]
        if changed.type is not question.type:
            raise _broken(key, f"was {question.type} in {old.version} and cannot change", text)
        for what in ("statements", "levels"):
            for dropped in _keys(getattr(question, what)) - _keys(getattr(changed, what)):
                raise _broken(f"{key}: {dropped}", f"was in {old.version} and is dropped; keys are stable")
    for name, before, after in (
        ("need", old.needs, new.needs),
        ("route", old.routes, new.routes),
        ("section", old.sections, new.sections),
    ):
        for dropped in _keys(before) - _keys(after):
            raise _broken(f"{name} {dropped}", f"was in {old.version} and is dropped; keys are stable")


def _keys(rows: Iterable[Option | Section]) -> set[str]:
    return {row.key for row in rows}


def _broken(key: str, why: str, text: str = "") -> WrongQuestionnaire:
    line = f"line {_line_of(text, key)}: " if text else ""
    return WrongQuestionnaire(f"{line}{key}: {why}", key=key, code="key")


def newest_file() -> Path:
    """The newest version of the project: 2026-10.yaml comes after 2026-9.yaml."""
    files = (settings.BASE_DIR / "passport" / "questionnaires").glob("*.yaml")
    return max(files, key=lambda file: [int(part) for part in file.stem.split("-")])


def publish(path: Path) -> QuestionnaireVersion:
    """Validates a file and publishes it as a new, immutable version; the same content again changes nothing.

    Raises WrongQuestionnaire, naming key and line, for a changed or dropped key.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError):
        raise WrongQuestionnaire("the file cannot be read") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise WrongQuestionnaire(f"line {mark.line + 1 if mark else 0}: this is not valid YAML") from None
    return publish_content(content, text=text)


def publish_content(
    content: Mapping[str, Any],
    *,
    text: str = "",
    based_on: QuestionnaireVersion | None = None,
    by: User | None = None,
) -> QuestionnaireVersion:
    """The same for content that was read already; `based_on` and `by`: the version a working group edited, and who.

    Raises WrongQuestionnaire.
    """
    questionnaire = parse(content)
    with transaction.atomic():
        known = QuestionnaireVersion.objects.filter(version=questionnaire.version).first()
        if known and known.sha256 != digest_of(content):
            raise WrongQuestionnaire(f"version {known.version} is published and cannot change: give it a new number")
        if known:
            return known
        newest = QuestionnaireVersion.objects.order_by("published_at").last()
        refuse_broken_keys(questionnaire, parse(newest.content) if newest else None, text)
        return QuestionnaireVersion.objects.create(
            version=questionnaire.version,
            language=content["language"],
            content=content,
            sha256=digest_of(content),
            based_on=based_on,
            published_by=by,
        )


def digest_of(content: Any) -> str:
    """The same for the same content, whatever order its keys stand in."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@lru_cache(maxsize=16)
def _load(version_id: UUID) -> Questionnaire:
    return parse(QuestionnaireVersion.objects.get(pk=version_id).content)


def of_version(version_id: UUID) -> Questionnaire:
    """The questions of a published version; a version never changes, so it is read once per process."""
    return _load(version_id)


def version_named(number: str) -> QuestionnaireVersion | None:
    """The published version with this number, without its content."""
    return QuestionnaireVersion.objects.defer("content").filter(version=number).first()


def published() -> QuestionnaireVersion:
    """The newest published version. Raises WrongQuestionnaire when none was loaded yet."""
    found = prepared(_newest, ()).rows()
    if not found:
        raise WrongQuestionnaire("no questionnaire is published: run load_questionnaire")
    version: QuestionnaireVersion = found[0]
    return version


def _newest() -> QuerySet[QuestionnaireVersion]:
    # Without the content, which is some 60 KB: `of_version` has it in memory.
    return QuestionnaireVersion.objects.defer("content").order_by("-published_at")[:1]
