"""Every Dutch text of ours that is content: of the questionnaires, words, help, practice and stories of the product."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from intake.no_card import no_card
from passport import help_now, practice, stories, words
from passport.questionnaire import Question, Questionnaire, parse

QUESTIONNAIRES = Path(words.FILE).with_name("questionnaires")


def texts() -> Mapping[str, list[str]]:
    """Per part of locale/<code>/content.yaml the texts it has to hold, each once."""
    parts = {
        "questionnaire": _asked(),
        "words": _words(),
        "help": _help(),
        "practice": _practice(),
        "stories": _stories(),
        "no_card": _no_card(),
    }
    return {name: list(dict.fromkeys(text for text in found if text)) for name, found in parts.items()}


def _asked() -> Iterator[str]:
    for path in sorted(QUESTIONNAIRES.glob("*.yaml")):
        yield from of_questionnaire(parse(yaml.safe_load(path.read_text(encoding="utf-8"))))


def of_questionnaire(questions: Questionnaire) -> Iterator[str]:
    """What a student or a parent can read of one version; the guide for the talk is the mentor's."""
    yield questions.title
    yield from (option.label for option in questions.routes)
    for section in questions.sections:
        yield section.title
        yield section.intro
        for question in section.questions:
            yield from _question(question)
    yield from (unit.label for unit in questions.units.values())
    yield from questions.glossary.values()


def _question(question: Question) -> Iterator[str]:
    yield from (question.label, question.short, question.why, question.example)
    yield from (question.what_works_label, question.why_label, *question.options, *question.how_often)
    yield from (option.label for option in (*question.levels, *question.statements))


def _words() -> Iterator[str]:
    yield from (word.means for word in (*words.fixed_words(), *words.glossary()))


def _help() -> Iterator[str]:
    for number in help_now.all_numbers():
        yield from (number.when, number.about, number.hours)


def _practice() -> Iterator[str]:
    for asked in practice.all_asked():
        yield from (asked.ask, asked.tip)


def _stories() -> Iterator[str]:
    rows: Any = yaml.safe_load(stories.FILE.read_text(encoding="utf-8"))
    for row in rows:
        yield row["title"]
        for part in row["parts"]:
            yield from (part["heading"], part["text"])


def _no_card() -> Iterator[str]:
    yield no_card().fixed
    for part in no_card().parts:
        yield from (part.title, *(line.text for line in part.lines))
