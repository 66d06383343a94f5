"""«Dat leer ik nog»: one small goal at a time, with a day; what is done stays, as growth. Only its student sees it.

The skills one can pick are the statements the student marked «Dat leer ik nog» in the section «Wat kan ik», with
every other statement of that section below them. As with chips the words themselves are kept: a goal stays readable
when a later version drops the statement.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import vault
from accounts.models import User
from accounts.refusals import NotHere, Refusal
from passport.models import Goal, Passport
from passport.questionnaire import QuestionType
from passport.services import Sheet
from passport.texts import clean_text

GOAL_FIELD = "passport.Goal.sealed"
GOAL_BLOCK = 256
SECTION, LEARNING = "can", "not_yet"
LONGEST_STEP = 200
MOST_GOALS = 100
LONGEST_AHEAD = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Skill:
    """One statement of the section, and whether the student said «Dat leer ik nog» to it."""

    key: str
    label: str
    learning: bool


@dataclass(frozen=True, slots=True)
class Aim:
    """One opened goal. Personal: never in a log, a URL or an exception."""

    id: UUID
    revision: int
    created_at: datetime
    skill: str = field(default="", repr=False)
    label: str = field(default="", repr=False)
    step: str = field(default="", repr=False)
    on: date | None = field(default=None, repr=False)
    done_on: date | None = field(default=None, repr=False)

    @property
    def content(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("skill", "label", "step", "on", "done_on")}


def skills_of(sheet: Sheet) -> list[Skill]:
    """What one can pick: what the student said they still learn first, then the rest, in the order of the questions."""
    found = []
    for question in sheet.questions.questions.values():
        if question.section == SECTION and question.type is QuestionType.SCALE and not question.off:
            said: Mapping[str, str] = sheet.text(question.key).value or {}
            keys = [(f"{question.key}.{one.key}", one.label, said.get(one.key)) for one in question.statements]
            found += [Skill(key, label, level == LEARNING) for key, label, level in keys]
    return sorted(found, key=lambda skill: not skill.learning)


def goals_of(passport: Passport, key: vault.Key) -> tuple[Aim | None, list[Aim]]:
    """The goal of now, and what was reached, the newest day first; one query."""
    aims = [_open(row, key) for row in Goal.objects.filter(student=passport.student_id).order_by("-created_at")]
    done = sorted((aim for aim in aims if aim.done_on), key=lambda aim: aim.done_on or date.min, reverse=True)
    return next((aim for aim in aims if not aim.done_on), None), done


def goal_or_404(passport: Passport, key: vault.Key, goal_id: UUID) -> Aim:
    """One goal of this student. Raises NotHere, also for somebody else's."""
    row = Goal.objects.filter(student=passport.student_id, pk=goal_id).first()
    if row is None:
        raise NotHere()
    return _open(row, key)


def save_goal(
    *, passport: Passport, key: vault.Key, skill: Skill, step: str, on: Any, by: User, goal_id: UUID | None = None
) -> Aim:
    """Keeps the goal of now: a new one, or this one changed.

    Returns it. Raises Refusal at the field that does not fit and when there is one already, NotHere for a goal that
    is gone, done or somebody else's.
    """
    _only_by_its_student(passport, by)
    now, done = goals_of(passport, key)
    content = {"skill": skill.key, "label": skill.label, **_checked(step, on), "done_on": None}
    if goal_id is not None:
        if now is None or now.id != goal_id:
            raise NotHere()
        return _keep(now, content, key)
    if now and {**now.content, "done_on": None} == content:
        return now  # the same page, sent twice
    if now:
        raise Refusal("one_goal", _("Je hebt al een doel. Maak dat eerst af."), status=409)
    if len(done) >= MOST_GOALS:
        raise Refusal("too_many", _("Je hebt al veel doelen. Haal er eerst een weg."))
    row = Goal(pk=uuid4(), student_id=passport.student_id, created_at=timezone.now())
    row.sealed = _seal(key, row.pk, 1, content)
    row.save(force_insert=True)
    return _open(row, key)


def reach_goal(*, passport: Passport, key: vault.Key, goal_id: UUID, by: User, on: date | None = None) -> Aim:
    """«Dit lukt nu»: from today (`on`) it stands under what was reached. Twice is no error. Raises NotHere."""
    _only_by_its_student(passport, by)
    aim = goal_or_404(passport, key, goal_id)
    return aim if aim.done_on else _keep(aim, {**aim.content, "done_on": on or timezone.localdate()}, key)


def remove_goal(*, passport: Passport, goal_id: UUID, by: User) -> None:
    """Takes a goal away for good, reached or not. Raises NotHere."""
    _only_by_its_student(passport, by)
    gone, _rows = Goal.objects.filter(student=passport.student_id, pk=goal_id).delete()
    if not gone:
        raise NotHere()


def _checked(step: str, on: Any) -> dict[str, Any]:
    said = clean_text(step, longest=LONGEST_STEP, field="step")
    if not said:
        raise Refusal("blank", _("Schrijf wat je gaat doen."), field="step")
    if not isinstance(on, date):
        raise Refusal("blank", _("Kies een dag."), field="on")
    today = timezone.localdate()
    if not today <= on <= today + LONGEST_AHEAD:
        raise Refusal("wrong_day", _("Kies een dag in het komende jaar."), field="on")
    return {"step": said, "on": on}


def _keep(aim: Aim, content: Mapping[str, Any], key: vault.Key) -> Aim:
    sealed = _seal(key, aim.id, aim.revision + 1, content)
    if not Goal.objects.filter(pk=aim.id, revision=aim.revision).update(revision=aim.revision + 1, sealed=sealed):
        raise Refusal("conflict", _("Je doel is net veranderd. Kijk het na."), status=409)
    return replace(aim, revision=aim.revision + 1, **content)


def _only_by_its_student(passport: Passport, by: User) -> None:
    if passport.student.user_id != by.pk:
        raise NotHere()


def _seal(key: vault.Key, goal_id: UUID, revision: int, content: Mapping[str, Any]) -> bytes:
    kept = {**content, **{name: content[name].isoformat() if content[name] else "" for name in ("on", "done_on")}}
    return key.seal(kept, field=GOAL_FIELD, row=goal_id, revision=revision, block=GOAL_BLOCK)


def _open(row: Goal, key: vault.Key) -> Aim:
    kept = key.open(row.sealed, field=GOAL_FIELD, row=row.pk, revision=row.revision)
    days = {name: date.fromisoformat(kept[name]) if kept[name] else None for name in ("on", "done_on")}
    return Aim(id=row.pk, revision=row.revision, created_at=row.created_at, **{**kept, **days})
