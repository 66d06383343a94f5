"""«Oefen je intake»: what an intaker asks (practice.yaml), with the student's own answers beside it; keeps nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

from accounts.refusals import NotHere
from passport.questionnaire import Question, QuestionType
from passport.services import Sheet
from passport.translations import joined
from passport.wording import answer_lines, programme_names

FILE = Path(__file__).with_name("practice.yaml")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the talk. `help` names questions of the questionnaire."""

    place: int
    ask: str
    tip: str
    help: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HelpCard:
    """One own answer that may help, in the words of the passport. Personal."""

    label: str
    lines: list[str] = field(repr=False)

    @property
    def text(self) -> str:
        return joined("\n", self.lines)


@cache
def all_asked() -> tuple[Asked, ...]:
    """Every question of the talk, in its order."""
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(Asked(place, row["ask"], row["tip"], tuple(row["help"])) for place, row in enumerate(rows, 1))


def asked_or_404(place: int) -> Asked:
    """The question at a place, counted from one. Raises NotHere."""
    if not 0 < place <= len(all_asked()):
        raise NotHere()
    return all_asked()[place - 1]


def help_cards(sheet: Sheet, asked: Asked) -> list[HelpCard]:
    """What the student answered to the questions that help here; never why a need is there, and nothing sensitive."""
    questions = [sheet.questions.questions.get(key) for key in asked.help]
    said = [one for one in questions if one and not one.sensitive and sheet.text(one.key).is_answered]
    names = _programme_names(sheet, said)
    return [
        HelpCard(question.label, answer_lines(sheet.questions, question, sheet.text(question.key).value, names))
        for question in said
    ]


def _programme_names(sheet: Sheet, questions: list[Question]) -> Mapping[str, str]:
    lists = [sheet.text(one.key).value for one in questions if one.type is QuestionType.PROGRAMMES]
    return programme_names({code for codes in lists for code in codes})
