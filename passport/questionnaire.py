"""What is asked: the published questions, loaded from questionnaires/*.yaml, validated and versioned."""

import hashlib
import json
from collections.abc import Mapping
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

from accounts.prepared import prepared
from passport.models import QuestionnaireVersion


class WrongQuestionnaire(Exception):
    """The file cannot be published: the message names the key and the line."""


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

    def asked_on(self, route: str | None) -> bool:
        """Whether this route asks it; without a route yet a student gets every question."""
        return not self.routes or route is None or route in self.routes


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

    def as_json(self) -> dict[str, Any]:
        """The published version as the API shows it."""
        return {
            "version": self.version,
            "title": self.title,
            "routes": [{"key": r.key, "label": r.label} for r in self.routes],
            "needs": [{"key": n.key, "label": n.label, "sensitive": n.sensitive} for n in self.needs],
            "sections": [
                {
                    "key": s.key,
                    "title": s.title,
                    "intro": s.intro,
                    "questions": [_question_json(q) for q in s.questions],
                }
                for s in self.sections
            ],
            "glossary": dict(self.glossary),
        }


def _pairs(options: tuple[Option, ...]) -> list[dict[str, str]]:
    return [{"key": one.key, "label": one.label} for one in options]


def _question_json(question: Question) -> dict[str, Any]:
    return {
        "key": question.key,
        "type": question.type.value,
        "label": question.label,
        "why": question.why,
        "example": question.example,
        "options": list(question.options),
        "own": question.own,
        "max": question.max,
        "exclusive": question.exclusive,
        "levels": _pairs(question.levels),
        "statements": _pairs(question.statements),
        "how_often": list(question.how_often),
        "sensitive": question.sensitive,
        "brief": question.brief,
        "short": question.short,
        "routes": list(question.routes),
        "written_by": question.written_by,
    }


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
        questions=tuple(_question(question, section["key"], content) for question in section["questions"]),
    )


def _question(raw: Mapping[str, Any], section: str, content: Mapping[str, Any]) -> Question:
    key = raw["key"]
    try:
        kind = QuestionType(raw["type"])
    except ValueError:
        raise WrongQuestionnaire(f"{key}: unknown type {raw['type']}") from None
    each = raw.get("each") or {}
    question = Question(
        key=key,
        type=kind,
        section=section,
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
    )
    _check(question)
    return question


def _check(question: Question) -> None:
    wrong = None
    if not question.key.startswith(f"{question.section}."):
        wrong = "the key must start with its section"
    elif len(question.options) > 12 or len(set(question.options)) != len(question.options):
        wrong = "at most 12 options, each once"
    elif question.type in {QuestionType.CHOICE, QuestionType.CHIPS} and not question.options:
        wrong = "has no options"
    elif question.type is QuestionType.SCALE and not (question.levels and question.statements):
        wrong = "needs levels and statements"
    elif question.exclusive and question.exclusive not in question.options:
        wrong = "the exclusive option is not one of its options"
    elif question.type in {QuestionType.SHORT_TEXT, QuestionType.LONG_TEXT} and not question.example:
        wrong = "a question in own words needs an example"
    if wrong:
        raise WrongQuestionnaire(f"{question.key}: {wrong}")


def _line_of(text: str, key: str) -> int:
    for number, line in enumerate(text.splitlines(), 1):
        if f"key: {key}" in line:
            return number
    return 0


def _refuse_broken_keys(text: str, new: Questionnaire) -> None:
    keys = [question.key for section in new.sections for question in section.questions]
    for key in keys:
        if keys.count(key) > 1:
            raise WrongQuestionnaire(f"line {_line_of(text, key)}: {key}: stands twice")
    old_version = QuestionnaireVersion.objects.order_by("published_at").last()
    if old_version is None:
        return
    old = parse(old_version.content)
    for key, question in old.questions.items():
        if key not in new.questions:
            raise WrongQuestionnaire(f"{key}: was in {old.version} and is dropped; keys are stable")
        if new.questions[key].type is not question.type:
            line = _line_of(text, key)
            raise WrongQuestionnaire(f"line {line}: {key}: was {question.type} in {old.version} and cannot change")
    for dropped in {need.key for need in old.needs} - {need.key for need in new.needs}:
        raise WrongQuestionnaire(f"need {dropped}: was in {old.version} and is dropped; keys are stable")


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
    questionnaire = parse(content)
    sha256 = hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    with transaction.atomic():
        known = QuestionnaireVersion.objects.filter(version=questionnaire.version).first()
        if known and known.sha256 != sha256:
            raise WrongQuestionnaire(f"version {known.version} is published and cannot change: give it a new number")
        if known:
            return known
        _refuse_broken_keys(text, questionnaire)
        return QuestionnaireVersion.objects.create(
            version=questionnaire.version, language=content["language"], content=content, sha256=sha256
        )


@lru_cache(maxsize=16)
def _load(version_id: UUID) -> Questionnaire:
    return parse(QuestionnaireVersion.objects.get(pk=version_id).content)


def of_version(version_id: UUID) -> Questionnaire:
    """The questions of a published version; a version never changes, so it is read once per process."""
    return _load(version_id)


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
