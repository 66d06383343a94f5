"""Does a value fit its question? One function per answer type; each returns the cleaned value or refuses."""

import re
from collections.abc import Callable, Collection
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext

from accounts.models import Programme
from accounts.refusals import Refusal
from passport.questionnaire import Question, Questionnaire, QuestionType
from passport.texts import clean_text
from passport.translations import translated

SHORT, LONG, OWN_WORDS = 80, 1000, 80
MOST_PEOPLE, MOST_PROGRAMMES = 8, 3
PROGRAMME_CODE = re.compile(r"[A-Za-z0-9_-]{1,32}")
TRUSTED_PERSON = "transition.trusted_person"


class Status(StrEnum):
    EMPTY = "empty"
    ANSWERED = "answered"
    LATER = "later"
    PRIVATE = "private"


def clean_answer(
    questions: Questionnaire, question: Question, status: str, value: Any, kept: Any = None
) -> tuple[Status, Any]:
    """The status and value to store: a value only with `answered`, and answered is never blank.

    `kept` is the value stored before: an option that a later version dropped stays valid (contract, Answers).
    Raises Refusal with the field it is about.
    """
    try:
        chosen = Status(status)
    except ValueError:
        raise Refusal("invalid_status", "Dit antwoord past niet bij de vraag.", field="status") from None
    if chosen is not Status.ANSWERED:
        if value not in (None, "", [], {}):
            raise Refusal("value_not_allowed", "Bij dit antwoord hoort geen tekst.", field="value")
        return chosen, None
    cleaned = _CLEANERS[question.type](questions, question, value, kept)
    if cleaned in ("", [], {}):
        raise Refusal("blank", "Kies een antwoord. Je mag ook Weet ik nog niet kiezen.", field="value")
    return chosen, cleaned


def _no(sentence: str = "Dit antwoord past niet bij de vraag.", code: str = "invalid_value") -> Refusal:
    return Refusal(code, sentence, field="value")


def _rows(value: Any, most: int, keys: Collection[str]) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise _no(code="invalid_type")
    if len(value) > most:
        raise _no(gettext("Kies er niet meer dan %(most)s.") % {"most": most}, "too_many")
    if any(set(row) - set(keys) for row in value):
        raise _no(code="unknown_field")
    return value


def _short(_: Questionnaire, __: Question, value: Any, kept: Any) -> str:
    return clean_text(value, longest=SHORT)


def _long(_: Questionnaire, __: Question, value: Any, kept: Any) -> str:
    return clean_text(value, longest=LONG)


def _choice(_: Questionnaire, question: Question, value: Any, kept: Any) -> str:
    if not isinstance(value, str):
        raise _no(code="invalid_type")
    if value not in question.options and value != kept:
        raise _no("Kies een van de antwoorden.", "unknown_option")
    return value


def _chips(_: Questionnaire, question: Question, value: Any, kept: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(chip, str) for chip in value):
        raise _no(code="invalid_type")
    known = set(question.options) | set(kept if isinstance(kept, list) else ())
    chips = [chip if chip in known else clean_text(chip, longest=OWN_WORDS) for chip in value]
    chips = list(dict.fromkeys(chip for chip in chips if chip))
    if not question.own and any(chip not in known for chip in chips):
        raise _no("Kies een van de antwoorden.", "unknown_option")
    most = question.max or 2 * len(question.options)
    if len(chips) > most:
        raise _no(gettext("Kies er niet meer dan %(most)s.") % {"most": most}, "too_many")
    if question.exclusive in chips and len(chips) > 1:
        alone = translated(question.exclusive)
        raise _no(gettext("«%(alone)s» kan niet samen met iets anders.") % {"alone": alone}, "exclusive")
    return chips


def _scale(_: Questionnaire, question: Question, value: Any, kept: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _no(code="invalid_type")
    statements, levels = {s.key for s in question.statements}, {level.key for level in question.levels}
    if set(value) - statements:
        raise _no(code="unknown_statement")
    if not all(isinstance(level, str) and level in levels for level in value.values()):
        raise _no("Kies een van de antwoorden.", "unknown_option")
    return {s.key: value[s.key] for s in question.statements if s.key in value}


def _people(_: Questionnaire, question: Question, value: Any, kept: Any) -> list[dict[str, str]]:
    people = []
    for row in _rows(value, question.max or MOST_PEOPLE, ("name", "relation", "contact")):
        contact = clean_text(row.get("contact") or "", longest=SHORT, numbers=True)
        if contact and question.key != TRUSTED_PERSON:
            raise _no("Een nummer of adres hoort hier niet. Laat het leeg.", "contact_not_allowed")
        person = {
            "name": clean_text(row.get("name") or "", longest=SHORT),
            "relation": clean_text(row.get("relation") or "", longest=SHORT),
            "contact": contact,
        }
        if not any(person.values()):
            continue
        if not person["name"]:
            raise _no("Schrijf de voornaam erbij.", "name_missing")
        people.append(person)
    return people


def _programmes(_: Questionnaire, __: Question, value: Any, kept: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
        raise _no(code="invalid_type")
    codes = list(dict.fromkeys(value))
    if len(codes) > MOST_PROGRAMMES:
        raise _no(gettext("Kies er niet meer dan %(most)s.") % {"most": MOST_PROGRAMMES}, "too_many")
    asked = [code for code in codes if PROGRAMME_CODE.fullmatch(code)]
    known = set(Programme.objects.filter(code__in=asked).values_list("code", flat=True))
    if set(codes) - known - set(kept or ()):
        raise _no("Deze opleiding kennen we niet.", "unknown_programme")
    return codes


def _needs(questions: Questionnaire, question: Question, value: Any, kept: Any) -> list[dict[str, str]]:
    needs: list[dict[str, str]] = []
    known = {*question.how_often, *(row.get("how_often") for row in kept or ())}
    for row in _rows(value, len(questions.needs), ("need", "how_often", "what_works", "why")):
        need, how_often = row.get("need"), row.get("how_often") or ""
        if not isinstance(need, str) or need not in questions.need_labels:
            raise _no("Kies een van de antwoorden.", "unknown_need")
        if any(need == other["need"] for other in needs):
            raise _no("Je koos dit al.", "need_twice")
        if how_often and how_often not in known:
            raise _no("Kies een van de antwoorden.", "unknown_option")
        cleaned = {
            "need": need,
            "how_often": str(how_often),
            "what_works": clean_text(row.get("what_works") or "", longest=LONG),
            "why": clean_text(row.get("why") or "", longest=LONG),
        }
        needs.append(cleaned)
    return needs


_CLEANERS: dict[QuestionType, Callable[[Questionnaire, Question, Any, Any], Any]] = {
    QuestionType.SHORT_TEXT: _short,
    QuestionType.LONG_TEXT: _long,
    QuestionType.CHOICE: _choice,
    QuestionType.CHIPS: _chips,
    QuestionType.SCALE: _scale,
    QuestionType.PEOPLE: _people,
    QuestionType.PROGRAMMES: _programmes,
    QuestionType.NEEDS: _needs,
}


def units_in(question: Question, value: Any) -> dict[str, Any]:
    """The units a stored value says something about, each with what it says.

    `need.support.x` is `{need, how_often, what_works}`, `need.why.x` the reason as a string (contract, Answers).
    """
    if value in (None, "", [], {}):
        return {}
    if question.type is not QuestionType.NEEDS:
        return {question.key: value}
    prefix, said = question.key.split(".", 1)[0], {}
    for row in value:
        said[f"{question.key}.{row['need']}"] = {key: row[key] for key in ("need", "how_often", "what_works")}
        if row.get("why"):
            said[f"{prefix}.why.{row['need']}"] = row["why"]
    return said
