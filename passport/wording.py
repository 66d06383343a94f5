"""How a stored value reads, as lines of plain text: for a dossier, a brief, a PDF and a copied block.

A chosen option is said in the language of the page (a Phrase); own words stay as they were written.
"""

import re
from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any
from unicodedata import east_asian_width

from accounts.models import Programme
from passport.questionnaire import Option, Question, Questionnaire, QuestionType, Unit
from passport.translations import Phrase, joined, option, options, translated

WORD_LETTERS = 20  # what is longer takes the room of more words


def lines_of(unit: Unit, value: Any, programmes: Mapping[str, str] | None = None) -> list[str]:
    """The lines a reader sees for one unit. `programmes` gives the name of each programme code."""
    question = unit.question
    if unit.part == "support":
        return [line for line in (value["how_often"], value["what_works"]) if line] or [unit.label]
    if question.type is QuestionType.CHIPS:
        return options(value)
    if question.type is QuestionType.SCALE:
        return _scale_lines(question, value)
    if question.type is QuestionType.PEOPLE:
        return [_person(row) for row in value]
    if question.type is QuestionType.PROGRAMMES:
        names = programmes or {}
        return [f"{place}. {names.get(code, code)}" for place, code in enumerate(value, 1)]
    if question.type is QuestionType.CHOICE:
        return [option(value)]
    return str(value).splitlines() or [""]


def one_line(unit: Unit, value: Any, programmes: Mapping[str, str] | None = None) -> str:
    """The same on one line: chips with commas, sentences after each other."""
    separator = ", " if unit.question.type in {QuestionType.CHIPS, QuestionType.PEOPLE} else " "
    return joined(separator, (line for line in lines_of(unit, value, programmes) if line))


def answer_lines(
    questions: Questionnaire, question: Question, value: Any, programmes: Mapping[str, str] | None = None
) -> list[str]:
    """The lines the student reads back for a whole question; for `needs` one line for each need."""
    if question.type is not QuestionType.NEEDS:
        unit = Unit(question.key, question, question.label, question.sensitive)
        return lines_of(unit, value, programmes)
    return [_need_line(questions.need_labels.get(row["need"], row["need"]), row) for row in value]


def terms_in(questions: Questionnaire, question: Question) -> dict[str, str]:
    """The words of the glossary that this question uses, each with its explanation."""
    text = " ".join((question.label, question.why, question.example, *question.options))
    return {
        term: meaning
        for term, meaning in questions.glossary.items()
        if re.search(rf"\b{re.escape(term)}\b", text, re.IGNORECASE)
    }


def programme_names(codes: Iterable[str]) -> dict[str, str]:
    """The names of programmes by code, in one query."""
    codes = list(codes)
    if not codes:
        return {}
    rows = Programme.objects.filter(code__in=codes).select_related("institution")
    return {row.code: f"{row.label} ({row.institution.name})" for row in rows}


def word_count(text: str) -> int:
    """How many words a text takes on paper: what is longer than a word counts for more than one."""
    return sum(_weight(word) for word in text.split())


def first_words(text: str, most: int) -> tuple[str, bool]:
    """At most so many words of a text, and whether something was cut off. A word that never ends is cut too."""
    kept: list[str] = []
    left = most
    for word in text.split():
        if _weight(word) > left:
            start = word[: left * WORD_LETTERS // 2] if not kept else ""
            return " ".join([*kept, *([start] if start else [])]), True
        kept.append(word)
        left -= _weight(word)
    return text, False


def _weight(word: str) -> int:
    """One for a word of an ordinary length, two for one twice as wide, and so on. Capitals are wide."""
    if 2 * len(word) <= WORD_LETTERS:  # most words, and a brief weighs thousands: however wide they are, it is one
        return 1
    if word.isascii() and word.islower():
        return ceil(len(word) / WORD_LETTERS)
    wide = sum(2 if letter.isupper() or east_asian_width(letter) in "WF" else 1 for letter in word)
    return max(1, ceil(wide / WORD_LETTERS))


def _scale_lines(question: Question, value: Mapping[str, str]) -> list[str]:
    lines: list[str] = []
    for level in question.levels:
        named = [translated(_label(question.statements, key)) for key, chosen in value.items() if chosen == level.key]
        if named:
            lines.append(Phrase(f"{translated(level.label)}: {', '.join(name.lower() for name in named)}."))
    return lines


def _label(options: Iterable[Option], key: str) -> str:
    return next((option.label for option in options if option.key == key), key)


def _person(row: Mapping[str, str]) -> str:
    relation = f" ({row['relation']})" if row.get("relation") else ""
    contact = f", {row['contact']}" if row.get("contact") else ""
    return f"{row['name']}{relation}{contact}"


def _need_line(label: str, row: Mapping[str, str]) -> str:
    often = option(row.get("how_often") or "")
    details = [part for part in (often, row.get("what_works")) if part]
    told = f"{translated(label)}: {'. '.join(details)}" if details else translated(label)
    return told if row.get("what_works") else Phrase(told)
