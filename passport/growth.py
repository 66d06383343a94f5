"""Growth: what a student said of a skill before, and what they say now. For that student alone; nothing is kept.

Every rating is an immutable revision, so nothing new is asked or stored. No score and no sum (contract, rule 11): each
skill stands by itself, and «nu lastiger» is as plain as «gaat nu beter». Who reads a shared answer sees it as it is
now and never this: a picture leaves by the student's own hand only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from django.utils import timezone

from accounts import vault
from passport.models import AnswerRevision, Passport
from passport.questionnaire import Question, QuestionType
from passport.services import Text, last_of_sittings, open_revision, questions_of
from passport.values import Status


class Way(StrEnum):
    """How a skill went, in three words; none is good or bad."""

    EASIER = "easier"
    SAME = "same"
    HARDER = "harder"


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill, then and now: the words of both, and the stones they stand on (0 is where one begins)."""

    label: str
    before: str = field(repr=False)
    now: str = field(repr=False)
    before_at: int = field(repr=False)
    now_at: int = field(repr=False)

    @property
    def way(self) -> Way:
        if self.now_at == self.before_at:
            return Way.SAME
        return Way.EASIER if self.now_at > self.before_at else Way.HARDER


@dataclass(frozen=True, slots=True)
class Grown:
    """One question with its skills, and the two days the student rated them on. Personal: never in a log or a URL."""

    question: Question
    first_on: date
    last_on: date
    stones: tuple[str, ...]
    skills: tuple[Skill, ...] = field(repr=False)


def growth_of(passport: Passport, key: vault.Key) -> list[Grown]:
    """Every list of skills that was rated at two moments at least, then and now: one query, however much there is.

    Then is the first sitting in which a skill was rated, now the newest; what was rated once has no line.
    """
    asked = [one for one in questions_of(passport).questions.values() if one.type is QuestionType.SCALE]
    by_slot = {key.slot(one.key): one.key for one in asked}
    texts: dict[str, list[Text]] = {one.key: [] for one in asked}
    rows = AnswerRevision.objects.filter(answer__student=passport.student_id, answer__slot__in=list(by_slot))
    for row in rows.select_related("answer").order_by("answer", "-number"):
        question = by_slot[bytes(row.answer.slot)]
        texts[question].append(open_revision(key, question, row))
    return [grown for one in asked if (grown := _grown(one, last_of_sittings(texts[one.key])))]


def _grown(question: Question, texts: Sequence[Text]) -> Grown | None:
    """`texts`: the last of each sitting, newest first."""
    if len(texts) < 2 or texts[0].status is not Status.ANSWERED:
        return None
    # The levels of a scale begin with what goes by itself; the stones begin with what one still learns.
    levels = list(reversed(question.levels))
    at = {level.key: place for place, level in enumerate(levels)}
    skills, days = [], set()
    for one in question.statements:
        said = [(text.value[one.key], text.updated_at) for text in texts if one.key in (text.value or {})]
        known = [(at[level], moment) for level, moment in said if level in at]
        if len(known) < 2 or one.key not in texts[0].value:
            continue
        (now, _), (before, moment) = known[0], known[-1]
        days.add(_day(moment))
        skills.append(Skill(one.label, levels[before].label, levels[now].label, before, now))
    if not skills:
        return None
    stones = tuple(level.label for level in levels)
    return Grown(question, min(days), _day(texts[0].updated_at), stones, tuple(skills))


def _day(moment: datetime | None) -> date:
    return timezone.localdate(moment) if moment else timezone.localdate()
