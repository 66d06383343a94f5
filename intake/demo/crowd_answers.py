"""A third of the answers of a made-up student, drawn from the questions as they are published."""

from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from accounts import vault
from accounts.models import Student
from intake.demo import writing
from intake.demo.content import load
from passport.questionnaire import Question, Questionnaire, QuestionType

LATER_ONE_IN = 12


class Written(NamedTuple):
    """One answer with its first revision, not saved yet; `value` is None for "weet ik nog niet"."""

    question: Question
    value: Any
    answer: Any
    revision: Any


def answer_some(
    rng: Random,
    student: Student,
    key: vault.Key,
    questions: Questionnaire,
    version: UUID,
    route: str | None,
    programmes: Sequence[str],
) -> list[Written]:
    """Answers to a third of the questions this route asks; nothing is saved yet."""
    asked = [one for one in questions.questions.values() if one.asked_on(route) and one.written_by == "student"]
    texts = []
    for question in rng.sample(asked, len(asked) // 3):
        value = None if rng.randrange(LATER_ONE_IN) == 0 else _value(rng, question, questions, programmes)
        texts.append(
            Written(
                question,
                value,
                *writing.first_text(student.pk, key, question, value, version, by=student.user),
            )
        )
    return texts


def _value(rng: Random, question: Question, questions: Questionnaire, programmes: Sequence[str]) -> Any:
    match question.type:
        case QuestionType.CHIPS:
            return _chips(rng, question)
        case QuestionType.CHOICE:
            return rng.choice(question.options)
        case QuestionType.SCALE:
            return {one.key: rng.choice(question.levels).key for one in question.statements}
        case QuestionType.NEEDS:
            return [_need(rng, question, need.key) for need in rng.sample(questions.needs, rng.randint(1, 4))]
        case QuestionType.PEOPLE:
            return [{"name": rng.choice(load("names")["calling"]), "relation": "iemand van thuis", "contact": ""}]
        case QuestionType.PROGRAMMES:
            return rng.sample(list(programmes), rng.randint(1, 3))
        case _:
            return rng.choice(load("names")["own_texts"])


def _chips(rng: Random, question: Question) -> list[str]:
    options = [option for option in question.options if option != question.exclusive]
    return rng.sample(options, min(len(options), rng.randint(1, min(4, question.max or 4))))


def _need(rng: Random, question: Question, need: str) -> dict[str, str]:
    return {
        "need": need,
        "how_often": rng.choice(question.how_often),
        "what_works": rng.choice(load("names")["what_works"]),
        "why": "",
    }
